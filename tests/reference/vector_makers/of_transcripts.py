# SPDX-License-Identifier: AGPL-3.0-or-later
"""inxt-proof(5): transcript and extract."""

from inxt_reference import inventory, notation, pieces, proofs
from inxt_reference.notation import sha256, to_json, u32
from selftest import CONTROL_SEED, HOST, HOST_SEED, TIME

from .common import accept, lines, refuse
from .of_audits import BEACON, LARGER, SMALL, answered, asked_of


def transcript_vectors():
    """Those of version 1, and extracts."""
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
            "transcript-order/unknown type": [head(c), *s, b'{"type":"later"}',
                                              *whole[1 + len(s):]],
            "transcript-order/not JSON": [*asked, b"garbage", *whole[2 + len(s):]],
            "transcript-order/blank line": [*asked, b"", *whole[2 + len(s):]],
            "transcript-order/more than the answer": [*whole, reply[0]],
            "transcript-order/a try behind the answer": [*whole, told(2)],
            "transcript-order/answer where none was": [*asked, told(said="silent"), *reply],
            "transcript-order/one request too many": [*whole, ask(c), told(said="silent")],
            "transcript-order/second request twice": [
                *ask_3, told(said="silent"), ask(c3, 1), told(said="silent"), ask(c3, 1),
                told(said="silent")],
            "transcript-version": [head(c, version=3), *whole[1:]],
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


COMMITTED = TIME - 100
WITNESS_SEED, OTHER_SEED = b"\x77" * 32, b"\x78" * 32
WITNESS, OTHER = map(notation.ed25519_public, (WITNESS_SEED, OTHER_SEED))
GENESIS, PERIOD = TIME - 1000, 30
ROUND = proofs.first_round_at(GENESIS, PERIOD, COMMITTED + 30)
SIGNATURE = b"\x88" * 96


def text_of(**members):
    return to_json({n: v for n, v in members.items() if v is not ...}).encode()


def second_vectors():
    """Transcripts of version 2, of sets."""
    def head(c, seed=HOST_SEED, **changes):
        return text_of(**{"type": "audit", "version": 2,
                          "host": notation.ed25519_public(seed).hex(), "kind": "set",
                          "commitment": c.set_hash.hex(), "samples": c.n,
                          "confidence_ppm": 990000, **changes})

    def commit(time=COMMITTED):
        return text_of(type="commit", time=time)

    def witness(time, seed=WITNESS_SEED, of=None):
        return inventory.make_witness(seed, notation.ed25519_public(seed), of or c.set_hash, time)

    def beacon(**changes):
        return text_of(**{"type": "beacon", "randomness": BEACON.hex(), "time": COMMITTED + 30,
                          "source": "given", **changes})

    def drand(**changes):
        return text_of(**{"type": "beacon", "randomness": sha256(SIGNATURE).hex(),
                          "time": proofs.round_time(GENESIS, PERIOD, ROUND), "round": ROUND,
                          "signature": SIGNATURE.hex(), "genesis_time": GENESIS,
                          "period": PERIOD, "source": "drand", **changes})

    def until(**changes):
        return text_of(**{"type": "deadline", "rtt_ms": 3, "disk_ms": 25, "bytes_per_s": 131072,
                          "request_ms": 12 + 4 * 25 + 196 + 200, "chosen": "measured", **changes})

    def ask(c, request=0):
        return text_of(type="request", body=c.requests[request].decode())

    def told(number=1, said="answered", **changes):
        return text_of(**{"type": "testimony", "try": number, "time": TIME + 4, "elapsed_ms": 12,
                          "outcome": said, "reason": ... if said in ("answered", "late")
                          else "no answer", **changes})

    def sets(c):
        return [text_of(type="set", piece=n.hex(), size=s) for n, s in c.held]

    def run(*each):
        hosts = sum(line.startswith(b'{"type":"audit"') for line in each)
        return lines(*each, text_of(type="end", hosts=hosts, lines=len(each),
                                    hash=sha256(lines(*each)).hex()))
    c = asked_of(SMALL, 4)
    reply = answered(c, SMALL)[:-1].split(b"\n")
    rounds = proofs.Challenge(sha256(SIGNATURE), HOST, c.held, 4)
    by_round = answered(rounds, SMALL)[:-1].split(b"\n")
    required = [WITNESS.hex()]

    def section(*between, first=head(c), deadline=until(), rest=None):
        return [first, *sets(c), *between, deadline, *(rest or [ask(c), told(), *reply])]

    def good(name, *each, **given):
        accept("transcript", f"version 2/{name}", run(*each), **given)
    good("passed", *section(commit(), beacon()))
    good("drand", *section(commit(), drand(), rest=[ask(rounds), told(), *by_round]))
    good("a beacon 29 s younger", *section(commit(), beacon(time=COMMITTED + 29)))
    good("a beacon without a time", *section(commit(), beacon(time=None)))
    good("own beacon", *section(commit(), beacon(time=None, source="local")))
    good("a beacon older than all time", *section(commit(0), beacon(time=0)))
    good("deadline given", *section(commit(), beacon(), deadline=until(request_ms=5, chosen="given"),
                                    rest=[ask(c), told(said="late"), *reply]))
    good("in time to the millisecond", *section(commit(), beacon(), rest=[
        ask(c), told(elapsed_ms=508), *reply]))
    good("late by one", *section(commit(), beacon(), rest=[
        ask(c), told(said="late", elapsed_ms=509), *reply]))
    good("late and not anchored", *section(commit(), beacon(time=None), rest=[
        ask(c), told(said="late", elapsed_ms=509), *reply]))
    good("late at the second try", *section(commit(), beacon(), rest=[
        ask(c), told(said="silent", elapsed_ms=5), told(2, "late", elapsed_ms=1010), *reply]))
    good("late and failed", *section(commit(), beacon(), rest=[
        ask(c), told(said="late", elapsed_ms=509), *answered(
            c, SMALL, change=lambda i, line: proofs.make_missing(*c.samples[0]) if i == 0
            else line)[:-1].split(b"\n")]))
    good("no answer", *section(commit(), beacon(), rest=[ask(c), told(said="silent")]))
    good("no request", *section(commit(), beacon())[:-2 - len(reply)])
    good("a witness, and the auditor too late", *section(
        commit(COMMITTED + 5), witness(COMMITTED), beacon()), required=required)
    good("a witness that is not required", *section(commit(), witness(COMMITTED + 1), beacon()))
    good("the required witness too late", *section(commit(), witness(COMMITTED + 1), beacon()),
         required=required)
    good("the required witness missing", *section(commit(), witness(COMMITTED, OTHER_SEED), beacon()),
         required=required)
    good("two words of one witness", *section(
        commit(), witness(COMMITTED + 9), witness(COMMITTED), beacon()), required=required)
    good("two required", *section(commit(), witness(COMMITTED), witness(COMMITTED, OTHER_SEED),
                                  beacon()), required=[*required, OTHER.hex()])
    good("the Host is no witness of its own", *section(
        commit(COMMITTED + 5), witness(COMMITTED, HOST_SEED), beacon()))
    good("eight witnesses", *section(commit(), *[witness(COMMITTED)] * 8, beacon()))
    forged = witness(COMMITTED).replace(b'"time":1699999900', b'"time":1699999800')
    for reason, each in {
            "transcript-kind": section(commit(), beacon(), first=head(c, kind="all")),
            "member-missing/kind": section(commit(), beacon(), first=head(c, kind=...)),
            "member-missing/commitment": section(commit(), beacon(), first=head(c, commitment=...)),
            "transcript-set/commitment": section(commit(), beacon(),
                                                 first=head(c, commitment="00" * 32)),
            "transcript-order/no commit": section(beacon()),
            "transcript-order/no beacon": section(commit()),
            "transcript-order/beacon first": section(beacon(), commit()),
            "transcript-order/two beacons": section(commit(), beacon(), beacon()),
            "transcript-order/no deadline": [x for x in section(commit(), beacon())
                                             if b'"deadline"' not in x],
            "transcript-order/version 1 with a commit": section(
                commit(), beacon(), first=head(c, version=1, beacon=BEACON.hex(), anchored=True,
                                               set_hash=c.set_hash.hex())),
            "transcript-witness/another hash": section(commit(), witness(COMMITTED, of=b"\0" * 32),
                                                       beacon()),
            "transcript-witness/nine": section(commit(), *[witness(COMMITTED)] * 9, beacon()),
            "sig-wrong/witness": section(commit(), forged, beacon()),
            "beacon-source": section(commit(), beacon(source="moon")),
            "beacon-source/own with a time": section(commit(), beacon(source="local")),
            "beacon-source/given with a round": section(commit(), beacon(round=1)),
            "member-missing/time": section(commit(), beacon(time=...)),
            "beacon-round/time": section(commit(), drand(time=COMMITTED + 31)),
            "beacon-round/no time": section(commit(), drand(time=None)),
            "beacon-round/0": section(commit(), drand(round=0)),
            "beacon-round/too large": section(commit(), drand(round=2**53 - 1)),
            "member-limit/period": section(commit(), drand(period=0)),
            "beacon-signature": section(commit(), drand(signature="88" * 95)),
            "beacon-signature/empty": section(commit(), drand(
                signature="", randomness=sha256(b"").hex())),
            "member-hex/signature": section(commit(), drand(signature="8" * 191)),
            "member-limit/signature": section(commit(), drand(signature="88" * 257)),
            "transcript-request/beacon of version 2": section(commit(), beacon(randomness="00" * 32)),
            "transcript-deadline": section(commit(), beacon(), deadline=until(request_ms=509)),
            "transcript-deadline/round trip": section(commit(), beacon(), deadline=until(
                rtt_ms=2001, request_ms=8004 + 100 + 196 + 200)),
            "transcript-deadline/chosen": section(commit(), beacon(), deadline=until(chosen="well")),
            "member-limit/rate": section(commit(), beacon(), deadline=until(bytes_per_s=0)),
            "member-limit/a day": section(commit(), beacon(), deadline=until(
                request_ms=86400001, chosen="given")),
            "transcript-late/it was not": section(commit(), beacon(), rest=[
                ask(c), told(said="late"), *reply]),
            "transcript-late/it was": section(commit(), beacon(), rest=[
                ask(c), told(elapsed_ms=509), *reply]),
            "transcript-try/reason of lateness": section(commit(), beacon(), rest=[
                ask(c), told(said="late", elapsed_ms=509, reason="x"), *reply]),
            "transcript-answer/late and cut": section(commit(), beacon(), rest=[
                ask(c), told(said="late", elapsed_ms=509), *reply[:-1]]),
            }.items():
        name, _, what = reason.partition("/")
        refuse("transcript", f"{name}/version 2" + (what and f", {what}"), run(*each))


def commitment_vectors():
    """Commitments of sets and heads, and files with beacons."""
    c = asked_of(SMALL, 4)
    sets = [text_of(type="set", piece=n.hex(), size=size) for n, size in c.held]
    commit = text_of(type="commit", time=COMMITTED)
    word = inventory.make_witness(WITNESS_SEED, WITNESS, c.set_hash, COMMITTED)

    def first(seed=HOST_SEED, **changes):
        return text_of(**{"type": "commitment", "version": 1,
                          "host": notation.ed25519_public(seed).hex(),
                          "addresses": ["192.0.2.1:4242"], "kind": "set",
                          "commitment": c.set_hash.hex(), "pieces": len(sets), **changes})
    head = inventory.make_head(HOST_SEED, HOST, TIME, None, 1, (b"\x09" * 32, 3, 10000))

    def whole(kind, **changes):
        return first(kind=kind, commitment=inventory.head_hash(head).hex(), pieces=..., **changes)
    good = [first(), *sets, commit]
    accept("commitments", "a set", lines(*good))
    accept("commitments", "no newline at the end", lines(*good)[:-1])
    accept("commitments", "witnessed", lines(*good, word, word))
    accept("commitments", "two Hosts", lines(*good, first(CONTROL_SEED), *good[1:], word))
    accept("commitments", "an inventory", lines(whole("inventory"), head, commit))
    accept("commitments", "a chain", lines(whole("chain", addresses=[]), head, commit))
    for reason, each in {
            "commitments-version": [first(version=2), *good[1:]],
            "commitments-host": good * 2, "crit-unknown": [first(crit=["x"]), *good[1:]],
            "extract-addresses/of a commitment": [first(addresses=["h:0"]), *good[1:]],
            "transcript-kind/of a commitment": [first(kind="all"), *good[1:]],
            "commitments-what/hash": [first(commitment="00" * 32), *good[1:]],
            "commitments-what/size": [first(), sets[0].replace(b'"size":', b'"size":1'), *good[2:]],
            "commitments-what/order": [first(), sets[1], sets[0], *good[3:]],
            "commitments-what/head": [first(kind="chain", pieces=...), head, commit],
            "commitments-what/another Host": [whole("chain", host=OTHER.hex()), head, commit],
            "commitments-order/set missing": [first(), *sets[1:], commit],
            "commitments-order/set too many": [first(), *sets, sets[-1], commit],
            "commitments-order/no commit": [first(), *sets],
            "commitments-order/no head": [whole("inventory"), commit],
            "commitments-order/a set's head": [first(), head, commit],
            "commitments-order/behind": [*good, b'{"type":"beacon"}'],
            "transcript-witness/of a commitment": [*good, inventory.make_witness(
                WITNESS_SEED, WITNESS, b"\0" * 32, COMMITTED)],
            "transcript-witness/nine of a commitment": [*good, *[word] * 9],
            "member-limit/pieces": [first(pieces=0), *good[1:]],
            }.items():
        refuse("commitments", reason, lines(*each))
    refuse("commitments", "commitments-empty", b"", status="usage")

    chain = {"genesis_time": GENESIS, "period": PERIOD}
    number = {"round": ROUND, "randomness": sha256(SIGNATURE).hex(), "signature": SIGNATURE.hex()}
    accept("beacon", "given", text_of(randomness=BEACON.hex(), time=TIME))
    accept("beacon", "a round and its chain", text_of(**number, **chain, previous_signature=""))
    accept("beacon", "two lines", lines(text_of(**number), text_of(**chain, hash="x")))
    accept("beacon", "the chain first", lines(b"", text_of(**chain), text_of(**number)))
    accept("beacon", "spaces", b" " + text_of(randomness=BEACON.hex(), time=TIME).replace(b",", b" ,\n"))
    for reason, text in {
            "beacon-file/nothing": b"", "beacon-file/no JSON": b"x",
            "beacon-file/three": lines(text_of(**number), text_of(**chain), b"{}"),
            "beacon-file/no chain": text_of(**number),
            "beacon-file/long": text_of(randomness=BEACON.hex(), time=TIME) + b" " * 65536,
            "member-missing/time of a beacon": text_of(randomness=BEACON.hex()),
            "member-hex/randomness": text_of(randomness="66", time=TIME),
            "beacon-round/number 0": text_of(**{**number, **chain, "round": 0}),
            "beacon-signature/another": text_of(**{**number, **chain, "signature": "88" * 95}),
            }.items():
        refuse("beacon", reason, text)
