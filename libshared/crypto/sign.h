// SPDX-License-Identifier: LGPL-3.0-or-later
// Ed25519 (RFC 8032) by libsodium.  What is signed is label || 0 || message, except for JWS tokens, whose signing input
// RFC 7515 fixes.
#pragma once

#include <initializer_list>

#include "base/result.h"
#include "crypto/secret.h"

namespace inxt::crypto {

using PublicKey = ByteArray<32>;
using Signature = ByteArray<64>;

class SigningKey {
 public:
  /// REQUIRES: seed.size() == 32.
  static SigningKey from_seed(ByteView seed);

  const PublicKey& public_key() const { return public_; }
  Signature sign(std::string_view label, std::initializer_list<ByteView> parts) const;
  /// Signs the message as it is.  Only for JWS and TLS, whose inputs carry their own context.
  Signature sign_raw(ByteView message) const;
  ByteView seed() const { return secret_.view().first(32); }
  SigningKey clone() const;

 private:
  Secret<64> secret_;  // libsodium's form: seed, public key
  PublicKey public_{};
};

/// False for a wrong signature, a key of small order, or a non-canonical encoding.
bool verify(const PublicKey& key, std::string_view label, std::initializer_list<ByteView> parts,
            ByteView signature);
bool verify_raw(const PublicKey& key, ByteView message, ByteView signature);

/// False when the 32 bytes are not a canonical point of the main subgroup.
bool is_valid_public_key(const PublicKey& key);

}  // namespace inxt::crypto
