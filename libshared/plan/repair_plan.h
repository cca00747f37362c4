// SPDX-License-Identifier: LGPL-3.0-or-later
// Which segments are repaired, when, and what is let go again: what a Bridge decides, and a simulation of it.
// Manual: inxt-durability(7), "Repair".  Pure: events and the time go in, orders come out; the same events
// give the same orders.
//
//   RepairPlan repairs(pool, limits);
//   const auto segment = TRY(repairs.add_segment(kind, hosts));    // hosts: numbers of the pool
//   repairs.silent(host, now_s);                                   // and so on: whatever is learnt
//   while (auto order = repairs.next(now_s)) carry_out(*order);    // and report what came of it
//   sleep until the next event, or repairs.wake_s(now_s);
//
// Silence is not loss: a Host that comes back is checked and counted again, repairs that were not begun are
// cancelled, and of two Hosts with the same piece one is let go.  No piece is let go while the other Host is
// not known to be good.
//
// A Bridge that begins, or was down itself, knows of no silence: what it has not heard since is silent from
// its own start on.
#pragma once

#include <map>
#include <optional>
#include <queue>
#include <set>
#include <variant>
#include <vector>

#include "plan/host_watch.h"
#include "plan/placement_pool.h"
#include "plan/repair_queue.h"
#include "plan/segment_table.h"
#include "plan/token_bucket.h"

namespace inxt::plan {

/// Ask the Host to prove what it holds; then check_passed(), piece_lost(), pieces_lost() or lying().
struct CheckHost {
  std::uint32_t host = 0;
  bool operator==(const CheckHost&) const = default;
};
/// Put the pieces of these places at other Hosts, as place() draws them beside those that keep theirs; then
/// rebuilt() or repair_failed() with its number.
struct Rebuild {
  std::uint64_t number = 0;
  std::uint32_t segment = 0;
  std::vector<std::uint32_t> missing;      // places; rebuilt from any K others
  std::vector<std::uint32_t> handed_over;  // places; copied from the Host that leaves, or rebuilt
  std::vector<std::uint32_t> excluded;     // Hosts with which it failed before
  std::uint64_t bytes = 0;                 // that it is expected to move
  bool operator==(const Rebuild&) const = default;
};
/// Let go what `host` holds for this place: another Host has it.  Then released(), whatever came of it.
struct ReleasePiece {
  std::uint32_t segment = 0;
  std::uint32_t place = 0;
  std::uint32_t host = 0;
  bool operator==(const ReleasePiece&) const = default;
};
using RepairOrder = std::variant<CheckHost, Rebuild, ReleasePiece>;

class RepairPlan {
 public:
  /// `pool` outlives it, and has the same Hosts under the same numbers.
  RepairPlan(const PlacementPool& pool, const RepairLimits& limits)
      : pool_(pool), limits_(limits), watch_(limits), queue_(limits) {}

  /// Errors: those of SegmentTable::add.
  Result<std::uint32_t> add_segment(const SegmentKind& kind, std::span<const std::uint32_t> hosts);
  void remove_segment(std::uint32_t segment);
  /// What it costs to let go a piece there, in any unit: what was paid and is not given back.  0 at first.
  void set_release_cost(std::uint32_t host, std::uint64_t cost) { release_costs_[host] = cost; }

  // What is learnt of Hosts.  Numbers of segments that are not there are passed over.
  void silent(std::uint32_t host, std::int64_t now_s) { watch_.silent(host, now_s); }
  void heard(std::uint32_t host, std::int64_t now_s);
  void paused(std::uint32_t host, std::int64_t until_s) { watch_.paused(host, until_s); }
  /// It goes then, and is emptied before.  0: it stays after all.
  void leaving(std::uint32_t host, std::int64_t until_s, std::int64_t now_s);
  /// Asks for a check, as after a reader's report: it proves nothing by itself.
  void doubted(std::uint32_t host) { checks_.insert(host); }
  void check_passed(std::uint32_t host, std::int64_t now_s);
  /// It has none of its pieces: its disk failed.
  void pieces_lost(std::uint32_t host, std::int64_t now_s);
  /// The same, and it is never counted again.
  void lying(std::uint32_t host, std::int64_t now_s);
  /// Also of one that another Host has by now.
  void piece_lost(std::uint32_t segment, std::uint32_t place, std::uint32_t host, std::int64_t now_s);
  /// A piece that was lost is at the same Host again.
  void piece_found(std::uint32_t segment, std::uint32_t place, std::uint32_t host, std::int64_t now_s);
  /// A segment that was added when Hosts of its were missing already, or that leave.
  void judge_again(std::uint32_t segment, std::int64_t now_s) {
    if (segments_.contains(segment)) judge(segment, now_s);
  }
  /// `host` has this place's piece too, or had it when it was last heard: of a process that begins.  Asks for
  /// a check, after which one of the two is let go.
  void also_at(std::uint32_t segment, std::uint32_t place, std::uint32_t host);

  // What came of orders.
  /// `hosts`: of missing, then of handed_over, each of which has proved its piece.  `moved_bytes`: what it
  /// really took.  False when nobody waits for it any more: then the pieces are let go by who stored them.
  bool rebuilt(std::uint64_t number, std::span<const std::uint32_t> hosts, std::uint64_t moved_bytes,
               std::int64_t now_s);
  /// `with`: Hosts to leave out at the next attempt.
  void repair_failed(std::uint64_t number, std::span<const std::uint32_t> with, std::uint64_t moved_bytes,
                     std::int64_t now_s);
  void released(const ReleasePiece& order);
  /// What is to be let go cannot be: the other one is, where this one can stay in its place.  Then released()
  /// with that.
  std::optional<ReleasePiece> release_other(const ReleasePiece& order, std::int64_t now_s);

  /// The next thing to do now; checks first, then releases, then repairs.
  std::optional<RepairOrder> next(std::int64_t now_s);
  /// When next() may have more, where nothing happens before; INT64_MAX when never.
  std::int64_t wake_s(std::int64_t now_s) const;

  /// Pieces that a Host had before others got them: they are looked at when it is checked.
  struct Surplus {
    std::uint32_t segment = 0;
    std::uint32_t place = 0;
  };
  std::vector<Surplus> surplus_of(std::uint32_t host) const;

  const HostWatch& hosts() const { return watch_; }
  const SegmentTable& segments() const { return segments_; }
  std::int32_t margin(std::uint32_t segment) const { return look(segment).margin; }
  std::size_t due() const { return queue_.size(); }  // with those under way
  std::size_t under_way() const { return under_way_.size(); }
  /// Of which fewer pieces are counted than can be read: they wait for a Host that comes back.
  std::size_t unreadable() const { return unreadable_.size(); }

 private:
  struct Look {
    std::int32_t margin = 0;            // of the pieces that are counted
    std::int32_t margin_then = 0;       // without Hosts that leave
    std::int32_t margin_reachable = 0;  // of those that can be read now
    std::vector<std::uint32_t> missing;
    std::vector<std::uint32_t> leaving;
  };
  struct UnderWay {
    std::uint32_t segment = 0;
    std::vector<std::uint32_t> places;
    std::uint64_t bytes = 0;
    std::int64_t until_s = 0;
  };
  /// Of a Host that is missing, or not checked yet.
  using Replaced = Surplus;
  struct Release {
    std::uint64_t cost = 0;
    std::uint64_t room_bytes = 0;
    std::uint32_t host = 0, segment = 0, place = 0;
    auto operator<=>(const Release&) const = default;
  };

  Look look(std::uint32_t segment) const;
  void judge(std::uint32_t segment, std::int64_t now_s);
  void judge_all_of(std::uint32_t host, std::int64_t now_s);
  void advance(std::int64_t now_s);
  void end(std::uint64_t number);
  std::optional<Rebuild> begin(std::int64_t now_s);
  bool is_counted(SegmentTable::Piece piece) const {
    return piece.is_lost == 0 && watch_.is_counted(piece.host);
  }
  bool may_stand(std::uint32_t host, std::uint32_t segment, std::uint32_t place) const;
  void settle(std::uint32_t host, Replaced surplus, std::int64_t now_s);
  Release release_of(std::uint32_t host, Replaced piece) const;
  BucketRate rate() const;

  const PlacementPool& pool_;
  RepairLimits limits_;
  HostWatch watch_;
  SegmentTable segments_;
  RepairQueue queue_;
  TokenBucket budget_;
  std::int64_t begin_wake_s_ = INT64_MAX;  // when the budget, or a storm, allows the next repair
  std::set<std::uint32_t> checks_;
  std::map<std::uint64_t, UnderWay> under_way_;
  std::set<std::uint32_t> repaired_now_;                    // segments under way
  std::set<std::pair<std::int64_t, std::uint64_t>> waits_;  // of those under way
  std::uint64_t number_ = 0;
  /// When a segment has lacked pieces for long enough; some no longer do.
  std::priority_queue<std::pair<std::int64_t, std::uint32_t>,
                      std::vector<std::pair<std::int64_t, std::uint32_t>>, std::greater<>>
      patience_;
  std::set<std::uint32_t> unreadable_;
  std::map<std::uint32_t, std::vector<Replaced>> replaced_;  // by Host
  std::map<std::uint32_t, std::uint64_t> release_costs_;
  std::set<Release> releases_;
  std::set<Release> releasing_;
  std::set<std::pair<std::int64_t, Release>> held_;  // until when: the other Host is not known to be good
};

}  // namespace inxt::plan
