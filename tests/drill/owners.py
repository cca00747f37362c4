# SPDX-License-Identifier: AGPL-3.0-or-later
"""Owners that write, overwrite, move, remove and read all the time, each machine its own names; all read those of all."""

import random
import shutil
import threading
import time

from contents import KIB, LAYOUT_NAMES, LAYOUTS, MIB, Content, digest_of, size_of
from ledger import ABSENT
from tools import KILLED, Machine

NAMES_MORE = 60  # than a machine began with; then it rather removes
TRIES_MAX = 4    # of one command that was told to try again
BUSY = 5
BELOW = 11       # stored, but below the redundancy that was asked for
NOT_FOUND = 4


class Owner(threading.Thread):
    """A machine, and somebody who uses it.  `seed` and `number` say what is done; when it ends depends on the others."""

    def __init__(self, number, machine: Machine, ledger, seed, large_max, stopping):
        super().__init__(name=machine.name, daemon=True)
        self.number, self.machine, self.ledger, self.stopping = number, machine, ledger, stopping
        self.seed, self.large_max = seed, large_max
        self.chance = random.Random(f"{seed}/owner/{number}")
        self.top = f"inxt:/m{number}"
        self.scratch = machine.folder / "scratch"
        self.manifests = machine.folder / "manifests"
        self.scratch.mkdir()
        self.manifests.mkdir()
        self.names, self.unfinished, self.made = [], [], 0
        self.done = 0  # things that it did, each of one command or more
        self.findings = machine.drill.findings

    # ---- what it uses

    def content(self, size=None):
        self.made += 1
        if size is None:
            size = size_of(self.chance, self.large_max)
        return Content(self.seed, f"{self.number}.{self.made}", size)

    def written(self, content):
        path = self.scratch / f"file{content.number}"
        content.write(path)
        return path

    def command(self, operation, tool, *words, **more):
        """Tries again when it is told to."""
        for attempt in range(TRIES_MAX):
            status = self.machine.run(operation, tool, *words, **more)
            if status != BUSY or self.stopping.wait(0.5 + attempt):
                break
        return status

    def present(self):
        return [name for name in self.names if name.shows() is not ABSENT or not name.is_certain()]

    def settle(self, status, changes):
        """`changes`: (name, number of the try)."""
        if status in (0, BELOW):
            self.ledger.settle([(name, number, status == BELOW) for name, number in changes], self.machine.name)

    # ---- what it does

    def put(self, name, content, operation):
        path = self.written(content)
        number = self.ledger.begin(name, content.sha256)
        status = self.command(operation, "inxt-put", *LAYOUTS[name.layout], path, name.path)
        if status == KILLED and not self.stopping.is_set():  # the same command goes on where it was cut off
            status = self.command(operation, "inxt-put", *LAYOUTS[name.layout], path, name.path)
        path.unlink()
        self.settle(status, [(name, number)])

    def put_new(self):
        layout = self.chance.choice(LAYOUT_NAMES)
        name = self.ledger.name(f"{self.top}/{layout}/{self.made}", layout)
        self.names.append(name)
        self.put(name, self.content(), "put")

    def overwrite(self):
        named = [name for name in self.present() if name.path.startswith("inxt:")]
        if named:
            self.put(self.chance.choice(named), self.content(), "overwrite")

    def put_folder(self, files=None):
        """Many small files at once."""
        layout = self.chance.choice(LAYOUT_NAMES)
        folder = self.scratch / f"folder{self.made}"
        below = f"{self.top}/{layout}/folder{self.made}"
        changes = []
        for number in range(files or self.chance.randrange(4, 25)):
            content = self.content(self.chance.randrange(0, 32 * KIB))
            path = folder / f"sub{number % 3}" / f"{number}"
            path.parent.mkdir(parents=True, exist_ok=True)
            content.write(path)
            name = self.ledger.name(f"{below}/sub{number % 3}/{number}", layout)
            self.names.append(name)
            changes.append((name, self.ledger.begin(name, content.sha256)))
        status = self.command("put -R", "inxt-put", "-R", *LAYOUTS[layout], folder, below)
        shutil.rmtree(folder)
        self.settle(status, changes)

    def put_manifest(self):
        """A file without a name in the tree: its manifest is kept here."""
        layout, content = self.chance.choice(LAYOUT_NAMES), self.content()
        manifest = self.manifests / f"{content.number}.inxt"
        path = self.written(content)
        status = self.command("put -o", "inxt-put", *LAYOUTS[layout], "-o", manifest, path)
        path.unlink()
        if manifest.exists():
            name = self.ledger.name(str(manifest), layout)
            self.names.append(name)
            self.settle(status, [(name, self.ledger.begin(name, content.sha256))])

    def move(self):
        name = self.chance.choice(self.present())
        model = self.machine.drill.model
        if not name.path.startswith("inxt:") or not name.is_certain() or (model.can_heal and model.lost):
            return  # a healer that goes through all names would miss one that moves
        other = self.ledger.name(f"{self.top}/{name.layout}/moved{self.made}", name.layout)
        self.made += 1
        self.names.append(other)
        other.is_thin = name.is_thin
        changes = [(name, self.ledger.begin(name, ABSENT)), (other, self.ledger.begin(other, name.shows()))]
        self.settle(self.command("mv", "inxt-mv", name.path, other.path), changes)

    def remove(self):
        name = self.chance.choice(self.present())
        how = ["--purge"] if name.path.startswith("inxt:") and self.chance.random() < 0.4 else []
        self.remove_so(name, how)

    def remove_so(self, name, how):
        """What was not done is done again later, and then left to Hosts that do not answer: a file whose pieces are deleted in
        part is no file any more."""
        number = self.ledger.begin(name, ABSENT)
        operation = " ".join(["rm", *how]) if name.path.startswith("inxt:") else " ".join(["rm MANIFEST", *how])
        status = self.command(operation, "inxt-rm", *how, name.path)
        if status == NOT_FOUND and name.path.startswith("inxt:") and ABSENT in name.possible():
            status = 0
        self.settle(status, [(name, number)])
        if status == 0:
            self.names.remove(name)
        else:
            self.unfinished.append((name, how))

    def finish(self):
        """Removals that were begun."""
        unfinished, self.unfinished = self.unfinished, []
        for name, how in unfinished:
            if name in self.names and not name.is_certain():
                self.remove_so(name, how if "--leave-silent" in how else [*how, "--leave-silent"])

    def expire(self):
        how = ["--leave-silent"] if self.chance.random() < 0.5 else []
        self.command(" ".join(["rm --expired", *how]), "inxt-rm", "--expired", *how)

    def read(self):
        names = [name for name in self.ledger.all() if name.shows() is not ABSENT]
        if not names:
            return
        name = self.chance.choice(names)
        since = self.ledger.since(name)
        out = self.scratch / "read"
        status = self.command("get", "inxt-get", "-o", out, name.path)
        self.judge(name, status, out, since)
        out.unlink(missing_ok=True)

    def judge(self, name, status, out, since):
        possible = self.ledger.possible(name, since)
        if status == 0 and (digest := digest_of(out)) not in possible:
            self.findings.add(f"{self.name} read {name.path} and got {digest}, not one of {possible}")
        if status == NOT_FOUND and ABSENT not in possible:
            self.findings.add(f"{self.name} read {name.path}, and it is not there: {self.machine.said}")

    # ---- all the time

    def begin_tree(self, folders, large):
        """What is there before anything happens: many small files, and some large ones of each layout."""
        for _ in range(folders):
            self.put_folder(40)
        for number in range(large):
            layout = LAYOUT_NAMES[(self.number + number) % len(LAYOUT_NAMES)]
            name = self.ledger.name(f"{self.top}/{layout}/large{number}", layout)
            self.names.append(name)
            self.put(name, self.content(self.chance.randrange(self.large_max // 2, self.large_max)), "put")
        self.names_max = len(self.names) + NAMES_MORE

    def run_once(self):
        if self.unfinished and self.chance.random() < 0.5:
            self.finish()
        present = self.present()
        doing = self.chance.choices(
            [self.put_new, self.put_folder, self.put_manifest, self.read, self.overwrite, self.move, self.remove, self.expire],
            [20, 6, 8, 36, 12, 6, 8, 4] if len(present) < self.names_max else [4, 1, 2, 36, 12, 6, 30, 9])[0]
        if present or doing in (self.put_new, self.put_folder):
            doing()

    def run_until(self, stopping):
        while not stopping.is_set():
            self.run_once()
            self.done += 1
            stopping.wait(self.chance.random() * 0.5)

    def run(self):
        """A mistake of the drill itself is one of its findings."""
        try:
            self.run_until(self.stopping)
            for _ in range(TRIES_MAX):
                self.finish()
        except Exception as error:  # pylint: disable=broad-except
            self.findings.add(f"the drill's {self.name}: {error!r}")
        self.done += 1
