# SPDX-License-Identifier: AGPL-3.0-or-later
"""A file into manifest, pieces and tags.  Deterministic: all randomness is given."""

import hashlib

from . import contents, keys, manifest, pieces, tags
from .notation import b64, sha256, to_json


class Encoded:
    """One generation: `lines` of the manifest (without newlines), pieces by id, tags by id."""

    def __init__(self, data, owner_recipient, uploader, k=2, m=1, mirrors=1, shard_bytes=None,
                 private=None, certificate=None, seed=b"", file=None, secret=None, seal_key=None,
                 nonce=None, fresh=None, control=None, encoded=None):
        # Whatever is not given follows from `seed`; `encoded` is data after compression and
        # padding, where it is not to be made here.
        def fixed(name, size=32):
            return hashlib.blake2b(seed + name.encode(), digest_size=size).digest()
        private = dict(private or {})
        self.file = file or fixed("file", 16)
        self.secret = secret or fixed("secret")
        self.seal_key = seal_key or fixed("seal key")
        self.fresh = fresh or fixed("fresh")
        self.writer_seed = uploader.writer_seed
        self.recipient = owner_recipient

        text = to_json(private).encode()
        members = {"type": "header", "version": 1, "file": self.file.hex(),
                   "writer": uploader.writer.hex(), "uploader": uploader.n}
        if certificate:
            members["certificate"] = certificate
        members["commitment"] = manifest.commitment(self.secret, self.file).hex()
        members["private"] = b64(manifest.seal_private(self.secret, self.file,
                                                       nonce or fixed("nonce", 24), text))
        self.header = manifest.sign_header(self.writer_seed, members)
        self.hash = manifest.header_hash(self.header)

        self.stanza = self.signed(manifest.stanza(
            owner_recipient, keys.recipient_to_text(owner_recipient), self.secret, self.fresh))
        shard_bytes = shard_bytes or pieces.writer_shard_bytes(k, m)
        self.layout = self.signed({"type": "layout", "k": k, "m": m, "mirrors": mirrors,
                                   "shard_bytes": shard_bytes, "seal_key": self.seal_key.hex()})

        encoded = contents.encode(data, private) if encoded is None else encoded
        self.ciphertext = contents.crypt(self.secret, self.file, encoded)
        self.piece_lines, self.pieces, self.places = [], {}, {}
        at, sizes = 0, pieces.segment_sizes(len(self.ciphertext), k, shard_bytes)
        for segment, size in enumerate(sizes):
            shards = pieces.add_parity(pieces.cut(self.ciphertext[at:at + size], k), m)
            at += size
            for shard, shard_data in enumerate(shards):
                for mirror in range(mirrors):
                    place = segment, shard, mirror
                    piece = pieces.seal(self.seal_key, self.file, place, shard_data)
                    name = pieces.piece_id(piece)
                    line = {"type": "piece", "segment": segment, "shard": shard,
                            "mirror": mirror, "size": len(piece), "id": name.hex()}
                    if segment == len(sizes) - 1:
                        line["last"] = size
                    self.piece_lines.append(self.signed(line))
                    self.pieces[name] = piece
                    self.places[place] = name
        self.seal = self.make_seal(self.piece_lines, segments=len(sizes),
                                   pieces=len(self.piece_lines), bytes=len(self.ciphertext))
        box = manifest.Members(manifest.parse_json(self.stanza)).b64("secret")
        self.tag_texts, self.tags = {}, {}
        for line in self.piece_lines:
            name = manifest.Piece(manifest.Members(manifest.parse_json(line))).id
            seed_here = control or sha256(b"control" + seed + name)
            text = tags.make_text(seed_here, box, self.header, self.layout, line)
            self.tag_texts[name] = text
            self.tags[name] = tags.make(owner_recipient, text, fresh or sha256(b"tag" + name))

    def signed(self, members):
        return manifest.sign_line(self.writer_seed, self.hash, members)

    def make_seal(self, piece_lines, **counts):
        hashed = b"".join(line + b"\n" for line in [self.header, self.layout, *piece_lines])
        return self.signed({"type": "seal", **counts, "hash": sha256(hashed).hex()})

    @property
    def lines(self):
        return [self.header, self.stanza, self.layout, *self.piece_lines, self.seal]

    def manifest(self):
        return b"".join(line + b"\n" for line in self.lines)
