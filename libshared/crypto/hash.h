// SPDX-License-Identifier: LGPL-3.0-or-later
// SHA-256 (FIPS 180-4), by OpenSSL with the CPU's instructions.
#pragma once

#include <initializer_list>
#include <memory>

#include "base/bytes.h"

namespace inxt::crypto {

using Hash = ByteArray<32>;

Hash sha256(ByteView bytes);
/// SHA-256(label, 0, parts one after another).  Parts of variable length must be the last, or carry their length.
Hash labelled_hash(std::string_view label, std::initializer_list<ByteView> parts);

/// A running hash; copyable, so that a prefix can be finished while the rest still comes.
class Sha256 {
 public:
  Sha256();
  /// Starts with label and zero byte.
  explicit Sha256(std::string_view label);
  Sha256(const Sha256&);
  Sha256& operator=(const Sha256&);
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  ~Sha256();

  void update(ByteView bytes);
  /// The hash so far; may be called at any time and any number of times.
  Hash digest() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Hashes of prefix || block for every block_bytes of data (the last block may be shorter), two streams at a time where
/// the CPU has SHA instructions.  REQUIRES: out holds ceil(data.size() / block_bytes) hashes; block_bytes > 0.
/// Cost: 3.4 GB/s on one core with SHA instructions, a quarter of that without.
void hash_blocks(ByteView data, std::size_t block_bytes, std::byte prefix, std::span<Hash> out);

}  // namespace inxt::crypto
