// SPDX-License-Identifier: AGPL-3.0-or-later
// Hosts over any time, from a trace of some months: who comes, is away, is back, and goes.  Manual:
// inxt-durability(7), "Traces".
#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <set>
#include <vector>

#include "durability/traces.h"

namespace inxt::durability {

/// A change of one Host.
struct HostEvent {
  enum class Kind : std::uint8_t { joins, up, down, leaves };  // leaves: it does not come back
  std::uint32_t host = 0;
  Kind kind = Kind::up;
};

/// When the trace ends it is played again: who is there then lives on as one who is there at its beginning,
/// drawn by chance.  Who is away then, and was not seen again, comes back as often, and after as long, as
/// others did who had been away for as long; so what ends with the trace is not taken for the end of a Host.
class Population {
 public:
  /// About `hosts` at a time: nodes of the trace are left out, or used several times.
  Population(const AvailabilityTrace& trace, std::uint32_t hosts, std::uint64_t seed);

  /// What changes at next_s(), or nothing; each Host's first is `joins`, with numbers in order from 0.
  std::vector<HostEvent> next();
  std::int64_t next_s();
  /// `host` is gone for another reason; a new one takes over the machine where it may.  The number of the new
  /// one, which is up as the other was; it has no event `joins`.
  std::uint32_t replace(std::uint32_t host);
  /// `host` is gone and nobody comes for it.
  void remove(std::uint32_t host) { leave(host); }

 private:
  struct Node {
    std::vector<std::uint32_t> hosts;
    bool is_up = false;
  };
  void begin_round();
  void join(std::uint32_t node);
  void leave(std::uint32_t host);
  void attach(std::uint32_t host, std::uint32_t node);
  std::uint32_t stand_in(std::uint8_t of_class);
  std::optional<std::int64_t> return_s(const NodeEvent& event, std::int64_t round_s);
  double uniform() { return static_cast<double>(random_() >> 11) * 0x1p-53; }

  const AvailabilityTrace& trace_;
  double copies_;  // of each node
  std::mt19937_64 random_;
  std::vector<Node> nodes_;
  std::vector<std::uint32_t> node_of_;  // of each Host
  std::vector<bool> is_seen_;           // nodes, in this round
  struct Return {
    std::int64_t at_s = 0;
    std::uint32_t host = 0;
    std::uint8_t of_class = 0;
    auto operator<=>(const Return&) const = default;
  };
  std::set<Return> returns_;      // Hosts that come back in a later round
  std::vector<HostEvent> ready_;  // now, last first
  std::size_t at_ = 0;
  std::int64_t round_s_ = 0;  // of the trace's first instant, in this round
};

}  // namespace inxt::durability
