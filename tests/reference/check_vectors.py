#!/usr/bin/python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Check tests/vectors/*.json with the Python implementation: check_vectors.py [FILE...]

The last line is `N passed, 0 failed`.  The layout is described in make_vectors.py.
"""

import json
import pathlib
import sys

from inxt_reference import formats
from inxt_reference.notation import Refused

VECTORS = pathlib.Path(__file__).parent.parent / "vectors"


def complaint(vector):
    """What is wrong, or None."""
    try:
        value = formats.run(vector)
    except Refused as refused:
        if vector["expect"] != "refused":
            return f"refused: {refused}"
        if (refused.reason, refused.status) != (vector["reason"], vector["status"]):
            return f"refused, but for {refused.reason}, status {refused.status}"
        return None
    if vector["expect"] != "accepted":
        return f"accepted: {value}"
    return None if value == vector["value"] else f"value is {value}"


def main(paths):
    passed = failed = 0
    for path in paths or sorted(VECTORS.glob("*.json")):
        for vector in json.loads(pathlib.Path(path).read_bytes())["vectors"]:
            wrong = complaint(vector)
            passed, failed = passed + (not wrong), failed + bool(wrong)
            if wrong:
                print(f"FAILED {vector['format']} {vector['name']}: {wrong}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
