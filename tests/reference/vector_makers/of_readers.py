# SPDX-License-Identifier: AGPL-3.0-or-later
"""inxt-manifest(5): what a key opens, known writers, local files."""

from inxt_reference import keys, manifest, tokens
from inxt_reference.notation import b64, sha256
from selftest import FILE, HELLO, OWNER, SECRET, TIME, certificate, example

from .common import E1, ENTROPY, HEADER, OTHER, SEED, accept, body_of, lines, refuse


def open_vectors():
    def lines_with(stanzas, **changes):
        e = example(**changes)
        return lines(e.header, *stanzas(e), *e.lines[2:])
    accept("open", "example", E1.manifest(), entropy=ENTROPY)
    other = keys.recipient_to_text(OTHER.recipient)
    accept("open", "second stanza", lines_with(lambda e: [
        e.signed(manifest.stanza(OTHER.recipient, other, SECRET, b"\x78" * 32)), e.stanza]),
        entropy=ENTROPY)
    accept("open", "recipient's text is not relied on", lines_with(lambda e: [
        e.signed(manifest.stanza(OWNER.recipient, other, SECRET, b"\x78" * 32))]),
        entropy=ENTROPY)
    accept("open", "empty private part", example(private={}).manifest(), entropy=ENTROPY)
    accept("open", "all members", example(private={
        "name": "x", "name_b64": b64(b"\xff.txt"), "mtime": 0, "mode": 4095, "length": 21,
        "compression": "zstd", "padding": "padme", "later": True}, encoded=HELLO).manifest(),
        entropy=ENTROPY)
    refuse("open", "stanza-none", E1.manifest(), entropy=OTHER.entropy.hex(),
           status="wrong_key")
    refuse("open", "stanza-none/no stanza", lines_with(lambda e: []), entropy=ENTROPY,
           status="wrong_key")
    refuse("open", "header-commitment", lines_with(lambda e: [e.signed(manifest.stanza(
        OWNER.recipient, other, b"\x34" * 32, b"\x78" * 32))]), entropy=ENTROPY,
        status="wrong_key")
    for what, private in {
            "name long": {"name": "x" * 256}, "mode": {"mode": 4096}, "mtime": {"mtime": "1"},
            "compression": {"compression": "gzip"}, "padding": {"padding": True},
            "name_b64": {"name_b64": "="}}.items():
        refuse("open", f"header-private/{what}",
               example(private=private, encoded=HELLO).manifest(), entropy=ENTROPY)
    private_key = {"not JSON": b"hello", "twice": b'{"mode":1,"mode":1}', "space behind": b"{} "}

    def raw(blob):
        header = manifest.sign_header(SEED, {**HEADER, "private": b64(blob)})
        hh = manifest.header_hash(header)
        each = [manifest.sign_line(SEED, hh, body_of(line)) for line in E1.lines[1:-1]]
        seal = {**body_of(E1.seal), "hash": sha256(lines(header, *each[1:])).hex()}
        return lines(header, *each, manifest.sign_line(SEED, hh, seal))
    for what, text in private_key.items():
        refuse("open", f"header-private/{what}", raw(manifest.seal_private(
            SECRET, FILE, b"\x55" * 24, text)), entropy=ENTROPY)
    refuse("open", "header-private/other file", raw(manifest.seal_private(
        SECRET, bytes(16), b"\x55" * 24, b"{}")), entropy=ENTROPY)
    refuse("open", "header-private/too short", raw(bytes(39)), entropy=ENTROPY)
    refuse("open", "header-private/empty", raw(b""), entropy=ENTROPY)


def writer_vectors():
    def header(uploader=1, seed=None, **changes):
        made_here = {**HEADER, "writer": OWNER.uploader(1).writer.hex(), "uploader": uploader,
                     "certificate": certificate(), **changes}
        made_here = {n: v for n, v in made_here.items() if v is not ...}
        return manifest.sign_header(seed or OWNER.uploader(1).writer_seed, made_here)

    def signed(**changes):
        payload = {"iss": OWNER.id.hex(), "sub": OWNER.uploader(1).writer.hex(), "uploader": 1,
                   "iat": TIME, "exp": 1731536000, **changes}
        return tokens.make(OWNER.identity_seed, "inxt-certificate", payload)
    owner = {"owners": [OWNER.id.hex()], "now": TIME}
    accept("writer", "own", E1.header, entropy=ENTROPY, now=TIME)
    accept("writer", "own delegated, expired", header(), entropy=ENTROPY, now=1900000000)
    accept("writer", "trusted", E1.header, trusted=[HEADER["writer"]], now=TIME)
    accept("writer", "certificate", header(), **owner)
    accept("writer", "certificate within the skew", header(), owners=owner["owners"],
           now=1731536000 + 3600)
    refuse("writer", "writer-unknown", E1.header, status="denied", **owner)
    refuse("writer", "writer-unknown/number", header(uploader=2, certificate=...),
           entropy=ENTROPY, now=TIME, status="denied")
    refuse("writer", "writer-unknown/caretaker", header(
        seed=OWNER.uploader(1 << 30).writer_seed, uploader=1 << 30,
        writer=OWNER.uploader(1 << 30).writer.hex(), certificate=...),
           entropy=ENTROPY, now=TIME, status="denied")
    refuse("writer", "writer-unknown/owner", header(), owners=[OTHER.id.hex()], now=TIME,
           status="denied")
    refuse("writer", "writer-unknown/nobody", header(), now=TIME, status="denied")
    refuse("writer", "writer-certificate/number", header(uploader=2), **owner)
    refuse("writer", "writer-certificate/writer",
           header(certificate=signed(sub=OTHER.uploader(1).writer.hex())), **owner)
    refuse("writer", "writer-certificate/no token", header(certificate="x"), **owner)
    refuse("writer", "writer-certificate/other signer", header(certificate=tokens.make(
        OTHER.identity_seed, "inxt-certificate", {
            "iss": OWNER.id.hex(), "sub": OWNER.uploader(1).writer.hex(), "uploader": 1,
            "iat": TIME, "exp": 1731536000})), **owner)
    refuse("writer", "writer-expired", header(), owners=owner["owners"],
           now=1731536000 + 3601, status="denied")


def path_vectors():
    setting = {"folders": ["allowed", "spool"], "directories": ["allowed/sub", "spool", "other"],
               "files": {"allowed/a": b64(b"a"), "allowed/sub/b": b64(b"b"),
                         "spool/c": b64(b"c"), "other/d": b64(b"d"), "allowed-not": b64(b"e")},
               "links": {"allowed/link": "a", "allowed/folder": "sub",
                         "allowed/out": "../other"}}
    deep = ["allowed/" + "d/" * n for n in (63, 64)]
    setting["directories"] += deep
    setting["files"].update({folder + "f": b64(b"f") for folder in deep})
    for path in ("a", "sub/b", "c", "ROOT/allowed/a", "ROOT/spool/c", "d/" * 63 + "f"):
        accept("path", path, path, **setting)
    for name, path in {
            "path-outside": "ROOT/other/d", "path-outside/prefix of a name": "ROOT/allowed-not",
            "path-component/two points": "../other/d", "path-component/inside":
            "sub/../a", "path-component/point": "./a", "path-component/absolute":
            "ROOT/allowed/../other/d", "path-component/link": "link",
            "path-component/linked folder": "folder/b",
            "path-component/empty": "sub//b", "path-component/empty in absolute":
            "ROOT/allowed//a", "path-component/slash at the end": "a/",
            "path-component/nothing": "", "path-component/65 deep": "d/" * 64 + "f",
            "path-component/link outside": "out/d", "path-kind": "sub"}.items():
        refuse("path", name, path, status="denied", **setting)


def ciphertext_vectors():
    run = {"type": "ciphertext", "path": "hello.txt.enc", "offset": 0, "length": 21,
           "sha256": sha256(E1.ciphertext).hex()}

    def text(*runs):
        total = sum(r["length"] for r in runs)
        return lines(E1.header, E1.stanza, *map(E1.signed, runs),
                     E1.signed({"type": "ciphertext-end", "bytes": total}))
    folder = {"folders": ["spool"], "directories": ["spool"],
              "files": {"spool/hello.txt.enc": b64(E1.ciphertext)}}
    accept("ciphertext", "example", text(run), **folder)
    two = [{**run, "offset": at, "length": n, "sha256": sha256(E1.ciphertext[at:at + n]).hex()}
           for at, n in ((0, 16), (16, 5), (21, 0))]
    accept("ciphertext", "in runs", text(*two), **folder)
    changed = {**folder, "files": {"spool/hello.txt.enc": b64(E1.ciphertext[:-1] + b"x")}}
    refuse("ciphertext", "ciphertext-sha256", text(run), **changed)
    refuse("ciphertext", "ciphertext-sha256/swapped",
           text({**two[0], "sha256": two[1]["sha256"]}, two[1]), **folder)
    refuse("ciphertext", "ciphertext-sha256/cut",
           text(run), **{**folder, "files": {"spool/hello.txt.enc": b64(E1.ciphertext[:-1])}})
