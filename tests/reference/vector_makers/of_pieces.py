# SPDX-License-Identifier: AGPL-3.0-or-later
"""inxt-piece(5)."""

import json

from inxt_reference import pieces
from inxt_reference.notation import sha256, to_json, u32
from selftest import ACCOUNT, FILE, LONG_PIECE, contract

from .common import E1, accept, refuse, without


def piece_vectors():
    for size, k, shard_bytes in ((0, 1, 4096), (0, 4, 2097152), (1, 64, 4096), (16, 1, 4096),
                                 (17, 4, 2097152), (10000000, 4, 2097152), (8192, 2, 4096),
                                 (8193, 2, 4096), (16384, 2, 4096), (12287, 3, 4096),
                                 (2**40, 64, 524288), (2**40 + 1, 10, 1048576)):
        accept("segments", f"{size} bytes, k {k}, {shard_bytes}", bytes=size, k=k,
               shard_bytes=shard_bytes)
    for k, m in ((1, 1), (2, 1), (2, 3), (4, 2), (3, 0), (10, 4), (17, 3), (1, 64), (64, 1),
                 (64, 64), (20, 10)):
        data = b"".join(sha256(bytes([k, m, i])) for i in range(k))
        accept("parity", f"{k}+{m}", data, k=k, m=m)
    for segment, shard, mirror in ((0, 0, 0), (1, 2, 3), (4294967295, 127, 15)):
        accept("seal", f"{segment} {shard} {mirror}", bytes(range(64)), seal_key="44" * 32,
               file=FILE.hex(), segment=segment, shard=shard, mirror=mirror)
    for size, block in ((1, 0), (16, 0), (4096, 0), (4097, 1), (8192, 1), (10000, 0), (10000, 2),
                        (12289, 3), (64 * 4096, 63), (64 * 4096 + 1, 64), (65 * 4096, 5),
                        (130 * 4096, 129), (300 * 4096 + 7, 300), (2097152, 511),
                        (2097151, 256)):
        accept("piece", f"{size} bytes, block {block}", count=size, block=block)
    refuse("piece", "piece-empty", b"", block=0)
    refuse("piece", "piece-long", count=2097153, block=0)
    refuse("piece", "piece-id", LONG_PIECE[:16], block=0, id=pieces.piece_id(b"x" * 16).hex())
    tree_head = pieces.head_of([pieces.leaf(LONG_PIECE[:16])])
    refuse("piece", "piece-id/other size", LONG_PIECE[:16], block=0,
           id=pieces.id_of(17, tree_head).hex())


def stored_vectors():
    piece = b"x" + bytes(4998) + b"y"
    name = pieces.piece_id(piece)
    tag = bytes(2048)
    three = contract(name, tag, len(piece))
    whole = pieces.make_stored(piece, ACCOUNT, *three)
    trailer = whole[-8192:]
    length = int.from_bytes(trailer[8156:8160], "big")
    members = json.loads(trailer[:length])
    accept("stored-piece", "two blocks", whole)
    first = E1.pieces[E1.places[0, 0, 0]]
    accept("stored-piece", "16 bytes", pieces.make_stored(
        first, ACCOUNT, *contract(pieces.piece_id(first), E1.tags[pieces.piece_id(first)])))
    accept("stored-piece", "a full block", pieces.make_stored(
        piece[:4096], ACCOUNT, *contract(pieces.piece_id(piece[:4096]), tag, 4096)))

    def with_trailer(body, **changes):
        return body + pieces.make_trailer(to_json({**members, **changes}).encode())

    def summed(text):
        return text[:8160] + sha256(text[:8160])

    def flip(at):
        return whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1:]
    body = whole[:-8192]
    for reason, data in {
            "stored-size/short": whole[:4096] + whole[8192:],
            "stored-size/long": whole[:8192] + bytes(4096) + whole[8192:],
            "stored-size/no trailer": whole[:8191], "stored-size/empty": b"",
            "stored-checksum": flip(len(whole) - 1), "stored-checksum/JSON": flip(
                len(body) + length // 2),
            "stored-length": body + summed(trailer[:8156] + u32(8157)),
            "stored-zeros/trailer": body + summed(trailer[:8155] + b"x" + trailer[8156:8160]),
            "stored-zeros/padding": flip(5000), "stored-zeros/leaves": flip(8192 + 64),
            "stored-zeros/heads": flip(8192 + 2048 + 32), "stored-zeros/end of page":
            flip(8192 + 4095),
            "stored-version": with_trailer(body, version=2),
            "stored-root/root": with_trailer(body, root="00" * 32),
            "stored-root/id": with_trailer(body, piece="00" * 32),
            "stored-root/size": with_trailer(body, size=5001),
            "stored-page/leaf": flip(8192), "stored-page/head": flip(8192 + 2048),
            "stored-block": flip(0), "stored-block/second": flip(4999),
            "member-missing": body + pieces.make_trailer(to_json(
                without(members, "offer")).encode()),
            "member-limit/size": with_trailer(body, size=0),
            "json-syntax": body + pieces.make_trailer(trailer[:length - 1] + b",}")}.items():
        refuse("stored-piece", reason, data)
