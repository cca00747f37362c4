#!/usr/bin/python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Every page of the manual that code and tests cite is there, with the section they name: check_citations.py SOURCE

A citation is `inxt-piece(5)`, also `piece(5)` where the page is meant, and `inxt-piece(5), "The stored piece"`.
"""

import pathlib
import re
import sys

# A bare name only where it is one of ours: `open(2)` is another's, `uploader(1)` is a call.
CITED = re.compile(r'\b(inxt(?:-[a-z]+)?|(?:piece|proof|manifest|token|store)(?=\(5\)))\(([1-8])\)(?:,\s+(?://\s*|#\s*)?"([^"]+)")?')
SUFFIXES = {".h", ".cpp", ".py", ".sh", ".cmake", ".txt"}


def sections(page):
    names = re.findall(r"^\.S[hs] (.*)$", page.read_text(), re.MULTILINE)
    return {name.strip().strip('"').lower() for name in names}


def complaints(source):
    manual = {page.name: sections(page) for page in (source / "man").glob("*.[1-8]")}
    files = [path for room in ("libshared", "tools", "tests") for path in (source / room).rglob("*")
             if path.suffix in SUFFIXES and not path.stem.endswith("check_citations")
             and not path.name.startswith("check_manual")]
    for path in sorted(files):
        text = path.read_text(errors="replace")
        for match in CITED.finditer(text):
            page, section = f"{match[1]}.{match[2]}", match[3]
            line = text.count("\n", 0, match.start()) + 1
            where = f"{path.relative_to(source)}:{line}: {match[0]!r}"
            if page not in manual:
                yield f"{where}: there is no page {page}"
            elif section and section.lower() not in manual[page]:
                yield f"{where}: {page} has no such section"


def main(source):
    found = list(complaints(pathlib.Path(source)))
    print(*found, sep="\n", end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
