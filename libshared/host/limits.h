// SPDX-License-Identifier: LGPL-3.0-or-later
// What a Host lets its peers use.  The names stand in its answers.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "serve/limits.h"

namespace inxt::host {

using serve::kDescriptorDays;
using serve::kProtocol;
using serve::kRetryAfterMs;
using serve::kRetryAfterSMax;

struct Limits {
  std::size_t buffer_bytes_max = std::size_t{128} << 20;  // memory for pieces and answers under way; then 503
  std::size_t requests_per_peer_max =
      16;                             // in work at once for an account on the list, or an address; then 429
  std::int64_t descriptor_ms = 5000;  // a descriptor is signed anew after this
};

// How buffer_bytes_max is shared.  Bodies of pieces leave an eighth of it to audits and small answers; and
// once half of it is in use, no peer's bodies may have more than another eighth, or one body.
inline constexpr std::size_t kBufferShares = 8;
inline constexpr std::size_t kSmallAnswerBytesMax = 64 * 1024;

/// What answers call the limits; the one that an answer's message names stands in its member `limit` too.
inline constexpr std::array<std::string_view, 13> kLimitNames{"requests_per_peer_max",
                                                              "voucher_bytes",
                                                              "audit_rate_per_peer",
                                                              "audit_rate",
                                                              "buffer_bytes_per_peer_max",
                                                              "buffer_bytes_max",
                                                              "traffic_bytes_per_month",
                                                              "capacity_bytes",
                                                              "reserve_bytes",
                                                              "term_seconds_max",
                                                              "price_min",
                                                              "kPieceBytesMax",
                                                              "kAuditRequestBytesMax"};

inline constexpr std::size_t kGetPartBytes = 256 * 1024;  // a piece is read and sent in these, one ahead
inline constexpr std::size_t kContractsPerAnswerMax = 64;
inline constexpr std::size_t kAuditBatch = 32;  // samples that one job on the pool answers

}  // namespace inxt::host
