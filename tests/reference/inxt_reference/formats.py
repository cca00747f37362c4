# SPDX-License-Identifier: AGPL-3.0-or-later
"""How a vector of each format is run: given and input in, value out, or Refused.

The layout of the vectors is described in make_vectors.py.
"""

import os
import tempfile

from . import contents, keys, manifest, notation, pieces, proofs, restore, tags, tokens
from .notation import b64, b64_decode, must, parse_json, sha256


def input_of(vector):
    if "input" in vector:
        return vector["input"].encode()
    if "input_b64" in vector:
        return b64_decode(vector["input_b64"])
    if "input_parts" in vector:
        return b"".join(b64_decode(part) if isinstance(part, str) else bytes(part)
                        for part in vector["input_parts"])
    if "input_count" in vector:
        return bytes(i % 251 for i in range(vector["input_count"]))
    return b""


def shown(value):
    """32-byte names and keys as hex, other bytes as b64."""
    if isinstance(value, bytes):
        return value.hex() if len(value) in (16, 32) else b64(value)
    if isinstance(value, dict):
        return {name: shown(v) for name, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [shown(v) for v in value]
    return value


def run(vector):
    """The value that this implementation gives; raises notation.Refused."""
    return shown(_FORMATS[vector["format"]](vector.get("given", {}), input_of(vector)))


def _owner(given):
    return keys.Owner(bytes.fromhex(given["entropy"])) if "entropy" in given else None


def _json(given, data):
    return {"keys": list(parse_json(data))}


def _b64(given, data):
    return {"hex": b64_decode(data.decode("latin-1"), given.get("size")).hex()}


def _labels(given, data):
    label = given["label"]
    if given["function"] == "hkdf":
        return {"key": notation.hkdf(bytes.fromhex(given["key"]), bytes.fromhex(given["salt"]),
                                     label, data)}
    if given["function"] == "hash":
        return {"hash": notation.labelled_hash(label, data)}
    seed = bytes.fromhex(given["seed"])
    return {"public": notation.ed25519_public(seed), "sig": notation.sign(seed, label, data)}


def _words(given, data):
    owner = keys.Owner(keys.words_to_entropy(data))
    uploader = owner.uploader(given["uploader"])
    return {"entropy": owner.entropy.hex(), "owner": owner.id,
            "recipient": keys.recipient_to_text(owner.recipient), "uploader_key": uploader.key,
            "writer": uploader.writer,
            "account": notation.ed25519_public(uploader.account_seed(
                bytes.fromhex(given["host"])))}


def _recipient(given, data):
    return {"key": keys.recipient_from_text(data.decode())}


def _key_file(given, data):
    passphrase = given.get("passphrase")
    read = keys.read_key_file(data, passphrase.encode() if passphrase is not None else None)
    if isinstance(read, keys.Owner):
        return {"kind": "owner", "owner": read.id, "entropy": read.entropy.hex()}
    return {"kind": "uploader", "owner": read.owner_id, "uploader": read.n,
            "uploader_key": read.key, "writer": read.writer}


def _manifest(given, data):
    read = manifest.read(data, given["stage"])
    value = {"file": read.header.file, "writer": read.header.writer,
             "uploader": read.header.uploader, "header_hash": read.header.hash,
             "stanzas": len(read.stanzas)}
    if given["stage"] == "shard":
        return {**value, "ciphertext_lines": len(read.ciphertext),
                "ciphertext_bytes": read.ciphertext_bytes}
    last = read.pieces[-1]
    return {**value, "segments": last.segment + 1, "pieces": len(read.pieces),
            "bytes": last.segment * read.layout.segment_bytes + last.last,
            "places": len(read.places), "hash": read.seal}


def _open(given, data):
    read = manifest.read(data)
    secret = manifest.open_stanzas(read.header, read.stanzas, _owner(given).recipient_secret)
    private = manifest.open_private(read.header, secret)
    if "name" in private:
        private["name_b64"] = b64(private.pop("name"))
    return {"secret": secret, "private": private}


def _writer(given, data):
    known = [bytes.fromhex(owner) for owner in given.get("owners", [])]
    trusted = [bytes.fromhex(writer) for writer in given.get("trusted", [])]
    return {"by": manifest.check_writer(manifest.Header(data), given["now"], trusted,
                                        _owner(given), known)}


def _folder_of(given, folder):
    for name in given.get("directories", []):
        os.makedirs(os.path.join(folder, name))
    for name, data in given.get("files", {}).items():
        with open(os.path.join(folder, name), "wb") as file:
            file.write(b64_decode(data))
    for name, target in given.get("links", {}).items():
        os.symlink(target, os.path.join(folder, name))
    return manifest.LocalFiles(os.path.join(folder, name) for name in given["folders"])


def _path(given, data):
    with tempfile.TemporaryDirectory() as folder:
        folder = os.path.realpath(folder)
        files = _folder_of(given, folder)
        found = files.find(data.decode().replace("ROOT", folder))
        return {"found": os.path.relpath(found, folder)}


def _ciphertext(given, data):
    read = manifest.read(data, "shard")
    with tempfile.TemporaryDirectory() as folder:
        files = _folder_of(given, os.path.realpath(folder))
        return {"ciphertext_b64": b64(b"".join(map(files.ciphertext, read.ciphertext)))}


def _segments(given, data):
    sizes = pieces.segment_sizes(given["bytes"], given["k"], given["shard_bytes"])
    return {"segments": len(sizes), "last": sizes[-1],
            "first_shard_size": pieces.shard_size(sizes[0], given["k"]),
            "last_shard_size": pieces.shard_size(sizes[-1], given["k"])}


def _parity(given, data):
    size = len(data) // given["k"]
    shards = [data[i * size:(i + 1) * size] for i in range(given["k"])]
    return {"parity_b64": b64(b"".join(pieces.add_parity(shards, given["m"])[given["k"]:]))}


def _seal(given, data):
    place = given["segment"], given["shard"], given["mirror"]
    layout_key, file = bytes.fromhex(given["seal_key"]), bytes.fromhex(given["file"])
    piece = pieces.seal(layout_key, file, place, data)
    return {"key": pieces.seal_key(layout_key, file, *place), "piece_b64": b64(piece),
            "id": pieces.piece_id(piece)}


def _piece(given, data):
    name = pieces.piece_id(data)
    must("id" not in given or name.hex() == given["id"], "piece-id")
    leaves = [pieces.leaf(b) for b in pieces.blocks_of(data)]
    block = given["block"]
    return {"id": name, "head": pieces.head_of(leaves), "leaf": leaves[block],
            "path": [h.hex() for h in pieces.path_of(leaves, block)],
            "stored_bytes": pieces.stored_bytes(len(data)),
            "pages_sha256": sha256(b"".join(pieces.tree_pages(leaves)))}


def _stored_piece(given, data):
    said = pieces.read_stored(data)
    return {"piece": said["piece"], "size": said["size"], "account": said["account"],
            "root": said["root"], "bytes_sha256": sha256(said["bytes"])}


def _tag(given, data):
    owner = _owner(given)
    tag = tags.Tag(data, owner.recipient_secret,
                   bytes.fromhex(given["id"]) if "id" in given else None)
    return {"control_seed": tag.control_seed, "secret": tag.open_secret(owner.recipient_secret),
            "file": tag.header.file, "writer": tag.header.writer, "k": tag.layout.k,
            "m": tag.layout.m, "segment": tag.piece.segment, "shard": tag.piece.shard,
            "mirror": tag.piece.mirror, "size": tag.piece.size, "id": tag.piece.id}


def _token(given, data):
    said = tokens.read(data.decode("latin-1"), given["typ"], given.get("now"))
    if "tag" in said:
        said["tag_sha256"] = sha256(said.pop("tag"))
    return {name: value if not isinstance(value, bytes) or len(value) == 32 else b64(value)
            for name, value in said.items()}


def _put_answer(given, data):
    tokens.check_put_answer(given["offer"], given["acceptance"], given["receipt"])
    return {"offer_hash": tokens.offer_hash(given["offer"]),
            "contract_hash": tokens.contract_hash(given["acceptance"]),
            "receipt_hash": tokens.receipt_hash(given["receipt"])}


def _hosts(given, data):
    return {"hosts": [{"host": host.hex(), "addresses": said["addresses"], "iat": said["iat"]}
                      for host, said in sorted(tokens.read_hosts(data).items())]}


def _audit_challenge(given, data):
    held = [(bytes.fromhex(name), size) for name, size in given["set"]]
    made = proofs.Challenge(bytes.fromhex(given["beacon"]), bytes.fromhex(given["host"]), held,
                            given["asked"])
    return {"set_hash": made.set_hash, "challenge": made.hash, "samples": made.n,
            "blocks": made.total, "requests": len(made.requests),
            "requests_sha256": sha256(b"".join(made.requests)),
            "first": [made.samples[0][0].hex(), made.samples[0][1]]}


def _audit_request(given, data):
    challenge, samples = proofs.read_request(data)
    return {"challenge": challenge, "samples": len(samples),
            "last": [samples[-1][0].hex(), samples[-1][1]]}


def _audit_answer(given, data):
    request = given["request"].encode()
    challenge, samples = proofs.read_request(request)
    lines = proofs.read_answer(data, bytes.fromhex(given["host"]),
                               bytes.fromhex(given["challenge"]), request, len(samples))
    sizes = given["sizes"]
    found = [proofs.outcome(line, name, block, sizes[name.hex()])
             for line, (name, block) in zip(lines, samples)]
    return {"outcomes": found, "verdict": proofs.verdict(found)}


def _audit_outcome(given, data):
    return {"outcome": proofs.outcome(data, bytes.fromhex(given["piece"]), given["block"],
                                      given["size"])}


def _audit_bound(given, data):
    return {"bound": proofs.bound(given["blocks"], given["samples"], given["bad"])}


def _transcript(given, data):
    return {"audits": proofs.read_transcript(data)}


def _extract(given, data):
    return {"hosts": proofs.read_extract(data)}


def _padding(given, data):
    return {"data_b64": b64(contents.unpad(data))}


def _zstd(given, data):
    plain = contents.decompress(data)
    return {"bytes": len(plain), "sha256": sha256(plain)}


def _zstd_table(given, data):
    sizes = contents.read_table(data)
    return {"frames": len(sizes), "bytes": sum(d for _, d in sizes)}


def _file(given, data):
    source = restore.from_manifest(data, _owner(given), given["now"])
    plain = restore.join(source, lambda name: b64_decode(given["pieces"][name.hex()])
                         if name.hex() in given["pieces"] else None)
    return {"bytes": len(plain), "sha256": sha256(plain)}


_FORMATS = {
    "json": _json, "b64": _b64, "labels": _labels, "words": _words, "recipient": _recipient,
    "key-file": _key_file, "manifest": _manifest, "open": _open, "writer": _writer,
    "path": _path, "ciphertext": _ciphertext, "segments": _segments, "parity": _parity,
    "seal": _seal, "piece": _piece, "stored-piece": _stored_piece, "tag": _tag, "token": _token,
    "put-answer": _put_answer, "hosts": _hosts, "audit-challenge": _audit_challenge,
    "audit-request": _audit_request, "audit-answer": _audit_answer,
    "audit-outcome": _audit_outcome, "audit-bound": _audit_bound, "transcript": _transcript,
    "extract": _extract, "padding": _padding, "zstd": _zstd, "zstd-table": _zstd_table, "file": _file,
}
