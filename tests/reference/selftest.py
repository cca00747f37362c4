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

from inxt_reference import (contents, encoder, inventory, keys, logs, manifest, notation,
                            pieces, proofs, tags, tokens, trees)
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


BRIDGE_SEED = b"\x44" * 32


def renewal_payload(piece, acceptance):
    return {"iss": notation.ed25519_public(CONTROL_SEED).hex(), "aud": HOST.hex(),
            "contract": tokens.contract_hash(acceptance).hex(), "piece": piece.hex(),
            "account": ACCOUNT.hex(), "from": 1707776000, "until": 1739312000, "price": 0,
            "iat": TIME + 20, "exp": TIME + 86420}


def renewed(piece, acceptance, size=16):
    """Renewal and its acceptance."""
    renewal = tokens.make(CONTROL_SEED, "inxt-renewal", renewal_payload(piece, acceptance))
    return renewal, tokens.make(HOST_SEED, "inxt-renewal-acceptance", {
        "iss": HOST.hex(), "renewal": tokens.renewal_hash(renewal).hex(),
        "account": ACCOUNT.hex(), "piece": piece.hex(), "size": size, "until": 1739312000,
        "price": 0, "iat": TIME + 21})


def voucher_payload():
    return {"iss": notation.ed25519_public(BRIDGE_SEED).hex(), "account": ACCOUNT.hex(),
            "aud": HOST.hex(), "iat": TIME, "exp": TIME + 86400}


def leasing_payload():
    return {"iss": ACCOUNT.hex(), "aud": HOST.hex(),
            "cnf": notation.ed25519_public(BRIDGE_SEED).hex(), "can": "lease",
            "jti": notation.b64(FILE), "iat": TIME, "exp": TIME + 86400}


def lease_payload(*read):
    """For the holder of the control key, who is nobody in particular."""
    return {"iss": notation.ed25519_public(BRIDGE_SEED).hex(), "aud": HOST.hex(),
            "cnf": notation.ed25519_public(CONTROL_SEED).hex(), "account": ACCOUNT.hex(),
            "pieces": [piece.hex() for piece in read], "jti": notation.b64(FILE),
            "iat": TIME + 40, "exp": TIME + 3640}


def permit_payload(holder):
    bridge = notation.ed25519_public(BRIDGE_SEED).hex()
    return {"iss": bridge, "aud": bridge, "cnf": holder.hex(), "can": ["audit", "create", "list"],
            "quota_bytes": 1000, "iat": TIME, "exp": TIME + 86400,
            "jti": notation.b64(bytes(range(16)))}


def heartbeat_payload():
    return {"iss": HOST.hex(), "aud": notation.ed25519_public(BRIDGE_SEED).hex(), "counter": 41,
            "iat": TIME + 50, "capacity_bytes": 10**12, "used_bytes": 10**11,
            "free_bytes": 9 * 10**11, "load": 35, "in_bytes": 123456, "out_bytes": 654321,
            "started": TIME - 3600, "software": "0.1.0", "processors": 2,
            "memory_bytes": 4 * 10**9, "accounts": [[ACCOUNT.hex(), 4112]]}


def report_payload(piece):
    return {"iss": HOST.hex(), "aud": notation.ed25519_public(BRIDGE_SEED).hex(),
            "piece": piece.hex(), "account": ACCOUNT.hex(), "what": "lost", "iat": TIME + 60}


def transfer_payload(piece, size=16):
    return {"iss": ACCOUNT.hex(), "aud": HOST.hex(), "piece": piece.hex(), "bytes": size,
            "request": "0a1b2c3d4e5f6071", "iat": TIME + 30}


LONG_PIECE = bytes(i % 251 for i in range(10000))

# --- page by page ----------------------------------------------------------


def labels_page():
    where, k = "inxt-labels.5", SECRET
    parameters = {"piece-seal": notation.u64(1) + notation.u32(2) + notation.u32(3),
                  "uploader": notation.u32(1), "account": HOST,
                  "record-key": FILE, "entry-key": FILE, "tree-cache": FILE}
    for name in ("data-key", "private-key", "commitment", "piece-seal", "recipient", "uploader",
                 "writer", "account", "tree", "log-id", "record-key", "entry-key", "tree-cache",
                 "share-id", "share-key", "share-client", "care"):
        salt = FILE if name in ("data-key", "private-key", "commitment", "piece-seal") else b""
        stands(where, name, hkdf(k, salt, f"inxt/v1/{name}", parameters.get(name, b"")))
    for name in ("piece", "header-hash", "offer-hash", "contract-hash", "receipt-hash",
                 "renewal-hash", "audit-set", "challenge", "sample", "chain", "chain-link",
                 "blinded-contract", "inventory-leaf", "inventory-node", "inventory-head", "record",
                 "entry"):
        stands(where, name, labelled_hash(f"inxt/v1/{name}", b"abc"))
    for name in ("header-line", "manifest-line", "answer", "inventory-head-line", "witness",
                 "record-line", "entry-line", "share-bundle", "share-line"):
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
    renewal, renewal_acceptance = renewed(name, acceptance)
    stands(where, "renewal", renewal)
    stands(where, "renewal hash", tokens.renewal_hash(renewal))
    stands(where, "renewal's acceptance", renewal_acceptance)
    tokens.check_renewed(offer, acceptance, renewal, renewal_acceptance)
    stands(where, "transfer", tokens.make(OWNER.uploader(0).account_seed(HOST), "inxt-transfer",
                                          transfer_payload(name)))
    stands(where, "voucher", tokens.make(BRIDGE_SEED, "inxt-voucher", voucher_payload()))
    stands(where, "capability to lease", tokens.make(OWNER.uploader(0).account_seed(HOST),
                                                     "inxt-capability", leasing_payload()))
    stands(where, "lease", tokens.make(BRIDGE_SEED, "inxt-lease", lease_payload(name)))
    stands(where, "permit", tokens.make(BRIDGE_SEED, "inxt-permit", permit_payload(ACCOUNT)))
    stands(where, "heartbeat", tokens.make(HOST_SEED, "inxt-heartbeat", heartbeat_payload()))
    stands(where, "report", tokens.make(HOST_SEED, "inxt-report", report_payload(name)))
    stands(where, "certificate", certificate())
    stands(where, "succession", host_chain([0, 1])[0])
    for token in re.findall(r"eyJ[\w-]+\.[\w-]+\.[\w-]+", page(where)):
        kind = notation.parse_json(notation.b64_decode(token.split(".")[0]))["typ"]
        check(f"token {kind}", tokens.read(token, kind, TIME))


def host_seed(number):
    """Of one Host after so many rotations, or of another; 0 is the Host of the examples."""
    return HOST_SEED if number == 0 else bytes([0xc0 + number]) * 32


def host_chain(numbers):
    """The tokens by which each key hands over to the next."""
    return [tokens.make(host_seed(old), "inxt-succession", {
        "iss": notation.ed25519_public(host_seed(old)).hex(),
        "sub": notation.ed25519_public(host_seed(new)).hex(), "iat": TIME})
        for old, new in zip(numbers, numbers[1:])]


def host_line(numbers, **changes):
    """A hosts line by the last of the keys, with the succession from the first."""
    seed = host_seed(numbers[-1])
    payload = {"iss": notation.ed25519_public(seed).hex(), "version": 1, "software": "0.1.0",
               "addresses": [f"192.0.2.{numbers[-1]}:4242"], "capacity_bytes": 10**12,
               "free_bytes": 9 * 10**11, "price": 0, "term_max_s": 31536000, "iat": TIME,
               "exp": TIME + 86400}
    if len(numbers) > 1:
        payload["succession"] = host_chain(numbers)
    payload |= changes
    return to_json({"type": "host", "host": payload["iss"], "addresses": payload["addresses"],
                    "token": tokens.make(seed, "inxt-descriptor", payload)}).encode()


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
    read, _ = proofs.read_answer(answer, HOST, c.hash, c.requests[0], 3)
    check("held", [proofs.outcome(line, *sample, len(held[sample[0]]))
                   for line, sample in zip(read, c.samples)] == ["held"] * 3)
    before = [to_json({"type": "audit", "version": 2, "host": HOST.hex(), "kind": "set",
                       "commitment": c.set_hash.hex(), "samples": 3, "confidence_ppm": 990000})]
    before += [to_json({"type": "set", "piece": n.hex(), "size": s}) for n, s in c.held]
    until = proofs.request_ms(3, 25, 131072, 3, 3 * proofs.SET_SAMPLE_BYTES)
    before += [to_json({"type": "commit", "time": TIME - 100}),
               to_json({"type": "beacon", "randomness": "66" * 32, "time": TIME - 70,
                        "source": "given"}),
               to_json({"type": "deadline", "rtt_ms": 3, "disk_ms": 25, "bytes_per_s": 131072,
                        "request_ms": until, "chosen": "measured"}),
               to_json({"type": "request", "body": c.requests[0].decode()}),
               to_json({"type": "testimony", "try": 1, "time": TIME + 4, "elapsed_ms": 12,
                        "outcome": "answered"})]
    for line in before:
        stands(where, "transcript", line)
    text = "".join(line + "\n" for line in before) + answer.decode()
    end = to_json({"type": "end", "hosts": 1, "lines": 12, "hash": sha256(text.encode()).hex()})
    stands(where, "end line", end)
    check("transcript", [audit["verdict"] for audit in proofs.read_transcript(
        (text + end + "\n").encode())] == ["passed"])
    stands(where, "missing", proofs.make_missing(pieces.piece_id(LONG_PIECE), 2).decode())
    check("460", all(proofs.bound(b, 460, 0) < b / 100 + 1 for b in (1000, 100000)))
    check("all", proofs.bound(50, 50, 0) == 0)


def example_leaves():
    """Three pieces, and the contracts of each."""
    first = example().pieces[example().places[0, 0, 0]]
    held = ((first, b"\x68"), (LONG_PIECE, b"\x69\x6a"), (LONG_PIECE[:1], b"\x6b"))
    leaves, contracts = [], {}
    for piece, told in held:
        name = pieces.piece_id(piece)
        contracts[name] = sorted(inventory.blinded(bytes([c]) * 32) for c in told)
        leaves.append((name, len(piece), len(told), inventory.contracts_root(contracts[name])))
    return sorted(leaves), contracts


def inventory_page():
    where = "inxt-inventory.5"
    leaves, contracts = example_leaves()
    tree = inventory.Tree(leaves)
    for leaf in leaves:
        stands(where, "piece", leaf[0])
        stands(where, "contracts' root", b64(leaf[3]))
        stands(where, "leaf hash", inventory.leaf_branch(leaf)[0])
        for contract in contracts[leaf[0]]:
            stands(where, "blinded contract", contract)
    inner = next(child for child in tree.root["children"] if "bits" in child)
    stands(where, "node", inner["branch"][0])
    stands(where, "root", tree.branch[0])
    head = inventory.make_head(HOST_SEED, HOST, TIME, None, 3, tree.branch)
    stands(where, "head", head.decode())
    stands(where, "head hash", inventory.head_hash(head))
    said = inventory.read_head(head)
    name = pieces.piece_id(LONG_PIECE)
    asked = inventory.blinded(b"\x69" * 32)
    index = contracts[name].index(asked)
    line = inventory.make_inclusion(tree, name, contract=inventory.listed_contract(
        contracts[name], index))
    stands(where, "inclusion", line.decode())
    read = inventory.read_inclusion(line, asked)
    check("inclusion", (read["root"], read["blocks"], read["bytes"], read["contract"])
          == (said["root"], said["blocks"], said["bytes"], "listed"))
    stands(where, "first", f"first = {read['first']}")
    line = inventory.make_inclusion(tree, name, contract=None,
                                    contracts=[b64(c) for c in contracts[name]])
    stands(where, "no contract", line.decode())
    check("no contract", inventory.read_inclusion(line, bytes(32))["contract"] == "absent")
    for absent in (b"\xff" * 32, bytes(32)):
        line = inventory.make_exclusion(tree, absent)
        stands(where, "exclusion", line.decode())
        check("exclusion", inventory.read_exclusion(line)["root"] == said["root"])
    stands(where, "lookup", inventory.make_lookup(said["hash"], [
        (name, asked), (b"\xff" * 32, None)]).decode())
    stands(where, "witness", inventory.make_witness(HOST_SEED, HOST, said["hash"],
                                                    TIME + 7).decode())


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


TREE_KEY = logs.TreeKey(OWNER.recipient_secret)
RECORD_BODY = {"object": None, "previous": None, "bytes": 21, "mtime": TIME, "mode": 420, "zstd": False,
               "metadata": {"type": "text/plain"},
               "extents": [{"first": 0, "bytes": 21, "from": 0, "manifest": 0}],
               "manifests": [{"lines": "{\"type\":\"header\"}\n"}]}


def record_line(body=None, n=0, nonce=b"\x55" * 24, fresh=None, key=None, recipient=None,
                **clear):
    """By uploader n; with `fresh` (the X25519 key) sealed to the owner under a key of 66s."""
    writer = OWNER.uploader(n)
    said = {"type": "object", "version": 1, "log": TREE_KEY.log.hex(), "writer": writer.writer.hex(),
            "uploader": n, **({"certificate": certificate()} if n else {}), **clear}
    return logs.seal_line({k: v for k, v in said.items() if v is not ...},
                          RECORD_BODY if body is None else body, writer.writer_seed,
                          "inxt/v1/record-line", key or (b"\x66" * 32 if fresh else TREE_KEY.record), nonce,
                          (recipient or OWNER.recipient) if fresh else None, fresh)


def put_op(path, record, **changes):
    op = {"op": "put", "path": path, "object": record.hex(), "record": record.hex(), "bytes": 21,
          "mtime": TIME, "mode": 420, **changes}
    return {k: v for k, v in op.items() if v is not ...}


def entry_line(ops, seq=1, prev=bytes(32), n=0, nonce=b"\x55" * 24, fresh=None, does=None, body=None,
               key=None, recipient=None, **clear):
    writer = OWNER.uploader(n)
    said = {"type": "entry", "version": 1, "log": TREE_KEY.log.hex(), "seq": seq, "prev": prev.hex(),
            "writer": writer.writer.hex(), "uploader": n,
            **({"certificate": certificate()} if n else {}), "time": TIME,
            "does": [logs.does_of(op) for op in ops] if does is None else does, **clear}
    return logs.seal_line({k: v for k, v in said.items() if v is not ...},
                          {"ops": ops} if body is None else body, writer.writer_seed,
                          "inxt/v1/entry-line", key or (b"\x66" * 32 if fresh else TREE_KEY.entry), nonce,
                          (recipient or OWNER.recipient) if fresh else None, fresh)


def tree_page():
    where = "inxt-tree.5"
    for name in ("tree", "log", "record", "entry", "cache"):
        stands(where, name, getattr(TREE_KEY, name))
    record = record_line()
    stands(where, "record", record.decode())
    stands(where, "record id", logs.record_id(record))
    stands(where, "record body", to_json(RECORD_BODY))
    ops = [put_op("/notes/hello.txt", logs.record_id(record), metadata={"type": "text/plain"}, base=None)]
    entry = entry_line(ops)
    stands(where, "entry", entry.decode())
    stands(where, "entry hash", logs.entry_hash(entry))
    stands(where, "entry body", to_json({"ops": ops}))
    tree = trees.fold(logs.read_log([entry], OWNER))
    check("the example's tree", [name for name, _ in tree.shown()["names"]] == ["/notes", "/notes/hello.txt"])
    stands(where, "conflict name", trees.conflict_name("a.tar", 7, 1))


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
                 descriptor_page, proof_page, inventory_page, tree_page, round_trips):
        part()
    print(f"{COUNTS[0]} passed, {COUNTS[1]} failed")
    return 1 if COUNTS[1] else 0


if __name__ == "__main__":
    sys.exit(main())
