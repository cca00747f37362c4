# SPDX-License-Identifier: AGPL-3.0-or-later
"""inxt-token(5) and inxt-descriptor(5): signed statements, hosts files, answers to a PUT."""

import re

from .notation import (INTEGER_MAX, Members, Refused, b64, b64_decode, is_sound_key,
                       labelled_hash, must, parse_json, sign_raw, to_json, verify_raw)

TOKEN_BYTES_MAX = 6144
CLOCK_SKEW_S = 3600
PIECE_BYTES_MAX = 2097152
HOSTS_MAX = 100000
ADDRESSES_MAX = 8

# --- making ----------------------------------------------------------------


def make(seed, kind, payload, header=None):
    header = header or to_json({"alg": "Ed25519", "typ": kind})
    payload = payload if isinstance(payload, (str, bytes)) else to_json(payload)
    encode = (lambda x: b64(x.encode() if isinstance(x, str) else x))
    signed = encode(header) + "." + encode(payload)
    return signed + "." + b64(sign_raw(seed, signed.encode()))


def offer_hash(token):
    return labelled_hash("inxt/v1/offer-hash", token.encode())


def contract_hash(token):
    return labelled_hash("inxt/v1/contract-hash", token.encode())


def receipt_hash(token):
    return labelled_hash("inxt/v1/receipt-hash", token.encode())


# --- reading ---------------------------------------------------------------


def read(token, kind, now=None):
    """The payload's members, decoded: hex and b64 as bytes.  Times count where `now` is."""
    must(len(token) <= TOKEN_BYTES_MAX, "token-long")
    parts = token.split(".")
    must(len(parts) == 3, "token-parts")
    header_text, payload_text, signature = (b64_decode(p, reason="token-b64") for p in parts)
    try:
        header = parse_json(header_text)
    except Refused as refused:
        raise Refused("token-header", str(refused)) from None
    must(set(header) <= {"alg", "typ"}, "token-header")
    must(header.get("alg") == "Ed25519", "token-alg")
    must(header.get("typ") == kind, "token-typ")
    try:
        payload = Members(parse_json(payload_text))
    except Refused as refused:
        raise Refused("token-payload", str(refused)) from None
    try:
        iss = payload.hex("iss")
    except Refused as refused:
        raise Refused("token-iss", str(refused)) from None
    try:
        payload.refuse_crit("token-crit")
    except Refused as refused:
        raise Refused("token-crit", str(refused)) from None
    must(verify_raw(iss, token.rpartition(".")[0].encode(), signature), "token-sig")
    try:
        said = _PAYLOADS[kind](payload)
    except Refused as refused:
        if refused.reason.startswith("member-"):
            raise Refused("token-member", str(refused)) from None
        raise
    said["iss"] = iss
    if now is not None:
        must("iat" not in said or said["iat"] <= now + CLOCK_SKEW_S, "token-future",
             status="denied")
        must("exp" not in said or said["exp"] >= now - CLOCK_SKEW_S, "token-expired",
             status="denied")
    return said


def _offer(p):
    said = {"aud": p.hex("aud"), "piece": p.hex("piece"), "size": p.integer("size", INTEGER_MAX),
            "until": p.integer("until"), "price": p.integer("price"),
            "control": p.hex("control"), "tag": p.b64("tag"), "jti": p.b64("jti"),
            "iat": p.integer("iat"), "exp": p.integer("exp")}
    must(1 <= said["size"] <= PIECE_BYTES_MAX, "offer-size")
    must(len(said["tag"]) == 2048, "offer-tag")
    must(len(said["jti"]) == 16, "offer-jti")
    must(is_sound_key(said["control"]), "offer-control")
    return said


def _acceptance(p):
    return {"offer": p.hex("offer"), "account": p.hex("account"), "piece": p.hex("piece"),
            "size": p.integer("size", PIECE_BYTES_MAX, 1), "until": p.integer("until"),
            "price": p.integer("price"), "iat": p.integer("iat")}


def _receipt(p):
    return {"kind": p.text("kind", 32), "contract": p.hex("contract"), "piece": p.hex("piece"),
            "size": p.integer("size", PIECE_BYTES_MAX, 1), "iat": p.integer("iat")}


def _deletion(p):
    return {"aud": p.hex("aud"), "piece": p.hex("piece"), "account": p.hex("account"),
            "iat": p.integer("iat"), "exp": p.integer("exp")}


def _capability(p):
    said = {"aud": p.hex("aud"), "cnf": p.hex("cnf"), "can": p.text("can"),
            "piece": p.hex("piece"), "jti": p.b64("jti", 16), "iat": p.integer("iat"),
            "exp": p.integer("exp")}
    must(said["can"] == "read", "member-limit", "can")
    return said


def _certificate(p):
    return {"sub": p.hex("sub"), "uploader": p.integer("uploader", 2147483647),
            "iat": p.integer("iat"), "exp": p.integer("exp")}


def is_address(text):
    if len(text.encode()) > 280:
        return False
    host, _, port = text.rpartition(":")
    good = (re.fullmatch(r"[A-Za-z0-9.-]+", host) or
            ":" in host and re.fullmatch(r"\[[A-Fa-f0-9:.]+\]", host))
    return bool(good and re.fullmatch("[1-9][0-9]{0,4}", port) and int(port) <= 65535)


def texts_of(p, name):
    values = p.get(name, list)
    must(all(isinstance(value, str) for value in values), "member-type", name)
    return values


def _descriptor(p):
    must(p.integer("version") == 1, "descriptor-version")
    software = p.text("software")
    must(len(software.encode()) <= 64, "descriptor-software")
    addresses = texts_of(p, "addresses")
    must(len(addresses) <= ADDRESSES_MAX and all(map(is_address, addresses)),
         "descriptor-addresses")
    return {"software": software, "addresses": addresses,
            "capacity_bytes": p.integer("capacity_bytes"), "free_bytes": p.integer("free_bytes"),
            "price": p.integer("price"), "term_max_s": p.integer("term_max_s"),
            "iat": p.integer("iat"), "exp": p.integer("exp")}


_PAYLOADS = {"inxt-offer": _offer, "inxt-acceptance": _acceptance, "inxt-receipt": _receipt,
             "inxt-deletion": _deletion, "inxt-capability": _capability,
             "inxt-certificate": _certificate, "inxt-descriptor": _descriptor}

# --- the answer to an offer ------------------------------------------------


def check_put_answer(offer, acceptance, receipt):
    asked = read(offer, "inxt-offer")
    said = read(acceptance, "inxt-acceptance")
    got = read(receipt, "inxt-receipt")
    must(said["iss"] == asked["aud"] and got["iss"] == asked["aud"], "answer-host")
    must(said["offer"] == offer_hash(offer), "answer-offer")
    must((said["piece"], said["size"], said["account"]) ==
         (asked["piece"], asked["size"], asked["iss"]), "answer-piece")
    must(said["until"] >= asked["until"] and said["price"] <= asked["price"], "answer-terms")
    must((got["kind"], got["contract"], got["piece"], got["size"]) ==
         ("stored", contract_hash(acceptance), asked["piece"], asked["size"]), "answer-receipt")
    return said, got


# --- the hosts file --------------------------------------------------------


def read_hosts(data):
    """Host id -> descriptor, in the order in which each first stands."""
    hosts = {}
    lines = data.split(b"\n")
    for line in lines:
        if not line.strip(b" \t") or line.startswith(b"#"):
            continue
        must(len(line) + 1 <= 8192, "line-too-long")
        members = Members(parse_json(line))
        must(members.text("type") == "host", "hosts-type")
        host = members.hex("host")
        addresses = texts_of(members, "addresses")
        said = read(members.text("token"), "inxt-descriptor")
        must(said["iss"] == host, "hosts-host")
        must(said["addresses"] == addresses, "hosts-addresses")
        if host not in hosts or said["iat"] > hosts[host]["iat"]:
            hosts[host] = said
        must(len(hosts) <= HOSTS_MAX, "hosts-count")
    return hosts
