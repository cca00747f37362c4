// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/byte_pipe.h"

#include <algorithm>

namespace inxt::client {

Result<void> BytePipe::write(ByteView bytes) {
  std::unique_lock lock(mutex_);
  while (!bytes.empty()) {
    changed_.wait(lock, [&] { return broken_ || held_ < ring_.size(); });
    if (broken_) return std::unexpected(*broken_);
    const auto at = (begin_ + held_) % ring_.size();
    const auto count = std::min({bytes.size(), ring_.size() - held_, ring_.size() - at});
    std::copy_n(bytes.begin(), count, ring_.begin() + static_cast<std::ptrdiff_t>(at));
    held_ += count;
    bytes = bytes.subspan(count);
    changed_.notify_all();
  }
  if (broken_) return std::unexpected(*broken_);
  return {};
}

void BytePipe::end() {
  const std::lock_guard lock(mutex_);
  ended_ = true;
  changed_.notify_all();
}

Result<std::size_t> BytePipe::read(ByteSpan out) {
  std::unique_lock lock(mutex_);
  std::size_t got = 0;
  while (got < out.size()) {
    changed_.wait(lock, [&] { return broken_ || ended_ || held_ > 0; });
    if (broken_) return std::unexpected(*broken_);
    if (held_ == 0) break;
    const auto count = std::min({out.size() - got, held_, ring_.size() - begin_});
    std::copy_n(ring_.begin() + static_cast<std::ptrdiff_t>(begin_), count,
                out.begin() + static_cast<std::ptrdiff_t>(got));
    begin_ = (begin_ + count) % ring_.size();
    held_ -= count;
    got += count;
    changed_.notify_all();
  }
  return got;
}

void BytePipe::break_off(Error error) {
  const std::lock_guard lock(mutex_);
  if (!broken_) broken_ = std::move(error);
  changed_.notify_all();
}

}  // namespace inxt::client
