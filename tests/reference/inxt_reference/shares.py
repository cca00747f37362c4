# SPDX-License-Identifier: AGPL-3.0-or-later
"""inxt-share(5): secrets, links, share files, bundles."""

import re

from . import logs
from .notation import (Members, aead_open, aead_seal, b64, b64_decode, box_open, box_seal,
                       ed25519_public, hkdf, is_sound_key, join_signed, must, parse_json, sign,
                       split_signed, to_json, u32, verify)
from .tokens import is_address

LINK_BYTES_MAX = 1024
FILE_BYTES_MAX = 4096
BUNDLE_BYTES_MAX = 8388608
JSON_BYTES_MAX = 67108864
FILES_MAX = 65536
SECRETS_MAX = 4 * FILES_MAX
MANIFEST_BYTES_MAX = 16777216
ACCOUNTS_MAX = 2048


class ShareKeys:
    """What follows from a share's secret."""

    def __init__(self, secret):
        self.secret = secret
        self.id = hkdf(secret, b"", "inxt/v1/share-id")[:16]
        self.key = hkdf(secret, b"", "inxt/v1/share-key")
        self.client_seed = hkdf(secret, b"", "inxt/v1/share-client")
        self.client = ed25519_public(self.client_seed)


# --- making ----------------------------------------------------------------


def make_link(keys, bridge, writer, address):
    return f"https://{address}/s/{keys.id.hex()}#{b64(keys.secret + bridge + writer)}"


def make_file(keys, bridge, at, term, recipient, named, writer_seed, fresh, changes):
    members = {"type": "share", "version": 1, "bridge": bridge.hex(), "addresses": at,
               "id": keys.id.hex(), "expires": term, "recipient": named,
               "sealed": b64(box_seal(recipient, keys.secret, fresh)),
               "writer": ed25519_public(writer_seed).hex(), **changes}
    body = to_json({n: v for n, v in members.items() if v is not ...})[:-1].encode()
    return join_signed(body, sign(writer_seed, "inxt/v1/share-line", body))


def make_bundle(keys, members, secrets, writer_seed, nonce, count=None):
    text = members if isinstance(members, bytes) else to_json(members).encode()
    rest = u32(len(secrets) if count is None else count) + b"".join(secrets) + logs.raw_frame(text)
    sig = sign(writer_seed, "inxt/v1/share-bundle", keys.id + rest)
    return nonce + aead_seal(keys.key, nonce, keys.id, sig + rest)


# --- reading ---------------------------------------------------------------


def read_link(data):
    text = data.decode("ascii", "replace").strip(" \t\r\n")
    must(len(text) <= LINK_BYTES_MAX, "link-form", status="usage")
    match = re.fullmatch(r"https://([^#]*?)/s/([^#]*)#(.*)", text, re.DOTALL)
    must(match, "link-form", status="usage")
    address, share, fragment = match.groups()
    must(is_address(address) and re.fullmatch("[0-9a-f]{32}", share), "link-form", status="usage")
    must(len(fragment) == 128 and re.fullmatch("[A-Za-z0-9_-]*", fragment), "link-form", status="usage")
    parts = b64_decode(fragment, 96)
    keys = ShareKeys(parts[:32])
    must(keys.id.hex() == share, "link-id", status="usage")
    must(is_sound_key(parts[32:64]) and is_sound_key(parts[64:]), "link-form", "key", status="usage")
    return {"address": address, "secret": parts[:32].hex(), "bridge": parts[32:64].hex(),
            "writer": parts[64:].hex(), "id": share, "client": keys.client.hex()}


def read_file(data, recipient_secret):
    must(len(data) <= FILE_BYTES_MAX, "share-form")
    members = Members(parse_json(data))
    must(members.text("type") == "share" and members.integer("version") == 1, "share-form")
    members.refuse_crit()
    bridge, share, writer = members.hex("bridge"), members.hex("id", 16), members.hex("writer")
    addresses = members.get("addresses", list)
    must(1 <= len(addresses) <= 8 and all(isinstance(a, str) and is_address(a) for a in addresses),
         "share-form", "addresses")
    expires, sealed = members.integer("expires"), members.b64("sealed", 80)
    recipient = members.text("recipient", 90)
    body, sig = split_signed(data)
    must(verify(writer, "inxt/v1/share-line", body, sig), "share-sig")
    must(is_sound_key(bridge), "share-form", "bridge")
    secret = box_open(recipient_secret, sealed)
    must(secret is not None, "share-sealed", status="wrong_key")
    keys = ShareKeys(secret)
    must(keys.id == share, "share-id")
    return {"secret": secret.hex(), "bridge": bridge.hex(), "addresses": addresses, "writer": writer.hex(),
            "expires": expires, "recipient": recipient}


def _path(text):
    names = text.encode().split(b"/")
    must(text and len(text.encode()) < logs.PATH_BYTES_MAX and len(names) <= logs.DEPTH_MAX and "\0" not in text and
         all(name and name not in (b".", b"..") and len(name) <= logs.NAME_BYTES_MAX for name in names),
         "bundle-form", "path")
    return text


def _list(members, name, most):
    found = members.get(name, list)
    must(len(found) <= most and all(isinstance(one, dict) for one in found), "bundle-form", name)
    return [Members(one) for one in found]


def _extents(file, size, manifests):
    out, at = [], 0
    for one in _list(file, "extents", logs.EXTENTS_MAX):
        extent = [one.integer("first"), one.integer("bytes"), one.integer("from"), one.integer("manifest")]
        must(extent[0] == at and extent[1] and extent[3] < manifests, "bundle-form", "extents")
        at += extent[1]
        out.append(extent)
    must(at == size, "bundle-form", "extents")
    return out


def read_bundle(data, secret, writer):
    keys = ShareKeys(secret)
    must(24 + 16 <= len(data) <= BUNDLE_BYTES_MAX, "bundle-seal")
    plain = aead_open(keys.key, data[:24], keys.id, data[24:])
    must(plain is not None, "bundle-seal")
    must(len(plain) >= 68, "bundle-form", "cut short")
    sig, rest = plain[:64], plain[64:]
    must(verify(writer, "inxt/v1/share-bundle", keys.id + rest, sig), "bundle-sig")
    count = int.from_bytes(rest[:4], "big")
    must(count <= SECRETS_MAX and 4 + 32 * count <= len(rest), "bundle-secrets")
    secrets = [rest[4 + 32 * i:36 + 32 * i] for i in range(count)]
    members = Members(parse_json(logs.unpack(rest[4 + 32 * count:], JSON_BYTES_MAX)))
    must(members.text("type") == "bundle" and members.integer("version") == 1, "bundle-form")
    members.refuse_crit()
    accounts = [[one.hex("host").hex(), one.integer("uploader", logs.UPLOADER_MAX), one.hex("account").hex()]
                for one in _list(members, "accounts", ACCOUNTS_MAX)]
    folders = members.get("folders", list)
    must(all(isinstance(path, str) for path in folders) and len(folders) <= FILES_MAX, "bundle-form", "folders")
    seen, files = [_path(path) for path in folders], []
    for file in _list(members, "files", FILES_MAX):
        path = _path(file.text("path"))
        seen.append(path)
        size = file.integer("bytes") if file.has("bytes") else None
        manifests = []
        for manifest in _list(file, "manifests", logs.MANIFESTS_MAX):
            of_it = manifest.integer("secrets", logs.LEVELS_MAX + 1, 1)
            must(len(secrets) >= of_it, "bundle-secrets")
            manifests.append({"lines": manifest.text("lines", MANIFEST_BYTES_MAX),
                              "secrets": [secrets.pop(0).hex() for _ in range(of_it)]})
        must(manifests or size == 0, "bundle-form", "manifests")
        extents = _extents(file, size, len(manifests)) if file.has("extents") else []
        files.append({"path": path, "bytes": size, "mtime": file.integer("mtime"),
                      "mode": file.integer("mode", 0o7777), "extents": extents, "manifests": manifests})
    must(len(set(seen)) == len(seen), "bundle-form", "a path twice")
    known = set(folders)
    must(all("/" not in path or path[:path.rindex("/")] in known for path in seen), "bundle-form", "its folder")
    folder = members.get("folder", bool)
    must(folder or (len(files) == 1 and not folders), "bundle-form", "not one file")
    must(not secrets, "bundle-secrets")
    return {"folder": folder, "name": members.text("name", logs.PATH_BYTES_MAX), "made": members.integer("made"),
            "expires": members.integer("expires"), "seq": members.integer("seq") if members.has("seq") else 0,
            "accounts": accounts, "folders": folders, "files": files}
