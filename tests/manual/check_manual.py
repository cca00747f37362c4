# SPDX-License-Identifier: AGPL-3.0-or-later
"""Holds the manual (man/*.[1578], mdoc) against the tools and the sources; prints what differs.

usage: check_manual.py SOURCE_TREE TOOLS_FOLDER

- mandoc -T lint has nothing to say, and every .Xr to a page of ours names one that is there.
- groff, which man(1) uses on most systems, sets each page in 80 columns without a warning: no line that it cannot break,
  no table wider than the page.
- Every tool has a page.  Every option that `TOOL --inxt-options` lists stands there as an .It Fl of a list, and every
  .It Fl of that page is such an option; every INXT_ variable of an option stands there too.
- Each page of a tool has the sections that such a page has, and each status in it is one of inxt(7).
- Every code of libshared/base/result.h stands in inxt(7), EXIT STATUS, by its number and its name.
"""
import functools
import json
import pathlib
import re
import subprocess
import sys

TOOL_SECTIONS = ["NAME", "SYNOPSIS", "DESCRIPTION", "ENVIRONMENT", "EXIT STATUS", "EXAMPLES", "DIAGNOSTICS", "SEE ALSO"]
MANDOC_NOISE = re.compile(r"outdated mandoc\.db|referenced manual not found: Xr (?!inxt)")


def lint(pages):
    """What mandoc says.  It looks for the pages of .Xr beside the one it reads."""
    result = subprocess.run(["mandoc", "-T", "lint", *(page.name for page in pages)], cwd=pages[0].parent,
                            capture_output=True, text=True)
    lines = (result.stdout + result.stderr).splitlines()
    return [line for line in lines if line and not MANDOC_NOISE.search(line)]


@functools.cache
def typeset(text):
    """What groff says when it makes text of a page as man(1) does on a terminal of 80 columns."""
    result = subprocess.run(["groff", "-mdoc", "-Tutf8", "-rLL=78n"], input=text, stdout=subprocess.DEVNULL,
                            stderr=subprocess.PIPE, text=True)
    ended = [f"groff ends with {result.returncode}"] if result.returncode != 0 else []
    return result.stderr.splitlines() + ended


@functools.cache
def table_of(tool):
    said = subprocess.run([tool, "--inxt-options"], capture_output=True, check=True, text=True)
    return json.loads(said.stdout)


def references(pages):
    names = {page.name for page in pages}
    for page in pages:
        for number, line in enumerate(page.read_text().splitlines(), 1):
            for name, section in re.findall(r"\bXr (inxt[a-z-]*) (\d)", line if line.startswith(".") else ""):
                if f"{name}.{section}" not in names:
                    yield f"{page.name}:{number}: there is no page {name}({section})"


def options_in_page(text):
    """Names of the options that head an item: .It Fl o , -output Ar FILE."""
    found = set()
    for line in text.splitlines():
        if not line.startswith(".It Fl "):
            continue
        in_flags = False
        for word in line.split()[1:]:
            if word == "Fl":
                in_flags = True
            elif re.fullmatch(r"[A-Z][a-z]", word):  # another macro
                in_flags = False
            elif in_flags and word != ",":
                found.add("-" + word)
    return found


def options_of(tool):
    names, variables = set(), set()
    for option in tool["options"]:
        if "short" in option:
            names.add("-" + option["short"])
        if "long" in option:
            names.add("--" + option["long"])
        if "variable" in option:
            variables.add(option["variable"])
    for sub in tool["commands"]:
        for mine, of_sub in zip((names, variables), options_of(sub)):
            mine |= of_sub
    return names, variables


def statuses(text):
    """Numbers that head an item of EXIT STATUS, with what follows the number there."""
    section = re.search(r"^\.Sh EXIT STATUS\n(.*?)(?=^\.Sh |\Z)", text, re.M | re.S)
    return dict(re.findall(r"^\.It (\d+)\n(.*)", section.group(1), re.M)) if section else {}


def check_page(page, tool, known_statuses):
    text = page.read_text()
    in_page = options_in_page(text)
    names, variables = options_of(tool)
    for name in sorted(names - in_page):
        yield f"{page.name}: option {name} is missing"
    for name in sorted(in_page - names):
        yield f"{page.name}: option {name} is none of the tool's"
    words = set(re.findall(r"\bINXT_[A-Z_]+", text))
    for name in sorted(variables - words):
        yield f"{page.name}: variable {name} is missing"
    sections = re.findall(r"^\.Sh (.*)", text, re.M)
    for name in TOOL_SECTIONS:
        if name not in sections:
            yield f"{page.name}: section {name} is missing"
    for status in statuses(text):
        if status not in known_statuses and int(status) <= 128:
            yield f"{page.name}: status {status} does not stand in inxt(7)"


def check(tree, tools):
    man = tree / "man"
    pages = sorted(page for page in man.iterdir() if page.suffix in (".1", ".5", ".7", ".8"))
    yield from lint(pages)
    for page in pages:
        yield from (f"{page.name}: {line}" for line in typeset(page.read_text()))
    yield from references(pages)

    overview = statuses((man / "inxt.7").read_text())
    codes = re.findall(r"^  (\w+) = (\d+),", (tree / "libshared/base/result.h").read_text(), re.M)
    if len(codes) < 13:
        yield "result.h: fewer codes than 13 were found"
    for name, number in codes:
        if number not in overview or not re.search(rf"^\.Li {name}\b", overview[number]):
            yield f"inxt.7: EXIT STATUS {number} {name} is missing"

    names = sorted(path.parent.name for path in (tree / "tools").glob("*/main.cpp"))
    if len(names) < 9:
        yield "tools/: fewer tools than 9 were found"
    for name in names:
        page = next((man / f"{name}.{section}" for section in (1, 8) if (man / f"{name}.{section}").exists()), None)
        if page is None:
            yield f"{name}: there is no page of section 1 or 8"
        elif name == "inxt":  # has no table: it hands on
            tool = {"options": [{"short": "h", "long": "help"}, {"long": "version"}], "commands": []}
            yield from check_page(page, tool, overview)
        else:
            yield from check_page(page, table_of(tools / name), overview)


def main():
    tree, tools = map(pathlib.Path, sys.argv[1:3])
    findings = list(check(tree, tools))
    for finding in findings:
        print(finding)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
