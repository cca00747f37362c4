// SPDX-License-Identifier: LGPL-3.0-or-later
// What a Bridge lets its peers use.  The names stand in its answers.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "serve/limits.h"

namespace inxt::bridge {

struct Limits {
  std::size_t requests_per_peer_max = 64;  // in work at once for one network (net::network_of); then 429
  std::int64_t descriptor_ms = 60'000;     // a descriptor is signed anew after this
};

/// What answers call the limits; the one that an answer's message names stands in its member `limit` too.  A
/// name that another begins with stands behind it.
inline constexpr std::array kLimitNames = std::to_array<std::string_view>({
    "requests_per_peer_max",
    "hosts_per_network_max",
    "registrations_per_network_hour",
    "kSuccessionGapS",
    "beat_gap_ms",
    "beats_queued_max",
    "beat_wait_ms",
    "reports_per_host_max",
    "kRegistrationBytesMax",
    "kReportTokenBytesMax",
    "kWitnessRequestBytesMax",
    "kHostsPerPageMax",
    "memory_bytes_per_peer_max",
    "memory_bytes_max",
    "append_bytes_max",
    "append_entries_max",
    "append_records_max",
    "log_seq_max",
    "logs_per_owner_max",
    "shares_per_owner_max",
    "share_term_s_max",
    "kShareBodyBytesMax",
    "kShareBundleBytesMax",
    "kShareLineBytesMax",
    "kShareLinesMax",
    "kSharePiecesMax",
    "care_keys_per_owner_max",
    "kCareBodyBytesMax",
    "kCareKeyBytesMax",
    "kCareReportBytesMax",
    "kCareFilesMax",
    "kCareReadingsMax",
    "kCarePlacesPerPieceMax",
    "kCareSegmentBytesMax",
    "kPlacementBodyBytesMax",
    "kPlacementHostsMax",
    "kPlacementsMax",
    "kVouchersMax",
    "kRevocationBytesMax",
    "kRevocationsMax",
    "kPermitChainMax",
    "kPermitTokenBytesMax",
});

}  // namespace inxt::bridge
