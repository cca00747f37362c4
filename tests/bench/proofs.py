#!/usr/bin/python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""What proofs of blocks cost, beside hashing the same blocks; prints a table in Markdown.  Run by `scripts/bench proofs`.

inxt-bench-proofs makes an audit of four Hosts with so many proofs of blocks of 2 MiB pieces, times the functions behind it,
and leaves the transcript and the blocks; inxt-audit --verify reads the one, sha256sum and openssl the other.  All figures
are CPU time of one thread, medians of the rounds, from the page cache.
"""

import argparse
import json
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]


def cpu_us(command, proofs):
    """CPU time of a command for each proof."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1e6 / proofs


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench proofs", description=__doc__.splitlines()[0])
    parser.add_argument("--proofs", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--build", default=ROOT / "build/release", type=pathlib.Path, help="a build folder (default build/release)")
    options = parser.parse_args()
    build = options.build.resolve()
    if not (build / "tests/inxt-bench-proofs").exists():
        sys.exit(f"bench: no inxt-bench-proofs in {build}/tests: build the release preset first (scripts/test does)")
    rounds = []
    with tempfile.TemporaryDirectory(prefix="inxt-bench-", dir="/var/tmp") as folder:
        transcript, blocks = f"{folder}/transcript.jsonl", f"{folder}/blocks"
        for number in range(options.rounds):
            print(f"bench: round {number + 1} of {options.rounds}", file=sys.stderr)
            said = subprocess.run([build / "tests/inxt-bench-proofs", folder, str(options.proofs)], check=True,
                                  stdout=subprocess.PIPE, text=True).stdout
            figures = json.loads(said)
            proofs = figures["proofs"]
            figures["audit_us"] = cpu_us([build / "tools/inxt-audit", "--verify", transcript], proofs)
            figures["sha256sum_us"] = cpu_us(["sha256sum", blocks], proofs)
            figures["openssl_us"] = cpu_us(["openssl", "dgst", "-sha256", blocks], proofs)
            rounds.append(figures)
    middle = {name: statistics.median(figures[name] for figures in rounds) for name in rounds[0]}
    cpu = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
    print(f"{os.cpu_count()} cores ({cpu}), {proofs} proofs of blocks of 2 MiB pieces, lines of {figures['line_bytes']} bytes, "
          f"median of {options.rounds}.\n")
    print("| | us a proof | proofs a CPU second | to openssl dgst |")
    print("| --- | ---: | ---: | ---: |")
    for name, what in (("verify_us", "block and path verified, two at once"), ("verify_alone_us", "block and path verified, one by one"),
                       ("check_us", "an answer checked, from its text to outcomes"),
                       ("audit_us", "inxt-audit --verify of the whole transcript"), ("write_us", "a proof line written by a Host"),
                       ("read_us", "a proof line read"), ("inclusion_write_us", "an inclusion in an inventory of 100,000 pieces written"),
                       ("inclusion_read_us", "an inclusion read"), ("inclusion_verify_us", "an inclusion verified"),
                       ("sha256_of_line_us", "SHA-256 of a proof line"),
                       ("sha256_of_block_us", "SHA-256 of a block"), ("openssl_us", "openssl dgst -sha256 of the blocks"),
                       ("sha256sum_us", "sha256sum of the blocks")):
        print(f"| {what} | {middle[name]:.2f} | {1e6 / middle[name]:,.0f} | {middle['openssl_us'] / middle[name]:.2f} |")


if __name__ == "__main__":
    main()
