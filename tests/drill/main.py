#!/usr/bin/python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""A drill: Hosts, a Bridge on PostgreSQL and owners, each in a network of its own, while machines die, lie, leave and come
back.  Run by `scripts/drill`, which makes the namespaces and says what the options are.

Exit status: 0 when everything that was acknowledged came back, byte for byte, and nothing else was wrong; 1 when not; 77
where it cannot run.
"""

import argparse
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

import events
import healers
import network
import report
from comparison import Comparison
from contents import MIB
from daemons import PROBES_OF_A_MONTH, Bridge, DaemonError, Host, PostgreSQL, environment
from ledger import Ledger
from model import Model
from owners import Owner
from tools import Findings, Machine, Tally

HERE = pathlib.Path(__file__).resolve().parent
HOSTS_MAX = 240
SMALL_DISK_BYTES = 1 << 30
ALL_LISTED_S = 120


class Drill:
    """What all parts of it share."""

    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.tools, self.programs = options.tools, options.programs
        self.begin = time.monotonic()
        self.log_file = open(folder / "drill.log", "a", encoding="utf-8")
        self.log_lock = threading.Lock()
        self.tally, self.findings = Tally(), Findings(self.say)
        self.healing = healers.HEALERS[options.healer]
        self.model = Model(options.hosts, can_heal=self.healing.can_heal)
        self.hosts, self.buried, self.rows, self.owners = [], [], [], []
        self.changed_hosts = threading.Lock()
        self.ending = threading.Event()
        self.numbers = iter(range(1, HOSTS_MAX))

    # ---- what it says

    def at(self):
        return time.monotonic() - self.begin

    def log(self, text):
        with self.log_lock:
            self.log_file.write(f"{report.clock(self.at())} {text}\n")
            self.log_file.flush()

    def say(self, text):
        print(f"[{report.clock(self.at())}] {text}", flush=True)
        self.log(text)

    def pause(self, seconds):
        time.sleep(seconds)

    # ---- machines

    def new_host(self):
        """Each third has a small disk of its own; each second of those may use all of it."""
        number = next(self.numbers)
        disk = {} if number % 3 else {"disk_bytes": SMALL_DISK_BYTES, "reserve_bytes": 0 if number % 2 else 16 * MIB}
        return Host(number, self.folder / f"host{number}", self.tools, self.bridge, **disk)

    def joined(self, host):
        """It counts for placements from now on, as one that always answered."""
        with self.changed_hosts:
            self.hosts.append(host)
        self.wait_until_listed(lambda listed: host.id in listed)
        self.remember_good_times()

    def replace(self):
        host = self.new_host()
        host.start()
        self.joined(host)

    def bury(self, host):
        with host.lock:
            host.end(signal.SIGKILL)
            shutil.rmtree(host.store)
        with self.changed_hosts:
            self.hosts.remove(host)
            self.buried.append(host)

    def turn(self, host, mode):
        """It lies from now on."""
        self.start_lying(host, mode)
        with self.changed_hosts:
            self.hosts.remove(host)
            self.buried.append(host)

    def start_lying(self, host, mode):
        with host.lock:
            host.end(signal.SIGKILL)
            host.start_lying(self.programs / "cheating-host", mode)

    def forget_claims(self):
        """A Bridge that dies while it looks at a Host leaves it claimed for five minutes: an hour's part, here too long."""
        self.postgresql.sql("UPDATE host_measures SET claimed_until = 0")

    def remember_good_times(self):
        hour = int(time.time()) // 3600 - 1
        self.postgresql.sql("INSERT INTO host_probes (host, hour, answered, failed) "
                            f"SELECT host, {hour}, {PROBES_OF_A_MONTH}, 0 FROM hosts ON CONFLICT (host, hour) DO NOTHING")

    def wait_until_listed(self, is_enough):
        listed = ""
        for _ in range(ALL_LISTED_S * 2):
            done = subprocess.run([self.tools / "inxt-hosts", "--no-input"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.DEVNULL, text=True, env=self.watcher)
            listed = done.stdout
            if is_enough(listed):
                return
            time.sleep(0.5)
        missing = [host.name for host in self.hosts if host.id not in listed]
        raise DaemonError(f"the Bridge does not list {', '.join(missing)} after {ALL_LISTED_S} s")

    def wait_until_all_listed(self):
        self.wait_until_listed(lambda listed: all(host.id in listed for host in self.hosts))

    def key(self, name):
        """A key file and the bridge file for it."""
        key, bridge_file = self.folder / f"{name}.key", self.folder / f"{name}.bridge"
        env = environment(HOME=str(self.folder), XDG_CONFIG_HOME=str(self.folder / "config"))
        words = self.folder / f"{name}.words"
        subprocess.run([self.tools / "inxt-key", "new", "--no-passphrase", "--words-out", words, "-o", key], check=True,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env)
        account = subprocess.run([self.tools / "inxt-key", "show", "--key-file", key, "--for-host", self.bridge.id], check=True,
                                 stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, env=env).stdout.strip()
        bridge_file.write_text(self.bridge.tell("grant", "--quota", "1TB", "--term", "30d", account))
        return key, bridge_file

    def new_machine(self, name, folder):
        """One more of the owner's."""
        return Machine(name, self.folder / folder, *self.owner_key, self)

    def killable(self):
        """Machines whose commands may be killed."""
        return [owner.machine for owner in self.owners] + ([self.healer.machine] if self.model.can_heal else [])

    # ---- the parts of a drill

    def set_up(self):
        network.begin()
        self.postgresql = PostgreSQL(self.folder / "postgresql", self.options.postgresql)
        self.postgresql.start()
        self.bridge = Bridge(self.folder / "bridge", self.tools, self.postgresql,
                             self.healing.bridge_options(self.options.grace))
        self.bridge.start()
        self.bridge.write_descriptor()
        self.owner_key = self.key("owner")
        self.ledger = Ledger(self.folder / "acknowledged.jsonl")
        seed = self.options.seed
        for number in range(1, self.options.owners + 1):
            machine = self.new_machine(f"owner {number}", f"owner{number}")
            self.owners.append(Owner(number, machine, self.ledger, seed, self.options.large_mib * MIB, self.ending))
        self.checker = self.new_machine("the checker", "checker")
        self.healer = self.healing(self)
        self.watcher = dict(self.checker.env, XDG_STATE_HOME=str(self.folder / "watcher"))
        for _ in range(self.options.hosts):
            self.hosts.append(self.new_host())
        for host in self.hosts:
            host.begin_start()
        for host in self.hosts:
            host.end_start()
        self.wait_until_all_listed()
        self.remember_good_times()
        self.say(f"{len(self.hosts)} Hosts, a Bridge on PostgreSQL")

    def wait_for_owners(self, ending):
        """Until each has done what it is at now."""
        at = [(owner, owner.done) for owner in self.owners]
        while any(owner.is_alive() and owner.done == done for owner, done in at) and not ending.wait(0.1):
            pass

    def with_owners(self, work):
        threads = [threading.Thread(target=work, args=(owner,)) for owner in self.owners]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def make_tree(self):
        def make(owner):
            try:
                owner.begin_tree(self.options.folders, self.options.large)
            except Exception as error:  # pylint: disable=broad-except
                self.findings.add(f"the drill's {owner.name}: {error!r}")

        self.with_owners(make)
        if any(not name.is_certain() for name in self.ledger.all()):
            self.findings.add("not all of the tree was stored, with nothing in the way")
        self.say(f"{self.ledger.acknowledged} files are stored")

    def guard(self):
        """Nobody ends by itself."""
        while not self.ending.wait(1):
            for daemon in [self.bridge, self.postgresql, *self.hosts]:
                if daemon.lock.acquire(blocking=False):
                    try:
                        how = daemon.died()
                    finally:
                        daemon.lock.release()
                    if how:
                        self.findings.add(how)

    def happen(self, event):
        row = {"at": self.at(), "whom": event.whom(), "event": event.name, "for": event.seconds, "what": "", "after": ""}
        self.rows.append(row)
        try:
            row["what"] = event.begin() or ""
            row["whom"] = event.whom()
            if event.kind == "lost":
                self.healer.begin(row, event)
            self.log(f"{row['whom']}: {event.name} {row['what']}")
            time.sleep(event.seconds)
            row["after"] = event.end() or row["after"]
            row["for"] = self.at() - row["at"]
            self.log(f"{row['whom']}: {event.name}: {row['after']}")
        except Exception as error:  # pylint: disable=broad-except
            self.findings.add(f"{event.whom()}, {event.name}: {error!r}")
        finally:
            if event.kind != "lost":
                self.model.end(event.kind, event.targets)

    def let_happen(self):
        """Each event when its time has come; one that the model does not admit yet lets others pass."""
        seconds = self.options.minutes * 60
        chance = random.Random(f"{self.options.seed}/events")
        waiting = events.plan(self, chance, seconds, self.options.gap)
        begin, running = self.at(), []
        while self.at() < begin + seconds:
            for entry in [entry for entry in waiting if begin + entry[0] <= self.at()]:
                if self.admit(entry[1]):
                    waiting.remove(entry)
                    thread = threading.Thread(target=self.happen, args=(entry[1],))
                    thread.start()
                    running.append(thread)
            time.sleep(0.1)
        for thread in running:
            thread.join()
        for _, event in waiting:
            self.log(f"{event.name}: not in the time that was left")
        self.left_out = len(waiting)

    def admit(self, event):
        """Whether it may happen now, and to whom."""
        with self.changed_hosts:
            hosts = list(self.hosts)
        with self.model.lock:
            if not event.choose([host for host in hosts if self.model.admits(event.kind, [host])]) or \
                    not self.model.admits(event.kind, event.targets):
                return False
            self.model.begin(event.kind, event.targets)
            return True

    def run(self):
        self.set_up()
        guard = threading.Thread(target=self.guard)
        guard.start()
        try:
            self.make_tree()
            for owner in self.owners:
                owner.start()
            self.healer.start()
            try:
                self.let_happen()
            finally:
                self.ending.set()
            for owner in self.owners:
                owner.join()
            self.wait_until_all_listed()
            self.healer.end()
            self.lose_another()
        finally:
            self.ending.set()
            guard.join()
        self.say(f"{self.ledger.acknowledged} operations were acknowledged; everything is compared")
        comparison = Comparison(self.checker, self.ledger, self.findings)
        comparison.compare()
        self.show(comparison)

    def lose_another(self):
        """What is said to be whole survives one more, which nobody heals."""
        if not self.model.can_heal or self.findings.all:
            return
        row = {"at": self.at(), "whom": "", "event": "dies at the end", "for": 0, "what": "", "after": "nothing is healed"}
        host = max(self.hosts, key=lambda one: len(one.pieces()))
        row["whom"], row["what"] = host.name, f"{len(host.pieces())} pieces"
        self.bury(host)
        self.rows.append(row)

    def show(self, comparison):
        options = self.options
        print(f"\n## What happened (seed {options.seed}, {options.hosts} Hosts at first, {options.minutes:g} min)\n")
        print(report.events_table(self.rows))
        if self.left_out:
            print(f"\n{self.left_out} more would have been too much at once, or had no time left.")
        for head, columns, rows in self.healer.tables():
            print(f"\n## {head}\n")
            print(report.table(columns, rows))
        print("\n## What owners did, and how it ended (exit statuses of inxt(7))\n")
        print(report.operations_table(self.tally))
        print("\n## What a machine that knew nothing got in the end\n")
        print(report.comparison_table(comparison.outcome))
        print()

    def stop(self):
        for daemon in [*self.hosts, *self.buried, getattr(self, "bridge", None), getattr(self, "postgresql", None)]:
            if daemon and daemon.process:
                daemon.process.kill() if daemon.name != "PostgreSQL" else daemon.process.send_signal(signal.SIGQUIT)
                daemon.process.wait()


def options_of(arguments):
    parser = argparse.ArgumentParser(prog="drill", description="Runs a drill; see scripts/drill.", allow_abbrev=False)
    parser.add_argument("--minutes", type=float, default=60, help="how long things happen, 0.2 to 1440")
    parser.add_argument("--hosts", type=int, default=20, help="at first, 7 to 100")
    parser.add_argument("--owners", type=int, default=4, help="machines of owners, 1 to 16")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--gap", type=float, default=10, help="seconds between events, on an average")
    parser.add_argument("--folders", type=int, default=8, help="folders of 40 small files that each owner begins with")
    parser.add_argument("--large", type=int, default=3, help="large files that each owner begins with")
    parser.add_argument("--large-mib", type=int, default=40, help="how large they may be")
    parser.add_argument("--healer", choices=list(healers.HEALERS), default="bridge", help="who makes lost pieces anew")
    parser.add_argument("--grace", type=int, default=20, help="seconds that a Host is silent before the Bridge repairs")
    parser.add_argument("--keep", type=pathlib.Path, help="a new folder that everything is left in")
    parser.add_argument("--tools", type=pathlib.Path, required=True)
    parser.add_argument("--programs", type=pathlib.Path, required=True, help="of the tests")
    options = parser.parse_args(arguments)
    for name, least, most in (("minutes", 0.2, 1440), ("hosts", 7, 100), ("owners", 1, 16), ("gap", 1, 3600),
                              ("folders", 1, 100), ("large", 0, 100), ("large_mib", 2, 1024), ("grace", 2, 600)):
        if not least <= getattr(options, name) <= most:
            parser.error(f"--{name.replace('_', '-')}: {least} to {most}")
    options.tools, options.programs = options.tools.resolve(), options.programs.resolve()
    options.postgresql = HERE.parent / "support/postgresql"
    return options


def main():
    options = options_of(sys.argv[1:])
    if subprocess.run([options.postgresql, "available"], stdin=subprocess.DEVNULL).returncode != 0:
        return 77
    if options.keep:
        options.keep.mkdir(parents=True)
        folder = options.keep.resolve()
    else:
        folder = pathlib.Path(tempfile.mkdtemp(prefix="inxt-drill."))
    print(f"seed {options.seed}", flush=True)
    folder.chmod(0o755)  # the database's server may be another user
    drill = Drill(options, folder)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        drill.run()
    except DaemonError as error:
        drill.findings.add(str(error))
    finally:
        drill.stop()
        if not options.keep:
            for host in drill.hosts + drill.buried:
                if host.disk_bytes:
                    network.run("umount", "--lazy", str(host.store.parent))
            shutil.rmtree(folder, ignore_errors=True)
    if drill.findings.all:
        print(f"drill: FAILED, {len(drill.findings.all)} findings:")
        for finding in drill.findings.all:
            print(f"  {finding}")
        return 1
    print("drill: everything that was acknowledged is there")
    return 0


if __name__ == "__main__":
    sys.exit(main())
