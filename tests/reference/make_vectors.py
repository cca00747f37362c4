#!/usr/bin/python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Write tests/vectors/*.json, one file for each format.  Deterministic.

A file is one JSON object, {"license": ..., "format": ..., "count": ..., "vectors": [...]}, one
vector on each line.  A vector has

    format    the file's
    name      what it shows; of a refusal, REASON or REASON/what
    expect    "accepted" or "refused"
    reason    where refused: the name that the manual gives to it
    status    where refused: the number of EXIT STATUS in inxt(7)
    given     what the reader is told or holds, by format, below
    input     the text to read, exactly (no newline is added), or
    input_b64 its bytes in b64 (base64url without padding), where it is
              binary or not UTF-8, or
    input_parts  a list: a text is bytes in b64, an integer that many zero bytes; the input
              is all of them in order, or
    input_count  n: the input has n bytes, byte i is i mod 251
    value     where accepted: what was read, by format, below

A reader agrees if it accepts and refuses as expected, with this status, and
finds these values.  The reason is there for people: of two programs one may
name another reason where several hold.  Bytes of 16 and 32 are hex, others
b64, unless it says otherwise; entropy is the hex of an owner's 16 or 32 bytes
behind the words.

    format          input                 given; value
    json            one object            -; keys: names of its members
    b64             a text                size (optional); hex
    labels          what follows L's 00   function: hkdf, hash, sign; label; key, salt | seed;
                                          key | hash | public, sig
    words           words as typed        host, uploader; every derived key
    recipient       Bech32                -; key
    key-file        the file              passphrase (optional); kind and keys
    manifest        the lines             stage: "shard" (what inxt-encrypt writes) or "pieces";
                                          counts and hashes
    open            a whole manifest      entropy; secret, private (name_b64: the name's bytes)
    writer          a header line without newline
                                          now, entropy (the reader's own), owners, trusted;
                                          by: "trusted", "own" or "certificate"
    path            a path of a ciphertext or file line; ROOT in it is an absolute folder that
                    the program makes     folders: those allowed, directories, files (name ->
                                          b64), links (name -> target), all below ROOT; found:
                                          the file, below ROOT
    ciphertext      lines of stage shard  the same as for path; the ciphertext
    segments        -                     bytes, k, shard_bytes; counts and sizes
    parity          k data shards, one behind the other
                                          k, m; the m parity shards
    seal            a shard               seal_key, file, segment, shard, mirror; key, piece, id
    piece           a piece               block, id (optional: what it must have); id, head,
                                          leaf and path of the block, size of the stored file,
                                          SHA-256 of the tree pages
    stored-piece    a file of a store     -; what its trailer says
    tag             a tag                 entropy, id (optional: of the piece it came with); what
                                          is in it
    token           a token               typ, now (optional: times are then checked); payload
    put-answer      -                     offer, acceptance, receipt; their hashes
    hosts           a hosts file          -; hosts, sorted by id, with the descriptor that counts
    audit-challenge -                     beacon, host, set: [id, size]..., asked; hashes, and
                                          the first sample
    audit-request   a request             -; challenge, number of samples, the last one
    audit-answer    an answer's lines     host, challenge, request (text), sizes (id -> size);
                                          outcomes in order, verdict
    audit-outcome   one proof line without newline
                                          piece, block, size; outcome
    audit-bound     -                     blocks, samples, bad; bound, at confidence 0.99
    transcript      a transcript          -; audits: one object for each
    extract         one extract, or more  -; hosts, sorted by id
    padding         padded text           -; data
    zstd            compressed data       -; SHA-256 of what it decompresses to
    zstd-table      the same, for a reader of ranges
                                          -; frames, bytes
    file            a whole manifest      entropy, now, pieces (id -> b64); SHA-256 of the file
"""

import itertools
import json
import pathlib
import re
import sys

import nacl.bindings as sodium
from check_vectors import VECTORS, complaint
from inxt_reference import (contents, encoder, formats, keys, manifest, notation, pieces, proofs,
                            tags, tokens)
from inxt_reference.notation import (Refused, b64, box_seal, hkdf, join_signed, sha256, sign,
                                     sign_raw, to_json, u32, u64)
from selftest import (ACCOUNT, CONTROL_SEED, FILE, HELLO, HOST, HOST_SEED, LONG_PIECE, MANUAL,
                      OWNER, PRIVATE, SECRET, TIME, certificate, contract, example,
                      offer_payload, uploader_file)

ENTROPY = OWNER.entropy.hex()
OTHER = keys.Owner(b"\x01" * 16)
HALF_ORDER = 2**252 + 27742317777372353535851937790883648493
made = {}


def vector(fmt, name, data, expect, reason, given, count):
    v = {"format": fmt, "name": name, "expect": expect}
    if reason:
        v["reason"] = reason
    if given:
        v["given"] = given
    if count is not None:
        v["input_count"] = count
    elif data is not None:
        data = data.encode() if isinstance(data, str) else data
        try:
            text = data.decode("utf-8")
            plain = not re.search("[\0-\x08\x0b-\x1f\x7f\ufeff]", text)
        except UnicodeDecodeError:
            plain = False
        if plain:
            v["input"] = text
        elif fmt == "stored-piece":
            parts = [part for part in re.split(b"(\0{16,})", data) if part]
            v["input_parts"] = [b64(part) if part.strip(b"\0") else len(part)
                                for part in parts]
        else:
            v["input_b64"] = b64(data)
    vectors = made.setdefault(fmt, [])
    assert name not in [other["name"] for other in vectors], name
    vectors.append(v)
    return v


def accept(fmt, name, data=None, count=None, **given):
    v = vector(fmt, name, data, "accepted", None, given, count)
    v["value"] = formats.run(v)


def refuse(fmt, name, data=None, count=None, status="integrity", **given):
    """name is REASON or REASON/what."""
    v = vector(fmt, name, data, "refused", name.split("/")[0], given, count)
    v["status"] = notation.STATUS[status]
    wrong = complaint(v)
    assert not wrong, f"{fmt} {name}: {wrong}"


def lines(*each):
    return b"".join(line + b"\n" for line in each)


def without(members, *names):
    return {name: value for name, value in members.items() if name not in names}


# --- inxt-labels(5), strict JSON -------------------------------------------


def json_vectors():
    for name, text in {
            "empty": "{}", "spaces inside": '{ "a" :\t[ 1 , 2 ] \r\n}',
            "escapes": r'{"\u0061\"\\\/\b\f\n\r\t":"\ud83d\ude00"}', "utf-8": '{"ä":"😀"}',
            "largest": '{"a":9007199254740991,"b":-9007199254740991}',
            "depth 8": '{"a":[[[[[[[]]]]]]]}', "minus zero is JSON": '{"a":-0}',
            "same key in two objects": '{"a":{"a":1},"b":{"a":1}}',
            "literals": '{"a":true,"b":false,"c":null}',
            "zero escape": r'{"a":"\u0000"}', "delete is no control character": '{"a":"\x7f"}',
            }.items():
        accept("json", name, text)
    for name, text in {
            "json-not-object/blank": "", "json-not-object/list": "[]",
            "json-not-object/byte order mark": b"\xef\xbb\xbf{}",
            "json-not-object/carriage return": "{}\r", "json-not-object/space before": " {}",
            "json-not-object/space behind": "{} ", "json-not-object/text": '"a"',
            "json-syntax/comment": '{/* no */"a":1}', "json-syntax/trailing comma": '{"a":1,}',
            "json-syntax/trailing comma in list": '{"a":[1,]}',
            "json-syntax/control character": '{"a":"\x01"}', "json-syntax/tab": '{"a":"\t"}',
            "json-syntax/newline in string": '{"a":"\n"}',
            "json-syntax/lone surrogate": r'{"a":"\ud800"}',
            "json-syntax/lone low surrogate": r'{"a":"\udc00"}',
            "json-syntax/high high": r'{"a":"\ud800\ud800"}',
            "json-syntax/surrogate then letter": r'{"a":"\ud800a"}',
            "json-syntax/two objects": "{}{}", "json-syntax/bad escape": r'{"a":"\x41"}',
            "json-syntax/short escape": r'{"a":"\u12"}', "json-syntax/NaN": '{"a":NaN}',
            "json-syntax/infinity": '{"a":-Infinity}', "json-syntax/leading zero": '{"a":01}',
            "json-syntax/plus": '{"a":+1}', "json-syntax/single quotes": "{'a':1}",
            "json-syntax/key without quotes": "{a:1}", "json-syntax/no colon": '{"a" 1}',
            "json-syntax/no value": '{"a":}', "json-syntax/unclosed": '{"a":[1}',
            "json-syntax/capital literal": '{"a":True}', "json-syntax/zero byte": '{"a":1\0}',
            "json-syntax/vertical tab": '{"a":\x0b1}', "json-syntax/no-break space":
            '{"a":\u00a01}', "json-syntax/hexadecimal": '{"a":0x10}',
            "json-syntax/only a minus": '{"a":-}',
            "json-utf8/overlong": b'{"a":"\xc0\xaf"}', "json-utf8/surrogate":
            b'{"a":"\xed\xa0\x80"}', "json-utf8/past the end": b'{"a":"\xf4\x90\x80\x80"}',
            "json-utf8/cut": b'{"a":"\xe2\x82"}', "json-utf8/lone continuation":
            b'{"a":"\x80"}', "json-utf8/latin-1 in key": b'{"\xe4":1}',
            "json-duplicate-key": '{"a":1,"a":1}',
            "json-duplicate-key/escaped": r'{"a":1,"\u0061":2}',
            "json-duplicate-key/nested": '{"b":[{"a":1,"a":2}]}',
            "json-float/point": '{"a":1.0}', "json-float/exponent": '{"a":1e2}',
            "json-float/capital exponent": '{"a":1E2}',
            "json-float/in list": '{"a":[0.5]}', "json-integer/past": '{"a":9007199254740992}',
            "json-integer/below": '{"a":-9007199254740992}',
            "json-integer/huge": '{"a":' + "9" * 400 + "}",
            "json-integer/past 64 bits": '{"a":18446744073709551617}',
            "json-depth": '{"a":[[[[[[[[]]]]]]]]}',
            "json-depth/objects": '{"a":' * 8 + "{}" + "}" * 8,
            "json-depth/many": '{"a":' + "[" * 4000 + "]" * 4000 + "}"}.items():
        refuse("json", name, text)

    for name, text in {"empty": "", "one": "_w", "two": "__8", "three": "____"}.items():
        accept("b64", name, text)
    for name, text in {"padding": "_w==", "unused bits": "_x", "unused bits of two": "__9",
                       "one letter": "_", "plus": "+w", "slash": "/w", "space": "_w ",
                       "newline": "_w\n", "inner newline": "__\n8", "not ascii": "äw"}.items():
        refuse("b64", f"member-b64/{name}", text)
    refuse("b64", "member-b64/length", "____", size=4)


def label_vectors():
    salted = ("data-key", "private-key", "commitment", "piece-seal")
    parameters = {"piece-seal": u64(1) + u32(2) + u32(3), "uploader": u32(1), "account": HOST}
    for name in salted + ("recipient", "uploader", "writer", "account"):
        accept("labels", name, parameters.get(name, b""), function="hkdf",
               label=f"inxt/v1/{name}", key=SECRET.hex(), salt=FILE.hex() * (name in salted))
    for name in ("piece", "header-hash", "offer-hash", "contract-hash", "receipt-hash",
                 "audit-set", "challenge", "sample"):
        accept("labels", name, "abc", function="hash", label=f"inxt/v1/{name}")
    for name in ("header-line", "manifest-line", "answer"):
        accept("labels", name, "abc", function="sign", label=f"inxt/v1/{name}",
               seed=HOST_SEED.hex())


# --- inxt-key(5) -----------------------------------------------------------


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


# --- inxt-manifest(5) ------------------------------------------------------

E1 = example()
SEED = E1.writer_seed
HEADER = json.loads(E1.header)
del HEADER["sig"]


def two_segments(**changes):
    """6 pieces, 3 of each segment; the last segment holds 1,808 bytes."""
    return encoder.Encoded(LONG_PIECE, OWNER.recipient, OWNER.uploader(0), **{
        "private": {"length": 10000}, "seed": b"two", "shard_bytes": 4096, **changes})


E2 = two_segments()
PLACE = {"type": "place", "segment": 0, "shard": 0, "mirror": 0, "host": HOST.hex(),
         "address": "192.0.2.1:4242", "contract": "68" * 32, "receipt": "c0" * 32}


def body_of(line):
    members = json.loads(line)
    members.pop("sig", None)
    return members


def manifest_accepted():
    def ok(name, *each, stage="pieces"):
        accept("manifest", name, lines(*each), stage=stage)

    place, seal = to_json(PLACE).encode(), E2.seal
    ok("one segment", *E1.lines)
    ok("two segments", *E2.lines)
    ok("places", *E2.lines[:4], place, *E2.lines[4:], place,
       to_json({**PLACE, "segment": 1, "shard": 2}).encode())
    ok("no stanza", E2.header, *E2.lines[2:])
    ok("stanza behind the seal", E2.header, *E2.lines[2:], E2.stanza)
    ok("64 stanzas", E2.header, *[E2.stanza] * 64, *E2.lines[2:])
    ok("unknown type", E2.header, b'{"type":"later"}', *E2.lines[1:], b'{"type":"later","x":-1}')
    ok("empty crit", E2.header, E2.signed({**body_of(E2.stanza), "crit": []}), *E2.lines[2:])
    ok("unknown member", E2.header, E2.signed({**body_of(E2.stanza), "x": [-5, {}]}),
       *E2.lines[2:])
    spaced = b'{ "\\u0074ype" : "stanza",\t"kind":"sealedbox", "secret" : "' + \
        json.loads(E2.stanza)["secret"].encode() + b'", "recipient":"somebody"'
    ok("spaces, escapes, order", E2.header, E2.signed(spaced), *E2.lines[2:])
    file = {"type": "file", "segment": 0, "shard": 0, "mirror": 0, "path": "pieces/x",
            "offset": 0, "length": 4096}
    ok("file lines", *E2.lines[:4], to_json(file).encode(), *E2.lines[4:])
    for name, made_here in {
            "mirrors": two_segments(k=1, m=0, mirrors=3), "no parity": two_segments(k=3, m=0),
            "full last segment": encoder.Encoded(
                LONG_PIECE[:8192], OWNER.recipient, OWNER.uploader(0), shard_bytes=4096),
            "empty file": encoder.Encoded(b"", OWNER.recipient, OWNER.uploader(0)),
            "certificate": two_segments(certificate=certificate())}.items():
        ok(name, *made_here.lines)
    runs = [E1.signed({"type": "ciphertext", "path": "x", "offset": 4096 * i, "length": n,
                       "sha256": "00" * 32}) for i, n in enumerate((8388608, 0, 21))]
    end = E1.signed({"type": "ciphertext-end", "bytes": 8388629})
    ok("ciphertext", E1.header, E1.stanza, *runs, end, stage="shard")
    ok("no ciphertext", E1.header, E1.signed({"type": "ciphertext-end", "bytes": 0}),
       stage="shard")
    accept("manifest", "no newline at the end", lines(*E2.lines)[:-1], stage="pieces")
    accept("manifest", "no newline behind ciphertext-end", lines(E1.header, E1.stanza, *runs,
                                                                 end)[:-1], stage="shard")
    ok("type of 64 bytes", E2.header, b'{"type":"' + b"x" * 64 + b'"}', *E2.lines[1:])
    ok("8,192 bytes", E2.header, b'{"type":"later","x":"' + b"x" * 8168 + b'"}', *E2.lines[1:])
    assert len(b'{"type":"later","x":"' + b"x" * 8168 + b'"}\n') == 8192, "line"


def manifest_refused():
    def no(name, *each, stage="pieces", status="integrity"):
        refuse("manifest", name, lines(*each), stage=stage, status=status)

    header, stanza, layout = E2.header, E2.stanza, E2.layout
    p, seal = E2.piece_lines, E2.seal
    rest = E2.lines[1:]

    # Lines and JSON
    no("json-not-object/blank line", header, b"", *rest)
    no("json-not-object/carriage return", header + b"\r", *rest)
    no("json-syntax", header[:-1] + b",}", *rest)
    no("json-duplicate-key", header, E2.signed(stanza[:stanza.rindex(b',"sig"')] +
                                               b',"kind":"sealedbox"'), *rest[1:])
    no("json-float", header, b'{"type":"later","x":1.5}', *rest)
    refuse("manifest", "json-not-object/cut in the seal", lines(*E2.lines)[:-2], stage="pieces")
    no("member-limit/type", header, b'{"type":"' + b"x" * 65 + b'"}', *rest)
    no("line-too-long", header, b'{"type":"later","x":"' + b"x" * 8169 + b'"}', *rest)

    # Members
    s = body_of(stanza)

    def with_stanza(name, members):
        no(name, header, E2.signed(members), *rest[1:])
    with_stanza("member-missing", without(s, "secret"))
    with_stanza("member-missing/crit does not help", without({**s, "crit": []}, "kind"))
    with_stanza("member-type", {**s, "recipient": 1})
    with_stanza("member-type/null", {**s, "recipient": None})
    with_stanza("member-limit", {**s, "recipient": "x" * 101})
    with_stanza("member-limit/bytes, not letters", {**s, "recipient": "ä" * 51})
    with_stanza("member-b64/length", {**s, "secret": b64(bytes(79))})
    with_stanza("member-b64/padding", {**s, "secret": s["secret"] + "="})
    no("member-missing/type", header, b'{"x":1}', *rest)
    no("member-type/type", header, b'{"type":1}', *rest)
    bodies = [body_of(line) for line in p]

    def with_first(name, body, **changes):
        no(name, header, stanza, layout, E2.signed({**body, **changes}), *p[1:], seal)
    with_first("member-type/true is no integer", bodies[0], segment=False)
    with_first("member-type/text is no integer", bodies[0], segment="0")
    text = to_json(bodies[0])
    for what, old, new in (("minus zero", '"segment":0', '"segment":-0'),
                           ("minus one", '"segment":0', '"segment":-1')):
        no(f"member-type/{what}", header, stanza, layout,
           E2.signed(text.replace(old, new).encode()[:-1]), *p[1:], seal)
    with_first("member-hex", bodies[0], id=bodies[0]["id"].upper())
    with_first("member-hex/length", bodies[0], id=bodies[0]["id"][:-2])
    with_first("member-hex/odd", bodies[0], id=bodies[0]["id"][:-1])
    with_first("member-limit/segment", bodies[0], segment=4294967296)
    with_first("member-limit/shard", bodies[0], shard=128)
    with_first("member-limit/mirror", bodies[0], mirror=16)
    with_first("member-limit/size", bodies[0], size=2097153)
    with_first("member-limit/last", bodies[0], last=134217729)
    with_stanza("crit-unknown", {**s, "crit": ["x"]})
    with_stanza("member-type/crit", {**s, "crit": [1]})
    with_stanza("member-type/crit is no list", {**s, "crit": "x"})
    no("crit-unknown/place", header, *rest, to_json({**PLACE, "crit": ["x"]}).encode())
    no("crit-type", header, b'{"type":"later","crit":["later"]}', *rest)
    no("crit-type/empty", header, b'{"type":"later","crit":[]}', *rest)

    # Signatures
    unsigned = to_json(s).encode()
    no("sig-missing", header, unsigned, *rest[1:])
    no("sig-missing/not last", header, stanza[:-1] + b',"x":1}', *rest[1:])
    no("sig-missing/space before the end", header, stanza[:-1] + b" }", *rest[1:])
    no("sig-missing/space inside", header, stanza.replace(b',"sig":', b', "sig":'), *rest[1:])
    no("sig-missing/short", header, stanza[:-3] + b'"}', *rest[1:])
    no("sig-missing/header", to_json(HEADER).encode(), *E1.lines[1:])
    no("sig-wrong/body", header, stanza.replace(b"inxtr1c", b"inxtr1q"), *rest[1:])
    no("sig-wrong/header", header.replace(b'"uploader":0', b'"uploader":7'), *rest)
    no("sig-wrong/of another header", header, E1.stanza, *rest[1:])
    no("sig-wrong/another writer", header, manifest.sign_line(
        OTHER.uploader(0).writer_seed, E2.hash, s), *rest[1:])
    no("sig-wrong/header's label", header, manifest.sign_header(SEED, s), *rest[1:])
    no("sig-wrong/without header hash", header, join_signed(
        unsigned[:-1], sign(SEED, "inxt/v1/manifest-line", unsigned[:-1])), *rest[1:])
    for kind, at in (("layout", 2), ("piece", 3), ("seal", 9)):
        each = list(E2.lines)
        each[at] = each[at][:-30] + (b"AAAA" if each[at][-30:-26] != b"AAAA" else b"BBBB") + \
            each[at][-26:]
        no(f"sig-wrong/{kind}", *each)
    top = bytearray(notation.b64_decode(json.loads(stanza)["sig"]))
    top[32:] = (int.from_bytes(top[32:], "little") + HALF_ORDER).to_bytes(32, "little")
    no("sig-wrong/S not below the order", header, join_signed(unsigned[:-1], bytes(top)),
       *rest[1:])

    # Header
    def with_header(name, **changes):
        members = {**HEADER, **changes}
        members = {n: v for n, v in members.items() if v is not ...}
        line = manifest.sign_header(SEED, members)
        no(name, line, *E1.lines[1:])
    no("header-first", *rest)
    no("header-first/unknown type", b'{"type":"later"}', *E2.lines)
    no("header-second", header, header, *rest)
    no("header-second/behind the seal", header, *rest, E1.header)
    room = 1280 - len(manifest.sign_header(SEED, {**HEADER, "x": ""}))
    with_header("header-too-long", x="x" * (room + 1))
    longest = manifest.sign_header(SEED, {**HEADER, "x": "x" * room})
    hh = manifest.header_hash(longest)
    each = [manifest.sign_line(SEED, hh, body_of(line)) for line in E1.lines[1:-1]]
    each.append(manifest.sign_line(SEED, hh, {**body_of(E1.seal), "hash": sha256(lines(
        longest, *each[1:])).hex()}))
    accept("manifest", "header of 1,280 bytes", lines(longest, *each), stage="pieces")
    with_header("header-version", version=2)
    with_header("header-version/zero", version=0)
    with_header("member-missing/header version", version=...)
    with_header("member-missing/private", private=...)
    with_header("member-hex/file", file="00" * 15)
    with_header("member-hex/writer", writer=HEADER["writer"].upper())
    with_header("member-limit/uploader", uploader=2147483648)
    with_header("member-b64/private", private="=")
    with_header("crit-unknown/header", crit=["inxt"])
    with_header("member-type/certificate", certificate=1)
    small_order = "01" + "00" * 31
    no("sig-wrong/writer of small order", join_signed(
        to_json({**HEADER, "writer": small_order}).encode()[:-1],
        bytes.fromhex(small_order) + bytes(32)), *E1.lines[1:])

    # Stanzas
    with_stanza("stanza-kind", {**s, "kind": "scrypt"})
    no("stanza-count", header, *[stanza] * 65, *rest[1:])

    # Ciphertext
    run = {"type": "ciphertext", "path": "x", "offset": 0, "length": 21, "sha256": "00" * 32}
    end = {"type": "ciphertext-end", "bytes": 21}

    def shard(name, *each):
        no(name, E1.header, *[E1.signed(x) if isinstance(x, dict) else x for x in each],
           stage="shard")
    shard("member-limit/path", {**run, "path": "x" * 4097}, end)
    shard("member-limit/length", {**run, "length": 8388609}, {**end, "bytes": 8388609})
    shard("ciphertext-late", run, end, run)
    shard("ciphertext-late/layout", E1.layout, run, end)
    shard("ciphertext-end-second", run, end, end)
    shard("ciphertext-end-second/layout", E1.layout, end)
    shard("ciphertext-end-bytes", run, {**end, "bytes": 22})
    shard("no-seal/no ciphertext-end", run)
    shard("layout-early", run, E1.layout, end)
    shard("layout-ciphertext", run, end, E1.layout)
    no("layout-ciphertext/whole manifest", E1.header, E1.stanza, E1.signed(run), E1.signed(end),
       *E1.lines[2:])
    no("layout-ciphertext/no ciphertext", E1.header, E1.stanza, E1.signed({**end, "bytes": 0}),
       *E1.lines[2:])
    no("sig-missing/ciphertext", E1.header, to_json(run).encode(), stage="shard")

    # Layout
    lay = body_of(layout)

    def with_layout(name, **changes):
        no(name, header, stanza, E2.signed({**lay, **changes}), *p, seal)
    for what, changes in {
            "k 0": {"k": 0}, "k 65": {"k": 65}, "m 65": {"m": 65}, "mirrors 0": {"mirrors": 0},
            "mirrors 17": {"k": 1, "m": 0, "mirrors": 17}, "mirrors and k": {"m": 0,
                                                                             "mirrors": 2},
            "mirrors and m": {"k": 1, "mirrors": 2}, "small shards": {"shard_bytes": 0},
            "large shards": {"shard_bytes": 2101248},
            "not a multiple": {"shard_bytes": 4097}}.items():
        with_layout(f"layout-values/{what}", **changes)
    with_layout("member-hex/seal key", seal_key="44" * 31)
    no("layout-second", header, stanza, layout, layout, *p, seal)
    no("layout-second/at the end", header, stanza, layout, *p, layout, seal)

    # Pieces
    def piece(i, **changes):
        members = {**bodies[i], **changes}
        return E2.signed({n: v for n, v in members.items() if v is not ...})

    def with_pieces(name, *each):
        whole = [x if isinstance(x, bytes) else p[x] for x in each]
        last = body_of(whole[-1])
        count = last["segment"] + 1
        total = 8192 * (count - 1) + last.get("last", 0)
        no(name, header, stanza, layout, *whole, E2.make_seal(
            whole, segments=count, pieces=len(whole), bytes=total))
    no("piece-no-layout", header, stanza, p[0], layout, *p[1:], seal)
    with_pieces("piece-order/missing", 0, 2, 3, 4, 5)
    with_pieces("piece-order/missing at the end of a segment", 0, 1, 3, 4, 5)
    with_pieces("piece-order/first missing", 1, 2, 3, 4, 5)
    with_pieces("piece-order/doubled", 0, 1, 1, 2, 3, 4, 5)
    with_pieces("piece-order/swapped", 0, 2, 1, 3, 4, 5)
    with_pieces("piece-order/segment missing", 3, 4, 5)
    with_pieces("piece-order/shard past the layout", 0, 1, 2, piece(2, shard=3), 3, 4, 5)
    with_pieces("piece-order/mirror past the layout", 0, piece(0, mirror=1), 1, 2, 3, 4, 5)
    with_pieces("piece-after-last", 0, 1, 2, 3, 4, 5, piece(5, segment=2, shard=0))
    with_pieces("piece-last-differs/missing", 0, 1, 2, 3, piece(4, last=..., size=4096), 5)
    with_pieces("piece-last-differs/other", 0, 1, 2, 3, piece(4, last=1807), 5)
    with_pieces("piece-last-differs/not in the first", 0, 1, 2, piece(3, last=..., size=4096),
                4, 5)
    with_pieces("piece-last-large", 0, 1, 2, *[piece(i, last=8193, size=4096)
                                               for i in (3, 4, 5)])
    with_pieces("piece-last-zero", 0, 1, 2, *[piece(i, last=0, size=16) for i in (3, 4, 5)])
    with_pieces("piece-size", 0, 1, 2, piece(3, size=896), 4, 5)
    with_pieces("piece-size/full segment", piece(0, size=4080), 1, 2, 3, 4, 5)
    with_pieces("piece-size/zero", piece(0, size=0), 1, 2, 3, 4, 5)

    # Places and files
    place = to_json(PLACE).encode()
    no("place-no-layout", header, place, *rest)
    no("place-no-piece", header, stanza, layout, place, *p, seal)
    no("place-no-piece/mirror", header, *rest, to_json({**PLACE, "mirror": 1}).encode())
    no("place-no-piece/segment", header, *rest, to_json({**PLACE, "segment": 2}).encode())
    file = {"type": "file", "segment": 1, "shard": 0, "mirror": 0, "path": "x", "offset": 0,
            "length": 16}
    no("place-no-piece/file", header, stanza, layout, p[0], to_json(file).encode(), *p[1:], seal)
    no("place-no-layout/file", header, to_json(file).encode(), *rest)
    no("member-missing/place", header, *rest, to_json(without(PLACE, "receipt")).encode())
    no("member-limit/address", header, *rest, to_json({**PLACE, "address": "x" * 281}).encode())

    # Seal
    no("seal-early/missing pieces", header, stanza, layout, *p[:5], E2.make_seal(
        p[:5], segments=2, pieces=5, bytes=10000))
    no("seal-early/no last", header, stanza, layout, *p[:3], E2.make_seal(
        p[:3], segments=1, pieces=3, bytes=8192))
    no("seal-early/no layout", header, stanza, seal)
    sealed = body_of(seal)
    no("seal-hash", *E2.lines[:-1], E2.signed({**sealed, "hash": "00" * 32}))
    other = piece(1, id="00" * 32)
    no("seal-hash/a piece replaced", header, stanza, layout, p[0], other, *p[2:], seal)
    for what in ("segments", "pieces", "bytes"):
        no(f"seal-counts/{what}", *E2.lines[:-1],
           E2.signed({**sealed, what: sealed[what] + 1}))
    for what, line in {"piece": p[5], "layout": layout, "seal": seal}.items():
        no(f"after-seal/{what}", *E2.lines, line)
    no("after-seal/file", *E2.lines, to_json(file).encode())
    no("no-seal", *E2.lines[:-1])
    no("no-seal/only a header", header)
    no("no-seal/nothing")

    # Errors
    failed = {"type": "error", "tool": "inxt-put", "code": "quota", "status": 7,
              "message": "no room\u001b[31m"}
    no("error", *E2.lines, to_json(failed).encode(), status="quota")
    no("error/first", to_json({**failed, "code": "failure"}).encode(), *E2.lines,
       status="failure")
    no("error/unknown code", header, to_json({**failed, "code": "later"}).encode(), *rest,
       status="failure")
    no("error/code before status", header, to_json({**failed, "code": "try_again"}).encode(),
       *rest, status="try_again")
    no("error/then garbage", header, to_json(failed).encode(), b"garbage", status="quota")
    no("error/then nothing", header, to_json(failed).encode(), status="quota")
    no("member-missing/error status", header, to_json(without(failed, "status")).encode(), *rest)
    no("member-missing/error", header, to_json(without(failed, "code")).encode(), *rest)
    no("member-limit/error", header, to_json({**failed, "message": "x" * 4097}).encode(), *rest)


def open_vectors():
    def lines_with(stanzas, **changes):
        e = example(**changes)
        return lines(e.header, *stanzas(e), *e.lines[2:])
    accept("open", "example", E1.manifest(), entropy=ENTROPY)
    other = keys.recipient_to_text(OTHER.recipient)
    accept("open", "second stanza", lines_with(lambda e: [
        e.signed(manifest.stanza(OTHER.recipient, other, SECRET, b"\x78" * 32)), e.stanza]),
        entropy=ENTROPY)
    accept("open", "recipient's text is not relied on", lines_with(lambda e: [
        e.signed(manifest.stanza(OWNER.recipient, other, SECRET, b"\x78" * 32))]),
        entropy=ENTROPY)
    accept("open", "empty private part", example(private={}).manifest(), entropy=ENTROPY)
    accept("open", "all members", example(private={
        "name": "x", "name_b64": b64(b"\xff.txt"), "mtime": 0, "mode": 4095, "length": 21,
        "compression": "zstd", "padding": "padme", "later": True}, encoded=HELLO).manifest(),
        entropy=ENTROPY)
    refuse("open", "stanza-none", E1.manifest(), entropy=OTHER.entropy.hex(),
           status="wrong_key")
    refuse("open", "stanza-none/no stanza", lines_with(lambda e: []), entropy=ENTROPY,
           status="wrong_key")
    refuse("open", "header-commitment", lines_with(lambda e: [e.signed(manifest.stanza(
        OWNER.recipient, other, b"\x34" * 32, b"\x78" * 32))]), entropy=ENTROPY,
        status="wrong_key")
    for what, private in {
            "name long": {"name": "x" * 256}, "mode": {"mode": 4096}, "mtime": {"mtime": "1"},
            "compression": {"compression": "gzip"}, "padding": {"padding": True},
            "name_b64": {"name_b64": "="}}.items():
        refuse("open", f"header-private/{what}",
               example(private=private, encoded=HELLO).manifest(), entropy=ENTROPY)
    private_key = {"not JSON": b"hello", "twice": b'{"mode":1,"mode":1}', "space behind": b"{} "}

    def raw(blob):
        header = manifest.sign_header(SEED, {**HEADER, "private": b64(blob)})
        hh = manifest.header_hash(header)
        each = [manifest.sign_line(SEED, hh, body_of(line)) for line in E1.lines[1:-1]]
        seal = {**body_of(E1.seal), "hash": sha256(lines(header, *each[1:])).hex()}
        return lines(header, *each, manifest.sign_line(SEED, hh, seal))
    for what, text in private_key.items():
        refuse("open", f"header-private/{what}", raw(manifest.seal_private(
            SECRET, FILE, b"\x55" * 24, text)), entropy=ENTROPY)
    refuse("open", "header-private/other file", raw(manifest.seal_private(
        SECRET, bytes(16), b"\x55" * 24, b"{}")), entropy=ENTROPY)
    refuse("open", "header-private/too short", raw(bytes(39)), entropy=ENTROPY)
    refuse("open", "header-private/empty", raw(b""), entropy=ENTROPY)


def writer_vectors():
    def header(uploader=1, seed=None, **changes):
        made_here = {**HEADER, "writer": OWNER.uploader(1).writer.hex(), "uploader": uploader,
                     "certificate": certificate(), **changes}
        made_here = {n: v for n, v in made_here.items() if v is not ...}
        return manifest.sign_header(seed or OWNER.uploader(1).writer_seed, made_here)

    def signed(**changes):
        payload = {"iss": OWNER.id.hex(), "sub": OWNER.uploader(1).writer.hex(), "uploader": 1,
                   "iat": TIME, "exp": 1731536000, **changes}
        return tokens.make(OWNER.identity_seed, "inxt-certificate", payload)
    owner = {"owners": [OWNER.id.hex()], "now": TIME}
    accept("writer", "own", E1.header, entropy=ENTROPY, now=TIME)
    accept("writer", "own delegated, expired", header(), entropy=ENTROPY, now=1900000000)
    accept("writer", "trusted", E1.header, trusted=[HEADER["writer"]], now=TIME)
    accept("writer", "certificate", header(), **owner)
    accept("writer", "certificate within the skew", header(), owners=owner["owners"],
           now=1731536000 + 3600)
    refuse("writer", "writer-unknown", E1.header, status="denied", **owner)
    refuse("writer", "writer-unknown/number", header(uploader=2, certificate=...),
           entropy=ENTROPY, now=TIME, status="denied")
    refuse("writer", "writer-unknown/owner", header(), owners=[OTHER.id.hex()], now=TIME,
           status="denied")
    refuse("writer", "writer-unknown/nobody", header(), now=TIME, status="denied")
    refuse("writer", "writer-certificate/number", header(uploader=2), **owner)
    refuse("writer", "writer-certificate/writer",
           header(certificate=signed(sub=OTHER.uploader(1).writer.hex())), **owner)
    refuse("writer", "writer-certificate/no token", header(certificate="x"), **owner)
    refuse("writer", "writer-certificate/other signer", header(certificate=tokens.make(
        OTHER.identity_seed, "inxt-certificate", {
            "iss": OWNER.id.hex(), "sub": OWNER.uploader(1).writer.hex(), "uploader": 1,
            "iat": TIME, "exp": 1731536000})), **owner)
    refuse("writer", "writer-expired", header(), owners=owner["owners"],
           now=1731536000 + 3601, status="denied")


def path_vectors():
    setting = {"folders": ["allowed", "spool"], "directories": ["allowed/sub", "spool", "other"],
               "files": {"allowed/a": b64(b"a"), "allowed/sub/b": b64(b"b"),
                         "spool/c": b64(b"c"), "other/d": b64(b"d"), "allowed-not": b64(b"e")},
               "links": {"allowed/link": "a", "allowed/folder": "sub",
                         "allowed/out": "../other"}}
    deep = ["allowed/" + "d/" * n for n in (63, 64)]
    setting["directories"] += deep
    setting["files"].update({folder + "f": b64(b"f") for folder in deep})
    for path in ("a", "sub/b", "c", "ROOT/allowed/a", "ROOT/spool/c", "d/" * 63 + "f"):
        accept("path", path, path, **setting)
    for name, path in {
            "path-outside": "ROOT/other/d", "path-outside/prefix of a name": "ROOT/allowed-not",
            "path-component/two points": "../other/d", "path-component/inside":
            "sub/../a", "path-component/point": "./a", "path-component/absolute":
            "ROOT/allowed/../other/d", "path-component/link": "link",
            "path-component/linked folder": "folder/b",
            "path-component/empty": "sub//b", "path-component/empty in absolute":
            "ROOT/allowed//a", "path-component/slash at the end": "a/",
            "path-component/nothing": "", "path-component/65 deep": "d/" * 64 + "f",
            "path-component/link outside": "out/d", "path-kind": "sub"}.items():
        refuse("path", name, path, status="denied", **setting)


def ciphertext_vectors():
    run = {"type": "ciphertext", "path": "hello.txt.enc", "offset": 0, "length": 21,
           "sha256": sha256(E1.ciphertext).hex()}

    def text(*runs):
        total = sum(r["length"] for r in runs)
        return lines(E1.header, E1.stanza, *map(E1.signed, runs),
                     E1.signed({"type": "ciphertext-end", "bytes": total}))
    folder = {"folders": ["spool"], "directories": ["spool"],
              "files": {"spool/hello.txt.enc": b64(E1.ciphertext)}}
    accept("ciphertext", "example", text(run), **folder)
    two = [{**run, "offset": at, "length": n, "sha256": sha256(E1.ciphertext[at:at + n]).hex()}
           for at, n in ((0, 16), (16, 5), (21, 0))]
    accept("ciphertext", "in runs", text(*two), **folder)
    changed = {**folder, "files": {"spool/hello.txt.enc": b64(E1.ciphertext[:-1] + b"x")}}
    refuse("ciphertext", "ciphertext-sha256", text(run), **changed)
    refuse("ciphertext", "ciphertext-sha256/swapped",
           text({**two[0], "sha256": two[1]["sha256"]}, two[1]), **folder)
    refuse("ciphertext", "ciphertext-sha256/cut",
           text(run), **{**folder, "files": {"spool/hello.txt.enc": b64(E1.ciphertext[:-1])}})


# --- inxt-piece(5) ---------------------------------------------------------


def piece_vectors():
    for size, k, shard_bytes in ((0, 1, 4096), (0, 4, 2097152), (1, 64, 4096), (16, 1, 4096),
                                 (17, 4, 2097152), (10000000, 4, 2097152), (8192, 2, 4096),
                                 (8193, 2, 4096), (16384, 2, 4096), (12287, 3, 4096),
                                 (2**40, 64, 524288), (2**40 + 1, 10, 1048576)):
        accept("segments", f"{size} bytes, k {k}, {shard_bytes}", bytes=size, k=k,
               shard_bytes=shard_bytes)
    for k, m in ((1, 1), (2, 1), (2, 3), (4, 2), (3, 0), (10, 4), (17, 3), (1, 64), (64, 1),
                 (64, 64), (20, 10)):
        data = b"".join(sha256(bytes([k, m, i])) for i in range(k))
        accept("parity", f"{k}+{m}", data, k=k, m=m)
    for segment, shard, mirror in ((0, 0, 0), (1, 2, 3), (4294967295, 127, 15)):
        accept("seal", f"{segment} {shard} {mirror}", bytes(range(64)), seal_key="44" * 32,
               file=FILE.hex(), segment=segment, shard=shard, mirror=mirror)
    for size, block in ((1, 0), (16, 0), (4096, 0), (4097, 1), (8192, 1), (10000, 0), (10000, 2),
                        (12289, 3), (64 * 4096, 63), (64 * 4096 + 1, 64), (65 * 4096, 5),
                        (130 * 4096, 129), (300 * 4096 + 7, 300), (2097152, 511),
                        (2097151, 256)):
        accept("piece", f"{size} bytes, block {block}", count=size, block=block)
    refuse("piece", "piece-empty", b"", block=0)
    refuse("piece", "piece-long", count=2097153, block=0)
    refuse("piece", "piece-id", LONG_PIECE[:16], block=0, id=pieces.piece_id(b"x" * 16).hex())
    tree_head = pieces.head_of([pieces.leaf(LONG_PIECE[:16])])
    refuse("piece", "piece-id/other size", LONG_PIECE[:16], block=0,
           id=pieces.id_of(17, tree_head).hex())


def stored_vectors():
    piece = b"x" + bytes(4998) + b"y"
    name = pieces.piece_id(piece)
    tag = bytes(2048)
    three = contract(name, tag, len(piece))
    whole = pieces.make_stored(piece, ACCOUNT, *three)
    trailer = whole[-8192:]
    length = int.from_bytes(trailer[8156:8160], "big")
    members = json.loads(trailer[:length])
    accept("stored-piece", "two blocks", whole)
    first = E1.pieces[E1.places[0, 0, 0]]
    accept("stored-piece", "16 bytes", pieces.make_stored(
        first, ACCOUNT, *contract(pieces.piece_id(first), E1.tags[pieces.piece_id(first)])))
    accept("stored-piece", "a full block", pieces.make_stored(
        piece[:4096], ACCOUNT, *contract(pieces.piece_id(piece[:4096]), tag, 4096)))

    def with_trailer(body, **changes):
        return body + pieces.make_trailer(to_json({**members, **changes}).encode())

    def summed(text):
        return text[:8160] + sha256(text[:8160])

    def flip(at):
        return whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1:]
    body = whole[:-8192]
    for reason, data in {
            "stored-size/short": whole[:4096] + whole[8192:],
            "stored-size/long": whole[:8192] + bytes(4096) + whole[8192:],
            "stored-size/no trailer": whole[:8191], "stored-size/empty": b"",
            "stored-checksum": flip(len(whole) - 1), "stored-checksum/JSON": flip(
                len(body) + length // 2),
            "stored-length": body + summed(trailer[:8156] + u32(8157)),
            "stored-zeros/trailer": body + summed(trailer[:8155] + b"x" + trailer[8156:8160]),
            "stored-zeros/padding": flip(5000), "stored-zeros/leaves": flip(8192 + 64),
            "stored-zeros/heads": flip(8192 + 2048 + 32), "stored-zeros/end of page":
            flip(8192 + 4095),
            "stored-version": with_trailer(body, version=2),
            "stored-root/root": with_trailer(body, root="00" * 32),
            "stored-root/id": with_trailer(body, piece="00" * 32),
            "stored-root/size": with_trailer(body, size=5001),
            "stored-page/leaf": flip(8192), "stored-page/head": flip(8192 + 2048),
            "stored-block": flip(0), "stored-block/second": flip(4999),
            "member-missing": body + pieces.make_trailer(to_json(
                without(members, "offer")).encode()),
            "member-limit/size": with_trailer(body, size=0),
            "json-syntax": body + pieces.make_trailer(trailer[:length - 1] + b",}")}.items():
        refuse("stored-piece", reason, data)


# --- inxt-tag(5), inxt-token(5), inxt-descriptor(5) ------------------------


def tag_vectors():
    name = E1.places[0, 0, 0]
    text = E1.tag_texts[name]
    first, header, layout, piece = text.split(b"\n")[:4]
    members = json.loads(first)

    def sealed(data, recipient=OWNER.recipient):
        return box_seal(recipient, data, b"\x77" * 32)

    def built(*four, fill=b"\n"):
        data = b"\n".join(four) + b"\n"
        return sealed(data.ljust(2000, fill))
    accept("tag", "example", E1.tags[name], entropy=ENTROPY)
    accept("tag", "second segment, parity", E2.tags[E2.places[1, 2, 0]], entropy=ENTROPY)
    accept("tag", "unknown member", built(to_json({**members, "x": 1}).encode(), header, layout,
                                          piece), entropy=ENTROPY)
    e3 = two_segments(certificate=certificate())
    accept("tag", "certificate", e3.tags[e3.places[0, 0, 0]], entropy=ENTROPY)

    def no(reason, data, status="integrity"):
        refuse("tag", reason, data, entropy=ENTROPY, status=status)
    no("tag-size", E1.tags[name][:-1])
    no("tag-size/long", E1.tags[name] + b"\0")
    no("tag-open", sealed(text, OTHER.recipient), "wrong_key")
    no("tag-open/changed", E1.tags[name][:-1] + bytes([E1.tags[name][-1] ^ 1]), "wrong_key")
    no("tag-lines", built(first, header, layout))
    no("tag-lines/no newline", sealed((b"x" * 2000)))
    no("tag-rest", built(first, header, layout, piece, b"x"))
    no("tag-rest/zeros", built(first, header, layout, piece, fill=b"\0"))
    no("tag-rest/last byte", sealed(text[:-1] + b" "))
    for reason, changes in {"tag-type": {"type": "label"}, "tag-version": {"version": 2},
                            "tag-crit": {"crit": ["x"]}, "member-b64/control":
                            {"control": b64(bytes(31))}, "member-b64/secret":
                            {"secret": b64(bytes(79))}}.items():
        no(reason, built(to_json({**members, **changes}).encode(), header, layout, piece))
    no("member-missing", built(to_json(without(members, "control")).encode(), header, layout,
                               piece))
    no("json-duplicate-key", built(first[:-1] + b',"type":"tag"}', header, layout, piece))
    no("tag-line-type/order", built(first, header, piece, layout))
    no("tag-line-type/header", built(first, layout, layout, piece))
    no("tag-line-type/seal", built(first, header, layout, E1.seal))
    no("tag-header-sig", built(first, header.replace(b'"uploader":0', b'"uploader":5'), layout,
                               piece))
    no("tag-line-sig/layout", built(first, header, layout.replace(b'"m":1', b'"m":2'), piece))
    no("tag-line-sig/piece", built(first, header, layout,
                                   piece.replace(b'"shard":0', b'"shard":1')))
    no("tag-line-sig/of another header", built(first, header, layout, E2.piece_lines[3]))
    no("layout-values", built(first, header, E1.signed({**body_of(layout), "k": 0}), piece))
    no("header-version", built(first, manifest.sign_header(SEED, {**HEADER, "version": 2}),
                               layout, piece))
    def with_piece(reason, **changes):
        line = E1.signed({n: v for n, v in {**body_of(piece), **changes}.items() if v is not ...})
        no(reason, built(first, header, layout, line))
    with_piece("piece-order/shard", shard=3)
    with_piece("piece-order/mirror", mirror=1)
    with_piece("piece-size", size=32)
    with_piece("piece-size/no last", last=...)
    with_piece("piece-last-large", last=4194305, size=2097152)
    with_piece("piece-last-zero", segment=1, last=0)
    accept("tag", "of the piece it came with", E1.tags[name], entropy=ENTROPY, id=name.hex())
    refuse("tag", "tag-piece", E1.tags[name], entropy=ENTROPY,
           id=E1.places[0, 1, 0].hex())
    no("header-commitment", built(to_json({**members, "secret": b64(box_seal(
        OWNER.recipient, bytes(32), b"\x78" * 32))}).encode(), header, layout, piece),
        "wrong_key")


def token_vectors():
    name = E1.places[0, 0, 0]
    tag = E1.tags[name]
    offer, acceptance, receipt = contract(name, tag)
    accept("token", "offer", offer, typ="inxt-offer", now=TIME)
    accept("token", "acceptance", acceptance, typ="inxt-acceptance")
    accept("token", "receipt", receipt, typ="inxt-receipt")
    for token in re.findall(r"eyJ[\w-]+\.[\w-]+\.[\w-]+", (MANUAL / "inxt-token.5").read_text()
                            .replace(r"\-", "-")):
        kind = json.loads(notation.b64_decode(token.split(".")[0]))["typ"]
        if kind in ("inxt-deletion", "inxt-capability", "inxt-certificate"):
            accept("token", kind[5:], token, typ=kind, now=TIME)
    control = notation.ed25519_public(CONTROL_SEED)
    deletion = {"iss": control.hex(), "aud": HOST.hex(), "piece": name.hex(),
                "account": ACCOUNT.hex(), "iat": TIME, "exp": TIME + 100}

    def make(header=None, seed=CONTROL_SEED, **changes):
        payload = {n: v for n, v in {**deletion, **changes}.items() if v is not ...}
        return tokens.make(seed, "inxt-deletion", payload, header)
    good = make()
    typ = {"typ": "inxt-deletion"}
    header = '{"alg":"Ed25519","typ":"inxt-deletion"}'
    accept("token", "unknown member and empty crit", make(x=[None], crit=[]), **typ)
    accept("token", "iat within the skew", good, now=TIME - 3600, **typ)
    accept("token", "exp within the skew", good, now=TIME + 3700, **typ)
    refuse("token", "token-future", good, now=TIME - 3601, status="denied", **typ)
    refuse("token", "token-expired", good, now=TIME + 3701, status="denied", **typ)

    first, second, third = good.split(".")
    signature = notation.b64_decode(third)
    above = signature[:32] + (int.from_bytes(signature[32:], "little") +
                              HALF_ORDER).to_bytes(32, "little")
    # The key 01 00...: A is the neutral element, so S = r and R = r B satisfy the equation.
    small = bytes([1]) + bytes(31)
    weak_payload = b64(to_json({**deletion, "iss": small.hex()}).encode())
    weak_r = sodium.crypto_scalarmult_ed25519_base_noclamp(bytes([5]) + bytes(31))
    weak_sig = weak_r + bytes([5]) + bytes(31)
    for reason, token in {
            "token-long": good + "A" * (6145 - len(good)),
            "token-parts/two": first + "." + second, "token-parts/four": good + ".",
            "token-parts/empty": "",
            "token-b64/padding": good + "=", "token-b64/space": first + " ." + second + "." +
            third, "token-b64/newline": good + "\n", "token-b64/unused bits": good[:-1] +
            chr(ord(good[-1]) + 1), "token-b64/plus": first + ".+" + second + "." + third,
            "token-header/not JSON": make("x"), "token-header/twice":
            make('{"alg":"Ed25519","alg":"Ed25519","typ":"inxt-deletion"}'),
            **{f"token-header/{x}": make('{"alg":"Ed25519","typ":"inxt-deletion","%s":%s}' % x_v)
               for x_v in (("jwk", "{}"), ("jku", '"x"'), ("kid", '"x"'), ("x5c", "[]"),
                           ("b64", "false"), ("crit", "[]"), ("x", "1")) for x in x_v[:1]},
            **{f"token-alg/{alg}": make(header.replace("Ed25519", alg))
               for alg in ("EdDSA", "none", "HS256", "ed25519", "Ed448")},
            "token-alg/missing": make('{"typ":"inxt-deletion"}'),
            "token-alg/number": make('{"alg":1,"typ":"inxt-deletion"}'),
            "token-typ": make(header.replace("deletion", "capability")),
            "token-typ/case": make(header.replace("inxt-d", "INXT-D")),
            "token-typ/missing": make('{"alg":"Ed25519"}'),
            "token-payload": tokens.make(CONTROL_SEED, "inxt-deletion", "[]"),
            "token-payload/twice": tokens.make(
                CONTROL_SEED, "inxt-deletion", to_json(deletion)[:-1] + ',"iat":1}'),
            "token-payload/float": tokens.make(
                CONTROL_SEED, "inxt-deletion", to_json(deletion)[:-1] + ',"x":1.5}'),
            "token-iss/missing": make(iss=...), "token-iss/capital":
            make(iss=control.hex().upper()), "token-iss/short": make(iss=control.hex()[2:]),
            "token-crit": make(crit=["x"]),
            "token-sig/other key": make(seed=HOST_SEED), "token-sig/changed":
            first + "." + b64(to_json({**deletion, "exp": TIME + 101}).encode()) + "." + third,
            "token-sig/short": first + "." + second + "." + b64(signature[:63]),
            "token-sig/long": first + "." + second + "." + b64(signature + b"\0"),
            "token-sig/empty": first + "." + second + ".",
            "token-sig/S not below the order": first + "." + second + "." + b64(above),
            "token-sig/key of small order": f"{first}.{weak_payload}.{b64(weak_sig)}",
            "token-sig/labelled": first + "." + second + "." + b64(
                sign(CONTROL_SEED, "inxt-deletion", f"{first}.{second}".encode())),
            "token-member/missing": make(account=...), "token-member/type": make(iat="0"),
            "token-member/hex": make(piece=name.hex()[2:]), "token-member/minus":
            make(iat=-1)}.items():
        refuse("token", reason, token, **typ)

    account_seed = OWNER.uploader(0).account_seed(HOST)
    point = notation.ed25519_public(CONTROL_SEED)
    torsion = bytes.fromhex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")
    for reason, changes in {
            "offer-size/zero": {"size": 0}, "offer-size/large": {"size": 2097153},
            "offer-tag": {"tag": b64(bytes(2047))}, "offer-tag/empty": {"tag": ""},
            "offer-jti": {"jti": b64(bytes(15))}, "offer-jti/long": {"jti": b64(bytes(17))},
            "offer-control/small order": {"control": small.hex()},
            "offer-control/not canonical": {"control": "ee" + "ff" * 30 + "7f"},
            "offer-control/not on the curve": {"control": "02" + "00" * 31},
            "offer-control/outside the main subgroup": {
                "control": sodium.crypto_core_ed25519_add(point, torsion).hex()},
            "token-member/price": {"price": None}}.items():
        refuse("token", reason, tokens.make(account_seed, "inxt-offer", {
            **offer_payload(name, tag), **changes}), typ="inxt-offer")
    capability = {"iss": ACCOUNT.hex(), "aud": HOST.hex(), "cnf": OWNER.id.hex(), "can": "write",
                  "piece": name.hex(), "jti": b64(FILE), "iat": TIME, "exp": TIME}
    refuse("token", "token-member/can", tokens.make(account_seed, "inxt-capability", capability),
           typ="inxt-capability")
    refuse("token", "token-member/jti", tokens.make(account_seed, "inxt-capability", {
        **capability, "can": "read", "jti": b64(bytes(15))}), typ="inxt-capability")
    refuse("token", "token-member/uploader", tokens.make(OWNER.identity_seed, "inxt-certificate", {
        "iss": OWNER.id.hex(), "sub": OWNER.id.hex(), "uploader": 2147483648, "iat": TIME,
        "exp": TIME}), typ="inxt-certificate")
    refuse("token", "token-member/kind", tokens.make(HOST_SEED, "inxt-receipt", {
        "iss": HOST.hex(), "kind": "x" * 33, "contract": "00" * 32, "piece": name.hex(),
        "size": 16, "iat": TIME}), typ="inxt-receipt")

    # The answer to an offer
    accepted = json.loads(notation.b64_decode(acceptance.split(".")[1]))
    received = json.loads(notation.b64_decode(receipt.split(".")[1]))

    def answer(name, a=None, r=None, seed_a=HOST_SEED, seed_r=HOST_SEED, fix=True):
        a = tokens.make(seed_a, "inxt-acceptance", {**accepted, **(a or {})})
        r = {**received, "contract": tokens.contract_hash(a).hex(), **(r or {})}
        given = {"offer": offer, "acceptance": a,
                 "receipt": tokens.make(seed_r, "inxt-receipt", r)}
        (refuse if "answer-" in name else accept)("put-answer", name, **given)
    answer("example")
    answer("better terms", {"until": 1707776001})
    other = notation.ed25519_public(CONTROL_SEED).hex()
    answer("answer-host/acceptance", {"iss": other}, seed_a=CONTROL_SEED)
    answer("answer-host/receipt", None, {"iss": other}, seed_r=CONTROL_SEED)
    answer("answer-offer", {"offer": "00" * 32})
    answer("answer-piece/piece", {"piece": "00" * 32})
    answer("answer-piece/size", {"size": 17})
    answer("answer-piece/account", {"account": "00" * 32})
    answer("answer-terms/until", {"until": 1707775999})
    answer("answer-terms/price", {"price": 1})
    answer("answer-receipt/kind", None, {"kind": "repaired"})
    answer("answer-receipt/contract", None, {"contract": "00" * 32})
    answer("answer-receipt/piece", None, {"piece": "00" * 32})
    answer("answer-receipt/size", None, {"size": 17})


def hosts_vectors():
    def said(seed=HOST_SEED, **changes):
        payload = {"iss": notation.ed25519_public(seed).hex(), "version": 1, "software": "0.1.0",
                   "addresses": ["192.0.2.1:4242"], "capacity_bytes": 10**12,
                   "free_bytes": 9 * 10**11, "price": 0, "term_max_s": 31536000, "iat": TIME,
                   "exp": TIME + 86400, **changes}
        return {n: v for n, v in payload.items() if v is not ...}

    def line(seed=HOST_SEED, more=None, **changes):
        payload = said(seed, **changes)
        return to_json({"type": "host", "host": payload["iss"],
                        "addresses": payload["addresses"],
                        "token": tokens.make(seed, "inxt-descriptor", payload),
                        **(more or {})}).encode()
    good = ["h:1", "192.0.2.1:65535", "[2001:db8::1]:4242", "a-b.example:80", "[::ffff:1.2.3.4]:9"]
    second = b"\x12" * 32
    accept("hosts", "one", lines(line()))
    accept("hosts", "empty file", b"")
    accept("hosts", "comments, blanks", b"# a comment\n\n \t\n" + lines(line()) + b"#{}\n")
    accept("hosts", "no newline at the end", line())
    accept("hosts", "addresses", lines(line(addresses=good), line(second, addresses=[])))
    accept("hosts", "latest counts", lines(line(), line(iat=TIME + 1, addresses=["b:1"]),
                                           line(iat=TIME - 1, addresses=["c:1"])))
    accept("hosts", "first of the same time", lines(line(), line(addresses=["b:1"])))
    accept("hosts", "longest address", lines(line(addresses=["x" * 278 + ":1"])))
    address = [f"h{i}:1" for i in range(9)]
    fill = 8191 - len(line(more={"x": ""}))
    accept("hosts", "line of 8,192 bytes", lines(line(more={"x": "x" * fill})))
    refuse("hosts", "line-too-long", lines(line(more={"x": "x" * (fill + 1)})))
    for reason, each in {
            "hosts-type": line(more={"type": "bridge"}),
            "hosts-host": line(more={"host": "00" * 32}),
            "hosts-addresses": line(more={"addresses": ["192.0.2.2:4242"]}),
            "hosts-addresses/fewer": line(more={"addresses": []}),
            "hosts-addresses/order": line(addresses=["a:1", "b:1"],
                                          more={"addresses": ["b:1", "a:1"]}),
            "descriptor-version": line(version=2), "descriptor-software": line(software="x" * 65),
            "descriptor-addresses/nine": line(addresses=address),
            **{f"descriptor-addresses/{bad}": line(addresses=[bad]) for bad in (
                "", "h", "h:", ":1", "h:0", "h:01", "h:65536", "h:1 ", "h_x:1", "[::1:1",
                "2001:db8::1:4242", "[]:1", "[::g]:1", "[fe80::1%eth0]:1", "[192.0.2.1]:1",
                "[h]:1", "h/x:1", "http://h:1", "h:+1",
                "x" * 279 + ":1")},
            "token-typ": line(more={"token": certificate()}),
            "token-sig": line()[:-8] + b'AAAAAA"}', "token-member": line(price=...),
            "member-missing": to_json(without(json.loads(line()), "token")).encode(),
            "json-syntax": line()[:-1] + b",}", "json-not-object": b" " + line()}.items():
        refuse("hosts", reason, lines(line(second), each))


# --- inxt-proof(5) ---------------------------------------------------------

SMALL = {pieces.piece_id(p): p for p in (LONG_PIECE[:n] for n in (16, 1, 100, 200, 33))}
LARGER = {**SMALL, **{pieces.piece_id(p): p for p in (LONG_PIECE[:4097], LONG_PIECE)}}
BEACON = b"\x66" * 32


def sized(held):
    return [(name, len(piece)) for name, piece in held.items()]


def asked_of(held, asked, seed=HOST_SEED):
    return proofs.Challenge(BEACON, notation.ed25519_public(seed), sized(held), asked)


def answered(c, held, request=0, seed=HOST_SEED, change=lambda i, line: line):
    at = 256 * request
    each = [change(i, proofs.make_proof(held[n], b))
            for i, (n, b) in enumerate(c.samples[at:at + 256])]
    return proofs.make_answer(seed, notation.ed25519_public(seed), c.requests[request], each,
                              TIME + 5)


def audit_vectors():
    def challenge(name, held, asked, status=None, beacon=BEACON):
        given = {"beacon": beacon.hex(), "host": HOST.hex(),
                 "set": [[n.hex(), s] for n, s in held], "asked": asked}
        if status:
            refuse("audit-challenge", name, status=status, **given)
        else:
            accept("audit-challenge", name, **given)
    first = E1.pieces[E1.places[0, 0, 0]]
    example_set = [(pieces.piece_id(p), len(p)) for p in (first, LONG_PIECE)]
    many = [(sha256(bytes([i])), 1 + 40000 * i % 2097152) for i in range(200)]
    challenge("example", example_set, 3)
    challenge("sorted by the reader", sorted(example_set, reverse=True), 3)
    challenge("twice the same", example_set * 2, 3)
    challenge("asked more than there is", example_set, 460)
    challenge("one block", example_set[:1], 1)
    challenge("many", many, 460)
    challenge("more than one request", many, 1000)
    challenge("other beacon", many, 460, beacon=bytes(32))
    challenge("all", [(sha256(b"x"), 2097152)], 65536)
    challenge("set-empty", [], 3, "usage")
    challenge("set-size/zero", [*example_set, (bytes(32), 0)], 3, "integrity")
    challenge("set-size/large", [*example_set, (bytes(32), 2097153)], 3, "integrity")
    challenge("set-two-sizes", [*example_set, (example_set[0][0], 17)], 3, "integrity")

    c = asked_of(SMALL, 5)
    request = c.requests[0]
    accept("audit-request", "example", request)
    accept("audit-request", "spaces", request.replace(b",", b" , "))
    big = proofs.Challenge(BEACON, HOST, many, 300)
    accept("audit-request", "256", big.requests[0])
    members = json.loads(request)
    pair = members["samples"][0]

    def with_samples(*samples):
        return to_json({**members, "samples": list(samples)})
    for reason, text in {
            "request-long": request[:-1] + b" " * 65536 + b"}",
            "request-type": to_json({**members, "type": "proof"}),
            "member-missing": to_json(without(members, "challenge")),
            "member-hex": to_json({**members, "challenge": members["challenge"][1:]}),
            "request-samples/missing": to_json(without(members, "samples")),
            "request-samples/empty": with_samples(), "request-samples/257":
            with_samples(*[pair] * 257), "request-samples/three": with_samples([*pair, 0]),
            "request-samples/one": with_samples(pair[:1]), "request-samples/object":
            with_samples({"piece": pair[0], "block": 0}),
            "request-samples/text": to_json({**members, "samples": "all"}),
            "request-samples/block": with_samples([pair[0], "0"]),
            "request-samples/piece": with_samples([pair[0][1:], 0]),
            "request-samples/minus": with_samples([pair[0], -1]),
            "request-block": with_samples([pair[0], 512]),
            "json-not-object/newline": request + b"\n",
            "json-syntax": request[:-1] + b",}"}.items():
        refuse("audit-request", reason, text)

    given = {"host": HOST.hex(), "challenge": c.hash.hex(), "request": request.decode(),
             "sizes": {n.hex(): len(p) for n, p in SMALL.items()}}
    whole = answered(c, SMALL)
    accept("audit-answer", "all held", whole, **given)
    accept("audit-answer", "no newline at the end", whole[:-1], **given)
    accept("audit-answer", "line of 8,192 bytes", answered(
        c, SMALL, change=lambda i, line: line[:-1] + b" " * (8191 - len(line)) + b"}"
        if i == 0 else line), **given)
    refuse("audit-answer", "answer-long", answered(
        c, SMALL, change=lambda i, line: line[:-1] + b" " * (8192 - len(line)) + b"}"
        if i == 0 else line), **given)
    gone = c.samples[2]
    accept("audit-answer", "one missing", answered(c, SMALL, change=lambda i, line:
           proofs.make_missing(*gone) if i == 2 else line), **given)
    accept("audit-answer", "one malformed", answered(c, SMALL, change=lambda i, line:
           b"garbage" if i == 1 else line), **given)
    accept("audit-answer", "in another order", answered(c, SMALL, change=lambda i, line:
           proofs.make_proof(SMALL[c.samples[4 - i][0]], c.samples[4 - i][1])), **given)
    large = asked_of(LARGER, 10)
    accept("audit-answer", "larger pieces", answered(large, LARGER), host=HOST.hex(),
           challenge=large.hash.hex(), request=large.requests[0].decode(),
           sizes={n.hex(): len(p) for n, p in LARGER.items()})
    each = whole[:-1].split(b"\n")
    other_request = proofs.make_request(c.hash, c.samples[:4])
    signed_count = proofs.make_answer(HOST_SEED, HOST, request, each[:-2], TIME)
    claims = body_of(each[-1])

    def claim(**changes):
        body = to_json({**claims, **changes}).encode()[:-1]
        return lines(*each[:-1], join_signed(body, sign(HOST_SEED, "inxt/v1/answer", body)))
    for reason, data in {
            "answer-sig/none": lines(*each[:-1]), "answer-sig/nothing": b"",
            "answer-sig/changed": whole.replace(b'"time":1700000005', b'"time":1700000006'),
            "answer-sig/other key": lines(*each[:-1], proofs.make_answer(
                CONTROL_SEED, HOST, request, each[:-1], TIME).split(b"\n")[-2]),
            "answer-sig/label": lines(*each[:-1], join_signed(
                to_json(claims).encode()[:-1], sign(HOST_SEED, "inxt/v1/header-line",
                                                    to_json(claims).encode()[:-1]))),
            "answer-sig/behind": whole + lines(each[0]),
            "answer-host": answered(c, SMALL, seed=CONTROL_SEED),
            "answer-challenge": claim(challenge="00" * 32),
            "answer-request": claim(request=sha256(other_request).hex()),
            "answer-proofs/few": signed_count, "answer-proofs/claim": claim(proofs=4),
            "answer-proofs/lines": lines(*each[:-2], each[-1]),
            "answer-hash": claim(hash="00" * 32),
            "answer-hash/changed": whole.replace(b'"block":0', b'"block":1', 1)}.items():
        refuse("audit-answer", reason, data, **given)
    name, size, block = pieces.piece_id(LONG_PIECE), 10000, 2
    good = json.loads(proofs.make_proof(LONG_PIECE, block))

    def judged(what, text, at=block, of=size):
        accept("audit-outcome", what, text, piece=name.hex(), block=at, size=of)

    def changed(**changes):
        return to_json({n: v for n, v in {**good, **changes}.items() if v is not ...})
    judged("held", changed())
    judged("held, unknown member", changed(x=1))
    judged("other_block/number", changed(block=1))
    judged("other_block/piece", changed(piece="00" * 32))
    judged("other_block/asked another", changed(), at=1)
    gone = proofs.make_missing(name, block).decode()
    judged("missing", gone)
    judged("other_block/missing another", proofs.make_missing(name, 1).decode())
    judged("malformed/missing false", gone.replace("true", "false"))
    judged("malformed/missing and more", gone[:-1] + ',"size":10000}')
    judged("wrong_size", changed(size=10001))
    judged("wrong_size/of the set", changed(), of=9999)
    judged("wrong_length", changed(data=b64(LONG_PIECE[8192:] + b"x")))
    judged("wrong_length/empty", changed(data=""))
    judged("wrong_path/short", changed(path=[]))
    judged("wrong_path/long", changed(path=good["path"] * 2))
    judged("wrong_data/block", changed(data=b64(bytes(1808))))
    judged("wrong_data/path", changed(path=[b64(bytes(32))]))
    judged("malformed/not JSON", "x")
    judged("malformed/type", changed(type="answer"))
    judged("malformed/no data", changed(data=...))
    judged("malformed/data too long", changed(data=b64(bytes(4097))))
    judged("malformed/ten hashes", changed(path=[b64(bytes(32))] * 10))
    judged("malformed/hash of 31 bytes", changed(path=[b64(bytes(31))]))
    judged("malformed/block 512", changed(block=512))
    judged("malformed/size", changed(size=2097153))
    judged("malformed/twice", to_json(good)[:-1] + ',"block":2}')

    for blocks, samples, bad in (
            (1, 1, 0), (1, 1, 1), (4, 3, 0), (4, 3, 1), (50, 50, 0), (50, 50, 3), (100, 1, 0),
            (100, 99, 0), (1000, 460, 0), (10000, 460, 0), (10000, 460, 1), (10000, 460, 5),
            (1000000, 460, 0), (1000000, 460, 2), (100000, 1000, 10), (1000, 1, 0), (200, 100, 100),
            (5000, 4999, 0), (65536, 65536, 0), (268435456, 460, 0)):
        accept("audit-bound", f"{samples} of {blocks}, {bad} bad", blocks=blocks,
               samples=samples, bad=bad)


def transcript_vectors():
    def head(c, seed=HOST_SEED, **changes):
        members = {"type": "audit", "version": 1, "beacon": BEACON.hex(),
                   "host": notation.ed25519_public(seed).hex(), "samples": c.n,
                   "set_hash": c.set_hash.hex(), "anchored": True, "confidence_ppm": 990000,
                   **changes}
        return to_json({n: v for n, v in members.items() if v is not ...}).encode()

    def sets(c):
        return [to_json({"type": "set", "piece": n.hex(), "size": s}).encode()
                for n, s in c.held]

    def ask(c, request=0):
        return to_json({"type": "request", "body": c.requests[request].decode()}).encode()

    def told(number=1, said="answered", **changes):
        members = {"type": "testimony", "try": number, "time": TIME + 4, "elapsed_ms": 12,
                   "outcome": said, "reason": ... if said == "answered" else "no answer",
                   **changes}
        return to_json({n: v for n, v in members.items() if v is not ...}).encode()

    def answer(*each, **named):
        return answered(*each, **named)[:-1].split(b"\n")

    def end(*each, **changes):
        hosts = sum(line.startswith(b'{"type":"audit"') for line in each)
        return to_json({"type": "end", "hosts": hosts, "lines": len(each),
                        "hash": sha256(lines(*each)).hex(), **changes}).encode()

    def run(*each):
        return lines(*each, end(*each))
    c = asked_of(SMALL, 4)
    reply = answer(c, SMALL)
    s = sets(c)
    whole = [head(c), *s, ask(c), told(), *reply]
    asked = [head(c), *s, ask(c)]
    gone = c.samples[0]
    missing = answer(c, SMALL, change=lambda i, line:
                     proofs.make_missing(*gone) if i == 0 else line)
    accept("transcript", "passed", run(*whole))
    accept("transcript", "no newline at the end", run(*whole)[:-1])
    large = asked_of(LARGER, 6)
    accept("transcript", "larger pieces", run(head(large), *sets(large), ask(large), told(),
                                              *answer(large, LARGER)))
    accept("transcript", "failed", run(*asked, told(), *missing))
    accept("transcript", "malformed proof", run(*asked, told(), *answer(
        c, SMALL, change=lambda i, line: b"garbage" if i == 3 else line)))
    accept("transcript", "a proof line that looks like an end line", run(
        *asked, told(), *answer(c, SMALL, change=lambda i, line: end() if i == 1 else line)))
    accept("transcript", "no answer", run(*asked, told(said="silent")))
    accept("transcript", "no answer, twice", run(*asked, told(said="silent"),
                                                 told(2, "invalid")))
    accept("transcript", "answered at the second try", run(*asked, told(said="invalid"),
                                                           told(2), *reply))
    accept("transcript", "no request", run(head(c), *s))
    accept("transcript", "other confidence, own beacon", run(
        head(c, anchored=False, confidence_ppm=500000), *s, ask(c), told(), *reply))
    accept("transcript", "unknown members", run(
        head(c, x=1), *s, ask(c), told(x=[1]), *reply))
    accept("transcript", "reason of 256 bytes", run(*asked, told(said="silent",
                                                                 reason="x" * 256)))
    c2 = asked_of(SMALL, 2, CONTROL_SEED)
    second = [head(c2, CONTROL_SEED), *sets(c2), ask(c2), told(),
              *answer(c2, SMALL, seed=CONTROL_SEED)]
    accept("transcript", "two Hosts", run(*whole, *second))
    accept("transcript", "two runs", run(*whole) + run(*asked, told(said="silent")))
    tiny = {pieces.piece_id(p): p for p in (u32(i) for i in range(260))}
    c3 = asked_of(tiny, 260)
    ask_3 = [head(c3), *sets(c3), ask(c3)]
    accept("transcript", "two requests", run(*ask_3, told(), *answer(c3, tiny), ask(c3, 1),
                                             told(), *answer(c3, tiny, 1)))
    accept("transcript", "first request not answered", run(
        *ask_3, told(said="silent"), ask(c3, 1), told(), *answer(c3, tiny, 1)))
    accept("transcript", "second request left out", run(*ask_3, told(), *answer(c3, tiny)))
    for reason, each in {
            "transcript-order/set first": [s[0], *whole],
            "transcript-order/request first": [ask(c), *whole],
            "transcript-order/set behind request": [*whole, s[0]],
            "transcript-order/no testimony": [*asked, *reply],
            "transcript-order/unknown type": [head(c), *s, b'{"type":"later"}', *whole[1 + len(s):]],
            "transcript-order/not JSON": [*asked, b"garbage", *whole[2 + len(s):]],
            "transcript-order/blank line": [*asked, b"", *whole[2 + len(s):]],
            "transcript-order/more than the answer": [*whole, reply[0]],
            "transcript-order/a try behind the answer": [*whole, told(2)],
            "transcript-order/answer where none was": [*asked, told(said="silent"), *reply],
            "transcript-order/one request too many": [*whole, ask(c), told(said="silent")],
            "transcript-order/second request twice": [
                *ask_3, told(said="silent"), ask(c3, 1), told(said="silent"), ask(c3, 1),
                told(said="silent")],
            "transcript-version": [head(c, version=2), *whole[1:]],
            "crit-unknown": [head(c, crit=["x"]), *whole[1:]],
            "member-missing/anchored": [head(c, anchored=...), *whole[1:]],
            "member-missing/confidence": [head(c, confidence_ppm=...), *whole[1:]],
            "member-limit/confidence 0": [head(c, confidence_ppm=0), *whole[1:]],
            "member-limit/confidence 1": [head(c, confidence_ppm=1000000), *whole[1:]],
            "transcript-host": [*whole, *whole],
            "transcript-set/order": [head(c), s[1], s[0], *s[2:], *whole[1 + len(s):]],
            "transcript-set/twice": [head(c), s[0], *s, *whole[1 + len(s):]],
            "transcript-set/missing": [head(c), *s[1:], *whole[1 + len(s):]],
            "transcript-set/none": [head(c), *whole[1 + len(s):]],
            "transcript-set/size": [head(c), *[x.replace(b":16}", b":17}") for x in s],
                                    *whole[1 + len(s):]],
            "transcript-set/hash": [head(c, set_hash="00" * 32), *whole[1:]],
            "transcript-samples/zero": [head(c, samples=0), *whole[1:]],
            "transcript-samples/more than B": [head(c, samples=7), *whole[1:]],
            "transcript-samples/65537": [head(c, samples=65537), *whole[1:]],
            "transcript-request": [head(c, samples=3), *whole[1:]],
            "transcript-request/beacon": [head(c, beacon="00" * 32), *whole[1:]],
            "transcript-request/spaces": [head(c), *s, ask(c).replace(b",[", b", ["), told(),
                                          *reply],
            "transcript-request/second first": [head(c3), *sets(c3), ask(c3, 1), told(),
                                                *answer(c3, tiny, 1)],
            "transcript-try/second first": [*asked, told(2), *reply],
            "transcript-try/first twice": [*asked, told(said="silent"), told(), *reply],
            "transcript-try/third": [*asked, told(said="silent"), told(2, "silent"), told(3),
                                     *reply],
            "transcript-try/outcome": [*asked, told(said="late")],
            "transcript-try/no reason": [*asked, told(said="silent", reason=...)],
            "transcript-try/reason of an answer": [*asked, told(reason="x"), *reply],
            "member-limit/reason": [*asked, told(said="silent", reason="x" * 257)],
            "member-missing/elapsed": [*asked, told(elapsed_ms=...), *reply],
            "transcript-answer/other Host": [*asked, told(), *answer(c, SMALL,
                                                                     seed=CONTROL_SEED)],
            "transcript-answer/changed": [*whole[:-2], reply[-2][:-2] + b" }", reply[-1]],
            "transcript-answer/cut": whole[:-1],
            "transcript-answer/proof missing": [*whole[:-2], reply[-1]],
            "transcript-answer/none": [*asked, told()],
            "transcript-answer/of another request": [*asked, told(), *answer(
                asked_of(SMALL, 3), SMALL), reply[-1]],
            "line-too-long/proof": [*whole[:-2], reply[-2][:-1] + b" " * 8192 + b"}", reply[-1]],
            "line-too-long/set": [head(c), s[0][:-1] + b" " * 8192 + b"}", *whole[2:]],
            }.items():
        refuse("transcript", reason, run(*each))
    refuse("transcript", "line-too-long/request", run(
        head(c), *s, ask(c)[:-1] + b" " * 131072 + b"}", told(), *reply))
    refuse("transcript", "transcript-empty", b"")
    refuse("transcript", "transcript-end/nothing before it", lines(end()))
    refuse("transcript", "transcript-end/second", run(*whole) + lines(end()))
    refuse("transcript", "transcript-order/no end line", lines(*whole))
    refuse("transcript", "transcript-order/second run has no end line",
           run(*whole) + lines(*whole))
    for what, changes in {"hosts": {"hosts": 2}, "lines": {"lines": 3},
                          "hash": {"hash": "00" * 32}}.items():
        refuse("transcript", f"transcript-end/{what}", lines(*whole, end(*whole, **changes)))
    late = [*asked, told(time=TIME + 9), *reply]
    refuse("transcript", "transcript-end/testimony changed", lines(*late, end(*whole)))

    def extract(c, *each, seed=HOST_SEED, **changes):
        each = each or sets(c)
        members = {"type": "extract", "version": 1,
                   "host": notation.ed25519_public(seed).hex(), "addresses": ["192.0.2.1:4242"],
                   "pieces": len(each), "set_hash": c.set_hash.hex(), **changes}
        return lines(to_json({n: v for n, v in members.items() if v is not ...}).encode(), *each)
    accept("extract", "one Host", extract(c))
    accept("extract", "no newline at the end", extract(c)[:-1])
    accept("extract", "two Hosts", extract(c) + extract(large, seed=CONTROL_SEED))
    accept("extract", "no address", extract(c, addresses=[]))
    accept("extract", "eight addresses", extract(c, addresses=[f"h{i}:1" for i in range(8)]))
    for reason, text in {
            "extract-type/nothing": b"", "extract-type": extract(c, type="extracts"),
            "extract-version": extract(c, version=2), "crit-unknown": extract(c, crit=["x"]),
            "extract-host": extract(c) + extract(large),
            "extract-addresses/nine": extract(c, addresses=[f"h{i}:1" for i in range(9)]),
            "extract-addresses/form": extract(c, addresses=["h:0"]),
            "member-missing/addresses": extract(c, addresses=...),
            "member-hex/host": extract(c, host="00"),
            "extract-set/count": extract(c, pieces=4), "extract-set/more": extract(c, pieces=6),
            "extract-set/none": extract(c, pieces=0),
            "extract-set/too many": extract(c, pieces=2**31 + 1),
            "extract-set/cut": lines(*extract(c).split(b"\n")[:-2]),
            "extract-set/order": extract(c, s[1], s[0], *s[2:]),
            "extract-set/twice": extract(c, s[0], *s),
            "extract-set/hash": extract(c, set_hash="00" * 32),
            "extract-set/other type": extract(c, *s[:-1], b'{"type":"place"}'),
            "extract-set/behind": extract(c) + lines(s[0]),
            "member-limit/size": extract(c, *s[:-1], s[-1].replace(b'"size":', b'"size":9999999')),
            }.items():
        refuse("extract", reason, text)


# --- contents --------------------------------------------------------------


def raw_frame(data, checksum=False):
    """A zstd frame of raw and run-length blocks: the same for every compressor."""
    out = u32(contents.ZSTD_MAGIC)[::-1] + bytes([0xA0]) + contents.le32(len(data))
    blocks = [data[i:i + 131072] for i in range(0, len(data), 131072)] or [b""]
    for i, block in enumerate(blocks):
        run = len(block) > 1 and len(set(block)) == 1
        head = (i == len(blocks) - 1) | run << 1 | len(block) << 3
        out += head.to_bytes(3, "little") + (block[:1] if run else block)
    return out


def seekable(data):
    frames = [data[i:i + contents.FRAME_BYTES]
              for i in range(0, len(data), contents.FRAME_BYTES)]
    packed = list(map(raw_frame, frames))
    return b"".join(packed) + contents.seek_table(
        [(len(p), len(f)) for p, f in zip(packed, frames)])


def contents_vectors():
    for size in (0, 1, 2, 7, 21, 255, 1000):
        accept("padding", f"{size} bytes", contents.pad(bytes(i % 251 for i in range(size))))
    accept("padding", "data that ends in a marker", contents.pad(b"x\x80"))
    accept("padding", "data that ends in zeros", contents.pad(b"x" + bytes(9)))
    refuse("padding", "padding-missing", b"hello")
    refuse("padding", "padding-missing/zeros", bytes(16))
    refuse("padding", "padding-missing/empty", b"")
    refuse("padding", "padding-length/long", contents.pad(bytes(20)) + b"\0")
    refuse("padding", "padding-length/short", contents.pad(bytes(8))[:-1])
    refuse("padding", "padding-length/far", b"\x80" + bytes(15))

    table = contents.seek_table
    hello, long = seekable(HELLO), seekable(b"a" * 1048576 + b"b" * 1048576 + b"c" * 5)
    one = raw_frame(HELLO)
    # magic, no content size, window descriptor, one raw block "x"
    window = (lambda log, eighths=0: u32(contents.ZSTD_MAGIC)[::-1] + bytes(
        [0, (log - 10) << 3 | eighths]) + (1 | 1 << 3).to_bytes(3, "little") + b"x")
    fit = window(23)
    skip = contents.le32(0x184D2A50) + contents.le32(3) + b"abc"
    for name, data in {"empty": table([]), "hello": hello, "three frames": long,
                       "window of 8 MiB": fit + table([(len(fit), 1)])}.items():
        accept("zstd", name, data)
        accept("zstd-table", name, data)
    accept("zstd", "another skippable frame", skip + hello)
    accept("zstd", "the table is not looked at", one + table([(1, 1)]))
    accept("zstd", "no table", one)
    for name, data in {
            "zstd-frame": b"hello", "zstd-frame/cut": one[:-1], "zstd-frame/cut head": one[:5],
            "zstd-frame/rest": one + b"\0", "zstd-frame/cut table": hello[:-1],
            "zstd-frame/block type": one[:9] + bytes([one[9] | 6]) + one[10:],
            "zstd-frame/content size": one[:5] + contents.le32(22) + one[9:],
            "zstd-window": window(24), "zstd-window/a little": window(23, 1)}.items():
        refuse("zstd", name, data)
    start = len(one)
    for name, data in {
            "zstd-table/none": one, "zstd-table/empty": b"", "zstd-table/magic":
            one + b"\x5f" + hello[start + 1:], "zstd-table/end": hello[:-1] + b"\0",
            "zstd-table/checksums": hello[:-5] + b"\x80" + hello[-4:],
            "zstd-table/sum": one + table([(len(one) + 1, 21)]),
            "zstd-table/count": hello[:-9] + contents.le32(2) + hello[-5:],
            "zstd-table/huge count": hello[:-9] + b"\xff" * 4 + hello[-5:],
            "zstd-table/length": hello[:start + 4] + contents.le32(18) + hello[start + 8:],
            "zstd-table/cut": hello[-16:]}.items():
        refuse("zstd-table", name, data)


def file_vectors():
    def given(e, *lost, changed=()):
        held = {name.hex(): b64(p) for place, name in e.places.items() if place not in lost
                for p in [e.pieces[name]]}
        for place in changed:
            name = e.places[place].hex()
            held[name] = b64(bytes(len(e.pieces[e.places[place]])))
        return {"entropy": ENTROPY, "now": TIME, "pieces": held}
    accept("file", "example", E1.manifest(), **given(E1))
    for lost in range(3):
        accept("file", f"shard {lost} lost", E1.manifest(), **given(E1, (0, lost, 0)))
    accept("file", "a changed piece counts as lost", E1.manifest(),
           **given(E1, changed=[(0, 0, 0)]))
    accept("file", "two segments, one of each lost", E2.manifest(),
           **given(E2, (0, 0, 0), (1, 1, 0)))
    wide = two_segments(k=5, m=5, seed=b"wide")
    accept("file", "5+5, five lost", wide.manifest(), **given(wide, *[
        (0, i, 0) for i in (0, 2, 4, 6, 9)]))
    mirrors = two_segments(k=1, m=0, mirrors=3, seed=b"mirrors")
    accept("file", "mirrors, two lost", mirrors.manifest(), **given(mirrors, *[
        (i, 0, m) for i in range(3) for m in (i % 3, (i + 1) % 3)]))
    empty = encoder.Encoded(b"", OWNER.recipient, OWNER.uploader(0), seed=b"empty")
    accept("file", "empty", empty.manifest(), **given(empty, (0, 0, 0)))

    def coded(encoded, seed=b"coded", **private):
        return encoder.Encoded(HELLO, OWNER.recipient, OWNER.uploader(0), seed=seed,
                               encoded=encoded, private=private)
    both = coded(contents.pad(seekable(HELLO)), length=21, compression="zstd", padding="padme")
    accept("file", "compressed and padded", both.manifest(), **given(both, (0, 1, 0)))
    delegated = encoder.Encoded(HELLO, OWNER.recipient, OWNER.uploader(1), seed=b"delegated",
                                certificate=certificate())
    accept("file", "from a delegated uploader", delegated.manifest(), **given(delegated))
    refuse("file", "too-few-pieces", E1.manifest(), status="too_few_pieces",
           **given(E1, (0, 0, 0), (0, 2, 0)))
    refuse("file", "too-few-pieces/second segment", E2.manifest(), status="too_few_pieces",
           **given(E2, (1, 0, 0), (1, 2, 0)))
    refuse("file", "piece-id/too few others", E1.manifest(),
           **given(E1, (0, 0, 0), changed=[(0, 1, 0)]))
    for reason, e in {
            "header-length/longer": coded(HELLO, length=20), "header-length/shorter":
            coded(HELLO, length=22), "padding-missing": coded(HELLO, padding="padme"),
            "padding-length": coded(HELLO + b"\x80\0\0\0", padding="padme"),
            "zstd-frame": coded(HELLO, compression="zstd")}.items():
        refuse("file", reason, e.manifest(), **given(e))
    foreign = encoder.Encoded(HELLO, OWNER.recipient, OTHER.uploader(0), seed=b"foreign")
    refuse("file", "writer-unknown", foreign.manifest(), status="denied", **given(foreign))
    refuse("file", "no-seal", lines(*E1.lines[:-1]), **given(E1))


# --- all -------------------------------------------------------------------

# What a vector cannot show: modes of files, and what needs too much input.
NOT_SHOWN = {"key-mode", "ciphertext-sum", "hosts-count", "set-count"}


# Statuses of inxt(7) that need no further name.
NOT_IN_A_LIST = {"error", "too-few-pieces"}


def manual_reasons():
    """Every reason that sections 5 of the manual name."""
    reasons = set()
    for page in MANUAL.glob("*.5"):
        reasons |= set(re.findall(r"^\.It Sy ([a-z0-9]+(?:-[a-z0-9]+)+)$",
                                  page.read_text(), re.MULTILINE))
    return reasons


def main():
    for part in (json_vectors, label_vectors, key_vectors, key_file_vectors, manifest_accepted,
                 manifest_refused, open_vectors, writer_vectors, path_vectors,
                 ciphertext_vectors, piece_vectors, stored_vectors, tag_vectors, token_vectors,
                 hosts_vectors, audit_vectors, transcript_vectors, contents_vectors,
                 file_vectors):
        part()
    VECTORS.mkdir(exist_ok=True)
    total = 0
    for fmt, vectors in made.items():
        text = ('{"license":"SPDX-License-Identifier: AGPL-3.0-or-later","format":"%s",'
                '"count":%d,"vectors":[\n' % (fmt, len(vectors)))
        text += ",\n".join(json.dumps(v, ensure_ascii=False, separators=(",", ":"))
                           for v in vectors) + "\n]}\n"
        (VECTORS / f"{fmt}.json").write_text(text)
        refused = sum(v["expect"] == "refused" for v in vectors)
        print(f"{fmt}: {len(vectors) - refused} accepted, {refused} refused, {len(text)} bytes")
        total += len(text)
    shown = {v.get("reason") for v in itertools.chain(*made.values())}
    missing = manual_reasons() - shown - NOT_SHOWN
    unnamed = shown - manual_reasons() - {None} - NOT_IN_A_LIST
    print(f"{sum(map(len, made.values()))} vectors, {total} bytes")
    if missing:
        print("reasons of the manual without a vector:", *sorted(missing))
    if unnamed:
        print("reasons that the manual does not name:", *sorted(unnamed))
    return 1 if missing or unnamed else 0


if __name__ == "__main__":
    sys.exit(main())
