# SPDX-License-Identifier: AGPL-3.0-or-later
"""inxt-key(5)."""

import json

from inxt_reference import keys
from inxt_reference.notation import b64, sha256, to_json
from selftest import HOST, OWNER, certificate, uploader_file

from .common import OTHER, accept, refuse, without


def key_vectors():
    art = "abandon " * 23 + "art"
    host = HOST.hex()
    accept("words", "24 words", art, host=host, uploader=0)
    accept("words", "white space and capitals", "\n ABANDON\t" + art[8:].replace(" ", " \r\n "),
           host=host, uploader=1)
    accept("words", "12 words", "abandon " * 11 + "about", host=host, uploader=2147483647)
    for i in range(4):
        entropy = sha256(b"words" + bytes([i]))[:16 if i % 2 else 32]
        accept("words", f"random {i}", " ".join(keys.entropy_to_words(entropy)), host=host,
               uploader=i)
    given = {"host": host, "uploader": 0, "status": "usage"}
    refuse("words", "words-long", art + " " * 1024, **given)
    refuse("words", "words-unknown", art.replace("art", "artt"), **given)
    refuse("words", "words-unknown/shortened", art.replace("art", "aban"), **given)
    refuse("words", "words-unknown/not ascii", art.replace("art", "äbandon"), **given)
    refuse("words", "words-count/23", "abandon " * 23, **given)
    refuse("words", "words-count/15", "abandon " * 15, **given)
    refuse("words", "words-count/none", "", **given)
    refuse("words", "words-checksum", "abandon " * 24, host=host, uploader=0)
    refuse("words", "words-checksum/12", "abandon " * 12, host=host, uploader=0)
    refuse("words", "words-checksum/swapped", "art " + "abandon " * 23, host=host, uploader=0)

    good = keys.recipient_to_text(OWNER.recipient)
    groups = keys.groups_of_key(OWNER.recipient)
    accept("recipient", "small", good)
    accept("recipient", "capital", good.upper())
    accept("recipient", "other", keys.recipient_to_text(OTHER.recipient))
    for name, text in {
            "recipient-long": keys.bech32_encode("inxtr", groups + [0] * 30),
            "recipient-case": good[:6] + good[6:].replace("c", "C"),
            "recipient-case/prefix": "Inxtr" + good[5:],
            "recipient-letters": good[:-1] + "b", "recipient-letters/no one":
            good.replace("1", "q"), "recipient-letters/empty": "",
            "recipient-letters/space": good + " ", "recipient-letters/newline": good + "\n",
            "recipient-letters/not ascii": good[:-1] + "é",
            "recipient-checksum": good[:-1] + ("q" if good[-1] != "q" else "p"),
            "recipient-checksum/bech32m": keys.bech32_encode("inxtr", groups, 0x2BC830A3),
            "recipient-checksum/short": "inxtr1qqqq", "recipient-checksum/swapped":
            good[:10] + good[11] + good[10] + good[12:],
            "recipient-prefix": keys.bech32_encode("inxts", groups),
            "recipient-prefix/one inside": keys.bech32_encode("inxtr1", groups),
            "recipient-size/51": keys.bech32_encode("inxtr", groups[:51]),
            "recipient-size/53": keys.bech32_encode("inxtr", groups + [0]),
            "recipient-size/none": keys.bech32_encode("inxtr", []),
            "recipient-bits": keys.bech32_encode("inxtr", groups[:51] + [groups[51] | 1])}.items():
        refuse("recipient", name, text, status="usage")


def key_file_vectors():
    secret = {"entropy": b64(OWNER.entropy)}
    public = keys.owner_public(OWNER)
    small = {"salt": b"\x88" * 16, "nonce": b"\x99" * 24, "memory_kib": 64, "passes": 1}
    plain = keys.write_key_file("owner", public, secret)
    sealed = keys.write_key_file("owner", public, secret, b"correct horse", **small)
    delegated = uploader_file()
    members = json.loads(plain)
    accept("key-file", "owner", plain)
    accept("key-file", "newlines and spaces behind", plain + b" \n \n")
    accept("key-file", "12 words", keys.write_key_file("owner", keys.owner_public(OTHER),
                                                       {"entropy": b64(OTHER.entropy)}))
    accept("key-file", "members in another order",
           to_json(dict(reversed(members.items()))).encode())
    accept("key-file", "sealed", sealed, passphrase="correct horse")
    accept("key-file", "sealed as writers do", keys.write_key_file(
        "owner", public, secret, "Pässwort".encode(), b"\x88" * 16, b"\x99" * 24),
        passphrase="Pässwort")
    accept("key-file", "uploader", delegated)
    caretaker = {**public, "uploader": keys.CARETAKERS_BEGIN}
    caretaker_key = {"uploader_key": b64(OWNER.uploader(keys.CARETAKERS_BEGIN).key)}
    accept("key-file", "caretaker", keys.write_key_file("caretaker", caretaker, caretaker_key))
    accept("key-file", "uploader sealed", keys.write_key_file(
        "uploader", {**public, "uploader": 1}, {"uploader_key": b64(OWNER.uploader(1).key),
                                                "certificate": certificate()},
        b"x", **small), passphrase="x")

    def changed(base=None, **changes):
        return to_json({**(base or members), **changes})

    open_sealed, open_delegated = json.loads(sealed), json.loads(delegated)

    def with_secret(text):
        return changed(secret=b64(text.encode()))

    argon = open_sealed["argon2id"]
    wrong_argon = {"memory": {**argon, "memory_kib": 65537}, "memory low":
                   {**argon, "memory_kib": 7}, "passes": {**argon, "passes": 17},
                   "no pass": {**argon, "passes": 0}, "salt": {**argon, "salt": b64(bytes(15))},
                   "no salt": without(argon, "salt"), "list": []}
    mixed = {**public, "recipient": public["recipient"].upper()}
    for name, text in {
            "key-long": plain + b"\n" * 16384, "json-syntax": plain[:-1] + b",}",
            "json-not-object/byte order mark": b"\xef\xbb\xbf" + plain,
            "key-type": changed(type="key"), "key-version": changed(version=2),
            "key-member": changed(comment="x"),
            "key-member/public": changed(public={**public, "comment": "x"}),
            "key-member/argon2id": changed(open_sealed, argon2id={**argon, "lanes": 1}),
            "key-kind": changed(kind="auditor"),
            "key-uploader/missing": changed(open_delegated, public=public),
            "key-uploader/owner": changed(public={**public, "uploader": 0}),
            "key-uploader/caretaker": changed(open_delegated, kind="caretaker"),
            "key-uploader/caretaker's": changed(open_delegated, public=caretaker),
            "key-secret-json/caretaker": keys.write_key_file("caretaker", caretaker, {
                **caretaker_key, "certificate": certificate()}),
            "key-recipient": changed(public={**public, "recipient": "inxtr1qqqq"}),
            "key-recipient/capital": changed(public=mixed),
            "member-missing/sealed": to_json(without(members, "sealed")),
            "member-missing/owner": changed(public=without(public, "owner")),
            "member-type/sealed": changed(sealed="no"),
            "key-argon2id/missing": to_json(without(open_sealed, "argon2id")),
            "key-argon2id/not sealed": changed(argon2id=argon),
            **{f"key-argon2id/{what}": changed(open_sealed, argon2id=value)
               for what, value in wrong_argon.items()},
            "key-secret/missing": to_json(without(members, "secret")),
            "key-secret/not b64": changed(secret="=="),
            "key-secret/long": changed(secret=b64(bytes(6145))),
            "key-secret/short": changed(open_sealed, secret=b64(bytes(40))),
            "key-secret-json/empty": with_secret("{}"),
            "key-secret-json/more": with_secret('{"entropy":"' + b64(bytes(32)) + '","x":"y"}'),
            "key-secret-json/not JSON": with_secret("entropy"),
            "key-secret-json/number": with_secret('{"entropy":1}'),
            "key-secret-json/31 bytes": with_secret(to_json({"entropy": b64(bytes(31))})),
            "key-secret-json/backslash": with_secret(r'{"entr\u006fpy":"' + b64(bytes(32)) + '"}'),
            "key-secret-json/kind": changed(secret=open_delegated["secret"]),
            "key-differs/owner": changed(public={**public, "owner": OTHER.id.hex()}),
            "key-differs/recipient": changed(public={
                **public, "recipient": keys.recipient_to_text(OTHER.recipient)}),
            "key-differs/entropy": with_secret(to_json({"entropy": b64(b"\1" * 32)})),
            "key-differs/uploader": changed(open_delegated, public={**public, "uploader": 2}),
            "key-differs/uploader key": changed(open_delegated, secret=b64(to_json({
                "uploader_key": b64(OWNER.uploader(2).key),
                "certificate": certificate()}).encode())),
            "token-sig/certificate": changed(open_delegated, secret=b64(to_json({
                "uploader_key": b64(OWNER.uploader(1).key),
                "certificate": certificate()[:-10] + "A" * 10}).encode())),
            }.items():
        refuse("key-file", name, text, passphrase="correct horse")
    refuse("key-file", "key-secret/twice",
           plain[:-1] + b',"secret":"' + members["secret"].encode() + b'"}')
    for name, text, passphrase in (
            ("wrong", sealed, "correct horsf"),
            ("public changed", changed(open_sealed, public={**public, "owner": OTHER.id.hex()}),
             "correct horse"),
            ("secret changed", changed(open_sealed, secret=b64(bytes(100))), "correct horse")):
        refuse("key-file", f"key-passphrase/{name}", text, status="wrong_key",
               passphrase=passphrase)
