# SPDX-License-Identifier: AGPL-3.0-or-later
"""inxt-bridge(7), "Care": bodies, keys, lists, places, reports."""

from inxt_reference import care, keys, manifest
from inxt_reference.notation import b64, ed25519_public, to_json
from selftest import ACCOUNT, BRIDGE_SEED, HOST, OWNER, TIME

from .common import E1, E2, PLACE, accept, body_of, lines, refuse, without

N = keys.CARETAKERS_BEGIN + 3
CARETAKER = ed25519_public(OWNER.uploader(N).account_seed(ed25519_public(BRIDGE_SEED)))
OTHER_HOST = bytes([0xBB]) * 32


def place(segment, shard, **changes):
    return {n: v for n, v in {**PLACE, "segment": segment, "shard": shard, **changes}.items() if v is not ...}


def reading(**changes):
    return {"uploader": 0, "host": HOST.hex(), "account": ACCOUNT.hex(), "capability": "a.b.c", **changes}


def request_vectors():
    head = care.make_head(CARETAKER)
    places = [place(segment, shard) for segment in (0, 1) for shard in (0, 1, 2)]
    moved = place(1, 2, host=OTHER_HOST.hex(), uploader=N)
    both = care.part(E2, [*places, moved])
    first, second = care.part(E2, places, {0}), care.part(E2, places, {1})
    top, p, q = both[:4], both[4:7], both[10:13]  # header, stanza, layout, seal; pieces of both segments
    header, stanza, layout, seal = top

    def ok(name, *rest):
        accept("care-request", name, lines(*rest))

    def no(reason, *rest, begin=head):
        refuse("care-request", reason, lines(*begin, *rest))

    def again(line, **changes):
        """A line of E2 with other members, signed by its writer."""
        return E2.signed({**body_of(line), **changes})
    ok("example", *head, *care.part(E1, [place(0, 0)]))
    ok("two segments, a piece of one moved", *head, *both)
    ok("the second segment alone", *head, *second)
    ok("two files and readings", *care.make_head(CARETAKER, [reading(), reading(uploader=1, host="bb" * 32)]),
       *first, *care.part(E1))
    ok("a file in two parts", *head, *first, *second)
    ok("nothing but a head", *head)
    ok("eight places of a piece", *head, *top, *p, *[to_json(place(0, 1)).encode()] * 8)
    ok("unknown members", *care.make_head(CARETAKER, [reading(x=1)]), *top, *p, to_json(place(0, 0, x=[1])).encode())
    for name, data in (("empty", b""), ("no newline", lines(*head, *both)[:-1]), ("cut", lines(*head, *both)[:-80]),
                       ("an empty line", lines(*head, b"")), ("a long line", lines(
                           *head, *top, *p, to_json(place(0, 0, x="x" * 8192)).encode()))):
        refuse("care-request", f"{'json-not-object' if name == 'an empty line' else 'care-body'}/{name}", data)
    no("care-body/first line", begin=[head[0].replace(b'"care"', b'"share"')])
    no("member-missing/care caretaker", begin=[b'{"type":"care"}'])
    no("member-hex/care caretaker", begin=[head[0].replace(b'r":"', b'r":"A')])
    for member in ("uploader", "host", "account", "capability"):
        no(f"member-missing/reading {member}", begin=care.make_head(CARETAKER, [reading(**{member: ...})]))
    no("member-limit/reading capability", begin=care.make_head(CARETAKER, [reading(capability="x" * 1201)]))
    no("member-limit/reading uploader", begin=care.make_head(CARETAKER, [reading(uploader=2**31)]))
    late = care.make_head(CARETAKER, [reading()])[1]
    no("care-body/a reading behind a file", *first, late)
    no("care-body/a reading whose type is not first", to_json({**reading(), "type": "reading"}).encode())
    no("care-body/another kind of line", *top, b'{"type":"later"}')
    no("care-body/a file line", *top, *p, to_json({
        "type": "file", "segment": 0, "shard": 0, "mirror": 0, "path": "x", "offset": 0, "length": 1}).encode())
    no("care-body/a line before the header", stanza)
    no("care-body/no segment", *top)
    no("care-body/no segment, and another file", *top, *both)
    no("care-body/a second stanza", header, stanza, stanza)
    no("care-body/no stanza", header, layout, seal, *p)
    no("care-body/a second layout", *top[:3], layout)
    no("care-body/no seal", *top[:3], *p)
    no("care-body/a second seal", *top, seal)
    no("care-body/as it stands in a manifest", *E2.lines)
    no("care-body/a piece less", *top, *p[:2])
    no("care-body/a piece less, and another segment", *top, *p[:2], *q)
    no("care-body/pieces in another order", *top, p[0], p[2], p[1])
    no("care-body/a segment twice", *first, *p)
    no("care-body/segments descend", *second, *p)
    no("care-body/a piece behind a place", *top, *p[:2], both[7], p[2])
    no("care-body/a place of a segment that is not there", *top, *p, to_json(place(1, 0)).encode())
    no("care-body/a place of no shard", *top, *p, to_json(place(0, 3)).encode())
    no("care-body/a place of no mirror", *top, *p, to_json(place(0, 0, mirror=1)).encode())
    no("care-body/a place before its pieces", *top, both[7], *p)
    no("care-body/nine places of a piece", *top, *p, *[to_json(place(0, 1)).encode()] * 9)
    no("care-body/a caretaker's header", manifest.sign_header(E2.writer_seed, {
        **body_of(header), "uploader": N}))
    counts = body_of(seal)
    for name, value in (("segments", 3), ("pieces", 5), ("bytes", counts["bytes"] + 8192), ("bytes", 2**53 - 1)):
        no(f"care-body/the seal's {name}, {value}", *top[:3], again(seal, **{name: value}), *p)
    no("care-body/last before the last segment", *top, again(p[0], last=16), *p[1:])
    no("care-body/no last in the last segment", *top, E2.signed(without(body_of(q[0]), "last")), *q[1:])
    no("care-body/another last", *top, again(q[0], last=body_of(q[0])["last"] - 1), *q[1:])
    no("piece-size/care", *top, again(p[0], size=body_of(p[0])["size"] - 16), *p[1:])
    no("layout-values/care", header, stanza, again(layout, shard_bytes=4100), seal)
    no("stanza-kind/care", header, again(stanza, kind="later"))
    no("sig-wrong/care header", header.replace(b'"uploader":0', b'"uploader":7'))
    no("sig-wrong/care stanza", header, stanza.replace(b'"inxtr1', b'"inxtr2'))
    no("sig-wrong/care piece of another file", *top, *E1.piece_lines)
    no("sig-wrong/care seal of another file", *top[:3], E1.seal)
    no("sig-missing/care", *top, to_json(body_of(p[0])).encode())
    no("crit-unknown/care place", *top, *p, to_json(place(0, 0, crit=["x"])).encode())
    no("member-missing/care place", *top, *p, to_json(place(0, 0, contract=...)).encode())
    no("member-limit/care place uploader", *top, *p, to_json(place(0, 0, uploader=2**31)).encode())
    no("json-duplicate-key/care place", *top, *p, to_json(place(0, 0)).encode()[:-1] + b',"host":"00"}')


def key_vectors():
    key = OWNER.uploader(N).key
    good = care.make_key(N, key)

    def no(what, data):
        refuse("care-key", f"care-key/{what}", data)
    accept("care-key", "example", good)
    accept("care-key", "the first caretaker", care.make_key(keys.CARETAKERS_BEGIN, key))
    accept("care-key", "the last caretaker", care.make_key(2**31 - 1, key))
    no("empty", b"")
    no("an uploader's number", care.make_key(keys.CARETAKERS_BEGIN - 1, key))
    no("no number", care.make_key(2**31, key))
    no("a great number", care.make_key(2**64 + N, key))
    no("a number with a zero", good.replace(b":1", b":01", 1))
    no("a number with a sign", good.replace(b":1", b":-1", 1))
    no("a number in quotes", good.replace(b'":1073741827', b'":"1073741827"'))
    no("no newline", good[:-1])
    no("two newlines", good + b"\n")
    no("a space", good.replace(b",", b", "))
    no("another member", good.replace(b"}", b',"x":1}'))
    no("another order", b'{"uploader_key":"%s","uploader":%d}\n' % (b64(key).encode(), N))
    no("a short key", b'{"uploader":%d,"uploader_key":"%s"}\n' % (N, b64(key[:31]).encode()))
    no("a long key", b'{"uploader":%d,"uploader_key":"%s"}\n' % (N, b64(key + b"x").encode()))
    no("unused bits", good[:-4] + bytes([good[-4] + 1]) + good[-3:])
    no("long", good.replace(b'"}', b'"}' + b" " * 256))


def info_vectors():
    members = {"file": E1.file.hex(), "caretaker": CARETAKER.hex(), "complete": True, "segments": 3, "pieces": 18,
               "short_segments": 1, "repaired": 2, "added": TIME, "audited": TIME + 60}

    def info(**changes):
        return to_json({n: v for n, v in {**members, **changes}.items() if v is not ...})

    def no(reason, **changes):
        refuse("care-info", reason, info(**changes))
    accept("care-info", "example", info())
    accept("care-info", "never audited", info(audited=...))
    accept("care-info", "parts of it", info(complete=False))
    accept("care-info", "unknown members", info(x=[1]))
    no("care-line/long", x="x" * 1024)
    for member in members:
        if member != "audited":
            no(f"member-missing/{member}", **{member: ...})
        no(f"member-type/{member}", **{member: []})
    no("member-hex/file", file="0" * 30)
    no("member-type/complete, a number", complete=1)
    refuse("care-info", "member-type/a sign", info(repaired=7).replace(':7', ':-7'))
    refuse("care-info", "json-syntax/more behind it", info() + "{}")


def place_vectors():
    def text(**changes):
        return to_json({n: v for n, v in {**PLACE, "number": 7, "uploader": N, **changes}.items() if v is not ...})

    def no(reason, **changes):
        refuse("care-place", reason, text(**changes))
    accept("care-place", "example", text())
    accept("care-place", "unknown members", text(x=1))
    no("care-line/another kind", type="piece", size=16, id="00" * 32)
    no("care-line/an unknown kind", type="later")
    no("care-line/long", x="x" * 8192)
    for member in ("number", "uploader", "segment", "shard", "mirror", "host", "address", "contract", "receipt"):
        no(f"member-missing/{member}", **{member: ...})
    for member, value in (("segment", 2**32), ("shard", 128), ("mirror", 16), ("uploader", 2**31),
                          ("address", "x" * 281)):
        no(f"member-limit/{member}", **{member: value})
    no("member-type/number", number="7")
    no("json-integer/number", number=2**53)
    no("member-hex/host", host="AB" * 32)
    no("crit-unknown/care place", crit=["x"])


def report_vectors():
    members = {"file": E1.file.hex(), "segment": 1, "shard": 2, "mirror": 0, "host": HOST.hex()}

    def report(**changes):
        return to_json({n: v for n, v in {**members, **changes}.items() if v is not ...})

    def no(reason, **changes):
        refuse("care-report", reason, report(**changes))
    accept("care-report", "example", report())
    accept("care-report", "with a newline", report() + "\n")
    accept("care-report", "the last place", report(segment=2**32 - 1, shard=127, mirror=15))
    accept("care-report", "unknown members", report(x=1))
    refuse("care-report", "json-not-object/two newlines", report() + "\n\n")
    no("care-line/long", x="x" * 1024)
    for member in members:
        no(f"member-missing/{member}", **{member: ...})
    for member, value in (("segment", 2**32), ("shard", 128), ("mirror", 16)):
        no(f"member-limit/{member}", **{member: value})
    no("member-hex/file", file=HOST.hex())
    no("member-hex/host", host=E1.file.hex())


def care_vectors():
    request_vectors()
    key_vectors()
    info_vectors()
    place_vectors()
    report_vectors()
