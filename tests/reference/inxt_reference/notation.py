# SPDX-License-Identifier: AGPL-3.0-or-later
"""inxt-labels(5): the notation, and the strict JSON of inxt-manifest(5)."""

import base64
import hashlib
import re

import nacl.bindings as sodium
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF as _HKDF

INTEGER_MAX = 2**53 - 1
JSON_DEPTH_MAX = 8

# EXIT STATUS of inxt(7).
STATUS = {
    "failure": 1, "usage": 2, "partial": 3, "not_found": 4, "try_again": 5, "denied": 6,
    "quota": 7, "integrity": 8, "audit_failed": 9, "too_few_pieces": 10,
    "below_redundancy": 11, "wrong_key": 12, "locked": 13,
}


class Refused(Exception):
    """A refusal, with the name that the manual gives to the reason."""

    def __init__(self, reason, what="", status="integrity"):
        super().__init__(f"{reason}: {what}" if what else reason)
        self.reason = reason
        self.status = STATUS[status]


def must(condition, reason, what="", status="integrity"):
    if not condition:
        raise Refused(reason, what, status)


# --- integers, hex, b64 ----------------------------------------------------


def u32(n):
    return n.to_bytes(4, "big")


def u64(n):
    return n.to_bytes(8, "big")


def hex_decode(text, size, reason="member-hex"):
    must(re.fullmatch("[0-9a-f]*", text) and len(text) == 2 * size, reason)
    return bytes.fromhex(text)


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def b64_decode(text, size=None, most=None, reason="member-b64"):
    must(re.fullmatch("[A-Za-z0-9_-]*", text) and len(text) % 4 != 1, reason)
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    must(b64(data) == text, reason, "unused bits")
    must(size is None or len(data) == size, reason, "length")
    must(most is None or len(data) <= most, "member-limit", "length")
    return data


# --- hashes, keys, signatures, ciphers -------------------------------------


def sha256(data):
    return hashlib.sha256(data).digest()


def labelled(label, data=b""):
    return label.encode("ascii") + b"\0" + data


def labelled_hash(label, data):
    """H(L(label, data))"""
    return sha256(labelled(label, data))


def hkdf(key, salt, label, parameter=b""):
    return _HKDF(hashes.SHA256(), 32, salt or bytes(32), labelled(label, parameter)).derive(key)


def ed25519_public(seed):
    return sodium.crypto_sign_seed_keypair(seed)[0]


def sign_raw(seed, message):
    secret = sodium.crypto_sign_seed_keypair(seed)[1]
    return sodium.crypto_sign(message, secret)[:64]


def verify_raw(public, message, signature):
    """libsodium refuses all that the page names: S, small order, canonical form."""
    if len(signature) != 64 or len(public) != 32:
        return False
    try:
        sodium.crypto_sign_open(signature + message, public)
        return True
    except Exception:
        return False


def sign(seed, label, data):
    return sign_raw(seed, labelled(label, data))


def verify(public, label, data, signature):
    return verify_raw(public, labelled(label, data), signature)


def is_sound_key(public):
    """A canonical point of the main subgroup, not of small order."""
    return bool(sodium.crypto_core_ed25519_is_valid_point(public))


def x25519_public(secret):
    return sodium.crypto_scalarmult_base(secret)


def ctr(key, data, block=0):
    """AES-256 in counter mode, beginning at counter block `block`."""
    cipher = Cipher(algorithms.AES(key), modes.CTR(block.to_bytes(16, "big"))).encryptor()
    return cipher.update(data) + cipher.finalize()


def aead_seal(key, nonce, associated, text):
    return sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(text, associated, nonce, key)


def aead_open(key, nonce, associated, sealed):
    """The text, or None."""
    try:
        return sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(sealed, associated, nonce, key)
    except Exception:
        return None


def box_seal(recipient, text, fresh_secret):
    """BOX(recipient, text), with a given fresh key so that vectors are fixed."""
    e = x25519_public(fresh_secret)
    nonce = hashlib.blake2b(e + recipient, digest_size=24).digest()
    return e + sodium.crypto_box(text, nonce, recipient, fresh_secret)


def box_open(secret, box):
    """The text, or None."""
    try:
        nonce = hashlib.blake2b(box[:32] + x25519_public(secret), digest_size=24).digest()
        return sodium.crypto_box_open(box[32:], nonce, box[:32], secret)
    except Exception:
        return None


# --- strict JSON -----------------------------------------------------------


class _Parser:
    NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)([.][0-9]+)?([eE][+-]?[0-9]+)?")
    ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r",
               "t": "\t"}

    def __init__(self, text):
        self.text = text
        self.at = 0

    def fail(self, what):
        raise Refused("json-syntax", f"{what} at {self.at}")

    def skip_space(self):
        while self.at < len(self.text) and self.text[self.at] in " \t\r\n":
            self.at += 1

    def peek(self):
        return self.text[self.at] if self.at < len(self.text) else ""

    def expect(self, letter):
        if self.peek() != letter:
            self.fail(f"no {letter}")
        self.at += 1

    def value(self, depth):
        letter = self.peek()
        if letter in ("{", "["):
            must(depth < JSON_DEPTH_MAX, "json-depth")
            return self.object(depth + 1) if letter == "{" else self.list(depth + 1)
        if letter == '"':
            return self.string()
        for word, value in (("true", True), ("false", False), ("null", None)):
            if self.text.startswith(word, self.at):
                self.at += len(word)
                return value
        return self.number()

    def object(self, depth):
        members = {}
        self.expect("{")
        self.skip_space()
        if self.peek() == "}":
            self.at += 1
            return members
        while True:
            self.skip_space()
            if self.peek() != '"':
                self.fail("no key")
            key = self.string()
            must(key not in members, "json-duplicate-key", key)
            self.skip_space()
            self.expect(":")
            self.skip_space()
            members[key] = self.value(depth)
            self.skip_space()
            if self.peek() == "}":
                self.at += 1
                return members
            self.expect(",")

    def list(self, depth):
        items = []
        self.expect("[")
        self.skip_space()
        if self.peek() == "]":
            self.at += 1
            return items
        while True:
            self.skip_space()
            items.append(self.value(depth))
            self.skip_space()
            if self.peek() == "]":
                self.at += 1
                return items
            self.expect(",")

    def unit(self):
        """The four digits of \\uXXXX."""
        digits = self.text[self.at:self.at + 4]
        if not re.fullmatch("[0-9a-fA-F]{4}", digits):
            self.fail("bad escape")
        self.at += 4
        return int(digits, 16)

    def string(self):
        self.expect('"')
        out = []
        while True:
            letter = self.peek()
            if letter == "" or letter < " ":
                self.fail("bad string")
            self.at += 1
            if letter == '"':
                return "".join(out)
            if letter != "\\":
                out.append(letter)
                continue
            letter = self.peek()
            self.at += 1
            if letter in self.ESCAPES and letter:
                out.append(self.ESCAPES[letter])
            elif letter == "u":
                unit = self.unit()
                if 0xD800 <= unit < 0xDC00 and self.text.startswith("\\u", self.at):
                    self.at += 2
                    low = self.unit()
                    if not 0xDC00 <= low < 0xE000:
                        self.fail("lone surrogate")
                    unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00)
                elif 0xD800 <= unit < 0xE000:
                    self.fail("lone surrogate")
                out.append(chr(unit))
            else:
                self.fail("bad escape")

    def number(self):
        match = self.NUMBER.match(self.text, self.at)
        if not match:
            self.fail("no value")
        must(not match.group(1) and not match.group(2), "json-float", match.group(0))
        self.at = match.end()
        digits = match.group(0)
        must(len(digits) < 20 and abs(int(digits)) <= INTEGER_MAX, "json-integer", digits)
        return Integer(digits)


class Integer(int):
    """An integer that remembers whether it was written with a minus sign."""

    def __new__(cls, digits):
        made = super().__new__(cls, digits)
        made.minus = digits.startswith("-")
        return made


def parse_json(data):
    """One object, strictly; `data` is bytes without the newline that ends a line."""
    must(data[:1] == b"{" and data[-1:] == b"}", "json-not-object")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("json-utf8") from None
    parser = _Parser(text)
    members = parser.value(0)
    if parser.at != len(text):
        parser.fail("something behind the object")
    return members


class Members:
    """The named members of one object, checked as the formats ask."""

    def __init__(self, members):
        self.members = members

    def has(self, name):
        return name in self.members

    def get(self, name, kind):
        must(name in self.members, "member-missing", name)
        value = self.members[name]
        good = isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
        must(good, "member-type", name)
        return value

    def text(self, name, most=None):
        value = self.get(name, str)
        must(most is None or len(value.encode()) <= most, "member-limit", name)
        return value

    def integer(self, name, most=INTEGER_MAX, least=0):
        value = self.get(name, int)
        must(not value.minus, "member-type", f"{name} has a minus sign")
        must(least <= value <= most, "member-limit", name)
        return int(value)

    def hex(self, name, size=32):
        return hex_decode(self.get(name, str), size)

    def b64(self, name, size=None, most=None):
        return b64_decode(self.get(name, str), size, most)

    def refuse_crit(self, reason="crit-unknown"):
        """Version 1 knows no name that may stand in crit."""
        if self.has("crit"):
            names = self.get("crit", list)
            must(all(isinstance(name, str) for name in names), "member-type", "crit")
            must(len(names) <= 16 and all(len(name.encode()) <= 64 for name in names),
                 "member-limit", "crit")
            must(not names, reason, "crit")


def to_json(members):
    """As writers write: no white space, only the escapes that JSON requires."""
    def one(value):
        if isinstance(value, dict):
            return "{" + ",".join(f"{one(k)}:{one(v)}" for k, v in value.items()) + "}"
        if isinstance(value, (list, tuple)):
            return "[" + ",".join(map(one, value)) + "]"
        if isinstance(value, str):
            short = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n",
                     "\r": "\\r", "\t": "\\t"}
            return '"' + "".join(short.get(c, f"\\u{ord(c):04x}" if c < " " else c)
                                 for c in value) + '"'
        return {True: "true", False: "false", None: "null"}[value] \
            if value is None or isinstance(value, bool) else str(int(value))
    return one(members)


# --- signed lines ----------------------------------------------------------

_SIG = re.compile(rb',"sig":"([A-Za-z0-9_-]{86})"}$')


def split_signed(line, reason="sig-missing"):
    """Body and signature of a line that ends with its signature."""
    match = _SIG.search(line)
    must(match and match.end() == len(line), reason)
    return line[:match.start()], b64_decode(match.group(1).decode(), 64)


def join_signed(body, signature):
    return body + b',"sig":"' + b64(signature).encode() + b'"}'
