# SPDX-License-Identifier: AGPL-3.0-or-later
"""What happens to Hosts, network, Bridge and database.

Which events, in which order, when, to whom and for how long follows from the seed.  One whose time has come waits until
the model admits it.  Each is a class: `begin` does it and says what happened, `end` takes it back after `lasts` seconds.
"""

import os
import signal


class Event:
    kind = None    # the model's: away, full, lost, or the name of what there is only one of
    hosts = 1      # how many it happens to
    weight = 1     # how often, among 60
    lasts = (2, 12)
    is_found_by_audit = False  # the Host is there, and has other pieces than it should

    @staticmethod
    def is_for(healing):
        """Whether it can happen with that healer."""
        return True

    def __init__(self, drill, chance, longest):
        self.drill, self.chance = drill, chance
        self.targets = []
        self.seconds = chance.uniform(self.lasts[0], min(self.lasts[1], max(longest, self.lasts[0])))

    def choose(self, hosts):
        """Of those that can be chosen; False when there are too few."""
        fitting = [host for host in hosts if self.fits(host)]
        if len(fitting) < self.hosts:
            return False
        self.targets = self.chance.sample(fitting, self.hosts)
        return True

    def fits(self, host):
        return True

    def whom(self):
        return ", ".join(host.name for host in self.targets) or self.subject

    subject = ""

    def begin(self):
        raise NotImplementedError

    def end(self):
        return ""


class HostKilled(Event):
    """kill -9, and it is started again with the same store."""
    kind, weight, name = "away", 14, "kill -9"

    def begin(self):
        for host in self.targets:
            with host.lock:
                host.end(signal.SIGKILL)

    def end(self):
        for host in self.targets:
            with host.lock:
                host.start()
        return "back"


class HostStopped(HostKilled):
    """SIGTERM."""
    weight, name = 4, "stop"

    def begin(self):
        for host in self.targets:
            with host.lock:
                host.end(signal.SIGTERM)


class HostFlaps(HostKilled):
    """kill -9 in each of its first seconds."""
    weight, name, lasts = 3, "kill -9, five times", (1, 3)

    def begin(self):
        for host in self.targets:
            with host.lock:
                for _ in range(5):
                    host.end(signal.SIGKILL)
                    host.begin_start()
                    self.drill.pause(self.chance.uniform(0, 1.5))
                host.end(signal.SIGKILL)


class Frozen(Event):
    """SIGSTOP: its connections stay open, and nothing comes."""
    kind, weight, name = "away", 5, "freeze"

    def begin(self):
        for host in self.targets:
            with host.lock:
                host.process.send_signal(signal.SIGSTOP)

    def end(self):
        for host in self.targets:
            with host.lock:
                host.process.send_signal(signal.SIGCONT)
        return "back"


class Partition(Event):
    """Links are down, and what is sent vanishes."""
    kind, weight, name = "away", 7, "partition"
    is_silent = True

    def __init__(self, drill, chance, longest):
        super().__init__(drill, chance, longest)
        self.hosts = chance.randint(1, drill.model.away_max)

    def begin(self):
        for host in self.targets:
            host.link.cut(self.is_silent)

    def end(self):
        for host in self.targets:
            host.link.mend()
        return "back"


class PartitionSaid(Partition):
    """The same, and the router says so."""
    weight, name, is_silent = 4, "partition, unreachable", False


class DiskFull(Event):
    """Something else takes all of its disk."""
    kind, weight, name = "full", 5, "disk full"
    lasts = (4, 20)

    def fits(self, host):
        return host.disk_bytes > 0

    def begin(self):
        for host in self.targets:
            free = host.free_bytes()
            host.fill_disk()
            return f"{free >> 20} MiB were free"

    def end(self):
        for host in self.targets:
            host.empty_disk()
        return "room again"


class DiskFullKilled(DiskFull):
    """And it is killed, and serves what it has when it is started while there is no room."""
    weight, name = 2, "disk full, kill -9"

    def begin(self):
        said = super().begin()
        for host in self.targets:
            with host.lock:
                host.end(signal.SIGKILL)
                host.start()
        return f"{said}; started without"


class LongAway(HostKilled):
    """For longer than the grace: its pieces are made anew, and when it is back one of two is let go."""
    weight, name = 2, "kill -9, long away"

    @staticmethod
    def is_for(healing):
        return healing.can_take_over

    def __init__(self, drill, chance, longest):
        super().__init__(drill, chance, longest)
        self.seconds = drill.options.grace * chance.uniform(1.3, 2)


class Withholds(Event):
    """It shows in audits what it has, and gives and takes no piece: whoever wants one waits for it."""
    kind, weight, name = "away", 2, "withholds its pieces"
    lasts = (5, 25)

    def begin(self):
        for host in self.targets:
            self.drill.start_lying(host, "withhold")

    def end(self):
        for host in self.targets:
            with host.lock:
                host.end(signal.SIGKILL)
                host.start()
        return "gives them again"


class Paused(Event):
    """Its operator announces that it will be away, and stops it for a while."""
    kind, weight, name = "away", 3, "pause, stop"

    def begin(self):
        for host in self.targets:
            with host.lock:
                host.command("pause", "--until", "1h")
                host.end(signal.SIGTERM)

    def end(self):
        for host in self.targets:
            with host.lock:
                host.start()
                host.command("pause", "--off")
        return "back"


class Retiring(Event):
    """Its operator announces that it gives up, and changes his mind; the Host is killed meanwhile."""
    kind, weight, name = "full", 3, "retire, kill -9"

    def begin(self):
        for host in self.targets:
            with host.lock:
                host.command("retire", "--by", "30d")
                host.end(signal.SIGKILL)
                host.start()

    def end(self):
        for host in self.targets:
            with host.lock:
                host.command("retire", "--off")
        return "stays"


class Leaves(Event):
    """It retires; when others have proved all its pieces, and it was released from them, it goes.  Killed meanwhile."""
    kind, weight, name, lasts = "leaving", 2, "retires and goes", (0, 0.1)

    @staticmethod
    def is_for(healing):
        return healing.can_take_over

    def fits(self, host):
        return len(host.pieces()) > 0

    def begin(self):
        for host in self.targets:
            with host.lock:
                host.command("retire", "--by", "7d")
            return f"{len(host.pieces())} pieces"

    def end(self):
        begin = self.drill.at()
        for host in self.targets:
            self.drill.pause(self.chance.uniform(0, 5))
            with host.lock:
                host.end(signal.SIGKILL)
                host.start()
            is_free = self.drill.healer.take_over(host)
            left = len(host.pieces())
            if not is_free:
                self.drill.findings.add(f"{host.name} may not go: {self.drill.healer.care.held_by(host.id)} of its {left} "
                                        f"pieces are not released after {self.drill.at() - begin:.0f} s")
                with host.lock:
                    host.command("retire", "--off")
                return "stays, against its will"
            with host.lock:
                host.end(signal.SIGTERM)
            self.drill.bury(host)
            self.drill.replace()
            return f"free to go after {self.drill.at() - begin:.0f} s, {left} pieces left that nobody needs"


class BridgeKilled(Event):
    """kill -9 of the Bridge."""
    kind, hosts, weight, name, subject = "bridge", 0, 5, "kill -9", "Bridge"

    def begin(self):
        with self.drill.bridge.lock:
            self.drill.bridge.end(signal.SIGKILL)

    def end(self):
        with self.drill.bridge.lock:
            self.drill.bridge.start()
        self.drill.forget_claims()
        return "back"


class BridgeCut(Event):
    """Nobody reaches the Bridge, which reaches its database."""
    kind, hosts, weight, name, subject = "bridge", 0, 3, "partition", "Bridge"

    def begin(self):
        self.drill.bridge.link.cut(self.chance.random() < 0.5)

    def end(self):
        self.drill.bridge.link.mend()
        return "back"


class DatabaseCrashed(Event):
    """PostgreSQL ends at once and recovers from its log."""
    kind, hosts, weight, name, subject = "bridge", 0, 3, "crash", "PostgreSQL"
    lasts = (1, 8)
    signal = signal.SIGQUIT

    def begin(self):
        with self.drill.postgresql.lock:
            self.drill.postgresql.end(self.signal)

    def end(self):
        with self.drill.postgresql.lock:
            self.drill.postgresql.start()
        self.drill.forget_claims()
        return "back"


class DatabaseRestarted(DatabaseCrashed):
    """It ends its sessions and stops."""
    weight, name, signal = 2, "restart", signal.SIGINT
    lasts = (0.5, 3)


class Join(Event):
    """A new Host."""
    hosts, weight, name, subject = 0, 2, "join", "a new Host"

    def begin(self):
        host = self.drill.new_host()
        self.subject = host.name
        host.start()
        self.drill.joined(host)
        return f"{len(self.drill.hosts)} Hosts"


class OwnerKilled(Event):
    """kill -9 of whatever command an owner's machine runs."""
    hosts, weight, name, subject = 0, 8, "kill -9", "an owner"
    lasts = (0, 0.5)

    def begin(self):
        machine = self.chance.choice(self.drill.killable())
        self.subject = machine.name
        return machine.kill() or "nothing ran"


class Loss(Event):
    kind, weight = "lost", 3
    lasts = (0, 0.1)

    def fits(self, host):
        return len(host.pieces()) > 0

    def healed(self):
        pass


class Corruption(Loss):
    """Bytes of pieces on its disk change, where nobody reads that they did."""
    name, is_found_by_audit = "pieces corrupted", True

    def begin(self):
        count = 0
        for host in self.targets:
            pieces = host.pieces()
            for path in self.chance.sample(pieces, max(1, len(pieces) // 4)):
                count += flip(path)
        return f"{count} pieces"


class Gone(Loss):
    """kill -9, and its disk is empty for good."""
    name = "dies with its disk"

    def begin(self):
        count = 0
        for host in self.targets:
            count += len(host.pieces())
            self.drill.bury(host)
        return f"{count} pieces"

    def end(self):
        """With a healer another joins in its place, or there soon would be too few."""
        if self.drill.model.can_heal:
            self.drill.replace()
        return ""


class Lies(Loss):
    """Its pieces' data are zeros, and a Host with its key says that it has them, and signs whatever it is asked."""
    name = "drops its data and lies"
    modes = ("tree", "replay", "other-piece")

    def begin(self):
        mode, count = self.chance.choice(self.modes), 0
        for host in self.targets:
            pieces = host.pieces()
            self.drill.turn(host, mode)
            for path in pieces:
                count += zero(path)
        return f"{count} pieces; {mode}"

    def end(self):
        if self.drill.model.can_heal:
            self.drill.replace()
        return ""

    def healed(self):
        """Nobody asks it any more, but an auditor for whom a second is an hour."""
        for host in self.targets:
            with host.lock:
                host.end(signal.SIGKILL)


class Stalls(Lies):
    """The same, and who asks it for anything but its health waits for an answer."""
    name = "drops its data and stalls"
    modes = ("stall", "drip", "silent")

    @staticmethod
    def is_for(healing):
        """Who repairs by hand waits for such a Host for minutes, in each manifest."""
        return healing.can_take_over or not healing.can_heal


def zero(path):
    """The data of a piece, in front of its hash tree and the trailer (inxt-piece(5)), become zeros."""
    try:
        with open(path, "r+b") as file:
            file.write(bytes(data_blocks(file) * 4096))
    except FileNotFoundError:
        return 0
    return 1


def flip(path):
    """Changes a byte of each block of the piece's data; 0 when it has been deleted meanwhile."""
    try:
        with open(path, "r+b") as file:
            for block in range(data_blocks(file)):
                file.seek(block * 4096)
                byte = file.read(1)[0]
                file.seek(block * 4096)
                file.write(bytes([byte ^ 1]))
    except FileNotFoundError:
        return 0
    return 1


def data_blocks(file):
    """Of a stored piece: blocks, a page of the hash tree for each 64 of them, and a trailer of two (inxt-piece(5))."""
    blocks_and_pages = os.fstat(file.fileno()).st_size // 4096 - 2
    return blocks_and_pages - -(-blocks_and_pages // 65)


KINDS = [HostKilled, HostStopped, HostFlaps, Frozen, Partition, PartitionSaid, DiskFull, DiskFullKilled, LongAway,
         Withholds, Paused, Retiring, Leaves, BridgeKilled, BridgeCut, DatabaseCrashed, DatabaseRestarted, Join, OwnerKilled,
         Corruption, Gone, Lies, Stalls]


def plan(drill, chance, seconds, mean_gap_s):
    """(second, event) in order.  Every kind at least once, if there is time for it; without a healer one loss."""
    longest = seconds / 6
    count = max(1, int(seconds / mean_gap_s))
    can_heal = drill.healing.can_heal
    possible = [kind for kind in KINDS if kind.is_for(drill.healing)]
    losses = [kind for kind in possible if kind.kind == "lost"]
    usual = [kind for kind in possible if kind.kind != "lost" or can_heal]
    kinds = list(usual) if can_heal else usual + [chance.choice(losses)]
    chance.shuffle(kinds)
    kinds = kinds[:count]
    kinds += chance.choices(usual, [kind.weight for kind in usual], k=count - len(kinds))
    chance.shuffle(kinds)
    times = sorted(chance.uniform(0, seconds) for _ in kinds)
    return [(time, kind(drill, chance, longest)) for time, kind in zip(times, kinds)]
