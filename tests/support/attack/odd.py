#!/usr/bin/python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Odd bytes for a Host: requests that two readers could take for different ones, bombs, lengths, certificates.

usage: odd.py ADDRESS:PORT SECONDS

Goes through all cases again and again until SECONDS are over, at least once.  Every case says what may come back: a status,
or the end of the connection.  Prints one line of JSON; exits with 1 when something else came.
"""
import datetime
import json
import pathlib
import socket
import ssl
import sys
import tempfile
import time

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID

QUIET = 0.1
TIMEOUT = 20  # the Host is busy with others, too
END = 0       # the connection ended without an answer
H = "Host: h\r\n"
NEXT = "GET /v1/health HTTP/1.1\r\nHost: h\r\n\r\n"  # would be answered if the first request were taken for a short one

REQUESTS = {
    # smuggling: a length that can be read in two ways
    "CL and TE": (f"POST /v1/audit HTTP/1.1\r\n{H}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{NEXT}", {400}),
    "TE and CL": (f"POST /v1/audit HTTP/1.1\r\n{H}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n{NEXT}", {400}),
    "TE alone": (f"POST /v1/audit HTTP/1.1\r\n{H}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n{NEXT}", {411}),
    "TE of an odd name": (f"POST /v1/audit HTTP/1.1\r\n{H}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n{NEXT}", {411}),
    "TE with a tab": (f"POST /v1/audit HTTP/1.1\r\n{H}Transfer-Encoding:\tchunked\r\n\r\n0\r\n\r\n{NEXT}", {411}),
    "TE twice": (f"POST /v1/audit HTTP/1.1\r\n{H}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n", {400, 411}),
    "TE with a space before the colon": (f"POST /v1/audit HTTP/1.1\r\n{H}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n{NEXT}", {400}),
    "two different CLs": (f"POST /v1/audit HTTP/1.1\r\n{H}Content-Length: 0\r\nContent-Length: 44\r\n\r\n{NEXT}", {400}),
    "two equal CLs": (f"POST /v1/audit HTTP/1.1\r\n{H}Content-Length: 0\r\nContent-Length: 0\r\n\r\n{NEXT}", {400}),
    "a list as CL": (f"POST /v1/audit HTTP/1.1\r\n{H}Content-Length: 0, 44\r\n\r\n{NEXT}", {400}),
    "negative CL": (f"POST /v1/audit HTTP/1.1\r\n{H}Content-Length: -1\r\n\r\n{NEXT}", {400}),
    "signed CL": (f"POST /v1/audit HTTP/1.1\r\n{H}Content-Length: +0\r\n\r\n{NEXT}", {400}),
    "hexadecimal CL": (f"POST /v1/audit HTTP/1.1\r\n{H}Content-Length: 0x10\r\n\r\n{NEXT}", {400}),
    "CL with a fraction": (f"POST /v1/audit HTTP/1.1\r\n{H}Content-Length: 1.0\r\n\r\n{NEXT}", {400}),
    "empty CL": (f"POST /v1/audit HTTP/1.1\r\n{H}Content-Length:\r\n\r\n{NEXT}", {400}),
    "CL with a space inside": (f"POST /v1/audit HTTP/1.1\r\n{H}Content-Length: 1 0\r\n\r\n{NEXT}", {400}),
    "CL past 64 bits": (f"POST /v1/audit HTTP/1.1\r\n{H}Content-Length: 18446744073709551616\r\n\r\n{NEXT}", {400}),
    "CL of 64 bits": (f"PUT /v1/pieces/{'0' * 64} HTTP/1.1\r\n{H}Content-Length: 18446744073709551615\r\n\r\n", {400, 401, 413}),
    "CL of 63 bits": (f"POST /v1/audit HTTP/1.1\r\n{H}Content-Length: 9223372036854775807\r\n\r\n", {400, 401, 413}),
    "folded header": (f"GET /v1/health HTTP/1.1\r\n{H}X: a\r\n Content-Length: 44\r\n\r\n{NEXT}", {400}),
    "folded first header": (f"GET /v1/health HTTP/1.1\r\n {H}\r\n{NEXT}", {400}),
    "bare LF": (f"GET /v1/health HTTP/1.1\nHost: h\n\n\r\n\r\n", {400}),
    "bare LF in a header": (f"GET /v1/health HTTP/1.1\r\n{H}X: a\nContent-Length: 44\r\n\r\n{NEXT}", {400}),
    "bare CR in a header": (f"GET /v1/health HTTP/1.1\r\n{H}X: a\rContent-Length: 44\r\n\r\n{NEXT}", {400}),
    "space before a colon": (f"GET /v1/health HTTP/1.1\r\n{H}Content-Length : 44\r\n\r\n{NEXT}", {400}),
    "no colon": (f"GET /v1/health HTTP/1.1\r\n{H}Nonsense\r\n\r\n", {400}),
    "empty name": (f"GET /v1/health HTTP/1.1\r\n{H}: value\r\n\r\n", {400}),
    "NUL in a header": (f"GET /v1/health HTTP/1.1\r\n{H}X: a\0b\r\n\r\n", {400}),
    "byte past ASCII": (f"GET /v1/health HTTP/1.1\r\n{H}X: \u00e9\r\n\r\n", {400}),
    "two Hosts": (f"GET /v1/health HTTP/1.1\r\n{H}{H}\r\n", {400}),
    "no Host": ("GET /v1/health HTTP/1.1\r\n\r\n", {400}),
    # targets
    "absolute target": (f"GET https://elsewhere/v1/health HTTP/1.1\r\n{H}\r\n", {400}),
    "authority as target": (f"GET elsewhere:443 HTTP/1.1\r\n{H}\r\n", {400}),
    "asterisk": (f"GET * HTTP/1.1\r\n{H}\r\n", {400}),
    "no target": (f"GET HTTP/1.1\r\n{H}\r\n", {400}),
    "space in the target": (f"GET /v1/health x HTTP/1.1\r\n{H}\r\n", {400, 505}),
    "dots": (f"GET /v1/pieces/../../identity.key HTTP/1.1\r\n{H}\r\n", {400, 401, 404}),
    "escaped dots": (f"GET /v1/pieces/%2e%2e%2fidentity.key HTTP/1.1\r\n{H}\r\n", {400, 401, 404}),
    "CONNECT": (f"CONNECT elsewhere:443 HTTP/1.1\r\n{H}\r\n", {400, 405}),
    "TRACE": (f"TRACE /v1/health HTTP/1.1\r\n{H}\r\n", {405}),
    "method of lower case": (f"get /v1/health HTTP/1.1\r\n{H}\r\n", {400, 405}),
    "HTTP/2 over this": ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {400, 405, 505}),
    "HTTP/0.9": ("GET /v1/health\r\n\r\n", {400}),
    "HTTP/9.9": (f"GET /v1/health HTTP/9.9\r\n{H}\r\n", {400, 505}),
    "an expectation": (f"POST /v1/audit HTTP/1.1\r\n{H}Expect: the unexpected\r\nContent-Length: 1\r\n\r\n", {417}),
    # bombs
    "one long header": (f"GET /v1/health HTTP/1.1\r\n{H}X: {'a' * 100000}\r\n\r\n", {431}),
    "many headers": (f"GET /v1/health HTTP/1.1\r\n{H}" + "A: b\r\n" * 20000 + "\r\n", {431}),
    "long target": (f"GET /{'a' * 100000} HTTP/1.1\r\n{H}\r\n", {431}),
    "endless head": ("A" * 300000, {431}),
    "noise": ("\x01\x02\x03" * 10000, {400, 431}),
    # ranges and bodies
    "ranges": (f"GET /v1/pieces/{'0' * 64} HTTP/1.1\r\n{H}Range: bytes=" + ",".join(f"{i}-{i}" for i in range(900)) + "\r\n\r\n",
               {400, 401, 416}),
    "oversized audit": (f"POST /v1/audit HTTP/1.1\r\n{H}Content-Length: 300000\r\n\r\n" + "[" * 300000, {400, 401, 413}),
}


def read_status(stream):
    """The status of the one answer, END where there is none, and whether more than one came."""
    text = b""
    try:
        while True:
            some = stream.recv(65536)
            if not some:
                break
            text += some
            if len(text) > 1 << 20:
                break
            if b"HTTP/1.1 " in text and b"\r\n\r\n" in text:
                stream.settimeout(QUIET)  # another answer would be a second reading of the same bytes
    except (ssl.SSLError, ConnectionError, TimeoutError):
        pass
    if not text:
        return END, 0
    status = text.split(b" ", 2)[1] if text.startswith(b"HTTP/1.1 ") else b"-1"
    return int(status), text.count(b"HTTP/1.1 ")


def certificate(key, days=30, extensions=0, algorithm=None, names=1):
    name = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "a" * 60)] * names)
    now = datetime.datetime.utcnow()
    builder = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(7)
               .not_valid_before(now - datetime.timedelta(days=60)).not_valid_after(now + datetime.timedelta(days=days)))
    for number in range(extensions):
        builder = builder.add_extension(
            x509.UnrecognizedExtension(x509.ObjectIdentifier(f"1.3.6.1.4.1.99999.{number}"), b"x" * 400), critical=number % 2 == 0)
    return builder.sign(key, algorithm)


def pem(*certificates):
    return b"".join(each.public_bytes(serialization.Encoding.PEM) for each in certificates)


def key_pem(key):
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def certificates():
    """name -> (PEM of certificates, PEM of the key, whether the Host takes it)"""
    ed, other, rsa_key, p256 = (ed25519.Ed25519PrivateKey.generate(), ed25519.Ed25519PrivateKey.generate(),
                                rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP256R1()))
    return {
        "plain": (pem(certificate(ed)), key_pem(ed), True),
        "expired": (pem(certificate(ed, days=-10)), key_pem(ed), True),  # nobody reads the dates: the key is the name
        "RSA": (pem(certificate(rsa_key, algorithm=hashes.SHA256())), key_pem(rsa_key), False),
        "P-256": (pem(certificate(p256, algorithm=hashes.SHA256())), key_pem(p256), False),
        "a chain": (pem(certificate(ed), *[certificate(other)] * 3), key_pem(ed), False),
        "many extensions": (pem(certificate(ed, extensions=3)), key_pem(ed), True),
        "huge extensions": (pem(certificate(ed, extensions=100)), key_pem(ed), False),
        "a huge chain": (pem(certificate(ed), *[certificate(other, extensions=30)] * 6), key_pem(ed), False),
        "long names": (pem(certificate(ed, names=200)), key_pem(ed), False),
    }


class Attack:
    def __init__(self, address, folder):
        host, port = address.rsplit(":", 1)
        self.address = (host, int(port))
        self.wrong = []
        self.counts = {"requests": 0, "handshakes": 0, "garbage": 0}
        self.contexts = {"none": (self.context(), False)}
        for number, (name, (chain, key, fine)) in enumerate(certificates().items()):
            file = folder / f"{number}.pem"
            file.write_bytes(key + chain)
            try:
                context = self.context()
                context.load_cert_chain(file)
                self.contexts[name] = (context, fine)
            except ssl.SSLError as error:
                sys.exit(f"{name}: {error}")

    @staticmethod
    def context(version=ssl.TLSVersion.TLSv1_3):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.minimum_version = min(version, ssl.TLSVersion.TLSv1_2)
        context.maximum_version = version
        return context

    def connect(self, context):
        raw = socket.create_connection(self.address, TIMEOUT)
        try:
            return context.wrap_socket(raw)
        except BaseException:
            raw.close()
            raise

    def expect(self, what, got, wanted):
        if got not in wanted:
            self.wrong.append(f"{what}: {got} instead of {sorted(wanted)}")

    def request(self, name):
        text, wanted = REQUESTS[name]
        self.counts["requests"] += 1
        with self.connect(self.contexts["none"][0]) as stream:
            try:
                stream.sendall(text.encode("latin-1"))
                stream.settimeout(TIMEOUT)
            except (ssl.SSLError, ConnectionError):
                pass  # it has answered before it had read all
            status, answers = read_status(stream)
            self.expect(name, status, wanted)
            self.expect(name + ", answers", answers, {1})

    def handshake(self, name):
        context, fine = self.contexts[name]
        self.counts["handshakes"] += 1
        status = END
        try:
            with self.connect(context) as stream:  # with TLS 1.3 a refusal comes with the first read
                stream.sendall(f"GET /v1/contracts HTTP/1.1\r\n{H}Connection: close\r\n\r\n".encode())
                status, _ = read_status(stream)
        except (ssl.SSLError, ConnectionError):
            pass
        # A client that is told that only Ed25519 is taken shows no other certificate, and is nobody.
        self.expect(f"certificate {name}", status, {200} if fine else {END, 401})

    def old_tls(self):
        self.counts["handshakes"] += 1
        got = "TLS 1.2"
        try:
            self.connect(self.context(ssl.TLSVersion.TLSv1_2)).close()
        except (ssl.SSLError, ConnectionError):
            got = "refused"
        self.expect("TLS 1.2", got, {"refused"})

    def garbage(self, text):
        self.counts["garbage"] += 1
        with socket.create_connection(self.address, TIMEOUT) as raw:
            try:
                raw.sendall(text)
                while raw.recv(65536):
                    pass
            except ConnectionError:
                pass
            except TimeoutError:
                self.wrong.append(f"garbage {text[:8]!r}: the connection stays")

    def all_once(self):
        for name in REQUESTS:
            self.request(name)
        for name in self.contexts:
            self.handshake(name)
        self.old_tls()
        for text in (b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\xff\xff" + b"\0" * 70000, b"\x16\x03\x01\0\x05hello", b"\x80\x80" * 50,
                     b"\x15\x03\x03\0\x02\x02\x50", b"\x14\x03\x03\0\x01\x01" * 1000, b"SSH-2.0-x\r\n"):
            self.garbage(text)


def main(address, seconds):
    with tempfile.TemporaryDirectory() as folder:
        attack = Attack(address, pathlib.Path(folder))
        until = time.monotonic() + seconds
        while True:
            attack.all_once()
            if time.monotonic() >= until or attack.wrong:
                break
    print(json.dumps({"kind": "odd", **attack.counts, "wrong": len(attack.wrong)}))
    for each in attack.wrong:
        print(each, file=sys.stderr)
    return 1 if attack.wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], float(sys.argv[2])))
