// SPDX-License-Identifier: LGPL-3.0-or-later
// Lines that wait to be written to a Host's records: added on the loop, taken by who writes them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace inxt::host {

/// How much is kept: host/record_files.h.
struct RecordLimits {
  std::uint64_t audit_bytes_max = std::uint64_t{64} << 20;     // 0: none are kept
  std::uint64_t transfer_bytes_max = std::uint64_t{64} << 20;  // 0: none are kept
};

/// One thread.
class RecordQueue {
 public:
  static constexpr std::size_t kBytesMax = std::size_t{4}
                                           << 20;  // a disk that does not take them loses what is over

  /// `line` ends with a newline.
  void add(std::string_view line) {
    if (lines_.size() + line.size() > kBytesMax) {
      ++lost_;
      return;
    }
    lines_ += line;
  }
  std::string take() { return std::exchange(lines_, {}); }
  bool empty() const { return lines_.empty(); }
  std::uint64_t lost() const { return lost_; }  // since the start
  void count_lost(std::uint64_t lines) { lost_ += lines; }

 private:
  std::string lines_;
  std::uint64_t lost_ = 0;
};

}  // namespace inxt::host
