// SPDX-License-Identifier: LGPL-3.0-or-later
// The audits that a Host has answered lately, so that its operator learns when one failed and why.  In
// memory.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"

namespace inxt::host {

inline constexpr std::size_t kAuditsKept = 1000;         // of all
inline constexpr std::size_t kTroubledAuditsKept = 100;  // of those that the disk spoiled
inline constexpr std::size_t kAuditReasonBytesMax = 200;

struct AuditEntry {
  std::int64_t time_unix_s = 0;
  std::string address;                // of who asked
  std::optional<AccountId> key = {};  // that they showed; anybody can make one
  std::uint32_t samples = 0;
  std::uint32_t not_here = 0;  // as AuditCounts
  std::uint32_t damaged = 0;
  std::uint32_t unreadable = 0;
  std::uint32_t released = 0;           // its contract is over, or deleted, which the answer shows
  std::string_view kind = "challenge";  // a literal: the request's type
  /// The first that could not be proved; one that the disk spoiled before one that is not here.
  std::optional<PieceId> piece = {};
  std::string reason = {};  // why that one

  std::uint32_t missing() const { return not_here + damaged + unreadable; }
  bool passed() const { return missing() == 0; }
  /// The disk is to blame, not whoever asks for what never was here.
  bool is_troubled() const { return damaged + unreadable > 0; }
};

/// "passed", or "failed: 1 damaged, 2 not here of 8 samples".
std::string audit_result(const AuditEntry& entry);

/// One thread.  The oldest go first.  Those that the disk spoiled are kept apart too: who asks for nonsense
/// all day must not push them out.
class AuditLog {
 public:
  void add(AuditEntry entry);

  /// The latest first, at most `limit`.
  std::vector<AuditEntry> latest(std::size_t limit) const;
  std::vector<AuditEntry> troubled(std::size_t limit) const;

 private:
  std::deque<AuditEntry> all_, troubled_;
};

}  // namespace inxt::host
