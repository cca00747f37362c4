#!/usr/bin/python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Write refusals-v1: for each reason with which checking of an audit's request, answer, proof or transcript can fail, a file that
fails for it, and index.jsonl, which says of each file how to read it and why it fails.

Taken from tests/vectors once, for version 1 of the format; what later programs say of these files must stay the same:
check_refusals.py and tests/vectors/golden_refusals.cpp.  Files of reasons that came later are added.
"""

import json
import pathlib
import re

TESTS = pathlib.Path(__file__).resolve().parent.parent
FOLDER = TESTS / "golden" / "refusals-v1"
WANTED = {"audit-request": r"request-", "audit-answer": r"answer-", "audit-outcome": r"(malformed|other_block|missing|wrong_)",
          "transcript": r"(transcript|beacon)-"}


def main():
    FOLDER.mkdir(exist_ok=True)
    index, seen = [], set()
    for fmt, wanted in WANTED.items():
        for vector in json.loads((TESTS / "vectors" / f"{fmt}.json").read_bytes())["vectors"]:
            reason = vector.get("reason") or vector["value"].get("outcome", "")
            variant = "longer-tree" if "longer tree" in vector["name"] else ""
            if not re.match(wanted, reason) or (reason, variant) in seen:
                continue
            seen.add((reason, variant))
            file = f"{reason}{'-' if variant else ''}{variant}.jsonl"
            (FOLDER / file).write_bytes(vector["input"].encode())
            index.append({"file": file, "format": fmt, "reason": reason, "given": vector.get("given", {})})
    (FOLDER / "index.jsonl").write_text("".join(json.dumps(entry, separators=(",", ":")) + "\n" for entry in index))


if __name__ == "__main__":
    main()
