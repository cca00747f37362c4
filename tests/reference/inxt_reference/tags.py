# SPDX-License-Identifier: AGPL-3.0-or-later
"""inxt-tag(5)."""

from . import manifest
from .notation import Members, Refused, b64, box_open, box_seal, must, parse_json, to_json

TAG_BYTES = 2048
TEXT_BYTES = 2000


def make_text(control_seed, box, header_line, layout_line, piece_line):
    first = to_json({"type": "tag", "version": 1, "control": b64(control_seed),
                     "secret": b64(box)}).encode()
    text = b"".join(line + b"\n" for line in (first, header_line, layout_line, piece_line))
    assert len(text) <= TEXT_BYTES
    return text.ljust(TEXT_BYTES, b"\n")


def make(recipient, text, fresh_secret):
    return box_seal(recipient, text, fresh_secret)


class Tag:
    """An opened tag.  Whether its writer is known is the reader's next question."""

    def __init__(self, tag, recipient_secret, piece=None):
        """`piece` is the id that the tag came with."""
        must(len(tag) == TAG_BYTES, "tag-size")
        text = box_open(recipient_secret, tag)
        must(text is not None, "tag-open", status="wrong_key")
        lines = text.split(b"\n", 4)
        must(len(lines) == 5 and all(lines[:4]), "tag-lines")
        must(not lines[4].strip(b"\n"), "tag-rest")
        first = Members(parse_json(lines[0]))
        must(first.text("type") == "tag", "tag-type")
        must(first.integer("version") == 1, "tag-version")
        first.refuse_crit("tag-crit")
        self.control_seed = first.b64("control", 32)
        self.secret_box = first.b64("secret", 80)
        self.header_line, self.layout_line, self.piece_line = lines[1:4]

        parsed = [Members(parse_json(line)) for line in lines[1:4]]
        for members, kind in zip(parsed, ("header", "layout", "piece")):
            must(members.text("type") == kind, "tag-line-type")
        self.header = manifest.Header(self.header_line, sig_reason="tag-header-sig")
        for members, line in zip(parsed[1:], lines[2:4]):
            members.refuse_crit()
            self.header.check_line(line, "tag-line-sig")
        self.layout = manifest.Layout(parsed[1])
        self.piece = manifest.Piece(parsed[2])
        must(self.piece.shard <= self.layout.last_place[0] and
             self.piece.mirror <= self.layout.last_place[1], "piece-order")
        self.piece.check_size(self.layout)
        must(piece in (None, self.piece.id), "tag-piece")

    def open_secret(self, recipient_secret):
        secret = box_open(recipient_secret, self.secret_box)
        if secret is None:
            raise Refused("stanza-none", status="wrong_key")
        return manifest.check_secret(self.header, secret)
