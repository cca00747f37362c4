# SPDX-License-Identifier: AGPL-3.0-or-later
"""inxt-inventory(5): contracts, tree, head, inclusion, exclusion, lookup, witness."""

from . import pieces
from .notation import (Members, Refused, b64, b64_decode, join_signed, labelled_hash, must,
                       parse_json, sign, split_signed, to_json, u32, u64, verify)

EPOCH_SECONDS = 3600
BLOCKS_END = 2**40
BYTES_END = 2**52
COUNT_MAX = 2**31
STEPS_MAX = 100
CONTRACTS_LISTED_MAX = 100
CONTRACT_PATH_MAX = 31
LOOKUP_PIECES_MAX = 256
LOOKUP_BYTES_MAX = 65536
WITNESS_BYTES_MAX = 256
LINE_BYTES_MAX = 8192

EMPTY = (bytes(32), 0, 0)      # a subtree is (hash, blocks, bytes)


# --- contracts -------------------------------------------------------------


def blinded(contract_hash):
    return labelled_hash("inxt/v1/blinded-contract", contract_hash)


def contracts_root(contracts):
    return pieces.head_of([pieces.leaf(c) for c in contracts])


# --- tree ------------------------------------------------------------------


def bit(name, number):
    return name[number // 8] >> (7 - number % 8) & 1


def prefix(name, bits):
    kept = int.from_bytes(name, "big") >> (256 - bits) << (256 - bits)
    return kept.to_bytes(32, "big")


def sound(blocks, size):
    """What every leaf and node holds to."""
    return 1 <= blocks <= size <= 4096 * blocks and blocks < BLOCKS_END and size < BYTES_END


def check_leaf(leaf):
    must(1 <= leaf[1] <= pieces.PIECE_BYTES_MAX, "leaf-size")
    must(1 <= leaf[2] <= COUNT_MAX, "leaf-count")


def leaf_branch(leaf):
    """leaf is (piece, size, count, root)."""
    name, size, count, root = leaf
    return (labelled_hash("inxt/v1/inventory-leaf", name + u64(size) + u32(count) + root),
            pieces.block_count(size), size)


def node_branch(bits, start, left, right):
    def child(branch):
        return branch[0] + u64(branch[1]) + u64(branch[2])
    return (labelled_hash("inxt/v1/inventory-node",
                          bits.to_bytes(2, "big") + start + child(left) + child(right)),
            left[1] + right[1], left[2] + right[2])


class Tree:
    """All of it in memory, made bit by bit."""

    def __init__(self, leaves):
        for leaf in leaves:
            check_leaf(leaf)
        must(all(a[0] < b[0] for a, b in zip(leaves, leaves[1:])), "leaf-order")
        self.root = self._make(leaves, 0) if leaves else None

    def _make(self, leaves, number):
        if len(leaves) == 1:
            return {"branch": leaf_branch(leaves[0]), "leaf": leaves[0]}
        sides = [[leaf for leaf in leaves if bit(leaf[0], number) == side] for side in (0, 1)]
        if not all(sides):
            return self._make(sides[0] or sides[1], number + 1)
        left, right = (self._make(side, number + 1) for side in sides)
        start = prefix(leaves[0][0], number)
        return {"branch": node_branch(number, start, left["branch"], right["branch"]),
                "bits": number, "prefix": start, "children": (left, right)}

    @property
    def branch(self):
        return self.root["branch"] if self.root else EMPTY

    def way(self, name):
        """Steps towards an id, and what stands at the end: None, a leaf or a node."""
        steps, at = [], self.root
        while at and "bits" in at and prefix(name, at["bits"]) == at["prefix"]:
            side = bit(name, at["bits"])
            steps.append((at["bits"], *at["children"][1 - side]["branch"]))
            at = at["children"][side]
        return steps, at


def climb(name, end_bits, branch, steps):
    """The root above `branch`, and the blocks to its left."""
    must(len(steps) <= STEPS_MAX, "steps-count")
    below, first = end_bits, 0
    for bits, digest, blocks, size in reversed(steps):
        must(bits < below, "steps-bits")
        below = bits
        must(sound(blocks, size), "steps-sums")
        beside, start = (digest, blocks, size), prefix(name, bits)
        if bit(name, bits):
            first += blocks
            branch = node_branch(bits, start, beside, branch)
        else:
            branch = node_branch(bits, start, branch, beside)
        must(sound(*branch[1:]), "steps-sums")
    return branch, first


# --- head ------------------------------------------------------------------


def make_head(seed, host, time, previous, count, branch):
    body = to_json({"type": "inventory", "version": 1, "host": host.hex(),
                    "epoch": time // EPOCH_SECONDS, "time": time,
                    "previous": previous.hex() if previous else None, "pieces": count,
                    "blocks": branch[1], "bytes": branch[2],
                    "root": branch[0].hex()}).encode()[:-1]
    return join_signed(body, sign(seed, "inxt/v1/inventory-head-line", body))


def head_hash(line):
    return labelled_hash("inxt/v1/inventory-head", split_signed(line)[0])


def typed(line, kind, reason):
    must(len(line) < LINE_BYTES_MAX, "line-too-long")
    m = Members(parse_json(line))
    must(m.text("type") == kind, reason)
    return m


def read_head(line):
    m = typed(line, "inventory", "head-type")
    m.refuse_crit()
    must(m.integer("version") == 1, "head-version")
    host, epoch, time = m.hex("host"), m.integer("epoch"), m.integer("time")
    must(epoch == time // EPOCH_SECONDS, "head-epoch")
    must(m.has("previous"), "member-missing")
    previous = None if m.members["previous"] is None else m.hex("previous")
    count, blocks, size = m.integer("pieces"), m.integer("blocks"), m.integer("bytes")
    root = m.hex("root")
    if count == 0:
        must((root, blocks, size) == EMPTY, "head-empty")
    else:
        must(sound(blocks, size), "head-sums")
        must(count <= blocks, "head-pieces")
    body, signature = split_signed(line)
    must(verify(host, "inxt/v1/inventory-head-line", body, signature), "sig-wrong")
    return {"host": host, "epoch": epoch, "time": time, "previous": previous, "pieces": count,
            "blocks": blocks, "bytes": size, "root": root, "hash": head_hash(line)}


def conflict(a, b):
    """Two heads that one honest Host cannot have signed."""
    return (a["host"] == b["host"] and a["hash"] != b["hash"]
            and (a["epoch"] == b["epoch"] or a["previous"] == b["previous"]))


def follows(head, after):
    return (after["host"] == head["host"] and after["previous"] == head["hash"]
            and after["epoch"] > head["epoch"])


# --- inclusion and exclusion -----------------------------------------------


def _steps_json(steps):
    return [[bits, b64(digest), blocks, size] for bits, digest, blocks, size in steps]


def _leaf_json(leaf):
    return {"piece": leaf[0].hex(), "size": leaf[1], "count": leaf[2], "root": b64(leaf[3])}


def _branch_json(branch):
    return [b64(branch[0]), *branch[1:]]


def make_inclusion(tree, name, **members):
    """members: contract, contracts."""
    steps, end = tree.way(name)
    return to_json({"type": "inclusion", **_leaf_json(end["leaf"]),
                    "steps": _steps_json(steps), **members}).encode()


def make_exclusion(tree, name):
    steps, at = tree.way(name)
    if at is None:
        end = {"empty": True}
    elif "leaf" in at:
        end = {"leaf": _leaf_json(at["leaf"])}
    else:
        left, right = (_branch_json(child["branch"]) for child in at["children"])
        end = {"node": {"bits": at["bits"], "prefix": at["prefix"].hex(), "left": left,
                        "right": right}}
    return to_json({"type": "exclusion", "piece": name.hex(), "steps": _steps_json(steps),
                    "end": end}).encode()


def listed_contract(contracts, index):
    leaves = [pieces.leaf(c) for c in contracts]
    return {"index": index, "path": [b64(h) for h in pieces.path_of(leaves, index)]}


def _read_branch(entry, reason):
    """A list of hash, blocks, bytes."""
    try:
        must(isinstance(entry, list) and len(entry) == 3, reason)
        m = Members(dict(zip(("hash", "blocks", "bytes"), entry)))
        return m.b64("hash", 32), m.integer("blocks"), m.integer("bytes")
    except Refused as refused:
        raise Refused(reason, str(refused)) from None


def _read_steps(m):
    try:
        entries = m.get("steps", list)
    except Refused as refused:
        raise Refused("steps-form", str(refused)) from None
    must(len(entries) <= STEPS_MAX, "steps-count")
    steps = []
    for entry in entries:
        must(isinstance(entry, list) and len(entry) == 4, "steps-form")
        try:
            bits = Members({"bits": entry[0]}).integer("bits", 255)
        except Refused as refused:
            raise Refused("steps-form", str(refused)) from None
        steps.append((bits, *_read_branch(entry[1:], "steps-form")))
    return steps


def _read_leaf(m):
    leaf = m.hex("piece"), m.integer("size"), m.integer("count"), m.b64("root", 32)
    check_leaf(leaf)
    return leaf


def _hashes(m, name, most, reason):
    try:
        entries = m.get(name, list)
        must(len(entries) <= most and all(isinstance(e, str) for e in entries), reason)
        return [b64_decode(e, 32) for e in entries]
    except Refused as refused:
        raise Refused(reason, str(refused)) from None


def _finding(m, leaf, asked):
    """What the line shows about the asked contract."""
    said = m.members.get("contract", ...)
    must(said is None or not m.has("contracts"), "contracts-form")
    if said is ...:
        return "not_asked"
    if said is None:
        if not m.has("contracts"):
            return "absent_by_word"
        listed = _hashes(m, "contracts", CONTRACTS_LISTED_MAX, "contracts-form")
        if asked is None:
            return "absent"
        must(len(listed) == leaf[2] and all(a < b for a, b in zip(listed, listed[1:]))
             and contracts_root(listed) == leaf[3], "contracts-list")
        must(asked not in listed, "contracts-asked")
        return "absent"
    must(isinstance(said, dict), "contract-form")
    try:
        index = Members(said).integer("index", COUNT_MAX - 1)
    except Refused as refused:
        raise Refused("contract-form", str(refused)) from None
    path = _hashes(Members(said), "path", CONTRACT_PATH_MAX, "contract-form")
    if asked is None:
        return "listed"
    must(index < leaf[2], "contract-index")
    must(len(path) == pieces.path_length(leaf[2], index)
         and pieces.head_from_path(pieces.leaf(asked), leaf[2], index, path) == leaf[3],
         "contract-path")
    return "listed"


def read_inclusion(line, asked=None):
    """asked: the blinded contract, if one was.  Without it, contracts are read and not checked."""
    m = typed(line, "inclusion", "inclusion-type")
    leaf = _read_leaf(m)
    steps = _read_steps(m)
    finding = _finding(m, leaf, asked)
    root, first = climb(leaf[0], 256, leaf_branch(leaf), steps)
    return {"piece": leaf[0], "root": root[0], "blocks": root[1], "bytes": root[2],
            "first": first, "contract": finding}


def _read_end(m, name):
    """How many bits its keys share, a key of them, and the subtree; None where it is empty."""
    try:
        end = m.get("end", dict)
        must(len(end) == 1, "end-form")
        (kind, value), = end.items()
        must(kind in ("empty", "leaf", "node"), "end-form")
        must(value is True if kind == "empty" else isinstance(value, dict), "end-form")
    except Refused as refused:
        raise Refused("end-form", str(refused)) from None
    if kind == "empty":
        return None
    said = Members(value)
    if kind == "leaf":
        leaf = _read_leaf(said)
        must(leaf[0] != name, "end-asked")
        return 256, leaf[0], leaf_branch(leaf)
    try:
        bits, start = said.integer("bits", 255), said.hex("prefix")
        left, right = (_read_branch(said.get(side, list), "end-form")
                       for side in ("left", "right"))
    except Refused as refused:
        raise Refused("end-form", str(refused)) from None
    branch = node_branch(bits, start, left, right)
    must(prefix(start, bits) == start, "end-node")
    must(all(sound(*b[1:]) for b in (left, right, branch)), "end-node")
    must(prefix(name, bits) != start, "end-asked")
    return bits, start, branch


def read_exclusion(line):
    m = typed(line, "exclusion", "exclusion-type")
    name, steps = m.hex("piece"), _read_steps(m)
    end = _read_end(m, name)
    if end is None:
        must(not steps, "end-empty")
        root = EMPTY
    else:
        bits, key, branch = end
        if steps:
            last = steps[-1][0] + 1
            must(last <= bits and prefix(name, last) == prefix(key, last), "end-beside")
        root, _ = climb(name, bits, branch, steps)
    return {"piece": name, "root": root[0], "blocks": root[1], "bytes": root[2]}


# --- lookup and witness ----------------------------------------------------


def make_lookup(head, asked):
    """asked: pairs of a piece id, and a blinded contract or None."""
    return to_json({"type": "lookup", "head": head.hex(), "pieces": [
        [name.hex(), contract.hex() if contract else None] for name, contract in asked]}).encode()


def read_lookup(data):
    must(len(data) <= LOOKUP_BYTES_MAX, "lookup-long")
    m = Members(parse_json(data))
    must(m.text("type") == "lookup", "lookup-type")
    head = m.hex("head")
    try:
        entries = m.get("pieces", list)
        must(1 <= len(entries) <= LOOKUP_PIECES_MAX, "lookup-pieces")
        asked = []
        for entry in entries:
            must(isinstance(entry, list) and len(entry) == 2, "lookup-pieces")
            pair = Members({"piece": entry[0], "contract": entry[1]})
            asked.append((pair.hex("piece"),
                          None if entry[1] is None else pair.hex("contract")))
    except Refused as refused:
        raise Refused("lookup-pieces", str(refused)) from None
    return head, asked


def make_witness_request(digest):
    return to_json({"hash": digest.hex()}).encode()


def read_witness_request(data):
    must(len(data) <= WITNESS_BYTES_MAX, "witness-long")
    return Members(parse_json(data)).hex("hash")


def make_witness(seed, public, digest, time):
    body = to_json({"type": "witness", "hash": digest.hex(), "witness": public.hex(),
                    "time": time}).encode()[:-1]
    return join_signed(body, sign(seed, "inxt/v1/witness", body))


def read_witness(line):
    m = typed(line, "witness", "witness-type")
    digest, public, time = m.hex("hash"), m.hex("witness"), m.integer("time")
    body, signature = split_signed(line)
    must(verify(public, "inxt/v1/witness", body, signature), "sig-wrong")
    return {"hash": digest, "witness": public, "time": time}
