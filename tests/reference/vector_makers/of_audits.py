# SPDX-License-Identifier: AGPL-3.0-or-later
"""inxt-proof(5): challenge, request, answer, outcome, bound."""

import json

from inxt_reference import notation, pieces, proofs
from inxt_reference.notation import b64, join_signed, sha256, sign, to_json
from selftest import CONTROL_SEED, HOST, HOST_SEED, LONG_PIECE, TIME

from .common import E1, accept, body_of, lines, refuse, without

SMALL = {pieces.piece_id(p): p for p in (LONG_PIECE[:n] for n in (16, 1, 100, 200, 33))}
LARGER = {**SMALL, **{pieces.piece_id(p): p for p in (LONG_PIECE[:4097], LONG_PIECE)}}
BEACON = b"\x66" * 32


def sized(held):
    return [(name, len(piece)) for name, piece in held.items()]


def asked_of(held, asked, seed=HOST_SEED):
    return proofs.Challenge(BEACON, notation.ed25519_public(seed), sized(held), asked)


def answered(c, held, request=0, seed=HOST_SEED, change=lambda i, line: line):
    at = 256 * request
    each = [change(i, proofs.make_proof(held[n], b))
            for i, (n, b) in enumerate(c.samples[at:at + 256])]
    return proofs.make_answer(seed, notation.ed25519_public(seed), c.requests[request], each,
                              TIME + 5)


def audit_vectors():
    def challenge(name, held, asked, status=None, beacon=BEACON):
        given = {"beacon": beacon.hex(), "host": HOST.hex(),
                 "set": [[n.hex(), s] for n, s in held], "asked": asked}
        if status:
            refuse("audit-challenge", name, status=status, **given)
        else:
            accept("audit-challenge", name, **given)
    first = E1.pieces[E1.places[0, 0, 0]]
    example_set = [(pieces.piece_id(p), len(p)) for p in (first, LONG_PIECE)]
    many = [(sha256(bytes([i])), 1 + 40000 * i % 2097152) for i in range(200)]
    challenge("example", example_set, 3)
    challenge("sorted by the reader", sorted(example_set, reverse=True), 3)
    challenge("twice the same", example_set * 2, 3)
    challenge("asked more than there is", example_set, 460)
    challenge("one block", example_set[:1], 1)
    challenge("many", many, 460)
    challenge("more than one request", many, 1000)
    challenge("other beacon", many, 460, beacon=bytes(32))
    challenge("all", [(sha256(b"x"), 2097152)], 65536)
    challenge("set-empty", [], 3, "usage")
    challenge("set-size/zero", [*example_set, (bytes(32), 0)], 3, "integrity")
    challenge("set-size/large", [*example_set, (bytes(32), 2097153)], 3, "integrity")
    challenge("set-two-sizes", [*example_set, (example_set[0][0], 17)], 3, "integrity")

    c = asked_of(SMALL, 5)
    request = c.requests[0]
    accept("audit-request", "example", request)
    accept("audit-request", "spaces", request.replace(b",", b" , "))
    big = proofs.Challenge(BEACON, HOST, many, 300)
    accept("audit-request", "256", big.requests[0])
    members = json.loads(request)
    pair = members["samples"][0]

    def with_samples(*samples):
        return to_json({**members, "samples": list(samples)})
    for reason, text in {
            "request-long": request[:-1] + b" " * 65536 + b"}",
            "request-type": to_json({**members, "type": "proof"}),
            "member-missing": to_json(without(members, "challenge")),
            "member-hex": to_json({**members, "challenge": members["challenge"][1:]}),
            "request-samples/missing": to_json(without(members, "samples")),
            "request-samples/empty": with_samples(), "request-samples/257":
            with_samples(*[pair] * 257), "request-samples/three": with_samples([*pair, 0]),
            "request-samples/one": with_samples(pair[:1]), "request-samples/object":
            with_samples({"piece": pair[0], "block": 0}),
            "request-samples/text": to_json({**members, "samples": "all"}),
            "request-samples/block": with_samples([pair[0], "0"]),
            "request-samples/piece": with_samples([pair[0][1:], 0]),
            "request-samples/minus": with_samples([pair[0], -1]),
            "request-block": with_samples([pair[0], 512]),
            "json-not-object/newline": request + b"\n",
            "json-syntax": request[:-1] + b",}"}.items():
        refuse("audit-request", reason, text)

    given = {"host": HOST.hex(), "challenge": c.hash.hex(), "request": request.decode(),
             "sizes": {n.hex(): len(p) for n, p in SMALL.items()}}
    whole = answered(c, SMALL)
    accept("audit-answer", "all held", whole, **given)
    accept("audit-answer", "no newline at the end", whole[:-1], **given)
    accept("audit-answer", "line of 8,192 bytes", answered(
        c, SMALL, change=lambda i, line: line[:-1] + b" " * (8191 - len(line)) + b"}"
        if i == 0 else line), **given)
    refuse("audit-answer", "answer-long", answered(
        c, SMALL, change=lambda i, line: line[:-1] + b" " * (8192 - len(line)) + b"}"
        if i == 0 else line), **given)
    gone = c.samples[2]
    accept("audit-answer", "one missing", answered(c, SMALL, change=lambda i, line:
           proofs.make_missing(*gone) if i == 2 else line), **given)
    accept("audit-answer", "one malformed", answered(c, SMALL, change=lambda i, line:
           b"garbage" if i == 1 else line), **given)
    accept("audit-answer", "in another order", answered(c, SMALL, change=lambda i, line:
           proofs.make_proof(SMALL[c.samples[4 - i][0]], c.samples[4 - i][1])), **given)
    large = asked_of(LARGER, 10)
    accept("audit-answer", "larger pieces", answered(large, LARGER), host=HOST.hex(),
           challenge=large.hash.hex(), request=large.requests[0].decode(),
           sizes={n.hex(): len(p) for n, p in LARGER.items()})
    each = whole[:-1].split(b"\n")
    other_request = proofs.make_request(c.hash, c.samples[:4])
    signed_count = proofs.make_answer(HOST_SEED, HOST, request, each[:-2], TIME)
    claims = body_of(each[-1])

    def claim(**changes):
        body = to_json({**claims, **changes}).encode()[:-1]
        return lines(*each[:-1], join_signed(body, sign(HOST_SEED, "inxt/v1/answer", body)))
    for reason, data in {
            "answer-sig/none": lines(*each[:-1]), "answer-sig/nothing": b"",
            "answer-sig/changed": whole.replace(b'"time":1700000005', b'"time":1700000006'),
            "answer-sig/other key": lines(*each[:-1], proofs.make_answer(
                CONTROL_SEED, HOST, request, each[:-1], TIME).split(b"\n")[-2]),
            "answer-sig/label": lines(*each[:-1], join_signed(
                to_json(claims).encode()[:-1], sign(HOST_SEED, "inxt/v1/header-line",
                                                    to_json(claims).encode()[:-1]))),
            "answer-sig/behind": whole + lines(each[0]),
            "answer-host": answered(c, SMALL, seed=CONTROL_SEED),
            "answer-challenge": claim(challenge="00" * 32),
            "answer-request": claim(request=sha256(other_request).hex()),
            "answer-proofs/few": signed_count, "answer-proofs/claim": claim(proofs=4),
            "answer-proofs/lines": lines(*each[:-2], each[-1]),
            "answer-hash": claim(hash="00" * 32),
            "answer-hash/changed": whole.replace(b'"block":0', b'"block":1', 1)}.items():
        refuse("audit-answer", reason, data, **given)
    name, size, block = pieces.piece_id(LONG_PIECE), 10000, 2
    good = json.loads(proofs.make_proof(LONG_PIECE, block))

    def judged(what, text, at=block, of=size):
        accept("audit-outcome", what, text, piece=name.hex(), block=at, size=of)

    def changed(**changes):
        return to_json({n: v for n, v in {**good, **changes}.items() if v is not ...})
    judged("held", changed())
    judged("held, unknown member", changed(x=1))
    judged("other_block/number", changed(block=1))
    judged("other_block/piece", changed(piece="00" * 32))
    judged("other_block/asked another", changed(), at=1)
    gone = proofs.make_missing(name, block).decode()
    judged("missing", gone)
    judged("other_block/missing another", proofs.make_missing(name, 1).decode())
    judged("malformed/missing false", gone.replace("true", "false"))
    judged("malformed/missing and more", gone[:-1] + ',"size":10000}')
    judged("wrong_size", changed(size=10001))
    judged("wrong_size/of the set", changed(), of=9999)
    judged("wrong_length", changed(data=b64(LONG_PIECE[8192:] + b"x")))
    judged("wrong_length/empty", changed(data=""))
    judged("wrong_path/short", changed(path=[]))
    judged("wrong_path/long", changed(path=good["path"] * 2))
    judged("wrong_data/block", changed(data=b64(bytes(1808))))
    judged("wrong_data/path", changed(path=[b64(bytes(32))]))
    # A tree claimed longer than it is: by the proof, by its path alone, and by the set.
    judged("wrong_size/longer tree", changed(size=4 * 4096, path=good["path"] * 2))
    judged("wrong_path/longer tree", changed(path=[b64(pieces.leaf(LONG_PIECE[8192:])), *good["path"]]))
    judged("wrong_data/longer tree", changed(size=16384, block=3, data=b64(bytes(4096)), path=[
        b64(pieces.leaf(LONG_PIECE[8192:])), *good["path"]]), at=3, of=16384)
    judged("wrong_data/longer tree, more zeros in the last block", changed(
        size=11616, data=b64(LONG_PIECE[8192:].ljust(3424, b"\0"))), of=11616)
    judged("malformed/not JSON", "x")
    judged("malformed/type", changed(type="answer"))
    judged("malformed/no data", changed(data=...))
    judged("malformed/data too long", changed(data=b64(bytes(4097))))
    judged("malformed/ten hashes", changed(path=[b64(bytes(32))] * 10))
    judged("malformed/hash of 31 bytes", changed(path=[b64(bytes(31))]))
    judged("malformed/block 512", changed(block=512))
    judged("malformed/size", changed(size=2097153))
    judged("malformed/twice", to_json(good)[:-1] + ',"block":2}')

    for blocks, samples, bad in (
            (1, 1, 0), (1, 1, 1), (4, 3, 0), (4, 3, 1), (50, 50, 0), (50, 50, 3), (100, 1, 0),
            (100, 99, 0), (1000, 460, 0), (10000, 460, 0), (10000, 460, 1), (10000, 460, 5),
            (1000000, 460, 0), (1000000, 460, 2), (100000, 1000, 10), (1000, 1, 0), (200, 100, 100),
            (5000, 4999, 0), (65536, 65536, 0), (268435456, 460, 0)):
        accept("audit-bound", f"{samples} of {blocks}, {bad} bad", blocks=blocks,
               samples=samples, bad=bad)
