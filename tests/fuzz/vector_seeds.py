#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Writes what tests/vectors has for a fuzz target into a folder, in the form that the target takes.

    vector_seeds.py TARGET FOLDER
"""

import base64
import json
import sys
from pathlib import Path

# target: {file of vectors: what the target wants before the input}
SOURCES = {
    "json": {"json": b""},
    "manifest": {"manifest": b"", "ciphertext": b"", "file": b"", "open": b"", "writer": b""},
    "token": {"token": b"\x80", "put-answer": b"\x80", "voucher": b"\x80"},
    "lease": {"lease": b"\x80"},
    "permit": {"permit": b"\x00"},
    "hosts": {"hosts": b""},
    "key_file": {"key-file": b"\x00", "host-backup": b"\x02"},
    "words": {"words": b""},
    "bech32": {"recipient": b""},
    "zstd": {"zstd": b"\x10"},
    "unpad": {"padding": b"\x20"},
    "local_paths": {"path": b""},
    "audit": {"audit-request": b"\x00", "audit-outcome": b"\x01"},
    "inventory": {"inventory-inclusion": b"\x00", "inventory-exclusion": b"\x01", "inventory-head": b"\x02",
                  "inventory-lookup": b"\x03", "witness": b"\x04", "witness-request": b"\x05"},
    "stored_piece": {"stored-piece": b"\x00"},
    "object_record": {"object-record": b"\x00"},
    "log_entry": {"log-entry": b"\x00"},
    "share": {"share-link": b"\x00", "share-file": b"\x01"},
    "bridge_bodies": {"share-request": b"\x01", "lease-request": b"\x02"},
    "care": {"care-request": b"\x01", "care-key": b"\x02", "care-report": b"\x03", "care-info": b"\x04",
             "care-place": b"\x05"},
    "transcript": {"transcript": b"", "inventory-transcript": b""},
}
SEED_BYTES_MAX = 65536


def from_b64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def input_of(vector):
    """The vector's input; None where it is made in another way (a count, a rule)."""
    if "input" in vector:
        return vector["input"].encode("utf-8", "surrogatepass")
    if "input_b64" in vector:
        return from_b64(vector["input_b64"])
    if "input_parts" in vector:  # base64 runs, and counts of zero bytes
        return b"".join(bytes(part) if isinstance(part, int) else from_b64(part) for part in vector["input_parts"])
    return None


def main():
    target, folder = sys.argv[1], Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    vectors = Path(__file__).resolve().parents[1] / "vectors"
    for name, prefix in SOURCES.get(target, {}).items():
        path = vectors / (name + ".json")
        if not path.exists():
            continue
        for number, vector in enumerate(json.loads(path.read_text(encoding="utf-8"))["vectors"]):
            seed = input_of(vector)
            if seed is not None and len(seed) < SEED_BYTES_MAX:
                (folder / f"{name}-{number}").write_bytes(prefix + seed)


if __name__ == "__main__":
    main()
