# SPDX-License-Identifier: AGPL-3.0-or-later
"""inxt-placement(7): which Hosts get a file's pieces.  Slow, and meant to be read."""

from .notation import ctr

MILLION = 1_000_000
KINDS = ("operator", "network", "domain")
MEMBERS = ("operator", "domain", "region", "network", "wide_network", "free_bytes", "placed_bytes", "proved_bytes",
           "up_bytes_per_s", "down_bytes_per_s", "rtt_ms", "uptime_ppm", "standing_ppm", "audits_passed", "takes_pieces")
NO_LIMIT = 1 << 32


class Stream:
    def __init__(self, seed):
        self.seed, self.at = seed, 0

    def below(self, bound):
        while True:
            block = ctr(self.seed, bytes(16), self.at // 2)  # two numbers
            drawn = int.from_bytes(block[self.at % 2 * 8:][:8], "big")
            self.at += 1
            if drawn >= 2**64 % bound:
                return drawn % bound


class Pool:
    def __init__(self, hosts):
        self.hosts = [dict(zip(MEMBERS, host)) for host in hosts]
        for host in self.hosts:
            host["new"] = host["audits_passed"] < 14
            host["standing"] = standing(host)
            host["live"] = bool(host["takes_pieces"]) and host["free_bytes"] >= 1 << 24 and host["standing"] > 0
        for host in self.hosts:
            sharing = max(1, *(self.sharing(kind, host, True) for kind in KINDS))
            credit = 4 * min(host["proved_bytes"], host["placed_bytes"]) + (64 << 30) // sharing
            host["room_bytes"] = min(host["free_bytes"], max(0, credit - host["placed_bytes"]))
            host["weight"] = weight(host) if host["live"] else 0

    def sharing(self, kind, host, same_age):
        if host[kind] == 0:
            return 1
        return sum(other["live"] and other[kind] == host[kind] and (not same_age or other["new"] == host["new"])
                   for other in self.hosts)

    def places(self, kind):
        """How many regions, or /16, there are; each unknown one is its own."""
        known = [host[kind] for host in self.hosts if host["live"] and not host["new"]]
        return len(set(known) - {0}) + known.count(0)

    def total(self, new):
        return sum(host["weight"] for host in self.hosts if host["new"] == new)


def standing(host):
    uptime, good = (min(host[name], MILLION) for name in ("uptime_ppm", "standing_ppm"))
    if uptime <= 900_000:
        return 0
    above = (uptime - 900_000) * MILLION // 100_000
    return good * good // MILLION * above // MILLION * 65536 // MILLION


def weight(host):
    room = min(host["room_bytes"] >> 24, 1 << 22)
    speed = 8 + min(8, (min(host["up_bytes_per_s"], host["down_bytes_per_s"]) >> 17).bit_length())
    close = 16 - min(8, 2 * (host["rtt_ms"] // 50).bit_length())
    if room == 0 or host["standing"] == 0:
        return 0
    return max(1, room * speed * close * host["standing"] >> 16)


class Placing:
    def __init__(self, given):
        self.pool = Pool(given["hosts"])
        self.hosts = self.pool.hosts
        self.stream = Stream(bytes.fromhex(given["seed"]))
        self.bytes = given["bytes"]
        self.k, self.m, self.mirrors = given["layout"]
        self.n = (self.k + self.m) * self.mirrors
        self.spare = (self.m + 1) * self.mirrors - 1
        self.allow = given["allow"]
        self.excluded = given["excluded"]
        self.near = given["near_region"]
        self.groups_of, self.given = {}, {}
        self.taken, self.primary = [], None

    def place(self):
        shard = 2 << 20
        while shard > 4096 and shard * (self.k + self.m) > 32 << 20:
            shard //= 2
        segment = shard * self.k
        segments = max(1, -(-self.bytes // segment))
        last = -(-(self.bytes - (segments - 1) * segment) // self.k)
        last = max(16, -(-last // 16) * 16)
        self.groups = min(max(2 if self.k == 1 and segments > 1 else 1, -(-self.bytes // (16 << 30))), segments, 64)
        self.all_data = self.k == 1 and segments > 1
        groups = []
        for number in range(self.groups):
            has_last = (segments - 1) % self.groups == number
            count = segments // self.groups + (number < segments % self.groups)
            host_bytes = (count - has_last) * shard + has_last * last
            primary = self.place_primary(host_bytes)
            if primary is None:
                return {"groups": None, "found": self.found}
            groups.append({"primary": primary, "secondary": [], "host_bytes": host_bytes})
            self.join(primary, host_bytes)
        for group in groups:
            group["secondary"] = self.place_secondary(group)
            self.join(group["secondary"], group["host_bytes"])
        return {"groups": groups, "found": self.n}

    def join(self, hosts, host_bytes):
        if self.groups > 1:
            for host in hosts:
                self.groups_of[host] = self.groups_of.get(host, 0) + 1
                self.given[host] = self.given.get(host, 0) + host_bytes

    def most_in_one(self, places):
        may_be = (3 * self.spare + 3) // 4
        return NO_LIMIT if places * may_be < self.n else min(may_be, -(-2 * self.n // places))

    def soft_rules(self):
        region = NO_LIMIT if self.near else self.most_in_one(self.pool.places("region"))
        return {"other": True, "region": region, "wide_network": self.most_in_one(self.pool.places("wide_network"))}

    def place_primary(self, host_bytes):
        self.host_bytes, self.primary = host_bytes, None
        wanted = self.new_wanted()
        soft = self.soft_rules()
        fills = [soft, {**soft, "other": False}, {**soft, "other": False, "wide_network": NO_LIMIT}] + [{}] * 8
        self.found = 0
        for rules in fills:
            slots = self.fill(rules, wanted)
            self.found = max(self.found, len(slots))
            if len(slots) == self.n:
                return slots
        slots = self.fill_greedily()
        self.found = max(self.found, len(slots))
        return slots if len(slots) == self.n else None

    def place_secondary(self, group):
        self.host_bytes, self.primary = group["host_bytes"], group["primary"]
        soft = {**self.soft_rules(), "apart": True}
        best = []
        for rules in (soft, {**soft, "other": False}, {"apart": True}, {}):
            slots = self.fill(rules, 0)
            if len(slots) > len(best):
                best = slots
            if len(slots) == self.n:
                break
        return best

    def new_wanted(self):
        of_new, established = self.pool.total(True), self.pool.total(False)
        if self.allow["new"] or of_new == 0 or self.spare == 0:
            return 0
        wanted_ppm = self.n * min(of_new * MILLION // (of_new + established), 50_000)
        wanted = wanted_ppm // MILLION + (self.stream.below(MILLION) < wanted_ppm % MILLION)
        return min(wanted, 1)

    def new_left(self):
        return self.spare > 0 and not any(self.hosts[host]["new"] for host in self.taken)

    def fill(self, soft, wanted):
        self.taken = []
        while len(self.taken) < self.n:
            host = None
            if self.allow["new"]:
                host = self.draw(soft, (False, True))
            else:
                if self.n - len(self.taken) <= wanted and self.new_left():
                    host = self.draw(soft, (True,))
                if host is None:
                    host = self.draw(soft, (False,))
                if host is None and self.new_left():
                    host = self.draw(soft, (True,))
            if host is None:
                break
            self.taken.append(host)
        return self.taken

    def draw(self, soft, ages):
        order = [number for new in ages for number, host in enumerate(self.hosts) if host["new"] == new]
        total = sum(self.hosts[number]["weight"] for number in order)
        for _ in range(64 if total else 0):
            value = self.stream.below(total)
            for number in order:
                if value < self.hosts[number]["weight"]:
                    break
                value -= self.hosts[number]["weight"]
            if not self.is_allowed(number, soft):
                continue
            if self.near and self.hosts[number]["region"] != self.near and self.stream.below(4) != 0:
                continue
            return number
        left = []
        for number, host in enumerate(self.hosts):
            if host["new"] in ages and host["weight"] and self.is_allowed(number, soft):
                left += [(number, host["weight"] * (4 if self.near and host["region"] == self.near else 1))]
        if not left:
            return None
        value = self.stream.below(sum(each for _, each in left))
        for number, each in left:
            if value < each:
                return number
            value -= each

    def fill_greedily(self):
        self.taken = []
        left = [(sum(self.pool.sharing(kind, host, False) for kind in KINDS), -host["weight"], number)
                for number, host in enumerate(self.hosts) if self.is_allowed(number, {})]
        for _, _, number in sorted(left):
            if len(self.taken) < self.n and self.is_allowed(number, {}):
                if not self.hosts[number]["new"] or self.allow["new"] or self.new_left():
                    self.taken.append(number)
        return self.taken

    def is_sharing(self, kind, a, b):
        return self.hosts[a][kind] != 0 and self.hosts[a][kind] == self.hosts[b][kind]

    def is_allowed(self, number, soft):
        host = self.hosts[number]
        if not host["weight"] or number in self.excluded:
            return False
        if host["room_bytes"] < self.host_bytes + self.given.get(number, 0):
            return False
        if number in self.taken or any(self.is_sharing(kind, number, other) and not self.allow[kind]
                                       for kind in KINDS for other in self.taken):
            return False
        if self.primary is not None:
            if number in self.primary:
                return False
            if soft.get("apart") and any(self.is_sharing(kind, number, other) for kind in KINDS
                                         for other in self.primary):
                return False
        if number in self.groups_of:
            if soft.get("other") or (self.all_data and self.groups_of[number] + 1 >= self.groups):
                return False
        for kind in ("region", "wide_network"):
            there = sum(self.hosts[other][kind] == host[kind] for other in self.taken)
            if host[kind] != 0 and there >= soft.get(kind, NO_LIMIT):
                return False
        return True


def place(given):
    return Placing(given).place()
