# SPDX-License-Identifier: AGPL-3.0-or-later
"""inxt-manifest(5), THE CIPHERTEXT: encryption, compression, padding.

Python 3.11 has no zstd: one frame is compressed and decompressed by the zstd
program.
"""

import subprocess

from .notation import ctr, hkdf, must

FRAME_BYTES = 1048576
ZSTD_WINDOW_BYTES_MAX = 8 * 1048576
ZSTD_MAGIC = 0xFD2FB528
TABLE_MAGIC = 0x184D2A5E
TABLE_END = 0x8F92EAB1


def data_key(secret, file):
    return hkdf(secret, file, "inxt/v1/data-key")


def crypt(secret, file, data):
    return ctr(data_key(secret, file), data)


# --- padding ---------------------------------------------------------------


def padme(n):
    if n < 2:
        return n
    e = n.bit_length() - 1
    s = e.bit_length()
    z = e - s
    return (n + (1 << z) - 1) >> z << z


def pad(data):
    return (data + b"\x80").ljust(padme(len(data) + 1), b"\0")


def unpad(text):
    data = text.rstrip(b"\0")
    must(data[-1:] == b"\x80", "padding-missing")
    must(padme(len(data)) == len(text), "padding-length")
    return data[:-1]


# --- the zstd seekable format ----------------------------------------------


def le32(n):
    return n.to_bytes(4, "little")


def seek_table(sizes):
    """sizes: (compressed, decompressed) of each frame"""
    entries = b"".join(le32(c) + le32(d) for c, d in sizes)
    footer = le32(len(sizes)) + b"\0" + le32(TABLE_END)
    return le32(TABLE_MAGIC) + le32(len(entries) + len(footer)) + entries + footer


def _zstd(*options, data):
    done = subprocess.run(["zstd", "-q", "-c", *options], input=data, capture_output=True)
    must(done.returncode == 0, "zstd-frame", done.stderr.decode(errors="replace"))
    return done.stdout


def compress(data):
    frames = [data[i:i + FRAME_BYTES] for i in range(0, len(data), FRAME_BYTES)]
    packed = [_zstd("--no-check", data=frame) for frame in frames]
    return b"".join(packed) + seek_table([(len(p), len(f)) for p, f in zip(packed, frames)])


def read_table(data):
    """What a reader of ranges wants: (compressed, decompressed) of each frame."""
    def number(at):
        return int.from_bytes(data[at:at + 4], "little")
    must(len(data) >= 17 and data[-5] == 0 and number(len(data) - 4) == TABLE_END, "zstd-table")
    count = number(len(data) - 9)
    start = len(data) - (8 * count + 17)
    must(start >= 0 and number(start) == TABLE_MAGIC and number(start + 4) == 8 * count + 9,
         "zstd-table")
    sizes = [(number(at), number(at + 4)) for at in range(start + 8, start + 8 + 8 * count, 8)]
    must(sum(c for c, _ in sizes) == start, "zstd-table")
    return sizes


def _frame_end(data, at):
    """Where the zstd frame that begins at `at` ends (RFC 8878, 3.1.1); checks its window."""
    descriptor = data[at + 4] if at + 4 < len(data) else 0
    single = bool(descriptor & 0x20)
    at += 5
    window = 0
    if not single:
        must(at < len(data), "zstd-frame")
        exponent, mantissa = data[at] >> 3, data[at] & 7
        window = (1 << 10 + exponent) + (1 << 10 + exponent) // 8 * mantissa
        at += 1
    at += (0, 1, 2, 4)[descriptor & 3]
    size_bytes = (int(single), 2, 4, 8)[descriptor >> 6]
    must(at + size_bytes <= len(data), "zstd-frame")
    if single:
        window = int.from_bytes(data[at:at + size_bytes], "little") + 256 * (size_bytes == 2)
    must(window <= ZSTD_WINDOW_BYTES_MAX, "zstd-window")
    at += size_bytes
    last = False
    while not last:
        must(at + 3 <= len(data), "zstd-frame")
        head = int.from_bytes(data[at:at + 3], "little")
        last, kind, size = head & 1, head >> 1 & 3, head >> 3
        must(kind != 3, "zstd-frame")
        at += 3 + (1 if kind == 1 else size)
    at += 4 if descriptor & 4 else 0
    must(at <= len(data), "zstd-frame")
    return at


def decompress(data):
    out, at = [], 0
    while at < len(data):
        must(at + 8 <= len(data), "zstd-frame")
        magic = int.from_bytes(data[at:at + 4], "little")
        if magic & 0xFFFFFFF0 == 0x184D2A50:
            at += 8 + int.from_bytes(data[at + 4:at + 8], "little")
            must(at <= len(data), "zstd-frame")
            continue
        must(magic == ZSTD_MAGIC, "zstd-frame")
        end = _frame_end(data, at)
        out.append(_zstd("-d", data=data[at:end]))
        at = end
    return b"".join(out)


# --- the whole way ---------------------------------------------------------


def encode(data, private):
    if private.get("compression"):
        data = compress(data)
    return pad(data) if private.get("padding") else data


def decode(text, private):
    data = unpad(text) if private.get("padding") else text
    if private.get("compression"):
        data = decompress(data)
    must("length" not in private or len(data) == private["length"], "header-length")
    return data
