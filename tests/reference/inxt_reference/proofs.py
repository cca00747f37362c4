# SPDX-License-Identifier: AGPL-3.0-or-later
"""inxt-proof(5): challenge, answer, outcomes, verdict, bound, transcript, extract."""

from math import comb

from . import pieces, tokens
from .notation import (Members, Refused, b64, b64_decode, join_signed, labelled_hash, must,
                       parse_json, sha256, sign, split_signed, to_json, u64, verify)

SAMPLES_MAX = 65536
SAMPLES_PER_REQUEST_MAX = 256
REQUEST_BYTES_MAX = 65536
TRANSCRIPT_LINE_BYTES_MAX = 8192
REQUEST_LINE_BYTES_MAX = 131072
TRIES_MAX = 2

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
    lines = data.removesuffix(b"\n").split(b"\n")
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
    must(all(len(line) + 1 <= TRANSCRIPT_LINE_BYTES_MAX for line in lines), "answer-long")
    must(digest == sha256(b"".join(line + b"\n" for line in proofs)), "answer-hash")
    return proofs


def outcome(line, piece, block, size):
    """What one proof line shows about the sample that was asked for."""
    try:
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


def bound(total, n, bad, confidence_ppm=990000):
    """The largest d with P(at most `bad` among n drawn, if d of total are bad) >= 1 - c."""
    def likely(d):
        ways = sum(comb(d, i) * comb(total - d, n - i) for i in range(bad + 1))
        return 1000000 * ways >= (1000000 - confidence_ppm) * comb(total, n)
    low, high = 0, total            # P falls as d grows, and is 1 for d = 0
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if likely(middle) else (low, middle - 1)
    return low


# --- transcript ------------------------------------------------------------


class _Lines:
    """Lines without their newlines, the last of which may lack it."""

    def __init__(self, data):
        self.lines = data.removesuffix(b"\n").split(b"\n") if data else []
        self.at = 0

    def kind(self):
        """The next line's type; None behind the last, "" for what has none."""
        if self.at == len(self.lines):
            return None
        try:
            return Members(parse_json(self.lines[self.at])).text("type", 64)
        except Refused:
            return ""

    def take(self, most=TRANSCRIPT_LINE_BYTES_MAX):
        line = self.lines[self.at]
        must(len(line) + 1 <= most, "line-too-long")
        self.at += 1
        return line

    def members(self, kind, reason, most=TRANSCRIPT_LINE_BYTES_MAX):
        """The next line, which must be of this type."""
        must(self.kind() == kind, reason)
        m = Members(parse_json(self.take(most)))
        if kind in ("audit", "extract"):
            m.refuse_crit()
        return m


def _read_set(lines, reason):
    held = []
    while lines.kind() == "set":
        m = lines.members("set", reason)
        name, size = m.hex("piece"), m.integer("size", pieces.PIECE_BYTES_MAX, 1)
        must(not held or name > held[-1][0], reason)
        held.append((name, size))
    must(held, reason)
    return held


def _read_testimony(lines):
    """All tries of one request, and whether the last one was answered."""
    tries = 0
    while True:
        if tries and lines.kind() != "testimony":
            return tries, False
        m = lines.members("testimony", "transcript-order")
        tries += 1
        must(m.integer("try") == tries <= TRIES_MAX, "transcript-try")
        m.integer("time")
        m.integer("elapsed_ms")
        said = m.text("outcome")
        must(said in ("answered", "silent", "invalid"), "transcript-try")
        must(m.has("reason") == (said != "answered"), "transcript-try")
        if said == "answered":
            return tries, True
        m.text("reason", 256)


def _read_audit(lines, hosts):
    """One Host's section."""
    m = lines.members("audit", "transcript-order")
    must(m.integer("version") == 1, "transcript-version")
    beacon, host, said_hash = m.hex("beacon"), m.hex("host"), m.hex("set_hash")
    must(host not in hosts, "transcript-host")
    hosts.add(host)
    samples = m.integer("samples")
    anchored, confidence_ppm = m.get("anchored", bool), m.integer("confidence_ppm", 999999, 1)
    held = _read_set(lines, "transcript-set")
    must(set_hash(held) == said_hash, "transcript-set")
    must(1 <= samples <= min(SAMPLES_MAX, block_total(held)), "transcript-samples")
    challenge = Challenge(beacon, host, held, samples)

    outcomes, retries = [], 0
    for number, request in enumerate(challenge.requests):
        asked = challenge.samples[number * SAMPLES_PER_REQUEST_MAX:][:SAMPLES_PER_REQUEST_MAX]
        if lines.kind() != "request":
            break                      # not made any more
        body = lines.members("request", "transcript-order", REQUEST_LINE_BYTES_MAX).text("body")
        must(body.encode() == request, "transcript-request")
        tries, answered = _read_testimony(lines)
        retries += tries - 1
        if not answered:
            outcomes += [None] * len(asked)
            continue
        # Counted, not recognised: whatever the Host wrote there, it signed.
        must(lines.at + len(asked) < len(lines.lines), "transcript-answer")
        answer = b"".join(lines.take() + b"\n" for _ in range(len(asked) + 1))
        try:
            proofs = read_answer(answer, host, challenge.hash, request, len(asked))
        except Refused as refused:
            raise Refused("transcript-answer", str(refused)) from None
        outcomes += [outcome(line, name, block, challenge.sizes[name])
                     for line, (name, block) in zip(proofs, asked)]
    outcomes += [None] * (samples - len(outcomes))
    return {"host": host.hex(), "anchored": anchored, "pieces": len(held),
            "blocks": challenge.total, "samples": samples, "held": outcomes.count("held"),
            "failed": sum(o not in (None, "held") for o in outcomes),
            "missing": outcomes.count("missing"), "unanswered": outcomes.count(None),
            "retries": retries, "verdict": verdict(outcomes),
            "bound": bound(challenge.total, samples, samples - outcomes.count("held"),
                           confidence_ppm)}


def read_transcript(data):
    """The verdicts, one for each Host of each run."""
    lines, audits = _Lines(data), []
    while lines.kind() is not None:
        hosts, first = set(), lines.at
        while lines.kind() == "audit":
            audits.append(_read_audit(lines, hosts))
        before = lines.lines[first:lines.at]
        m = lines.members("end", "transcript-order")
        digest = sha256(b"".join(line + b"\n" for line in before))
        said = m.integer("hosts"), m.integer("lines"), m.hex("hash")
        must(hosts and said == (len(hosts), len(before), digest), "transcript-end")
    must(audits, "transcript-empty")
    return audits


# --- extract ---------------------------------------------------------------


def read_extract(data):
    """What each Host should hold, sorted by its id."""
    lines, found = _Lines(data), {}
    while lines.kind() is not None:
        m = lines.members("extract", "extract-set" if found else "extract-type")
        must(m.integer("version") == 1, "extract-version")
        host, count, said_hash = m.hex("host"), m.integer("pieces"), m.hex("set_hash")
        must(host not in found, "extract-host")
        addresses = tokens.texts_of(m, "addresses")
        must(len(addresses) <= tokens.ADDRESSES_MAX and all(map(tokens.is_address, addresses)),
             "extract-addresses")
        must(1 <= count <= 2**31, "extract-set")
        held = _read_set(lines, "extract-set")
        must(len(held) == count and set_hash(held) == said_hash, "extract-set")
        found[host] = {"host": host.hex(), "addresses": addresses, "pieces": count,
                       "bytes": sum(size for _, size in held), "set_hash": said_hash.hex()}
    must(found, "extract-type")
    return [said for _, said in sorted(found.items())]
