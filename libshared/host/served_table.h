// SPDX-License-Identifier: LGPL-3.0-or-later
// What this Host has served lately, so that a transfer receipt is only believed about what it did: bounded,
// in memory.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>

#include "base/ids.h"

namespace inxt::host {

inline constexpr std::size_t kServedMax = 16384;           // the oldest are forgotten
inline constexpr std::int64_t kServedMs = 15 * 60 * 1000;  // and what is older

/// One thread.
class ServedTable {
 public:
  struct Transfer {
    AccountId account;  // the key of the connection
    PieceId piece;
    std::string request;  // its id
    auto operator<=>(const Transfer&) const = default;
  };

  /// The last part of the answer is about to be sent.
  void add(Transfer transfer, std::uint64_t bytes, std::int64_t now_ms);
  /// How many bytes were served; nothing when it was not, too long ago, or taken.
  std::optional<std::uint64_t> find(const Transfer& transfer, std::int64_t now_ms) const;
  /// Forgets it, so that there is one receipt for each.
  void take(const Transfer& transfer) { bytes_of_.erase(transfer); }
  /// Whether anything that was served to the account waits for its receipt.
  bool has(const AccountId& account) const;
  std::size_t size() const { return bytes_of_.size(); }

 private:
  struct Served {
    std::uint64_t bytes = 0;
    std::int64_t at_ms = 0;
    std::uint64_t number = 0;  // of the answer
  };
  struct InOrder {
    Transfer transfer;
    std::int64_t at_ms = 0;
    std::uint64_t number = 0;
  };
  std::map<Transfer, Served> bytes_of_;
  std::deque<InOrder> order_;  // also of those that were taken
  std::uint64_t answers_ = 0;
};

}  // namespace inxt::host
