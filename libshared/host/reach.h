// SPDX-License-Identifier: LGPL-3.0-or-later
// How often a Host looks whether others can be reached (inxt-wire(7), "POST /v1/reach").  Pure.
//
// Whoever asks names a port and nothing else: only its own address is tried, only for its own key, and it learns no more
// than whether that key answered there.  So this is no way to look into networks, nor to flood anybody.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

namespace inxt::host {

inline constexpr std::size_t kReachAtOnceMax = 4;
inline constexpr std::int64_t kReachGapMs = 10'000;  // between two of one network (net::network_of)
inline constexpr std::int64_t kReachAnyGapMs = 200;  // between any two
inline constexpr int kReachWaitMs = 4000;            // for the asker's answer
inline constexpr std::size_t kReachBodyBytesMax = 256;

class ReachLimits {
 public:
  /// False: not now.  True: end() has to follow.
  bool begin(const std::string& network, std::int64_t now_ms);
  void end() { --at_once_; }

 private:
  std::unordered_map<std::string, std::int64_t> last_ms_;  // of the last kReachGapMs: bounded by kReachAnyGapMs
  std::int64_t any_ms_ = -kReachAnyGapMs;
  std::size_t at_once_ = 0;
};

}  // namespace inxt::host
