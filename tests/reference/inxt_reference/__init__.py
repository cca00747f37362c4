# SPDX-License-Identifier: AGPL-3.0-or-later
"""The second implementation of inxt's formats, written from the manual alone.

It is meant to be read: each module follows one page of the manual, in the
page's order and with the page's words.  It is slow, and holds everything in
memory.

    notation   inxt-labels(5), and the strict JSON of inxt-manifest(5)
    keys       inxt-key(5)
    tokens     inxt-token(5), inxt-descriptor(5)
    manifest   inxt-manifest(5): lines, signatures, order, seal, known writers
    contents   inxt-manifest(5): the ciphertext, compression, padding
    pieces     inxt-piece(5), and "Segments" of inxt-manifest(5)
    tags       inxt-tag(5)
    proofs     inxt-proof(5)
    restore    a file from a folder of pieces
    encoder    the way there: a file into manifest, pieces and tags

Every refusal is a notation.Refused with the name that the manual gives it.
"""
