// SPDX-License-Identifier: LGPL-3.0-or-later
// Checks every piece of a file at its Hosts, and stores the lost ones anew.  Needs no secret of the file.
// Tool: inxt-repair(1).
#pragma once

#include <functional>

#include "client/manifest_table.h"
#include "client/network.h"
#include "client/piece_texts.h"
#include "client/repair_hosts.h"
#include "client/silent_hosts.h"
#include "keys/owner.h"
#include "transfer/rebuild.h"

namespace inxt::client {

inline constexpr unsigned kRepairJobsDefault = 12;
inline constexpr std::uint64_t kRepairSegmentsAtOnce = 32;
/// And these have no more in memory than this, or it is one.
inline constexpr std::uint64_t kRepairMemoryBytes = 96 * 1024 * 1024;
inline constexpr std::size_t kRepairTroublesMax = 64;

struct RepairOptions {
  unsigned jobs = kRepairJobsDefault;  // Hosts that are checked at once
  unsigned blocks = transfer::kCheckBlocksDefault;
  bool all = false;      // also segments that are not near to loss (plan/repair_margin.h)
  bool dry_run = false;  // checks, and stores nothing
  /// Places of the table that the manifest's text does not have: on_later() gets those that hold their piece.
  std::vector<format::PlaceLine> later = {};
  std::int64_t busy_ms = transfer::kCheckBusyMs;  // how long a Host that has no time is asked again
  std::function<bool(std::uint64_t segment)> only_segments = {};  // null: all
  SilentHosts* silent = nullptr;  // of all files of a run, which outlives it; null: of this one only
};

struct RepairReport {
  std::uint64_t pieces = 0;
  std::uint64_t held = 0;    // at one Host at least, which has shown it
  std::uint64_t lost = 0;    // at none, and one says so or shows something else
  std::uint64_t silent = 0;  // at none, and none of its Hosts answers
  std::uint64_t busy = 0;    // perhaps: a Host of it answers, and had no time to show it; not repaired
  std::uint64_t segments = 0;
  std::uint64_t lacking = 0;   // segments that lacked pieces
  std::uint64_t due = 0;       // of those: near enough to loss
  std::uint64_t repaired = 0;  // have all their pieces now
  std::uint64_t below = 0;     // due, and still lack some
  std::uint64_t beyond = 0;    // due, and fewer pieces can be read than are needed
  std::uint64_t stored = 0;    // pieces
  std::uint64_t found = 0;     // pieces that an earlier repair had stored
  std::uint64_t read_bytes = 0, written_bytes = 0;
  std::optional<std::int32_t> least_margin = {};  // pieces that the weakest segment can still lose; -1: it is lost
  std::vector<std::string> troubles = {};         // one sentence each, with hostile text in it
  std::optional<Error> worst = {};                // of the segments that were not repaired
};

struct RepairCallbacks {
  /// A place that has proved itself, and what proves the contract.  An error ends the repair.
  std::function<Result<void>(const format::PlaceLine&, const transfer::StoredPiece&)> on_place = {};
  std::function<Result<void>(const format::PlaceLine&)> on_later = {};
  std::function<void(std::uint64_t bytes)> on_progress = {};
  std::function<bool()> stopped = {};  // true ends the repair with `failure`
};

/// Whose manifests this key's holder repairs.  An owner: its own writers', whose certificates may have expired since, as
/// only a new piece needs a valid one.  Others cannot tell writers; what they store is for the owner in their key, or
/// nothing (transfer::tag_for()).  REQUIRES: the key outlives it.
format::WriterCheck writers_to_repair_for(const keys::Key& key);

/// `text` is what `manifest` was read from.  `known`: newer addresses.  `network` stores as repairer.uploader; pieces are
/// read as the uploader of each place where the network can, else so too.
/// Errors: the callbacks', those of `hosts`, failure when it was stopped, integrity when true pieces do not make what was
/// signed.  What a Host or a segment lacks is no error: the report says it.
/// Cost: as check_pieces() for each Host, and as transfer::rebuild() for each segment that is due.
net::Awaitable<Result<RepairReport>> repair(Network network, const transfer::Repairer& repairer,
                                            const ManifestTable& manifest, const ManifestText& text,
                                            const std::vector<transfer::HostAddress>& known, RepairHosts& hosts,
                                            RepairOptions options, RepairCallbacks callbacks);

}  // namespace inxt::client
