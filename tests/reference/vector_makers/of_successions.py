# SPDX-License-Identifier: AGPL-3.0-or-later
"""A Host's keys: inxt-succession of inxt-token(5), rotated keys of inxt-descriptor(5), backups of inxt-key(5)."""

import json

from inxt_reference import keys, notation, tokens
from inxt_reference.notation import b64, to_json
from selftest import CONTROL_SEED, HOST, HOST_SEED, TIME, host_chain, host_line, host_seed

from .common import accept, lines, refuse, without


def public(number):
    return notation.ed25519_public(host_seed(number))


def token_vectors():
    def make(kind="inxt-succession", seed=HOST_SEED, **changes):
        payload = {"iss": notation.ed25519_public(seed).hex(), "sub": public(1).hex(),
                   "iat": TIME, **changes}
        return tokens.make(seed, kind, {n: v for n, v in payload.items() if v is not ...})

    def filled(least):
        for fill in range(least):
            if len(make(x="x" * fill)) >= least:
                return make(x="x" * fill)
    typ = {"typ": "inxt-succession"}
    accept("token", "succession", make(), **typ)
    accept("token", "succession of about 1,024 letters", filled(1023), **typ)
    for reason, token in {
            "succession-long": filled(1025), "succession-sub/the signer": make(sub=HOST.hex()),
            "succession-sub/small order": make(sub="00" * 32),
            "succession-sub/not canonical": make(sub="ee" + "ff" * 30 + "7f"),
            "token-typ/succession": make("inxt-certificate"),
            "token-member/sub missing": make(sub=...), "token-member/sub short":
            make(sub="00" * 31), "token-member/succession iat": make(iat="0"),
            "token-crit/succession": make(crit=["x"]),
            "token-sig/succession": make()[:-10] + "A" * 10}.items():
        refuse("token", reason, token, **typ)


def rotation_vectors():
    """Host n has the seed host_seed(n)."""
    good = {
        "rotated": [[0, 1]], "rotated twice": [[0, 1, 2]], "eight links": [[*range(9)]],
        "the old line stands there too": [[0], [0, 1]],
        "lines of every time": [[0], [0, 1], [0, 1, 2], [5]],
        "the first line is missing": [[1, 2], [5]],
        "a link in another's line": [[1, 2], [0, 1]],
        "two successors": [[0, 1], [0, 2]], "two successors, one of them rotated":
        [[0, 1], [0, 2, 3], [9]], "what leads to a dispute": [[8, 0], [0, 1], [0, 2]],
        "two successors, and the old line": [[0], [0, 1], [0, 2]],
        "successors of each other": [[0, 1], [1, 0]],
        "eight links of many lines": [[n, n + 1] for n in range(8)],
        "nine links of many lines": [[n, n + 1] for n in range(9)],
        "the successor has no line": [[0, 1], [1, 2], [0, 1, 2]][:1] + [[3]]}
    for name, chains in good.items():
        accept("hosts", name, lines(*(host_line(chain) for chain in chains)))
    accept("hosts", "the old line is the latest", lines(
        host_line([0], iat=TIME + 9), host_line([0, 1])))
    accept("hosts", "an empty succession", lines(host_line([0], succession=[])))
    once, twice = host_chain([0, 1]), host_chain([0, 1, 2])
    for reason, line in {
            "nine links": host_line([*range(10)]),
            "a gap": host_line([2], succession=[*once, *host_chain([3, 2])]),
            "another order": host_line([2], succession=twice[::-1]),
            "another Host's": host_line([3], succession=twice),
            "not to the end": host_line([1], succession=twice),
            "back again": host_line([0, 1, 2, 0]),
            "back to the first but one": host_line([0, 1, 2, 1])}.items():
        refuse("hosts", f"descriptor-succession/{reason}", lines(line))
    refuse("hosts", "token-sig/link", lines(host_line([1], succession=[
        once[0][:-10] + "A" * 10])))
    refuse("hosts", "token-typ/link", lines(host_line([1], succession=[tokens.make(
        HOST_SEED, "inxt-certificate", {"iss": HOST.hex(), "sub": public(1).hex(), "iat": TIME})])))
    refuse("hosts", "token-member/no list", lines(host_line([1], succession={})))
    refuse("hosts", "token-member/no texts", lines(host_line([1], succession=[1])))


def backup_vectors():
    small = {"salt": b"\x88" * 16, "nonce": b"\x99" * 24, "memory_kib": 64, "passes": 1}
    seed, chain = host_seed(2), host_chain([0, 1, 2])
    plain = keys.write_host_backup(HOST_SEED)
    rotated = keys.write_host_backup(seed, chain)
    sealed = keys.write_host_backup(seed, chain, b"correct horse", **small)
    accept("host-backup", "plain", plain)
    accept("host-backup", "rotated", rotated)
    accept("host-backup", "sealed", sealed, passphrase="correct horse")
    accept("host-backup", "sealed as writers do", keys.write_host_backup(
        HOST_SEED, (), b"x", b"\x88" * 16, b"\x99" * 24), passphrase="x")
    accept("host-backup", "newlines and spaces behind", plain + b" \n \n")
    members, open_sealed = json.loads(plain), json.loads(sealed)
    accept("host-backup", "members in another order",
           to_json(dict(reversed(members.items()))).encode())

    def changed(base=None, **changes):
        return to_json({**(base or members), **changes})

    def with_secret(text):
        return changed(secret=b64(text.encode()))
    told = members["public"]
    for name, text in {
            "key-long": plain + b"\n" * 16384, "json-syntax": plain[:-1] + b",}",
            "key-type": changed(type="inxt-key"), "key-version": changed(version=2),
            "key-member": changed(kind="host"),
            "key-member/public": changed(public={**told, "x": 1}),
            "key-argon2id": to_json(without(open_sealed, "argon2id")),
            "key-secret": to_json(without(members, "secret")),
            "key-secret/short": changed(open_sealed, secret=b64(bytes(40))),
            "member-missing/host": changed(public=without(told, "host")),
            "member-missing/succession": changed(public=without(told, "succession")),
            "key-succession": changed(public={**told, "succession": host_chain([0, 1])}),
            "key-succession/nine links": keys.write_host_backup(
                host_seed(9), host_chain([*range(10)])),
            "key-secret-json": with_secret('{"key":"' + b64(HOST_SEED) + '"}'),
            "key-secret-json/short": with_secret('{"seed":"' + b64(HOST_SEED[:31]) + '"}'),
            "key-differs": with_secret('{"seed":"' + b64(CONTROL_SEED) + '"}'),
            "key-differs/host": changed(public={**told, "host": public(1).hex()})}.items():
        refuse("host-backup", name, text, passphrase="correct horse")
    shorter = {"host": public(2).hex(), "succession": chain[1:]}
    for name, text, passphrase in (
            ("wrong", sealed, "correct horsf"),
            ("another succession", changed(open_sealed, public=shorter), "correct horse"),
            ("secret changed", changed(open_sealed, secret=b64(bytes(100))), "correct horse")):
        refuse("host-backup", f"key-passphrase/{name}", text, status="wrong_key",
               passphrase=passphrase)


def succession_vectors():
    token_vectors()
    rotation_vectors()
    backup_vectors()
