# SPDX-License-Identifier: AGPL-3.0-or-later
"""check_manual.py notices what it is there for: each change to a copy of the manual must be found.

usage: check_manual_test.py SOURCE_TREE TOOLS_FOLDER
"""
import pathlib
import shutil
import sys
import tempfile

from check_manual import check

# (file, what stands there, what is put in its place, what the finding must say)
CHANGES = [
    ("man/inxt-put.1", ".It Fl -receipts Ar FILE", ".It Fl -receipt Ar FILE", "--receipts is missing"),
    ("man/inxt-put.1", ".It Fl -receipts Ar FILE", ".It Fl -receipt Ar FILE", "--receipt is none of the tool's"),
    ("man/inxt-get.1", ".It Fl j , -jobs Ar N", ".It Fl -jobs Ar N", "-j is missing"),
    ("man/inxt-put.1", "INXT_SHARD_SIZE", "INXT_SHARD", "INXT_SHARD_SIZE is missing"),
    ("man/inxt-get.1", ".Xr inxt-audit 1 ,", ".Xr inxt-audit 5 ,", "no page inxt-audit(5)"),
    ("man/inxt-rm.1", ".Sh EXIT STATUS", ".Sh EXIT", "section EXIT STATUS is missing"),
    ("man/inxt-rm.1", ".It 5\n", ".It 55\n", "status 55"),
    ("man/inxt-rm.1", ".Bl -tag", ".Bl -tagg", "inxt-rm.1:"),
    ("man/inxt-threats.7", '"drawn from" "0.3883', '"drawn" "0.3883', "can't break line"),
    ("man/inxt.7", ".Li quota", ".Li quotas", "7 quota is missing"),
    ("libshared/base/result.h", "  locked = 13,", "  locked = 14,", "14 locked is missing"),
]


def main():
    tree, tools = map(pathlib.Path, sys.argv[1:3])
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder)
        for part in ("man", "tools", "libshared/base"):
            shutil.copytree(tree / part, copy / part)
        for file, old, new, wanted in CHANGES:
            text = (copy / file).read_text()
            if old not in text:
                print(f"{file}: \"{old}\" does not stand there any more")
                failed = 1
                continue
            (copy / file).write_text(text.replace(old, new))
            findings = list(check(copy, tools))
            (copy / file).write_text(text)
            if not any(wanted in finding for finding in findings):
                print(f"{file}: {old!r} -> {new!r} was not noticed: {findings}")
                failed = 1
    return failed


if __name__ == "__main__":
    sys.exit(main())
