#!/usr/bin/python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""The manual's examples, computed again; and round trips.

Every value computed here must stand in the manual page that it comes from.
The last line is `N passed, 0 failed`.
"""

import pathlib
import random
import re
import subprocess
import sys
import tempfile

from inxt_reference import (contents, encoder, keys, manifest, notation, pieces, proofs, tags,
                            tokens)
from inxt_reference.notation import b64, labelled, labelled_hash, hkdf, sha256, sign, to_json

HERE = pathlib.Path(__file__).parent
MANUAL = HERE.parent.parent / "man"
COUNTS = [0, 0]


def check(name, good):
    COUNTS[0 if good else 1] += 1
    if not good:
        print("FAILED", name)


_pages = {}


def page(name):
    if name not in _pages:
        text = (MANUAL / name).read_text()
        for escape, letter in ((r"\(dq", '"'), (r"\-", "-"), (r"\&", ""), (r"\e", "\\")):
            text = text.replace(escape, letter)
        _pages[name] = text
    return _pages[name]


def stands(where, name, value):
    value = value.hex() if isinstance(value, bytes) else value
    check(f"{where}: {name}: {value[:100]}", value in page(where))


# --- the manual's example, used by make_vectors.py too ----------------------

OWNER = keys.Owner(bytes(32))
HOST_SEED = b"\x11" * 32
HOST = notation.ed25519_public(HOST_SEED)
CONTROL_SEED = b"\x22" * 32
SECRET = b"\x33" * 32
FILE = bytes(range(16))
HELLO = b"hello, strange Hosts\n"
PRIVATE = {"name": "hello.txt", "mtime": 1700000000, "mode": 420, "length": 21}
ACCOUNT = notation.ed25519_public(OWNER.uploader(0).account_seed(HOST))
TIME = 1700000000


def example(**changes):
    return encoder.Encoded(HELLO, OWNER.recipient, OWNER.uploader(0), **{
        "private": PRIVATE, "file": FILE, "secret": SECRET, "seal_key": b"\x44" * 32,
        "nonce": b"\x55" * 24, "fresh": b"\x77" * 32, "control": CONTROL_SEED, **changes})


def certificate():
    return tokens.make(OWNER.identity_seed, "inxt-certificate", {
        "iss": OWNER.id.hex(), "sub": OWNER.uploader(1).writer.hex(), "uploader": 1,
        "iat": TIME, "exp": 1731536000})


def uploader_file():
    public = {**keys.owner_public(OWNER), "uploader": 1}
    return keys.write_key_file("uploader", public, {
        "uploader_key": b64(OWNER.uploader(1).key), "certificate": certificate()})


def offer_payload(piece, tag, size=16):
    return {"iss": ACCOUNT.hex(), "aud": HOST.hex(), "piece": piece.hex(), "size": size,
            "until": 1707776000, "price": 0,
            "control": notation.ed25519_public(CONTROL_SEED).hex(), "tag": b64(tag),
            "jti": b64(FILE), "iat": TIME, "exp": 1700086400}


def contract(piece, tag, size=16):
    """Offer, acceptance, receipt."""
    account_seed = OWNER.uploader(0).account_seed(HOST)
    offer = tokens.make(account_seed, "inxt-offer", offer_payload(piece, tag, size))
    acceptance = tokens.make(HOST_SEED, "inxt-acceptance", {
        "iss": HOST.hex(), "offer": tokens.offer_hash(offer).hex(), "account": ACCOUNT.hex(),
        "piece": piece.hex(), "size": size, "until": 1707776000, "price": 0, "iat": TIME + 1})
    receipt = tokens.make(HOST_SEED, "inxt-receipt", {
        "iss": HOST.hex(), "kind": "stored", "contract": tokens.contract_hash(acceptance).hex(),
        "piece": piece.hex(), "size": size, "iat": TIME + 1})
    return offer, acceptance, receipt


LONG_PIECE = bytes(i % 251 for i in range(10000))

# --- page by page ----------------------------------------------------------


def labels_page():
    where, k = "inxt-labels.5", SECRET
    parameters = {"piece-seal": notation.u64(1) + notation.u32(2) + notation.u32(3),
                  "uploader": notation.u32(1), "account": HOST}
    for name in ("data-key", "private-key", "commitment", "piece-seal", "recipient", "uploader",
                 "writer", "account"):
        salt = FILE if name in ("data-key", "private-key", "commitment", "piece-seal") else b""
        stands(where, name, hkdf(k, salt, f"inxt/v1/{name}", parameters.get(name, b"")))
    for name in ("piece", "header-hash", "offer-hash", "contract-hash", "receipt-hash",
                 "audit-set", "challenge", "sample"):
        stands(where, name, labelled_hash(f"inxt/v1/{name}", b"abc"))
    for name in ("header-line", "manifest-line", "answer"):
        stands(where, name, b64(sign(HOST_SEED, f"inxt/v1/{name}", b"abc")))


def key_page():
    where, o = "inxt-key.5", OWNER
    stands(where, "word list", sha256((HERE / "inxt_reference" / "english.txt").read_bytes()))
    check("words", keys.entropy_to_words(bytes(32)) == ["abandon"] * 23 + ["art"])
    check("words read", keys.words_to_entropy(b"abandon " * 23 + b"ART\n") == bytes(32))
    for name, value in {
            "seed": o.seed[:32], "seed 2": o.seed[32:], "role 0": o.role[0], "owner id": o.id,
            "role 1": o.role[1], "recipient secret": o.recipient_secret,
            "recipient public": o.recipient, "recipient": keys.recipient_to_text(o.recipient),
            "role 2": o.role[2], "U_0": o.uploader(0).key, "W_0 seed": o.uploader(0).writer_seed,
            "W_0": o.uploader(0).writer, "U_1": o.uploader(1).key, "W_1": o.uploader(1).writer,
            "Host": HOST, "A_0,h seed": o.uploader(0).account_seed(HOST),
            "A_0,h": ACCOUNT}.items():
        stands(where, name, value)
    secret = {"entropy": b64(bytes(32))}
    plain = keys.write_key_file("owner", keys.owner_public(o), secret)
    sealed = keys.write_key_file("owner", keys.owner_public(o), secret, b"correct horse",
                                 b"\x88" * 16, b"\x99" * 24)
    stands(where, "argon2id", keys.argon2id(b"correct horse", b"\x88" * 16, 65536, 3))
    for name, file in {"plain": plain, "sealed": sealed, "uploader": uploader_file()}.items():
        stands(where, name, file.decode())
        read = keys.read_key_file(file + b"\n", b"correct horse")
        check(f"key file {name} read", getattr(read, "entropy", bytes(32)) == bytes(32))


def manifest_page():
    where, e = "inxt-manifest.5", example()
    stands(where, "data key", contents.data_key(SECRET, FILE))
    stands(where, "private key", hkdf(SECRET, FILE, "inxt/v1/private-key"))
    stands(where, "ciphertext", e.ciphertext)
    stands(where, "header hash", e.hash)
    stands(where, "private", to_json(PRIVATE))
    for line in e.lines:
        stands(where, "line", line.decode())
    stands(where, "ciphertext line", e.signed({
        "type": "ciphertext", "path": "hello.txt.enc", "offset": 0, "length": 21,
        "sha256": sha256(e.ciphertext).hex()}).decode())
    stands(where, "end", e.signed({"type": "ciphertext-end", "bytes": 21}).decode())
    read = manifest.read(e.manifest())
    check("known writer", manifest.check_writer(read.header, TIME, owner=OWNER) == "own")
    secret = manifest.open_stanzas(read.header, read.stanzas, OWNER.recipient_secret)
    check("stanza", secret == SECRET)
    check("private", manifest.open_private(read.header, secret)["name"] == b"hello.txt")
    for d, padded in ((0, 1), (1, 2), (21, 22), (1000000, 1015808)):
        check(f"padme {d}", contents.padme(d + 1) == padded)
    check("worked", pieces.segment_sizes(10000000, 4, 2097152) == [8388608, 1611392])
    check("worked", pieces.shard_size(1611392, 4) == 402848)
    check("worked", [len(s) for s in pieces.cut(bytes(17), 4)] == [16] * 4)
    check("empty", pieces.segment_sizes(0, 4, 4096) == [0] and pieces.shard_size(0, 4) == 16)


def piece_page():
    where, e = "inxt-piece.5", example()
    shards = pieces.add_parity(pieces.cut(e.ciphertext, 2), 1)
    for (place, name), shard in zip(e.places.items(), shards):
        piece = e.pieces[name]
        stands(where, "shard", shard)
        stands(where, "key", pieces.seal_key(e.seal_key, FILE, *place))
        stands(where, "piece", piece)
        stands(where, "head", pieces.leaf(piece))
        stands(where, "id", name)
    check("inverses", pieces.INVERSES[1:8] == [1, 0x8e, 0xf4, 0x47, 0xa7, 0x7a, 0xba])
    check("parity", pieces.add_parity([b"\1", b"\2"], 1)[2] == b"\x7b")
    check("matrix", pieces.coding_matrix(4, 2)[4:] == [[0x47, 0xa7, 0x7a, 0xba],
                                                        [0xa7, 0x47, 0xba, 0x7a]])
    leaves = [pieces.leaf(b) for b in pieces.blocks_of(LONG_PIECE)]
    for value in [*leaves, pieces.node(*leaves[:2]), pieces.head_of(leaves),
                  pieces.piece_id(LONG_PIECE)]:
        stands(where, "tree", value)
    check("path", pieces.path_of(leaves, 0) == leaves[1:])
    check("path", pieces.path_of(leaves, 2) == [pieces.node(*leaves[:2])])
    check("file size", pieces.stored_bytes(10000) == 24576)


def tag_page():
    where, e = "inxt-tag.5", example()
    name = e.places[0, 0, 0]
    text = e.tag_texts[name]
    stands(where, "first line", text.split(b"\n")[0].decode())
    check("1160", len(text.rstrip(b"\n")) == 1160)
    stands(where, "text", sha256(text))
    stands(where, "tag", sha256(e.tags[name]))
    tag = tags.Tag(e.tags[name], OWNER.recipient_secret)
    check("tag secret", tag.open_secret(OWNER.recipient_secret) == SECRET)


def token_page():
    where, e = "inxt-token.5", example()
    name = e.places[0, 0, 0]
    offer, acceptance, receipt = contract(name, e.tags[name])
    check("4327", len(offer) == 4327)
    stands(where, "offer", sha256(offer.encode()))
    stands(where, "offer hash", tokens.offer_hash(offer))
    stands(where, "acceptance", acceptance)
    stands(where, "contract hash", tokens.contract_hash(acceptance))
    stands(where, "receipt", receipt)
    stands(where, "receipt hash", tokens.receipt_hash(receipt))
    tokens.check_put_answer(offer, acceptance, receipt)
    stands(where, "certificate", certificate())
    for token in re.findall(r"eyJ[\w-]+\.[\w-]+\.[\w-]+", page(where)):
        kind = notation.parse_json(notation.b64_decode(token.split(".")[0]))["typ"]
        check(f"token {kind}", tokens.read(token, kind, TIME))


def descriptor_page():
    hosts = [line for line in page("inxt-descriptor.5").split("\n") if '"type":"host"' in line]
    read = tokens.read_hosts("\n".join(["# a comment", "", *hosts]).encode())
    check("hosts", list(read) == [HOST] and read[HOST]["term_max_s"] == 31536000)


def proof_page():
    where, e = "inxt-proof.5", example()
    first = e.pieces[e.places[0, 0, 0]]
    held = {pieces.piece_id(p): p for p in (first, LONG_PIECE)}
    c = proofs.Challenge(b"\x66" * 32, HOST, [(n, len(p)) for n, p in held.items()], 3)
    stands(where, "set hash", c.set_hash)
    stands(where, "C", c.hash)
    stands(where, "request", c.requests[0].decode())
    stands(where, "request", sha256(c.requests[0]))
    lines = [proofs.make_proof(held[name], block) for name, block in c.samples]
    answer = proofs.make_answer(HOST_SEED, HOST, c.requests[0], lines, TIME + 5)
    stands(where, "answer", answer.decode().split("\n")[-2])
    read = proofs.read_answer(answer, HOST, c.hash, c.requests[0], 3)
    check("held", [proofs.outcome(line, *sample, len(held[sample[0]]))
                   for line, sample in zip(read, c.samples)] == ["held"] * 3)
    before = [to_json({"type": "audit", "version": 1, "beacon": "66" * 32, "host": HOST.hex(),
                       "samples": 3, "set_hash": c.set_hash.hex(), "anchored": True,
                       "confidence_ppm": 990000})]
    before += [to_json({"type": "set", "piece": n.hex(), "size": s}) for n, s in c.held]
    before += [to_json({"type": "request", "body": c.requests[0].decode()}),
               to_json({"type": "testimony", "try": 1, "time": TIME + 4, "elapsed_ms": 12,
                        "outcome": "answered"})]
    for line in before:
        stands(where, "transcript", line)
    text = "".join(line + "\n" for line in before) + answer.decode()
    end = to_json({"type": "end", "hosts": 1, "lines": 9, "hash": sha256(text.encode()).hex()})
    stands(where, "end line", end)
    check("transcript", [audit["verdict"] for audit in proofs.read_transcript(
        (text + end + "\n").encode())] == ["passed"])
    stands(where, "missing", proofs.make_missing(pieces.piece_id(LONG_PIECE), 2).decode())
    check("460", all(proofs.bound(b, 460, 0) < b / 100 + 1 for b in (1000, 100000)))
    check("all", proofs.bound(50, 50, 0) == 0)


# --- round trips -----------------------------------------------------------


def round_trip(name, data, loss, private=None, words=None, uploader=None, **layout):
    """Encode, lose `loss` pieces of each segment, restore by the program."""
    owner = keys.Owner(sha256(b"owner of round trips"))
    private = {"length": len(data), **(private or {})}
    uploader = owner.uploader(uploader or 0)
    made = encoder.Encoded(data, owner.recipient, uploader, private=private,
                           seed=name.encode(), **layout)
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "pieces").mkdir()
        chance = random.Random(name)
        segments = {place[0] for place in made.places}
        lost = set()
        for segment in segments:
            here = sorted(p for p in made.places if p[0] == segment)
            lost |= set(chance.sample(here, loss))
        for place, piece_id in made.places.items():
            if place not in lost:
                (folder / "pieces" / piece_id.hex()).write_bytes(made.pieces[piece_id])
                (folder / "pieces" / f"{piece_id.hex()}.tag").write_bytes(made.tags[piece_id])
        # A stranger's file lies beside it and is passed over.
        other = keys.Owner(sha256(b"a stranger"))
        strange = encoder.Encoded(b"strange", owner.recipient, other.uploader(0), seed=b"s")
        for piece_id, piece in strange.pieces.items():
            (folder / "pieces" / piece_id.hex()).write_bytes(piece)
            (folder / "pieces" / f"{piece_id.hex()}.tag").write_bytes(strange.tags[piece_id])
        out = folder / "out"
        done = subprocess.run(
            [sys.executable, HERE / "restore.py", "--pieces", folder / "pieces", "-o", out],
            input=" ".join(keys.entropy_to_words(owner.entropy)).encode(), capture_output=True)
        return done.returncode, out.read_bytes() if out.exists() else None


def round_trips():
    chance = random.Random(1)
    data = chance.randbytes(100000)
    check("4+2, 2 lost", round_trip("a", data, 2, k=4, m=2, shard_bytes=4096) == (0, data))
    check("4+2, 3 lost", round_trip("a", data, 3, k=4, m=2, shard_bytes=4096) == (10, None))
    check("3 mirrors, 2 lost", round_trip("b", data[:9999], 2, k=1, m=0, mirrors=3,
                                          shard_bytes=4096) == (0, data[:9999]))
    check("10+4, uploader 3", round_trip("c", data, 4, k=10, m=4, shard_bytes=4096,
                                         uploader=3) == (0, data))
    check("empty", round_trip("d", b"", 1, k=2, m=1) == (0, b""))
    text = b"all work and no play " * 100000
    check("zstd, padded", round_trip("e", text, 1, {"compression": "zstd", "padding": "padme"},
                                     k=2, m=1, shard_bytes=4096) == (0, text))
    check("exact", round_trip("f", data[:16384], 1, k=2, m=1, shard_bytes=4096)
          == (0, data[:16384]))
    for k, m in ((1, 1), (2, 3), (5, 5), (17, 3), (64, 64)):
        shards = pieces.add_parity([chance.randbytes(16) for _ in range(k)], m)
        kept = chance.sample(range(k + m), k)
        check(f"{k}+{m}", pieces.rebuild_data({i: shards[i] for i in kept}, k, m) == shards[:k])


def main():
    for part in (labels_page, key_page, manifest_page, piece_page, tag_page, token_page,
                 descriptor_page, proof_page, round_trips):
        part()
    print(f"{COUNTS[0]} passed, {COUNTS[1]} failed")
    return 1 if COUNTS[1] else 0


if __name__ == "__main__":
    sys.exit(main())
