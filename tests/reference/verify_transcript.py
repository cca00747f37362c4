#!/usr/bin/python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Check a transcript of inxt-audit --proofs, inxt-proof(5):
verify_transcript.py [--require-witness HOSTID]... FILE

Prints one JSON line for each audit.  Status 0: all passed, or no beacon was given; 9: one failed;
5: one is unreachable or late; 3: one has a beacon that does not anchor it; 8: the transcript is refused.
"""

import argparse

import sys

from inxt_reference import proofs
from inxt_reference.notation import STATUS, Refused, to_json


def main(path, required):
    try:
        with open(path, "rb") as file:
            audits = proofs.read_transcript(file.read(), required)
    except Refused as refused:
        print(f"verify_transcript.py: {path}: {refused}", file=sys.stderr)
        return refused.status
    for audit in audits:
        print(to_json(audit))
    verdicts = [audit["verdict"] for audit in audits]
    if "failed" in verdicts:
        return STATUS["audit_failed"]
    if "unreachable" in verdicts or "late" in verdicts:
        return STATUS["try_again"]
    if "unanchored" in verdicts and any(audit["beacon"] != "local" for audit in audits):
        return STATUS["partial"]
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--require-witness", action="append", type=bytes.fromhex, default=[])
    parser.add_argument("transcript")
    arguments = parser.parse_args()
    sys.exit(main(arguments.transcript, arguments.require_witness))
