#!/usr/bin/python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""A Bridge for readers, for tests: it serves bundles of shares that the second implementation made, most of them hostile.

usage: share_server.py FOLDER

Writes FOLDER/NAME.link for each share, prints its address, and serves until it is killed.  All files in them are
empty: a reader needs no Host.

    good                two folders and two files         escape       names that a terminal would take for something else
    one                 a single file
    dots dots-inside absolute slashes zero-byte long-name a-dot no-name     a path that is none of those within a folder
    no-folder in-file twice folder-too                     paths that exclude each other
    other-writer other-share changed cut version ended     a bundle that is not the share's, or none
    gone                404      moved  a redirect         long  an answer of 9 MiB       no-json  JSON that is none
"""

import http.server
import pathlib
import sys
import time

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "reference")]
from hostile_host import context_of  # noqa: E402
from inxt_reference import notation, shares  # noqa: E402

BRIDGE_SEED, WRITER_SEED, OTHER_SEED = (bytes([n]) * 32 for n in (1, 2, 3))
NONCE = bytes(24)
NOW = int(time.time())


def members(paths, folders=(), **changes):
    files = [{"path": path, "bytes": 0, "mtime": NOW - 100, "mode": 0o4644, "manifests": []} for path in paths]
    return {"type": "bundle", "version": 1, "folder": True, "name": "photos", "made": NOW, "expires": NOW + 3600,
            "accounts": [], "folders": list(folders), "files": files, **changes}


GOOD = members(["a", "sub/b"], ["sub", "sub/empty"])
BUNDLES = {
    "good": GOOD,
    "escape": members(["red\x1b[31m\n", "sub\t/c"], ["sub\t"]),
    "one": members(["one.txt"], folder=False),
    "dots": members(["ok", "../outside"], [".."]),
    "dots-inside": members(["ok", "sub/../../outside"], ["sub", "sub/..", "sub/../.."]),
    "absolute": members(["ok", "/tmp/outside"], ["", "/tmp"]),
    "slashes": members(["ok", "sub//out"], ["sub", "sub/"]),
    "zero-byte": members(["ok", "out\0"]),
    "long-name": members(["ok", "o" * 256]),
    "a-dot": members(["ok", "."]),
    "no-name": members(["ok", ""]),
    "no-folder": members(["ok", "sub/out"]),
    "in-file": members(["ok", "ok/out"]),
    "twice": members(["ok", "ok"]),
    "folder-too": members(["ok"], ["ok"]),
    "version": members(["ok"], version=2),
    "ended": members(["ok"], expires=NOW - 7200),
    "no-json": b'{"type":"bundle",',
}


class Shares:
    def __init__(self, folder, address):
        self.answers = {}
        self.folder, self.address, self.number = folder, address, 0
        for name, said in BUNDLES.items():
            self.add(name, lambda keys, said=said: (200, shares.make_bundle(keys, said, [], WRITER_SEED, NONCE)))
        self.add("other-writer", lambda keys: (200, shares.make_bundle(keys, GOOD, [], OTHER_SEED, NONCE)))
        self.add("other-share", lambda keys: (200, shares.make_bundle(shares.ShareKeys(bytes(32)), GOOD, [], WRITER_SEED, NONCE)))
        self.add("changed", lambda keys: (200, shares.make_bundle(keys, GOOD, [], WRITER_SEED, NONCE)[:-1] + b"x"))
        self.add("cut", lambda keys: (200, shares.make_bundle(keys, GOOD, [], WRITER_SEED, NONCE)[:-20]))
        self.add("gone", lambda keys: (404, b'{"error":"not_found","message":"no such share"}'))
        self.add("moved", lambda keys: (302, b""))
        self.add("long", lambda keys: (200, bytes(9 << 20)))

    def add(self, name, make):
        self.number += 1
        keys = shares.ShareKeys(bytes([0x40, self.number]) * 16)
        self.answers[f"/v1/shares/{keys.id.hex()}"] = make(keys)
        link = shares.make_link(keys, notation.ed25519_public(BRIDGE_SEED), notation.ed25519_public(WRITER_SEED), self.address)
        (self.folder / f"{name}.link").write_text(link + "\n")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    shares = None

    def log_message(self, *_):
        pass

    def do_GET(self):
        status, body = self.shares.answers.get(self.path, (404, b""))
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "https://127.0.0.1:1/")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.socket = context_of(Ed25519PrivateKey.from_private_bytes(BRIDGE_SEED)).wrap_socket(server.socket, server_side=True)
    address = "127.0.0.1:%d" % server.server_address[1]
    Handler.shares = Shares(pathlib.Path(sys.argv[1]), address)
    print(address, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
