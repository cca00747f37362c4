// SPDX-License-Identifier: LGPL-3.0-or-later
// What is the same at every daemon of ours.  Wire: inxt-wire(7).
#pragma once

#include <cstddef>
#include <cstdint>

namespace inxt::serve {

inline constexpr std::uint64_t kProtocol = 1;  // the highest that is spoken here
inline constexpr std::size_t kRequestIdBytesMax = 64;
inline constexpr std::int64_t kRetryAfterMs = 1000;  // what a busy daemon asks for
inline constexpr std::int64_t kRetryAfterSMax = 86400;
inline constexpr std::int64_t kDescriptorDays = 7;          // how long a descriptor is fresh
inline constexpr std::size_t kCommandBytesMax = 64 * 1024;  // of a command's JSON on the control socket
inline constexpr std::size_t kStatusBytesMax = std::size_t{1} << 20;  // of each way to write a status
inline constexpr int kStopGraceMs = 20000;                            // what SIGTERM gives requests under way

}  // namespace inxt::serve
