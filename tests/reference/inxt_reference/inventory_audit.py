# SPDX-License-Identifier: AGPL-3.0-or-later
"""inxt-proof(5): inventory, its requests, chain, released, heads."""

from . import inventory, pieces, proofs, tokens
from .notation import Members, Refused, labelled_hash, must, parse_json, to_json, u64

LINE_BYTES_MAX = 16384
ANSWER_BYTES_MAX = 4259840
SAMPLE_BYTES = 9000
NUMBER_END = 2**40
START = bytes(32)

# --- questions -------------------------------------------------------------


def chain_number(challenge, number, previous, total):
    limit, attempt = 2**64 // total * total, 0
    while True:
        t = int.from_bytes(labelled_hash("inxt/v1/chain", challenge + u64(number) + previous +
                                         u64(attempt))[:8], "big")
        attempt += 1
        if t < limit:
            return t % total


def chain_link(challenge, line):
    """What the next number hangs on, from the second line about a sample."""
    try:
        m = Members(parse_json(line))
        must(len(line) < proofs.TRANSCRIPT_LINE_BYTES_MAX and m.text("type") == "proof", "malformed")
        m.hex("piece")
        m.integer("block", 511)
        if m.has("missing"):
            return START
        m.integer("size", pieces.PIECE_BYTES_MAX)
        path, data = m.get("path", list), m.b64("data", most=4096)
        must(len(path) <= 9, "malformed")
        for text in path:
            must(isinstance(text, str), "malformed")
            proofs.b64_decode(text, 32)
    except Refused:
        return START
    return labelled_hash("inxt/v1/chain-link", challenge + data)


def make_request(challenge, head, numbers):
    return to_json({"type": "inventory-challenge", "challenge": challenge.hex(),
                    "head": head.hex(), "numbers": numbers}).encode()


def make_chain_request(challenge, head, first, count, previous):
    return to_json({"type": "inventory-chain", "challenge": challenge.hex(), "head": head.hex(),
                    "first": first, "count": count, "previous": previous.hex()}).encode()


class Questions:
    """One Host's, in their order."""

    def __init__(self, beacon, head, asked, chained):
        self.head, self.chained, self.total = head, chained, head["blocks"]
        self.n = min(asked, self.total)
        self.hash = proofs.challenge_hash(beacon, head["host"], head["hash"], self.n)
        self.numbers = None if chained else proofs.draw(self.hash, self.total, self.n) if self.n else []
        self.first, self.previous, self.seen = 0, START, {}

    def open(self):
        """The request's bytes and how many samples it has; None where there is no more."""
        count = min(self.n - self.first, proofs.SAMPLES_PER_REQUEST_MAX)
        if count <= 0:
            return None
        if self.chained:
            return make_chain_request(self.hash, self.head["hash"], self.first, count,
                                      self.previous), count
        return make_request(self.hash, self.head["hash"],
                            self.numbers[self.first:self.first + count]), count

    def pass_over(self):
        _, count = self.open()
        self.first = self.n if self.chained else self.first + count

    def take(self, data, received):
        """The outcomes that an answer shows."""
        request, count = self.open()
        must(len(data) <= ANSWER_BYTES_MAX, "answer-long")
        lines, time = proofs.read_answer(data, self.head["host"], self.hash, request, count,
                                         2 * count, LINE_BYTES_MAX)
        found = []
        for i in range(count):
            inclusion, shown = lines[2 * i:2 * i + 2]
            number = (chain_number(self.hash, self.first + i, self.previous, self.total)
                      if self.chained else self.numbers[self.first + i])
            said = judge(self.head, number, inclusion, shown, time)
            must(not (said == "released" and relies_on_time(shown) and
                      time - received > tokens.CLOCK_SKEW_S), "answer-time")
            self.seen.setdefault(number, []).append(said)
            found.append(said)
            self.previous = chain_link(self.hash, shown)
        self.first += count
        return found


# --- outcome of one sample -------------------------------------------------


def _members_of(line):
    try:
        return Members(parse_json(line))
    except Refused:
        return None


def judge(head, number, inclusion, shown, time):
    try:
        said = inventory.read_inclusion(inclusion)
        must((said["root"], said["blocks"], said["bytes"]) ==
             (head["root"], head["blocks"], head["bytes"]), "inclusion-root")
        leaf = Members(parse_json(inclusion))
        size, count, root = leaf.integer("size"), leaf.integer("count"), leaf.b64("root", 32)
        block = number - said["first"]
        must(0 <= block < pieces.block_count(size), "inclusion-number")
    except Refused:
        return "bad_inclusion"
    m = _members_of(shown)
    if m is not None and m.members.get("type") == "released":
        try:
            check_released(m, shown, head["host"], (said["piece"], size, count, root), time)
        except Refused:
            return "bad_release"
        return "released"
    return proofs.outcome(shown, said["piece"], block, size)


def relies_on_time(line):
    return not {"deletion", "release"} & set(parse_json(line))


def check_released(m, line, host, leaf, time):
    piece, size, count, root = leaf
    must(len(line) < LINE_BYTES_MAX, "line-too-long")
    said = m.hex("piece")
    offer_token, acceptance_token = m.text("offer", 6144), m.text("acceptance", 6144)
    offer = tokens.read(offer_token, "inxt-offer")
    must(said == piece == offer["piece"] and offer["size"] == size, "released-piece")
    must(m.has("renewal") == m.has("renewal_acceptance"), "released-renewal")
    must(not (m.has("deletion") and m.has("release")), "released-release")

    ids = [offer["aud"]]
    if offer["aud"] != host:
        chain = tokens.texts_of(m, "succession") if m.has("succession") else []
        for link in tokens.read_succession(chain, host, "released-succession"):
            if link["iss"] == ids[-1]:
                ids.append(link["sub"])
    must(ids[-1] == host, "released-host")

    acceptance = tokens.read(acceptance_token, "inxt-acceptance")
    must(acceptance["iss"] == offer["aud"], "released-host")
    must(acceptance["offer"] == tokens.offer_hash(offer_token), "released-offer")
    must((acceptance["piece"], acceptance["size"], acceptance["account"]) ==
         (piece, size, offer["iss"]), "released-contract")
    must(acceptance["until"] >= offer["until"] and acceptance["price"] <= offer["price"],
         "released-terms")
    blinded = inventory.blinded(tokens.contract_hash(acceptance_token))
    must(count == 1 and root == inventory.contracts_root([blinded]), "released-others")

    if m.has("deletion"):
        deletion = tokens.read(m.text("deletion", 6144), "inxt-deletion")
        must(deletion["iss"] == offer["control"] and deletion["aud"] in ids and
             (deletion["piece"], deletion["account"]) == (piece, offer["iss"]), "released-deletion")
        return
    if m.has("release"):
        release = tokens.read(m.text("release", 1600), "inxt-release")
        must(release["aud"] in ids and release["successor"] not in ids and
             release["contract"] == tokens.contract_hash(acceptance_token) and
             (release["piece"], release["account"]) == (piece, offer["iss"]), "released-release")
        return
    until = acceptance["until"]
    if m.has("renewal"):
        until = tokens.check_renewed(offer_token, acceptance_token, m.text("renewal", 1600),
                                     m.text("renewal_acceptance", 1600), ids[1:])["until"]
    must(until < time, "released-term")


# --- a section of a transcript ---------------------------------------------


def _read_head(lines, host, commitment):
    must(lines.kind() == "inventory", "transcript-order")
    head = inventory.read_head(lines.take())
    must(head["host"] == host and head["hash"] == commitment, "transcript-head")
    return head


def _read_evidence(lines, host):
    """What is wrong with the Host's heads; None for nothing."""
    if lines.kind() != "evidence":
        return None
    finding = lines.members("evidence", "transcript-order").text("finding", 16)
    must(finding in ("equivocation", "rollback", "broken"), "transcript-evidence")
    two = []
    for _ in range(2):
        must(lines.kind() == "inventory", "transcript-order")
        two.append(inventory.read_head(lines.take()))
    first, second = two
    must(first["host"] == second["host"] == host, "transcript-evidence")
    shows = {"equivocation": inventory.conflict(first, second),
             "rollback": second["time"] < first["time"],
             "broken": second["time"] > first["time"] and not inventory.follows(first, second)}
    must(shows[finding], "transcript-evidence")
    return finding


def _bound(questions, outcomes, confidence_ppm):
    """Blocks that a chain drew again count once, as bad if they were ever not held."""
    if not questions.total:
        return 0, 0
    shown = [o for o in outcomes if o is not None]
    n = len(questions.seen) + outcomes.count(None)
    bad = sum(any(o != "held" for o in said) for said in questions.seen.values())
    bad += outcomes.count(None)
    again = max(n - questions.total, 0)
    n, bad = n - again, bad - min(bad, again)
    return len(shown) - len(questions.seen), proofs.bound(questions.total, n, bad, confidence_ppm)


def read_section(lines, host, kind, commitment, samples, confidence_ppm, required):
    """What stands behind the audit line."""
    head = _read_head(lines, host, commitment)
    finding = _read_evidence(lines, host)
    must(samples <= min(proofs.SAMPLES_MAX, head["blocks"]) and (samples or not head["blocks"]),
         "transcript-samples")
    commit_time, words = proofs.read_commit(lines, commitment)
    beacon, beacon_time, source, _ = proofs.read_beacon(lines.members("beacon", "transcript-order"))
    anchored, by = proofs.anchors(beacon_time, commit_time, words, host, required)
    questions = Questions(beacon, head, samples, kind == "chain")
    deadline = None
    if questions.open():
        count = questions.open()[1]
        deadline = proofs.read_deadline(lines, count, count * SAMPLE_BYTES)
    outcomes, retries, late = [], 0, 0
    while lines.kind() == "request":
        asked = questions.open()
        must(asked is not None, "transcript-order")
        request, count = asked
        body = lines.members("request", "transcript-order", proofs.REQUEST_LINE_BYTES_MAX).text("body")
        must(body.encode() == request, "transcript-request")
        tries, said, received = proofs.read_testimony(lines, deadline)
        retries += tries - 1
        if said is None:
            outcomes += [None] * count
            questions.pass_over()
            continue
        late += count if said == "late" else 0
        must(lines.at + 2 * count < len(lines.lines), "transcript-answer")
        answer = b"".join(lines.take(LINE_BYTES_MAX) + b"\n" for _ in range(2 * count + 1))
        try:
            outcomes += questions.take(answer, received)
        except Refused as refused:
            raise Refused("transcript-answer", str(refused)) from None
    outcomes += [None] * (samples - len(outcomes))
    repeated, bound = _bound(questions, outcomes, confidence_ppm)
    released = outcomes.count("released")
    verdict = proofs.verdict(outcomes, late, anchored)
    if finding == "equivocation":
        verdict = "failed"
    doubt = finding or released and (kind == "chain" or "held" not in outcomes)
    if doubt and verdict != "failed":
        verdict = "unreachable"
    return {"host": host.hex(), "anchored": anchored, "anchored_by": by, "beacon": source,
            "pieces": head["pieces"], "blocks": head["blocks"], "samples": samples,
            "held": outcomes.count("held"),
            "failed": sum(o not in (None, "held", "released") for o in outcomes),
            "missing": outcomes.count("missing"), "unanswered": outcomes.count(None),
            "late": late, "retries": retries, "verdict": verdict, "bound": bound, "kind": kind,
            "released": released, "repeated": repeated, "heads": finding}
