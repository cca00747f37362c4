#!/usr/bin/python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Check a transcript of inxt-audit --proofs, inxt-proof(5): verify_transcript.py FILE

Prints one JSON line for each audit.  Status 0: all passed; 9: one failed;
5: one is unreachable; 8: the transcript is refused.
"""

import sys

from inxt_reference import proofs
from inxt_reference.notation import STATUS, Refused, to_json


def main(path):
    try:
        with open(path, "rb") as file:
            audits = proofs.read_transcript(file.read())
    except Refused as refused:
        print(f"verify_transcript.py: {path}: {refused}", file=sys.stderr)
        return refused.status
    for audit in audits:
        print(to_json(audit))
    verdicts = [audit["verdict"] for audit in audits]
    if "failed" in verdicts:
        return STATUS["audit_failed"]
    return STATUS["try_again"] if "unreachable" in verdicts else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
