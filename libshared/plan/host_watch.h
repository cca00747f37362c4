// SPDX-License-Identifier: LGPL-3.0-or-later
// Which Hosts are counted on for their pieces: those that answer, and those silent for less than a grace, so
// that a reboot causes no repair.  Manual: inxt-durability(7), "Hosts".  Pure: time is an argument, seconds.
//
// When very many are silent at once it is more likely the Bridge's own network: then nobody is given up,
// within a limit.  Such a storm is of those who were silent when it began, or soon after: who goes while it
// lasts, as some always do, does not prolong it.
#pragma once

#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include "plan/repair_limits.h"

namespace inxt::plan {

enum class HostState : std::uint8_t {
  good,
  silent,     // for less than the grace: counted
  returning,  // heard again after it was missing: counted, until its check fails or never ends
  missing,    // silent for longer
  lying,      // it was proved that it kept nothing and said so: never counted again
};

class HostWatch {
 public:
  explicit HostWatch(const RepairLimits& limits) : limits_(limits) {}

  /// It has pieces: it counts when a storm is looked for.  Who has none comes and goes as it likes.
  void holds_pieces(std::uint32_t host);
  /// Hosts are numbers from 0; one of which nothing was learnt is good.
  void silent(std::uint32_t host, std::int64_t now_s);
  /// True when it was missing: it is returning now, and has to be checked.
  bool heard(std::uint32_t host, std::int64_t now_s);
  /// Planned: its grace begins at `until_s`.  Who gives such leave keeps count of it.
  void paused(std::uint32_t host, std::int64_t until_s);
  /// It goes for good then.  0: it stays after all.
  void leaving(std::uint32_t host, std::int64_t until_s);
  /// True when it was returning: it is good now.
  bool check_passed(std::uint32_t host);
  void lying(std::uint32_t host);

  /// The next Host that is given up by now; it is missing from here on.
  bool next_missing(std::int64_t now_s, std::uint32_t& host);
  /// When next_missing() may have one; INT64_MAX when never, as things are.
  std::int64_t wake_s() const;

  HostState state(std::uint32_t host) const {
    return host < hosts_.size() ? hosts_[host].state : HostState::good;
  }
  bool is_counted(std::uint32_t host) const { return state(host) <= HostState::returning; }
  /// It can be read from.
  bool is_reachable(std::uint32_t host) const {
    return state(host) == HostState::good || state(host) == HostState::returning;
  }
  bool is_leaving(std::uint32_t host) const { return host < hosts_.size() && hosts_[host].leaving_s != 0; }
  std::int64_t leaving_s(std::uint32_t host) const { return hosts_[host].leaving_s; }
  /// So many are silent that nobody is given up; until then at the latest.
  bool is_storm(std::int64_t now_s) const { return is_storm_ && now_s < storm_end_s(); }
  std::int64_t storm_end_s() const { return storm_s_ + limits_.storm_pause_s_max; }
  /// Of those that are counted and have pieces, how many are silent and have announced no pause: 0 to 1.
  double silent_part() const { return counted_ == 0 ? 0 : static_cast<double>(silent_) / counted_; }

 private:
  struct Host {
    HostState state = HostState::good;
    bool is_holder = false;
    std::int64_t silent_s = 0;
    std::int64_t paused_s = 0;
    std::int64_t leaving_s = 0;
    std::int64_t due_s = 0;   // its key in due_
    std::uint32_t storm = 0;  // the number of that which its silence is part of
  };
  Host& at(std::uint32_t host);
  void wait(std::uint32_t host, std::int64_t due_s);
  void stop_waiting(std::uint32_t host);
  bool is_paused(const Host& host) const { return host.paused_s > host.silent_s; }
  bool is_silent(const Host& host) const {
    return host.is_holder && host.state == HostState::silent && !is_paused(host);
  }
  void begins_silence(Host& host, std::int64_t now_s);
  void ends_silence(Host& host);
  std::uint32_t storm_limit() const;
  std::uint32_t silent_within_grace(std::int64_t now_s) const;
  void look_for_storm(std::int64_t now_s);
  void look_for_end_of_storm(std::int64_t now_s);

  RepairLimits limits_;
  std::vector<Host> hosts_;
  std::set<std::pair<std::int64_t, std::uint32_t>> due_;  // silent, returning: when it is given up
  std::uint32_t counted_ = 0;                             // that have pieces
  std::uint32_t silent_ = 0;                              // of these; and not paused
  bool has_silent_holder_ = false;  // who was silent when it got pieces: not looked at yet
  bool is_storm_ = false;
  std::int64_t storm_s_ = 0;        // since
  std::uint32_t storm_ = 0;         // its number, from 1
  std::uint32_t storm_silent_ = 0;  // of silent_, who are part of it
};

}  // namespace inxt::plan
