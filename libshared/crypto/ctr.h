// SPDX-License-Identifier: LGPL-3.0-or-later
// AES-256-CTR (NIST SP 800-38A) with counter 0 at byte 0, so that any range is done on its own and
// `openssl enc -aes-256-ctr -iv 0` reads the whole.
#pragma once

#include <memory>

#include "base/bytes.h"

namespace inxt::crypto {

/// A position in the key stream.  Encrypting and decrypting are the same.
class Ctr {
 public:
  /// REQUIRES: key.size() == 32.
  Ctr(ByteView key, std::uint64_t offset_bytes);
  ~Ctr();
  Ctr(Ctr&&) noexcept;
  Ctr& operator=(Ctr&&) noexcept;

  /// The next in.size() bytes of key stream, xored onto `in`.  `out` may be `in`.  REQUIRES: equal sizes.
  void apply(ByteView in, ByteSpan out);
  void apply(ByteSpan bytes) { apply(bytes, bytes); }

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace inxt::crypto
