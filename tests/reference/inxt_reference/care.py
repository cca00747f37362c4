# SPDX-License-Identifier: AGPL-3.0-or-later
"""inxt-bridge(7), "Care": what owners entrust to a Bridge, and what it tells them of that."""

import re

from . import manifest
from .keys import CARETAKERS_BEGIN
from .notation import INTEGER_MAX, Members, b64, b64_decode, must, parse_json, to_json

BODY_BYTES_MAX = 8388608
FILES_MAX = 1024
READINGS_MAX = 4096
PLACES_PER_PIECE_MAX = 8
SEGMENT_BYTES_MAX = 1048576
KEY_BYTES_MAX = 256
INFO_BYTES_MAX = 1024
REPORT_BYTES_MAX = 1024
TOKEN_BYTES_MAX = 1200


# --- POST /v1/care -----------------------------------------------------------


class _File:
    """Lines of one manifest: header, stanza, layout, seal, whole segments."""

    def __init__(self, line):
        self.header = manifest.Header(line)
        must(self.header.uploader < CARETAKERS_BEGIN, "care-body", "a caretaker's number")
        self.recipient = self.layout = self.counts = None
        self.segments = []

    def stanza(self, members, _):
        must(self.recipient is None, "care-body", "a second stanza")
        self.recipient = members.text("recipient", 100)
        must(members.text("kind") == "sealedbox", "stanza-kind")
        members.b64("secret", 80)

    def layout_line(self, members, _):
        must(self.recipient is not None and self.layout is None, "care-body", "layout")
        self.layout = manifest.Layout(members)

    def seal(self, members, _):
        must(self.layout is not None and self.counts is None, "care-body", "seal")
        segments, pieces = members.integer("segments", 4294967296), members.integer("pieces")
        size = members.integer("bytes")
        members.hex("hash")
        due = max(1, -(-size // self.layout.segment_bytes))
        must(size <= INTEGER_MAX - self.layout.segment_bytes and segments == due and
             pieces == due * self.per_segment, "care-body", "the seal's counts")
        self.counts = segments, pieces, size

    @property
    def per_segment(self):
        return (self.layout.k + self.layout.m) * self.layout.mirrors

    def is_whole(self):
        """The segment in work has all its pieces."""
        return bool(self.segments) and len(self.segments[-1]["pieces"]) == self.per_segment

    def piece(self, members, line):
        must(self.counts is not None, "care-body", "a piece before the seal")
        piece = manifest.Piece(members)
        if not self.segments or self.is_whole():
            must(piece.segment < self.counts[0], "care-body", "a segment too many")
            must(not self.segments or piece.segment > self.segments[-1]["number"], "care-body", "segments ascend")
            self.segments.append({"number": piece.segment, "piece_bytes": piece.size, "pieces": [], "places": []})
            self.lines_bytes = 0
            self.count = {}
        segment = self.segments[-1]
        at = divmod(len(segment["pieces"]), self.layout.mirrors)
        must((piece.segment, piece.shard, piece.mirror) == (segment["number"], *at) and not segment["places"],
             "care-body", "the order of pieces")
        rest = self.counts[2] - piece.segment * self.layout.segment_bytes
        must(piece.last == (rest if piece.segment == self.counts[0] - 1 else None), "care-body", "last")
        piece.check_size(self.layout)
        segment["pieces"].append(piece.id)
        self.lines_bytes += len(line) + 1
        must(self.lines_bytes <= SEGMENT_BYTES_MAX, "care-body", "a segment's piece lines")

    def place(self, members, _):
        said = read_place_members(members)
        must(self.counts is not None and self.is_whole() and said["segment"] == self.segments[-1]["number"] and
             said["shard"] < self.layout.k + self.layout.m and said["mirror"] < self.layout.mirrors,
             "care-body", "a place that is not behind its pieces")
        at = said["shard"], said["mirror"]
        self.count[at] = self.count.get(at, 0) + 1
        must(self.count[at] <= PLACES_PER_PIECE_MAX, "care-body", "places of a piece")
        self.segments[-1]["places"].append(said)

    def end(self):
        must(self.is_whole(), "care-body", "a segment that is not whole, or none")

    def shown(self):
        return {"file": self.header.file, "writer": self.header.writer, "recipient": self.recipient,
                "counts": list(self.counts), "segments": self.segments}


def read_place_members(members):
    said = {"segment": members.integer("segment", 4294967295), "shard": members.integer("shard", 127),
            "mirror": members.integer("mirror", 15), "host": members.hex("host"),
            "address": members.text("address", 280), "contract": members.hex("contract"),
            "receipt": members.hex("receipt")}
    if members.has("uploader"):
        said["uploader"] = members.integer("uploader", manifest.UPLOADER_MAX)
    return said


def read_request(body):
    must(len(body) <= BODY_BYTES_MAX, "care-body", "too long")
    *lines, rest = body.split(b"\n")
    must(rest == b"" and lines and all(len(line) < manifest.LINE_BYTES_MAX for line in lines), "care-body", "lines")
    head = Members(parse_json(lines[0]))
    must(head.text("type") == "care", "care-body", "type")
    caretaker = head.hex("caretaker")
    readings, files = [], []
    for line in lines[1:]:
        members = Members(parse_json(line))
        if line.startswith(b'{"type":"reading"'):
            must(not files and len(readings) < READINGS_MAX, "care-body", "readings")
            readings.append([members.integer("uploader", manifest.UPLOADER_MAX), members.hex("host"), members.hex("account"),
                             members.text("capability", TOKEN_BYTES_MAX)])
            continue
        kind = members.text("type", 64)
        members.refuse_crit()
        if kind == "header":
            if files:
                files[-1].end()
            must(len(files) < FILES_MAX, "care-body", "files")
            files.append(_File(line))
            continue
        must(kind in ("stanza", "layout", "seal", "piece", "place") and files, "care-body", "type")
        if kind != "place":
            files[-1].header.check_line(line)
        {"stanza": files[-1].stanza, "layout": files[-1].layout_line, "seal": files[-1].seal,
         "piece": files[-1].piece, "place": files[-1].place}[kind](members, line)
    if files:
        files[-1].end()
    return {"caretaker": caretaker, "readings": readings, "files": [file.shown() for file in files]}


def make_head(caretaker, readings=()):
    """The body's first lines; readings: members of each."""
    lines = [{"type": "care", "caretaker": caretaker.hex()}, *({"type": "reading", **each} for each in readings)]
    return [to_json({n: v for n, v in line.items() if v is not ...}).encode() for line in lines]


def part(encoded, places=(), segments=None):
    """A manifest's lines in the order that care takes: encoded is encoder.Encoded, places members of place lines."""
    lines = [encoded.header, encoded.stanza, encoded.layout, encoded.seal]
    per = {}
    for line in encoded.piece_lines:
        per.setdefault(parse_json(line)["segment"], []).append(line)
    for number, of_segment in sorted(per.items()):
        if segments is None or number in segments:
            lines += of_segment
            lines += [to_json(place).encode() for place in places if place["segment"] == number]
    return lines


# --- keys, lists, places, reports ---------------------------------------------

_KEY = re.compile(rb'\{"uploader":(0|[1-9][0-9]{0,9}),"uploader_key":"([A-Za-z0-9_-]{43})"\}\n')


def make_key(n, key):
    return b'{"uploader":%d,"uploader_key":"%s"}\n' % (n, b64(key).encode())


def read_key(body):
    match = _KEY.fullmatch(body)
    must(match and len(body) <= KEY_BYTES_MAX, "care-key")
    n = int(match.group(1))
    must(CARETAKERS_BEGIN <= n <= manifest.UPLOADER_MAX, "care-key")
    return {"uploader": n, "uploader_key": b64_decode(match.group(2).decode(), 32, reason="care-key")}


def read_info(line):
    must(len(line) <= INFO_BYTES_MAX, "care-line", "too long")
    members = Members(parse_json(line))
    said = {"file": members.hex("file", 16), "caretaker": members.hex("caretaker"),
            "complete": members.get("complete", bool)}
    for name in ("segments", "pieces", "short_segments", "repaired", "added"):
        said[name] = members.integer(name)
    if members.has("audited"):
        said["audited"] = members.integer("audited")
    return said


def read_place(line):
    must(len(line) < manifest.LINE_BYTES_MAX, "care-line", "too long")
    members = Members(parse_json(line))
    members.refuse_crit()
    must(members.text("type", 64) == "place", "care-line", "type")
    number, uploader = members.integer("number"), members.integer("uploader", manifest.UPLOADER_MAX)
    return {"number": number, **read_place_members(members), "uploader": uploader}


def read_report(body):
    line = body.removesuffix(b"\n")
    must(len(line) <= REPORT_BYTES_MAX, "care-line", "too long")
    members = Members(parse_json(line))
    return {"file": members.hex("file", 16), "segment": members.integer("segment", 4294967295),
            "shard": members.integer("shard", 127), "mirror": members.integer("mirror", 15),
            "host": members.hex("host")}
