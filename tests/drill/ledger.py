# SPDX-License-Identifier: AGPL-3.0-or-later
"""What owners were told: for each name what it may show now.

A command that ended with 0 settles it: that, and nothing else.  One that failed, or was killed, may have done what it
was asked, or not: from then on both count, until a later one settles it.  What was acknowledged is also in a file, a line
of JSON each, that is on the disk before the owner does anything else.
"""

import json
import os
import threading
import time

ABSENT = None


class Name:
    def __init__(self, path, layout):
        self.path, self.layout = path, layout
        self.tries = [ABSENT]  # what it was to show, in the order in which it was asked for; None: nothing
        self.settled = 0       # the last that was acknowledged
        self.is_thin = False   # stored below what was asked for, which nobody promised to survive anything

    def possible(self, since=None):
        """What it may show, or may have shown since `since`, a number that `settled` had."""
        return set(self.tries[self.settled if since is None else since:])

    def is_certain(self):
        return len(self.possible()) == 1 and not self.is_thin

    def shows(self):
        """The digest that it shows for certain, or ABSENT."""
        return self.tries[self.settled]


class Ledger:
    def __init__(self, path):
        self.lock = threading.Lock()
        self.names = {}
        self.file = open(path, "a", encoding="ascii")
        self.acknowledged = 0

    def name(self, path, layout=None):
        with self.lock:
            if path not in self.names:
                self.names[path] = Name(path, layout)
            return self.names[path]

    def begin(self, name, shows):
        """Somebody asks for it; the number is for `settle`."""
        with self.lock:
            name.tries.append(shows)
            return len(name.tries) - 1

    def settle(self, changes, machine):
        """`changes`: (name, number of the try, whether it is below what was asked for)."""
        with self.lock:
            for name, number, is_thin in changes:
                name.settled, name.is_thin = number, is_thin
                if is_thin:
                    continue
                self.acknowledged += 1
                json.dump({"time": round(time.time(), 3), "machine": machine, "path": name.path, "layout": name.layout,
                           "sha256": name.tries[number]}, self.file)
                self.file.write("\n")
            self.file.flush()
            os.fdatasync(self.file.fileno())

    def all(self):
        with self.lock:
            return sorted(self.names.values(), key=lambda name: name.path)

    def since(self, name):
        with self.lock:
            return name.settled

    def possible(self, name, since=None):
        with self.lock:
            return name.possible(since)
