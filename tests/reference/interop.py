#!/usr/bin/python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""The programs against this implementation: interop.py DIRECTORY-OF-PROGRAMS

Keys made by inxt-key are read here; files cut by inxt-encrypt and inxt-shard
are restored here from pieces, tags and words; files encoded here are decrypted
by inxt-encrypt; and the vectors of manifests and files go through it.
The last line is `N passed, 0 failed`.
"""

import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

from check_vectors import VECTORS
from inxt_reference import encoder, keys, notation
from inxt_reference.formats import input_of
from inxt_reference.notation import b64, b64_decode, sha256, to_json
from selftest import COUNTS, HERE, OWNER, check

BIN = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
WORDS = " ".join(keys.entropy_to_words(OWNER.entropy)).encode()


def run(folder, tool, *arguments, data=b""):
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder),
                   "XDG_CACHE_HOME": str(folder / "cache")}
    done = subprocess.run([BIN / tool, "--no-input", *map(str, arguments)], input=data,
                          capture_output=True, cwd=folder, env=environment, timeout=60)
    return done.returncode, done.stdout, done.stderr.decode(errors="replace")


def owner_key(folder):
    path = folder / "owner.key"
    path.write_bytes(keys.write_key_file("owner", keys.owner_public(OWNER),
                                         {"entropy": b64(OWNER.entropy)}))
    path.chmod(0o600)
    return path


def key_files(folder):
    made = folder / "made.key"
    status = run(folder, "inxt-key", "restore", "--no-passphrase", "-o", made, data=WORDS)[0]
    check("inxt-key restore", status == 0)
    check("owner's key file", keys.read_key_file(made.read_bytes()).id == OWNER.id)
    (folder / "passphrase").write_bytes(b"correct horse\n")
    with open(folder / "passphrase", "rb") as file:
        done = subprocess.run([BIN / "inxt-key", "restore", "-o", folder / "sealed.key",
                               "--passphrase-fd", str(file.fileno())], input=WORDS,
                              pass_fds=[file.fileno()], capture_output=True)
    check(f"inxt-key restore, sealed: {done.stderr}", done.returncode == 0)
    read = keys.read_key_file((folder / "sealed.key").read_bytes(), b"correct horse")
    check("sealed key file", read.id == OWNER.id)
    status, out, _ = run(folder, "inxt-key", "uploader", "7", "--key-file", made)
    check("inxt-key uploader", status == 0)
    read = keys.read_key_file(out)
    check("uploader's key file", (read.n, read.key) == (7, OWNER.uploader(7).key))
    (folder / "uploader.key").write_bytes(out)
    (folder / "uploader.key").chmod(0o600)


def restored(folder, name, data, lose, key="made.key", encrypt=(), shard=()):
    """The programs cut, this implementation restores."""
    (folder / "plain").write_bytes(data)
    status, head, say = run(folder, "inxt-encrypt", "--key-file", folder / key, *encrypt, "plain")
    check(f"{name}: inxt-encrypt: {say}", status == 0)
    there = folder / "pieces" / name
    there.mkdir(parents=True)
    status, text, say = run(folder, "inxt-shard", "--key-file", folder / key, "--dir", there,
                            *shard, data=head)
    check(f"{name}: inxt-shard: {say}", status == 0)
    found = [json.loads(line) for line in text.split(b"\n")[:-1]]
    found = [line for line in found if line["type"] == "piece"]
    chance = random.Random(name)
    for segment in {line["segment"] for line in found}:
        here = [line["id"] for line in found if line["segment"] == segment]
        for name_lost in chance.sample(here, lose):
            (there / name_lost).unlink()
    out = folder / "out"
    out.unlink(missing_ok=True)
    done = subprocess.run([HERE / "restore.py", "--pieces", there, "-o", out], input=WORDS,
                          capture_output=True)
    check(f"{name}: restore.py: {done.stderr}", done.returncode == 0)
    check(f"{name}: the same bytes", out.exists() and out.read_bytes() == data)


def decrypted(folder, name, data, private, **layout):
    """This implementation cuts, inxt-encrypt --decrypt restores."""
    made = encoder.Encoded(data, OWNER.recipient, OWNER.uploader(0), seed=name.encode(),
                           private={**private, "length": len(data)}, **layout)
    there = folder / "theirs" / name
    there.mkdir(parents=True)
    text = b""
    for line in made.lines:
        text += line + b"\n"
        members = notation.parse_json(line)
        if members["type"] == "piece":
            (there / members["id"]).write_bytes(made.pieces[bytes.fromhex(members["id"])])
            text += to_json({"type": "file", **{n: members[n] for n in (
                "segment", "shard", "mirror")}, "path": str(there / members["id"]), "offset": 0,
                "length": members["size"]}).encode() + b"\n"
    (there / "manifest").write_bytes(text)
    status, out, say = run(folder, "inxt-encrypt", "--decrypt", "--key-file",
                           folder / "owner.key", "--dir", there, there / "manifest")
    check(f"{name}: inxt-encrypt --decrypt: {status} {say}", status == 0 and out == data)


def vectors(folder):
    """Manifests and files: status and bytes as the vectors say."""
    there = folder / "vectors"
    there.mkdir()
    all_pieces = {}
    for vector in json.loads((VECTORS / "file.json").read_bytes())["vectors"]:
        all_pieces.update(vector["given"]["pieces"])
    every = []
    for fmt in ("file", "manifest"):
        every += json.loads((VECTORS / f"{fmt}.json").read_bytes())["vectors"]
    for vector in every:
        refused = vector["expect"] == "refused"
        if vector["given"].get("stage") == "shard" or \
                (vector["format"] == "manifest" and not refused):
            continue
        for old in there.iterdir():
            old.unlink()
        for name, piece in vector["given"].get("pieces", all_pieces).items():
            (there / name).write_bytes(b64_decode(piece))
        (there / "manifest").write_bytes(input_of(vector))
        status, out, say = run(folder, "inxt-encrypt", "--decrypt", "--key-file",
                               folder / "owner.key", "--dir", there, there / "manifest")
        good = status == vector["status"] if refused else \
            status == 0 and sha256(out).hex() == vector["value"]["sha256"]
        check(f"{vector['format']} {vector['name']}: status {status}: {say.strip()}", good)


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        owner_key(folder)
        key_files(folder)
        data = random.Random(2).randbytes(300000)
        text = b"to be or not to be " * 120000
        restored(folder, "4+2", data, 2, shard=["-e", "4+2", "-s", "4KiB"])
        restored(folder, "1+1", data, 1, shard=["-e", "1+1"])
        restored(folder, "mirrors", data, 2, shard=["-m", "3", "-s", "64KiB"])
        restored(folder, "empty", b"", 2, shard=["-e", "4+2"])
        restored(folder, "compressed and padded", text, 3, encrypt=["-z", "--pad"],
                 shard=["-e", "5+3", "-s", "4KiB"])
        restored(folder, "uploader", data, 2, key="uploader.key", shard=["-e", "4+2"])
        decrypted(folder, "plain", data, {}, k=4, m=2, shard_bytes=8192)
        decrypted(folder, "mirrors", data[:5000], {}, k=1, m=0, mirrors=2)
        decrypted(folder, "nothing", b"", {})
        decrypted(folder, "both", text, {"compression": "zstd", "padding": "padme"},
                  shard_bytes=4096)
        vectors(folder)
    print(f"{COUNTS[0]} passed, {COUNTS[1]} failed")
    return 1 if COUNTS[1] else 0


if __name__ == "__main__":
    sys.exit(main())
