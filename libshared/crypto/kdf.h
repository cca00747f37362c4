// SPDX-License-Identifier: LGPL-3.0-or-later
// Keys from keys (HKDF-SHA256, RFC 5869) and from passphrases (Argon2id, RFC 9106).
#pragma once

#include "base/result.h"
#include "crypto/secret.h"

namespace inxt::crypto {

using Key = Secret<32>;

/// HKDF-SHA256(key, salt, info = label || 0 || parameters), 32 bytes.
Key derive(ByteView key, ByteView salt, std::string_view label, ByteView parameters = {});

inline constexpr std::size_t kHkdfInfoBytesMax = 1024;      // OpenSSL's own limit
inline constexpr std::size_t kHkdfOutBytesMax = 255 * 32;  // RFC 5869, section 2.3

/// RFC 5869 as it is, for its vectors; formats use derive().  An empty salt is 32 zero bytes.
/// REQUIRES: a key, and sizes within the limits above.
void hkdf_sha256(ByteView key, ByteView salt, ByteView info, ByteSpan out);

inline constexpr std::uint32_t kArgonMemoryKibMin = 8;      // Argon2's own
inline constexpr std::uint32_t kArgonMemoryKibMax = 65536;  // 64 MiB
inline constexpr std::uint32_t kArgonPassesMax = 16;

/// Argon2id version 1.3, one lane.  Errors: usage when a parameter is past its limit, failure when memory is short.
Result<Key> key_from_passphrase(ByteView passphrase, std::span<const std::byte, 16> salt,
                                std::uint32_t memory_kib, std::uint32_t passes);

}  // namespace inxt::crypto
