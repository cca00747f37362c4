# SPDX-License-Identifier: AGPL-3.0-or-later
"""Contents of files, made from the seed: the same number and seed give the same bytes, so that nothing has to be kept to
compare with."""

import hashlib
import random

KIB, MIB = 1 << 10, 1 << 20
LAYOUTS = {"3 mirrors": ["-m", "3"], "2+1": ["-e", "2+1"], "4+2": ["-e", "4+2"]}
LAYOUT_NAMES = list(LAYOUTS)


def size_of(chance, large_max):
    """Most are small; few are as large as `large_max` bytes."""
    kind = chance.random()
    if kind < 0.02:
        return chance.choice([0, 1, 4095, 4096, 4097])
    if kind < 0.75:
        return chance.randrange(1, 64 * KIB)
    if kind < 0.96:
        return chance.randrange(64 * KIB, 1 * MIB)
    if kind < 0.995:
        return chance.randrange(1 * MIB, max(2 * MIB, large_max // 4))
    return chance.randrange(large_max // 2, large_max)


class Content:
    def __init__(self, seed, number, size):
        self.seed, self.number, self.size = seed, number, size
        self.sha256 = hashlib.sha256(self.bytes()).hexdigest()

    def bytes(self):
        return random.Random(f"{self.seed}/content/{self.number}").randbytes(self.size)

    def write(self, path):
        path.write_bytes(self.bytes())


def digest_of(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while part := file.read(4 * MIB):
            digest.update(part)
    return digest.hexdigest()
