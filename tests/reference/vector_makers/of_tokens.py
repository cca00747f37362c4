# SPDX-License-Identifier: AGPL-3.0-or-later
"""inxt-tag(5), inxt-token(5), inxt-descriptor(5)."""

import json
import re

import nacl.bindings as sodium
from inxt_reference import manifest, notation, tokens
from inxt_reference.notation import b64, box_seal, sign, to_json
from selftest import (ACCOUNT, BRIDGE_SEED, CONTROL_SEED, FILE, HOST, HOST_SEED, MANUAL, OWNER,
                      TIME, certificate, contract, offer_payload, renewed, transfer_payload,
                      voucher_payload)

from .common import (E1, E2, ENTROPY, HALF_ORDER, HEADER, OTHER, SEED, accept, body_of, lines,
                     refuse, two_segments, without)


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
        if kind in ("inxt-deletion", "inxt-capability", "inxt-certificate", "inxt-lease"):
            leases = json.loads(notation.b64_decode(token.split(".")[1])).get("can") == "lease"
            accept("token", "capability to lease" if leases else kind[5:], token, typ=kind,
                   now=TIME)
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
        "iss": OWNER.id.hex(), "sub": OWNER.id.hex(), "uploader": 1 << 30, "iat": TIME,
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


def renewal_vectors():
    name = E1.places[0, 0, 0]
    offer, acceptance, _ = contract(name, E1.tags[name])
    renewal, renewal_acceptance = renewed(name, acceptance)
    voucher = tokens.make(BRIDGE_SEED, "inxt-voucher", voucher_payload())
    for kind, token in (("renewal", renewal), ("renewal-acceptance", renewal_acceptance),
                        ("voucher", voucher)):
        accept("token", kind, token, typ=f"inxt-{kind}", now=TIME)
    asked = json.loads(notation.b64_decode(renewal.split(".")[1]))
    said = json.loads(notation.b64_decode(renewal_acceptance.split(".")[1]))

    def make(kind="inxt-renewal", **changes):
        payload = asked if kind == "inxt-renewal" else said
        return tokens.make(CONTROL_SEED if kind == "inxt-renewal" else HOST_SEED, kind, {
            n: v for n, v in {**payload, **changes}.items() if v is not ...})

    def filled(kind, least):
        """The shortest token of at least so many letters, by a member that nobody reads."""
        for fill in range(least):
            token = make(kind, x="x" * fill)
            if len(token) >= least:
                return token
    kinds = ("inxt-renewal", "inxt-renewal-acceptance")
    for kind in kinds:
        accept("token", f"{kind[5:]} of about 1,600 letters", filled(kind, 1599), typ=kind)
        refuse("token", f"renewal-long/{kind[5:]}", filled(kind, 1601), typ=kind)
        refuse("token", f"token-crit/{kind[5:]}", make(kind, crit=["x"]), typ=kind)
        for member in (asked if kind == "inxt-renewal" else said):
            if member != "iss":
                refuse("token", f"token-member/{kind[5:]} {member} missing",
                       make(kind, **{member: ...}), typ=kind)
                refuse("token", f"token-member/{kind[5:]} {member} type",
                       make(kind, **{member: True}), typ=kind)
    accept("token", "renewal by a second", make(until=1707776001), typ=kinds[0])
    accept("token", "renewal to the last second", make(until=2**53 - 1), typ=kinds[0])
    accept("token", "renewal within the skew", renewal, typ=kinds[0], now=TIME - 3580)
    refuse("token", "renewal-term/same", make(until=1707776000), typ=kinds[0])
    refuse("token", "renewal-term/earlier", make(until=0), typ=kinds[0])
    refuse("token", "token-payload/until past 2^53 - 1", make(until=2**53), typ=kinds[0])
    refuse("token", "token-member/from", make(**{"from": -1}), typ=kinds[0])
    refuse("token", "token-payload/renewal price past 2^53 - 1", make(price=2**53), typ=kinds[0])
    refuse("token", "token-member/size zero", make(kinds[1], size=0), typ=kinds[1])
    refuse("token", "token-member/size large", make(kinds[1], size=2097153), typ=kinds[1])
    refuse("token", "token-expired/renewal", renewal, typ=kinds[0], now=TIME + 90021,
           status="denied")
    refuse("token", "token-future/renewal", renewal, typ=kinds[0], now=TIME - 3581,
           status="denied")
    refuse("token", "token-typ/a renewal is no deletion", renewal, typ="inxt-deletion")
    refuse("token", "token-typ/a contract's acceptance", acceptance, typ=kinds[1])

    release = {"iss": notation.ed25519_public(BRIDGE_SEED).hex(), "aud": HOST.hex(),
               "piece": name.hex(), "account": ACCOUNT.hex(), "contract": "05" * 32,
               "successor": "06" * 32, "successor_contract": "07" * 32, "iat": TIME,
               "exp": TIME + 100}

    def let_go(**changes):
        return tokens.make(BRIDGE_SEED, "inxt-release", {
            n: v for n, v in {**release, **changes}.items() if v is not ...})
    kind = {"typ": "inxt-release"}
    accept("token", "release", let_go(), now=TIME, **kind)
    accept("token", "release, late and unknown member", let_go(x=1), now=TIME + 3700, **kind)
    refuse("token", "release-long", let_go(x="x" * 1200), **kind)
    refuse("token", "release-successor/the Host", let_go(successor=HOST.hex()), **kind)
    refuse("token", "release-successor/the contract", let_go(successor_contract="05" * 32), **kind)
    refuse("token", "token-crit/release", let_go(crit=["x"]), **kind)
    refuse("token", "token-expired/release", let_go(), now=TIME + 3701, status="denied", **kind)
    refuse("token", "token-future/release", let_go(), now=TIME - 3601, status="denied", **kind)
    for member in release:
        if member != "iss":
            refuse("token", f"token-member/release {member} missing", let_go(**{member: ...}), **kind)
            refuse("token", f"token-member/release {member} type", let_go(**{member: True}), **kind)
    refuse("token", "token-typ/a release is no deletion", let_go(), typ="inxt-deletion")

    # A contract and its extension
    other = notation.ed25519_public(HOST_SEED).hex()

    def extension(what, r=None, a=None, seed_r=CONTROL_SEED, seed_a=HOST_SEED, **known):
        r = tokens.make(seed_r, kinds[0], {**asked, **(r or {})})
        a = {**said, "renewal": tokens.renewal_hash(r).hex(), **(a or {})}
        given = {"offer": offer, "acceptance": acceptance, "renewal": r,
                 "renewal_acceptance": tokens.make(seed_a, kinds[1], a), **known}
        (refuse if what.startswith("renew") else accept)("renewed", what, **given)
    extension("example")
    extension("a later one of the row", {"from": 1739312000, "until": 1770848000},
              {"until": 1770848000})
    extension("better terms", {"price": 5}, {"until": 1739312001, "price": 4})
    extension("renewal-control", {"iss": other}, seed_r=HOST_SEED)
    extension("renewal-contract/aud", {"aud": "00" * 32})
    extension("renewal-contract/piece", {"piece": "00" * 32})
    extension("renewal-contract/account", {"account": "00" * 32})
    extension("renewal-contract/hash", {"contract": "00" * 32})
    extension("renewed-host", None, {"iss": notation.ed25519_public(CONTROL_SEED).hex()},
              seed_a=CONTROL_SEED)
    later = notation.ed25519_public(CONTROL_SEED).hex()
    extension("by the Host under a later key", None, {"iss": later}, seed_a=CONTROL_SEED,
              successors=["00" * 32, later])
    extension("renewed-host/not a successor", None, {"iss": later}, seed_a=CONTROL_SEED,
              successors=["00" * 32])
    extension("renewed-renewal", None, {"renewal": "00" * 32})
    extension("renewed-piece/piece", None, {"piece": "00" * 32})
    extension("renewed-piece/size", None, {"size": 17})
    extension("renewed-piece/account", None, {"account": "00" * 32})
    extension("renewed-terms/until", None, {"until": 1739311999})
    extension("renewed-terms/price", None, {"price": 1})
    refuse("renewed", "token-typ/a contract's acceptance", offer=offer, acceptance=acceptance,
           renewal=renewal, renewal_acceptance=acceptance)

    # Vouchers
    def vouch(what, by=ACCOUNT, host=HOST, now=TIME, status="denied", seed=BRIDGE_SEED,
              **changes):
        token = tokens.make(seed, "inxt-voucher", {
            n: v for n, v in {**voucher_payload(), **changes}.items() if v is not ...})
        given = {"account": by.hex(), "host": host.hex(), "now": now}
        if what.startswith(("voucher", "token")):
            refuse("voucher", what, token, status=status, **given)
        else:
            accept("voucher", what, token, **given)
    vouch("example")
    vouch("at every Host", host=OWNER.id, aud=...)
    vouch("for nothing more", bytes=0)
    vouch("for the most that can be said", bytes=2**53 - 1)
    vouch("within the skew", now=TIME + 90000)
    vouch("voucher-account", by=OWNER.id)
    vouch("voucher-host", host=OWNER.id)
    vouch("token-expired", now=TIME + 90001)
    vouch("token-future", now=TIME - 3601)
    for member in ("account", "iat", "exp"):
        vouch(f"token-member/{member} missing", status="integrity", **{member: ...})
    vouch("token-member/aud null", status="integrity", aud=None)
    vouch("token-member/bytes null", status="integrity", bytes=None)
    vouch("token-member/bytes minus", status="integrity", bytes=-1)
    vouch("token-member/bytes text", status="integrity", bytes="20480")
    vouch("token-payload/bytes past 2^53 - 1", status="integrity", bytes=2**53)
    vouch("token-sig", status="integrity", seed=HOST_SEED)
    vouch("token-crit", status="integrity", crit=["x"])
    refuse("voucher", "token-typ", certificate(), account=ACCOUNT.hex(), host=HOST.hex(), now=TIME)


def transfer_vectors():
    name = E1.places[0, 0, 0]
    seed = OWNER.uploader(0).account_seed(HOST)
    kind = {"typ": "inxt-transfer"}

    def make(seed=seed, **changes):
        return tokens.make(seed, "inxt-transfer", {
            n: v for n, v in {**transfer_payload(name), **changes}.items() if v is not ...})
    good = make()
    accept("token", "transfer", good, now=TIME, **kind)
    accept("token", "transfer of years ago", good, now=TIME + 10**8, **kind)
    accept("token", "transfer of a byte", make(bytes=1), **kind)
    accept("token", "transfer of a whole piece", make(bytes=2097152), **kind)
    accept("token", "transfer with a long id", make(request="Az09._-" + "x" * 57), **kind)
    accept("token", "transfer of about 1,024 letters", make(x="x" * 330), **kind)
    refuse("token", "transfer-long", make(x="x" * 400), **kind)
    refuse("token", "token-future/transfer", good, now=TIME - 3571, status="denied", **kind)
    for what, value in (("empty", ""), ("long", "x" * 65), ("space", "a b"), ("line", "a\n"),
                        ("quote", '"'), ("letter", "\u00e4"), ("slash", "a/b")):
        refuse("token", f"transfer-request/{what}", make(request=value), **kind)
    for member in ("aud", "piece", "bytes", "request", "iat"):
        refuse("token", f"token-member/transfer {member} missing", make(**{member: ...}), **kind)
        refuse("token", f"token-member/transfer {member} type", make(**{member: True}), **kind)
    refuse("token", "token-member/transfer of nothing", make(bytes=0), **kind)
    refuse("token", "token-member/transfer of more than a piece", make(bytes=2097153), **kind)
    refuse("token", "token-sig/transfer by another", make(seed=HOST_SEED), **kind)
    refuse("token", "token-crit/transfer", make(crit=["x"]), **kind)
    refuse("token", "token-typ/a transfer is no receipt", good, typ="inxt-receipt")
    refuse("token", "token-typ/a receipt is no transfer", contract(name, E1.tags[name])[2], **kind)


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
