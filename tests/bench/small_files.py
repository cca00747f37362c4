#!/usr/bin/python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""How long many small files take, through a Bridge and with a hosts file; and the list of a folder of many names.
Prints a table in Markdown.  Run by `scripts/bench small-files`.

  scripts/bench small-files [--files N] [--rounds N] [--build DIR] [--folder DIR]

One inxt-bridge on SQLite and six Hosts on the disk of --folder, on the same machine as the client; 1,000 files of 4 KiB,
three mirrors each.  "One command a file" starts inxt-put anew for each, as a shell's loop does.
"""

import os
import shutil
import statistics
import sys

from network import FILE_BYTES, HOSTS, Network, folder_of_files, parser_of, tools_of


def main():
    options = parser_of("small-files", __doc__.splitlines()[0], 1000).parse_args()
    tools = tools_of(options)
    folder = folder_of_files(options, "small")
    network = None
    try:
        network = Network(folder, tools)
        each = 'for f in many/*; do inxt-put -q -m 3 {} "$f" >"$f.inxt" || exit; done; rm many/*.inxt'
        contests = {
            "one command, names in the tree, the Bridge places": lambda n: ["inxt-put", "-q", "-m", "3", "-R", "many", f"inxt:/a{n}"],
            "one command, names in the tree, a hosts file": lambda n: ["inxt-put", "-q", "-m", "3", "--hosts", "hosts", "-R", "many",
                                                                     f"inxt:/b{n}"],
            "one command a file, the Bridge places": lambda n: ["bash", "-c", each.format("")],
            "one command a file, a hosts file": lambda n: ["bash", "-c", each.format("--hosts hosts")],
        }
        seconds = {name: [] for name in contests}
        for number in range(options.rounds):
            for name, command in contests.items():
                print(f"bench: round {number + 1} of {options.rounds}: {name}", file=sys.stderr)
                seconds[name].append(network.timed(*command(number)))
        cpu = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
        print(f"{os.cpu_count()} cores ({cpu}), {options.files:,} files of {FILE_BYTES // 1024} KiB, 3 mirrors, median of "
              f"{options.rounds}; Bridge, {HOSTS} Hosts and client on the same machine, all durable.\n")
        print("| put | s | files a second |")
        print("| --- | ---: | ---: |")
        for name, runs in seconds.items():
            took = statistics.median(runs)
            print(f"| {name} | {took:.2f} | {options.files / took:,.0f} |")
        took = statistics.median(network.timed("inxt-ls", "inxt:/a0") for _ in range(3))
        print(f"\n`inxt-ls` of one such folder: {took * 1000:.0f} ms.")
    finally:
        if network:
            network.stop()
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
