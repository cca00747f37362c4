// SPDX-License-Identifier: LGPL-3.0-or-later
#include "crypto/ctr.h"

#include <openssl/evp.h>

#include <algorithm>

#include "base/check.h"

namespace inxt::crypto {
namespace {

constexpr std::size_t kAesBytes = 16;
constexpr std::size_t kUpdateBytesMax = std::size_t{1} << 30;  // EVP counts in int

// Looked up once: a look-up costs more than a small range.
const EVP_CIPHER* algorithm() {
  static EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-CTR", nullptr);
  CHECK_BUG(cipher != nullptr);
  return cipher;
}

}  // namespace

struct Ctr::State {
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  State() { CHECK_BUG(context != nullptr); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { EVP_CIPHER_CTX_free(context); }  // wipes the key
};

Ctr::Ctr(ByteView key, std::uint64_t offset_bytes) : state_(std::make_unique<State>()) {
  CHECK_BUG(key.size() == 32);
  ByteArray<kAesBytes> counter{};
  const auto block = big_endian(offset_bytes / kAesBytes);
  std::copy(block.begin(), block.end(), counter.begin() + 8);
  CHECK_BUG(EVP_EncryptInit_ex2(state_->context, algorithm(), raw(key), raw(ByteView(counter)), nullptr) ==
            1);
  ByteArray<kAesBytes> skipped{};
  apply(ByteSpan(skipped).first(offset_bytes % kAesBytes));
}

Ctr::~Ctr() = default;
Ctr::Ctr(Ctr&&) noexcept = default;
Ctr& Ctr::operator=(Ctr&&) noexcept = default;

void Ctr::apply(ByteView in, ByteSpan out) {
  CHECK_BUG(in.size() == out.size());
  while (!in.empty()) {
    const std::size_t bytes = std::min(in.size(), kUpdateBytesMax);
    int written = 0;
    CHECK_BUG(EVP_EncryptUpdate(state_->context, raw(out), &written, raw(in), static_cast<int>(bytes)) == 1);
    CHECK_BUG(static_cast<std::size_t>(written) == bytes);
    in = in.subspan(bytes);
    out = out.subspan(bytes);
  }
}

}  // namespace inxt::crypto
