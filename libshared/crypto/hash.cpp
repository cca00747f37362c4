// SPDX-License-Identifier: LGPL-3.0-or-later
#include "crypto/hash.h"

#include <openssl/evp.h>

#include <algorithm>

#include "base/check.h"
#include "crypto/sha256_pair.h"

namespace inxt::crypto {
namespace {

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_MD_CTX, FreeContext>;

// Looking up an algorithm takes OpenSSL 3 longer than hashing a kilobyte: once for the whole program.
const EVP_MD* algorithm() {
  static EVP_MD* const md = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  CHECK_BUG(md != nullptr);
  return md;
}

Context make_context() {
  Context context(EVP_MD_CTX_new());
  CHECK_BUG(context != nullptr);
  CHECK_BUG(EVP_DigestInit_ex2(context.get(), algorithm(), nullptr) == 1);
  return context;
}

// One context a thread, started anew for each hash: no allocation.
EVP_MD_CTX* fresh_context() {
  thread_local const Context context = make_context();
  CHECK_BUG(EVP_DigestInit_ex2(context.get(), nullptr, nullptr) == 1);
  return context.get();
}

void add(EVP_MD_CTX* context, ByteView bytes) {
  CHECK_BUG(EVP_DigestUpdate(context, bytes.data(), bytes.size()) == 1);
}

void add_label(EVP_MD_CTX* context, std::string_view label) {
  add(context, view_of(label));
  const std::byte zero{0};
  add(context, {&zero, 1});
}

Hash finish(EVP_MD_CTX* context) {
  Hash out;
  CHECK_BUG(EVP_DigestFinal_ex(context, raw(ByteSpan(out)), nullptr) == 1);
  return out;
}

}  // namespace

Hash sha256(ByteView bytes) {
  EVP_MD_CTX* context = fresh_context();
  add(context, bytes);
  return finish(context);
}

Hash labelled_hash(std::string_view label, std::initializer_list<ByteView> parts) {
  EVP_MD_CTX* context = fresh_context();
  add_label(context, label);
  for (ByteView part : parts) add(context, part);
  return finish(context);
}

struct Sha256::State {
  Context context = make_context();

  State() = default;
  State(const State& other) : context(EVP_MD_CTX_new()) {
    CHECK_BUG(context != nullptr && EVP_MD_CTX_copy_ex(context.get(), other.context.get()) == 1);
  }
};

Sha256::Sha256() : state_(std::make_unique<State>()) {}
Sha256::Sha256(std::string_view label) : Sha256() {
  add_label(state_->context.get(), label);
}
Sha256::Sha256(const Sha256& other) : state_(std::make_unique<State>(*other.state_)) {}
Sha256& Sha256::operator=(const Sha256& other) {
  if (this != &other) state_ = std::make_unique<State>(*other.state_);
  return *this;
}
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;
Sha256::~Sha256() = default;

void Sha256::update(ByteView bytes) {
  add(state_->context.get(), bytes);
}

Hash Sha256::digest() const {
  thread_local const Context copy = make_context();
  CHECK_BUG(EVP_MD_CTX_copy_ex(copy.get(), state_->context.get()) == 1);
  return finish(copy.get());
}

void hash_blocks_one_by_one(ByteView data, std::size_t block_bytes, std::byte prefix, std::span<Hash> out) {
  for (std::size_t i = 0; !data.empty(); ++i) {
    const ByteView block = data.first(std::min(block_bytes, data.size()));
    data = data.subspan(block.size());
    EVP_MD_CTX* context = fresh_context();
    add(context, {&prefix, 1});
    add(context, block);
    out[i] = finish(context);
  }
}

void hash_blocks(ByteView data, std::size_t block_bytes, std::byte prefix, std::span<Hash> out) {
  CHECK_BUG(block_bytes > 0);
  CHECK_BUG(out.size() == data.size() / block_bytes + (data.size() % block_bytes != 0));
  if (pair_supported()) {
    while (data.size() / 2 >= block_bytes) {
      hash_pair(data.data(), data.data() + block_bytes, block_bytes, prefix, out[0], out[1]);
      data = data.subspan(2 * block_bytes);
      out = out.subspan(2);
    }
  }
  hash_blocks_one_by_one(data, block_bytes, prefix, out);
}

}  // namespace inxt::crypto
