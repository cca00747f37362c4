# SPDX-License-Identifier: AGPL-3.0-or-later
"""inxt-piece(5), and "Segments" of inxt-manifest(5)."""

from . import tokens
from .notation import (Members, Refused, ctr, hkdf, labelled_hash, must, parse_json, sha256,
                       to_json, u32, u64)

PIECE_BYTES_MAX = 2097152
BLOCK_BYTES = 4096

# --- segments --------------------------------------------------------------


def round_up(n, to):
    return -(-n // to) * to


def shard_size(held, k):
    """The size of each shard of a segment that holds `held` bytes of ciphertext."""
    return max(16, round_up(-(-held // k), 16))


def segment_sizes(size, k, shard_bytes):
    """The ciphertext bytes of each segment; the last one is `last`."""
    full = k * shard_bytes
    count = max(1, -(-size // full))
    return [full] * (count - 1) + [size - (count - 1) * full]


def writer_shard_bytes(k, m):
    size = PIECE_BYTES_MAX
    while (k + m) * size > 33554432:
        size //= 2
    return size


def cut(ciphertext, k):
    """The data shards of one segment."""
    size = shard_size(len(ciphertext), k)
    filled = ciphertext.ljust(k * size, b"\0")
    return [filled[i * size:(i + 1) * size] for i in range(k)]


# --- parity: GF(2^8), polynomial 11d ---------------------------------------


def gf_multiply(a, b):
    product = 0
    while b:
        if b & 1:
            product ^= a
        a <<= 1
        if a & 0x100:
            a ^= 0x11D
        b >>= 1
    return product


PRODUCTS = [bytes(gf_multiply(a, b) for b in range(256)) for a in range(256)]
INVERSES = [0] + [PRODUCTS[a].index(1) for a in range(1, 256)]


def coding_matrix(k, m):
    """Identity above, inverse(i XOR j) below."""
    return [[int(i == j) for j in range(k)] for i in range(k)] + \
           [[INVERSES[i ^ j] for j in range(k)] for i in range(k, k + m)]


def combine(coefficients, shards):
    """sum of coefficient * shard, byte by byte"""
    total = 0
    for coefficient, shard in zip(coefficients, shards):
        total ^= int.from_bytes(shard.translate(PRODUCTS[coefficient]), "big")
    return total.to_bytes(len(shards[0]), "big")


def add_parity(data, m):
    """All k + m shards."""
    return [combine(row, data) for row in coding_matrix(len(data), m)]


def gf_invert(matrix):
    n = len(matrix)
    rows = [list(row) + [int(i == j) for j in range(n)] for i, row in enumerate(matrix)]
    for column in range(n):
        pivot = next(i for i in range(column, n) if rows[i][column])
        rows[column], rows[pivot] = rows[pivot], rows[column]
        scale = INVERSES[rows[column][column]]
        rows[column] = [PRODUCTS[scale][x] for x in rows[column]]
        for i in range(n):
            factor = rows[i][column]
            if i != column and factor:
                rows[i] = [x ^ PRODUCTS[factor][y] for x, y in zip(rows[i], rows[column])]
    return [row[n:] for row in rows]


def rebuild_data(shards, k, m):
    """The k data shards, from any k of `shards` (number -> bytes)."""
    numbers = sorted(shards)[:k]
    must(len(numbers) == k, "too-few-pieces", status="too_few_pieces")
    if numbers == list(range(k)):
        return [shards[i] for i in range(k)]
    matrix = coding_matrix(k, m)
    inverse = gf_invert([matrix[i] for i in numbers])
    return [combine(row, [shards[i] for i in numbers]) for row in inverse]


# --- seal ------------------------------------------------------------------


def seal_key(layout_key, file, segment, shard, mirror):
    return hkdf(layout_key, file, "inxt/v1/piece-seal", u64(segment) + u32(shard) + u32(mirror))


def seal(layout_key, file, place, shard):
    """Also takes the seal off: it is counter mode."""
    return ctr(seal_key(layout_key, file, *place), shard)


# --- tree and piece id -----------------------------------------------------


def blocks_of(piece):
    return [piece[i:i + BLOCK_BYTES] for i in range(0, len(piece), BLOCK_BYTES)]


def block_count(size):
    return -(-size // BLOCK_BYTES)


def block_size(size, block):
    return min(BLOCK_BYTES, size - block * BLOCK_BYTES)


def leaf(block):
    return sha256(b"\0" + block)


def node(left, right):
    return sha256(b"\1" + left + right)


def split_point(n):
    """The largest power of two below n."""
    return 1 << (n - 1).bit_length() - 1


def head_of(leaves):
    if len(leaves) == 1:
        return leaves[0]
    k = split_point(len(leaves))
    return node(head_of(leaves[:k]), head_of(leaves[k:]))


def path_of(leaves, i):
    if len(leaves) == 1:
        return []
    k = split_point(len(leaves))
    if i < k:
        return path_of(leaves[:k], i) + [head_of(leaves[k:])]
    return path_of(leaves[k:], i - k) + [head_of(leaves[:k])]


def path_length(n, i):
    if n == 1:
        return 0
    k = split_point(n)
    return 1 + (path_length(k, i) if i < k else path_length(n - k, i - k))


def head_from_path(digest, n, i, path):
    """The head that leaf i of n and its path lead to; the path has the right length."""
    if n == 1:
        return digest
    k = split_point(n)
    if i < k:
        return node(head_from_path(digest, k, i, path[:-1]), path[-1])
    return node(path[-1], head_from_path(digest, n - k, i - k, path[:-1]))


def id_of(size, head):
    return labelled_hash("inxt/v1/piece", u64(size) + head)


def piece_id(piece):
    must(len(piece) > 0, "piece-empty")
    must(len(piece) <= PIECE_BYTES_MAX, "piece-long")
    return id_of(len(piece), head_of([leaf(b) for b in blocks_of(piece)]))


def check_piece(piece, wanted):
    must(piece_id(piece) == wanted, "piece-id")
    return piece


# --- the stored piece ------------------------------------------------------

TRAILER_BYTES = 8192
GROUP = 64


def stored_bytes(size):
    blocks = block_count(size)
    return 4096 * blocks + 4096 * -(-blocks // GROUP) + TRAILER_BYTES


def tree_pages(leaves):
    groups = [leaves[i:i + GROUP] for i in range(0, len(leaves), GROUP)]
    heads = b"".join(map(head_of, groups))
    return [b"".join(group).ljust(32 * GROUP, b"\0") + heads.ljust(2048, b"\0")
            for group in groups]


def make_trailer(text):
    trailer = text.ljust(8156, b"\0") + u32(len(text))
    return trailer + sha256(trailer)


def make_stored(piece, account, offer, acceptance, receipt):
    leaves = [leaf(b) for b in blocks_of(piece)]
    text = to_json({"type": "stored-piece", "version": 1, "piece": piece_id(piece).hex(),
                    "size": len(piece), "root": head_of(leaves).hex(), "account": account.hex(),
                    "offer": offer, "acceptance": acceptance, "receipt": receipt}).encode()
    return piece.ljust(round_up(len(piece), 4096), b"\0") + b"".join(tree_pages(leaves)) + \
        make_trailer(text)


def read_stored(data):
    must(len(data) >= TRAILER_BYTES, "stored-size")
    trailer = data[-TRAILER_BYTES:]
    must(sha256(trailer[:8160]) == trailer[8160:], "stored-checksum")
    length = int.from_bytes(trailer[8156:8160], "big")
    must(length <= 8156, "stored-length")
    must(not any(trailer[length:8156]), "stored-zeros")
    m = Members(parse_json(trailer[:length]))
    must(m.text("type") == "stored-piece", "member-type")
    must(m.integer("version") == 1, "stored-version")
    said = {"piece": m.hex("piece"), "size": m.integer("size", PIECE_BYTES_MAX, 1),
            "root": m.hex("root"), "account": m.hex("account")}
    for name in ("offer", "acceptance", "receipt"):
        said[name] = m.text(name)
    size = said["size"]
    must(len(data) == stored_bytes(size), "stored-size")
    must(id_of(size, said["root"]) == said["piece"], "stored-root")

    count = block_count(size)
    must(not any(data[size:4096 * count]), "stored-zeros")
    pages = [data[4096 * (count + g):4096 * (count + g + 1)] for g in range(-(-count // GROUP))]
    leaves = []
    for g, page in enumerate(pages):
        here = min(GROUP, count - GROUP * g)
        leaves += [page[32 * i:32 * i + 32] for i in range(here)]
        must(not any(page[32 * here:2048]), "stored-zeros")
        must(not any(page[2048 + 32 * len(pages):]), "stored-zeros")
    must(pages == tree_pages(leaves) and head_of(leaves) == said["root"], "stored-page")
    piece = data[:size]
    for block, digest in zip(blocks_of(piece), leaves):
        must(leaf(block) == digest, "stored-block")
    said["bytes"] = piece
    return said


def check_stored_tokens(said):
    """The page does not ask for it; a careful reader may."""
    tokens.check_put_answer(said["offer"], said["acceptance"], said["receipt"])
    offer = tokens.read(said["offer"], "inxt-offer")
    if (offer["piece"], offer["size"], offer["iss"]) != \
            (said["piece"], said["size"], said["account"]):
        raise Refused("stored-tokens")
