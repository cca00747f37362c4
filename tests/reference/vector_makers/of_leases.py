# SPDX-License-Identifier: AGPL-3.0-or-later
"""inxt-lease of inxt-token(5), and the capability that lets a Bridge lease."""

from inxt_reference import notation, tokens
from inxt_reference.notation import b64
from selftest import (BRIDGE_SEED, CONTROL_SEED, HOST, HOST_SEED, OWNER, TIME, lease_payload,
                      leasing_payload)

from .common import E1, accept, refuse

CLIENT = notation.ed25519_public(CONTROL_SEED)
PIECE = E1.places[0, 0, 0]
ACCOUNT_SEED = OWNER.uploader(0).account_seed(HOST)


def leasing(seed=ACCOUNT_SEED, **changes):
    payload = {**leasing_payload(), "iss": notation.ed25519_public(seed).hex(), **changes}
    return tokens.make(seed, "inxt-capability", {n: v for n, v in payload.items() if v is not ...})


def lease(seed=BRIDGE_SEED, **changes):
    payload = {**lease_payload(PIECE), "iss": notation.ed25519_public(seed).hex(), **changes}
    return tokens.make(seed, "inxt-lease", {n: v for n, v in payload.items() if v is not ...})


def many(count):
    return [bytes([number]).hex() * 32 for number in range(count - 1)] + [PIECE.hex()]


def of_length(made, letters):
    """The shortest of at least so many letters, by a member that nobody reads."""
    for fill in range(letters):
        token = made(x="x" * fill)
        if len(token) >= letters:
            return token


def lease_vectors():
    def given(client=CLIENT, hosts=(HOST,), piece=PIECE, now=TIME + 40):
        return {"client": client.hex(), "hosts": [host.hex() for host in hosts],
                "piece": piece.hex(), "now": now}

    def yes(name, capability=None, leased=None, **changes):
        accept("lease", name, f"{capability or leasing()}~{leased or lease()}", **given(**changes))

    def no(reason, capability=None, leased=None, status="integrity", **changes):
        refuse("lease", reason, f"{capability or leasing()}~{leased or lease()}", status=status,
               **given(**changes))

    def denied(reason, *tokens_shown, **changes):
        no(reason, *tokens_shown, status="denied", **changes)
    yes("example")
    yes("of 32 pieces", leased=lease(pieces=many(32)))
    yes("a piece twice", leased=lease(pieces=[PIECE.hex()] * 2))
    yes("of no time", leased=lease(exp=TIME + 40))
    yes("within the skew", now=TIME + 7240)
    yes("the capability ends first", leasing(exp=TIME + 50))
    yes("at a Host that had the id before", hosts=(OWNER.id, HOST))
    yes("one by each id", leased=lease(aud=OWNER.id.hex()), hosts=(OWNER.id, HOST))
    yes("unknown members", leasing(x=1, piece="00" * 32), lease(x=[None], crit=[]))
    yes("letters to the limits", of_length(leasing, 1199), of_length(lease, 4095))
    both = f"{leasing()}~{lease()}"
    for what, text in (("capability alone", leasing()), ("three", f"{both}~{lease()}"),
                       ("behind it", both + "~"), ("nothing", "")):
        refuse("lease", f"lease-parts/{what}", text, **given())
    no("token-typ/the other way round", lease(), leasing())
    no("lease-long/capability", of_length(leasing, 1201))
    no("lease-long/lease", leased=of_length(lease, 4097))
    no("lease-can", leasing(can="read", piece=PIECE.hex()))
    no("token-member/can write", leasing(can="write"))
    no("lease-pieces/none", leased=lease(pieces=[]))
    no("lease-pieces/33", leased=lease(pieces=many(33)))
    no("lease-pieces/short", leased=lease(pieces=[PIECE.hex(), "00"]))
    no("lease-pieces/capitals", leased=lease(pieces=[PIECE.hex(), "AB" * 32]))
    no("lease-term/a second more", leased=lease(exp=TIME + 3641))
    no("lease-term/ends before it begins", leased=lease(exp=TIME + 39))
    denied("lease-bridge", leasing(cnf=HOST.hex()))
    denied("lease-bridge/signed by another", None, lease(HOST_SEED))
    denied("lease-account", leasing(CONTROL_SEED))
    denied("lease-account/of the lease", None, lease(account=OWNER.id.hex()))
    denied("lease-host", hosts=(OWNER.id,))
    denied("lease-host/of the capability", leasing(aud=OWNER.id.hex()))
    denied("lease-host/of the lease", None, lease(aud=OWNER.id.hex()))
    denied("lease-client", client=HOST)
    denied("lease-piece", piece=E1.places[0, 1, 0])
    denied("token-expired/lease", now=TIME + 7241)
    denied("token-expired/capability", leasing(exp=TIME - 3561))
    denied("token-future/lease", now=TIME + 40 - 3601)
    denied("token-future/capability", leasing(iat=TIME + 3641))
    for member in ("aud", "cnf", "can", "jti", "iat", "exp"):
        no(f"token-member/capability {member} missing", leasing(**{member: ...}))
        no(f"token-member/capability {member} type", leasing(**{member: True}))
    for member in ("aud", "cnf", "account", "pieces", "jti", "iat", "exp"):
        no(f"token-member/lease {member} missing", leased=lease(**{member: ...}))
        no(f"token-member/lease {member} type", leased=lease(**{member: True}))
    no("token-member/lease jti", leased=lease(jti=b64(bytes(15))))
    no("token-crit/lease", leased=lease(crit=["x"]))
    no("token-sig/capability", leasing()[:-10] + "A" * 10)
    no("token-sig/lease", leased=lease()[:-10] + "A" * 10)
