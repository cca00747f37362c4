# SPDX-License-Identifier: AGPL-3.0-or-later
"""inxt-proof(5): transcripts over inventories, drawn and chained."""

from inxt_reference import inventory, inventory_audit, notation, pieces, proofs, tokens
from inxt_reference.notation import sha256, to_json
from selftest import (ACCOUNT, BRIDGE_SEED, CONTROL_SEED, HOST, HOST_SEED, LONG_PIECE, OWNER, TIME, contract,
                      renewed)

from .common import accept, lines, refuse
from .of_audits import BEACON

OTHER_SEED = b"\x79" * 32
NOW = TIME + 10_000_000      # when it is answered: after the term of contracts is over
UNTIL, RENEWED_UNTIL = 1707776000, 1739312000
HELD = {pieces.piece_id(p): p for p in (LONG_PIECE[:n] for n in (16, 33, 100, 4097))}
TOKENS = {name: contract(name, bytes(2048), len(p))[:2] for name, p in HELD.items()}


def text_of(**members):
    return to_json({n: v for n, v in members.items() if v is not ...}).encode()


def leaf(name, *more):
    """With the contract about it, and others."""
    told = sorted([inventory.blinded(tokens.contract_hash(TOKENS[name][1])), *more])
    return name, len(HELD[name]), len(told), inventory.contracts_root(told)


class World:
    """A Host's inventory and its answers."""

    def __init__(self, names=None, others=(), time=NOW - 100, previous=None, seed=HOST_SEED):
        names = sorted(HELD if names is None else names)
        self.tree = inventory.Tree([leaf(n, *([bytes(32)] if n in others else [])) for n in names])
        self.first, at = [], 0
        for name in names:
            self.first.append((at, name))
            at += pieces.block_count(len(HELD[name]))
        self.seed, self.host = seed, notation.ed25519_public(seed)
        self.line = inventory.make_head(seed, self.host, time, previous, len(names),
                                        self.tree.branch)
        self.head = inventory.read_head(self.line)
        self.released = {}

    def show(self, number):
        first, name = max(entry for entry in self.first if entry[0] <= number)
        shown = (self.released[name] if name in self.released
                 else proofs.make_proof(HELD[name], number - first))
        return [inventory.make_inclusion(self.tree, name), shown]

    def answer(self, questions, change=lambda i, pair: pair, time=NOW, seed=None):
        request, count = questions.open()
        each, link = [], questions.previous
        for i in range(count):
            number = (inventory_audit.chain_number(questions.hash, questions.first + i, link,
                                                   questions.total) if questions.chained
                      else questions.numbers[questions.first + i])
            pair = change(i, self.show(number))
            each += pair
            link = inventory_audit.chain_link(questions.hash, pair[1])
        text = b"".join(line + b"\n" for line in each)
        seed = seed or self.seed
        body = to_json({"type": "answer", "challenge": questions.hash.hex(),
                        "host": notation.ed25519_public(seed).hex(),
                        "request": sha256(request).hex(), "time": time, "proofs": count,
                        "hash": sha256(text).hex()}).encode()[:-1]
        return [*each, notation.join_signed(body, notation.sign(seed, "inxt/v1/answer", body))]

    def section(self, chained=False, asked=4, evidence=(), told=None, answers=None, before=None,
                **changes):
        """answers: what make the answer lines of each request; default: one honest answer."""
        q = inventory_audit.Questions(BEACON, self.head, asked, chained)
        out = [text_of(**{"type": "audit", "version": 2, "host": self.host.hex(),
                          "kind": "chain" if chained else "inventory",
                          "commitment": self.head["hash"].hex(), "samples": q.n,
                          "confidence_ppm": 990000, **changes})]
        out += [self.line, *evidence] if before is None else before
        out += [text_of(type="commit", time=NOW - 60),
                text_of(type="beacon", randomness=BEACON.hex(), time=NOW - 20, source="given")]
        if not q.open():
            return out
        count = q.open()[1]
        size = count * inventory_audit.SAMPLE_BYTES
        out.append(text_of(type="deadline", rtt_ms=3, disk_ms=25, bytes_per_s=131072,
                           request_ms=proofs.request_ms(3, 25, 131072, count, size),
                           chosen="measured"))
        request = q.open()[0]
        out.append(text_of(type="request", body=request.decode()))
        out += told or [text_of(type="testimony", **{"try": 1}, time=NOW, elapsed_ms=12,
                                outcome="answered")]
        return out + (self.answer(q) if answers is None else answers(q))


def missing(pair):
    m = notation.Members(notation.parse_json(pair[1]))
    return [pair[0], proofs.make_missing(m.hex("piece"), m.integer("block"))]


def released(name, **changes):
    offer, acceptance = TOKENS[name]
    return text_of(**{"type": "released", "piece": name.hex(), "offer": offer,
                      "acceptance": acceptance, **changes})


def release(name, seed=BRIDGE_SEED, **changes):
    return tokens.make(seed, "inxt-release", {
        "iss": notation.ed25519_public(seed).hex(), "aud": HOST.hex(), "piece": name.hex(),
        "account": ACCOUNT.hex(), "contract": tokens.contract_hash(TOKENS[name][1]).hex(),
        "successor": notation.ed25519_public(OTHER_SEED).hex(), "successor_contract": "07" * 32,
        "iat": TIME, "exp": TIME + 60, **changes})


def deletion(name, seed=CONTROL_SEED, **changes):
    return tokens.make(seed, "inxt-deletion", {
        "iss": notation.ed25519_public(seed).hex(), "aud": HOST.hex(), "piece": name.hex(),
        "account": ACCOUNT.hex(), "iat": TIME, "exp": TIME + 60, **changes})


def evidence_of(finding, first, second):
    return [text_of(type="evidence", finding=finding), first.line, second.line]


def run(*each):
    hosts = sum(line.startswith(b'{"type":"audit"') for line in each)
    return lines(*each, text_of(type="end", hosts=hosts, lines=len(each),
                                hash=sha256(lines(*each)).hex()))


def inventory_audit_vectors():
    def good(name, section):
        accept("inventory-transcript", name, run(*section))

    def bad(reason, section):
        refuse("inventory-transcript", reason, run(*section))
    world, names = World(), sorted(HELD)
    assert world.head["blocks"] == 5
    good("passed", world.section())
    good("all blocks", world.section(asked=460))
    good("chained", world.section(chained=True))
    good("an empty inventory", World([]).section())
    good("an empty inventory, chained", World([]).section(chained=True))
    good("one piece", World(names[:1]).section(chained=True))
    good("no answer", world.section(told=[text_of(
        type="testimony", **{"try": 1}, time=NOW, elapsed_ms=12, outcome="silent", reason="x")],
        answers=lambda q: []))

    def changed(change, chained=False):
        return world.section(chained, answers=lambda q: world.answer(q, change))
    for chained in (False, True):
        kind = ", chained" if chained else ""
        for name, change in {
                "missing": missing,
                "an inclusion of another piece": lambda pair: [
                    inventory.make_inclusion(world.tree, next(
                        n for n in names if n.hex().encode() not in pair[0])), pair[1]],
                "an inclusion of another inventory": lambda pair: [
                    pair[0].replace(b'"count":1', b'"count":2'), pair[1]],
                "no inclusion": lambda pair: [b"{}", pair[1]],
                "another block": lambda pair: [pair[0], proofs.make_proof(LONG_PIECE[:34], 0)],
                "no proof": lambda pair: [pair[0], b"garbage"],
                "wrong data": lambda pair: [pair[0], pair[1].replace(b'"data":"A', b'"data":"B')],
                }.items():
            good(name + kind, changed(lambda i, pair, act=change: act(pair) if i == 2 else pair,
                                      chained))

    # Released: the largest piece has 2 blocks of 5.
    large = next(n for n in names if len(HELD[n]) == 4097)
    offer, acceptance = TOKENS[large]
    renewal, renewal_acceptance = renewed(large, acceptance, 4097)

    def giving_up(line, chained=False, others=(), time=NOW, told=None):
        w = World(others=others)
        w.released[large] = line
        return w.section(chained=chained, asked=5, told=told,
                         answers=lambda q: w.answer(q, time=time))
    gone = released(large, deletion=deletion(large))
    good("deleted", giving_up(gone))
    good("deleted, chained", giving_up(gone, chained=True))
    good("released by a Bridge", giving_up(released(large, release=release(large))))
    good("the term was over", giving_up(released(large), time=UNTIL + 1,
                                        told=[text_of(type="testimony", **{"try": 1}, time=UNTIL,
                                                      elapsed_ms=500, outcome="answered")]))
    good("the term ends now", giving_up(released(large), time=UNTIL))
    good("the renewed term goes on", giving_up(released(
        large, renewal=renewal, renewal_acceptance=renewal_acceptance), time=RENEWED_UNTIL))
    nothing_left = World([large])
    nothing_left.released[large] = gone
    good("all was given up", nothing_left.section(asked=5))
    for name, line, others in (
            ("another contract keeps it", gone, (large,)),
            ("deleted by another", released(large, deletion=deletion(large, OTHER_SEED)), ()),
            ("deleted elsewhere", released(large, deletion=deletion(large, aud="00" * 32)), ()),
            ("another piece deleted", released(large, deletion=deletion(names[0])), ()),
            ("another account's", released(large, deletion=deletion(large, account="00" * 32)), ()),
            ("another piece's tokens", released(large, offer=TOKENS[names[0]][0],
                                                acceptance=TOKENS[names[0]][1]), ()),
            ("another acceptance", released(large, acceptance=TOKENS[names[0]][1],
                                            deletion=deletion(large)), ()),
            ("released elsewhere", released(large, release=release(large, aud="00" * 32)), ()),
            ("released to itself", released(large, release=release(
                large, aud="00" * 32, successor=HOST.hex())), ()),
            ("another piece released", released(large, release=release(large, piece=names[0].hex())), ()),
            ("another contract released", released(large, release=release(
                large, contract="00" * 32)), ()),
            ("released for another", released(large, release=release(large, account="00" * 32)), ()),
            ("released and deleted", released(large, release=release(large),
                                              deletion=deletion(large)), ()),
            ("half a renewal", released(large, renewal=renewal), ()),
            ("no tokens", text_of(type="released", piece=large.hex()), ())):
        good("bad release: " + name, giving_up(line, others=others))
    bad("transcript-answer/dated ahead", giving_up(
        released(large), time=UNTIL + 3601, told=[text_of(
            type="testimony", **{"try": 1}, time=UNTIL, elapsed_ms=500, outcome="answered")]))

    # Heads.
    first = World(time=NOW - 8000)
    second = World(names[:3], time=NOW - 7999)
    forked = World(names[:3], time=NOW - 100)
    younger = World(time=NOW - 50, previous=bytes(32))
    after = World(time=NOW - 100, previous=first.head["hash"])
    good("two heads of one hour", first.section(evidence=evidence_of("equivocation", first, second)))
    good("two first heads", forked.section(evidence=evidence_of("equivocation", first, forked)))
    good("an older head", first.section(evidence=evidence_of("rollback", younger, first)))
    good("a gap between heads", younger.section(evidence=evidence_of("broken", first, younger)))
    stranger = World(seed=OTHER_SEED)
    for name, two in {"they follow": ("equivocation", first, after),
                      "the same head": ("equivocation", first, first),
                      "no rollback": ("rollback", first, after),
                      "no gap": ("broken", first, after),
                      "another Host": ("rollback", stranger, first),
                      "unknown": ("theft", first, second)}.items():
        bad(f"transcript-evidence/{name}", first.section(evidence=evidence_of(*two)))
    bad("transcript-order/one head", first.section(
        evidence=evidence_of("equivocation", first, second)[:2]))
    bad("transcript-order/evidence first", first.section(
        before=[*evidence_of("equivocation", first, second), first.line]))
    bad("transcript-order/no head", world.section(before=[]))
    bad("transcript-head", world.section(before=[first.line]))
    bad("transcript-head/another Host", world.section(before=[stranger.line]))
    bad("sig-wrong/head", world.section(before=[world.line.replace(b'"pieces":4', b'"pieces":3')]))
    bad("transcript-samples/inventory, zero", world.section(samples=0))
    bad("transcript-samples/inventory, more than B", world.section(samples=6))
    bad("transcript-samples/chain, more than B", world.section(chained=True, samples=6))
    bad("transcript-request/inventory", [line.replace(BEACON.hex().encode(), b"00" * 32)
                                         for line in world.section()])
    bad("transcript-request/chain as drawn", world.section(kind="chain"))
    bad("transcript-answer/cut", world.section()[:-1])
    bad("transcript-answer/a proof missing", [*world.section()[:-2], world.section()[-1]])
    bad("transcript-answer/other Host", world.section(
        answers=lambda q: world.answer(q, seed=OTHER_SEED)))
    bad("transcript-answer/swapped", [*world.section()[:-3], *world.section()[-2:-4:-1],
                                      world.section()[-1]])
    bad("line-too-long/inclusion", world.section(answers=lambda q: [
        b" " * 16384 if i == 0 else line for i, line in enumerate(world.answer(q))]))
