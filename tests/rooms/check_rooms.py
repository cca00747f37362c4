#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Holds the shape of the source tree: which room may include which, who may touch the world, licences, sizes.

    check_rooms.py [TREE]     prints one line a violation; exit status 1 when there is one
"""

import functools
import os
import re
import subprocess
import sys
from pathlib import Path

FILE_LINES_MAX = 700

# What each room may include beside itself.  Arrows point one way, so this table has no circle; the test holds it
# to that as well.
BELOW_TRANSFER = {"net", "store", "keys", "plan", "proof", "format", "erasure", "crypto", "sys", "base"}
ARROWS = {
    "base": set(),
    "sys": {"base"},
    "crypto": {"base"},
    "erasure": {"crypto", "base"},
    "proof": {"crypto", "base"},
    "plan": {"crypto", "base"},
    "format": {"proof", "crypto", "base"},
    "tree": {"format", "crypto", "base"},
    "keys": {"format", "crypto", "sys", "base"},
    "net": {"crypto", "sys", "base"},
    "database": {"sys", "base"},
    "store": {"format", "proof", "crypto", "sys", "base"},
    "transfer": BELOW_TRANSFER,
    "serve": {"net", "format", "proof", "crypto", "sys", "base"},
    "client": BELOW_TRANSFER | {"transfer", "tree"},
    "host": BELOW_TRANSFER | {"transfer", "serve"},
    "bridge": BELOW_TRANSFER | {"transfer", "serve", "database"},
    "cli": {"format", "keys", "sys", "crypto", "base"},
}

# Rooms that take bytes, randomness and time as arguments and do no IO.
PURE_ROOMS = {"crypto", "erasure", "format", "proof", "plan", "tree"}
IO_HEADERS = re.compile(
    r"#include <(sys/.*|netinet/.*|arpa/.*|fcntl\.h|unistd\.h|poll\.h|dirent\.h|stdio\.h|time\.h|cstdio|ctime|"
    r"fstream|iostream|filesystem|random|thread|mutex|future|boost/.*|openssl/(bio|ssl|rand)\.h)>")
IO_CALLS = re.compile(
    r"(?<![\w:.>])(?:::|std::)?(?:openat|fopen|freopen|socket|connect|getenv|secure_getenv|system|popen|gettimeofday|"
    r"clock_gettime|getrandom|getentropy|rand|srand)\s*\(|(?<!\w)::(?:open|read|write|time)\s*\(|"
    r"\btime\s*\(\s*(?:nullptr|NULL|0|&)|\brandom_device\b|\b[io]?fstream\b|\bstd::(?:cout|cerr|clog|cin)\b|"
    r"\b(?:system|steady|high_resolution)_clock\b|\bfmt::print\b")

TOP_LEVEL = re.compile(r"\..*|CMakeLists\.txt|CMakePresets\.json|README\.md|CHANGELOG\.md|LICENSE|LICENSES|tools|"
                       r"libshared|man|completions|tests|scripts")
WITHOUT_SPDX = re.compile(r"\.(csv|json|jsonl|md|txt|license|expected)$|^(\.[^/]*|LICENSE|LICENSES/.*)$|"
                          r"^tests/(golden|fuzz/seeds)/|(^|/)vectors/")
LGPL, AGPL = "LGPL-3.0-or-later", "AGPL-3.0-or-later"
SPDX = re.compile(r"SPDX-License-Identifier: (\S+)")
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"')


def files_of(tree):
    """Paths below the tree that belong to it: git's list, or everything but build products."""
    if (tree / ".git").exists():
        listed = subprocess.run(["git", "-C", tree, "ls-files", "-z", "-co", "--exclude-standard"],
                                capture_output=True, check=False)
        if listed.returncode == 0:
            paths = listed.stdout.decode("utf-8", "surrogateescape").split("\0")
            return sorted(p for p in paths if p and (tree / p).is_file())
    paths = []
    for folder, folders, names in os.walk(tree):
        folders[:] = [f for f in folders if f not in (".git", ".cache", "__pycache__") and
                      not (Path(folder) == tree and f.startswith("build"))]
        paths += [str((Path(folder) / name).relative_to(tree)) for name in names]
    return sorted(paths)


def without_comments(text):
    """C++ with comments and string literals blanked, line by line the same."""
    pattern = re.compile(r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', re.DOTALL)
    return pattern.sub(lambda m: '""' if m.group(0).startswith('"') else "\n" * m.group(0).count("\n"), text)


def check_arrow_table():
    done = set()
    while len(done) < len(ARROWS):
        ready = {room for room, below in ARROWS.items() if room not in done and below <= done}
        if not ready:
            yield "the table of arrows has a circle among " + ", ".join(sorted(ARROWS.keys() - done))
            return
        done |= ready


def check_room_source(path, text):
    """Includes and calls of one file of a room that is not a test."""
    room = path.split("/")[1]
    if room not in ARROWS:
        yield f"{path}:1: no room of the architecture: {room}"
        return
    code = without_comments(text).split("\n")
    for number, line in enumerate(text.split("\n"), 1):
        where = f"{path}:{number}"
        if match := INCLUDE.match(line):
            target = match.group(1).split("/")[0]
            if "/" not in match.group(1) or target not in ARROWS:
                yield f'{where}: include "{match.group(1)}": name it as "room/file.h"'
            elif target != room and target not in ARROWS[room]:
                yield f"{where}: {room} must not include {target}"
        if "boost/beast" in line and not (room == "net" and path.endswith(".cpp")):
            yield f"{where}: Beast stays in libshared/net/*.cpp"
        if re.match(r"\s*#\s*include <boost/", line) and room not in ("net", "transfer", "serve", "client", "host", "bridge"):
            yield f"{where}: {room} must not include Boost"
        if re.match(r"\s*#\s*include <(sqlite3|pqxx|libpq-fe|libpq/)", line) and room != "database":
            yield f"{where}: SQLite and PostgreSQL stay in libshared/database"
        if room in PURE_ROOMS:
            if IO_HEADERS.match(line.strip()):
                yield f"{where}: {room} does no IO and has no clock or randomness of its own: {line.strip()}"
            elif match := IO_CALLS.search(code[number - 1]):
                yield f"{where}: {room} does no IO and has no clock or randomness of its own: {match.group(0).strip()}"


def check_tool_source(path, text):
    for number, line in enumerate(text.split("\n"), 1):
        if match := INCLUDE.match(line):
            first = match.group(1).split("/")[0]
            if "/" in match.group(1) and first not in ARROWS:
                yield f'{path}:{number}: include "{match.group(1)}": a tool includes rooms and its own folder'
        if "boost/beast" in line:
            yield f"{path}:{number}: Beast stays in libshared/net/*.cpp"


def allowed_licences(path):
    if path.startswith("libshared/"):
        return {LGPL, AGPL} if path.endswith("_test.cpp") else {LGPL}
    return {LGPL, AGPL} if path == "CMakeLists.txt" or path.startswith("man/") else {AGPL}


def check_spdx(path, text):
    head = text.split("\n", 3)[:2]
    if head and not head[0].startswith(("#!", "#compdef ")):  # lines that only count when they are the first
        head = head[:1]
    found = SPDX.search("\n".join(head))
    if not found:
        yield f"{path}:1: does not begin with its SPDX-License-Identifier"
    elif found.group(1) not in allowed_licences(path):
        yield f"{path}:1: licence {found.group(1)}, not {' or '.join(sorted(allowed_licences(path)))}"


@functools.cache
def check_file(path, text):
    found = list(check_spdx(path, text))
    is_source = not path.startswith(("man/", "completions/"))
    if is_source and (lines := text.count("\n")) > FILE_LINES_MAX:
        found.append(f"{path}: {lines} lines, more than {FILE_LINES_MAX}: is it still one subject?")
    if path.endswith((".h", ".cpp")) and not path.endswith("_test.cpp"):
        if path.startswith("libshared/"):
            found += check_room_source(path, text)
        elif path.startswith("tools/"):
            found += check_tool_source(path, text)
    return found


def violations(tree):
    yield from check_arrow_table()
    paths = files_of(tree)
    for top in sorted({path.split("/")[0] for path in paths}):
        if not TOP_LEVEL.fullmatch(top):
            yield f"{top}: no top-level entry of the design"
    for path in paths:
        if WITHOUT_SPDX.search(path):
            continue
        try:
            text = (tree / path).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            yield f"{path}: is not UTF-8 text"
            continue
        except FileNotFoundError:  # an editor's temporary file has gone
            continue
        yield from check_file(path, text)


def main():
    tree = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).resolve().parents[2]).resolve()
    if not (tree / "libshared").is_dir():
        print(f"{tree}: has no libshared", file=sys.stderr)
        return 2
    found = list(violations(tree))
    print("\n".join(found) if found else "the tree has its shape")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
