#!/usr/bin/python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a Bridge does with logs and records, and how much memory it takes; prints tables in Markdown.  Run by
`scripts/bench bridge-logs`.

One inxt-bridge on SQLite, and one, two or three on one PostgreSQL, on the disk of --folder; owners are inxt-log-load, which
signs, verifies and shares the cores with them.  A record stands for pieces by what a manifest takes in it: about 220
bytes a piece.
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

from bridge_processes import BridgeProcesses, ROOT, start_cluster

BYTES_A_PIECE = 220


class Bridges(BridgeProcesses):
    """Processes on one database, and owners who ask them."""
    host = "127.0.45.1"

    def __init__(self, folder, build, processes, database=None):
        super().__init__(folder, build, processes, database, "inxt-log-load")
        self.key = self.folder / "bridge0/identity.key"

    def ask(self, action, owner, *arguments):
        permit = subprocess.run([self.load, "permit", "--key", self.key, "--owner", str(owner)], check=True,
                                stdout=subprocess.PIPE, text=True).stdout.strip()
        said = subprocess.run([self.load, action, "--bridge", self.id, "--permit", permit, "--owner", str(owner), "--addresses",
                               ",".join(self.addresses), *map(str, arguments)], check=True, stdout=subprocess.PIPE, text=True)
        return json.loads(said.stdout)


def appends(folder, build, seconds, cluster):
    rows = []
    shapes = [("SQLite", 1, None)] + [("PostgreSQL", count, cluster) for count in (1, 3) if cluster]
    for name, processes, database in shapes:
        bridges = Bridges(folder, build, processes, database)
        try:
            figures = []
            for writers in (1, 8, 64):
                entries = max(1, int(seconds * 600 / writers))
                figures.append(bridges.ask("append", 1000 * processes + writers, "--writers", writers, "--logs", writers,
                                           "--entries", entries)["per_second"])
            one = bridges.ask("append", 1000 * processes + 500, "--writers", 8, "--entries", int(seconds * 20))
            rows.append((f"{name}, {processes} process{'es' if processes > 1 else ''}", *figures, one["per_second"]))
        finally:
            bridges.stop()
    return rows


def listing(folder, build, count):
    bridges = Bridges(folder, build, 1)
    try:
        bridges.ask("append", 2, "--writers", 1, "--entries", count, "--record-bytes", 0, "--batch", 64)
        before = bridges.memory_mib("VmRSS")
        rows = []
        for page in (256, 1024):
            said = bridges.ask("check", 2, "--record-bytes", 0, "--page", page)
            rows.append((page, said["entries"], said["bytes"] / 1e6, said["seconds"]))
        return rows, before, bridges.memory_mib("VmHWM")
    finally:
        bridges.stop()


def pieces(folder, build, count):
    rows = []
    for what, each in (("files of 6 pieces", 6), ("files of 1,000 pieces", 1000)):
        bridges = Bridges(folder, build, 1)
        try:
            files = count // each
            idle = bridges.memory_mib("VmRSS")
            size = each * BYTES_A_PIECE
            batch = max(1, min(64, (4 << 20) // (size + 1024)))
            wrote = bridges.ask("append", 3, "--writers", 4, "--logs", 4, "--entries", files // 4, "--record-bytes", size, "--batch",
                                batch)
            stored, peak = bridges.memory_mib("VmRSS"), bridges.memory_mib("VmHWM")
            read = bridges.ask("check", 3, "--logs", 4, "--record-bytes", size)
            database = sum(f.stat().st_size for f in (bridges.folder / "bridge0").glob("bridge.sqlite*")) / 2**20
            rows.append((what, files, wrote["seconds"], read["seconds"], database, idle, stored, peak,
                         bridges.memory_mib("VmHWM")))
        finally:
            bridges.stop()
    return rows


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench bridge-logs", description=__doc__.splitlines()[0])
    parser.add_argument("--folder", default="/var/tmp", help="a folder on the disk to measure on (/var/tmp)")
    parser.add_argument("--seconds", type=float, default=5, help="about, for each figure of appends")
    parser.add_argument("--entries", type=int, default=100_000, help="of the log that is listed")
    parser.add_argument("--pieces", type=int, default=1_000_000)
    parser.add_argument("--build", default=ROOT / "build/release", type=pathlib.Path, help="a build folder (default build/release)")
    options = parser.parse_args()
    build = options.build.resolve()
    if not (build / "tests/inxt-log-load").exists():
        sys.exit(f"bench: no inxt-log-load in {build}/tests: build the release preset first (scripts/test does)")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="inxt-bench-bridge-", dir=options.folder))
    server = None
    try:
        server, cluster = start_cluster(folder)
        cpu = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
        print(f"{os.cpu_count()} cores ({cpu}), Bridges and owners on the same machine.\n")
        print("| durable appends a second, an entry and a record of 1 kB each | 1 log | 8 logs | 64 logs | 8 machines, one log |")
        print("| --- | ---: | ---: | ---: | ---: |")
        for name, *figures in appends(folder, build, options.seconds, cluster):
            print(f"| {name} | " + " | ".join(f"{figure:,.0f}" for figure in figures) + " |", flush=True)
        rows, before, peak = listing(folder, build, options.entries)
        print("\n| listing a log, verified | entries | MB | s | entries a second |")
        print("| --- | ---: | ---: | ---: | ---: |")
        for page, entries, megabytes, seconds in rows:
            print(f"| {page} a page | {entries:,} | {megabytes:.1f} | {seconds:.2f} | {entries / seconds:,.0f} |")
        print(f"\nThe Bridge had {before:.0f} MiB before and at most {peak:.0f} MiB.\n", flush=True)
        print(f"| {options.pieces:,} pieces | files | stored in s | read in s | database MiB | Bridge idle MiB | afterwards | "
              "at most while storing | at most while reading too |")
        print("| --- | " + "---: | " * 8)
        for what, files, *figures in pieces(folder, build, options.pieces):
            print(f"| {what} | {files:,} | " + " | ".join(f"{figure:.0f}" for figure in figures) + " |", flush=True)
    finally:
        if server:
            server.send_signal(signal.SIGQUIT)
            server.wait()
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
