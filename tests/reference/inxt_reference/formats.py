# SPDX-License-Identifier: AGPL-3.0-or-later
"""How a vector of each format is run: given and input in, value out, or Refused.

The layout of the vectors is described in make_vectors.py.
"""

import os
import tempfile

from . import (care, contents, inventory, keys, logs, manifest, notation, pieces, placement, proofs, restore, share_requests,
               shares, tags, tokens, trees)
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
    kind = "caretaker" if read.n >= keys.CARETAKERS_BEGIN else "uploader"
    return {"kind": kind, "owner": read.owner_id, "uploader": read.n,
            "uploader_key": read.key, "writer": read.writer}


def _host_backup(given, data):
    passphrase = given.get("passphrase")
    seed, links = keys.read_host_backup(
        data, passphrase.encode() if passphrase is not None else None)
    return {"host": notation.ed25519_public(seed), "seed": seed,
            "former": [link["iss"].hex() for link in links]}


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


def _renewed(given, data):
    said = tokens.check_renewed(given["offer"], given["acceptance"], given["renewal"],
                                given["renewal_acceptance"],
                                [bytes.fromhex(name) for name in given.get("successors", [])])
    return {"renewal_hash": tokens.renewal_hash(given["renewal"]), "until": said["until"]}


def _voucher(given, data):
    said = tokens.check_voucher(data.decode("latin-1"), bytes.fromhex(given["account"]),
                                bytes.fromhex(given["host"]), given["now"])
    return {"bridge": said["iss"], "exp": said["exp"],
            **({"bytes": said["bytes"]} if "bytes" in said else {})}


def _permit(given, data):
    return tokens.check_permits(data.decode("latin-1"), bytes.fromhex(given["bridge"]),
                                bytes.fromhex(given["client"]), given["now"])


def _lease(given, data):
    return tokens.check_leased(data.decode("latin-1"), bytes.fromhex(given["client"]),
                               [bytes.fromhex(name) for name in given["hosts"]],
                               bytes.fromhex(given["piece"]), given["now"])


def _hosts(given, data):
    hosts = tokens.read_hosts(data)
    stands, disputed = tokens.stand_for(hosts)
    return {"hosts": [{"host": host.hex(), "addresses": said["addresses"], "iat": said["iat"]}
                      for host, said in sorted(hosts.items())],
            "stand_for": {id.hex(): host.hex() if host else None
                          for id, host in sorted(stands.items())},
            "disputed": [id.hex() for id in disputed],
            "for_new_pieces": [id.hex() for id in tokens.for_new_pieces(hosts)]}


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
    lines, _ = proofs.read_answer(data, bytes.fromhex(given["host"]),
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
    required = [bytes.fromhex(name) for name in given.get("required", [])]
    return {"audits": proofs.read_transcript(data, required)}


def _extract(given, data):
    return {"hosts": proofs.read_extract(data)}


def _commitments(given, data):
    return {"hosts": proofs.read_commitments(data)}


def _beacon(given, data):
    return proofs.read_beacon_file(data)


def _inventory(given, data):
    tree = inventory.Tree([(bytes.fromhex(name), size, count, bytes.fromhex(root))
                           for name, size, count, root in given["leaves"]])
    asked = bytes.fromhex(given["asked"])
    held = any(name == given["asked"] for name, *_ in given["leaves"])
    line = inventory.make_inclusion(tree, asked) if held else inventory.make_exclusion(tree, asked)
    read = inventory.read_inclusion(line) if held else inventory.read_exclusion(line)
    must((read["root"], read["blocks"], read["bytes"]) == tree.branch, "own-line")
    return {"root": tree.branch[0], "blocks": tree.branch[1], "bytes": tree.branch[2],
            "line": line.decode()}


def _inventory_head(given, data):
    return inventory.read_head(data)


def _inventory_heads(given, data):
    before, head = inventory.read_head(given["before"].encode()), inventory.read_head(data)
    return {"conflict": inventory.conflict(before, head),
            "follows": inventory.follows(before, head)}


def _inventory_inclusion(given, data):
    return inventory.read_inclusion(data, bytes.fromhex(given["asked"])
                                    if "asked" in given else None)


def _inventory_exclusion(given, data):
    return inventory.read_exclusion(data)


def _inventory_lookup(given, data):
    head, asked = inventory.read_lookup(data)
    return {"head": head, "pieces": len(asked), "last": list(asked[-1])}


def _witness_request(given, data):
    return {"hash": inventory.read_witness_request(data)}


def _witness(given, data):
    return inventory.read_witness(data)


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


def _placement(given, data):
    return placement.place(given)


def _tree_key(given, data):
    key = logs.TreeKey(_owner(given).recipient_secret)
    return {name: getattr(key, name) for name in ("log", "record", "entry", "cache")}


def _object_record(given, data):
    return logs.open_record(data, logs.TreeKey(_owner(given).recipient_secret))


def _log_entry(given, data):
    sealed, said = logs.read_entry_head(data)
    return {**said, "ops": logs.open_entry(sealed, said, logs.TreeKey(_owner(given).recipient_secret))}


def _log(given, data):
    entries = logs.read_log(data.split(b"\n")[:-1], _owner(given))
    last = entries[-1][0]
    return {"seq": last["seq"], "hash": last["hash"], **trees.fold(entries).shown()}


def _share_link(given, data):
    return shares.read_link(data)


def _share_file(given, data):
    return shares.read_file(data, _owner(given).recipient_secret)


def _share_bundle(given, data):
    return shares.read_bundle(data, bytes.fromhex(given["secret"]), bytes.fromhex(given["writer"]))


def _share_request(given, data):
    return share_requests.read_share(data)


def _lease_request(given, data):
    return share_requests.read_lease(data)


def _care_request(given, data):
    return care.read_request(data)


def _care_key(given, data):
    return care.read_key(data)


def _care_info(given, data):
    return care.read_info(data)


def _care_place(given, data):
    return care.read_place(data)


def _care_report(given, data):
    return care.read_report(data)


_FORMATS = {
    "share-link": _share_link, "share-file": _share_file, "share-bundle": _share_bundle,
    "care-request": _care_request, "care-key": _care_key, "care-info": _care_info, "care-place": _care_place,
    "care-report": _care_report, "share-request": _share_request, "lease-request": _lease_request,
    "tree-key": _tree_key, "object-record": _object_record, "log-entry": _log_entry, "log": _log,
    "json": _json, "b64": _b64, "labels": _labels, "words": _words, "recipient": _recipient,
    "key-file": _key_file, "host-backup": _host_backup, "manifest": _manifest, "open": _open, "writer": _writer,
    "path": _path, "ciphertext": _ciphertext, "segments": _segments, "parity": _parity,
    "seal": _seal, "piece": _piece, "stored-piece": _stored_piece, "tag": _tag, "token": _token,
    "put-answer": _put_answer, "renewed": _renewed, "voucher": _voucher, "permit": _permit,
    "lease": _lease,
    "hosts": _hosts, "audit-challenge": _audit_challenge, "audit-request": _audit_request, "audit-answer": _audit_answer,
    "audit-outcome": _audit_outcome, "audit-bound": _audit_bound, "transcript": _transcript,
    "inventory-transcript": _transcript,
    "inventory": _inventory, "inventory-head": _inventory_head,
    "inventory-heads": _inventory_heads, "inventory-inclusion": _inventory_inclusion,
    "inventory-exclusion": _inventory_exclusion, "inventory-lookup": _inventory_lookup,
    "witness-request": _witness_request, "witness": _witness,
    "extract": _extract, "commitments": _commitments, "beacon": _beacon, "padding": _padding, "zstd": _zstd, "zstd-table": _zstd_table, "file": _file,
    "placement": _placement,
}
