# SPDX-License-Identifier: AGPL-3.0-or-later
"""inxt-permit of inxt-token(5): chains of what an account may do at a Bridge."""

from inxt_reference import notation, tokens
from inxt_reference.notation import sha256
from selftest import BRIDGE_SEED, CONTROL_SEED, HOST_SEED, TIME, permit_payload

from .common import accept, refuse

HOLDERS = [bytes([0x61 + i]) * 32 for i in range(5)]  # seeds
KEYS = [notation.ed25519_public(seed) for seed in HOLDERS]
BRIDGE = notation.ed25519_public(BRIDGE_SEED)


def root(seed=BRIDGE_SEED, **changes):
    payload = {**permit_payload(KEYS[0]), **changes}
    return tokens.make(seed, "inxt-permit", {n: v for n, v in payload.items() if v is not ...})


def child(before, number=1, seed=None, **changes):
    """By holder number - 1 for holder `number`, over the last token of the chain `before`."""
    payload = {"iss": KEYS[number - 1].hex(), "aud": BRIDGE.hex(), "cnf": KEYS[number].hex(),
               "can": ["create", "list"], "quota_bytes": 500, "iat": TIME, "exp": TIME + 3600,
               "jti": notation.b64(bytes([number] * 16)),
               "parent": sha256(before.split("~")[-1].encode()).hex(), **changes}
    return before + "~" + tokens.make(seed or HOLDERS[number - 1], "inxt-permit",
                                      {n: v for n, v in payload.items() if v is not ...})


def permit_vectors():
    def given(holder, now=TIME, bridge=BRIDGE):
        return {"bridge": bridge.hex(), "client": KEYS[holder].hex(), "now": now}

    def yes(name, chain, holder=1, **more):
        accept("permit", name, chain, **given(holder, **more))

    def no(name, chain, holder=1, status="integrity", **more):
        refuse("permit", name, chain, status=status, **given(holder, **more))

    first = root()
    accept("token", "permit", first, typ="inxt-permit", now=TIME)
    yes("the Bridge's own", first, 0)
    yes("without quota", root(quota_bytes=...), 0)
    yes("for one object", root(object="0b" * 32), 0)
    yes("everything", root(can=tokens.ABILITIES), 0)
    yes("an unknown member", root(x=[1]), 0)
    yes("an hour early", first, 0, now=TIME - 3600)
    yes("an hour late", first, 0, now=TIME + 86400 + 3600)
    second = child(first)
    yes("handed on", second)
    yes("handed on whole", child(first, can=["audit", "create", "list"], quota_bytes=...,
                                 exp=TIME + 86400))
    third = child(second, 2, quota_bytes=...)
    fourth = child(third, 3)
    yes("four", fourth, 3)
    yes("an object in the end", child(first, object="0b" * 32))
    yes("of one object", child(root(object="0b" * 32), object="0b" * 32))
    no("permit-chain-long", child(fourth, 4), 4)
    no("permit-long", root(x="y" * 900), 0)
    for name, can in (("empty", []), ("unknown", ["fly"]), ("descending", ["list", "create"]),
                      ("twice", ["create", "create"]), ("capitals", ["Create"])):
        no(f"permit-can/{name}", root(can=can), 0)
    no("token-member/can", root(can="create"), 0)
    no("permit-cnf", root(cnf="00" * 32), 0)
    no("permit-root/another signer", root(seed=HOST_SEED, iss=notation.ed25519_public(HOST_SEED).hex()), 0)
    no("permit-root/with a parent", root(parent="00" * 32), 0)
    no("permit-root/a later one alone", second.split("~")[1])
    no("permit-bridge", child(first, aud=KEYS[4].hex()))
    no("permit-issuer", child(first, seed=CONTROL_SEED, iss=notation.ed25519_public(CONTROL_SEED).hex()))
    no("permit-parent/another", child(first, parent=sha256(b"x").hex()))
    no("permit-parent/missing", child(first, parent=...))
    no("permit-parent/of another permit for the same holder",
       root(jti=notation.b64(b"x" * 16)) + "~" + second.split("~")[1])
    no("permit-more-can", child(first, can=["create", "delete"]), status="denied")
    no("permit-more-time", child(first, exp=TIME + 86401), status="denied")
    no("permit-more-quota", child(first, quota_bytes=1001), status="denied")
    no("permit-more-quota/of the one before that", child(third, 3, quota_bytes=501), 3,
       status="denied")
    no("permit-more-objects/all", child(root(object="0b" * 32)), status="denied")
    no("permit-more-objects/another", child(root(object="0b" * 32), object="0c" * 32),
       status="denied")
    no("permit-holder", second, 0, status="denied")
    no("permit-other-bridge", first, 0, status="denied", bridge=KEYS[4])
    no("token-future", first, 0, status="denied", now=TIME - 3601)
    no("token-expired", first, 0, status="denied", now=TIME + 86400 + 3601)
    no("token-expired/the one before", child(root(exp=TIME + 10), exp=TIME + 10), status="denied",
       now=TIME + 3611)
    no("token-sig", root(seed=HOST_SEED), 0)
    no("token-parts", "", 0)
    no("token-parts/a tilde at the end", first + "~", 0)
    for member in ("aud", "cnf", "can", "iat", "exp", "jti"):
        no(f"token-member/{member} missing", root(**{member: ...}), 0)
    no("token-member/jti", root(jti="AAAA"), 0)
    no("token-member/object", root(object="0b"), 0)
    no("token-typ", tokens.make(BRIDGE_SEED, "inxt-voucher", permit_payload(KEYS[0])), 0)
