// SPDX-License-Identifier: LGPL-3.0-or-later
// What a Bridge knows of entrusted segments and of the Hosts that hold them, put into the terms of
// plan/repair_plan.h, which decides.  No IO: whoever has the database and the network tells it what happened.
#pragma once

#include <optional>
#include <unordered_map>
#include <vector>

#include "bridge/care_segments.h"
#include "bridge/host_table.h"
#include "plan/repair_plan.h"

namespace inxt::bridge {

/// Hosts that only place lines name, which anybody can make up: what lies at more of them lies at nobody's.
inline constexpr std::size_t kNamedHostsMax = 100'000;

/// What the plan counts a piece for: its size, up to a quarter more, so that files of all sizes are of few
/// kinds.
std::uint64_t planned_piece_bytes(std::uint32_t piece_bytes);

/// Hosts that have had another id: from that to the present one.
using HostSuccessors = std::unordered_map<HostId, HostId>;

class HealerMind {
 public:
  explicit HealerMind(const plan::RepairLimits& limits, const plan::PlacementLimits& placement = {})
      : pool_(placement), plan_(pool_, limits) {}
  HealerMind(const HealerMind&) = delete;
  HealerMind& operator=(const HealerMind&) = delete;

  /// Where Hosts stand now.  `candidates`: of the snapshot's entries, as placement sees them.  Who is silent
  /// is so since it answered last, but not since before `watched_since_unix_s`.
  /// Errors: usage past plan::kPoolHostsMax.  Cost: linear in the Hosts.
  Result<void> take_hosts(const HostSnapshot& snapshot, const plan::PlacementPool& candidates,
                          HostSuccessors successors, std::int64_t watched_since_unix_s,
                          std::int64_t now_unix_s);
  /// A Host by the name that care has for it.
  Result<void> take_care_host(const CareHost& host);
  /// A segment that was entrusted, was changed, or is not cared for any more.
  /// Errors: those of plan::SegmentTable::add(); usage past plan::kPoolHostsMax.
  Result<void> take_segment(const CareRow& row, std::int64_t now_unix_s);

  /// Its audits have had no answer since then, though it answers otherwise: with the next Hosts that are
  /// taken it counts as silent since then.  0: they are answered.
  void unanswered(std::uint32_t host, std::int64_t since_unix_s) {
    hosts_[host].unanswered_unix_s = since_unix_s;
  }
  bool is_unanswered(std::uint32_t host) const { return hosts_[host].unanswered_unix_s != 0; }

  plan::RepairPlan& plan() { return plan_; }
  const plan::RepairPlan& plan() const { return plan_; }
  const plan::PlacementPool& pool() const { return pool_; }

  /// Numbers of Hosts are those of pool() and plan().
  const HostId& host_id(std::uint32_t host) const { return hosts_[host].id; }
  std::size_t hosts() const { return hosts_.size(); }
  std::optional<std::uint32_t> find_host(const HostId& id) const;
  std::optional<std::uint32_t> find_host(CareHostKey key) const;
  bool is_silent(std::uint32_t host) const { return hosts_[host].is_silent; }

  /// The most that a piece of the segment may cost where it is made anew: `least`, or what most of the Hosts
  /// ask for that hold its live pieces.  One of them alone, or half of them, cannot make it more.
  /// REQUIRES: the segment is there.
  std::uint64_t price_max(std::uint32_t segment, std::uint64_t least) const;
  /// Hosts that ask for more, as they said with the last Hosts that were taken.
  std::vector<std::uint32_t> dearer_than(std::uint64_t price) const;

  CareSegmentKey key_of(std::uint32_t segment) const { return keys_[segment]; }
  std::optional<std::uint32_t> find_segment(CareSegmentKey key) const;
  std::size_t segments() const { return numbers_.size(); }

 private:
  struct Host {
    HostId id;
    bool is_silent = false;
    bool is_judged = false;
    std::int64_t leaving_unix_s = 0, paused_until_unix_s = 0;  // 0: it does not, it is not
    std::int64_t unanswered_unix_s = 0;                        // 0: its audits are answered
    std::uint64_t price = 0;                                   // that it asks for
  };
  Result<std::uint32_t> number_of(const HostId& id);
  const HostId& present(const HostId& id) const;
  bool is_as_before(std::uint32_t segment, const std::vector<std::uint32_t>& hosts,
                    const std::vector<bool>& is_lost) const;

  plan::PlacementPool pool_;
  plan::RepairPlan plan_;
  std::vector<Host> hosts_;
  std::vector<std::pair<std::uint64_t, std::uint32_t>>
      priced_;  // that ask for more than nothing; dearest first
  std::unordered_map<HostId, std::uint32_t> host_numbers_;
  std::unordered_map<CareHostKey, HostId> care_hosts_;
  std::size_t named_hosts_ = 0;  // that were not known otherwise when they were named
  HostSuccessors successors_;
  std::unordered_map<CareSegmentKey, std::uint32_t> numbers_;
  std::vector<CareSegmentKey> keys_;  // by the plan's number
};

}  // namespace inxt::bridge
