# SPDX-License-Identifier: AGPL-3.0-or-later
"""inxt-proof(5): transcript and extract."""

from inxt_reference import notation, pieces, proofs
from inxt_reference.notation import sha256, to_json, u32
from selftest import CONTROL_SEED, HOST_SEED, TIME

from .common import accept, lines, refuse
from .of_audits import BEACON, LARGER, SMALL, answered, asked_of


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
