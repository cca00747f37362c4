#!/usr/bin/python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""How long many small files take, through a Bridge and with a hosts file; and the list of a folder of many names.
Prints a table in Markdown.  Run by `scripts/bench small-files`.

  scripts/bench small-files [--files N] [--rounds N] [--build DIR] [--folder DIR]

One inxt-bridge on SQLite and six Hosts on the disk of --folder, on the same machine as the client; 1,000 files of 4 KiB,
three mirrors each.  "One command a file" starts inxt-put anew for each, as a shell's loop does.
"""

import argparse
import json
import os
import pathlib
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
HOSTS = 6
FILE_BYTES = 4096


class Network:
    """A Bridge, Hosts in a /24 each, and an owner with a permit."""

    def __init__(self, folder, tools, hosts=HOSTS, bridge_options=(), host_options=()):
        self.folder, self.running, self.hosts, self.host_options = folder, [], {}, host_options
        self.env = {name: value for name, value in os.environ.items() if not name.startswith("INXT_")}
        self.env.update(HOME=str(folder), PATH=f"{tools}:{self.env['PATH']}", XDG_CONFIG_HOME=f"{folder}/config",
                        XDG_STATE_HOME=f"{folder}/state", XDG_CACHE_HOME=f"{folder}/cache")
        self.start("inxt-bridge", "--data", "bridge", "--listen", "127.0.160.1:0", "--allow-private-addresses", "--new-audits", "0",
                   "--heartbeat", "5s", "--probe-interval", "1s", *bridge_options)
        self.wait(lambda: (folder / "bridge/descriptor.jsonl").exists())
        bridge = json.loads((folder / "bridge/descriptor.jsonl").read_text())["bridge"]
        (folder / "accept").write_text(f"bridge {bridge}\n")
        self.run("inxt-key", "new", "--no-passphrase", "--words-out", "words")
        account = self.run("inxt-key", "show", "--for-host", bridge).strip()
        for number in range(1, hosts + 1):
            self.start_host(number, f"127.0.{160 + number}.1:0")
        permit = self.run("inxt-bridge", "grant", account, "bridge", "--quota", "64GiB", "--term", "30d")
        (folder / "mine").write_text(permit)
        self.env["INXT_BRIDGE"] = str(folder / "mine")
        self.wait(lambda: len(self.run("inxt-hosts").splitlines()) == hosts)
        (folder / "hosts").write_text(self.run("inxt-hosts"))

    def start(self, *command):
        with open(self.folder / "log", "ab") as log:
            self.running.append(subprocess.Popen(command, env=self.env, cwd=self.folder, stdout=log, stderr=log,
                                                 executable=shutil.which(command[0], path=self.env["PATH"])))
        return self.running[-1]

    def start_host(self, number, address):
        self.hosts[number] = self.start("inxt-host", "--store", f"host{number}", "--capacity", "16GiB", "--listen", address,
                                        "--accept", "any", "--bridge", "bridge/descriptor.jsonl", *self.host_options)

    def kill_host(self, number):
        host = self.hosts.pop(number)
        self.running.remove(host)
        host.kill()
        host.wait()

    def run(self, *command, statuses=(0,)):
        done = subprocess.run(command, env=self.env, cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if done.returncode not in statuses:
            sys.exit(f"bench: {' '.join(command)} ended with {done.returncode}: {done.stderr}")
        return done.stdout

    def wait(self, condition, for_s=60):
        until = time.monotonic() + for_s
        while time.monotonic() < until:
            if condition():
                return
            time.sleep(0.1)
        sys.exit(f"bench: waited in vain; {self.folder}/log says why")

    def timed(self, *command, statuses=(0,)):
        os.sync()
        started = time.monotonic()
        self.run(*command, statuses=statuses)
        return time.monotonic() - started

    def stop(self):
        for process in self.running:
            process.send_signal(signal.SIGTERM)
        for process in self.running:
            process.wait()


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench small-files", description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", default="/var/tmp", help="a folder on the disk to measure on (/var/tmp)")
    parser.add_argument("--build", default=ROOT / "build/release", type=pathlib.Path, help="a build folder (default build/release)")
    options = parser.parse_args()
    tools = options.build.resolve() / "tools"
    if not (tools / "inxt-bridge").exists():
        sys.exit(f"bench: no inxt-bridge in {tools}: build the release preset first (scripts/test does)")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="inxt-bench-small-", dir=options.folder))
    network = None
    try:
        (folder / "many").mkdir()
        for number in range(options.files):
            (folder / "many" / f"file {number:06}").write_bytes(os.urandom(FILE_BYTES))
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
