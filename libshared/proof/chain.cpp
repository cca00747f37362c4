// SPDX-License-Identifier: LGPL-3.0-or-later
#include "proof/chain.h"

#include "crypto/labels.h"
#include "proof/challenge.h"

namespace inxt::proof {

ChainLink chain_link(const Hash& challenge, ByteView block) {
  return {crypto::labelled_hash(crypto::label::kChainLink, {challenge, block})};
}

std::uint64_t chain_draw(const Hash& challenge, std::uint64_t number, const ChainLink& previous,
                         std::uint64_t blocks) {
  for (std::uint64_t attempt = 0;; ++attempt) {
    const auto hash = crypto::labelled_hash(crypto::label::kChain,
                                            {challenge, big_endian(number), previous.hash, big_endian(attempt)});
    if (const auto block = block_of_draw(from_big_endian<std::uint64_t>(ByteView(hash).first(8)), blocks))
      return *block;
  }
}

}  // namespace inxt::proof
