#!/usr/bin/python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Restore a file from a folder of pieces and the owner's words.

    restore.py --pieces DIR -o OUT < words
    restore.py --pieces DIR -o OUT --key-file KEY [--passphrase-file P]

Pieces are files named by their id in hex; beside each its tag, ID.tag.  Where
the folder has pieces of several files, --list shows them, and --file F (hex,
or its beginning) chooses one.
"""

import argparse
import os
import pathlib
import sys
import time

from inxt_reference import keys, restore
from inxt_reference.notation import Refused, must, to_json


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--pieces", type=pathlib.Path, required=True)
    parser.add_argument("-o", "--output", type=pathlib.Path)
    parser.add_argument("--key-file", type=pathlib.Path)
    parser.add_argument("--passphrase-file", type=pathlib.Path)
    parser.add_argument("--file", default="")
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args()
    if not options.list and not options.output:
        parser.error("-o OUT is missing")

    if options.key_file:
        passphrase = options.passphrase_file
        owner = keys.read_key_file(options.key_file.read_bytes(),
                                   passphrase and passphrase.read_bytes().rstrip(b"\n"))
        must(isinstance(owner, keys.Owner), "key-kind", "an uploader's key opens no tags",
             "wrong_key")
    else:
        owner = keys.Owner(keys.words_to_entropy(sys.stdin.buffer.read()))

    tags = {bytes.fromhex(path.stem): path.read_bytes() for path in options.pieces.glob("*.tag")
            if len(path.stem) == 64}

    def say(name, why):
        print(f"{name.hex()}.tag: passed over: {why}", file=sys.stderr)

    def get(name):
        path = options.pieces / name.hex()
        return path.read_bytes() if path.is_file() else None

    found = restore.from_tags(tags, owner, time.time(), say)
    chosen = [s for s in found.values() if s.header.file.hex().startswith(options.file)]
    if options.list:
        for source in chosen:
            shown = {k: v.decode("utf-8", "backslashreplace") if isinstance(v, bytes) else v
                     for k, v in source.private.items()}
            print(to_json({"file": source.header.file.hex(), "pieces": len(source.pieces),
                           **shown}))
        return
    must(chosen, "not-found", "no file of this owner is here", "not_found")
    must(len(chosen) == 1, "usage", "several files are here: use --list, --file", "usage")
    data = restore.join(chosen[0], get)
    part = options.output.with_name(options.output.name + ".part")
    part.write_bytes(data)
    os.replace(part, options.output)


if __name__ == "__main__":
    try:
        main()
    except Refused as refused:
        print(f"restore.py: {refused}", file=sys.stderr)
        sys.exit(refused.status)
