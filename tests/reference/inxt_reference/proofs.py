# SPDX-License-Identifier: AGPL-3.0-or-later
"""inxt-proof(5): challenge, answer, outcomes, verdict, bound, transcript, extract."""

from math import comb

from . import inventory, pieces, tokens
from .notation import (INTEGER_MAX, Members, Refused, b64, b64_decode, hex_decode, join_signed, labelled_hash, must,
                       parse_json, sha256, sign, split_signed, to_json, u64, verify)

SAMPLES_MAX = 65536
SAMPLES_PER_REQUEST_MAX = 256
REQUEST_BYTES_MAX = 65536
TRANSCRIPT_LINE_BYTES_MAX = 8192
REQUEST_LINE_BYTES_MAX = 131072
TRIES_MAX = 2
WITNESSES_MAX = 8
ANCHOR_MARGIN_S = 30
PERIOD_MAX = 7 * 86400
SIGNATURE_BYTES_MAX = 256
DAY_MS = 86400000
RTT_MS_MAX = 2000
SILENCE_MS = 60000
SET_SAMPLE_BYTES = 6400

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


def read_answer(data, host, challenge, request, samples, due=None, most=TRANSCRIPT_LINE_BYTES_MAX):
    """The lines of an answer that counts, and its time.  due: how many lines, if not one a sample."""
    lines = data.removesuffix(b"\n").split(b"\n")
    proofs, last = lines[:-1], lines[-1]
    try:
        must(len(last) + 1 <= TRANSCRIPT_LINE_BYTES_MAX, "line-too-long")
        m = Members(parse_json(last))
        must(m.text("type") == "answer", "answer-sig")
        signer, told, asked = m.hex("host"), m.hex("challenge"), m.hex("request")
        time = m.integer("time")
        count, digest = m.integer("proofs", 256), m.hex("hash")
        body, signature = split_signed(last)
        must(verify(signer, "inxt/v1/answer", body, signature), "answer-sig")
    except Refused as refused:
        raise Refused("answer-sig", str(refused)) from None
    must(signer == host, "answer-host")
    must(told == challenge, "answer-challenge")
    must(asked == sha256(request), "answer-request")
    must(count == samples and len(proofs) == (samples if due is None else due), "answer-proofs")
    must(all(len(line) + 1 <= most for line in lines), "answer-long")
    must(digest == sha256(b"".join(line + b"\n" for line in proofs)), "answer-hash")
    return proofs, time


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
        return "malformed"
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


def verdict(outcomes, late=0, anchored=True):
    """outcomes has None for a sample without an answer."""
    if any(o not in (None, "held", "released") for o in outcomes):
        return "failed"
    if None in outcomes:
        return "unreachable"
    if late:
        return "late"
    return "passed" if anchored else "unanchored"


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


# --- beacon, anchor, deadline ----------------------------------------------


def round_time(genesis, period, number):
    return genesis + (number - 1) * period


def first_round_at(genesis, period, time):
    return 1 if time <= genesis else (time - genesis + period - 1) // period + 1


def read_beacon(m):
    """A beacon line: (randomness, time or None, source, round chain or None)."""
    randomness = m.hex("randomness")
    must(m.has("time"), "member-missing")
    time = None if m.members["time"] is None else m.integer("time")
    source = m.text("source", 16)
    must(source in ("local", "given", "drand"), "beacon-source")
    must(source != "local" or time is None, "beacon-source")
    if source != "drand":
        must(not any(m.has(n) for n in ("round", "signature", "genesis_time", "period")),
             "beacon-source")
        return randomness, time, source, None
    number, signature = m.integer("round"), m.text("signature", 2 * SIGNATURE_BYTES_MAX)
    genesis, period = m.integer("genesis_time"), m.integer("period", PERIOD_MAX, 1)
    signature = hex_decode(signature, len(signature) // 2)
    must(1 <= number and number * period <= INTEGER_MAX - genesis, "beacon-round")
    must(time == round_time(genesis, period, number), "beacon-round")
    must(signature and sha256(signature) == randomness, "beacon-signature")
    return randomness, time, source, (genesis, period, number)


def anchors(beacon_time, commit_time, words, host, required=()):
    """By whose words the beacon is younger: (anchored, names); words: (witness, time) pairs."""
    if beacon_time is None or commit_time is None:
        return False, []
    latest = beacon_time - ANCHOR_MARGIN_S
    seen = sorted({witness for witness, time in words if witness != host and time <= latest})
    by = ["auditor"] * (commit_time <= latest) + [witness.hex() for witness in seen]
    return (all(r in seen for r in required) if required else bool(by)), by


def request_ms(rtt, disk, rate, samples, answer_bytes):
    return min(4 * rtt + samples * disk + (answer_bytes * 1000 + rate - 1) // rate + 200, SILENCE_MS)


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


def read_testimony(lines, deadline):
    """All tries of one request: how many, the last one's outcome, and when its answer was there.  deadline is None in version 1."""
    tries = 0
    while True:
        if tries and lines.kind() != "testimony":
            return tries, None, None
        m = lines.members("testimony", "transcript-order")
        tries += 1
        must(m.integer("try") == tries <= TRIES_MAX, "transcript-try")
        time = m.integer("time")
        elapsed = m.integer("elapsed_ms")
        said = m.text("outcome")
        must(said in ("answered", "late", "silent", "invalid"), "transcript-try")
        must(said != "late" or deadline is not None, "transcript-try")
        must(m.has("reason") == (said not in ("answered", "late")), "transcript-try")
        if said in ("answered", "late"):
            must(deadline is None or (said == "late") == (elapsed > deadline), "transcript-late")
            return tries, said, time + elapsed // 1000
        m.text("reason", 256)


def read_commit(lines, commitment):
    """The auditor's time, and the witnesses' words."""
    commit_time = lines.members("commit", "transcript-order").integer("time")
    words = []
    while lines.kind() == "witness":
        said = inventory.read_witness(lines.take())
        words.append((said["witness"], said["time"]))
        must(len(words) <= WITNESSES_MAX, "transcript-witness")
        must(said["hash"] == commitment, "transcript-witness")
    return commit_time, words


def read_deadline(lines, samples, answer_bytes):
    m = lines.members("deadline", "transcript-order")
    rtt, disk = m.integer("rtt_ms", DAY_MS), m.integer("disk_ms", DAY_MS)
    rate, until = m.integer("bytes_per_s", INTEGER_MAX, 1), m.integer("request_ms", DAY_MS)
    chosen = m.text("chosen", 16)
    must(chosen in ("measured", "given"), "transcript-deadline")
    must(chosen == "given" or rtt <= RTT_MS_MAX and
         until == request_ms(rtt, disk, rate, samples, answer_bytes), "transcript-deadline")
    return until


def _read_audit(lines, hosts, required):
    """One Host's section."""
    from . import inventory_audit   # which needs this module
    m = lines.members("audit", "transcript-order")
    version = m.integer("version")
    must(version in (1, 2), "transcript-version")
    host = m.hex("host")
    must(host not in hosts, "transcript-host")
    hosts.add(host)
    samples, confidence_ppm = m.integer("samples"), m.integer("confidence_ppm", 999999, 1)
    if version == 1:
        beacon, commitment = m.hex("beacon"), m.hex("set_hash")
        said_given = m.get("anchored", bool)
    else:
        kind, commitment = m.text("kind", 16), m.hex("commitment")
        must(kind in ("set", "inventory", "chain"), "transcript-kind")
        if kind != "set":
            return inventory_audit.read_section(lines, host, kind, commitment, samples,
                                                confidence_ppm, required)
    held = _read_set(lines, "transcript-set")
    must(set_hash(held) == commitment, "transcript-set")
    must(1 <= samples <= min(SAMPLES_MAX, block_total(held)), "transcript-samples")
    anchored, by, deadline, source = False, [], None, "given"
    if version > 1:
        commit_time, words = read_commit(lines, commitment)
        beacon, beacon_time, source, _ = read_beacon(lines.members("beacon", "transcript-order"))
        anchored, by = anchors(beacon_time, commit_time, words, host, required)
    elif not said_given:
        source = "local"
    challenge = Challenge(beacon, host, held, samples)
    if version > 1:
        first = min(samples, SAMPLES_PER_REQUEST_MAX)
        deadline = read_deadline(lines, first, first * SET_SAMPLE_BYTES)

    outcomes, retries, late = [], 0, 0
    for number, request in enumerate(challenge.requests):
        asked = challenge.samples[number * SAMPLES_PER_REQUEST_MAX:][:SAMPLES_PER_REQUEST_MAX]
        if lines.kind() != "request":
            break                      # not made any more
        body = lines.members("request", "transcript-order", REQUEST_LINE_BYTES_MAX).text("body")
        must(body.encode() == request, "transcript-request")
        tries, said, _ = read_testimony(lines, deadline)
        retries += tries - 1
        if said is None:
            outcomes += [None] * len(asked)
            continue
        late += len(asked) if said == "late" else 0
        # Counted, not recognised: whatever the Host wrote there, it signed.
        must(lines.at + len(asked) < len(lines.lines), "transcript-answer")
        answer = b"".join(lines.take() + b"\n" for _ in range(len(asked) + 1))
        try:
            proofs, _ = read_answer(answer, host, challenge.hash, request, len(asked))
        except Refused as refused:
            raise Refused("transcript-answer", str(refused)) from None
        outcomes += [outcome(line, name, block, challenge.sizes[name])
                     for line, (name, block) in zip(proofs, asked)]
    outcomes += [None] * (samples - len(outcomes))
    return {"host": host.hex(), "anchored": anchored, "anchored_by": by,
            "beacon": source, "pieces": len(held),
            "blocks": challenge.total, "samples": samples, "held": outcomes.count("held"),
            "failed": sum(o not in (None, "held") for o in outcomes),
            "missing": outcomes.count("missing"), "unanswered": outcomes.count(None),
            "late": late, "retries": retries, "verdict": verdict(outcomes, late, anchored),
            "bound": bound(challenge.total, samples, samples - outcomes.count("held"),
                           confidence_ppm)}


def read_transcript(data, required=()):
    """The verdicts, one for each Host of each run.  required: witnesses that must have seen it."""
    lines, audits = _Lines(data), []
    while lines.kind() is not None:
        hosts, first = set(), lines.at
        while lines.kind() == "audit":
            audits.append(_read_audit(lines, hosts, required))
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


# --- commitments and a beacon's file ---------------------------------------


def read_commitments(data):
    """What each Host is committed to, sorted by its id."""
    lines, found = _Lines(data), {}
    while lines.kind() is not None:
        m = lines.members("commitment", "commitments-order")
        m.refuse_crit()
        must(m.integer("version") == 1, "commitments-version")
        host, kind, commitment = m.hex("host"), m.text("kind", 16), m.hex("commitment")
        must(host not in found, "commitments-host")
        addresses = tokens.texts_of(m, "addresses")
        must(len(addresses) <= tokens.ADDRESSES_MAX and all(map(tokens.is_address, addresses)),
             "extract-addresses")
        must(kind in ("set", "inventory", "chain"), "transcript-kind")
        if kind == "set":
            count = m.integer("pieces", 2**31, 1)
            held = []
            while len(held) < count:
                line = lines.members("set", "commitments-order")
                name, size = line.hex("piece"), line.integer("size", pieces.PIECE_BYTES_MAX, 1)
                must(not held or name > held[-1][0], "commitments-what")
                held.append((name, size))
            must(set_hash(held) == commitment, "commitments-what")
        else:
            must(lines.kind() == "inventory", "commitments-order")
            line = lines.take()
            head = inventory.read_head(line)
            must(head["host"] == host and inventory.head_hash(line) == commitment,
                 "commitments-what")
        must(lines.kind() == "commit", "commitments-order")
        commit_time, words = read_commit(lines, commitment)
        found[host] = {"host": host.hex(), "addresses": addresses, "kind": kind,
                       "commitment": commitment.hex(), "time": commit_time,
                       "witnesses": [[witness.hex(), time] for witness, time in words]}
    must(found, "commitments-empty", status="usage")
    return [said for _, said in sorted(found.items())]


def read_beacon_file(data):
    """Randomness, and when it became known."""
    must(len(data) <= 65536, "beacon-file")
    text = data.strip(b" \t\r\n")
    try:
        said, other = parse_json(text), None
    except Refused as refused:
        first, newline, second = text.partition(b"\n")
        if not newline:
            raise Refused("beacon-file", str(refused)) from None
        try:
            said, other = parse_json(first.strip()), parse_json(second.strip())
        except Refused as second_refused:
            raise Refused("beacon-file", str(second_refused)) from None
        if "randomness" not in said:
            said, other = other, said
    m, chain = Members(said), Members(other if other is not None else said)
    if not m.has("round"):
        return {"randomness": m.hex("randomness").hex(), "time": m.integer("time")}
    must(chain.has("genesis_time") and chain.has("period"), "beacon-file")
    genesis, period = chain.integer("genesis_time"), chain.integer("period", PERIOD_MAX, 1)
    number, randomness = m.integer("round"), m.hex("randomness")
    signature = m.text("signature", 2 * SIGNATURE_BYTES_MAX)
    signature = hex_decode(signature, len(signature) // 2)
    must(1 <= number and number * period <= INTEGER_MAX - genesis, "beacon-round")
    must(signature and sha256(signature) == randomness, "beacon-signature")
    return {"randomness": randomness.hex(), "time": round_time(genesis, period, number)}
