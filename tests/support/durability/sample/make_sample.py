#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Makes the traces beside it, for the tests: made-up machines and disks, in the form of the real ones.

    make_sample.py FOLDER

60 days with a snapshot every two hours, 400 machines at a time: nine of ten are there for nearly always and go after
900 days on an average, the others come and go.  100 disk failures in two years, one of four with others in its rack.
"""

import pathlib
import random
import sys

STEPS, STEP_S, LIVE, SEED = 720, 7200, 400, 1


def machine(chance, first):
    """Sessions of one that comes at step `first`."""
    steady = chance.random() < 0.9
    gone = first + chance.expovariate(1 / (10800 if steady else 240))
    up, down = (700, 2.5) if steady else (40, 12)
    at = first
    while at < min(gone, STEPS):
        end = min(at + 1 + int(chance.expovariate(1 / up)), int(gone) + 1, STEPS)
        yield at, end, int(end == STEPS)
        at = end + 1 + int(chance.expovariate(1 / down))


def main(folder):
    chance = random.Random(SEED)
    sessions, live, node = [], [0] * STEPS, 0
    for step in range(STEPS):
        while live[step] < LIVE * (0.98 if step else 1):
            for first, end, censored in machine(chance, step):
                sessions.append((node, first, end, censored))
                for at in range(first, end):
                    live[at] += 1
            node += 1
    out = pathlib.Path(folder)
    with open(out / "availability/sessions.csv", "w") as file:
        print("node,first_seen_snapshot,first_missing_snapshot,right_censored", file=file)
        for row in sessions:
            print(*row, sep=",", file=file)
    with open(out / "availability/snapshots.csv", "w") as file:
        print("snapshot,seconds_since_start,live_nodes", file=file)
        for step in range(STEPS):
            print(step, step * STEP_S, live[step], sep=",", file=file)
    failures = []
    while len(failures) < 100:
        at, rack = chance.randrange(730 * 24), chance.randrange(20)
        for each in range(3 if chance.random() < 0.1 else 1):
            failures.append((at + each, rack))
    with open(out / "disk-failures/alpine_disk_failures.csv", "w") as file:
        print(",Timestamp,Rack id", file=file)
        for number, (hour, rack) in enumerate(sorted(failures)):
            day = hour // 24 % 672
            print(number, f"20{20 + day // 336}-{1 + day % 336 // 28:02}-{1 + day % 28:02}T{hour % 24:02}:00:00", rack,
                  sep=",", file=file)


if __name__ == "__main__":
    main(sys.argv[1])
