// SPDX-License-Identifier: LGPL-3.0-or-later
// What a Bridge takes of logs, records and shares.  Wire: inxt-bridge(7), "LIMITS".
#pragma once

#include <cstddef>
#include <cstdint>

namespace inxt::bridge {

// A body of POST /v1/logs/LOG.
inline constexpr std::size_t kAppendBytesMax = std::size_t{8} << 20;
inline constexpr std::size_t kAppendEntriesMax = 64;
inline constexpr std::size_t kAppendRecordsMax = 256;

// A page of a log's entries, of its records, and of shares.
inline constexpr std::size_t kLogPageBytesMax = std::size_t{4} << 20;
inline constexpr std::size_t kLogPageLinesMax = 1024;

/// Logs of one owner.  A person has one; an organisation, one for each of its people.
inline constexpr std::int64_t kLogsPerOwnerMax = 1024;
/// A log's entries are numbered from 1, and a number must be exact in JSON and in SQL.
inline constexpr std::uint64_t kLogSeqMax = std::uint64_t{1} << 48;
/// What a row costs beside its line: it is charged too, so that tiny lines are not free.
inline constexpr std::int64_t kRowChargeBytes = 256;

inline constexpr std::int64_t kSharesPerOwnerMax = 10'000;
inline constexpr std::int64_t kShareTermSMax = 10 * 366 * std::int64_t{86400};
/// Expired shares that one request clears away beside its own work.
inline constexpr std::int64_t kExpiredSharesPerTurn = 16;
/// And that the work beside the requests removes in one transaction.
inline constexpr std::int64_t kSharesRemovedAtOnceMax = 50;

}  // namespace inxt::bridge
