// SPDX-License-Identifier: LGPL-3.0-or-later
#include "crypto/sign.h"

#include <sodium.h>

#include <algorithm>

#include "base/check.h"

namespace inxt::crypto {
namespace {

Bytes labelled(std::string_view label, std::initializer_list<ByteView> parts) {
  std::size_t bytes = label.size() + 1;
  for (ByteView part : parts) bytes += part.size();
  Bytes message;
  message.reserve(bytes);
  append(message, view_of(label));
  message.push_back(std::byte{0});
  for (ByteView part : parts) append(message, part);
  return message;
}

}  // namespace

SigningKey SigningKey::from_seed(ByteView seed) {
  CHECK_BUG(seed.size() == crypto_sign_SEEDBYTES);
  SigningKey key;
  crypto_sign_seed_keypair(raw(ByteSpan(key.public_)), raw(key.secret_.span()), raw(seed));
  return key;
}

SigningKey SigningKey::clone() const {
  SigningKey copy;
  copy.secret_ = secret_.clone();
  copy.public_ = public_;
  return copy;
}

Signature SigningKey::sign(std::string_view label, std::initializer_list<ByteView> parts) const {
  return sign_raw(labelled(label, parts));
}

Signature SigningKey::sign_raw(ByteView message) const {
  Signature signature;
  crypto_sign_detached(raw(ByteSpan(signature)), nullptr, raw(message), message.size(), raw(secret_.view()));
  return signature;
}

bool verify(const PublicKey& key, std::string_view label, std::initializer_list<ByteView> parts,
            ByteView signature) {
  return verify_raw(key, labelled(label, parts), signature);
}

bool verify_raw(const PublicKey& key, ByteView message, ByteView signature) {
  // libsodium itself refuses keys of small order, keys and R that are not canonical, and S past the group's
  // order.
  return signature.size() == crypto_sign_BYTES &&
         crypto_sign_verify_detached(raw(signature), raw(message), message.size(), raw(ByteView(key))) == 0;
}

bool is_valid_public_key(const PublicKey& key) {
  return crypto_core_ed25519_is_valid_point(raw(ByteView(key))) == 1;
}

}  // namespace inxt::crypto
