# SPDX-License-Identifier: AGPL-3.0-or-later
"""A server of drand's HTTP API with a chain of its own, for tests of those that ask it.

usage: beacon_server.py [--period S] [--genesis UNIX]

Prints its address, and serves until it is killed:

    /info  /public/latest  /public/ROUND     as drand does; a round that is not due yet gets 425
    /late/...          the same, but a round comes 3 s late
    /forged/...        the randomness is not the hash of the signature
    /other/...         gives the round before the one that was asked for
    /long/...          an answer of 70,000 bytes
    /broken/...        no JSON
    /moved/...         redirects to the same path without /moved
    /file/...          redirects to file:///etc/passwd
    /loop/...          redirects to itself
    /refused/...       status 500
"""

import argparse
import hashlib
import http.server
import json
import sys
import time


def signature_of(round_number):
    """Bytes that depend on the round only, where drand has a BLS signature."""
    return hashlib.sha512(b"round %d" % round_number).digest() + bytes(32)


def round_of(number, forged=False):
    signature = signature_of(number)
    randomness = hashlib.sha256(b"else" if forged else signature).hexdigest()
    return {"round": number, "randomness": randomness, "signature": signature.hex(),
            "previous_signature": signature_of(number - 1).hex()}


class Handler(http.server.BaseHTTPRequestHandler):
    period, genesis = 1, 0

    def log_message(self, *_):
        pass

    def give(self, status, body, headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        way, path = "", self.path
        for known in ("late", "forged", "other", "long", "broken", "moved", "file", "loop", "refused"):
            if path.startswith(f"/{known}/"):
                way, path = known, path[len(known) + 1:]
        if way == "long":
            return self.give(200, b'{"genesis_time":1,"period":1,"x":"' + b"x" * 70000 + b'"}')
        if way == "broken":
            return self.give(200, b"<html>")
        if way == "refused":
            return self.give(500, b"{}")
        if way in ("moved", "file", "loop"):
            to = {"moved": path, "file": "file:///etc/passwd", "loop": self.path}[way]
            return self.give(302, b"", [("Location", to)])
        if path == "/info":
            return self.give(200, json.dumps({
                "public_key": "00" * 48, "period": self.period, "genesis_time": self.genesis,
                "hash": "11" * 32, "schemeID": "pedersen-bls-chained", "metadata": {"beaconID": "test"}}).encode())
        if path.startswith("/public/"):
            now = time.time() - (3 if way == "late" else 0)
            due = int((now - self.genesis) // self.period) + 1
            asked = path[len("/public/"):]
            number = due if asked == "latest" else int(asked)
            if number > due:
                return self.give(425, b'{"error":"too early"}')
            return self.give(200, json.dumps(round_of(number - (way == "other"), way == "forged")).encode() + b"\n")
        return self.give(404, b"{}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--period", type=int, default=1)
    parser.add_argument("--genesis", type=int, default=int(time.time()) - 1000)
    arguments = parser.parse_args()
    Handler.period, Handler.genesis = arguments.period, arguments.genesis
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    sys.exit(main())
