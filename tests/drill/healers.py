# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who makes lost pieces anew.

`begin` is told of a loss, `end` ends it when the drill does; in between the healer tells the model when a loss is healed, so
that the next may come.
"""

import json
import threading
import time

from care import Care
from ledger import ABSENT

PAUSE_S = 1
NOT_FOUND = 4
PARTLY = 3
AUDIT_S = 5    # how often the Bridge audits each Host
HASTE = 3600   # what takes a Bridge an hour takes a second
ROUND_S = 30   # of waiting until all is whole; then what is new is entrusted first
REST_S = 5     # between rounds
HEALED_S = 300
TAKEN_OVER_S = 300
LAST_PASSES_MAX = 12  # at the end, when nothing happens any more


class NoHealer:
    """What is lost stays lost."""
    can_heal, can_take_over = False, False
    bridge_options = staticmethod(lambda grace_s: [])

    def __init__(self, drill):
        self.drill = drill

    def start(self):
        pass

    def begin(self, row, event):
        pass

    def end(self):
        pass

    def tables(self):
        return []


class ByHand(threading.Thread):
    """An owner runs inxt-repair over the whole tree and all manifests, again and again.

    A loss is healed by a pass that found every piece held and was begun after one that had made lost ones anew.  Hosts come
    and go during the first passes; then the model keeps them at home until a pass has seen all of them.
    """
    can_heal, can_take_over = True, False
    bridge_options = staticmethod(lambda grace_s: [])

    def __init__(self, drill):
        super().__init__(name="healer", daemon=True)
        self.drill, self.machine = drill, drill.new_machine("the healer", "healer")
        self.lock = threading.Lock()
        self.losses = []  # (row of the table, Hosts, when)
        self.ending = threading.Event()
        self.summary = self.machine.folder / "summary"

    def begin(self, row, event):
        with self.lock:
            self.losses.append((row, event.targets, self.drill.at()))

    def tables(self):
        return []

    def repair(self, *words):
        """Whether every piece is where it should be, and how many were stored."""
        status = self.machine.run("repair", "inxt-repair", "--all", "--json", *words, output=self.summary)
        lines = [line for line in self.summary.read_text().splitlines() if line.startswith("{")]
        said = json.loads(lines[-1]) if lines else {}
        # A name that was removed meanwhile is not there.
        is_whole = status in (0, NOT_FOUND) and said.get("lacking") == 0 and said.get("busy", 0) == 0
        return is_whole, said.get("stored", 0)

    def run_pass(self):
        is_whole, stored = self.repair("-R", "inxt:/")
        for name in self.drill.ledger.all():
            if self.ending.is_set() and not self.is_last:
                return False, stored
            if name.path.startswith("inxt:") or ABSENT in name.possible():
                continue
            manifest = name.path
            was_whole, more = self.repair("-o", manifest, manifest)
            is_whole, stored = is_whole and (was_whole or ABSENT in name.possible()), stored + more
        return is_whole, stored

    is_last = False

    def run(self):
        try:
            while not self.ending.wait(PAUSE_S):
                self.heal()
        except Exception as error:  # pylint: disable=broad-except
            self.drill.findings.add(f"the drill's healer: {error!r}")

    def heal(self):
        """One loss or more, as far as there are any."""
        with self.lock:
            losses = list(self.losses)
        stored, passes = 0, 0
        while losses and not self.ending.is_set():
            self.drill.model.is_quiet = passes > 0
            is_whole, more = self.run_pass()
            stored, passes = stored + more, passes + 1
            if not is_whole:
                self.ending.wait(PAUSE_S)
                continue
            for row, hosts, at in losses:
                row["after"] = f"{stored} pieces made anew, whole after {self.drill.at() - at:.0f} s"
                self.drill.model.end("lost", hosts)
            with self.lock:
                self.losses = [loss for loss in self.losses if loss not in losses]
            self.drill.log(f"healed by {passes} passes, {stored} pieces")
            break
        self.drill.model.is_quiet = False

    def end(self):
        """Nothing happens any more: what is lacking still is made anew."""
        self.ending.set()
        self.join()
        self.is_last = True
        stored = 0
        for _ in range(LAST_PASSES_MAX):
            is_whole, more = self.run_pass()
            stored += more
            if is_whole:
                for row, _, at in self.losses:
                    row["after"] = f"{stored} pieces made anew at the end, whole after {self.drill.at() - at:.0f} s"
                return
            time.sleep(PAUSE_S)
        self.drill.findings.add(f"not all pieces are made anew after {LAST_PASSES_MAX} passes: {self.machine.said}")


class ByBridge(threading.Thread):
    """Everything is in the care of the Bridge: an owner entrusts what is new, again and again, and the Bridge repairs.

    A loss is healed when all that owners were at when it happened has been entrusted, no piece of it is counted at a Host
    that is gone or lies, and none lies nowhere; where pieces were corrupted, that Host has been audited since.
    """
    can_heal, can_take_over = True, True

    @staticmethod
    def bridge_options(grace_s):
        return ["--repair-grace", f"{grace_s * HASTE}s", "--care-audit-interval", f"{AUDIT_S * HASTE}s", "--test-haste",
                str(HASTE)]

    def __init__(self, drill):
        super().__init__(name="healer", daemon=True)
        self.drill, self.machine = drill, drill.new_machine("the healer", "healer")
        self.care = Care(drill.postgresql)
        self.lock = threading.Lock()
        self.losses = []  # (row of the table, event, when)
        self.ending = threading.Event()
        self.listing = self.machine.folder / "listing"
        self.entrusted_s = 0  # when the last round began that entrusted all
        self.said = "nothing was entrusted"

    def begin(self, row, event):
        with self.lock:
            self.losses.append((row, event, self.drill.at()))

    def manifests(self):
        return [name.path for name in self.drill.ledger.all()
                if not name.path.startswith("inxt:") and ABSENT not in name.possible()]

    def add(self, *words):
        """Whether all of them are in care now that are there."""
        status = self.machine.run("care add", "inxt-care", "add", *words)
        if status != PARTLY:
            return status in (0, NOT_FOUND)
        warnings = [line for line in self.machine.errors() if "warning: inxt:" in line]
        return all("there is no such record" in line for line in warnings)  # it was removed meanwhile

    def entrust(self):
        """Whether all that was there when it began is in care."""
        begin = self.drill.at()
        manifests = self.manifests()
        is_done = self.add("-R", "inxt:/") and (not manifests or self.add(*manifests))
        if is_done:
            self.entrusted_s = begin
        else:
            self.said = f"not all could be entrusted: {self.machine.said}"
        return is_done

    def files(self):
        """The ids of all that is there; None where that cannot be had now.  One that was entrusted while its owner removed
        it stays in care without its pieces: it is no file."""
        ids = []
        for words in (["-R", "inxt:/"], self.manifests()):
            if not words:
                continue
            status = self.machine.run("care list", "inxt-care", "list", "--json", *words, output=self.listing)
            if status not in (0, PARTLY):
                return None
            ids += [file["file"] for line in self.listing.read_text().splitlines()
                    if (file := json.loads(line)).get("name")]
        return set(ids)

    def is_whole(self, events, since):
        """`since`: a time of day; pieces that were corrupted are missed by an audit after it."""
        files = self.files()
        if files is None:
            self.said = "the Bridge cannot be asked"
            return False
        gone = {host.id for host in self.drill.buried}
        short = self.care.short(files, gone)
        unaudited = [host for event in events if event.is_found_by_audit for host in event.targets
                     if host.id not in gone and self.care.audited_unix_s(host.id) <= since]
        names = {host.id: host.name for host in self.drill.hosts + self.drill.buried}
        self.said = f"{len(short)} of the segments of {len(files)} files are short: " + \
            ", ".join(segment.describe(names) for segment in short[:3])
        if unaudited:
            self.said += f"; {', '.join(host.name for host in unaudited)} was not audited"
        return not short and not unaudited

    is_last = False

    def pause(self, seconds):
        """False when the drill ends meanwhile, which looks at everything then."""
        if self.is_last:
            time.sleep(seconds)
            return True
        return not self.ending.wait(seconds)

    def heal(self):
        """Whether all is whole."""
        with self.lock:
            losses = list(self.losses)
        if losses:
            self.drill.wait_for_owners(self.ending)
        since = time.time() + 1
        if not self.entrust():
            return False
        if not losses and not self.is_last:
            return True
        end = time.monotonic() + ROUND_S
        while not self.is_whole([event for _, event, _ in losses], since):
            if not self.pause(PAUSE_S) or time.monotonic() > end:
                return False
        for row, event, at in losses:
            row["after"] = f"whole after {self.drill.at() - at:.0f} s"
            self.drill.log(f"{row['whom']}: {event.name}: {row['after']}")
            event.healed()
            self.drill.model.end("lost", event.targets)
        with self.lock:
            self.losses = [loss for loss in self.losses if loss not in losses]
        return True

    def run(self):
        try:
            while not self.ending.wait(REST_S if self.heal() else PAUSE_S):
                pass
        except Exception as error:  # pylint: disable=broad-except
            self.drill.findings.add(f"the drill's healer: {error!r}")

    def take_over(self, host):
        """Waits until nothing at all lies at the Host any more, or nothing that is in care; what owners were storing when it
        announced that it goes is in care, too, by then.  False when that does not end."""
        self.drill.wait_for_owners(self.ending)
        begin, end = self.drill.at(), time.monotonic() + TAKEN_OVER_S
        while time.monotonic() < end:
            if not host.pieces() or (self.entrusted_s > begin and self.care.held_by(host.id) == 0):
                return True
            time.sleep(PAUSE_S)
        return False

    def end(self):
        self.ending.set()
        self.join()
        self.is_last = True
        end = time.monotonic() + HEALED_S
        while not self.heal():
            if time.monotonic() > end:
                self.drill.findings.add(f"not all pieces are made anew after {HEALED_S} s: {self.said}")
                return

    def tables(self):
        return [("What the Bridge repaired", *self.care.repairs())]


HEALERS = {"none": NoHealer, "by-hand": ByHand, "bridge": ByBridge}
