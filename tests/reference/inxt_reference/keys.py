# SPDX-License-Identifier: AGPL-3.0-or-later
"""inxt-key(5): words, key files, and how every key is derived."""

import hashlib
import hmac
import pathlib
import re

import nacl.bindings as sodium

from . import tokens
from .notation import (Members, Refused, aead_open, aead_seal, b64, b64_decode, ed25519_public,
                       hkdf, must, parse_json, sha256, to_json, u32, x25519_public)

WORDS = (pathlib.Path(__file__).parent / "english.txt").read_text().split()
UPLOADER_MAX = 2147483647
CARETAKERS_BEGIN = 1073741824

# --- words -----------------------------------------------------------------


def entropy_to_words(entropy):
    check_bits = len(entropy) // 4
    bits = f"{int.from_bytes(entropy, 'big'):0{8 * len(entropy)}b}"
    bits += f"{sha256(entropy)[0]:08b}"[:check_bits]
    return [WORDS[int(bits[i:i + 11], 2)] for i in range(0, len(bits), 11)]


def words_to_entropy(data):
    """`data` is bytes, as typed."""
    must(len(data) <= 1024, "words-long", status="usage")
    words = [w.decode("utf-8", "replace") for w in re.split(rb"[ \t\r\n]+", data) if w]
    words = [re.sub("[A-Z]", lambda m: m.group().lower(), word) for word in words]
    must(all(word in WORDS for word in words), "words-unknown", status="usage")
    must(len(words) in (12, 24), "words-count", status="usage")
    bits = "".join(f"{WORDS.index(word):011b}" for word in words)
    size = len(words) // 3 * 4
    entropy = int(bits[:8 * size], 2).to_bytes(size, "big")
    must(entropy_to_words(entropy) == words, "words-checksum")
    return entropy


# --- derivation ------------------------------------------------------------


def slip10(seed, *path):
    """SLIP-0010 for Ed25519, hardened steps only; the key at the path's end."""
    digest = hmac.digest(b"ed25519 seed", seed, "sha512")
    for step in path:
        key, chain = digest[:32], digest[32:]
        digest = hmac.digest(chain, b"\0" + key + u32(step + 2**31), "sha512")
    return digest[:32]


class Owner:
    def __init__(self, entropy):
        self.entropy = entropy
        words = " ".join(entropy_to_words(entropy)).encode()
        self.seed = hashlib.pbkdf2_hmac("sha512", words, b"mnemonic", 2048, 64)
        self.role = [slip10(self.seed, 0x696E7874, role) for role in range(3)]
        self.identity_seed = self.role[0]
        self.id = ed25519_public(self.identity_seed)
        self.recipient_secret = hkdf(self.role[1], b"", "inxt/v1/recipient")
        self.recipient = x25519_public(self.recipient_secret)

    def uploader(self, n):
        return Uploader(n, hkdf(self.role[2], b"", "inxt/v1/uploader", u32(n)))


class Uploader:
    def __init__(self, n, key):
        self.n = n
        self.key = key
        self.writer_seed = hkdf(key, b"", "inxt/v1/writer")
        self.writer = ed25519_public(self.writer_seed)

    def account_seed(self, host):
        return hkdf(self.key, b"", "inxt/v1/account", host)


# --- recipients: Bech32 ----------------------------------------------------

LETTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def bech32_polymod(values):
    state = 1
    for value in values:
        top = state >> 25
        state = (state & 0x1FFFFFF) << 5 ^ value
        for i, term in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            state ^= term if top >> i & 1 else 0
    return state


def bech32_expand(prefix):
    return [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]


def bech32_encode(prefix, groups, constant=1):
    state = bech32_polymod(bech32_expand(prefix) + groups + [0] * 6) ^ constant
    groups = groups + [state >> 5 * (5 - i) & 31 for i in range(6)]
    return prefix + "1" + "".join(LETTERS[g] for g in groups)


def groups_of_key(public):
    number = int.from_bytes(public, "big") << 4
    return [number >> 5 * (51 - i) & 31 for i in range(52)]


def recipient_to_text(public):
    return bech32_encode("inxtr", groups_of_key(public))


def recipient_from_text(text):
    must(len(text) <= 90, "recipient-long", status="usage")
    must(text in (text.lower(), text.upper()), "recipient-case", status="usage")
    prefix, one, data = text.lower().rpartition("1")
    must(one and all(c in LETTERS for c in data), "recipient-letters", status="usage")
    must(all("!" <= c <= "~" for c in prefix), "recipient-letters", status="usage")
    groups = [LETTERS.index(c) for c in data]
    must(len(groups) >= 6 and bech32_polymod(bech32_expand(prefix) + groups) == 1,
         "recipient-checksum", status="usage")
    must(prefix == "inxtr", "recipient-prefix", status="usage")
    must(len(groups) == 52 + 6, "recipient-size", status="usage")
    number = 0
    for group in groups[:52]:
        number = number << 5 | group
    must(number & 15 == 0, "recipient-bits", status="usage")
    return (number >> 4).to_bytes(32, "big")


# --- the key file ----------------------------------------------------------

KEY_FILE_BYTES_MAX = 16384
SECRET_LETTERS_MAX = 8192


def argon2id(passphrase, salt, memory_kib, passes):
    return sodium.crypto_pwhash_alg(32, passphrase, salt, passes, memory_kib * 1024,
                                    sodium.crypto_pwhash_ALG_ARGON2ID13)


PUBLIC = {"inxt-key": ("owner", "recipient", "uploader"),
          "inxt-host-backup": ("host", "succession")}


def _associated(kind, public):
    ordered = {name: public[name] for name in PUBLIC[kind] if name in public}
    return kind.encode() + b"\0" + to_json(ordered).encode()


def _write_sealed(lines, public, secret, passphrase, salt, nonce, memory_kib, passes):
    text = to_json(secret).encode()
    lines |= {"sealed": passphrase is not None, "public": public}
    if passphrase is not None:
        lines["argon2id"] = {"memory_kib": memory_kib, "passes": passes, "salt": b64(salt)}
        key = argon2id(passphrase, salt, memory_kib, passes)
        text = nonce + aead_seal(key, nonce, _associated(lines["type"], public), text)
    lines["secret"] = b64(text)
    return to_json(lines).encode()


def write_key_file(kind, public, secret, passphrase=None, salt=None, nonce=None,
                   memory_kib=65536, passes=3):
    return _write_sealed({"type": "inxt-key", "version": 1, "kind": kind}, public, secret,
                         passphrase, salt, nonce, memory_kib, passes)


def write_host_backup(seed, succession=(), passphrase=None, salt=None, nonce=None,
                      memory_kib=65536, passes=3):
    public = {"host": ed25519_public(seed).hex(), "succession": list(succession)}
    return _write_sealed({"type": "inxt-host-backup", "version": 1}, public, {"seed": b64(seed)},
                         passphrase, salt, nonce, memory_kib, passes)


def owner_public(owner):
    return {"owner": owner.id.hex(), "recipient": recipient_to_text(owner.recipient)}


def _only(members, names):
    must(set(members) <= set(names), "key-member")


def _read_head(data, kind, names):
    must(len(data) <= KEY_FILE_BYTES_MAX, "key-long")
    try:
        file = Members(parse_json(data.rstrip(b"\n ")))
    except Refused as refused:
        must(str(refused) != "json-duplicate-key: secret", "key-secret", "stands twice")
        raise
    must(file.text("type") == kind, "key-type")
    must(file.integer("version") == 1, "key-version")
    _only(file.members, ("type", "version", "sealed", "public", "argon2id", "secret", *names))
    public = Members(file.get("public", dict))
    _only(public.members, PUBLIC[kind])
    return file, public


def _open_secret(file, public, passphrase):
    sealed = file.get("sealed", bool)
    must(file.has("argon2id") == sealed, "key-argon2id")
    if sealed:
        try:
            argon = Members(file.get("argon2id", dict))
            _only(argon.members, ("memory_kib", "passes", "salt"))
            memory_kib = argon.integer("memory_kib", 65536, 8)
            passes = argon.integer("passes", 16, 1)
            salt = argon.b64("salt", 16)
        except Refused as refused:
            must(refused.reason == "key-member", "key-argon2id", str(refused))
            raise

    must(file.has("secret"), "key-secret")
    letters = file.text("secret")
    must(len(letters) <= SECRET_LETTERS_MAX, "key-secret")
    secret = b64_decode(letters, reason="key-secret")
    if not sealed:
        return secret
    must(len(secret) > 40, "key-secret")
    must(passphrase is not None and 1 <= len(passphrase) <= 1024, "key-passphrase",
         status="wrong_key")
    key = argon2id(passphrase, salt, memory_kib, passes)
    associated = _associated(file.text("type"), public.members)
    secret = aead_open(key, secret[:24], associated, secret[24:])
    must(secret is not None, "key-passphrase", status="wrong_key")
    return secret


def read_host_backup(data, passphrase=None):
    """The seed of the Host's key, and the links of its succession."""
    file, public = _read_head(data, "inxt-host-backup", ())
    host = public.hex("host")
    chain = tokens.texts_of(public, "succession")
    links = tokens.read_succession(chain, host, "key-succession")
    secret = _open_secret(file, public, passphrase)
    try:
        members = Members(parse_json(secret))
        must(list(members.members) == ["seed"] and b"\\" not in secret, "key-secret-json")
        seed = members.b64("seed", 32)
    except Refused as refused:
        raise Refused("key-secret-json", str(refused)) from None
    must(ed25519_public(seed) == host, "key-differs")
    return seed, links


def read_key_file(data, passphrase=None):
    """An Owner, or an Uploader with .owner_id, .recipient and .certificate."""
    file, public = _read_head(data, "inxt-key", ("kind",))
    kind = file.text("kind")
    must(kind in ("owner", "uploader", "caretaker"), "key-kind")
    owner_id = public.hex("owner")
    recipient_text = public.text("recipient")
    try:
        recipient = recipient_from_text(recipient_text)
        must(recipient_text == recipient_text.lower(), "key-recipient")
    except Refused as refused:
        raise Refused("key-recipient", refused.reason) from None
    must(public.has("uploader") == (kind != "owner"), "key-uploader")
    n = public.integer("uploader", UPLOADER_MAX) if kind != "owner" else None
    must(n is None or (n >= CARETAKERS_BEGIN) == (kind == "caretaker"), "key-uploader")
    return _read_secret(kind, _open_secret(file, public, passphrase), owner_id, recipient, n)


def _read_secret(kind, secret, owner_id, recipient, n):
    names = {"owner": ["entropy"], "uploader": ["uploader_key", "certificate"],
             "caretaker": ["uploader_key"]}[kind]
    try:
        members = Members(parse_json(secret))
        must(sorted(members.members) == sorted(names), "key-secret-json")
        must(all(isinstance(v, str) for v in members.members.values()), "key-secret-json")
        must(b"\\" not in secret and all(32 <= b < 127 for v in members.members.values()
                                         for b in v.encode()), "key-secret-json")
        if kind == "owner":
            entropy = members.b64("entropy")
            must(len(entropy) in (16, 32), "key-secret-json")
        else:
            uploader = Uploader(n, members.b64("uploader_key", 32))
    except Refused as refused:
        raise Refused("key-secret-json", str(refused)) from None
    if kind == "owner":
        owner = Owner(entropy)
        must(owner.id == owner_id and owner.recipient == recipient, "key-differs")
        return owner
    if kind == "caretaker":
        uploader.owner_id, uploader.recipient = owner_id, recipient
        return uploader
    uploader.certificate = members.text("certificate")
    said = tokens.read(uploader.certificate, "inxt-certificate")
    must(said["iss"] == owner_id and said["uploader"] == n and said["sub"] == uploader.writer,
         "key-differs")
    uploader.owner_id, uploader.recipient = owner_id, recipient
    return uploader
