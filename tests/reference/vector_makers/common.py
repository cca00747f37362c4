# SPDX-License-Identifier: AGPL-3.0-or-later
"""What all makers of vectors use: how a vector is made, and the manifests that most begin from."""

import json
import re

from check_vectors import complaint
from inxt_reference import encoder, formats, keys, notation
from inxt_reference.notation import b64
from selftest import HOST, LONG_PIECE, OWNER, example

ENTROPY = OWNER.entropy.hex()
OTHER = keys.Owner(b"\x01" * 16)
HALF_ORDER = 2**252 + 27742317777372353535851937790883648493
made = {}


def vector(fmt, name, data, expect, reason, given, count):
    v = {"format": fmt, "name": name, "expect": expect}
    if reason:
        v["reason"] = reason
    if given:
        v["given"] = given
    if count is not None:
        v["input_count"] = count
    elif data is not None:
        data = data.encode() if isinstance(data, str) else data
        try:
            text = data.decode("utf-8")
            plain = not re.search("[\0-\x08\x0b-\x1f\x7f\ufeff]", text)
        except UnicodeDecodeError:
            plain = False
        if plain:
            v["input"] = text
        elif fmt == "stored-piece":
            parts = [part for part in re.split(b"(\0{16,})", data) if part]
            v["input_parts"] = [b64(part) if part.strip(b"\0") else len(part)
                                for part in parts]
        else:
            v["input_b64"] = b64(data)
    vectors = made.setdefault(fmt, [])
    assert name not in [other["name"] for other in vectors], name
    vectors.append(v)
    return v


def accept(fmt, name, data=None, count=None, **given):
    v = vector(fmt, name, data, "accepted", None, given, count)
    v["value"] = formats.run(v)


def refuse(fmt, name, data=None, count=None, status="integrity", **given):
    """name is REASON or REASON/what."""
    v = vector(fmt, name, data, "refused", name.split("/")[0], given, count)
    v["status"] = notation.STATUS[status]
    wrong = complaint(v)
    assert not wrong, f"{fmt} {name}: {wrong}"


def lines(*each):
    return b"".join(line + b"\n" for line in each)


def without(members, *names):
    return {name: value for name, value in members.items() if name not in names}


E1 = example()
SEED = E1.writer_seed
HEADER = json.loads(E1.header)
del HEADER["sig"]


def two_segments(**changes):
    """6 pieces, 3 of each segment; the last segment holds 1,808 bytes."""
    return encoder.Encoded(LONG_PIECE, OWNER.recipient, OWNER.uploader(0), **{
        "private": {"length": 10000}, "seed": b"two", "shard_bytes": 4096, **changes})


E2 = two_segments()
PLACE = {"type": "place", "segment": 0, "shard": 0, "mirror": 0, "host": HOST.hex(),
         "address": "192.0.2.1:4242", "contract": "68" * 32, "receipt": "c0" * 32}


def body_of(line):
    members = json.loads(line)
    members.pop("sig", None)
    return members
