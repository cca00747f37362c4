// SPDX-License-Identifier: AGPL-3.0-or-later
// A Host that keeps a random part of its blocks, all in memory, and what audits find of it.  Every block is
// shown with a real proof and judged by the real judge, once; then each challenge only looks up what was
// found.
#pragma once

#include <vector>

#include "proof/chain.h"
#include "proof/challenge.h"
#include "proof/verdict.h"

namespace inxt::rates {

enum class Draw { set, inventory, chain };

class DamagedHost {
 public:
  /// `pieces` of 2 MiB that follow from the seed.  Cost: 2 ms a piece.
  DamagedHost(double keep, std::size_t pieces, std::uint64_t seed);

  std::uint64_t blocks() const { return set_.blocks(); }
  std::uint64_t bad() const { return bad_; }
  /// Whether an audit with this beacon finds a bad block.
  bool is_found(Draw draw, const HostId& host, const proof::Hash& commitment, const proof::Beacon& beacon,
                std::uint64_t samples) const;
  const proof::Hash& set_hash() const { return set_.hash(); }

 private:
  bool is_held(std::uint64_t number) const { return outcomes_[number] == proof::Outcome::held; }

  proof::AuditSet set_;
  std::vector<proof::Outcome> outcomes_;  // by block number in the set
  std::vector<proof::Hash> kept_;         // what stands for the block's bytes in chain_link(): a hash of them
  std::uint64_t bad_ = 0;
};

}  // namespace inxt::rates
