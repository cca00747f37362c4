// SPDX-License-Identifier: LGPL-3.0-or-later
// Stores the pieces of a file at many Hosts at once, while they are still being made.  Tool: inxt-put(1).
//
// A segment's pieces go to different Hosts.  A Host that fails is left alone for a while, one that refuses for good; a
// slow one gets a second Host beside it, and what the slower of the two stored is deleted again.
#pragma once

#include <functional>

#include "client/batch.h"
#include "client/network.h"
#include "client/put_journal.h"
#include "client/segment_hosts.h"
#include "format/descriptor.h"
#include "keys/owner.h"

namespace inxt::client {

inline constexpr unsigned kPutJobsDefault = 12;
inline constexpr int kAttemptsPerPieceMax = 12;
/// Segments in memory at once take no more than this, whatever the layout: 4 of 12 MiB, 2 of 32 MiB.
inline constexpr std::uint64_t kPutMemoryBytes = 48 * 1024 * 1024;

struct PutOptions {
  unsigned jobs = kPutJobsDefault;          // pieces under way at once
  std::int64_t term_s = 365 * 86400;
  std::uint64_t price_max = 0;
  std::int64_t hedge_floor_ms = 3000;       // never a second Host before this
  bool receipts = false;                    // call on_receipt
};

struct PutReport {
  std::uint64_t pieces = 0;
  std::uint64_t placed = 0;       // including those that were there before
  std::uint64_t stored_bytes = 0; // sent and acknowledged
  std::uint64_t segments = 0;
  std::uint64_t segments_below = 0;       // fewer pieces than asked
  std::optional<std::uint32_t> least_to_spare; // the fewest pieces that any segment can still lose
  unsigned hosts = 0;
  std::vector<std::string> troubles;      // one sentence a Host that failed, at most kTroublesMax
};
inline constexpr std::size_t kTroublesMax = 16;

struct PutCallbacks {
  /// Gets every line that the journal has not yet: pieces before they leave, places when they are known.  May be null.
  PutJournal* journal = nullptr;
  /// Manifest lines as they are ready, on the loop's thread.  An error ends the put.
  std::function<Result<void>(std::string_view lines)> write;
  std::function<void(const transfer::StoredPiece&)> on_receipt = {};
  std::function<void(std::uint64_t bytes, unsigned hosts)> on_progress = {};
  std::function<bool()> stopped = {};  // true ends the put with `failure`
  /// Says for each segment which Hosts it goes to; null: any of `hosts`.
  SegmentHostSource* segment_hosts = nullptr;
};

/// Puts everything that `source` gives; the manifest ends with its seal.
/// Errors: the source's and the callbacks'; failure when it was stopped.  A Host's failure is no error: the report says
/// what came of it.  But a segment of which fewer than K shards found a Host ends the put: quota or denied when that was
/// every Host's reason, else too_few_pieces, naming the Hosts and why.
///         With segment_hosts: theirs.  When that is quota, what was stored is taken back first, as far as the Hosts can be
///         reached; what another put left, which this one went on with, stays.
/// Memory: with segment_hosts 72 bytes a piece, for taking it back: 57 MB for a terabyte stored 4+2.
net::Awaitable<Result<PutReport>> put(Network network, const keys::Key& key, std::vector<format::Descriptor> hosts,
                                      BatchSource& source, PutOptions options, PutCallbacks callbacks);

}  // namespace inxt::client
