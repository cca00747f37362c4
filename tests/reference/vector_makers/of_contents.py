# SPDX-License-Identifier: AGPL-3.0-or-later
"""inxt-manifest(5): compression, padding, and whole files."""

from inxt_reference import contents, encoder
from inxt_reference.notation import b64, u32
from selftest import HELLO, OWNER, TIME, certificate

from .common import E1, E2, ENTROPY, OTHER, accept, lines, refuse, two_segments


def raw_frame(data, checksum=False):
    """A zstd frame of raw and run-length blocks: the same for every compressor."""
    out = u32(contents.ZSTD_MAGIC)[::-1] + bytes([0xA0]) + contents.le32(len(data))
    blocks = [data[i:i + 131072] for i in range(0, len(data), 131072)] or [b""]
    for i, block in enumerate(blocks):
        run = len(block) > 1 and len(set(block)) == 1
        head = (i == len(blocks) - 1) | run << 1 | len(block) << 3
        out += head.to_bytes(3, "little") + (block[:1] if run else block)
    return out


def seekable(data):
    frames = [data[i:i + contents.FRAME_BYTES]
              for i in range(0, len(data), contents.FRAME_BYTES)]
    packed = list(map(raw_frame, frames))
    return b"".join(packed) + contents.seek_table(
        [(len(p), len(f)) for p, f in zip(packed, frames)])


def contents_vectors():
    for size in (0, 1, 2, 7, 21, 255, 1000):
        accept("padding", f"{size} bytes", contents.pad(bytes(i % 251 for i in range(size))))
    accept("padding", "data that ends in a marker", contents.pad(b"x\x80"))
    accept("padding", "data that ends in zeros", contents.pad(b"x" + bytes(9)))
    refuse("padding", "padding-missing", b"hello")
    refuse("padding", "padding-missing/zeros", bytes(16))
    refuse("padding", "padding-missing/empty", b"")
    refuse("padding", "padding-length/long", contents.pad(bytes(20)) + b"\0")
    refuse("padding", "padding-length/short", contents.pad(bytes(8))[:-1])
    refuse("padding", "padding-length/far", b"\x80" + bytes(15))

    table = contents.seek_table
    hello, long = seekable(HELLO), seekable(b"a" * 1048576 + b"b" * 1048576 + b"c" * 5)
    one = raw_frame(HELLO)
    # magic, no content size, window descriptor, one raw block "x"
    window = (lambda log, eighths=0: u32(contents.ZSTD_MAGIC)[::-1] + bytes(
        [0, (log - 10) << 3 | eighths]) + (1 | 1 << 3).to_bytes(3, "little") + b"x")
    fit = window(23)
    skip = contents.le32(0x184D2A50) + contents.le32(3) + b"abc"
    for name, data in {"empty": table([]), "hello": hello, "three frames": long,
                       "window of 8 MiB": fit + table([(len(fit), 1)])}.items():
        accept("zstd", name, data)
        accept("zstd-table", name, data)
    accept("zstd", "another skippable frame", skip + hello)
    accept("zstd", "the table is not looked at", one + table([(1, 1)]))
    accept("zstd", "no table", one)
    for name, data in {
            "zstd-frame": b"hello", "zstd-frame/cut": one[:-1], "zstd-frame/cut head": one[:5],
            "zstd-frame/rest": one + b"\0", "zstd-frame/cut table": hello[:-1],
            "zstd-frame/block type": one[:9] + bytes([one[9] | 6]) + one[10:],
            "zstd-frame/content size": one[:5] + contents.le32(22) + one[9:],
            "zstd-window": window(24), "zstd-window/a little": window(23, 1)}.items():
        refuse("zstd", name, data)
    start = len(one)
    for name, data in {
            "zstd-table/none": one, "zstd-table/empty": b"", "zstd-table/magic":
            one + b"\x5f" + hello[start + 1:], "zstd-table/end": hello[:-1] + b"\0",
            "zstd-table/checksums": hello[:-5] + b"\x80" + hello[-4:],
            "zstd-table/sum": one + table([(len(one) + 1, 21)]),
            "zstd-table/count": hello[:-9] + contents.le32(2) + hello[-5:],
            "zstd-table/huge count": hello[:-9] + b"\xff" * 4 + hello[-5:],
            "zstd-table/length": hello[:start + 4] + contents.le32(18) + hello[start + 8:],
            "zstd-table/cut": hello[-16:]}.items():
        refuse("zstd-table", name, data)


def file_vectors():
    def given(e, *lost, changed=()):
        held = {name.hex(): b64(p) for place, name in e.places.items() if place not in lost
                for p in [e.pieces[name]]}
        for place in changed:
            name = e.places[place].hex()
            held[name] = b64(bytes(len(e.pieces[e.places[place]])))
        return {"entropy": ENTROPY, "now": TIME, "pieces": held}
    accept("file", "example", E1.manifest(), **given(E1))
    for lost in range(3):
        accept("file", f"shard {lost} lost", E1.manifest(), **given(E1, (0, lost, 0)))
    accept("file", "a changed piece counts as lost", E1.manifest(),
           **given(E1, changed=[(0, 0, 0)]))
    accept("file", "two segments, one of each lost", E2.manifest(),
           **given(E2, (0, 0, 0), (1, 1, 0)))
    wide = two_segments(k=5, m=5, seed=b"wide")
    accept("file", "5+5, five lost", wide.manifest(), **given(wide, *[
        (0, i, 0) for i in (0, 2, 4, 6, 9)]))
    mirrors = two_segments(k=1, m=0, mirrors=3, seed=b"mirrors")
    accept("file", "mirrors, two lost", mirrors.manifest(), **given(mirrors, *[
        (i, 0, m) for i in range(3) for m in (i % 3, (i + 1) % 3)]))
    empty = encoder.Encoded(b"", OWNER.recipient, OWNER.uploader(0), seed=b"empty")
    accept("file", "empty", empty.manifest(), **given(empty, (0, 0, 0)))

    def coded(encoded, seed=b"coded", **private):
        return encoder.Encoded(HELLO, OWNER.recipient, OWNER.uploader(0), seed=seed,
                               encoded=encoded, private=private)
    both = coded(contents.pad(seekable(HELLO)), length=21, compression="zstd", padding="padme")
    accept("file", "compressed and padded", both.manifest(), **given(both, (0, 1, 0)))
    delegated = encoder.Encoded(HELLO, OWNER.recipient, OWNER.uploader(1), seed=b"delegated",
                                certificate=certificate())
    accept("file", "from a delegated uploader", delegated.manifest(), **given(delegated))
    refuse("file", "too-few-pieces", E1.manifest(), status="too_few_pieces",
           **given(E1, (0, 0, 0), (0, 2, 0)))
    refuse("file", "too-few-pieces/second segment", E2.manifest(), status="too_few_pieces",
           **given(E2, (1, 0, 0), (1, 2, 0)))
    refuse("file", "piece-id/too few others", E1.manifest(),
           **given(E1, (0, 0, 0), changed=[(0, 1, 0)]))
    for reason, e in {
            "header-length/longer": coded(HELLO, length=20), "header-length/shorter":
            coded(HELLO, length=22), "padding-missing": coded(HELLO, padding="padme"),
            "padding-length": coded(HELLO + b"\x80\0\0\0", padding="padme"),
            "zstd-frame": coded(HELLO, compression="zstd")}.items():
        refuse("file", reason, e.manifest(), **given(e))
    foreign = encoder.Encoded(HELLO, OWNER.recipient, OTHER.uploader(0), seed=b"foreign")
    refuse("file", "writer-unknown", foreign.manifest(), status="denied", **given(foreign))
    refuse("file", "no-seal", lines(*E1.lines[:-1]), **given(E1))
