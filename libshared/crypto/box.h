// SPDX-License-Identifier: LGPL-3.0-or-later
// Sealing for somebody (libsodium's sealed box: X25519, XSalsa20-Poly1305) and for a key (XChaCha20-Poly1305, IETF).
#pragma once

#include "base/result.h"
#include "crypto/kdf.h"
#include "crypto/random.h"

namespace inxt::crypto {

inline constexpr std::size_t kSealedBoxOverheadBytes = 48;
inline constexpr std::size_t kAeadOverheadBytes = 24 + 16;  // nonce before, tag behind

/// The X25519 public key of a secret one.  REQUIRES: secret.size() == 32.
ByteArray<32> x25519_public(ByteView secret);

/// Anyone can seal; only the holder of the secret key opens.
/// Errors: integrity when the recipient's key is of small order.
Result<Bytes> seal_to(const ByteArray<32>& recipient, ByteView plain);
/// Errors: wrong_key when it was sealed to another key or altered.
Result<SecretBytes> open_sealed(ByteView recipient_secret, ByteView sealed);

/// nonce || ciphertext || tag.
Bytes aead_seal(Random& random, const Key& key, ByteView associated, ByteView plain);
/// Errors: integrity when key, associated data or text differ.
Result<SecretBytes> aead_open(const Key& key, ByteView associated, ByteView sealed);

}  // namespace inxt::crypto
