# SPDX-License-Identifier: AGPL-3.0-or-later
"""inxt-heartbeat and inxt-report of inxt-token(5)."""

from inxt_reference import notation, tokens
from selftest import (ACCOUNT, BRIDGE_SEED, HOST_SEED, TIME, heartbeat_payload, report_payload)

from .common import E1, accept, refuse

PIECE = E1.places[0, 0, 0]


def made(kind, payload, seed=HOST_SEED, **changes):
    return tokens.make(seed, kind, {n: v for n, v in {**payload, **changes}.items()
                                    if v is not ...})


def heartbeat(**changes):
    return made("inxt-heartbeat", heartbeat_payload(), **changes)


def report(**changes):
    return made("inxt-report", report_payload(PIECE), **changes)


def accounts(count):
    return [[bytes([number]).hex() * 32, number] for number in range(count)]


def heartbeat_vectors():
    kind = {"typ": "inxt-heartbeat"}
    good = heartbeat()
    accept("token", "heartbeat", good, now=TIME + 50, **kind)
    accept("token", "heartbeat, an hour late", good, now=TIME + 3650, **kind)
    accept("token", "heartbeat, an hour early", good, now=TIME - 3550, **kind)
    accept("token", "heartbeat without accounts", heartbeat(accounts=...), **kind)
    accept("token", "heartbeat of 32 accounts", heartbeat(accounts=accounts(32)), **kind)
    accept("token", "heartbeat of one that leaves", heartbeat(draining=True), **kind)
    accept("token", "heartbeat of one that stays", heartbeat(draining=False), **kind)
    accept("token", "heartbeat of one that retires", heartbeat(draining=True, retiring=TIME + 1),
           **kind)
    accept("token", "heartbeat of one that pauses", heartbeat(away_until=TIME + 7200), **kind)
    accept("token", "heartbeat, the most", heartbeat(
        counter=2**53 - 1, load=1000000, processors=65536, software="\u00fc" * 32,
        capacity_bytes=2**53 - 1, free_bytes=2**53 - 1, accounts=[[ACCOUNT.hex(), 2**53 - 1]]),
        **kind)
    accept("token", "heartbeat, unknown member", heartbeat(x=[1]), **kind)
    refuse("token", "heartbeat-time", good, now=TIME + 3651, status="denied", **kind)
    refuse("token", "token-future/heartbeat", good, now=TIME - 3551, status="denied", **kind)
    refuse("token", "heartbeat-free", heartbeat(free_bytes=10**12 + 1), **kind)
    for what, value in (("long", "x" * 65), ("long in bytes", "\u00fc" * 33), ("line", "a\nb"),
                        ("escape", "\u001b[2J"), ("C1", "\u0085"), ("DEL", "\u007f")):
        refuse("token", f"heartbeat-software/{what}", heartbeat(software=value), **kind)
    one = ACCOUNT.hex()
    for what, value in (("33", accounts(33)), ("twice", [[one, 1], [one, 2]]),
                        ("order", accounts(3)[::-1]), ("no pair", [[one]]),
                        ("three", [[one, 1, 2]]), ("object", [{"account": one}]),
                        ("short id", [[one[:-1], 1]]), ("large letters", [[one.upper(), 1]]),
                        ("text", [[one, "1"]]), ("negative", [[one, -1]]),
                        ("true", [[one, True]])):
        refuse("token", f"heartbeat-accounts/{what}", heartbeat(accounts=value), **kind)
    for member in ("aud", "counter", "iat", "capacity_bytes", "used_bytes", "free_bytes", "load",
                   "in_bytes", "out_bytes", "started", "software", "processors", "memory_bytes"):
        refuse("token", f"token-member/heartbeat {member} missing", heartbeat(**{member: ...}),
               **kind)
        refuse("token", f"token-member/heartbeat {member} type", heartbeat(**{member: True}),
               **kind)
    refuse("token", "token-member/heartbeat accounts type", heartbeat(accounts={}), **kind)
    refuse("token", "token-member/heartbeat draining type", heartbeat(draining=1), **kind)
    refuse("token", "token-member/heartbeat retiring type", heartbeat(retiring=True), **kind)
    refuse("token", "token-member/heartbeat away_until type", heartbeat(away_until="1"), **kind)
    refuse("token", "token-member/heartbeat away_until", heartbeat(away_until=-1), **kind)
    refuse("token", "token-member/heartbeat load", heartbeat(load=1000001), **kind)
    refuse("token", "token-member/heartbeat processors", heartbeat(processors=65537), **kind)
    refuse("token", "token-member/heartbeat counter", heartbeat(counter=-1), **kind)
    refuse("token", "token-sig/heartbeat by another", heartbeat(seed=BRIDGE_SEED), **kind)
    refuse("token", "token-crit/heartbeat", heartbeat(crit=["x"]), **kind)
    refuse("token", "token-typ/a heartbeat is no report", good, typ="inxt-report")


def report_vectors():
    kind = {"typ": "inxt-report"}
    good = report()
    accept("token", "report", good, now=TIME + 60, **kind)
    accept("token", "report of one that leaves", report(what="leaving"), **kind)
    accept("token", "report of the unwanted", report(what="unwanted"), **kind)
    refuse("token", "heartbeat-time/report", good, now=TIME + 3661, status="denied", **kind)
    refuse("token", "token-future/report", good, now=TIME - 3541, status="denied", **kind)
    refuse("token", "report-what", report(what="stolen"), **kind)
    refuse("token", "report-long", report(x="x" * 400), **kind)
    for member in ("aud", "piece", "account", "what", "iat"):
        refuse("token", f"token-member/report {member} missing", report(**{member: ...}), **kind)
        refuse("token", f"token-member/report {member} type", report(**{member: True}), **kind)
    refuse("token", "token-sig/report by another", report(seed=BRIDGE_SEED), **kind)
