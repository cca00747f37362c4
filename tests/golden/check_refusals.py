#!/usr/bin/python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""The second implementation gives the golden files of refusals-v1 the reasons that index.jsonl names, and the manual knows
every one of them.  The last line is `N passed, 0 failed`.
"""

import json
import pathlib
import sys

TESTS = pathlib.Path(__file__).resolve().parent.parent
FOLDER = TESTS / "golden" / "refusals-v1"
sys.path.insert(0, str(TESTS / "reference"))

from inxt_reference import formats  # noqa: E402
from inxt_reference.notation import Refused  # noqa: E402


def reason_of(entry):
    vector = {"format": entry["format"], "given": entry["given"], "input": (FOLDER / entry["file"]).read_text()}
    try:
        return formats.run(vector).get("outcome", "accepted")
    except Refused as refused:
        return refused.reason


def main():
    index = [json.loads(line) for line in (FOLDER / "index.jsonl").read_text().splitlines()]
    manual = (TESTS.parent / "man" / "inxt-proof.5").read_text()
    files = {path.name for path in FOLDER.iterdir()} - {"index.jsonl"}
    wrong = [f"{name}: not in the index" for name in files - {entry["file"] for entry in index}]
    for entry in index:
        found = reason_of(entry)
        if found != entry["reason"]:
            wrong.append(f"{entry['file']}: {found}")
        if f".It Sy {entry['reason']}\n" not in manual and f".It Li {entry['reason']}\n" not in manual:
            wrong.append(f"{entry['file']}: the manual does not name {entry['reason']}")
    for complaint in wrong:
        print("FAILED", complaint)
    print(f"{len(index) - len(wrong)} passed, {len(wrong)} failed")
    return 1 if wrong or not index else 0


if __name__ == "__main__":
    sys.exit(main())
