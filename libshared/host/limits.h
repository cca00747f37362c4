// SPDX-License-Identifier: LGPL-3.0-or-later
// What a Host lets its peers use.  The names stand in its answers.
#pragma once

#include <cstddef>
#include <cstdint>

namespace inxt::host {

struct Limits {
  std::size_t buffer_bytes_max = std::size_t{128} << 20;  // memory for pieces and answers under way; then 503
  std::size_t requests_per_peer_max = 16;  // in work at once for an account on the list, or an address; then 429
  std::int64_t descriptor_ms = 5000;       // a descriptor is signed anew after this
};

inline constexpr std::size_t kContractsPerAnswerMax = 64;
inline constexpr std::size_t kRequestIdBytesMax = 64;
inline constexpr std::size_t kAuditBatch = 32;       // samples that one job on the pool answers
inline constexpr std::int64_t kRetryAfterMs = 1000;  // what a busy Host asks for
inline constexpr std::int64_t kDescriptorDays = 7;   // how long a descriptor is fresh
inline constexpr std::uint64_t kProtocol = 1;        // the highest that is spoken here

}  // namespace inxt::host
