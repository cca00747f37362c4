// SPDX-License-Identifier: LGPL-3.0-or-later
// The two ways behind hash_blocks (crypto/hash.h).  Only for it, for proof/verify_pair.h and for tests.
// SHA-256 is a chain of dependent instructions: one stream leaves the CPU's SHA unit idle half of the time.
// The blocks of a piece, and the proofs of an answer, are independent, so two at once take hardly longer than one.
#pragma once

#include "crypto/hash.h"

namespace inxt::crypto {

/// Whether this CPU has what hash_pair needs (x86 SHA extensions and SSE4.1).
bool pair_supported();

/// SHA-256 of prefix || a and of prefix || b, both of `bytes` bytes.  REQUIRES: pair_supported().
void hash_pair(const std::byte* a, const std::byte* b, std::size_t bytes, std::byte prefix, Hash& hash_a,
               Hash& hash_b);

/// hash_blocks on any CPU.
void hash_blocks_one_by_one(ByteView data, std::size_t block_bytes, std::byte prefix, std::span<Hash> out);

}  // namespace inxt::crypto
