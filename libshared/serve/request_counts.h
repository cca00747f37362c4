// SPDX-License-Identifier: LGPL-3.0-or-later
// What a daemon has been asked since it started: plain numbers that only grow.  One thread: the loop's.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

namespace inxt::serve {

/// How long requests took.  Bounds are those of Prometheus' own clients, as far as a daemon's work spreads.
class Histogram {
 public:
  static constexpr std::array<std::int64_t, 12> kBoundsMs{5,   10,   25,   50,   100,   250,
                                                          500, 1000, 2500, 5000, 10000, 30000};

  void observe(std::int64_t ms);
  /// How many took at most kBoundsMs[i]; behind the last bound: all.
  std::uint64_t at_most(std::size_t i) const;
  std::uint64_t count() const { return at_most(kBoundsMs.size()); }
  std::uint64_t sum_ms() const { return sum_ms_; }

 private:
  std::array<std::uint64_t, kBoundsMs.size() + 1> counts_{};  // between two bounds
  std::uint64_t sum_ms_ = 0;
};

struct RequestCounts {
  std::array<std::uint64_t, 6> by_class{};  // by status / 100; [0]: the peer went away before an answer
  std::uint64_t received_bytes = 0;         // of bodies
  std::uint64_t sent_bytes = 0;
  Histogram duration;

  std::uint64_t requests() const { return duration.count(); }
};

struct RequestCounters {
  explicit RequestCounters(std::size_t actions) : requests(actions) {}

  std::vector<RequestCounts> requests;  // by the number of the action
  /// By the name of the limit that was reached, else by what refusal_reason() makes of the status.  Keys are
  /// literals.
  std::map<std::string_view, std::uint64_t> refused;

  /// `status` 0: nothing could be answered.
  void count_request(std::size_t action, int status, std::int64_t ms, std::uint64_t received_bytes,
                     std::uint64_t sent_bytes);
  /// `limit`: a literal, the name of the limit that was reached; empty where there was none.
  void count_refusal(int status, std::string_view limit);
};

}  // namespace inxt::serve
