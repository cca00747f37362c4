# SPDX-License-Identifier: AGPL-3.0-or-later
"""inxt-tree(5): keys, records, entries, logs and what they fold to."""

import pathlib
import random

from inxt_reference import logs
from inxt_reference.notation import b64, sha256, to_json
from selftest import RECORD_BODY, TIME, entry_line, put_op, record_line

from .common import ENTROPY, OTHER, accept, refuse, without

FRESH = b"\x77" * 32
BOTH = {"entropy": ENTROPY}
# What version 0.1.0 of the C++ wrote for two machines of one owner and a delegated one; read by all later versions.
GOLDEN = pathlib.Path(__file__).parents[2] / "golden" / "tree-v1"


def tree_key_vectors():
    accept("tree-key", "owner of zeros", entropy=ENTROPY)
    accept("tree-key", "another", entropy=OTHER.entropy.hex())


def changed(line, at, by=1):
    return line[:at] + bytes([line[at] ^ by]) + line[at + 1:]


def sealed_refusals(fmt, make, kind):
    """What records and entries share.  make(body=..., **clear)."""
    line = make()

    def no(reason, data, status="integrity"):
        refuse(fmt, reason, data, status=status, **BOTH)
    no("json-syntax", changed(line, line.index(b'"version":1') + 10, 0x40))
    no("json-not-object", line[:-1])
    no("line-sig", changed(line, line.index(b'"uploader":') + 11))
    no("line-sig/zeros", line[:-88] + b"A" * 86 + b'"}')
    no("line-sig/body", changed(line, line.index(b'"body":"') + 20, 2))
    no("sig-missing", to_json(without({"type": kind}, "x")).encode())
    no(f"{kind}-type", make(type="line"))
    no(f"{kind}-version", make(version=2))
    no("member-missing", make(writer=...))
    no("member-hex", make(log="00"))
    no("member-limit/uploader", make(uploader=2**31))
    no("crit-unknown", make(crit=["x"]))
    no("log-another", make(log=logs.TreeKey(OTHER.recipient_secret).log.hex()))
    no("body-place", line.replace(b',"body":"', b',"bodies":"'))
    no("body-open", make(key=b"\1" * 32))
    no("body-owner", make(n=1))
    no("body-key", make(n=1, fresh=FRESH, recipient=OTHER.recipient), "wrong_key")
    no("body-zstd", make(body=b"not a frame of zstd"))
    no("body-zstd/no length", make(body=b"\x28\xb5\x2f\xfd\x00\x58\x01\x00\x00"))
    no("body-zstd/another length", make(body=logs.raw_frame(b"{}")[:5] + (3).to_bytes(4, "little") +
                                        logs.raw_frame(b"{}")[9:]))
    no("body-zstd/rest", make(body=logs.raw_frame(b"{}") + b"x"))
    no("body-zstd/long", make(body=b"\x28\xb5\x2f\xfd\xa0" + (2**28).to_bytes(4, "little") + b"\0\0\0"))
    no("json-not-object/body", make(body=logs.raw_frame(b"[]")))
    no("json-duplicate-key", make(body=logs.raw_frame(b'{"a":1,"a":1}')))
    no("crit-unknown/body", make(body=logs.raw_frame(b'{"crit":["x"]}')))


def record_vectors():
    make = record_line
    first = make()
    accept("object-record", "example", first, **BOTH)
    accept("object-record", "by a delegated uploader", make(n=1, fresh=FRESH), **BOTH)
    for number, line in enumerate((GOLDEN / "records.jsonl").read_bytes().splitlines(), 1):
        accept("object-record", f"golden {number}", line, **BOTH)
    accept("object-record", "unknown members", make({**RECORD_BODY, "x": [1]}, y={"z": 1}), **BOTH)
    name = logs.record_id(first).hex()
    several = {"object": name, "previous": name, "bytes": 30, "mtime": 0, "mode": 0, "zstd": True,
               "metadata": {"ä": "ö", "empty": ""},
               "extents": [{"first": 0, "bytes": 10, "from": 5, "manifest": 1},
                           {"first": 10, "bytes": 20, "from": 0, "manifest": 0}],
               "manifests": [{"lines": "a\n"}, {"stored": {"levels": 3, "bytes": 2**40, "manifest": "b\n"}}]}
    accept("object-record", "written at an offset, a long manifest", make(several), **BOTH)
    accept("object-record", "empty", make({**RECORD_BODY, "bytes": 0, "extents": []}), **BOTH)
    sealed_refusals("object-record", make, "object")

    def no(reason, **changes):
        body = {k: v for k, v in {**several, **changes}.items() if v is not ...}
        refuse("object-record", reason, make(body), **BOTH)
    no("member-missing/bytes", bytes=...)
    no("member-type/zstd", zstd=0)
    no("member-limit/mode", mode=4096)
    no("member-type/metadata", metadata={"a": 1})
    no("metadata-limit", metadata={"": "x"})
    no("metadata-limit/count", metadata={str(i): "" for i in range(65)})
    no("metadata-limit/bytes", metadata={"a": "x" * 16384})
    no("object-first", object=None)
    no("object-first/previous", previous=None)
    no("object-extents", bytes=31)
    no("object-extents/gap", extents=[several["extents"][0], {**several["extents"][1], "first": 11}])
    no("object-extents/empty", extents=[{"first": 0, "bytes": 0, "from": 0, "manifest": 0}, *several["extents"]])
    no("object-extents/manifest", extents=[several["extents"][0], {**several["extents"][1], "manifest": 2}])
    no("object-extents/past", bytes=2**53 - 1, extents=[{"first": 0, "bytes": 2**53 - 1, "from": 1, "manifest": 0}])
    no("member-type/extents", extents=[1])
    no("member-type/manifests", manifests=["a", "b"])
    no("manifest-form", manifests=[{"lines": "", "stored": {"levels": 1, "bytes": 0, "manifest": ""}}, {"lines": ""}])
    no("member-limit/levels", manifests=[{"lines": ""}, {"stored": {"levels": 4, "bytes": 0, "manifest": ""}}])
    no("member-limit/no level", manifests=[{"lines": ""}, {"stored": {"levels": 0, "bytes": 0, "manifest": ""}}])
    no("member-limit/manifests", manifests=[{"lines": ""}] * 257)


MKDIR = {"op": "mkdir", "path": "/a", "mode": 493}


def all_ops():
    a, b = sha256(b"a"), sha256(b"b")
    return [put_op("/a/b", a, metadata={"k": "v"}, base=b.hex()), put_op(..., b, base=None),
            put_op("/a/b", b, object=a.hex()), MKDIR, {"op": "mv", "from": "/a", "to": "/ä"},
            {"op": "rm", "path": "/ä", "recursive": True}, {"op": "rm_object", "object": b.hex()},
            {"op": "purge", "records": [a.hex(), b.hex()]}, {"op": "restore", "path": "/x", "record": a.hex()},
            {"op": "share", "share": "00" * 16, "what": "/x", "expires": TIME, "secret": b64(a), "recipient": "inxtr1"},
            {"op": "share", "share": "01" * 16, "what": b.hex(), "expires": TIME}, {"op": "unshare", "share": "01" * 16},
            {"op": "segment", "first": 1, "last": 1, "bytes": 5, "manifest": "x\n"},
            {"op": "settings", "keep_versions_s": 0}]


def entry_vectors():
    def make(body=None, ops=(MKDIR,), **changes):
        return entry_line(list(ops), body=body, **changes)
    accept("log-entry", "every operation", make(ops=all_ops()), **BOTH)
    put = put_op("/in/x", sha256(b"x"))
    accept("log-entry", "by a delegated uploader", make(ops=[put], n=1, fresh=FRESH), **BOTH)
    accept("log-entry", "unknown members", make(ops=[{**MKDIR, "x": 1}], y=None), **BOTH)
    sealed_refusals("log-entry", make, "entry")

    def no(reason, *ops, **changes):
        refuse("log-entry", reason, make(ops=ops or [MKDIR], **changes), **BOTH)
    refuse("log-entry", "line-long", make(y="x" * 65536), **BOTH)
    no("member-limit/seq", seq=0)
    no("entry-does", does=[])
    no("entry-does/form", does=["name"])
    no("entry-does/unknown", does=[["rule", ""]])
    no("entry-does/object", does=[["name", "00"]])
    no("entry-does/count", *[MKDIR] * 257)
    no("entry-ops", does=[["write", ""]])
    no("entry-ops/object", put, does=[["create", "00" * 32]])
    no("entry-ops/count", does=[["name", ""]] * 2)
    no("entry-ops/none", body=logs.raw_frame(b'{"ops":[]}'))
    no("member-missing/ops", body=logs.raw_frame(b'{"op":[]}'))
    no("entry-delegated", MKDIR, n=1, fresh=FRESH)
    no("entry-delegated/version", {**put, "object": "00" * 32}, n=1, fresh=FRESH)
    no("entry-delegated/no path", put_op(..., sha256(b"x")), n=1, fresh=FRESH)

    def bad(reason, op):
        refuse("log-entry", reason, make(ops=[op], does=[logs.does_of({"op": "x", **op})]), **BOTH)
    bad("op-unknown", {"op": "chmod", "path": "/a"})
    for what, path in {"root": "/", "relative": "a", "end": "/a/", "twice": "//a", "dot": "/.", "dots": "/a/..",
                       "zero byte": "/\0", "deep": "/d" * 65, "long name": "/" + "x" * 256, "none": ""}.items():
        bad(f"op-path/{what}", {**MKDIR, "path": path})
    accept("log-entry", "deepest path", make(ops=[{**MKDIR, "path": "/d" * 64}]), **BOTH)
    accept("log-entry", "longest name", make(ops=[{**MKDIR, "path": "/" + "x" * 255}]), **BOTH)
    bad("member-limit/mode", {**MKDIR, "mode": 4096})
    bad("op-segment", {"op": "segment", "first": 2, "last": 1, "bytes": 0, "manifest": ""})
    bad("op-segment/zero", {"op": "segment", "first": 0, "last": 1, "bytes": 0, "manifest": ""})
    bad("member-hex/record", {"op": "restore", "path": "/a", "record": "00"})
    bad("member-limit/records", {"op": "purge", "records": ["00" * 32] * 257})
    bad("member-type/recursive", {"op": "rm", "path": "/a", "recursive": 1})
    bad("crit-unknown/op", {**MKDIR, "crit": ["x"]})


def log_of(entries):
    """Each: operations, or (operations, what differs)."""
    out, prev = [], bytes(32)
    for seq, entry in enumerate(entries, 1):
        ops, changes = entry if isinstance(entry, tuple) else (entry, {})
        out.append(entry_line(ops, **{"seq": seq, "prev": prev, "nonce": sha256(bytes([seq % 256]))[:24],
                                      "time": TIME + seq, **changes}))
        prev = logs.entry_hash(out[-1])
    return out


def text(lines):
    return b"".join(line + b"\n" for line in lines)


def random_ops(chance, seen):
    """One operation on few names, so that they meet."""
    def path():
        return "".join("/" + chance.choice(["a", "b", "c.x", "ä"]) for _ in range(chance.randint(1, 3)))
    record = sha256(str(len(seen)).encode())
    kind = chance.randrange(12)
    if kind == 0:
        return {"op": "mkdir", "path": path(), "mode": chance.choice([448, 493])}
    if kind == 1:
        return {"op": "mv", "from": path(), "to": path()}
    if kind == 2:
        return {"op": "rm", "path": path(), "recursive": chance.random() < 0.5}
    if kind == 3 and seen:
        return {"op": "restore", "path": path(), "record": chance.choice(seen)}
    if kind == 4 and seen:
        return {"op": "purge", "records": chance.sample(seen, min(3, len(seen)))}
    if kind == 5:
        return {"op": "share", "share": bytes([chance.randrange(3)] * 16).hex(), "what": path(), "expires": TIME}
    seen.append(record.hex())
    changes = {}
    if kind == 6:
        return put_op(..., record, object=sha256(bytes([chance.randrange(2)])).hex())
    if kind in (7, 8):
        changes["base"] = None if kind == 7 else chance.choice(seen)
    return put_op(path(), record, bytes=len(seen), **changes)


def log_vectors():
    a, b, c = (sha256(name) for name in (b"a", b"b", b"c"))
    accept("log", "golden", (GOLDEN / "log.jsonl").read_bytes(), **BOTH)
    accept("log", "every operation", text(log_of([all_ops()])), **BOTH)
    accept("log", "two machines", text(log_of([
        [put_op("/docs/a.txt", a, base=None)], [put_op("/docs/a.txt", b, base=None)],
        [{"op": "mv", "from": "/docs", "to": "/papers"}], [put_op("/docs/a.txt", c, base=a.hex())],
        [put_op("/docs", a), {"op": "rm", "path": "/papers", "recursive": False}]])), **BOTH)
    accept("log", "delegated uploaders", text(log_of([
        [put_op("/in/x", a)], ([put_op("/in/x", b), put_op("/in/y", c)], {"n": 1, "fresh": FRESH}),
        ([put_op("/late", a)], {"n": 1, "fresh": FRESH, "time": 1731536000 + 3601}),
        ([put_op("/none", a)], {"n": 1, "fresh": FRESH, "certificate": ...}),
        ([MKDIR], {"n": 1, "fresh": FRESH}), ([put_op("/other", a)], {"n": 2, "fresh": FRESH})])), **BOTH)
    accept("log", "segments", text(log_of([[
        {"op": "segment", "first": f, "last": l, "bytes": l, "manifest": f"{f}-{l}"}]
        for f, l in ((3, 4), (1, 2), (1, 4), (2, 3), (6, 7), (1, 4))])), **BOTH)
    long = "ä" * 127
    accept("log", "long names in conflict", text(log_of([
        [put_op("/" + long, a), put_op("/" + long, b, base=None), put_op("/x" + long[1:] + "y", a),
         put_op("/x" + long[1:] + "y", b, base=None), put_op("/.a", a), put_op("/.a", b, base=None),
         put_op("/a.b c d e f g h i j", a), put_op("/a.b c d e f g h i j", b, base=None)]])), **BOTH)
    accept("log", "a forged uploader", text([entry_line([MKDIR], uploader=2)]), **BOTH)
    false_owner = {"n": 1, "fresh": FRESH, "uploader": 0}
    accept("log", "begun by another", text(log_of([
        ([put_op("/x", a)], false_owner), [put_op("/x", b)], ([put_op("/y", a)], {**false_owner, "time": 4 * TIME}),
        ([put_op("/in/x", b)], {"n": 1, "fresh": FRESH})])), **BOTH)
    accept("log", "times that lie back, and ahead", text(log_of([
        [put_op("/x", a)], ([put_op("/x", b)], {"time": 5}), ([put_op("/in/x", c)], {"n": 1, "fresh": FRESH, "time": 6}),
        ([put_op("/x", c)], {"time": 1731536000 + 3601}),
        ([put_op("/late", a)], {"n": 1, "fresh": FRESH}), ([put_op("/x", a)], {"time": TIME}),
        ([put_op("/in/y", b)], {"n": 1, "fresh": FRESH})])), **BOTH)
    accept("log", "a delegated uploader that names the owner's records", text(log_of([
        [put_op("/x", a), put_op("/y", b)], ([put_op("/in/x", a), put_op("/in/z", c)], {"n": 1, "fresh": FRESH}),
        [{"op": "rm", "path": "/x", "recursive": False}, {"op": "rm", "path": "/in/z", "recursive": False}],
        ([put_op("/in/z", c)], {"n": 1, "fresh": FRESH}),
        [{"op": "purge", "records": [a.hex(), b.hex(), c.hex()]}]])), **BOTH)
    for seed in range(8):
        chance, seen = random.Random(seed), []
        entries = [[random_ops(chance, seen) for _ in range(chance.randint(1, 8))] for _ in range(20)]
        accept("log", f"random {seed}", text(log_of(entries)), **BOTH)

    good = log_of([[MKDIR], [put_op("/x", a)], [put_op("/x", b)]])

    def no(reason, lines, status="integrity"):
        refuse("log", reason, text(lines), status=status, **BOTH)
    no("log-seq", [good[0], good[2]])
    no("log-seq/order", [good[0], good[2], good[1]])
    no("log-seq/twice", [good[0], good[0]])
    no("log-seq/first", good[1:])
    other = log_of([[{**MKDIR, "path": "/b"}], [put_op("/x", a)]])
    no("log-prev", [good[0], other[1]])
    no("log-prev/first", [entry_line([MKDIR], prev=a)])
    no("log-another", [entry_line([MKDIR], log="00" * 16)])
    no("log-writer", log_of([[MKDIR], ([put_op("/x", a)], false_owner)]))
    no("log-writer/third", log_of([([MKDIR], {**false_owner, "n": 2}), [MKDIR], ([put_op("/x", a)], false_owner)]))
    no("line-sig", [good[0], changed(good[1], good[1].index(b'"time":') + 8)])
    no("op-unknown", log_of([([{"op": "chmod"}], {"does": [["name", ""]]})]))
    no("entry-ops", log_of([([MKDIR], {"does": [["share", ""]]})]))
