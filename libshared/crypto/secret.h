// SPDX-License-Identifier: LGPL-3.0-or-later
// Secrets in memory: wiped when they die, never copied by accident.
#pragma once

#include "base/bytes.h"

namespace inxt::crypto {

/// Overwrites bytes in a way that the compiler does not remove.
void wipe(ByteSpan bytes);

/// N secret bytes.  Moving wipes the source; copying is said aloud with clone().
template <std::size_t N>
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::span<const std::byte, N> from) { std::memcpy(bytes_.data(), from.data(), N); }
  Secret(Secret&& other) noexcept : bytes_(other.bytes_) { wipe(other.bytes_); }
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      bytes_ = other.bytes_;
      wipe(other.bytes_);
    }
    return *this;
  }
  ~Secret() { wipe(bytes_); }
  Secret clone() const { return Secret(std::span<const std::byte, N>(bytes_)); }

  ByteView view() const { return bytes_; }
  ByteSpan span() { return bytes_; }

 private:
  ByteArray<N> bytes_{};
};

/// Secret bytes of any length (passphrases, words).  Grows without leaving copies behind.
class SecretBytes {
 public:
  SecretBytes() = default;
  explicit SecretBytes(ByteView from) : bytes_(from.begin(), from.end()) {}
  SecretBytes(SecretBytes&&) noexcept = default;
  SecretBytes& operator=(SecretBytes&& other) noexcept;
  ~SecretBytes() { wipe(bytes_); }

  void append(ByteView more);
  ByteView view() const { return bytes_; }
  std::string_view text() const { return text_of(bytes_); }
  std::size_t size() const { return bytes_.size(); }

 private:
  Bytes bytes_;
};

}  // namespace inxt::crypto
