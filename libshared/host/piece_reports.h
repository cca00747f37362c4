// SPDX-License-Identifier: LGPL-3.0-or-later
// What the Bridges that vouched for an account are to hear about its pieces.  In memory: what a restart
// forgets, audits find.  One thread: the loop's.
#pragma once

#include <deque>
#include <map>
#include <span>

#include "format/host_report.h"

namespace inxt::host {

inline constexpr std::size_t kReportsWaitingMax = 256;  // for one Bridge; the oldest are dropped

struct PieceReport {
  PieceId piece;
  AccountId account;
  format::ReportKind kind = format::ReportKind::lost;
  std::int64_t found_unix_s = 0;
  bool operator==(const PieceReport&) const = default;
};

class PieceReports {
 public:
  /// For each of these Bridges.
  void add(const PieceReport& report, std::span<const crypto::PublicKey> bridges);
  /// The oldest that waits; nullptr where none does.
  const PieceReport* next(const crypto::PublicKey& bridge) const;
  /// next() was taken, or is given up.
  void pop(const crypto::PublicKey& bridge);
  void forget(const crypto::PublicKey& bridge) { queues_.erase(bridge); }

  std::size_t waiting(const crypto::PublicKey& bridge) const;
  std::uint64_t dropped(const crypto::PublicKey& bridge) const;

 private:
  struct Queue {
    std::deque<PieceReport> waiting;
    std::uint64_t dropped = 0;
  };
  std::map<crypto::PublicKey, Queue> queues_;
};

}  // namespace inxt::host
