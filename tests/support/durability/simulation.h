// SPDX-License-Identifier: AGPL-3.0-or-later
// Segments on Hosts that come and go, repaired by plan::RepairPlan and placed by plan::place.  Manual:
// inxt-durability(7), "SIMULATION".
#pragma once

#include <map>
#include <queue>
#include <random>

#include "crypto/random.h"
#include "durability/chain.h"
#include "durability/population.h"
#include "durability/traces.h"
#include "placement/hosts.h"
#include "plan/placement.h"
#include "plan/repair_plan.h"

namespace inxt::durability {

inline constexpr std::int64_t kYearS = 365 * kDayS;
inline constexpr std::int64_t kWarmUpS = 30 * kDayS;  // until Hosts are known
inline constexpr std::uint64_t kPieceBytes = std::uint64_t{1} << 30;

struct SimulationOptions {
  plan::PlacedLayout layout;
  std::uint32_t hosts = 10'000;
  std::uint64_t pieces = 300'000;
  double years = 1;
  std::uint64_t seed = 1;
  std::int64_t grace_s = plan::RepairLimits{}.grace_s;
  bool repairs = true;
  /// Of each Host, beside those of the traces: it goes without a word, and another comes for it.  Repairs may
  /// move more by as much.
  double extra_deaths_a_year = 0;
  double disk_failures_a_year = 0.02;    // of a Host's disk
  double domain_losses_a_year = 0.01;    // of each failure domain, with all that is there
  double domain_outages_a_year = 1;      // of each
  double domain_outage_s = 86400;        // mean
  double budget_a_day = 0.05;            // of the owners' bytes, that repairs may move
  double repair_bytes_per_s = 16 << 20;  // of each
};

struct SimulationResult {
  std::uint64_t segments = 0;
  double segment_years = 0;
  std::uint64_t lost = 0;
  ChainCounts chain;
  double hosts_mean = 0;
  double moved_bytes = 0;     // by repairs
  std::uint64_t repairs = 0;  // segments
  std::uint64_t pieces_repaired = 0;
  std::uint64_t pieces_released = 0;  // surplus
  std::uint64_t repairs_failed = 0;
  double in_storm = 0;      // part of the time
  double silent_max = 0;    // part of the Hosts that are counted and have pieces
  double stored_bytes = 0;  // at Hosts, mean
  std::uint64_t reads = 0, reads_failed = 0;
  std::uint64_t host_deaths = 0;  // of Hosts that had pieces, their disks' too

  double owners_bytes(const plan::PlacedLayout& layout) const {
    return static_cast<double>(segments) * layout.k * static_cast<double>(kPieceBytes);
  }
};

class Simulation {
 public:
  Simulation(const AvailabilityTrace& trace, const DiskFailures& disks, const SimulationOptions& options);
  /// Errors: those of placing, at the beginning.
  Result<SimulationResult> run();

 private:
  enum class Happens : std::uint8_t {
    wake,
    day,
    read,
    repair_ends,  // `what`: number
    check_ends,   // Host
    loss_found,   // Host
    disks_fail,
    domain_lost,
    domain_out,
    domain_back,  // domain
    host_dies,
  };
  struct Event {
    std::int64_t at_s = 0;
    std::uint64_t order = 0;
    Happens happens = Happens::wake;
    std::uint64_t what = 0;
    bool operator>(const Event& other) const {
      return std::pair(at_s, order) > std::pair(other.at_s, other.order);
    }
  };
  struct Host {
    plan::Candidate truth;
    bool is_node_up = false, is_out = false, is_gone = false;
    bool is_disk_lost = false;  // and the Bridge does not know
    bool is_changed = false;
    double up_s = 0, known_s = 0;  // decaying: uptime is their quotient
    std::int64_t since_s = 0;      // they are of then
    bool is_up() const { return is_node_up && !is_out && !is_gone; }
  };
  struct UnderWay {
    plan::Rebuild order;
    std::vector<std::uint32_t> hosts;
  };

  void at(std::int64_t at_s, Happens happens, std::uint64_t what = 0) {
    events_.push({.at_s = at_s, .order = ++order_, .happens = happens, .what = what});
  }
  /// When the next of a Poisson process comes.
  std::int64_t after(double rate_a_year);
  void happens_next(Happens happens);
  double uniform() { return static_cast<double>(random_() >> 11) * 0x1p-53; }
  std::uint32_t below(std::uint64_t bound) { return static_cast<std::uint32_t>(random_() % bound); }

  std::uint32_t add_host(plan::Candidate truth, bool is_established);
  void take(const HostEvent& event);
  void handle(const Event& event);
  void set_up(std::uint32_t host, bool is_node_up, bool is_out);
  void heartbeat(std::uint32_t host);
  void settle_uptime(Host& host);
  void gone(std::uint32_t host);
  void disk_fails(std::uint32_t host);
  std::uint32_t live_host();
  std::uint32_t live_host_beside(std::uint32_t domain);
  Result<void> place_segments();
  void day();
  void read();

  // Truth of pieces.
  void sync(std::uint32_t segment);
  void account(std::uint32_t segment);
  void kill(std::uint32_t host);
  void notice(std::uint32_t host);
  void alive_again(std::uint32_t segment, std::size_t place);
  bool is_there(std::uint32_t segment, std::size_t place) const;

  // The plan's orders.
  void carry_out_orders();
  void carry_out(const plan::Rebuild& order);
  void end_repair(std::uint64_t number);
  plan::PlacementRequest request();

  SimulationOptions options_;
  const DiskFailures& disks_;
  Population population_;
  placement::HostMaker maker_;
  std::mt19937_64 random_;
  crypto::SeededRandom seeds_;
  plan::PlacementPool pool_;
  plan::RepairPlan plan_;
  std::vector<Host> hosts_;
  std::vector<std::vector<std::uint32_t>> domains_;  // Hosts
  std::vector<std::uint32_t> gone_;                  // not noticed yet
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  std::map<std::uint64_t, UnderWay> under_way_;
  std::uint64_t order_ = 0;
  bool is_domain_lost_ = false;  // just now: no blow to segments, which have one piece there
  std::int64_t now_s_ = 0, wake_s_ = INT64_MAX;

  enum class Fate : std::uint8_t { alive, gone, noticed };
  struct Piece {
    std::uint32_t host : 30 = 0;
    std::uint32_t fate : 2 = 0;
  };
  struct Segment {
    std::uint32_t since_s = 0;  // of the beginning of the count
    std::uint8_t gone = 0, noticed = 0;
    bool is_lost = false;
  };
  std::vector<Piece> pieces_;
  std::vector<Segment> segments_;
  double surplus_ = 0;  // pieces of Hosts that may come back
  double stored_sum_ = 0;
  std::uint64_t stored_samples_ = 0;
  SimulationResult result_;
};

}  // namespace inxt::durability
