// SPDX-License-Identifier: LGPL-3.0-or-later
#include "proof/anchor.h"

#include <algorithm>

namespace inxt::proof {

Anchor anchor_of(std::optional<std::int64_t> beacon_unix_s, std::optional<std::int64_t> commit_unix_s,
                 std::span<const WitnessWord> words, const HostId& audited,
                 std::span<const HostId> required) {
  Anchor out;
  if (!beacon_unix_s) return out;
  // Not time + margin: a hostile time may be the largest there is.
  const auto older = [&](std::int64_t time_unix_s) { return time_unix_s <= *beacon_unix_s - kAnchorMarginS; };
  out.by_auditor = commit_unix_s && older(*commit_unix_s);
  for (const auto& word : words)
    if (word.witness != audited && older(word.time_unix_s)) out.by_witnesses.push_back(word.witness);
  std::ranges::sort(out.by_witnesses);
  const auto twice = std::ranges::unique(out.by_witnesses);
  out.by_witnesses.erase(twice.begin(), twice.end());
  const auto has_seen = [&](const HostId& witness) {
    return std::ranges::binary_search(out.by_witnesses, witness);
  };
  out.anchored = required.empty() ? out.by_auditor || !out.by_witnesses.empty()
                                  : std::ranges::all_of(required, has_seen);
  return out;
}

}  // namespace inxt::proof
