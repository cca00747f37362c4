// SPDX-License-Identifier: AGPL-3.0-or-later
// A year of a network: files come, Hosts come and go, what is lost is repaired.
#pragma once

#include "crypto/random.h"
#include "placement/hosts.h"
#include "plan/placement.h"

namespace inxt::placement {

inline constexpr std::uint32_t kDays = 365;
inline constexpr std::uint64_t kGiB = std::uint64_t{1} << 30;

struct YearOptions {
  std::uint32_t hosts = 10'000;
  std::uint64_t pieces = 10'000'000;
  std::uint64_t piece_bytes = kGiB;  // what one Host of a group gets
  std::uint64_t seed = 1;
  plan::PlacedLayout layout;
  bool knows_groups = true;      // else the Bridge knows no operator, network, domain and region
  std::uint32_t identities = 0;  // that one machine has from day 30 on, in one /24
};

class Year {
 public:
  explicit Year(const YearOptions& options);
  /// Errors: those of placing.
  Result<void> run();

  const plan::Candidate& host(std::uint32_t index) const { return hosts_[index].truth; }
  bool is_gone(std::uint32_t index) const { return hosts_[index].is_gone; }
  std::uint32_t hosts() const { return static_cast<std::uint32_t>(hosts_.size()); }
  /// Of its room when the year began, or when it came.
  double filled(std::uint32_t index) const {
    const Host& host = hosts_[index];
    return static_cast<double>(host.truth.placed_bytes - host.first_bytes) /
           static_cast<double>(host.truth.capacity_bytes - host.first_bytes);
  }
  std::uint32_t joined_day(std::uint32_t index) const { return hosts_[index].joined_day; }
  bool is_identity(std::uint32_t index) const { return hosts_[index].is_identity; }
  const plan::PlacementLimits& limits() const { return pool_.limits(); }

  std::uint64_t segments() const { return segments_; }
  /// Hosts of a segment.
  std::span<const std::uint32_t> places(std::uint64_t segment) const {
    const std::size_t width = options_.layout.hosts();
    return std::span(places_).subspan(segment * width, width);
  }
  bool is_lost(std::uint64_t segment) const { return lost_[segment]; }
  std::uint64_t lost() const { return lost_count_; }
  std::uint64_t left() const { return left_; }                          // Hosts that went
  std::uint64_t repaired() const { return repaired_; }                  // pieces
  std::uint64_t spread_by_region() const { return spread_by_region_; }  // segments, when they were placed
  std::uint64_t given_to_identities() const { return given_to_identities_; }  // pieces

 private:
  struct Host {
    plan::Candidate truth;  // with its groups, whatever the Bridge knows
    std::vector<std::uint32_t> segments;
    std::uint64_t first_bytes = 0;  // when the year began
    std::uint32_t joined_day = 0;
    bool is_gone = false;
    bool is_identity = false;
    bool is_changed = false;  // since the last heartbeat
  };
  Result<void> join(std::uint32_t day, bool is_established, bool is_identity);
  Result<void> heartbeat(std::uint32_t index);
  void leave(std::uint32_t index);
  Result<void> repair(std::uint32_t index);
  Result<void> place_one();
  void give(std::uint32_t index, std::uint64_t segment);
  std::uint32_t alive(std::uint64_t segment) const;

  YearOptions options_;
  HostMaker maker_;
  std::mt19937_64 random_;
  crypto::SeededRandom seeds_;
  plan::PlacementPool pool_;
  std::vector<Host> hosts_;
  std::vector<std::uint32_t> places_;
  std::vector<bool> lost_;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> to_repair_;  // day, Host
  std::uint64_t segments_ = 0, lost_count_ = 0, left_ = 0, repaired_ = 0, spread_by_region_ = 0,
                given_to_identities_ = 0;
};

}  // namespace inxt::placement
