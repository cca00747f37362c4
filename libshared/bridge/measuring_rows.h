// SPDX-License-Identifier: LGPL-3.0-or-later
// Whose turn it is to be measured, and what came of it, in the database.  Each function is a part of the
// caller's transaction.
//
// A process claims Hosts, so that of several that share a database one measures each Host, and renews its
// claims while it is at them; one that dies leaves its Hosts to the others when its claims have run out.
#pragma once

#include <vector>

#include "bridge/host_prober.h"
#include "bridge/host_record.h"
#include "database/transaction.h"

namespace inxt::bridge {

inline constexpr std::int64_t kMeasureLeaseS = 30;   // of a claim, from when it was made or renewed
inline constexpr std::size_t kReasonBytesMax = 200;  // of why a Host was not reached; the rest is cut off

struct MeasureIntervals {
  std::int64_t probe_s = 300;
  std::int64_t speed_s = 86400;  // also of audits
  // So that Hosts that answer slowly on purpose hold nobody else's turn up.
  std::int64_t closer_wait_ms = 10'000;  // for others that are looked at closely; then at the next probe
  std::int64_t closer_ms_max = 60'000;   // of an audit, a piece there, and back
  std::int64_t renew_ms = 5000;          // between looks for claims to renew
};

/// A piece that the Host promised to hold.
struct ProbePiece {
  PieceId piece;
  std::uint32_t bytes = 0;
  std::int64_t until_unix_s = 0;
};

struct MeasureClaim {
  KnownHost host;
  std::int64_t claimed_until_unix_s = 0;  // also proves that it is ours
  std::int64_t next_speed_unix_s = 0;
  std::int64_t audited_day = 0;
  std::optional<ProbePiece> probe;
};

/// Hosts whose turn it is, longest overdue first, at most `limit`.
Result<std::vector<MeasureClaim>> claim_hosts(database::Transaction& transaction, std::int64_t now_unix_s,
                                              std::int64_t limit);

/// From now on it runs kMeasureLeaseS again: until when.  Nothing when it was lost: another process may have
/// the Host.
Result<std::optional<std::int64_t>> renew_claim(database::Transaction& transaction, const MeasureClaim& claim,
                                                std::int64_t now_unix_s);

struct MeasureOutcome {
  std::optional<Reached> reached;
  std::string network;  // where reached
  std::string reason;   // where not
  bool speed_tried = false;
  std::optional<ProbedSpeed> speed;
  std::optional<bool> audit;  // passed or failed; nothing where it was not asked or did not answer
};

/// Writes down what came of it, and when its next turn is.  False when the claim was lost meanwhile: nothing
/// is changed then.  `random`: uniform.
Result<bool> save_measures(database::Transaction& transaction, const MeasureClaim& claim,
                           const MeasureOutcome& outcome, const MeasureIntervals& intervals,
                           std::int64_t now_unix_s, std::uint32_t random);

}  // namespace inxt::bridge
