// SPDX-License-Identifier: LGPL-3.0-or-later
// The progress line on standard error: bytes, rate, time left, Hosts in use.
#pragma once

#include <atomic>
#include <mutex>
#include <optional>
#include <string>

#include "sys/clock.h"

namespace inxt::cli {

enum class ProgressMode {
  automatic,  // a meter on a terminal, else nothing
  never,
  plain,  // a line now and then
  json,   // {"progress":{"bytes","total"?,"bytes_per_s","seconds_left"?,"hosts"}} now and then
};

inline constexpr std::int64_t kMeterIntervalMs = 200;
inline constexpr std::int64_t kLineIntervalMs = 5000;  // plain; json is every second
inline constexpr std::int64_t kJsonIntervalMs = 1000;

/// Thread-safe.  add_bytes costs an atomic addition and a look at the clock.
class Progress {
 public:
  Progress(ProgressMode mode, int fd, const sys::Clock& clock);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// `what` is a verb: "putting".
  void begin(std::string what, std::optional<std::uint64_t> total_bytes = std::nullopt);
  void add_bytes(std::uint64_t bytes);
  void set_hosts(unsigned hosts) { hosts_ = hosts; }
  /// Takes the meter off the terminal; also done before every message.
  void clear();
  /// Ends it; in plain and json with a last line.
  void finish();

 private:
  void tick(bool last);

  ProgressMode mode_;
  int fd_;
  const sys::Clock& clock_;
  bool meter_ = false;  // on a terminal
  bool colour_ = false;
  std::mutex mutex_;
  std::string what_;
  std::optional<std::uint64_t> total_bytes_;
  std::atomic<std::uint64_t> bytes_ = 0;
  std::atomic<unsigned> hosts_ = 0;
  std::atomic<bool> active_ = false;
  std::atomic<std::int64_t> next_ms_ = 0;
  std::int64_t begun_ms_ = 0;
  bool shown_ = false;
};

}  // namespace inxt::cli
