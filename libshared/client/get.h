// SPDX-License-Identifier: LGPL-3.0-or-later
// Fetches a file's segments from its Hosts, several at once, and gives its bytes in order.  Tool: inxt-get(1).
//
// Nothing is given out that was not checked against a piece id its writer signed.  The fastest Hosts are asked first; a
// slow or false one is replaced by a mirror or parity without waiting for it.
#pragma once

#include <functional>

#include "client/byte_stream.h"
#include "client/local_paths.h"
#include "client/manifest_table.h"
#include "client/network.h"
#include "client/silent_hosts.h"
#include "client/transfer_receipts.h"

namespace inxt::client {

inline constexpr unsigned kGetJobsDefault = 12;
inline constexpr int kTriesPerPieceMax = 3;  // at one Host
/// Segments in memory at once take no more than this, but at least two are.
inline constexpr std::uint64_t kGetMemoryBytes = 40 * 1024 * 1024;

class LaterPlaces;

struct GetOptions {
  unsigned jobs = kGetJobsDefault;
  std::int64_t hedge_floor_ms = 400;  // never asks a second Host before this
  TransferReceipts* receipts = nullptr;  // gets every piece that a Host served and that was verified
  const LocalPaths* pieces = nullptr;  // folders where pieces named by their id are looked for first
  /// Of files that are read one after the other: these are asked last.  Told who is silent, and who is no
  /// more.
  SilentHosts* silent = nullptr;
  LaterPlaces* later = nullptr;  // asked when a segment comes short, and told what was no good
  /// Ciphertext to give: [first, end), `end` at most the file's.
  std::uint64_t first = 0;
  std::uint64_t end = 0;
};

struct GetReport {
  std::uint64_t bytes = 0;       // given out
  std::uint64_t fetched_bytes = 0;
  unsigned hosts = 0;
  unsigned hosts_replaced = 0;   // asked, and others served in their stead
  std::uint64_t segments_rebuilt = 0;
  std::vector<std::string> troubles;
};

struct GetCallbacks {
  std::function<void(std::uint64_t bytes, unsigned hosts)> on_progress = {};
  std::function<bool()> stopped = {};
};

/// Writes the ciphertext from options.first to options.end to `out`, on a worker thread; finish() is the caller's.
/// `hosts` adds addresses to those of the manifest, by Host id.
/// Errors: too_few_pieces, naming the segments and how many pieces they lack (integrity instead, when a piece that came
/// was false and others were missing only for a passing reason); the sink's.
net::Awaitable<Result<GetReport>> get(Network network, const ManifestTable& manifest,
                                      std::vector<transfer::HostAddress> hosts, ByteSink& out, GetOptions options,
                                      GetCallbacks callbacks);

}  // namespace inxt::client
