# SPDX-License-Identifier: AGPL-3.0-or-later
"""inxt-token(5) and inxt-descriptor(5): signed statements, hosts files, answers to a PUT, renewals."""

import re

from .notation import (INTEGER_MAX, Members, Refused, b64, b64_decode, is_sound_key,
                       labelled_hash, must, parse_json, sha256, sign_raw, to_json, verify_raw)

TOKEN_BYTES_MAX = 6144
RENEWAL_TOKEN_BYTES_MAX = 1600
CLOCK_SKEW_S = 3600
PIECE_BYTES_MAX = 2097152
HOSTS_MAX = 100000
ADDRESSES_MAX = 8
SUCCESSIONS_MAX = 8
SUCCESSION_BYTES_MAX = 1024
RELEASE_BYTES_MAX = 1600
TRANSFER_BYTES_MAX = 1024
LEASING_BYTES_MAX = 1200
LEASE_BYTES_MAX = 4096
REPORT_BYTES_MAX = 1024
HEARTBEAT_ACCOUNTS_MAX = 32
LEASE_PIECES_MAX = 32
LEASE_S_MAX = 3600
PERMIT_BYTES_MAX = 1200
PERMIT_CHAIN_MAX = 4
ABILITIES = ["audit", "create", "delete", "list", "read", "share", "write"]

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


def renewal_hash(token):
    return labelled_hash("inxt/v1/renewal-hash", token.encode())


# --- reading ---------------------------------------------------------------


def read(token, kind, now=None):
    """The payload's members, decoded: hex and b64 as bytes.  Times count where `now` is."""
    must(len(token) <= TOKEN_BYTES_MAX, "token-long")
    must(kind not in ("inxt-renewal", "inxt-renewal-acceptance") or
         len(token) <= RENEWAL_TOKEN_BYTES_MAX, "renewal-long")
    must(kind != "inxt-release" or len(token) <= RELEASE_BYTES_MAX, "release-long")
    must(kind != "inxt-transfer" or len(token) <= TRANSFER_BYTES_MAX, "transfer-long")
    must(kind != "inxt-lease" or len(token) <= LEASE_BYTES_MAX, "lease-long")
    must(kind != "inxt-succession" or len(token) <= SUCCESSION_BYTES_MAX, "succession-long")
    must(kind != "inxt-report" or len(token) <= REPORT_BYTES_MAX, "report-long")
    must(kind != "inxt-permit" or len(token) <= PERMIT_BYTES_MAX, "permit-long")
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
        must(kind not in ("inxt-heartbeat", "inxt-report") or said["iat"] >= now - CLOCK_SKEW_S,
             "heartbeat-time", status="denied")
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


def _release(p):
    said = {"aud": p.hex("aud"), "piece": p.hex("piece"), "account": p.hex("account"),
            "contract": p.hex("contract"), "successor": p.hex("successor"),
            "successor_contract": p.hex("successor_contract"), "iat": p.integer("iat"),
            "exp": p.integer("exp")}
    must(said["successor"] != said["aud"] and said["successor_contract"] != said["contract"],
         "release-successor")
    return said


def _renewal(p):
    said = {"aud": p.hex("aud"), "contract": p.hex("contract"), "piece": p.hex("piece"),
            "account": p.hex("account"), "from": p.integer("from"), "until": p.integer("until"),
            "price": p.integer("price"), "iat": p.integer("iat"), "exp": p.integer("exp")}
    must(said["until"] > said["from"], "renewal-term")
    return said


def _renewal_acceptance(p):
    return {"renewal": p.hex("renewal"), "account": p.hex("account"), "piece": p.hex("piece"),
            "size": p.integer("size", PIECE_BYTES_MAX, 1), "until": p.integer("until"),
            "price": p.integer("price"), "iat": p.integer("iat")}


def _voucher(p):
    return {"account": p.hex("account"), **({"aud": p.hex("aud")} if p.has("aud") else {}),
            **({"bytes": p.integer("bytes")} if p.has("bytes") else {}),
            "iat": p.integer("iat"), "exp": p.integer("exp")}


def _permit(p):
    said = {"aud": p.hex("aud"), "cnf": p.hex("cnf"), "can": texts_of(p, "can"),
            **({"object": p.hex("object")} if p.has("object") else {}),
            **({"quota_bytes": p.integer("quota_bytes")} if p.has("quota_bytes") else {}),
            "iat": p.integer("iat"), "exp": p.integer("exp"), "jti": p.b64("jti", 16),
            **({"parent": p.hex("parent")} if p.has("parent") else {})}
    must(is_sound_key(said["cnf"]), "permit-cnf")
    must(said["can"] and set(said["can"]) <= set(ABILITIES) and
         said["can"] == sorted(set(said["can"])), "permit-can")
    return said


def _transfer(p):
    said = {"aud": p.hex("aud"), "piece": p.hex("piece"),
            "bytes": p.integer("bytes", PIECE_BYTES_MAX, 1), "request": p.text("request"),
            "iat": p.integer("iat")}
    must(re.fullmatch("[A-Za-z0-9._-]{1,64}", said["request"]), "transfer-request")
    return said


def _capability(p):
    said = {"aud": p.hex("aud"), "cnf": p.hex("cnf"), "can": p.text("can"),
            "jti": p.b64("jti", 16), "iat": p.integer("iat"), "exp": p.integer("exp")}
    must(said["can"] in ("read", "lease"), "member-limit", "can")
    return {**said, "piece": p.hex("piece")} if said["can"] == "read" else said


def _lease(p):
    pieces = texts_of(p, "pieces")
    must(1 <= len(pieces) <= LEASE_PIECES_MAX and
         all(re.fullmatch("[0-9a-f]{64}", piece) for piece in pieces), "lease-pieces")
    said = {"aud": p.hex("aud"), "cnf": p.hex("cnf"), "account": p.hex("account"),
            "pieces": pieces, "jti": p.b64("jti", 16), "iat": p.integer("iat"),
            "exp": p.integer("exp")}
    must(0 <= said["exp"] - said["iat"] <= LEASE_S_MAX, "lease-term")
    return said


def is_visible(text, bytes_max):
    return (len(text.encode()) <= bytes_max and
            all(ord(c) >= 160 or 32 <= ord(c) < 127 for c in text))


def _heartbeat(p):
    said = {"aud": p.hex("aud"), "counter": p.integer("counter"), "iat": p.integer("iat"),
            "capacity_bytes": p.integer("capacity_bytes"), "used_bytes": p.integer("used_bytes"),
            "free_bytes": p.integer("free_bytes"), "load": p.integer("load", 1000000),
            "in_bytes": p.integer("in_bytes"), "out_bytes": p.integer("out_bytes"),
            "started": p.integer("started"), "software": p.text("software"),
            "processors": p.integer("processors", 65536),
            "memory_bytes": p.integer("memory_bytes"),
            "draining": p.get("draining", bool) if p.has("draining") else False,
            "retiring": p.integer("retiring") if p.has("retiring") else 0,
            "away_until": p.integer("away_until") if p.has("away_until") else 0,
            "accounts": p.get("accounts", list) if p.has("accounts") else []}
    must(said["free_bytes"] <= said["capacity_bytes"], "heartbeat-free")
    must(is_visible(said["software"], 64), "heartbeat-software")
    must(len(said["accounts"]) <= HEARTBEAT_ACCOUNTS_MAX, "heartbeat-accounts")
    before = ""
    for entry in said["accounts"]:
        must(isinstance(entry, list) and len(entry) == 2, "heartbeat-accounts")
        account, size = entry
        must(isinstance(account, str) and re.fullmatch("[0-9a-f]{64}", account) and
             account > before, "heartbeat-accounts")
        must(isinstance(size, int) and not isinstance(size, bool) and not size.minus,
             "heartbeat-accounts")
        before = account
    return said


def _report(p):
    said = {"aud": p.hex("aud"), "piece": p.hex("piece"), "account": p.hex("account"),
            "what": p.text("what"), "iat": p.integer("iat")}
    must(said["what"] in ("lost", "leaving", "unwanted"), "report-what")
    return said


def _certificate(p):
    return {"sub": p.hex("sub"), "uploader": p.integer("uploader", 1073741823),
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


def _succession(p):
    sub = p.hex("sub")
    must(sub != p.hex("iss") and is_sound_key(sub), "succession-sub")
    return {"sub": sub, "iat": p.integer("iat")}


def read_succession(chain, present, reason):
    """The links, oldest first.  No other than these is in the chain of the Host `present`."""
    must(len(chain) <= SUCCESSIONS_MAX, reason)
    links = [read(token, "inxt-succession") for token in chain]
    for before, link in zip(links, links[1:]):
        must(before["sub"] == link["iss"], reason)
    must(not links or links[-1]["sub"] == present, reason)
    ids = [link["iss"] for link in links] + [link["sub"] for link in links[-1:]]
    must(len(set(ids)) == len(ids), reason)
    return links


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
            "iat": p.integer("iat"), "exp": p.integer("exp"),
            "links": read_succession(texts_of(p, "succession") if p.has("succession") else [],
                                     p.hex("iss"), "descriptor-succession")}


_PAYLOADS = {"inxt-offer": _offer, "inxt-acceptance": _acceptance, "inxt-receipt": _receipt,
             "inxt-deletion": _deletion, "inxt-release": _release, "inxt-renewal": _renewal,
             "inxt-renewal-acceptance": _renewal_acceptance, "inxt-capability": _capability,
             "inxt-certificate": _certificate, "inxt-voucher": _voucher,
             "inxt-transfer": _transfer, "inxt-heartbeat": _heartbeat, "inxt-report": _report,
             "inxt-lease": _lease, "inxt-permit": _permit,
             "inxt-succession": _succession, "inxt-descriptor": _descriptor}

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


# --- renewals and vouchers -------------------------------------------------


def check_renewed(offer, acceptance, renewal, renewal_acceptance, successors=()):
    """What the Host said to the renewal.  Offer and acceptance have been checked before.

    successors: ids that the Host is known to have had since."""
    asked = read(offer, "inxt-offer")
    more = read(renewal, "inxt-renewal")
    must(more["iss"] == asked["control"], "renewal-control")
    must((more["aud"], more["piece"], more["account"], more["contract"]) ==
         (asked["aud"], asked["piece"], asked["iss"], contract_hash(acceptance)),
         "renewal-contract")
    said = read(renewal_acceptance, "inxt-renewal-acceptance")
    must(said["iss"] in (asked["aud"], *successors), "renewed-host")
    must(said["renewal"] == renewal_hash(renewal), "renewed-renewal")
    must((said["piece"], said["size"], said["account"]) ==
         (asked["piece"], asked["size"], asked["iss"]), "renewed-piece")
    must(said["until"] >= more["until"] and said["price"] <= more["price"], "renewed-terms")
    return said


def check_voucher(token, account, host, now):
    said = read(token, "inxt-voucher", now)
    must(said["account"] == account, "voucher-account", status="denied")
    must("aud" not in said or said["aud"] == host, "voucher-host", status="denied")
    return said


# --- leases ----------------------------------------------------------------


def check_leased(header, client, hosts, piece, now):
    """Who reads what with a capability and a lease.  hosts: the ids that the Host has or had."""
    parts = header.split("~")
    must(len(parts) == 2, "lease-parts")
    must(len(parts[0]) <= LEASING_BYTES_MAX, "lease-long")
    capability = read(parts[0], "inxt-capability", now)
    must(capability["can"] == "lease", "lease-can")
    lease = read(parts[1], "inxt-lease", now)
    for what, holds in (("bridge", lease["iss"] == capability["cnf"]),
                        ("account", lease["account"] == capability["iss"]),
                        ("host", capability["aud"] in hosts and lease["aud"] in hosts),
                        ("client", lease["cnf"] == client),
                        ("piece", piece.hex() in lease["pieces"])):
        must(holds, "lease-" + what, status="denied")
    return {"account": lease["account"], "bridge": lease["iss"],
            "exp": min(lease["exp"], capability["exp"])}


def check_permits(text, bridge, client, now):
    """A chain as the header Inxt-Permit has it; what its holder may, and how much."""
    tokens = text.split("~")
    must(len(tokens) <= PERMIT_CHAIN_MAX, "permit-chain-long")
    links = []
    for number, token in enumerate(tokens):
        link = read(token, "inxt-permit")
        if not links:
            must("parent" not in link and link["iss"] == link["aud"], "permit-root")
        else:
            before = links[-1]
            quotas = [each["quota_bytes"] for each in links if "quota_bytes" in each]
            must(link["aud"] == before["aud"], "permit-bridge")
            must(link["iss"] == before["cnf"], "permit-issuer")
            must(link.get("parent") == sha256(tokens[number - 1].encode()), "permit-parent")
            must(set(link["can"]) <= set(before["can"]), "permit-more-can", status="denied")
            must(link["exp"] <= before["exp"], "permit-more-time", status="denied")
            must(not quotas or link.get("quota_bytes", 0) <= min(quotas), "permit-more-quota",
                 status="denied")
            must("object" not in before or link.get("object") == before["object"],
                 "permit-more-objects", status="denied")
        links.append(link)
    must(links[0]["aud"] == bridge, "permit-other-bridge", status="denied")
    must(links[-1]["cnf"] == client, "permit-holder", status="denied")
    for link in links:
        must(link["iat"] <= now + CLOCK_SKEW_S, "token-future", status="denied")
        must(link["exp"] >= now - CLOCK_SKEW_S, "token-expired", status="denied")
    quotas = [each["quota_bytes"] for each in links if "quota_bytes" in each]
    return {"owner": links[0]["cnf"], "can": links[-1]["can"],
            **({"quota_bytes": min(quotas)} if quotas else {}),
            **({"object": links[-1]["object"]} if "object" in links[-1] else {})}


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


def stand_for(hosts):
    """Of a hosts file that was read: id -> the Host that it stands for, or None; and the ids in dispute."""
    named = {}
    for said in hosts.values():
        for link in said["links"]:
            named.setdefault(link["iss"], set()).add(link["sub"])
    disputed = sorted(id for id, subs in named.items() if len(subs) > 1)

    def follow(at):
        for _ in range(SUCCESSIONS_MAX + 1):
            if at in disputed:
                return None
            if at not in named:
                return at if at in hosts else None
            at = min(named[at])
        return None
    return {id: follow(id) for id in {*hosts, *named}}, disputed


def for_new_pieces(hosts):
    """Ids of the Hosts that new pieces may be put at."""
    _, disputed = stand_for(hosts)
    given_up = {link["iss"] for said in hosts.values() for link in said["links"]}
    return sorted(host for host, said in hosts.items() if host not in given_up
                  and not any(link["iss"] in disputed for link in said["links"]))
