// SPDX-License-Identifier: LGPL-3.0-or-later
#include "crypto/random.h"

#include <sodium.h>

#include <algorithm>

#include "base/check.h"

namespace inxt::crypto {

std::uint64_t Random::below(std::uint64_t bound) {
  CHECK_BUG(bound > 0);
  const std::uint64_t rejected =
      (std::uint64_t{0} - bound) % bound;  // 2^64 mod bound: as many low draws would be drawn too often
  for (;;) {
    const auto drawn = from_big_endian<std::uint64_t>(bytes<8>());
    if (drawn >= rejected) return drawn % bound;
  }
}

void SystemRandom::fill(ByteSpan out) {
  if (!out.empty()) randombytes_buf(out.data(), out.size());
}

SeededRandom::SeededRandom(std::uint64_t seed) {
  const auto bytes = big_endian(seed);
  std::copy(bytes.begin(), bytes.end(), key_.begin());
}

// ChaCha20's key stream; every call begins with a new block of it.
void SeededRandom::fill(ByteSpan out) {
  static constexpr std::size_t kBlockBytes = 64;
  static constexpr unsigned char kNonce[crypto_stream_chacha20_NONCEBYTES] = {};
  if (out.empty()) return;
  const std::uint64_t first_block = block_.fetch_add((out.size() + kBlockBytes - 1) / kBlockBytes);
  std::fill(out.begin(), out.end(), std::byte{0});
  crypto_stream_chacha20_xor_ic(raw(out), raw(out), out.size(), kNonce, first_block, raw(ByteView(key_)));
}

void start() {
  CHECK_BUG(sodium_init() >= 0);
}

}  // namespace inxt::crypto
