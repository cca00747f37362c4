// SPDX-License-Identifier: LGPL-3.0-or-later
// Hosts that gave no answer, for as long as a tool runs: it has many files at the same Hosts, and waits for
// each of them once.
#pragma once

#include <map>
#include <string>

#include "base/ids.h"
#include "sys/clock.h"

namespace inxt::client {

/// For so long a Host that did not answer is not asked again; after that it may have come back.
inline constexpr std::int64_t kSilentHostMs = 600'000;

class SilentHosts {
 public:
  /// REQUIRES: the clock outlives this.
  explicit SilentHosts(const sys::Clock& clock) : clock_(clock) {}

  void note(const HostId& host, std::string why) {
    hosts_.insert_or_assign(host, Silence{.since_ms = clock_.steady_ms(), .why = std::move(why)});
  }
  void forget(const HostId& host) { hosts_.erase(host); }
  /// What it was noted with; nullptr for one that is to be asked.
  const std::string* find(const HostId& host) const {
    const auto known = hosts_.find(host);
    if (known == hosts_.end() || clock_.steady_ms() - known->second.since_ms >= kSilentHostMs) return nullptr;
    return &known->second.why;
  }

 private:
  struct Silence {
    std::int64_t since_ms = 0;
    std::string why;
  };
  const sys::Clock& clock_;
  std::map<HostId, Silence> hosts_;
};

}  // namespace inxt::client
