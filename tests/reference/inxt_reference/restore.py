# SPDX-License-Identifier: AGPL-3.0-or-later
"""A file from its pieces: by a manifest, or by the tags beside the pieces."""

import collections

from . import contents, manifest, pieces, tags
from .notation import Refused, must


class _Source:
    """What a manifest or a set of tags says of one file."""

    def __init__(self, header, layout, secret, piece_list):
        self.header, self.layout, self.secret = header, layout, secret
        self.private = manifest.open_private(header, secret)
        self.pieces = piece_list


def join(source, get):
    """The file's bytes.  get(id) gives a piece's bytes or None; bad pieces count as missing."""
    layout, file = source.layout, source.header.file
    last = {piece.segment: piece.last for piece in source.pieces if piece.last is not None}
    must(last, "too-few-pieces", "no piece of the last segment", status="too_few_pieces")
    must(len(last) == 1, "piece-last-differs")
    segments = max(last) + 1
    must(max(piece.segment for piece in source.pieces) < segments, "piece-after-last")
    by_segment = collections.defaultdict(list)
    for piece in source.pieces:
        by_segment[piece.segment].append(piece)
    ciphertext = []
    for segment in range(segments):
        held = layout.segment_bytes if segment < segments - 1 else last[segment]
        shards, damaged = {}, False
        for piece in by_segment[segment]:
            data = get(piece.id)
            if data is None or piece.shard in shards or len(shards) == layout.k:
                continue
            try:
                pieces.check_piece(data, piece.id)
            except Refused:
                damaged = True
                continue
            must(len(data) == piece.size, "piece-size")
            shards[piece.shard] = pieces.seal(layout.seal_key, file, piece.place, data)
        # EXIT STATUS of inxt(7): proven damage goes before too few pieces.
        must(not damaged or len(shards) == layout.k, "piece-id", "and too few others")
        data = b"".join(pieces.rebuild_data(shards, layout.k, layout.m))
        ciphertext.append(data[:held])
    text = contents.crypt(source.secret, file, b"".join(ciphertext))
    return contents.decode(text, source.private)


def from_manifest(data, owner, now):
    """The source that a whole manifest describes, for its owner."""
    read = manifest.read(data)
    manifest.check_writer(read.header, now, owner=owner)
    secret = manifest.open_stanzas(read.header, read.stanzas, owner.recipient_secret)
    return _Source(read.header, read.layout, secret, read.pieces)


def from_tags(tag_of, owner, now, passed_over=lambda name, why: None):
    """Sources by header hash, from tags by piece id (as a Host or a folder shows them)."""
    found = {}
    for name, tag in sorted(tag_of.items()):
        try:
            opened = tags.Tag(tag, owner.recipient_secret, name)
            manifest.check_writer(opened.header, now, owner=owner)
            secret = opened.open_secret(owner.recipient_secret)
            source = found.get(opened.header.hash)
            if source is None:
                source = _Source(opened.header, opened.layout, secret, [])
                source.layout_line = opened.layout_line
                found[opened.header.hash] = source
            must(source.layout_line == opened.layout_line, "layout-second")
            if opened.piece.place not in [piece.place for piece in source.pieces]:
                source.pieces.append(opened.piece)
        except Refused as refused:
            passed_over(name, refused)
    return found
