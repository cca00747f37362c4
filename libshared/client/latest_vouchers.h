// SPDX-License-Identifier: LGPL-3.0-or-later
// The vouchers that pieces show at Hosts, where several placements ask for them at once.  A voucher says how
// much an account may have in all, so of two the one that says more came later, in whatever order the answers
// came.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>

#include "base/ids.h"
#include "sys/clock.h"

namespace inxt::client {

class LatestVouchers {
 public:
  /// REQUIRES: the clock outlives it.
  explicit LatestVouchers(const sys::Clock& clock) : clock_(clock) {}

  /// What is no voucher is passed over: its Host will say so.
  void take(const HostId& host, const std::string& token);
  std::optional<std::string> find(const HostId& host) const;

 private:
  struct Kept {
    std::string token;
    std::uint64_t bytes = 0;
    std::int64_t expires_unix_s = 0;
  };
  const sys::Clock& clock_;
  std::unordered_map<HostId, Kept> kept_;
};

}  // namespace inxt::client
