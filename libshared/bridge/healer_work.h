// SPDX-License-Identifier: LGPL-3.0-or-later
// What a healer knows while it decides.  For healer*.cpp.
#pragma once

#include <deque>
#include <map>
#include <set>

#include "bridge/healer.h"
#include "plan/token_bucket.h"

namespace inxt::bridge {

struct Healer::Work {
  Work(const plan::RepairLimits& limits, const plan::PlacementLimits& placement) : mind(limits, placement) {}

  struct OfHost {
    std::int64_t next_audit_unix_s = 0;
    bool is_planned = false;  // next_audit_unix_s says when
    bool is_under_way = false;
    bool is_thorough = false;               // the next one looks at every piece
    std::set<PieceId> given_up;             // as the Host has signed
    int unanswered = 0;                     // audits in a row
    std::int64_t unanswered_unix_s = 0;     // since then
    std::int64_t avoided_until_unix_s = 0;  // a repair failed with it
    plan::TokenBucket doubts;               // bytes that it was asked for because of readers' reports
    std::int64_t doubts_after_unix_s = 0;   // it did not answer about one
  };

  /// Hosts that did not get a piece of a segment: twice for want of an answer, or once with one, as who has it
  /// in its books and cannot show it.  Others are chosen first.  Forgotten when the segment is whole.
  using Failures = std::map<std::uint32_t, int>;
  static constexpr int kFailuresMax = 2;
  static constexpr std::size_t kFailedSegmentsMax = 65'536;  // all are forgotten past that
  void note_failure(CareSegmentKey segment, std::uint32_t host, bool has_answered) {
    if (failures.size() >= kFailedSegmentsMax && !failures.contains(segment)) failures.clear();
    failures[segment][host] += has_answered ? kFailuresMax : 1;
  }
  std::vector<std::uint32_t> failed_hosts(CareSegmentKey segment) const {
    std::vector<std::uint32_t> out;
    if (const auto found = failures.find(segment); found != failures.end())
      for (const auto& [host, count] : found->second)
        if (count >= kFailuresMax) out.push_back(host);
    return out;
  }

  HealerMind mind;
  std::unordered_map<CareSegmentKey, Failures> failures;
  CarePosition position;
  CareHostKey last_host = 0;
  std::int64_t reports_unix_s = 0;     // read up to here
  std::set<std::string> reports_read;  // of that second
  std::map<std::uint32_t, OfHost> hosts;
  std::unordered_map<HostId, std::int64_t> audits_before;  // when each is audited next, of another process
  struct Later {
    CareSegmentKey key = 0;
    plan::ReleasePiece order;
  };
  std::multimap<std::int64_t, Later> releases_later;  // new ones, and those that a Host did not take yet
  std::deque<std::pair<CareDoubt, int>> doubts;       // readers', and how often each was looked at
  bool is_current = false;                            // the last turn has learnt all there was
  bool is_over = false;                               // another process decides
};

}  // namespace inxt::bridge
