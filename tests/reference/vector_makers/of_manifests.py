# SPDX-License-Identifier: AGPL-3.0-or-later
"""inxt-manifest(5): lines, signatures, order, seal."""

import json

from inxt_reference import encoder, manifest, notation
from inxt_reference.notation import b64, join_signed, sha256, sign, to_json
from selftest import LONG_PIECE, OWNER, certificate

from .common import (E1, E2, HALF_ORDER, HEADER, OTHER, PLACE, SEED, accept, body_of, lines,
                     refuse, two_segments, without)


def manifest_accepted():
    def ok(name, *each, stage="pieces"):
        accept("manifest", name, lines(*each), stage=stage)

    place = to_json(PLACE).encode()
    ok("one segment", *E1.lines)
    ok("two segments", *E2.lines)
    ok("places", *E2.lines[:4], place, *E2.lines[4:], place,
       to_json({**PLACE, "segment": 1, "shard": 2}).encode())
    ok("places of a caretaker's", *E2.lines, place, to_json({**PLACE, "uploader": 1073741824}).encode(),
       to_json({**PLACE, "uploader": 2**31 - 1}).encode())
    ok("no stanza", E2.header, *E2.lines[2:])
    ok("stanza behind the seal", E2.header, *E2.lines[2:], E2.stanza)
    ok("64 stanzas", E2.header, *[E2.stanza] * 64, *E2.lines[2:])
    ok("unknown type", E2.header, b'{"type":"later"}', *E2.lines[1:], b'{"type":"later","x":-1}')
    ok("empty crit", E2.header, E2.signed({**body_of(E2.stanza), "crit": []}), *E2.lines[2:])
    ok("unknown member", E2.header, E2.signed({**body_of(E2.stanza), "x": [-5, {}]}),
       *E2.lines[2:])
    spaced = b'{ "\\u0074ype" : "stanza",\t"kind":"sealedbox", "secret" : "' + \
        json.loads(E2.stanza)["secret"].encode() + b'", "recipient":"somebody"'
    ok("spaces, escapes, order", E2.header, E2.signed(spaced), *E2.lines[2:])
    file = {"type": "file", "segment": 0, "shard": 0, "mirror": 0, "path": "pieces/x",
            "offset": 0, "length": 4096}
    ok("file lines", *E2.lines[:4], to_json(file).encode(), *E2.lines[4:])
    for name, made_here in {
            "mirrors": two_segments(k=1, m=0, mirrors=3), "no parity": two_segments(k=3, m=0),
            "full last segment": encoder.Encoded(
                LONG_PIECE[:8192], OWNER.recipient, OWNER.uploader(0), shard_bytes=4096),
            "empty file": encoder.Encoded(b"", OWNER.recipient, OWNER.uploader(0)),
            "certificate": two_segments(certificate=certificate())}.items():
        ok(name, *made_here.lines)
    runs = [E1.signed({"type": "ciphertext", "path": "x", "offset": 4096 * i, "length": n,
                       "sha256": "00" * 32}) for i, n in enumerate((8388608, 0, 21))]
    end = E1.signed({"type": "ciphertext-end", "bytes": 8388629})
    ok("ciphertext", E1.header, E1.stanza, *runs, end, stage="shard")
    ok("no ciphertext", E1.header, E1.signed({"type": "ciphertext-end", "bytes": 0}),
       stage="shard")
    accept("manifest", "no newline at the end", lines(*E2.lines)[:-1], stage="pieces")
    accept("manifest", "no newline behind ciphertext-end", lines(E1.header, E1.stanza, *runs,
                                                                 end)[:-1], stage="shard")
    ok("type of 64 bytes", E2.header, b'{"type":"' + b"x" * 64 + b'"}', *E2.lines[1:])
    ok("8,192 bytes", E2.header, b'{"type":"later","x":"' + b"x" * 8168 + b'"}', *E2.lines[1:])
    assert len(b'{"type":"later","x":"' + b"x" * 8168 + b'"}\n') == 8192, "line"


def manifest_refused():
    def no(name, *each, stage="pieces", status="integrity"):
        refuse("manifest", name, lines(*each), stage=stage, status=status)

    header, stanza, layout = E2.header, E2.stanza, E2.layout
    p, seal = E2.piece_lines, E2.seal
    rest = E2.lines[1:]

    # Lines and JSON
    no("json-not-object/blank line", header, b"", *rest)
    no("json-not-object/carriage return", header + b"\r", *rest)
    no("json-syntax", header[:-1] + b",}", *rest)
    no("json-duplicate-key", header, E2.signed(stanza[:stanza.rindex(b',"sig"')] +
                                               b',"kind":"sealedbox"'), *rest[1:])
    no("json-float", header, b'{"type":"later","x":1.5}', *rest)
    refuse("manifest", "json-not-object/cut in the seal", lines(*E2.lines)[:-2], stage="pieces")
    no("member-limit/type", header, b'{"type":"' + b"x" * 65 + b'"}', *rest)
    no("line-too-long", header, b'{"type":"later","x":"' + b"x" * 8169 + b'"}', *rest)

    # Members
    s = body_of(stanza)

    def with_stanza(name, members):
        no(name, header, E2.signed(members), *rest[1:])
    with_stanza("member-missing", without(s, "secret"))
    with_stanza("member-missing/crit does not help", without({**s, "crit": []}, "kind"))
    with_stanza("member-type", {**s, "recipient": 1})
    with_stanza("member-type/null", {**s, "recipient": None})
    with_stanza("member-limit", {**s, "recipient": "x" * 101})
    with_stanza("member-limit/bytes, not letters", {**s, "recipient": "ä" * 51})
    with_stanza("member-b64/length", {**s, "secret": b64(bytes(79))})
    with_stanza("member-b64/padding", {**s, "secret": s["secret"] + "="})
    no("member-missing/type", header, b'{"x":1}', *rest)
    no("member-type/type", header, b'{"type":1}', *rest)
    bodies = [body_of(line) for line in p]

    def with_first(name, body, **changes):
        no(name, header, stanza, layout, E2.signed({**body, **changes}), *p[1:], seal)
    with_first("member-type/true is no integer", bodies[0], segment=False)
    with_first("member-type/text is no integer", bodies[0], segment="0")
    text = to_json(bodies[0])
    for what, old, new in (("minus zero", '"segment":0', '"segment":-0'),
                           ("minus one", '"segment":0', '"segment":-1')):
        no(f"member-type/{what}", header, stanza, layout,
           E2.signed(text.replace(old, new).encode()[:-1]), *p[1:], seal)
    with_first("member-hex", bodies[0], id=bodies[0]["id"].upper())
    with_first("member-hex/length", bodies[0], id=bodies[0]["id"][:-2])
    with_first("member-hex/odd", bodies[0], id=bodies[0]["id"][:-1])
    with_first("member-limit/segment", bodies[0], segment=4294967296)
    with_first("member-limit/shard", bodies[0], shard=128)
    with_first("member-limit/mirror", bodies[0], mirror=16)
    with_first("member-limit/size", bodies[0], size=2097153)
    with_first("member-limit/last", bodies[0], last=134217729)
    with_stanza("crit-unknown", {**s, "crit": ["x"]})
    with_stanza("member-type/crit", {**s, "crit": [1]})
    with_stanza("member-type/crit is no list", {**s, "crit": "x"})
    no("crit-unknown/place", header, *rest, to_json({**PLACE, "crit": ["x"]}).encode())
    no("crit-type", header, b'{"type":"later","crit":["later"]}', *rest)
    no("crit-type/empty", header, b'{"type":"later","crit":[]}', *rest)

    # Signatures
    unsigned = to_json(s).encode()
    no("sig-missing", header, unsigned, *rest[1:])
    no("sig-missing/not last", header, stanza[:-1] + b',"x":1}', *rest[1:])
    no("sig-missing/space before the end", header, stanza[:-1] + b" }", *rest[1:])
    no("sig-missing/space inside", header, stanza.replace(b',"sig":', b', "sig":'), *rest[1:])
    no("sig-missing/short", header, stanza[:-3] + b'"}', *rest[1:])
    no("sig-missing/header", to_json(HEADER).encode(), *E1.lines[1:])
    no("sig-wrong/body", header, stanza.replace(b"inxtr1c", b"inxtr1q"), *rest[1:])
    no("sig-wrong/header", header.replace(b'"uploader":0', b'"uploader":7'), *rest)
    no("sig-wrong/of another header", header, E1.stanza, *rest[1:])
    no("sig-wrong/another writer", header, manifest.sign_line(
        OTHER.uploader(0).writer_seed, E2.hash, s), *rest[1:])
    no("sig-wrong/header's label", header, manifest.sign_header(SEED, s), *rest[1:])
    no("sig-wrong/without header hash", header, join_signed(
        unsigned[:-1], sign(SEED, "inxt/v1/manifest-line", unsigned[:-1])), *rest[1:])
    for kind, at in (("layout", 2), ("piece", 3), ("seal", 9)):
        each = list(E2.lines)
        each[at] = each[at][:-30] + (b"AAAA" if each[at][-30:-26] != b"AAAA" else b"BBBB") + \
            each[at][-26:]
        no(f"sig-wrong/{kind}", *each)
    top = bytearray(notation.b64_decode(json.loads(stanza)["sig"]))
    top[32:] = (int.from_bytes(top[32:], "little") + HALF_ORDER).to_bytes(32, "little")
    no("sig-wrong/S not below the order", header, join_signed(unsigned[:-1], bytes(top)),
       *rest[1:])

    # Header
    def with_header(name, **changes):
        members = {**HEADER, **changes}
        members = {n: v for n, v in members.items() if v is not ...}
        line = manifest.sign_header(SEED, members)
        no(name, line, *E1.lines[1:])
    no("header-first", *rest)
    no("header-first/unknown type", b'{"type":"later"}', *E2.lines)
    no("header-second", header, header, *rest)
    no("header-second/behind the seal", header, *rest, E1.header)
    room = 1280 - len(manifest.sign_header(SEED, {**HEADER, "x": ""}))
    with_header("header-too-long", x="x" * (room + 1))
    longest = manifest.sign_header(SEED, {**HEADER, "x": "x" * room})
    hh = manifest.header_hash(longest)
    each = [manifest.sign_line(SEED, hh, body_of(line)) for line in E1.lines[1:-1]]
    each.append(manifest.sign_line(SEED, hh, {**body_of(E1.seal), "hash": sha256(lines(
        longest, *each[1:])).hex()}))
    accept("manifest", "header of 1,280 bytes", lines(longest, *each), stage="pieces")
    with_header("header-version", version=2)
    with_header("header-version/zero", version=0)
    with_header("member-missing/header version", version=...)
    with_header("member-missing/private", private=...)
    with_header("member-hex/file", file="00" * 15)
    with_header("member-hex/writer", writer=HEADER["writer"].upper())
    with_header("member-limit/uploader", uploader=2147483648)
    with_header("member-b64/private", private="=")
    with_header("crit-unknown/header", crit=["inxt"])
    with_header("member-type/certificate", certificate=1)
    small_order = "01" + "00" * 31
    no("sig-wrong/writer of small order", join_signed(
        to_json({**HEADER, "writer": small_order}).encode()[:-1],
        bytes.fromhex(small_order) + bytes(32)), *E1.lines[1:])

    # Stanzas
    with_stanza("stanza-kind", {**s, "kind": "scrypt"})
    no("stanza-count", header, *[stanza] * 65, *rest[1:])

    # Ciphertext
    run = {"type": "ciphertext", "path": "x", "offset": 0, "length": 21, "sha256": "00" * 32}
    end = {"type": "ciphertext-end", "bytes": 21}

    def shard(name, *each):
        no(name, E1.header, *[E1.signed(x) if isinstance(x, dict) else x for x in each],
           stage="shard")
    shard("member-limit/path", {**run, "path": "x" * 4097}, end)
    shard("member-limit/length", {**run, "length": 8388609}, {**end, "bytes": 8388609})
    shard("ciphertext-late", run, end, run)
    shard("ciphertext-late/layout", E1.layout, run, end)
    shard("ciphertext-end-second", run, end, end)
    shard("ciphertext-end-second/layout", E1.layout, end)
    shard("ciphertext-end-bytes", run, {**end, "bytes": 22})
    shard("no-seal/no ciphertext-end", run)
    shard("layout-early", run, E1.layout, end)
    shard("layout-ciphertext", run, end, E1.layout)
    no("layout-ciphertext/whole manifest", E1.header, E1.stanza, E1.signed(run), E1.signed(end),
       *E1.lines[2:])
    no("layout-ciphertext/no ciphertext", E1.header, E1.stanza, E1.signed({**end, "bytes": 0}),
       *E1.lines[2:])
    no("sig-missing/ciphertext", E1.header, to_json(run).encode(), stage="shard")

    # Layout
    lay = body_of(layout)

    def with_layout(name, **changes):
        no(name, header, stanza, E2.signed({**lay, **changes}), *p, seal)
    for what, changes in {
            "k 0": {"k": 0}, "k 65": {"k": 65}, "m 65": {"m": 65}, "mirrors 0": {"mirrors": 0},
            "mirrors 17": {"k": 1, "m": 0, "mirrors": 17}, "mirrors and k": {"m": 0,
                                                                             "mirrors": 2},
            "mirrors and m": {"k": 1, "mirrors": 2}, "small shards": {"shard_bytes": 0},
            "large shards": {"shard_bytes": 2101248},
            "not a multiple": {"shard_bytes": 4097}}.items():
        with_layout(f"layout-values/{what}", **changes)
    with_layout("member-hex/seal key", seal_key="44" * 31)
    no("layout-second", header, stanza, layout, layout, *p, seal)
    no("layout-second/at the end", header, stanza, layout, *p, layout, seal)

    # Pieces
    def piece(i, **changes):
        members = {**bodies[i], **changes}
        return E2.signed({n: v for n, v in members.items() if v is not ...})

    def with_pieces(name, *each):
        whole = [x if isinstance(x, bytes) else p[x] for x in each]
        last = body_of(whole[-1])
        count = last["segment"] + 1
        total = 8192 * (count - 1) + last.get("last", 0)
        no(name, header, stanza, layout, *whole, E2.make_seal(
            whole, segments=count, pieces=len(whole), bytes=total))
    no("piece-no-layout", header, stanza, p[0], layout, *p[1:], seal)
    with_pieces("piece-order/missing", 0, 2, 3, 4, 5)
    with_pieces("piece-order/missing at the end of a segment", 0, 1, 3, 4, 5)
    with_pieces("piece-order/first missing", 1, 2, 3, 4, 5)
    with_pieces("piece-order/doubled", 0, 1, 1, 2, 3, 4, 5)
    with_pieces("piece-order/swapped", 0, 2, 1, 3, 4, 5)
    with_pieces("piece-order/segment missing", 3, 4, 5)
    with_pieces("piece-order/shard past the layout", 0, 1, 2, piece(2, shard=3), 3, 4, 5)
    with_pieces("piece-order/mirror past the layout", 0, piece(0, mirror=1), 1, 2, 3, 4, 5)
    with_pieces("piece-after-last", 0, 1, 2, 3, 4, 5, piece(5, segment=2, shard=0))
    with_pieces("piece-last-differs/missing", 0, 1, 2, 3, piece(4, last=..., size=4096), 5)
    with_pieces("piece-last-differs/other", 0, 1, 2, 3, piece(4, last=1807), 5)
    with_pieces("piece-last-differs/not in the first", 0, 1, 2, piece(3, last=..., size=4096),
                4, 5)
    with_pieces("piece-last-large", 0, 1, 2, *[piece(i, last=8193, size=4096)
                                               for i in (3, 4, 5)])
    with_pieces("piece-last-zero", 0, 1, 2, *[piece(i, last=0, size=16) for i in (3, 4, 5)])
    with_pieces("piece-size", 0, 1, 2, piece(3, size=896), 4, 5)
    with_pieces("piece-size/full segment", piece(0, size=4080), 1, 2, 3, 4, 5)
    with_pieces("piece-size/zero", piece(0, size=0), 1, 2, 3, 4, 5)

    # Places and files
    place = to_json(PLACE).encode()
    no("place-no-layout", header, place, *rest)
    no("place-no-piece", header, stanza, layout, place, *p, seal)
    no("place-no-piece/mirror", header, *rest, to_json({**PLACE, "mirror": 1}).encode())
    no("place-no-piece/segment", header, *rest, to_json({**PLACE, "segment": 2}).encode())
    file = {"type": "file", "segment": 1, "shard": 0, "mirror": 0, "path": "x", "offset": 0,
            "length": 16}
    no("place-no-piece/file", header, stanza, layout, p[0], to_json(file).encode(), *p[1:], seal)
    no("place-no-layout/file", header, to_json(file).encode(), *rest)
    no("member-missing/place", header, *rest, to_json(without(PLACE, "receipt")).encode())
    no("member-limit/place uploader", header, *rest, to_json({**PLACE, "uploader": 2**31}).encode())
    no("member-type/place uploader", header, *rest, to_json({**PLACE, "uploader": "1"}).encode())
    no("member-limit/address", header, *rest, to_json({**PLACE, "address": "x" * 281}).encode())

    # Seal
    no("seal-early/missing pieces", header, stanza, layout, *p[:5], E2.make_seal(
        p[:5], segments=2, pieces=5, bytes=10000))
    no("seal-early/no last", header, stanza, layout, *p[:3], E2.make_seal(
        p[:3], segments=1, pieces=3, bytes=8192))
    no("seal-early/no layout", header, stanza, seal)
    sealed = body_of(seal)
    no("seal-hash", *E2.lines[:-1], E2.signed({**sealed, "hash": "00" * 32}))
    other = piece(1, id="00" * 32)
    no("seal-hash/a piece replaced", header, stanza, layout, p[0], other, *p[2:], seal)
    for what in ("segments", "pieces", "bytes"):
        no(f"seal-counts/{what}", *E2.lines[:-1],
           E2.signed({**sealed, what: sealed[what] + 1}))
    for what, line in {"piece": p[5], "layout": layout, "seal": seal}.items():
        no(f"after-seal/{what}", *E2.lines, line)
    no("after-seal/file", *E2.lines, to_json(file).encode())
    no("no-seal", *E2.lines[:-1])
    no("no-seal/only a header", header)
    no("no-seal/nothing")

    # Errors
    failed = {"type": "error", "tool": "inxt-put", "code": "quota", "status": 7,
              "message": "no room\u001b[31m"}
    no("error", *E2.lines, to_json(failed).encode(), status="quota")
    no("error/first", to_json({**failed, "code": "failure"}).encode(), *E2.lines,
       status="failure")
    no("error/unknown code", header, to_json({**failed, "code": "later"}).encode(), *rest,
       status="failure")
    no("error/code before status", header, to_json({**failed, "code": "try_again"}).encode(),
       *rest, status="try_again")
    no("error/then garbage", header, to_json(failed).encode(), b"garbage", status="quota")
    no("error/then nothing", header, to_json(failed).encode(), status="quota")
    no("member-missing/error status", header, to_json(without(failed, "status")).encode(), *rest)
    no("member-missing/error", header, to_json(without(failed, "code")).encode(), *rest)
    no("member-limit/error", header, to_json({**failed, "message": "x" * 4097}).encode(), *rest)
