// SPDX-License-Identifier: LGPL-3.0-or-later
// Whether a challenge is younger than what it was drawn over: a Host that knows the beacon before it commits
// itself can try commitments until the samples miss its damage.  Format: inxt-proof(5), "Anchoring".
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "base/ids.h"

namespace inxt::proof {

/// By so much a beacon must be younger than a commitment: more than clocks of witnesses are off by, in
/// earnest.
inline constexpr std::int64_t kAnchorMarginS = 30;
inline constexpr std::size_t kWitnessesMax = 8;  // of one commitment

/// Somebody's signed word that a commitment was there at a time.
struct WitnessWord {
  HostId witness;
  std::int64_t time_unix_s = 0;
};

/// What the times show.
struct Anchor {
  bool anchored = false;
  bool by_auditor = false;           // the auditor's own word is among those that anchor it
  std::vector<HostId> by_witnesses;  // ascending
};

/// Anchored when the beacon is younger, by kAnchorMarginS, than the auditor's word or a witness's of when the
/// commitment was there; where witnesses are required, than the word of each of these, and the auditor's is
/// not enough.  The audited Host is no witness of its own.  Of a witness's several words the earliest counts.
Anchor anchor_of(std::optional<std::int64_t> beacon_unix_s, std::optional<std::int64_t> commit_unix_s,
                 std::span<const WitnessWord> words, const HostId& audited, std::span<const HostId> required);

}  // namespace inxt::proof
