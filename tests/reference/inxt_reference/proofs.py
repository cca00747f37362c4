# SPDX-License-Identifier: AGPL-3.0-or-later
"""inxt-proof(5): challenge, answer, outcomes, verdict, bound, transcript."""

from math import comb

from . import pieces
from .notation import (Members, Refused, b64, b64_decode, join_signed, labelled_hash, must,
                       parse_json, sha256, sign, split_signed, to_json, u64, verify)

SAMPLES_MAX = 65536
SAMPLES_PER_REQUEST_MAX = 256
REQUEST_BYTES_MAX = 65536
TRANSCRIPT_LINE_BYTES_MAX = 8192
REQUEST_LINE_BYTES_MAX = 131072

# --- set and challenge -----------------------------------------------------


def sort_set(held):
    """(id, size) pairs, sorted by id, each once."""
    must(held, "set-empty", status="usage")
    sizes = {}
    for name, size in held:
        must(1 <= size <= pieces.PIECE_BYTES_MAX, "set-size")
        must(sizes.setdefault(name, size) == size, "set-two-sizes")
    must(len(sizes) <= 2**31, "set-count", status="usage")
    return sorted(sizes.items())


def set_hash(held):
    return labelled_hash("inxt/v1/audit-set",
                         u64(len(held)) + b"".join(name + u64(size) for name, size in held))


def block_total(held):
    return sum(pieces.block_count(size) for _, size in held)


def challenge_hash(beacon, host, set_digest, n):
    return labelled_hash("inxt/v1/challenge", beacon + host + set_digest + u64(n))


def draw(challenge, total, n):
    """Numbers of blocks, in the order in which they are drawn."""
    drawn, counter, limit = {}, 0, 2**64 // total * total
    while len(drawn) < n:
        t = int.from_bytes(labelled_hash("inxt/v1/sample", challenge + u64(counter))[:8], "big")
        counter += 1
        if t < limit:
            drawn.setdefault(t % total)
    return list(drawn)


class Challenge:
    def __init__(self, beacon, host, held, asked):
        self.host, self.held = host, sort_set(held)
        self.sizes = dict(self.held)
        self.total = block_total(self.held)
        self.n = min(asked, self.total)
        self.set_hash = set_hash(self.held)
        self.hash = challenge_hash(beacon, host, self.set_hash, self.n)
        first_blocks, at = [], 0
        for name, size in self.held:
            first_blocks.append((at, name))
            at += pieces.block_count(size)
        self.samples = []
        for number in draw(self.hash, self.total, self.n):
            first, name = max(entry for entry in first_blocks if entry[0] <= number)
            self.samples.append((name, number - first))
        self.requests = [make_request(self.hash, self.samples[i:i + SAMPLES_PER_REQUEST_MAX])
                         for i in range(0, self.n, SAMPLES_PER_REQUEST_MAX)]


# --- request ---------------------------------------------------------------


def make_request(challenge, samples):
    return to_json({"type": "challenge", "challenge": challenge.hex(),
                    "samples": [[name.hex(), block] for name, block in samples]}).encode()


def read_request(data):
    must(len(data) <= REQUEST_BYTES_MAX, "request-long")
    m = Members(parse_json(data))
    must(m.text("type") == "challenge", "request-type")
    challenge = m.hex("challenge")
    samples = m.members.get("samples")
    must(isinstance(samples, list) and 1 <= len(samples) <= SAMPLES_PER_REQUEST_MAX,
         "request-samples")
    asked = []
    for entry in samples:
        must(isinstance(entry, list) and len(entry) == 2, "request-samples")
        pair = Members({"piece": entry[0], "block": entry[1]})
        try:
            asked.append((pair.hex("piece"), pair.integer("block")))
        except Refused as refused:
            raise Refused("request-samples", str(refused)) from None
        must(asked[-1][1] <= 511, "request-block")
    return challenge, asked


# --- answer ----------------------------------------------------------------


def make_proof(piece, block):
    leaves = [pieces.leaf(b) for b in pieces.blocks_of(piece)]
    return to_json({"type": "proof", "piece": pieces.piece_id(piece).hex(), "block": block,
                    "size": len(piece), "data": b64(pieces.blocks_of(piece)[block]),
                    "path": [b64(h) for h in pieces.path_of(leaves, block)]}).encode()


def make_missing(name, block):
    return to_json({"type": "proof", "piece": name.hex(), "block": block,
                    "missing": True}).encode()


def make_answer(host_seed, host, request, proofs, time):
    """Each line with its newline."""
    challenge = Members(parse_json(request)).hex("challenge")
    lines = b"".join(line + b"\n" for line in proofs)
    body = to_json({"type": "answer", "challenge": challenge.hex(), "host": host.hex(),
                    "request": sha256(request).hex(), "time": time, "proofs": len(proofs),
                    "hash": sha256(lines).hex()}).encode()[:-1]
    return lines + join_signed(body, sign(host_seed, "inxt/v1/answer", body)) + b"\n"


def read_answer(data, host, challenge, request, samples):
    """The proof lines of an answer that counts."""
    must(data.endswith(b"\n"), "answer-sig")
    lines = data[:-1].split(b"\n")
    proofs, last = lines[:-1], lines[-1]
    try:
        m = Members(parse_json(last))
        must(m.text("type") == "answer", "answer-sig")
        signer, told, asked = m.hex("host"), m.hex("challenge"), m.hex("request")
        m.integer("time")
        count, digest = m.integer("proofs", 256), m.hex("hash")
        body, signature = split_signed(last)
        must(verify(signer, "inxt/v1/answer", body, signature), "answer-sig")
    except Refused as refused:
        raise Refused("answer-sig", str(refused)) from None
    must(signer == host, "answer-host")
    must(told == challenge, "answer-challenge")
    must(asked == sha256(request), "answer-request")
    must(count == len(proofs) == samples, "answer-proofs")
    must(digest == sha256(b"".join(line + b"\n" for line in proofs)), "answer-hash")
    return proofs


def outcome(line, piece, block, size):
    """What one proof line shows about the sample that was asked for."""
    try:
        must(len(line) + 1 <= TRANSCRIPT_LINE_BYTES_MAX, "line-too-long")
        m = Members(parse_json(line))
        must(m.text("type") == "proof", "malformed")
        name, number = m.hex("piece"), m.integer("block", 511)
        missing = m.has("missing")
        if missing:
            must(m.members["missing"] is True and len(m.members) == 4, "malformed")
        else:
            said, data = m.integer("size", pieces.PIECE_BYTES_MAX), m.b64("data", most=4096)
            path = m.get("path", list)
            must(len(path) <= 9 and all(isinstance(p, str) for p in path), "malformed")
            path = [b64_decode(p, 32) for p in path]
    except Refused:
        return "other_block"
    if (name, number) != (piece, block):
        return "other_block"
    if missing:
        return "missing"
    if said != size:
        return "wrong_size"
    if len(data) != pieces.block_size(size, block):
        return "wrong_length"
    count = pieces.block_count(size)
    if len(path) != pieces.path_length(count, block):
        return "wrong_path"
    head = pieces.head_from_path(pieces.leaf(data), count, block, path)
    return "held" if pieces.id_of(size, head) == piece else "wrong_data"


# --- verdict and bound -----------------------------------------------------


def verdict(outcomes):
    """outcomes has None for a sample without an answer."""
    if any(o not in (None, "held") for o in outcomes):
        return "failed"
    return "unreachable" if None in outcomes else "passed"


def bound(total, n, bad, hundredths=1):
    """The largest d with P(at most `bad` among n drawn, if d of total are bad) >= 1 - c."""
    def likely(d):
        ways = sum(comb(d, i) * comb(total - d, n - i) for i in range(bad + 1))
        return 100 * ways >= hundredths * comb(total, n)
    low, high = 0, total            # P falls as d grows, and is 1 for d = 0
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if likely(middle) else (low, middle - 1)
    return low


# --- transcript ------------------------------------------------------------


class HostAudit:
    """One Host's part of a transcript."""

    def __init__(self, m):
        must(m.integer("version") == 1, "transcript-version")
        self.beacon, self.host = m.hex("beacon"), m.hex("host")
        self.samples, self.said_hash = m.integer("samples"), m.hex("set_hash")
        self.held = []
        self.challenge = None
        self.requests = 0
        self.open = None               # lines of an answer that has begun
        self.outcomes = []

    def set_line(self, m):
        must(self.challenge is None, "transcript-order")
        name, size = m.hex("piece"), m.integer("size")
        must(not self.held or name > self.held[-1][0], "transcript-set")
        must(1 <= size <= pieces.PIECE_BYTES_MAX, "set-size")
        self.held.append((name, size))

    def close_set(self):
        if self.challenge is None:
            must(self.held, "transcript-set")
            must(set_hash(self.held) == self.said_hash, "transcript-set")
            must(1 <= self.samples <= min(SAMPLES_MAX, block_total(self.held)),
                 "transcript-samples")
            self.challenge = Challenge(self.beacon, self.host, self.held, self.samples)

    def request_line(self, m):
        self.close_set()
        self.close_answer()
        wanted = self.challenge.requests
        must(self.requests < len(wanted) and
             m.text("body").encode() == wanted[self.requests], "transcript-request")
        self.requests += 1
        self.open = []

    def answer_line(self, line):
        room = self.open is not None and len(self.open) <= len(self.asked(self.requests - 1))
        must(room, "transcript-order")
        self.open.append(line)

    def asked(self, request):
        at = request * SAMPLES_PER_REQUEST_MAX
        return self.challenge.samples[at:at + SAMPLES_PER_REQUEST_MAX]

    def close_answer(self):
        """Judges what followed the request line before."""
        if self.open is None:
            return
        asked = self.asked(self.requests - 1)
        if not self.open:
            self.outcomes += [None] * len(asked)
        else:
            try:
                proofs = read_answer(b"".join(line + b"\n" for line in self.open), self.host,
                                     self.challenge.hash,
                                     self.challenge.requests[self.requests - 1], len(asked))
            except Refused as refused:
                raise Refused("transcript-answer", str(refused)) from None
            self.outcomes += [outcome(line, name, block, self.challenge.sizes[name])
                              for line, (name, block) in zip(proofs, asked)]
        self.open = None

    def finish(self):
        self.close_set()
        self.close_answer()
        self.outcomes += [None] * (self.samples - len(self.outcomes))
        bad = sum(o != "held" for o in self.outcomes)
        return {"host": self.host.hex(), "challenge": self.challenge.hash.hex(),
                "blocks": self.challenge.total, "samples": self.samples,
                "held": self.samples - bad, "unanswered": self.outcomes.count(None),
                "verdict": verdict(self.outcomes),
                "bound": bound(self.challenge.total, self.samples, bad)}


def read_transcript(data):
    """The verdicts, one for each audit."""
    audits = []
    audit = None
    must(data.endswith(b"\n") or not data, "transcript-order", "the last line has no newline")
    for line in data.split(b"\n")[:-1]:
        # An answer that has begun has one line for each sample and the answer line, whatever
        # the Host wrote there: they are judged, not read here.
        if audit and audit.open and len(audit.open) <= len(audit.asked(audit.requests - 1)):
            must(len(line) + 1 <= TRANSCRIPT_LINE_BYTES_MAX, "line-too-long")
            audit.answer_line(line)
            continue
        try:
            m = Members(parse_json(line))
            kind = m.text("type")
        except Refused:
            must(audit is not None and audit.open == [], "transcript-order")
            kind = None
        most = REQUEST_LINE_BYTES_MAX if kind == "request" else TRANSCRIPT_LINE_BYTES_MAX
        must(len(line) + 1 <= most, "line-too-long")
        if kind == "audit":
            if audit:
                audits.append(audit.finish())
            audit = HostAudit(m)
            continue
        must(audit is not None, "transcript-order")
        if kind == "set":
            audit.set_line(m)
        elif kind == "request":
            audit.request_line(m)
        else:
            audit.answer_line(line)
    if audit:
        audits.append(audit.finish())
    return audits
