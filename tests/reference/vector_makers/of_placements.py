# SPDX-License-Identifier: AGPL-3.0-or-later
"""inxt-placement(7): placements, and how many Hosts were found where there were too few."""

import random

from .common import accept

GIB = 1 << 30
NOTHING = {"operator": False, "network": False, "domain": False, "new": False}


def made_hosts(count, seed, new=6, groups=True):
    """One of `new` is new; half have operators and domains that they share."""
    dice = random.Random(seed)
    hosts = []
    for number in range(count):
        is_new = new > 0 and dice.randrange(new) == 0
        shared = groups and dice.randrange(2) == 0
        placed = 0 if is_new else dice.randrange(400) * GIB
        hosts.append([dice.randrange(1, count // 5 + 2) if shared else 0,
                      dice.randrange(1, count // 4 + 2) if shared else 0,
                      dice.randrange(6),
                      dice.randrange(1, count * 2) if groups else number + 1,
                      dice.randrange(1, count // 2 + 2),
                      dice.randrange(2000) * GIB // 2, placed, placed // dice.randrange(1, 3),
                      dice.randrange(40_000_000), dice.randrange(40_000_000), dice.randrange(500),
                      dice.randrange(890_000, 1_000_001), dice.randrange(500_000, 1_000_001),
                      0 if is_new else 20, int(dice.randrange(15) > 0)])
    return hosts


def placement(name, hosts, seed, size, layout, excluded=(), near_region=0, **allow):
    accept("placement", name, hosts=hosts, seed=bytes([seed] * 32).hex(), bytes=size, layout=layout,
           excluded=list(excluded), near_region=near_region, allow={**NOTHING, **allow})


def placement_vectors():
    many = made_hosts(60, 1)
    for seed in (1, 2, 3):
        placement(f"4+2, seed {seed}", many, seed, 8_000_000, [4, 2, 1])
    placement("10+4", many, 4, 200_000_000, [10, 4, 1])
    placement("20+10 where it just fits", made_hosts(64, 2, groups=False), 5, 10_000_000, [20, 10, 1])
    placement("mirrors", many, 6, 60_000, [1, 0, 3])
    placement("mirrors of several segments", many, 7, 10_000_000, [1, 0, 3])
    placement("several groups", many, 8, 70 * GIB, [4, 2, 1])
    placement("groups of one Host more than once", made_hosts(16, 3, new=0, groups=False), 9, 70 * GIB, [4, 2, 1])
    placement("one Host", many, 10, 1, [1, 0, 1])
    placement("an empty file", many, 11, 0, [2, 1, 1])
    placement("near a region", many, 12, 8_000_000, [4, 2, 1], near_region=3)
    placement("excluded Hosts", many, 13, 8_000_000, [4, 2, 1], excluded=range(0, 60, 2))
    placement("excluded Hosts, and only some left", many, 14, 8_000_000, [4, 2, 1], excluded=range(0, 40))
    placement("new Hosts only", made_hosts(12, 4, new=1, groups=False), 15, 8_000_000, [4, 2, 1])
    placement("new Hosts only, allowed", made_hosts(12, 4, new=1, groups=False), 15, 8_000_000, [4, 2, 1], new=True)
    crowded = [[host[0] % 3 + 1, host[1] % 4 + 1, *host[2:]] for host in made_hosts(30, 5)]
    placement("too few operators", crowded, 16, 8_000_000, [4, 2, 1])
    placement("too few operators, allowed", crowded, 16, 8_000_000, [4, 2, 1], operator=True, domain=True)
    placement("no room", many, 17, 600_000 * GIB, [4, 2, 1])
    placement("little room", many, 18, 30 * GIB, [4, 2, 1])
    full = [[*host[:5], 9 * GIB, *host[6:14], 1] for host in made_hosts(30, 6, new=0, groups=False)]
    full = [[*host[:6], 100 * GIB, 100 * GIB, *host[8:11], 950_000, *host[12:]] for host in full]
    placement("room for two groups each", full[:20], 19, 70 * GIB, [4, 2, 1])
    placement("too little room for all groups", full[:12], 20, 70 * GIB, [4, 2, 1])
