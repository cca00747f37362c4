#!/usr/bin/python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""An owner's names: folded cold from a log that is in memory, loaded warm from the encrypted cache, listed; memory a name.

  scripts/bench tree [--names N] [--build DIR]
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench tree", description=__doc__.splitlines()[0])
    parser.add_argument("--names", type=int, default=100_000)
    parser.add_argument("--build", default=ROOT / "build/release", type=pathlib.Path, help="a build folder (default build/release)")
    args = parser.parse_args()
    tool = args.build.resolve() / "tests/inxt-bench-tree"
    if not tool.exists():
        sys.exit(f"bench: no {tool}: build the release preset first (scripts/test does)")
    print("| names | changes an entry | log | cold, s (CPU) | warm, s | list all, ms | cache | memory a name |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for ops in (256, 1):
        with tempfile.TemporaryDirectory(prefix="inxt-bench-tree-") as folder:
            said = json.loads(subprocess.run([tool, str(args.names), str(ops), folder], check=True,
                                             capture_output=True, text=True).stdout)
        print(f"| {said['names']:,} | {ops} | {said['log_bytes'] / 1e6:.1f} MB | {said['cold']['wall_s']:.2f} "
              f"({said['cold']['cpu_s']:.2f}) | {said['warm']['wall_s']:.2f} | {said['list']['wall_s'] * 1000:.0f} | "
              f"{said['cache_bytes'] / 1e6:.1f} MB | {said['bytes_a_name']} B |")


if __name__ == "__main__":
    main()
