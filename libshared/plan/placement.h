// SPDX-License-Identifier: LGPL-3.0-or-later
// Which Hosts get a file's pieces.  Manual: inxt-placement(7).  A pure function of the pool, the request and
// its seed: same inputs, same placement, on every machine.
//
//   const auto pool = TRY(PlacementPool::make(candidates));         // once; then set() with every heartbeat
//   PlacementRequest request;
//   request.seed = random.bytes<32>();
//   request.bytes = size;
//   const auto placed = place(pool, request);                       // or what is missing: placed.error()
//
// Never weakened silently: no two pieces of a segment on one Host, operator, network or failure domain; no
// Host with all data shards of a file that has several; new Hosts at most limits.new_per_group_max of a
// group. The order of the candidates counts: two Bridges that sort by Host id place alike.
#pragma once

#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "plan/placement_layout.h"
#include "plan/placement_pool.h"

namespace inxt::plan {

inline constexpr std::uint32_t kPlacedGroupsMax = 64;                        // of one file
inline constexpr std::uint64_t kGroupBytes = std::uint64_t{16} << 30;        // of a file, for each group
inline constexpr std::uint64_t kPlacedSegmentsMax = std::uint64_t{1} << 32;  // as in inxt-manifest(5)
inline constexpr std::size_t kExplainedDrawsMax = 10'000;

/// Rules that an owner gives up by name.
struct PlacementExceptions {
  bool operator_group = false;  // may hold several pieces of a segment; and so on
  bool network = false;
  bool domain = false;
  bool new_hosts = false;  // may be more than their share

  bool operator==(const PlacementExceptions&) const = default;
};

struct PlacementRequest {
  ByteArray<32> seed{};
  std::uint64_t bytes = 0;             // of ciphertext
  std::optional<PlacedLayout> layout;  // chosen by size and Hosts where the owner says nothing
  std::uint32_t nines = 5;             // wished of a layout that is chosen: is_durable()
  std::uint32_t groups_min = 1;  // more where the file is large, or the rule of all data shards asks for it
  bool wants_secondary = true;
  PlacementExceptions allow;
  std::vector<std::uint32_t> excluded;  // Hosts, in any order
  std::uint32_t near_region = 0;        // its Hosts count four times; 0 none
  /// For a repair: who keeps its pieces, in shard order; the gaps are filled.  Needs `layout`, one group.
  std::vector<std::optional<std::uint32_t>> kept;
};

/// Segment s of the file belongs to group s mod groups.
struct PlacedGroup {
  std::vector<std::uint32_t> primary;  // Host of each shard, or mirror, in order
  std::vector<std::uint32_t>
      secondary;  // number i stands in for primary number i; fewer, or none, where no more can be had
  std::uint64_t segments = 0;
  std::uint64_t host_bytes = 0;            // that each Host of the group gets
  bool is_spread_by_region = false;        // any one region may fail
  bool is_spread_by_wide_network = false;  // any one /16 (/32)
  bool is_secondary_apart = false;         // it shares no operator, network or domain with the primary

  bool operator==(const PlacedGroup&) const = default;
};

struct Placement {
  PlacedLayout layout;
  std::uint32_t shard_bytes = 0;
  std::uint64_t segments = 0;
  std::vector<PlacedGroup> groups;

  bool operator==(const Placement&) const = default;
};

/// Why a Host is not taken; the first that holds.
enum class PlacementRule : std::uint8_t {
  away,      // takes no pieces now
  uptime,    // no better than limits.uptime_ppm_min
  standing,  // has none
  room,      // less is believed than it would get
  excluded,  // by the request
  operator_group,
  network,
  domain,
  all_data,   // it would have all data shards of the file
  new_hosts,  // the group has its share of them
  // Kept where possible:
  other_group,  // it is in another group of the file
  region,       // has its part of the group already
  wide_network,
  primary,  // it shares a Host, operator, network or domain with the primary group
  far,      // not in near_region, and three of four such draws are passed over
  taken,    // it is in the group already
};
inline constexpr std::size_t kPlacementRules = static_cast<std::size_t>(PlacementRule::taken) + 1;
/// "room", "operator", ...: for JSON and people.
std::string_view rule_name(PlacementRule rule);

/// Nothing was placed.  Errors: usage when the request passes a limit; else try_again, when there are too few
/// Hosts: the numbers say why.
struct PlacementRefusal {
  Error error;
  PlacedLayout layout;
  std::uint32_t needed = 0;  // Hosts, for one group
  std::uint32_t found = 0;   // the largest group that was found
  std::uint64_t host_bytes = 0;
  std::size_t hosts = 0;
  std::array<std::uint32_t, kPlacementRules> removed{};  // Hosts, by rule; with `found` they are all
};

struct ExplainedHost {
  WeightParts parts;
  std::uint64_t weight = 0;
  std::uint32_t sharing = 1;  // with how many it shares what nobody has proved
  bool is_new = false;
  std::uint32_t times_drawn = 0;
  /// Where it was taken; else `rule` says why it was not, and nothing there that it was not drawn.
  std::optional<std::uint32_t> group;
  bool is_secondary = false;
  std::uint32_t slot = 0;
  std::optional<PlacementRule> rule;  // against the first group
};

struct ExplainedDraw {
  std::uint32_t group = 0;
  bool is_secondary = false;
  std::uint32_t slot = 0;
  std::uint64_t value = 0;  // of `total`: it falls in the weight of `host`
  std::uint64_t total = 0;
  std::uint32_t host = 0;
  std::optional<PlacementRule> rule;  // passed over
};

struct PlacementExplanation {
  std::vector<ExplainedHost> hosts;  // every one of the pool
  std::vector<ExplainedDraw> draws;  // in order, at most kExplainedDrawsMax
};

/// Cost: about a microsecond a Host taken, log n; where few of n Hosts qualify, n.  `explain`: filled when
/// given, at a cost of n.  It draws nothing: the placement is the same.
std::expected<Placement, PlacementRefusal> place(const PlacementPool& pool, const PlacementRequest& request,
                                                 PlacementExplanation* explain = nullptr);

/// The explanation for people: one line a Host, heaviest first, then the draws.  `name_of` says what a Host
/// is called.
std::string explanation_text(const PlacementExplanation& explanation,
                             const std::function<std::string(std::uint32_t)>& name_of);

}  // namespace inxt::plan
