// SPDX-License-Identifier: AGPL-3.0-or-later
#include "rates/damaged_host.h"

#include <map>

#include "base/check.h"
#include "cheat/chosen.h"
#include "crypto/random.h"

namespace inxt::rates {

DamagedHost::DamagedHost(double keep, std::size_t pieces, std::uint64_t seed)
    : set_(*proof::AuditSet::make({{PieceId{}, 1}})) {
  std::vector<proof::SetPiece> listed;
  std::map<PieceId, std::vector<proof::Outcome>> outcomes;
  std::map<PieceId, std::vector<proof::Hash>> kept;
  for (std::size_t i = 0; i < pieces; ++i) {
    Bytes bytes(proof::kPieceBytesMax);
    crypto::SeededRandom(seed * 1'000'000 + i).fill(bytes);
    const proof::Tree tree{ByteView(bytes)};
    listed.push_back({tree.id(), bytes.size()});
    for (std::uint64_t block = 0; block < tree.blocks(); ++block) {
      const auto data = ByteView(bytes).subspan(block * proof::kBlockBytes, proof::kBlockBytes);
      proof::Proof shown{.piece = tree.id(),
                         .block = block,
                         .missing = false,
                         .size_bytes = bytes.size(),
                         .data = copy_of(data),
                         .path = tree.path(block)};
      if (!cheat::is_kept(seed, tree.id(), block, keep)) {  // admits it, or shows zeros
        shown.missing = block % 2 == 0;
        shown.data = Bytes(shown.missing ? 0 : proof::kBlockBytes);
        ++bad_;
      }
      outcomes[tree.id()].push_back(proof::verify(tree.id(), bytes.size(), block, shown));
      kept[tree.id()].push_back(crypto::sha256(data));
    }
  }
  set_ = *proof::AuditSet::make(std::move(listed));
  for (const auto& piece : set_.pieces()) {
    const auto& found = outcomes.at(piece.id);
    outcomes_.insert(outcomes_.end(), found.begin(), found.end());
    const auto& hashes = kept.at(piece.id);
    kept_.insert(kept_.end(), hashes.begin(), hashes.end());
  }
  CHECK_BUG(outcomes_.size() == set_.blocks());
}

bool DamagedHost::is_found(Draw draw, const HostId& host, const proof::Hash& commitment,
                           const proof::Beacon& beacon, std::uint64_t samples) const {
  const auto challenge = proof::challenge_hash(beacon, host, commitment, samples);
  if (draw == Draw::chain) {
    proof::ChainLink link = proof::kChainStart;
    for (std::uint64_t number = 0; number < samples; ++number) {
      const std::uint64_t block = proof::chain_draw(challenge, number, link, blocks());
      if (!is_held(block)) return true;
      link = proof::chain_link(challenge, kept_[block]);
    }
    return false;
  }
  if (draw == Draw::set) {
    const auto derived = proof::derive_challenge(beacon, host, set_, samples);
    for (const proof::Sample& sample : derived->samples)
      if (!is_held(sample.piece * proof::kPieceBlocksMax + sample.block)) return true;
    return false;
  }
  for (const std::uint64_t number : proof::draw_numbers(challenge, blocks(), samples))
    if (!is_held(number)) return true;
  return false;
}

}  // namespace inxt::rates
