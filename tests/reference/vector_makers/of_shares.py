# SPDX-License-Identifier: AGPL-3.0-or-later
"""inxt-share(5): links, share files, bundles."""

from inxt_reference import keys, notation, share_requests, shares
from inxt_reference.notation import b64
from selftest import ACCOUNT, BRIDGE_SEED, CONTROL_SEED, HOST, HOST_SEED, OWNER, SECRET, TIME

from .common import E1, ENTROPY, OTHER, accept, refuse

KEYS = shares.ShareKeys(SECRET)
BRIDGE = notation.ed25519_public(BRIDGE_SEED)
WRITER = notation.ed25519_public(HOST_SEED)
ADDRESS = "bridge.example:4243"
NONCE = b"\x99" * 24
FRESH = b"\x77" * 32
LINES = E1.header.decode() + "\n"


def link_vectors():
    link = shares.make_link(KEYS, BRIDGE, WRITER, ADDRESS)
    accept("share-link", "example", link)
    accept("share-link", "white space around", f" \t{link}\r\n")
    accept("share-link", "an address of IPv6", shares.make_link(KEYS, BRIDGE, WRITER, "[2001:db8::1]:4243"))
    head, fragment = link.split("#")

    def no(reason, text):
        refuse("share-link", reason, text, status="usage")
    no("link-form/nothing", "")
    no("link-form/no fragment", head)
    no("link-form/empty fragment", head + "#")
    no("link-form/a letter less", link[:-1])
    no("link-form/a letter more", link + "A")
    no("link-form/padding", link + "=")
    no("link-form/another scheme", link.replace("https", "http"))
    no("link-form/no port", link.replace(":4243", ""))
    no("link-form/capitals", link.replace(KEYS.id.hex(), KEYS.id.hex().upper()))
    no("link-form/too long", link.replace("bridge", "b" * 1000))
    no("link-form/a Bridge of small order", shares.make_link(KEYS, bytes(32), WRITER, ADDRESS))
    no("link-id", link.replace("/s/" + KEYS.id.hex()[0], "/s/" + "0123456789abcdef"[int(KEYS.id.hex()[0], 16) ^ 1]))
    no("link-id/another secret", head + "#" + b64(bytes(32) + BRIDGE + WRITER))


def file_of(seed=HOST_SEED, to=OWNER.recipient, **changes):
    return shares.make_file(KEYS, BRIDGE, [ADDRESS, "192.0.2.1:4243"], TIME + 3600, to,
                            keys.recipient_to_text(to), seed, FRESH, changes)


def file_vectors():
    def given():
        return {"entropy": ENTROPY}
    accept("share-file", "example", file_of(), **given())
    accept("share-file", "unknown members", file_of(x=1, crit=[]), **given())

    def no(reason, data, status="integrity"):
        refuse("share-file", reason, data, status=status, **given())
    no("share-sig", file_of().replace(b'"version":1', b'"version": 1'))
    no("share-sig/by another", file_of(CONTROL_SEED, writer=WRITER.hex()))
    no("share-sealed", file_of(to=OTHER.recipient), "wrong_key")
    no("share-id", file_of(id="00" * 16))
    no("share-form/version", file_of(version=2))
    no("share-form/type", file_of(type="bundle"))
    no("share-form/no address", file_of(addresses=[]))
    no("share-form/nine addresses", file_of(addresses=[ADDRESS] * 9))
    no("share-form/an address without a port", file_of(addresses=["bridge.example"]))
    no("share-form/too long", file_of(x="x" * 4096))
    no("crit-unknown/share", file_of(crit=["x"]))
    for member in ("bridge", "addresses", "id", "expires", "recipient", "sealed", "writer"):
        no(f"member-missing/share {member}", file_of(**{member: ...}))


def members_of(**changes):
    file = {"path": "2026/a.tar", "bytes": 16, "mtime": TIME, "mode": 0o640,
            "extents": [{"first": 0, "bytes": 10, "from": 6, "manifest": 1},
                        {"first": 10, "bytes": 6, "from": 0, "manifest": 0}],
            "manifests": [{"lines": LINES, "secrets": 1}, {"lines": LINES, "secrets": 2}]}
    members = {"type": "bundle", "version": 1, "folder": True, "name": "photos", "made": TIME, "expires": TIME + 3600,
               "accounts": [{"host": HOST.hex(), "uploader": 0, "account": ACCOUNT.hex()}],
               "folders": ["2026", "2026/empty"],
               "files": [{**file, **changes.pop("file", {})}]}
    members.update(changes)
    return {n: v for n, v in members.items() if v is not ...}


SECRETS = [bytes([n]) * 32 for n in (1, 2, 3)]


def bundle_vectors():
    def given(secret=SECRET, writer=WRITER):
        return {"secret": secret.hex(), "writer": writer.hex()}

    def made(secrets=SECRETS, **changes):
        return shares.make_bundle(KEYS, members_of(**changes), secrets, HOST_SEED, NONCE)

    def no(reason, data, **changes):
        refuse("share-bundle", reason, data, **given(**changes))
    accept("share-bundle", "example", made(), **given())
    one = {"path": "a.tar", "mtime": 0, "mode": 0, "manifests": [{"lines": LINES, "secrets": 1}]}
    accept("share-bundle", "one file of unknown length",
           made(SECRETS[:1], folder=False, folders=[], files=[one]), **given())
    accept("share-bundle", "an empty file", made([], files=[{**one, "bytes": 0, "manifests": []}]), **given())
    accept("share-bundle", "an empty folder", made([], files=[]), **given())
    accept("share-bundle", "with the log's last entry", made([], files=[], seq=2**53 - 1), **given())
    no("member-type/bundle seq", made([], files=[], seq="1"))
    no("bundle-seal", made(), secret=bytes(32))
    no("bundle-seal/changed", made()[:-1] + bytes([made()[-1] ^ 1]))
    no("bundle-seal/cut", made()[:39])
    no("bundle-sig", made(), writer=notation.ed25519_public(CONTROL_SEED))
    no("bundle-sig/by another", shares.make_bundle(KEYS, members_of(), SECRETS, CONTROL_SEED, NONCE))
    no("bundle-secrets/one more", made(SECRETS + SECRETS[:1]))
    no("bundle-secrets/one less", made(SECRETS[:2]))
    no("bundle-secrets/more than fit", shares.make_bundle(KEYS, members_of(), SECRETS, HOST_SEED, NONCE, count=2**20))
    for what, path in (("dots", "../a"), ("dots inside", "a/../../b"), ("a slash in front", "/a"), ("two slashes", "a//b"),
                       ("a slash behind", "a/"), ("a dot", "."), ("nothing", ""), ("a zero byte", "a\0b"),
                       ("a long name", "a" * 256), ("a folder of that name", "2026")):
        no(f"bundle-form/path, {what}", made(file={"path": path}))
    no("bundle-form/a path twice", made(SECRETS * 2, files=members_of()["files"] * 2))
    no("bundle-form/a path without its folder", made(folders=["2026/empty", "other"]))
    no("bundle-form/a folder without its folder", made(folders=["2026", "other/empty"]))
    no("bundle-form/a file in a file", made(SECRETS[:1] * 2, files=[one, {**one, "path": "a.tar/b"}]))
    no("bundle-form/one file in a folder", made(SECRETS[:1], folder=False, folders=[], files=[{**one, "path": "a/b"}]))
    no("bundle-form/two files and no folder", made(folder=False))
    no("bundle-form/type", made(type="share"))
    no("bundle-form/version", made(version=2))
    no("bundle-form/a gap", made(file={"extents": [{"first": 1, "bytes": 15, "from": 0, "manifest": 0}]}))
    no("bundle-form/an extent of no manifest", made(file={"extents": [{"first": 0, "bytes": 16, "from": 0, "manifest": 2}]}))
    no("bundle-form/extents of other bytes", made(file={"bytes": 17}))
    no("bundle-form/no manifest", made([], file={"manifests": [], "extents": []}))
    no("bundle-form/files", made([], files=[1]))
    no("member-limit/bundle secrets", made(file={"manifests": [{"lines": LINES, "secrets": 5}]}))
    no("crit-unknown/bundle", made(crit=["x"]))
    for member in ("folder", "name", "made", "expires", "accounts", "folders", "files"):
        no(f"member-missing/bundle {member}", made(**{member: ...}))


def request_vectors():
    pieces = [bytes([n]) * 32 for n in range(1, 7)]
    other = bytes([0xBB]) * 32

    def body(bundle=b"sealed", places=None, **changes):
        if places is None:
            places = [share_requests.place(HOST, ACCOUNT, pieces[:2], "a.b.c"),
                      share_requests.place(other, ACCOUNT, pieces[:1], "d.e.f"),
                      share_requests.place(HOST, ACCOUNT, pieces[2:])]
        members = {"share": KEYS.id.hex(), "client": KEYS.client.hex(), "expires": TIME,
                   "lines": len(places), "bundle_bytes": len(bundle), **changes}
        return share_requests.make_share(members, places, bundle)

    def no(reason, data):
        refuse("share-request", reason, data)
    accept("share-request", "example", body())
    accept("share-request", "of one object", body(object="cc" * 32))
    accept("share-request", "without pieces", body(places=[]))
    accept("share-request", "an empty bundle", body(bundle=b""))
    accept("share-request", "unknown members", body(x=1))
    no("share-body/cut", body()[:-1])
    no("share-body/more behind it", body() + b"\n")
    no("share-body/a line less", body(lines=2))
    no("share-body/no line", b'{"type":"share"}')
    no("share-body/type", body(type="lease"))
    no("share-body/a client of small order", body(client="00" * 32))
    no("member-limit/share lines", body(lines=2049))
    no("member-limit/share bundle_bytes", body(bundle_bytes=8388609))
    first, second, third = [share_requests.place(HOST, ACCOUNT, pieces[:2], "a.b.c"),
                            share_requests.place(HOST, ACCOUNT, pieces[2:], "a.b.c"),
                            share_requests.place(HOST, ACCOUNT, pieces[1:])]
    no("share-body/a capability twice", body(places=[first, second]))
    no("share-body/a piece twice", body(places=[first, third]))
    no("share-body/not ascending", body(places=[share_requests.place(HOST, ACCOUNT, pieces[1::-1], "a")]))
    no("share-body/no pieces", body(places=[share_requests.place(HOST, ACCOUNT, [], "a")]))
    no("share-body/half an id", body(places=[share_requests.place(HOST, ACCOUNT, [pieces[0][:31]], "a")]))
    no("share-body/another line", body(places=[{**first, "type": "share"}]))
    no("share-body/a long line", body(places=[{**first, "x": "x" * 65536}]))
    no("member-missing/capability", body(places=[share_requests.place(HOST, ACCOUNT, pieces)]))
    no("member-limit/capability", body(places=[share_requests.place(HOST, ACCOUNT, pieces, "a" * 1201)]))
    for member in ("share", "client", "expires", "lines", "bundle_bytes"):
        no(f"member-missing/share {member}", body(**{member: ...}))

    def lease(**changes):
        members = {"host": HOST.hex(), "account": ACCOUNT.hex(), "pieces": [p.hex() for p in pieces], **changes}
        return notation.to_json({n: v for n, v in members.items() if v is not ...})
    accept("lease-request", "example", lease())
    for what, value in (("none", []), ("33", ["01" * 32] * 33), ("a short one", ["01" * 31]), ("capitals", ["AB" * 32]),
                        ("numbers", [1])):
        refuse("lease-request", f"lease-body/pieces, {what}", lease(pieces=value))
    for member in ("host", "account", "pieces"):
        refuse("lease-request", f"member-missing/{member}", lease(**{member: ...}))


def share_vectors():
    request_vectors()
    link_vectors()
    file_vectors()
    bundle_vectors()
