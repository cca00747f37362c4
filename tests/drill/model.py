# SPDX-License-Identifier: AGPL-3.0-or-later
"""How much may be gone at once, so that what the layouts promise together with healing is asked for, and no more.

Away: a Host that will be back with all that it had.  Lost: pieces that will not come back by themselves.  The weakest
layout survives one lost Host, so no second is lost before the pieces of the first are made anew; Hosts may be away
meanwhile, and what cannot be read then can be read when they are back.  Leaving: it gives up what it has, and has it until
others do.
"""

import threading

HOSTS = ("away", "full", "lost", "leaving")  # kinds that happen to Hosts


class Model:
    def __init__(self, hosts, can_heal):
        self.lock = threading.RLock()
        self.away_max = max(1, hosts // 8)
        self.full_max = max(1, hosts // 8)
        self.can_heal = can_heal
        self.away, self.full, self.lost, self.leaving, self.busy = set(), set(), set(), set(), set()
        self.losses = 0
        self.is_quiet = False  # the healer wants to see all Hosts

    def admits(self, kind, hosts):
        """With the lock.  `kind`: away, full, lost, leaving, one of a service that there is once, or None."""
        taken = self.away | self.full | self.lost | self.leaving
        if any(host in taken for host in hosts):
            return False
        if kind in ("away", "full") and self.is_quiet:
            return False
        if kind == "away":
            return len(self.away) + len(hosts) <= self.away_max
        if kind == "full":
            return len(self.full) + len(hosts) <= self.full_max
        if kind == "lost":
            # Without a healer, the layouts' promise is used up by one.
            return not self.lost and (self.can_heal or self.losses == 0)
        if kind == "leaving":
            return not self.leaving
        return kind is None or not self.busy

    def begin(self, kind, hosts):
        with self.lock:
            if kind in HOSTS:
                getattr(self, kind).update(hosts)
                self.losses += kind == "lost"
            elif kind:
                self.busy.add(kind)

    def end(self, kind, hosts):
        with self.lock:
            if kind in HOSTS:
                getattr(self, kind).difference_update(hosts)
            elif kind:
                self.busy.discard(kind)
