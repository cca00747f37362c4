#!/usr/bin/python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Write tests/vectors/*.json, one file for each format.  Deterministic.

A file is one JSON object, {"license": ..., "format": ..., "count": ..., "vectors": [...]}, one
vector on each line.  A vector has

    format    the file's
    name      what it shows; of a refusal, REASON or REASON/what
    expect    "accepted" or "refused"
    reason    where refused: the name that the manual gives to it
    status    where refused: the number of EXIT STATUS in inxt(7)
    given     what the reader is told or holds, by format, below
    input     the text to read, exactly (no newline is added), or
    input_b64 its bytes in b64 (base64url without padding), where it is
              binary or not UTF-8, or
    input_parts  a list: a text is bytes in b64, an integer that many zero bytes; the input
              is all of them in order, or
    input_count  n: the input has n bytes, byte i is i mod 251
    value     where accepted: what was read, by format, below

A reader agrees if it accepts and refuses as expected, with this status, and
finds these values.  The reason is there for people: of two programs one may
name another reason where several hold.  (The C++ names it in its messages about
an audit's request and answer, and must name this one.)  Bytes of 16 and 32 are hex, others
b64, unless it says otherwise; entropy is the hex of an owner's 16 or 32 bytes
behind the words.

    format          input                 given; value
    json            one object            -; keys: names of its members
    b64             a text                size (optional); hex
    labels          what follows L's 00   function: hkdf, hash, sign; label; key, salt | seed;
                                          key | hash | public, sig
    words           words as typed        host, uploader; every derived key
    recipient       Bech32                -; key
    key-file        the file              passphrase (optional); kind and keys
    host-backup     a Host's backup       passphrase (optional); its id, seed and former ids
    manifest        the lines             stage: "shard" (what inxt-encrypt writes) or "pieces";
                                          counts and hashes
    open            a whole manifest      entropy; secret, private (name_b64: the name's bytes)
    writer          a header line without newline
                                          now, entropy (the reader's own), owners, trusted;
                                          by: "trusted", "own" or "certificate"
    path            a path of a ciphertext or file line; ROOT in it is an absolute folder that
                    the program makes     folders: those allowed, directories, files (name ->
                                          b64), links (name -> target), all below ROOT; found:
                                          the file, below ROOT
    ciphertext      lines of stage shard  the same as for path; the ciphertext
    segments        -                     bytes, k, shard_bytes; counts and sizes
    parity          k data shards, one behind the other
                                          k, m; the m parity shards
    seal            a shard               seal_key, file, segment, shard, mirror; key, piece, id
    piece           a piece               block, id (optional: what it must have); id, head,
                                          leaf and path of the block, size of the stored file,
                                          SHA-256 of the tree pages
    stored-piece    a file of a store     -; what its trailer says
    tag             a tag                 entropy, id (optional: of the piece it came with); what
                                          is in it
    token           a token               typ, now (optional: times are then checked); payload
    put-answer      -                     offer, acceptance, receipt; their hashes
    renewed         -                     offer, acceptance, renewal, renewal_acceptance, successors
                                          (optional: ids of the Host since); hash of the renewal,
                                          end of the term
    voucher         a voucher             account and host that it is shown by and at, now; its
                                          Bridge, exp, bytes where it says so
    permit          a chain of permits    bridge, client, now; owner, can, quota_bytes and object
                                          where there is one
    lease           capability~lease      client, hosts (ids of the Host, now or before), piece,
                                          now; account, its Bridge, exp
    hosts           a hosts file          -; hosts, sorted by id, with the descriptor that counts;
                                          each id -> the Host that it stands for, ids disputed,
                                          Hosts for new pieces
    audit-challenge -                     beacon, host, set: [id, size]..., asked; hashes, and
                                          the first sample
    audit-request   a request             -; challenge, number of samples, the last one
    audit-answer    an answer's lines     host, challenge, request (text), sizes (id -> size);
                                          outcomes in order, verdict
    audit-outcome   one proof line without newline
                                          piece, block, size; outcome
    audit-bound     -                     blocks, samples, bad; bound, at confidence 0.99
    transcript      a transcript          required: ids of witnesses (optional); audits: one object for
                                          each
    inventory-transcript
                    the same, over inventories
                                          the same
    extract         one extract, or more  -; hosts, sorted by id
    inventory       -                     leaves: [id, size, count, root in hex]..., asked: an id;
                                          root and sums, and the line about the id
    inventory-head  a head line without newline
                                          -; what it says, and its hash
    inventory-heads the same              before: another; whether they are in conflict, and
                                          whether the first follows the other
    inventory-inclusion, inventory-exclusion
                    a line without newline
                                          asked (optional: a blinded contract); root and sums,
                                          first, and what it shows of the contract
    inventory-lookup  a request           -; head, number of pieces, the last one
    witness-request a request             -; hash
    witness         a line without newline
                                          -; what it says
    commitments     a file of commitments  -; hosts, sorted by id
    beacon          a file with a beacon  -; randomness, time
    padding         padded text           -; data
    zstd            compressed data       -; SHA-256 of what it decompresses to
    zstd-table      the same, for a reader of ranges
                                          -; frames, bytes
    placement       -                     hosts: their numbers, in the order of MEMBERS in
                                          inxt_reference/placement.py; seed, bytes, layout, excluded,
                                          near_region, allow; groups (null where refused), Hosts found
    tree-key        -                     entropy; log id, keys
    object-record   a record without newline
                                          entropy; what it and its body say
    log-entry       an entry without newline
                                          entropy; what it says, and its operations
    log             entries               entropy; the last one's number and hash, and the tree: names (a folder's
                                          mode, or a version), objects without a name, kept versions, notes,
                                          shares, segments
    share-link      a link                -; its parts, and the keys that follow
    share-file      a line                entropy (the reader's); its secret, and what else it says
    share-bundle    a bundle              secret, writer; what it shows
    share-request   a body                -; what it says (bundle: b64)
    lease-request   a body                -; what it says
    care-request, care-key, care-report
                    a body                -; what it says
    care-info, care-place
                    a line without newline
                                          -; what it says
    file            a whole manifest      entropy, now, pieces (id -> b64); SHA-256 of the file
"""

import itertools
import json
import re
import sys

from check_vectors import VECTORS
from selftest import MANUAL
from vector_makers.common import made
from vector_makers.of_audits import audit_vectors
from vector_makers.of_care import care_vectors
from vector_makers.of_contents import contents_vectors, file_vectors
from vector_makers.of_permits import permit_vectors
from vector_makers.of_heartbeats import heartbeat_vectors, report_vectors
from vector_makers.of_inventories import inventory_vectors
from vector_makers.of_inventory_audits import inventory_audit_vectors
from vector_makers.of_keys import key_file_vectors, key_vectors
from vector_makers.of_labels import json_vectors, label_vectors
from vector_makers.of_leases import lease_vectors
from vector_makers.of_manifests import manifest_accepted, manifest_refused
from vector_makers.of_pieces import piece_vectors, stored_vectors
from vector_makers.of_placements import placement_vectors
from vector_makers.of_readers import ciphertext_vectors, open_vectors, path_vectors, writer_vectors
from vector_makers.of_shares import share_vectors
from vector_makers.of_successions import succession_vectors
from vector_makers.of_tokens import (hosts_vectors, renewal_vectors, tag_vectors, token_vectors,
                                      transfer_vectors)
from vector_makers.of_trees import entry_vectors, log_vectors, record_vectors, tree_key_vectors
from vector_makers.of_transcripts import commitment_vectors, second_vectors, transcript_vectors

# What a vector cannot show: modes of files, and what needs too much input.
NOT_SHOWN = {"key-mode", "ciphertext-sum", "hosts-count", "set-count"}


# Statuses of inxt(7) that need no further name.
NOT_IN_A_LIST = {"error", "too-few-pieces"}


def manual_reasons():
    """Every reason that section 5 of the manual and inxt-bridge(7) name."""
    reasons = set()
    for page in (*MANUAL.glob("*.5"), MANUAL / "inxt-bridge.7"):
        reasons |= set(re.findall(r"^\.It Sy ([a-z0-9]+(?:-[a-z0-9]+)+)$",
                                  page.read_text(), re.MULTILINE))
    return reasons


def main():
    for part in (json_vectors, label_vectors, key_vectors, key_file_vectors, manifest_accepted,
                 manifest_refused, open_vectors, writer_vectors, path_vectors,
                 ciphertext_vectors, piece_vectors, stored_vectors, tag_vectors, token_vectors,
                 renewal_vectors, transfer_vectors, heartbeat_vectors, report_vectors, lease_vectors, permit_vectors, hosts_vectors, succession_vectors, audit_vectors,
                 transcript_vectors, second_vectors, commitment_vectors, inventory_vectors, inventory_audit_vectors,
                 contents_vectors, file_vectors, placement_vectors, tree_key_vectors, record_vectors, entry_vectors,
                 log_vectors, share_vectors, care_vectors):
        part()
    VECTORS.mkdir(exist_ok=True)
    total = 0
    for fmt, vectors in made.items():
        text = ('{"license":"SPDX-License-Identifier: AGPL-3.0-or-later","format":"%s",'
                '"count":%d,"vectors":[\n' % (fmt, len(vectors)))
        text += ",\n".join(json.dumps(v, ensure_ascii=False, separators=(",", ":"))
                           for v in vectors) + "\n]}\n"
        (VECTORS / f"{fmt}.json").write_text(text)
        refused = sum(v["expect"] == "refused" for v in vectors)
        print(f"{fmt}: {len(vectors) - refused} accepted, {refused} refused, {len(text)} bytes")
        total += len(text)
    shown = {v.get("reason") for v in itertools.chain(*made.values())}
    missing = manual_reasons() - shown - NOT_SHOWN
    unnamed = shown - manual_reasons() - {None} - NOT_IN_A_LIST
    print(f"{sum(map(len, made.values()))} vectors, {total} bytes")
    if missing:
        print("reasons of the manual without a vector:", *sorted(missing))
    if unnamed:
        print("reasons that the manual does not name:", *sorted(unnamed))
    return 1 if missing or unnamed else 0


if __name__ == "__main__":
    sys.exit(main())
