#!/usr/bin/python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""What recovery from the words costs: time, requests and bytes for 10,000 pieces.  Prints a table in Markdown.  Run by
`scripts/bench recover`.

  scripts/bench recover [--files N] [--rounds N] [--build DIR] [--folder DIR]

One inxt-bridge on SQLite and six Hosts on the disk of --folder, on the same machine as the client.  3,300 files of 4 KiB with
three mirrors each, under names of the tree, are about 10,000 pieces with those of the log.  Then the key alone is left: Hosts
are asked, tags opened and the log read (a dry run); the same with all manifests written; and with all files.
"""

import json
import os
import resource
import shutil
import statistics
import sys
import time

from network import HOSTS, Network, folder_of_files, parser_of, tools_of

RUNS = {"Hosts asked, log read": ["--dry-run"], "all manifests": ["-o", "out"], "all files": ["-o", "out", "--files"]}


def recover(network, arguments):
    """The seconds, those of CPU, and what the tool says it found."""
    shutil.rmtree(network.folder / "out", ignore_errors=True)
    os.sync()
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    said = network.run("inxt-recover", "-q", "--json", "--anew", "--hosts", "hosts", *arguments)
    took, after = time.monotonic() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    lines = [json.loads(line) for line in said.splitlines()]
    found = next(line for line in lines if line["type"] == "found")
    if lines[-1]["lost"] != 0 or lines[-1]["files"] == 0:
        sys.exit(f"bench: not all was recovered: {lines[-1]}")
    return took, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, found


def main():
    options = parser_of("recover", __doc__.splitlines()[0], 3300).parse_args()
    tools = tools_of(options)
    folder = folder_of_files(options, "recover")
    network = None
    try:
        network = Network(folder, tools)
        print(f"bench: putting {options.files} files", file=sys.stderr)
        network.run("inxt-put", "-q", "-m", "3", "--hosts", "hosts", "-R", "many", "inxt:/many")
        results = {name: [] for name in RUNS}
        for number in range(options.rounds):
            for name, arguments in RUNS.items():
                print(f"bench: round {number + 1} of {options.rounds}: {name}", file=sys.stderr)
                results[name].append(recover(network, arguments))
        found = results["Hosts asked, log read"][-1][2]
        pieces = found["places"]
        each = 10_000 / pieces
        cpu = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
        print(f"{os.cpu_count()} cores ({cpu}), {pieces:,} pieces of {found['files']:,} files at {HOSTS} Hosts, median of "
              f"{options.rounds}; Hosts and client on the same machine.  Per 10,000 pieces:\n")
        print(f"{found['requests'] * each:,.0f} requests for lists, {found['list_bytes'] * each / 1e6:,.1f} MB of answers; "
              f"the Hosts were asked in {statistics.median(r[2]['milliseconds'] for r in results['Hosts asked, log read']) * each / 1000:.1f} s.\n")
        print("| recovered | s | s of CPU of the client |")
        print("| --- | ---: | ---: |")
        for name, runs in results.items():
            print(f"| {name} | {statistics.median(r[0] for r in runs) * each:.1f} | {statistics.median(r[1] for r in runs) * each:.1f} |")
    finally:
        if network:
            network.stop()
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
