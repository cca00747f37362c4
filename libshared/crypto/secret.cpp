// SPDX-License-Identifier: LGPL-3.0-or-later
#include "crypto/secret.h"

#include <sodium.h>

#include <algorithm>

namespace inxt::crypto {

void wipe(ByteSpan bytes) {
  if (!bytes.empty()) sodium_memzero(bytes.data(), bytes.size());
}

SecretBytes& SecretBytes::operator=(SecretBytes&& other) noexcept {
  if (this != &other) {
    wipe(bytes_);
    bytes_ = std::move(other.bytes_);
    other.bytes_.clear();
  }
  return *this;
}

void SecretBytes::append(ByteView more) {
  if (bytes_.capacity() - bytes_.size() < more.size()) {
    // The vector would free its old memory as it is: move by hand, and wipe.
    Bytes larger;
    larger.reserve(std::max(bytes_.size() + more.size(), 2 * bytes_.capacity()));
    larger.insert(larger.end(), bytes_.begin(), bytes_.end());
    larger.insert(larger.end(), more.begin(), more.end());  // before the wipe: it may be a view of bytes_
    wipe(bytes_);
    bytes_ = std::move(larger);
    return;
  }
  bytes_.reserve(bytes_.size() + more.size());
  const std::size_t old_size = bytes_.size();
  bytes_.resize(old_size + more.size());
  std::copy(more.begin(), more.end(), bytes_.begin() + static_cast<std::ptrdiff_t>(old_size));
}

}  // namespace inxt::crypto
