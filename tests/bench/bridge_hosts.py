#!/usr/bin/python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""How many Hosts register and beat at a Bridge in a second, and how long the list of all takes; prints tables in Markdown.
Run by `scripts/bench bridge-hosts`.

One inxt-bridge on SQLite, and one or three on one PostgreSQL, on the disk of --folder; the Hosts are inxt-host-load, which
signs and shares the cores with them.  "New connections" is how Hosts beat that are a minute apart: each heartbeat has a
TLS handshake with both certificates.
"""

import argparse
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from bridge_processes import BridgeProcesses, ROOT, start_cluster


class Bridges(BridgeProcesses):
    """Processes on one database, and Hosts that beat at them."""
    host = "127.0.46.1"
    options = ["--allow-private-addresses", "--heartbeat", "1s", "--hosts-per-network", "1000000", "--registrations-per-hour",
               "1000000", "--requests-per-peer", "1000", "--connections-per-peer", "20000", "--connections", "20000"]

    def __init__(self, folder, build, processes, database):
        super().__init__(folder, build, processes, database, "inxt-host-load")

    def ask(self, action, hosts, *arguments):
        said = subprocess.run([self.load, action, "--bridge", self.id, "--addresses", ",".join(self.addresses), "--hosts",
                               str(hosts), *map(str, arguments)], check=True, stdout=subprocess.PIPE, text=True)
        return json.loads(said.stdout)

    def wait_for_probes(self, hosts):
        """Nobody answers for these Hosts, which the Bridges find out after they registered."""
        for _ in range(1200):
            if self.ask("check", hosts, "--acks", os.devnull)["probed"] >= hosts:
                return
            time.sleep(0.5)
        sys.exit("bench: not all Hosts were looked at")


def measure(folder, build, hosts, processes, database):
    bridges = Bridges(folder, build, processes, database)
    try:
        registered = bridges.ask("register", hosts, "--at-once", 12)["per_second"]
        bridges.wait_for_probes(hosts)
        kept = bridges.ask("beat", hosts, "--warm", 12, "--at-once", 200, "--rounds", 4)["per_second"]
        time.sleep(2)  # heartbeats count from the second in which they begin
        fresh = bridges.ask("beat", hosts, "--at-once", 12, "--rounds", 2, "--fresh", 1)["per_second"]
        listed = bridges.ask("check", hosts, "--acks", os.devnull)
        return registered, kept, fresh, listed["listed"] / listed["seconds"], bridges.memory_mib("VmHWM")
    finally:
        bridges.stop()


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench bridge-hosts", description=__doc__.splitlines()[0])
    parser.add_argument("--folder", default="/var/tmp", help="a folder on the disk to measure on (/var/tmp)")
    parser.add_argument("--hosts", type=int, default=2000)
    parser.add_argument("--build", default=ROOT / "build/release", type=pathlib.Path, help="a build folder (default build/release)")
    options = parser.parse_args()
    build = options.build.resolve()
    if not (build / "tests/inxt-host-load").exists():
        sys.exit(f"bench: no inxt-host-load in {build}/tests: build the release preset first (scripts/test does)")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="inxt-bench-bridge-", dir=options.folder))
    try:
        cpu = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
        print(f"{os.cpu_count()} cores ({cpu}), Bridges and {options.hosts:,} Hosts on the same machine; all durable.\n")
        print("| a second | registrations, 12 at once | heartbeats, 200 at once | with new connections, 12 at once | Hosts listed | "
              "Bridge at most MiB |")
        print("| --- | ---: | ---: | ---: | ---: | ---: |")
        for name, processes in (("SQLite", 1), ("PostgreSQL", 1), ("PostgreSQL", 3)):
            server, database = None, None
            if name == "PostgreSQL":  # each with a server of its own
                place = folder / f"server{processes}"
                place.mkdir()
                folder.chmod(0o711)
                server, database = start_cluster(place)
                if server is None:
                    continue
            try:
                figures = measure(folder, build, options.hosts, processes, database)
                label = f"{name}, {processes} process{'es' if processes > 1 else ''}"
                print(f"| {label} | " + " | ".join(f"{figure:,.0f}" for figure in figures) + " |", flush=True)
            finally:
                if server:
                    server.send_signal(signal.SIGQUIT)
                    server.wait()
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
