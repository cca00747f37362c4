# SPDX-License-Identifier: AGPL-3.0-or-later
"""At the end: everything that was acknowledged is fetched by a machine that has never seen it, and compared."""

import collections
import json
import shutil
import time

from contents import digest_of
from ledger import ABSENT

TRIES = 8
PAUSE_S = 3
NOT_FOUND = 4


class Comparison:
    def __init__(self, machine, ledger, findings):
        self.machine, self.ledger, self.findings = machine, ledger, findings
        self.outcome = collections.defaultdict(collections.Counter)
        self.out = machine.folder / "out"

    def get(self, path):
        """The status of the last try, and the digest."""
        for _ in range(TRIES):
            self.out.unlink(missing_ok=True)
            status = self.machine.run("final get", "inxt-get", "-o", self.out, path)
            if status in (0, NOT_FOUND):
                break
            time.sleep(PAUSE_S)
        return status, digest_of(self.out) if status == 0 else ABSENT

    def compare(self):
        """All names that somebody ever asked for; first the tree as a whole, as somebody would who lost a machine."""
        tree = self.machine.folder / "tree"
        status = self.machine.run("final get -R", "inxt-get", "-R", "-o", tree, "inxt:/")
        self.together = status
        for name in self.ledger.all():
            self.judge(name, tree)
        shutil.rmtree(tree, ignore_errors=True)
        self.look_for_others()

    def judge(self, name, tree):
        counts = self.outcome[name.layout or "-"]
        possible = self.ledger.possible(name)
        if possible == {ABSENT} and not name.path.startswith("inxt:"):
            return  # a manifest whose pieces were deleted
        path = tree / name.path.removeprefix("inxt:/")
        if name.path.startswith("inxt:") and path.is_file():
            status, digest = 0, digest_of(path)
        else:
            status, digest = self.get(name.path)
        if status == 0 and digest not in possible:
            counts["WRONG"] += 1
            what = "came back after it was removed" if possible == {ABSENT} else "is not what was acknowledged"
            self.findings.add(f"{name.path} {what}: {digest}, not {possible}")
        elif status == 0:
            counts["as acknowledged" if name.is_certain() else "as asked for"] += 1
        elif ABSENT in possible and (status == NOT_FOUND or len(possible) > 1):
            counts["removed" if possible == {ABSENT} else "as asked for"] += 1
        elif not name.is_thin:
            counts["LOST"] += 1
            self.findings.add(f"{name.path} is lost: status {status}: {self.machine.said}")
        else:
            counts["lost, stored below redundancy"] += 1

    def look_for_others(self):
        """Names that nobody asked for."""
        listing = self.machine.folder / "listing"
        status = self.machine.run("final ls -R", "inxt-ls", "-R", "--json", "inxt:/", output=listing)
        if status != 0:
            self.findings.add(f"the tree cannot be listed: {self.machine.said}")
            return
        known = {name.path for name in self.ledger.all()}
        for line in listing.read_text().splitlines():
            entry = json.loads(line)
            if entry["type"] == "file" and "inxt:" + entry["path"] not in known:
                conflict = " (conflict " in entry["path"]
                self.outcome["-"]["conflicts" if conflict else "UNKNOWN"] += 1
                self.findings.add(f"nobody asked for {entry['path']}")
