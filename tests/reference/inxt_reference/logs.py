# SPDX-License-Identifier: AGPL-3.0-or-later
"""inxt-tree(5): keys, object records, log entries, operations, and reading a log."""

import re

from . import contents
from .notation import (Members, Refused, aead_open, aead_seal, b64, b64_decode, box_open, box_seal,
                       hex_decode, hkdf, join_signed, labelled_hash, must, parse_json, sign,
                       split_signed, to_json, verify)
from .tokens import CLOCK_SKEW_S, read as read_token

RECORD_BYTES_MAX = 1048576
RECORD_BODY_BYTES_MAX = 2097152
ENTRY_BYTES_MAX = 65535
ENTRY_BODY_BYTES_MAX = 262144
MANIFEST_BYTES_MAX = 262144
MANIFESTS_MAX = 256
EXTENTS_MAX = 4096
LEVELS_MAX = 3
METADATA_MAX = 64
METADATA_BYTES_MAX = 16384
OPS_MAX = 256
PURGE_MAX = 256
NAME_BYTES_MAX = 255
DEPTH_MAX = 64
PATH_BYTES_MAX = 8192
SEGMENT_MANIFEST_BYTES_MAX = 65536
UPLOADER_MAX = 2**31 - 1
ZEROS = bytes(32)


class TreeKey:
    """What the owner's recipient key gives."""

    def __init__(self, recipient_secret):
        self.recipient_secret = recipient_secret
        self.tree = hkdf(recipient_secret, b"", "inxt/v1/tree")
        self.log = hkdf(self.tree, b"", "inxt/v1/log-id")[:16]
        self.record = hkdf(self.tree, b"", "inxt/v1/record-key", self.log)
        self.entry = hkdf(self.tree, b"", "inxt/v1/entry-key", self.log)
        self.cache = hkdf(self.tree, b"", "inxt/v1/tree-cache", self.log)


# --- lines with a sealed body ------------------------------------------------

ZSTD_FRAME_MAGIC = b"\x28\xb5\x2f\xfd"


def raw_frame(text):
    """A zstd frame that says its length and compresses nothing."""
    frame = ZSTD_FRAME_MAGIC + b"\xa0" + len(text).to_bytes(4, "little")
    blocks = [text[i:i + 131072] for i in range(0, len(text), 131072)] or [b""]
    for number, block in enumerate(blocks):
        last = number + 1 == len(blocks)
        frame += (len(block) << 3 | last).to_bytes(3, "little") + block
    return frame


def _content_size(frame):
    """What the frame's header says, or None."""
    if frame[:4] != ZSTD_FRAME_MAGIC or len(frame) < 6:
        return None
    flags = frame[4]
    single, size_bytes = flags >> 5 & 1, (0, 2, 4, 8)[flags >> 6]
    if not single and not size_bytes:
        return None
    at = 5 + (0 if single else 1) + (0, 1, 2, 4)[flags & 3]
    size_bytes = size_bytes or 1
    size = int.from_bytes(frame[at:at + size_bytes], "little")
    return size + 256 if size_bytes == 2 else size


def _raw_text(frame):
    """What a frame as raw_frame() makes it holds, or None: it spares a process for each line."""
    at, text = 9, b""
    while frame[4] == 0xA0 and at + 3 <= len(frame):
        header = int.from_bytes(frame[at:at + 3], "little")
        text, at = text + frame[at + 3:at + 3 + (header >> 3)], at + 3 + (header >> 3)
        if header & 6 or at > len(frame):
            return None
        if header & 1:
            return text if at == len(frame) else None
    return None


def unpack(frame, most):
    size = _content_size(frame)
    must(size is not None, "body-zstd", "no length")
    must(size <= most, "body-zstd", "length")
    text = _raw_text(frame)
    if text is not None:
        must(len(text) == size, "body-zstd", "length")
        return text
    try:
        text = contents._zstd("-d", data=frame)
    except Refused:
        raise Refused("body-zstd") from None
    must(len(text) == size, "body-zstd", "length")
    return text


def seal_line(clear, body, seed, label, key, nonce, recipient=None, fresh=None):
    """A line; `key` is the body's, sealed to `recipient` (with the fresh X25519 key) where that is given."""
    sealed = b64(box_seal(recipient, key, fresh)) if recipient else "owner"
    text = to_json({**clear, "key": sealed})[:-1].encode()
    packed = body if isinstance(body, bytes) else raw_frame(to_json(body).encode())
    box = nonce + aead_seal(key, nonce, text, packed)
    signed = text + b',"body":"' + b64(box).encode() + b'"'
    return join_signed(signed, sign(seed, label, signed))


class SealedLine:
    def __init__(self, line, most):
        must(len(line) <= most, "line-long")
        self.members = Members(parse_json(line))
        self.signed, self.signature = split_signed(line)
        self.members.refuse_crit()
        key = self.members.text("key", 107)
        self.sealed_key = None if key == "owner" else b64_decode(key, 80)
        at = self.signed.rfind(b',"body":"')
        text = self.signed[at + 9:]
        must(at >= 0 and text.endswith(b'"') and text.count(b'"') == 1, "body-place")
        must(self.members.has("body"), "body-place")
        self.associated = self.signed[:at]
        self.body = b64_decode(text[:-1].decode("latin-1"))

    def open(self, owner_key, recipient_secret, most):
        key = owner_key
        if self.sealed_key is not None:
            key = box_open(recipient_secret, self.sealed_key)
            must(key is not None, "body-key", status="wrong_key")
            must(len(key) == 32, "body-key")
        packed = aead_open(key, self.body[:24], self.associated, self.body[24:])
        must(packed is not None, "body-open")
        return Members(parse_json(unpack(packed, most)))


def read_head(line, most, kind):
    """What both kinds of lines begin with: the line, and what its clear members say."""
    sealed = SealedLine(line, most)
    m = sealed.members
    must(m.text("type", 256) == kind, f"{kind}-type")
    must(m.integer("version") == 1, f"{kind}-version")
    said = {"log": m.hex("log", 16)}
    if kind == "entry":
        said.update(seq=m.integer("seq", least=1), prev=m.hex("prev"))
    said.update(writer=m.hex("writer"), uploader=m.integer("uploader", UPLOADER_MAX),
                certificate=m.text("certificate", 6144) if m.has("certificate") else "")
    return sealed, said


# --- records -----------------------------------------------------------------


def record_id(line):
    return labelled_hash("inxt/v1/record", line)


def read_metadata(m):
    if not m.has("metadata"):
        return {}
    metadata = m.get("metadata", dict)
    must(all(isinstance(v, str) for v in metadata.values()), "member-type", "metadata")
    size = sum(len(k.encode()) + len(v.encode()) for k, v in metadata.items())
    must(len(metadata) <= METADATA_MAX and size <= METADATA_BYTES_MAX and "" not in metadata,
         "metadata-limit")
    return metadata


def _id_or_null(m, name):
    return None if m.members.get(name, "") is None else m.hex(name)


def _manifest(one):
    must(isinstance(one, dict), "member-type", "manifests")
    m = Members(one)
    if not m.has("stored"):
        return {"lines": m.text("lines", MANIFEST_BYTES_MAX)}
    must(not m.has("lines"), "manifest-form")
    s = Members(m.get("stored", dict))
    return {"stored": {"levels": s.integer("levels", LEVELS_MAX, 1), "bytes": s.integer("bytes"),
                       "manifest": s.text("manifest", MANIFEST_BYTES_MAX)}}


def read_record_head(line):
    sealed, said = read_head(line, RECORD_BYTES_MAX, "object")
    must(verify(said["writer"], "inxt/v1/record-line", sealed.signed, sealed.signature), "line-sig")
    return sealed, {**said, "id": record_id(line)}


def open_record(line, key):
    sealed, said = read_record_head(line)
    must(said["log"] == key.log, "log-another")
    must(sealed.sealed_key is not None or said["uploader"] == 0, "body-owner")
    m = sealed.open(key.record, key.recipient_secret, RECORD_BODY_BYTES_MAX)
    m.refuse_crit()
    said.update(object=_id_or_null(m, "object"), previous=_id_or_null(m, "previous"),
                bytes=m.integer("bytes"), mtime=m.integer("mtime"), mode=m.integer("mode", 0o7777),
                zstd=m.get("zstd", bool), metadata=read_metadata(m))
    extents = m.get("extents", list)
    must(len(extents) <= EXTENTS_MAX, "member-limit", "extents")
    must(all(isinstance(one, dict) for one in extents), "member-type", "extents")
    said["extents"] = [[Members(one).integer(name) for name in ("first", "bytes", "from", "manifest")]
                       for one in extents]
    manifests = m.get("manifests", list)
    must(len(manifests) <= MANIFESTS_MAX, "member-limit", "manifests")
    said["manifests"] = [_manifest(one) for one in manifests]
    must((said["object"] is None) == (said["previous"] is None), "object-first")
    at = 0
    for first, size, begin, number in said["extents"]:
        must(first == at and size > 0 and begin + size < 2**53 and number < len(manifests), "object-extents")
        at += size
    must(at == said["bytes"], "object-extents")
    return said


# --- operations --------------------------------------------------------------


def path_parts(path):
    names = path.split("/")[1:]
    must(path.startswith("/") and path != "/" and len(path.encode()) <= PATH_BYTES_MAX, "op-path")
    must(len(names) <= DEPTH_MAX, "op-path")
    for name in names:
        must(name not in ("", ".", "..") and len(name.encode()) <= NAME_BYTES_MAX and "\0" not in name,
             "op-path")
    return names


def read_op(value):
    """As it is written again: the members of the operation that version 1 knows."""
    must(isinstance(value, dict), "member-type", "ops")
    m = Members(value)
    m.refuse_crit()
    kind = m.text("op", 64)

    def path(name):
        text = m.text(name, PATH_BYTES_MAX)
        path_parts(text)
        return text
    if kind == "put":
        out = {"path": path("path")} if m.has("path") else {}
        out.update(object=m.hex("object").hex(), record=m.hex("record").hex(), bytes=m.integer("bytes"),
                   mtime=m.integer("mtime"), mode=m.integer("mode", 0o7777))
        metadata = read_metadata(m)
        if metadata:
            out["metadata"] = metadata
        if m.has("base"):
            base = _id_or_null(m, "base")
            out["base"] = base and base.hex()
    elif kind == "mkdir":
        out = {"path": path("path"), "mode": m.integer("mode", 0o7777)}
    elif kind == "mv":
        out = {"from": path("from"), "to": path("to")}
    elif kind == "rm":
        out = {"path": path("path"), "recursive": m.get("recursive", bool)}
    elif kind == "rm_object":
        out = {"object": m.hex("object").hex()}
    elif kind == "purge":
        records = m.get("records", list)
        must(all(isinstance(one, str) for one in records), "member-type", "records")
        must(len(records) <= PURGE_MAX, "member-limit", "records")
        out = {"records": [hex_decode(one, 32).hex() for one in records]}
    elif kind == "restore":
        out = {"path": path("path"), "record": m.hex("record").hex()}
    elif kind == "share":
        out = {"share": m.hex("share", 16).hex(), "what": m.text("what", PATH_BYTES_MAX),
               "expires": m.integer("expires")}
        if m.has("secret"):
            out["secret"] = b64(m.b64("secret", 32))
        if m.has("recipient") and m.text("recipient", 100):
            out["recipient"] = m.text("recipient", 100)
    elif kind == "unshare":
        out = {"share": m.hex("share", 16).hex()}
    elif kind == "segment":
        out = {"first": m.integer("first"), "last": m.integer("last"), "bytes": m.integer("bytes"),
               "manifest": m.text("manifest", SEGMENT_MANIFEST_BYTES_MAX)}
        must(1 <= out["first"] <= out["last"], "op-segment")
    elif kind == "settings":
        out = {"keep_versions_s": m.integer("keep_versions_s")}
    else:
        raise Refused("op-unknown", kind)
    return {"op": kind, **out}


def does_of(op):
    kind = op["op"]
    if kind == "put":
        return ["create" if op["object"] == op["record"] else "write", op["object"]]
    if kind == "rm_object":
        return ["delete", op["object"]]
    return [{"rm": "delete", "purge": "delete", "share": "share", "unshare": "share"}.get(kind, "name"), ""]


# --- entries -----------------------------------------------------------------


def entry_hash(line):
    return labelled_hash("inxt/v1/entry", line)


def read_entry_head(line):
    sealed, said = read_head(line, ENTRY_BYTES_MAX, "entry")
    said["time"] = sealed.members.integer("time")
    does = sealed.members.get("does", list)
    must(1 <= len(does) <= OPS_MAX, "entry-does", "count")
    for one in does:
        must(isinstance(one, list) and len(one) == 2 and all(isinstance(x, str) for x in one), "entry-does")
        must(one[0] in ("create", "write", "delete", "share", "name"), "entry-does")
        must(one[1] == "" or re.fullmatch("[0-9a-f]{64}", one[1]), "entry-does")
    must(verify(said["writer"], "inxt/v1/entry-line", sealed.signed, sealed.signature), "line-sig")
    return sealed, {**said, "does": does, "hash": entry_hash(line)}


def open_entry(sealed, said, key):
    """The operations."""
    must(said["log"] == key.log, "log-another")
    must(sealed.sealed_key is not None or said["uploader"] == 0, "body-owner")
    m = sealed.open(key.entry, key.recipient_secret, ENTRY_BODY_BYTES_MAX)
    m.refuse_crit()
    ops = m.get("ops", list)
    must(len(ops) == len(said["does"]), "entry-ops", "count")
    ops = [read_op(op) for op in ops]
    must([does_of(op) for op in ops] == said["does"], "entry-ops")
    for op in ops if said["uploader"] else ():
        must(op["op"] == "put" and "path" in op and op["object"] == op["record"], "entry-delegated")
    return ops


# --- reading a log -----------------------------------------------------------


def certificate_fault(said, owner_id, owner_time):
    """Why the entry of a delegated uploader does not count, or None.  `owner_time`: the owner's last entry's."""
    try:
        token = read_token(said["certificate"], "inxt-certificate")
    except Refused as refused:
        return str(refused)
    if (token["iss"], token["sub"], token["uploader"]) != (owner_id, said["writer"], said["uploader"]):
        return "about another writer"
    if token["exp"] < max(said["time"], owner_time) - CLOCK_SKEW_S:
        return "expired"
    return None


def read_log(lines, owner):
    """For each entry: what it says, and its operations, or None where it changes nothing."""
    owner_time, false_owner = 0, None
    key = TreeKey(owner.recipient_secret)
    seq, head = 0, ZEROS
    out = []
    for line in lines:
        sealed, said = read_entry_head(line)
        must(said["log"] == key.log, "log-another")
        must(said["seq"] == seq + 1, "log-seq")
        must(said["prev"] == head, "log-prev")
        is_known = owner.uploader(said["uploader"]).writer == said["writer"]
        ops = None
        said["owner_time"] = owner_time
        if said["uploader"] == 0 and not is_known:
            # Who begins the log, when the owner has no entry in it, can be anybody.
            false_owner = said["writer"] if seq == 0 else false_owner
            must(said["writer"] == false_owner, "log-writer")
        elif said["uploader"] == 0:
            ops = open_entry(sealed, said, key)
            owner_time = said["time"]
        elif is_known and certificate_fault(said, owner.id, owner_time) is None:
            try:
                ops = open_entry(sealed, said, key)
            except Refused:
                pass
        out.append((said, ops))
        seq, head = said["seq"], said["hash"]
    return out
