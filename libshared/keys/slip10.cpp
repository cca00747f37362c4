// SPDX-License-Identifier: LGPL-3.0-or-later
#include "keys/slip10.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/check.h"

namespace inxt::keys {
namespace {

constexpr std::uint32_t kHardened = 0x80000000;

ChainKey split_hmac(ByteView key, ByteView message) {
  crypto::Secret<64> both;
  unsigned length = 0;
  auto* done = HMAC(EVP_sha512(), key.data(), static_cast<int>(key.size()), raw(message), message.size(),
                    raw(both.span()), &length);
  CHECK_BUG(done != nullptr && length == 64);
  return {crypto::Key(both.view().first<32>()), crypto::Key(both.view().last<32>())};
}

}  // namespace

ChainKey slip10_master(ByteView seed) {
  return split_hmac(view_of("ed25519 seed"), seed);
}

ChainKey slip10_child(const ChainKey& parent, std::uint32_t index) {
  CHECK_BUG(index < kHardened);
  crypto::SecretBytes message;
  message.append(ByteArray<1>{});
  message.append(parent.key.view());
  message.append(big_endian(index | kHardened));
  return split_hmac(parent.chain.view(), message.view());
}

ChainKey slip10(ByteView seed, std::span<const std::uint32_t> path) {
  ChainKey key = slip10_master(seed);
  for (std::uint32_t index : path) key = slip10_child(key, index);
  return key;
}

}  // namespace inxt::keys
