#!/usr/bin/python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""A Host that lies, for tests: a real TLS server with a real Host key that answers as it is told.

usage: hostile_host.py --listen ADDRESS [--get MODE] [--put MODE] [--tls MODE] [--delay SECONDS] > hosts-line

Prints its hosts-file line (signed, valid) once it listens, and serves until it is killed.

--get   honest:DIR  the file DIR/<piece id>, so that a test can hand out what it wants
        other       bytes that are no piece             file:PATH   a valid piece of another file
        more        one byte too many                   less        one byte too few
        drip        one byte a second                   close       half of the body, then the end
        missing     404
--put   other-key   acceptance and receipt signed by another key
        other-offer acceptance and receipt about another offer
        no-receipt  the acceptance alone                full        507, always
both    silent      never an answer                     busy        503 with Retry-After: 1
        garbage     no HTTP                             flood       a gigabyte of JSON
        endless     a head that never ends
--tls   other-key   proves another key than its descriptor names
        close       hangs up before the handshake
"""
import argparse
import base64
import hashlib
import json
import os
import re
import socket
import ssl
import sys
import tempfile
import threading
import time
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

DRIP_SECONDS = 1.0


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def token(kind, payload, key):
    parts = [b64(json.dumps(part, separators=(",", ":")).encode())
             for part in ({"alg": "Ed25519", "typ": kind}, payload)]
    signed = ".".join(parts)
    return signed + "." + b64(key.sign(signed.encode()))


def labelled_hash(label, text):
    return hashlib.sha256(label.encode() + b"\0" + text.encode()).hexdigest()


def public_of(key):
    return key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw).hex()


def context_of(key):
    name = x509.Name([])
    cert = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
            .serial_number(1).not_valid_before(datetime.now() - timedelta(days=1))
            .not_valid_after(datetime.now() + timedelta(days=1)).sign(key, None))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.set_alpn_protocols(["http/1.1"])
    with tempfile.NamedTemporaryFile() as pem:
        pem.write(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                    serialization.NoEncryption()))
        pem.write(cert.public_bytes(serialization.Encoding.PEM))
        pem.flush()
        context.load_cert_chain(pem.name)
    return context


class Host:
    def __init__(self, options):
        self.options = options
        self.key = Ed25519PrivateKey.generate()
        self.other = Ed25519PrivateKey.generate()
        self.id = public_of(self.key)
        self.context = context_of(self.other if options.tls == "other-key" else self.key)

    def hosts_line(self, address):
        now = int(time.time())
        descriptor = {"iss": self.id, "version": 1, "software": "hostile", "addresses": [address],
                      "capacity_bytes": 1 << 40, "free_bytes": 1 << 40, "price": 0,
                      "term_max_s": 400 * 86400, "iat": now, "exp": now + 86400}
        return json.dumps({"type": "host", "host": self.id, "addresses": [address],
                           "token": token("inxt-descriptor", descriptor, self.key)}, separators=(",", ":"))

    def answer_to(self, offer_token, key, offer_hashed):
        offer = json.loads(unb64(offer_token.split(".")[1]))
        now = int(time.time())
        acceptance = token("inxt-acceptance",
                           {"iss": public_of(key), "offer": labelled_hash("inxt/v1/offer-hash", offer_hashed),
                            "account": offer["iss"], "piece": offer["piece"], "size": offer["size"],
                            "until": offer["until"], "price": offer["price"], "iat": now}, key)
        receipt = token("inxt-receipt",
                        {"iss": public_of(key), "kind": "stored",
                         "contract": labelled_hash("inxt/v1/contract-hash", acceptance),
                         "piece": offer["piece"], "size": offer["size"], "iat": now}, key)
        return {"acceptance": acceptance, "receipt": receipt}


class Closed(Exception):
    pass


class Connection:
    def __init__(self, host, stream):
        self.host, self.stream, self.buffer = host, stream, b""

    def receive(self):
        data = self.stream.recv(65536)
        if not data:
            raise Closed
        self.buffer += data

    def request(self):
        while b"\r\n\r\n" not in self.buffer:
            self.receive()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        first, *rest = head.decode().split("\r\n")
        method, target, _ = first.split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in rest)}
        length = int(headers.get("content-length", 0))
        while len(self.buffer) < length:
            self.receive()
        self.buffer = self.buffer[length:]
        return method, target, headers

    def send(self, status, body, length=None, headers=""):
        length = len(body) if length is None else length
        self.stream.sendall(f"HTTP/1.1 {status} X\r\nInxt-Protocol: 1\r\nContent-Length: {length}\r\n"
                            f"{headers}\r\n".encode() + body)

    def drip(self, data):
        for byte in data:
            self.stream.sendall(bytes([byte]))
            time.sleep(DRIP_SECONDS)

    def in_any_case(self, mode):
        """True when `mode` is one that fits every question."""
        if mode == "silent":
            time.sleep(3600)
        elif mode == "busy":
            body = b'{"error":"try_again","message":"busy","retry_after_ms":1000}\n'
            self.send(503, body, headers="Retry-After: 1\r\n")
        elif mode == "garbage":
            self.stream.sendall(b"\x00\x01SSH-2.0-what\xff\r\n\r\n" + os.urandom(64))
            raise Closed
        elif mode == "flood":
            self.stream.sendall(b"HTTP/1.1 201 X\r\nContent-Length: 1073741824\r\n\r\n")
            chunk = b'{"a":' * 20000
            for _ in range(1073741824 // len(chunk)):
                self.stream.sendall(chunk)
            raise Closed
        elif mode == "endless":
            self.stream.sendall(b"HTTP/1.1 200 X\r\n")
            while True:
                self.stream.sendall(b"X-More: " + b"x" * 1000 + b"\r\n")
        else:
            return False
        return True

    def get(self, target, headers):
        mode = self.host.options.get
        span = re.fullmatch(r"bytes=(\d+)-(\d+)", headers.get("range", ""))
        size = int(span[2]) - int(span[1]) + 1 if span else 4096
        status = 206 if span else 200
        if self.in_any_case(mode):
            return
        if mode == "other":
            self.send(status, os.urandom(size))
        elif mode.startswith("file:"):
            with open(mode[5:], "rb") as file:
                self.send(status, file.read(size).ljust(size, b"\0"))
        elif mode.startswith("honest:"):
            with open(os.path.join(mode[7:], os.path.basename(target)), "rb") as file:
                self.send(status, file.read(size))
        elif mode == "more":
            self.send(status, os.urandom(size + 1))
        elif mode == "less":
            self.send(status, os.urandom(size - 1))
        elif mode == "drip":
            self.send(status, b"", length=size)
            self.drip(os.urandom(size))
        elif mode == "close":
            self.send(status, os.urandom(size // 2), length=size)
            raise Closed
        else:
            self.send(404, b'{"error":"not_found","message":"\\u001b[31mno such piece"}\n')

    def put(self, headers):
        mode = self.host.options.put
        if self.in_any_case(mode):
            return
        if mode == "full":
            self.send(507, b'{"error":"quota","message":"full"}\n')
            return
        offer = headers["inxt-offer"]
        key = self.host.other if mode == "other-key" else self.host.key
        answer = self.host.answer_to(offer, key, offer + "x" if mode == "other-offer" else offer)
        if mode == "no-receipt":
            del answer["receipt"]
        body = json.dumps(answer).encode()
        if mode == "drip":
            self.drip(f"HTTP/1.1 201 X\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
        else:
            self.send(201, body)

    def serve(self):
        while True:
            method, target, headers = self.request()
            time.sleep(self.host.options.delay)
            if method == "PUT":
                self.put(headers)
            elif method == "GET" and target.startswith("/v1/pieces/"):
                self.get(target, headers)
            else:
                self.send(404, b'{"error":"not_found","message":"nothing here"}\n')


def serve(host, plain):
    try:
        if host.options.tls == "close":
            plain.close()
            return
        with host.context.wrap_socket(plain, server_side=True) as stream:
            Connection(host, stream).serve()
    except (Closed, OSError, ValueError):
        pass


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--listen", required=True, help="an address; the port is the system's choice")
    parser.add_argument("--get", default="missing")
    parser.add_argument("--put", default="full")
    parser.add_argument("--tls", default="")
    parser.add_argument("--delay", type=float, default=0)
    host = Host(parser.parse_args())
    listener = socket.create_server((host.options.listen, 0))
    print(host.hosts_line(f"{host.options.listen}:{listener.getsockname()[1]}"), flush=True)
    while True:
        plain, _ = listener.accept()
        threading.Thread(target=serve, args=(host, plain), daemon=True).start()


if __name__ == "__main__":
    sys.exit(main())
