#!/usr/bin/python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""How many placements one core makes in a second; prints a table in Markdown.  Run by `scripts/bench placement`.

inxt-bench-placement makes a pool of so many Hosts, half of them with operators and in shared failure domains, a twentieth
new, and measures CPU time of one thread; medians of the rounds.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
ROWS = [("six_hosts", "placements of 4+2"), ("six_hosts_and_secondary", "placements of 4+2 with a secondary group"),
        ("thirty_hosts", "placements of 20+10"), ("refusals", "refusals that count why (nobody has room)"),
        ("heartbeats", "heartbeats: one Host's free room changes"), ("pools", "pools made anew"),
        ("largest", "20+10 for 64 groups with secondary ones, where 1 of 200 Hosts qualifies")]


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench placement", description=__doc__.splitlines()[0])
    parser.add_argument("--hosts", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=2, help="for each figure and round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--build", default=ROOT / "build/release", type=pathlib.Path, help="a build folder (default build/release)")
    options = parser.parse_args()
    program = options.build.resolve() / "tests/inxt-bench-placement"
    if not program.exists():
        sys.exit(f"bench: no {program}: build the release preset first (scripts/test does)")
    rounds = []
    for number in range(options.rounds):
        print(f"bench: round {number + 1} of {options.rounds}", file=sys.stderr)
        said = subprocess.run([program, str(options.hosts), str(options.seconds)], check=True, stdout=subprocess.PIPE, text=True)
        rounds.append(json.loads(said.stdout))
    cpu = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
    print(f"One core of {os.cpu_count()} ({cpu}), {options.hosts} Hosts, median of {options.rounds}.\n")
    print("| | a CPU second |")
    print("| --- | ---: |")
    for name, what in ROWS:
        print(f"| {what} | {statistics.median(figures[name] for figures in rounds):,.0f} |")


if __name__ == "__main__":
    main()
