# SPDX-License-Identifier: AGPL-3.0-or-later
"""inxt-manifest(5): lines, signatures, order, seal, stanzas, private part, known writers.

Paths of local files are in `LocalFiles`; the ciphertext is in contents.py, its
cutting in pieces.py.
"""

import hashlib
import os
import stat

from . import pieces, tokens
from .notation import (INTEGER_MAX, STATUS, Members, Refused, aead_open, aead_seal, b64,
                       b64_decode, box_open, box_seal, hkdf, join_signed, labelled_hash, must,
                       parse_json, sha256, sign, split_signed, to_json, verify)

LINE_BYTES_MAX = 8192
HEADER_BYTES_MAX = 1280
PRIVATE_BYTES_MAX = 900
STANZAS_MAX = 64
CHUNK_BYTES_MAX = 8388608
PATH_BYTES_MAX = 4096
COMPONENTS_MAX = 64
UPLOADER_MAX = 2147483647
SIGNED = ("stanza", "ciphertext", "ciphertext-end", "layout", "piece", "seal")
NOT_SIGNED = ("file", "place", "error")

# --- signatures ------------------------------------------------------------


def header_hash(line):
    return labelled_hash("inxt/v1/header-hash", line)


def sign_header(seed, members):
    body = members if isinstance(members, bytes) else to_json(members).encode()[:-1]
    return join_signed(body, sign(seed, "inxt/v1/header-line", body))


def sign_line(seed, hh, members):
    body = members if isinstance(members, bytes) else to_json(members).encode()[:-1]
    return join_signed(body, sign(seed, "inxt/v1/manifest-line", hh + body))


# --- reading ---------------------------------------------------------------


class Header:
    """The header line, without its newline; its signature is checked."""

    def __init__(self, line, sig_reason="sig-wrong"):
        must(len(line) <= HEADER_BYTES_MAX, "header-too-long")
        m = Members(parse_json(line))
        m.refuse_crit()
        body, signature = split_signed(line)
        must(m.integer("version") == 1, "header-version")
        self.line = line
        self.file = m.hex("file", 16)
        self.writer = m.hex("writer")
        self.uploader = m.integer("uploader", UPLOADER_MAX)
        self.certificate = m.text("certificate", 6144) if m.has("certificate") else None
        self.commitment = m.hex("commitment")
        self.private = m.b64("private", most=PRIVATE_BYTES_MAX)
        must(verify(self.writer, "inxt/v1/header-line", body, signature), sig_reason)
        self.hash = header_hash(line)

    def check_line(self, line, reason="sig-wrong"):
        body, signature = split_signed(line)
        must(verify(self.writer, "inxt/v1/manifest-line", self.hash + body, signature), reason)


class Layout:
    def __init__(self, members):
        try:
            self.k = members.integer("k", 64, 1)
            self.m = members.integer("m", 64)
            self.mirrors = members.integer("mirrors", 16, 1)
            self.shard_bytes = members.integer("shard_bytes", 2097152, 4096)
        except Refused as refused:
            must(refused.reason != "member-limit", "layout-values", str(refused))
            raise
        self.seal_key = members.hex("seal_key")
        must(self.shard_bytes % 4096 == 0, "layout-values")
        must(self.mirrors == 1 or (self.k, self.m) == (1, 0), "layout-values")

    @property
    def segment_bytes(self):
        return self.k * self.shard_bytes

    @property
    def last_place(self):
        """Shard and mirror of a segment's last piece."""
        return self.k + self.m - 1, self.mirrors - 1


class Piece:
    def __init__(self, members):
        self.segment = members.integer("segment", 4294967295)
        self.shard = members.integer("shard", 127)
        self.mirror = members.integer("mirror", 15)
        self.size = members.integer("size", pieces.PIECE_BYTES_MAX)
        self.id = members.hex("id")
        self.last = members.integer("last", 134217728) if members.has("last") else None

    @property
    def place(self):
        return self.segment, self.shard, self.mirror

    def check_size(self, layout):
        """What can be said of `last` and `size` from this line alone."""
        if self.last is not None:
            must(self.last <= layout.segment_bytes, "piece-last-large")
            must(self.last > 0 or self.segment == 0, "piece-last-zero")
        held = layout.segment_bytes if self.last is None else self.last
        must(self.size == pieces.shard_size(held, layout.k), "piece-size")


class Manifest:
    """Takes lines, without their newlines, and then finish().

    stage is "shard" for what inxt-encrypt writes (it ends with ciphertext-end)
    and "pieces" for everything after (it ends with seal).
    """

    def __init__(self, stage="pieces"):
        self.stage = stage
        self.header = self.layout = self.seal = self.ciphertext_bytes = None
        self.stanzas, self.ciphertext, self.pieces, self.files, self.places = [], [], [], [], []
        self.ciphertext_sum = 0
        self.complete = False          # the last piece of the last segment was there
        self.running = hashlib.sha256()

    def line(self, line):
        must(len(line) + 1 <= LINE_BYTES_MAX, "line-too-long")
        members = Members(parse_json(line))
        kind = members.text("type", 64)
        if kind == "error":
            self._error(members)
        if self.header is None:
            must(kind == "header", "header-first")
            self.header = Header(line)
            self.running.update(line + b"\n")
            return
        must(kind != "header", "header-second")
        if kind not in SIGNED + NOT_SIGNED:
            must(not members.has("crit"), "crit-type")
            return
        members.refuse_crit()
        if kind in SIGNED:
            self.header.check_line(line)
        must(self.seal is None or kind in ("place", "stanza"), "after-seal")
        getattr(self, "_" + kind.replace("-", "_"))(members, line)

    def finish(self):
        must(self.header is not None, "no-seal")
        end = self.ciphertext_bytes if self.stage == "shard" else self.seal
        must(end is not None, "no-seal")
        return self

    def _error(self, members):
        members.refuse_crit()
        tool, code = members.text("tool", 64), members.text("code", 64)
        members.integer("status")
        message = members.text("message", 4096)
        raise Refused("error", f"{tool}: {message!a}", code if code in STATUS else "failure")

    def _stanza(self, members, line):
        recipient = members.text("recipient", 100)
        must(members.text("kind") == "sealedbox", "stanza-kind")
        must(len(self.stanzas) < STANZAS_MAX, "stanza-count")
        self.stanzas.append((recipient, members.b64("secret", 80)))

    def _ciphertext(self, members, line):
        must(self.ciphertext_bytes is None and self.layout is None, "ciphertext-late")
        run = {"path": members.text("path", PATH_BYTES_MAX), "offset": members.integer("offset"),
               "length": members.integer("length", CHUNK_BYTES_MAX),
               "sha256": members.hex("sha256")}
        self.ciphertext_sum += run["length"]
        must(self.ciphertext_sum <= INTEGER_MAX, "ciphertext-sum")
        self.ciphertext.append(run)

    def _ciphertext_end(self, members, line):
        must(self.ciphertext_bytes is None and self.layout is None, "ciphertext-end-second")
        said = members.integer("bytes")
        must(said == self.ciphertext_sum, "ciphertext-end-bytes")
        self.ciphertext_bytes = said

    def _layout(self, members, line):
        must(self.layout is None, "layout-second")
        must(not self.ciphertext or self.ciphertext_bytes is not None, "layout-early")
        must(self.ciphertext_bytes is None, "layout-ciphertext")
        self.layout = Layout(members)
        self.running.update(line + b"\n")

    def _next_place(self):
        if not self.pieces:
            return 0, 0, 0
        segment, shard, mirror = self.pieces[-1].place
        if (shard, mirror) == self.layout.last_place:
            return segment + 1, 0, 0
        if mirror == self.layout.mirrors - 1:
            return segment, shard + 1, 0
        return segment, shard, mirror + 1

    def _piece(self, members, line):
        piece = Piece(members)
        must(self.layout is not None, "piece-no-layout")
        must(not self.complete, "piece-after-last")
        must(piece.place == self._next_place(), "piece-order")
        if (piece.shard, piece.mirror) != (0, 0):
            must(piece.last == self.pieces[-1].last, "piece-last-differs")
        piece.check_size(self.layout)
        self.complete = piece.last is not None and \
            (piece.shard, piece.mirror) == self.layout.last_place
        self.pieces.append(piece)
        self.running.update(line + b"\n")

    def _place_of(self, members):
        place = (members.integer("segment", 4294967295), members.integer("shard", 127),
                 members.integer("mirror", 15))
        must(self.layout is not None, "place-no-layout")
        must(any(piece.place == place for piece in self.pieces), "place-no-piece")
        return place

    def _file(self, members, line):
        self.files.append((self._place_of(members), members.text("path", PATH_BYTES_MAX),
                           members.integer("offset"),
                           members.integer("length", pieces.PIECE_BYTES_MAX)))

    def _place(self, members, line):
        self.places.append((self._place_of(members), members.hex("host"),
                            members.text("address", 280), members.hex("contract"),
                            members.hex("receipt"),
                            members.integer("uploader", UPLOADER_MAX) if members.has("uploader")
                            else self.header.uploader))

    def _seal(self, members, line):
        segments, count = members.integer("segments", 4294967296), members.integer("pieces")
        size, digest = members.integer("bytes"), members.hex("hash")
        must(self.complete, "seal-early")
        last = self.pieces[-1]
        must((segments, count, size) == (last.segment + 1, len(self.pieces),
                                         last.segment * self.layout.segment_bytes + last.last),
             "seal-counts")
        must(digest == self.running.digest(), "seal-hash")
        self.seal = digest


def lines_of(data):
    """Each line without its newline."""
    while data:
        line, _, data = data.partition(b"\n")   # the last one may lack its newline
        must(len(line) + 1 <= LINE_BYTES_MAX, "line-too-long")
        yield line


def read(data, stage="pieces"):
    manifest = Manifest(stage)
    for line in lines_of(data):
        manifest.line(line)
    return manifest.finish()


# --- the file's secret, stanzas, the private part --------------------------


def commitment(secret, file):
    return hkdf(secret, file, "inxt/v1/commitment")


def check_secret(header, secret):
    must(len(secret) == 32 and commitment(secret, header.file) == header.commitment,
         "header-commitment", status="wrong_key")
    return secret


def open_stanzas(header, stanzas, recipient_secret):
    for _, box in stanzas:
        secret = box_open(recipient_secret, box)
        if secret is not None:
            return check_secret(header, secret)
    raise Refused("stanza-none", status="wrong_key")


def stanza(recipient, text, secret, fresh_secret):
    return {"type": "stanza", "recipient": text, "kind": "sealedbox",
            "secret": b64(box_seal(recipient, secret, fresh_secret))}


def seal_private(secret, file, nonce, text):
    return nonce + aead_seal(hkdf(secret, file, "inxt/v1/private-key"), nonce, file, text)


def open_private(header, secret):
    key = hkdf(secret, header.file, "inxt/v1/private-key")
    text = aead_open(key, header.private[:24], header.file, header.private[24:])
    must(text is not None and len(text) <= 800, "header-private")
    try:
        m = Members(parse_json(text))
        said = {}
        if m.has("name"):
            said["name"] = m.text("name", 255).encode()
        if m.has("name_b64"):
            said["name"] = m.b64("name_b64", most=255)
        name = said.get("name", b"")
        must(not set(b"/\0") & set(name) and name not in (b".", b".."), "member-limit", "name")
        for name, most in (("mtime", INTEGER_MAX), ("mode", 4095), ("length", INTEGER_MAX)):
            if m.has(name):
                said[name] = m.integer(name, most)
        for name, only in (("compression", "zstd"), ("padding", "padme")):
            if m.has(name):
                must(m.text(name) == only, "member-limit", name)
                said[name] = only
    except Refused as refused:
        raise Refused("header-private", str(refused)) from None
    return said


# --- known writers ---------------------------------------------------------


def check_writer(header, now, trusted=(), owner=None, owners=()):
    """`owner` is the reader's own keys; `owners` are the ids of owners it knows."""
    if header.writer in trusted:
        return "trusted"
    must(header.uploader < 1073741824, "writer-unknown", status="denied")
    if owner is not None and owner.uploader(header.uploader).writer == header.writer:
        return "own"
    must(header.certificate is not None, "writer-unknown", status="denied")
    try:
        said = tokens.read(header.certificate, "inxt-certificate")
    except Refused as refused:
        raise Refused("writer-certificate", str(refused)) from None
    must(said["sub"] == header.writer and said["uploader"] == header.uploader,
         "writer-certificate")
    known = set(owners) | ({owner.id} if owner else set())
    must(said["iss"] in known, "writer-unknown", status="denied")
    must(said["exp"] >= now - tokens.CLOCK_SKEW_S, "writer-expired", status="denied")
    return "certificate"


# --- local files -----------------------------------------------------------


class LocalFiles:
    """Files that ciphertext and file lines may name: those in `folders`."""

    def __init__(self, folders):
        self.folders = [os.path.abspath(folder) for folder in folders]

    def find(self, path):
        candidates = [os.path.join(folder, path) for folder in self.folders]
        if path.startswith("/"):
            candidates = [path] if any(path.startswith(f + "/") for f in self.folders) else []
        must(candidates, "path-outside", status="denied")
        for candidate in candidates:
            folder = next(f for f in self.folders if candidate.startswith(f + "/"))
            here = folder
            parts = candidate[len(folder) + 1:].split("/")
            must(not {"", ".", ".."} & set(parts) and len(parts) <= COMPONENTS_MAX and
                 "\0" not in candidate, "path-component", status="denied")
            for part in parts:
                here = os.path.join(here, part)
                must(not os.path.islink(here), "path-component", status="denied")
            if os.path.lexists(here):
                must(stat.S_ISREG(os.lstat(here).st_mode), "path-kind", status="denied")
                return here
        raise Refused("not-found", path, "not_found")

    def ciphertext(self, run):
        with open(self.find(run["path"]), "rb") as file:
            file.seek(run["offset"])
            data = file.read(run["length"])
        must(len(data) == run["length"] and sha256(data) == run["sha256"], "ciphertext-sha256")
        return data
