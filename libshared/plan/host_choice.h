// SPDX-License-Identifier: LGPL-3.0-or-later
// Which Host next: spreads pieces evenly, asks fast Hosts first, leaves failing ones alone for a while.
// Pure: time is an argument, ties are broken by the Host's number.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace inxt::plan {

inline constexpr int kFailuresInARowMax = 5;           // then a Host is left out for good
inline constexpr std::int64_t kFirstCooldownMs = 500;  // doubles with each failure in a row
inline constexpr std::int64_t kCooldownMsMax = 15'000;

enum class Failure {
  passing,  // no answer, busy
  lasting,  // full, refused us, wrong key, false data: not asked again
};

enum class Standing {
  good,
  slow,     // takes three times as long as the middle of all
  cooling,  // has just failed
  left_out,
};

class HostChoice {
 public:
  /// `free_bytes[i]`: what Host i says it has room for (any large number where unknown).
  explicit HostChoice(std::vector<std::uint64_t> free_bytes);

  /// The Host to store `bytes` at: not in `taken`, not cooling down or left out, with room; fewest requests
  /// under way, then fewest bytes given.  Nothing when there is none now; see next_try_ms.
  std::optional<std::size_t> pick_for_put(std::span<const std::size_t> taken, std::uint64_t bytes,
                                          std::int64_t now_ms) const;
  /// The same among `allowed`.
  std::optional<std::size_t> pick_for_put(std::span<const std::size_t> allowed,
                                          std::span<const std::size_t> taken, std::uint64_t bytes,
                                          std::int64_t now_ms) const;
  /// All indices.
  std::vector<std::size_t> everyone() const;
  /// One more Host, with the next index.
  void add(std::uint64_t free_bytes) { hosts_.emplace_back().free_bytes = free_bytes; }
  /// How good a Host is to read from, best first.  Left-out ones come last: they may be all there is.
  Standing standing(std::size_t host, std::int64_t now_ms) const;
  unsigned under_way(std::size_t host) const { return hosts_[host].under_way; }
  std::int64_t cool_until_ms(std::size_t host) const { return hosts_[host].cool_until_ms; }

  /// When a Host that is not in `taken` can be asked again; nothing when all others are left out.
  std::optional<std::int64_t> next_try_ms(std::span<const std::size_t> taken, std::uint64_t bytes) const;
  std::optional<std::int64_t> next_try_ms(std::span<const std::size_t> allowed,
                                          std::span<const std::size_t> taken, std::uint64_t bytes) const;

  void started(std::size_t host);
  /// A request that was abandoned: neither good nor bad.
  void cancelled(std::size_t host);
  void succeeded(std::size_t host, std::uint64_t bytes, std::int64_t took_ms);
  void stored(std::size_t host, std::uint64_t bytes);
  void failed(std::size_t host, Failure failure, std::int64_t now_ms);

  bool left_out(std::size_t host) const { return hosts_[host].left_out; }
  std::size_t size() const { return hosts_.size(); }
  /// Hosts that have served or stored something.
  unsigned in_use() const;
  /// How long a request may take before a second Host is asked: four times the middle of recent ones, within
  /// [floor_ms, 15 s]; floor_ms * 4 before any is known.
  std::int64_t hedge_after_ms(std::int64_t floor_ms) const;

 private:
  std::optional<std::int64_t> middle_ms() const;  // of recent answers

  struct Host {
    std::uint64_t free_bytes = 0;
    std::uint64_t given_bytes = 0;
    unsigned under_way = 0;
    int failures_in_a_row = 0;
    std::int64_t cool_until_ms = 0;
    double usual_ms = 0;  // moving average; 0 before the first answer
    bool left_out = false;
    bool used = false;
  };
  std::vector<Host> hosts_;
  std::vector<std::int64_t> recent_ms_;  // ring of the last answers
  std::size_t recent_at_ = 0;
};

}  // namespace inxt::plan
