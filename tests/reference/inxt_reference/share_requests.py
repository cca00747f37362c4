# SPDX-License-Identifier: AGPL-3.0-or-later
"""inxt-bridge(7), "Shares": what owners and readers send to a Bridge."""

import re

from .notation import Members, b64, is_sound_key, must, parse_json, to_json

BODY_BYTES_MAX = 16777216
BUNDLE_BYTES_MAX = 8388608
LINES_MAX = 2048
LINE_BYTES_MAX = 65536
LINE_PIECES_MAX = 1024
PIECES_MAX = 131072
TOKEN_BYTES_MAX = 1200
LEASE_PIECES_MAX = 32


def make_share(members, places, bundle):
    """places: members of each line."""
    head = {"type": "share", **members}
    lines = [to_json({n: v for n, v in line.items() if v is not ...}) for line in (head, *places)]
    return "".join(line + "\n" for line in lines).encode() + bundle


def place(host, account, pieces, capability=...):
    return {"type": "host", "host": host.hex(), "account": account.hex(), "capability": capability,
            "pieces": b64(b"".join(pieces))}


def _take_line(body):
    end = body.find(b"\n", 0, LINE_BYTES_MAX)
    must(end >= 0, "share-body", "a line without an end")
    return Members(parse_json(body[:end])), body[end + 1:]


def _ascends(pieces):
    return all(a < b for a, b in zip(pieces, pieces[1:]))


def read_share(body):
    must(len(body) <= BODY_BYTES_MAX, "share-body", "too long")
    head, rest = _take_line(body)
    must(head.text("type") == "share", "share-body", "type")
    share, client = head.hex("share", 16), head.hex("client")
    must(is_sound_key(client), "share-body", "client")
    expires = head.integer("expires")
    object_id = head.hex("object").hex() if head.has("object") else None
    count, size = head.integer("lines", LINES_MAX), head.integer("bundle_bytes", BUNDLE_BYTES_MAX)
    places = {}
    for _ in range(count):
        line, rest = _take_line(rest)
        must(line.text("type") == "host", "share-body", "type")
        at = line.hex("host").hex(), line.hex("account").hex()
        raw = line.b64("pieces", most=32 * LINE_PIECES_MAX)
        must(raw and len(raw) % 32 == 0, "share-body", "pieces")
        pieces = [raw[i:i + 32].hex() for i in range(0, len(raw), 32)]
        if at not in places:
            places[at] = (line.text("capability", TOKEN_BYTES_MAX), pieces)
        else:
            must(not line.has("capability"), "share-body", "capability")
            places[at][1].extend(pieces)
        must(_ascends(places[at][1]), "share-body", "pieces")
        must(sum(len(each) for _, each in places.values()) <= PIECES_MAX, "share-body", "pieces")
    must(len(rest) == size, "share-body", "bundle_bytes")
    return {"share": share.hex(), "client": client.hex(), "expires": expires, "object": object_id,
            "places": [[*at, capability, pieces] for at, (capability, pieces) in places.items()], "bundle": b64(rest)}


def read_lease(body):
    members = Members(parse_json(body))
    host, account = members.hex("host"), members.hex("account")
    pieces = members.get("pieces", list)
    must(1 <= len(pieces) <= LEASE_PIECES_MAX and
         all(isinstance(piece, str) and re.fullmatch("[0-9a-f]{64}", piece) for piece in pieces), "lease-body", "pieces")
    return {"host": host.hex(), "account": account.hex(), "pieces": pieces}
