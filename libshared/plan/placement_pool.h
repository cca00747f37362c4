// SPDX-License-Identifier: LGPL-3.0-or-later
// The Hosts that pieces can be placed with, and their weights.  Manual: inxt-placement(7), "Weights".
// Pure, integers only: the same Hosts in the same order give the same pool on every machine, whatever was
// changed in between.
//
// What a Host says of itself cannot make it heavier than what it has shown: room counts up to a bound that
// grows with what audits have found there, and what is believed without that is one portion for all Hosts of
// an operator, network or domain.  So a thousand identities are no more than one Host that holds what they
// hold together.  New Hosts share among themselves: whoever joins the group of another takes nothing from it
// before it has passed its audits.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "plan/weighted_tree.h"

namespace inxt::plan {

inline constexpr std::size_t kPoolHostsMax = 1'000'000;
inline constexpr std::uint32_t kRttUnknown = UINT32_MAX;
inline constexpr std::uint32_t kMillion = 1'000'000;                    // what parts per million are of
inline constexpr std::uint64_t kRoomStepBytes = 16 * 1024 * 1024;       // less room is none
inline constexpr std::uint64_t kRoomStepsMax = std::uint64_t{1} << 22;  // 64 TiB: more counts no more

/// What the Bridge knows of one Host.  0 in a group (operator, domain, region, networks) is unknown: such a
/// Host shares that group with nobody.
struct Candidate {
  std::uint32_t operator_group = 0;  // declared, or found out by the Bridge
  std::uint32_t domain = 0;          // failure domain, declared: a building, a power line
  std::uint32_t region = 0;
  std::uint64_t network = 0;       // of the address it was reached at: the /24, or the /48
  std::uint64_t wide_network = 0;  // the /16, or the /32
  std::uint64_t capacity_bytes = 0;
  std::uint64_t free_bytes = 0;        // as it says
  std::uint64_t placed_bytes = 0;      // that this Bridge has placed there, proved or not
  std::uint64_t proved_bytes = 0;      // that it was shown to hold when it was last audited
  std::uint64_t up_bytes_per_s = 0;    // measured; 0 unknown
  std::uint64_t down_bytes_per_s = 0;  // measured; 0 unknown
  std::uint32_t rtt_ms = kRttUnknown;  // measured
  std::uint32_t uptime_ppm = 0;        // measured, of the window or since it registered
  std::uint32_t standing_ppm = 0;      // 1,000,000: nothing against it
  std::uint32_t audits_passed = 0;     // at most one a day counts; back to 0 when one fails
  bool takes_pieces = false;           // live and reachable, and not leaving

  bool operator==(const Candidate&) const = default;
};

/// What the operator of a Bridge sets.
struct PlacementLimits {
  std::uint32_t new_audits = 14;                                // a Host is new until it has passed so many
  std::uint32_t new_per_group_max = 1;                          // new Hosts among those of a group
  std::uint32_t new_share_ppm = 50'000;                         // of the bytes placed
  std::uint64_t room_unproved_bytes = std::uint64_t{64} << 30;  // believed of any Host
  std::uint32_t room_multiple = 4;                              // and so many times what it has proved
  std::uint32_t uptime_ppm_min = 900'000;                       // a Host that is no better gets nothing
  std::uint32_t host_loss_ppm_a_year = 100'000;  // Hosts assumed to be lost, when a layout is chosen
  std::uint32_t repair_days = 21;                // and how long until what they had is repaired
  std::uint32_t shard_bytes_max = 2 * 1024 * 1024;
  std::uint64_t segment_memory_bytes = 32 * 1024 * 1024;
};

enum class Shared : std::uint8_t { operator_group, network, domain };
inline constexpr std::array kSharedKinds{Shared::operator_group, Shared::network, Shared::domain};

/// Room that is believed: free_bytes, and with what is placed there no more than room_multiple times what is
/// proved and its part of room_unproved_bytes, which `sharing` Hosts share.  REQUIRES: sharing > 0.
std::uint64_t believed_room_bytes(const Candidate& candidate, const PlacementLimits& limits,
                                  std::uint32_t sharing = 1);

/// What a Host's weight is made of.
struct WeightParts {
  std::uint64_t room = 0;      // believed, in steps of 16 MiB, at most 2^22
  std::uint32_t speed = 0;     // 8 to 16
  std::uint32_t close = 0;     // 8 to 16
  std::uint32_t standing = 0;  // 0 to 65,536: standing squared, times what uptime is above its minimum

  /// room * speed * close * standing / 2^16, at most 2^30; at least 1 where no factor is 0.
  std::uint64_t weight() const;
};
WeightParts weight_parts(const Candidate& candidate, const PlacementLimits& limits,
                         std::uint32_t sharing = 1);

class PlacementPool {
 public:
  explicit PlacementPool(const PlacementLimits& limits = {}) : limits_(limits) {}
  /// Errors: usage past kPoolHostsMax.  Cost: n log n.
  static Result<PlacementPool> make(std::span<const Candidate> candidates,
                                    const PlacementLimits& limits = {});

  /// Changes a Host, or adds one when `index` is size().  A Host that is gone keeps its index and takes no
  /// pieces.  Errors: usage past kPoolHostsMax.
  /// Cost: log n; when it comes, goes, or changes its groups, as much for each Host that it shares one with.
  Result<void> set(std::size_t index, const Candidate& candidate);

  std::size_t size() const { return hosts_.size(); }
  const PlacementLimits& limits() const { return limits_; }
  const Candidate& candidate(std::size_t index) const { return hosts_[index].candidate; }
  bool is_new(std::size_t index) const { return hosts_[index].candidate.audits_passed < limits_.new_audits; }
  /// Believed, when the Hosts of its groups share what nobody has proved.
  std::uint64_t room_bytes(std::size_t index) const { return hosts_[index].room_bytes; }
  /// 0 for a Host that gets nothing.
  std::uint64_t weight(std::size_t index) const { return tree(is_new(index)).weight(index); }
  /// Live Hosts among which it shares what nobody has proved: those of its largest group, 1 when it is alone.
  std::uint32_t sharing(std::size_t index) const;
  bool is_shared(Shared kind, std::size_t a, std::size_t b) const {
    const auto group = hosts_[a].groups[static_cast<std::size_t>(kind)];
    return group != kAlone && group == hosts_[b].groups[static_cast<std::size_t>(kind)];
  }
  /// Live Hosts, new or not, that share this group with `index`, itself included.
  std::uint32_t sharing(Shared kind, std::size_t index) const;

  const WeightedTree& tree(bool of_new) const { return of_new ? new_ : established_; }
  /// Live Hosts that could be in one group at most: the least of Hosts, operators, networks, domains.
  /// There may be fewer, where one Host shares its operator with some and its network with others.
  std::uint32_t independent() const;
  /// Of live Hosts that are not new: making regions up is no way to thin out the true ones.
  std::uint32_t regions() const { return regions_.distinct(); }
  std::uint32_t wide_networks() const { return wide_networks_.distinct(); }

 private:
  static constexpr std::uint32_t kAlone = UINT32_MAX;

  struct Group {
    std::array<std::uint32_t, 2> live{};  // members; [1] of new ones
    std::vector<std::uint32_t> members;
  };
  struct Groups {
    std::unordered_map<std::uint64_t, std::uint32_t> by_key;
    std::vector<Group> groups;
    std::vector<std::uint32_t> unused;  // of groups
    std::uint32_t live = 0;             // groups with a live member
    std::uint32_t live_alone = 0;       // live Hosts with no group
  };
  /// How many different values the live Hosts have; each unknown one is its own.
  struct Counts {
    std::unordered_map<std::uint64_t, std::uint32_t> of;
    std::uint32_t unknown = 0;
    std::uint32_t distinct() const { return static_cast<std::uint32_t>(of.size()) + unknown; }
    void add(std::uint64_t key);
    void remove(std::uint64_t key);
  };
  struct Host {
    Candidate candidate;
    bool is_live = false;  // takes pieces, has room, uptime and standing: would have weight if it were alone
    std::uint64_t room_bytes = 0;
    std::array<std::uint32_t, 3> groups{kAlone, kAlone, kAlone};
    std::array<std::uint32_t, 3> at{};  // in its groups' members
  };

  void join(std::size_t kind, std::uint32_t index, std::uint64_t key);
  void leave(std::size_t kind, std::uint32_t index, std::uint64_t key);
  /// Takes the Host out of all counts, or puts it in.
  void count(std::uint32_t index, bool is_coming);
  void reweigh(std::uint32_t index);
  void reweigh_group(std::size_t kind, std::uint32_t group);

  PlacementLimits limits_;
  std::vector<Host> hosts_;
  std::array<Groups, 3> kinds_;
  Counts regions_, wide_networks_;
  std::uint32_t live_ = 0;
  WeightedTree established_, new_;
};

}  // namespace inxt::plan
