// SPDX-License-Identifier: LGPL-3.0-or-later
// An audit of all that a Host says it holds: which blocks are asked for under a head, and what an answer
// shows.  Pure: the same for an answer that came just now and for one out of a transcript.  Format:
// inxt-proof(5), "Inventory".
#pragma once

#include "format/inventory_lines.h"
#include "format/inventory_requests.h"
#include "proof/chain.h"
#include "proof/challenge.h"
#include "proof/verdict.h"

namespace inxt::client {

/// Of a line in an answer about an inventory.
inline constexpr std::size_t kInventoryLineBytesMax = format::kReleasedLineBytesMax;
/// Of a whole answer: 256 blocks, each with its way down a tree of 10^9 pieces.
inline constexpr std::size_t kInventoryAnswerBytesMax = 4 * 1024 * 1024 + 64 * 1024;

enum class Sampling {
  drawn,    // all numbers follow from the challenge; none is asked twice
  chained,  // each follows from the block before (proof/chain.h); some may come twice
};

/// What is asked of a Host under one head.
struct InventoryChallenge {
  crypto::Hash hash{};  // of the whole challenge: what answers must name
  crypto::Hash head{};
  HostId host;
  proof::InventoryBranch root;  // of the head
  Sampling sampling = Sampling::drawn;
  std::uint64_t samples = 0;           // none where the inventory is empty
  std::vector<std::uint64_t> numbers;  // where they are drawn
};

/// min(asked, blocks) samples.
/// Errors: usage when `asked` is 0 or past proof::kSamplesMax.
Result<InventoryChallenge> derive_inventory_challenge(const proof::Beacon& beacon,
                                                      const format::SignedHead& head, std::uint64_t asked,
                                                      Sampling sampling);

/// A part of a challenge that is asked at once.
struct InventoryPart {
  std::uint64_t first = 0;    // sample
  std::uint64_t count = 0;    // 1 to kSamplesPerRequestMax
  proof::ChainLink previous;  // where they are chained: of the sample before
  std::string body;           // the request's exact bytes
};
/// The block that sample `sample` asks for; `previous` counts where they are chained.
std::uint64_t number_of(const InventoryChallenge& challenge, std::uint64_t sample,
                        const proof::ChainLink& previous);
std::uint64_t parts_of(const InventoryChallenge& challenge);
/// `previous`: InventoryAnswer::link of the part before; proof::kChainStart for part 0.  REQUIRES: part <
/// parts_of(challenge).
InventoryPart inventory_part(const InventoryChallenge& challenge, std::uint64_t part,
                             const proof::ChainLink& previous);

/// What the two lines about one sample show.
struct Finding {
  std::uint64_t number = 0;  // of the block in the inventory
  proof::Outcome outcome = proof::Outcome::bad_inclusion;
  PieceId piece;                                      // that the number falls on; zeros where bad_inclusion
  std::uint64_t block = 0;                            // of the piece; 0 where bad_inclusion
  std::optional<crypto::PublicKey> released_by = {};  // the Bridge whose release was shown
};

/// If the Host signed them.  `answered_unix_s`: the answer's time.
Finding judge_sample(const InventoryChallenge& challenge, std::uint64_t number, std::string_view inclusion,
                     std::string_view shown, std::int64_t answered_unix_s);
/// What the sample behind this one hangs on, from its second line: proof::chain_link() of the data in a proof
/// line, whatever it is worth; kChainStart for every other line.
proof::ChainLink link_of(const InventoryChallenge& challenge, std::string_view shown);

/// An answer that counts: the Host has signed every line of it.
struct InventoryAnswer {
  std::vector<Finding> findings;  // of each sample, in order
  proof::ChainLink link;          // of the last sample
  std::int64_t time_unix_s = 0;   // by the Host's clock
};

/// Errors: integrity when it does not count as an answer of this Host to this request: no evidence then.
/// Among these is an answer that is dated more than kClockSkewS behind `received_unix_s` and says that a term
/// was over: who dates answers ahead could end every contract. Cost: a hash, two JSON lines and a tree path
/// for each sample; 100 us.
Result<InventoryAnswer> check_inventory_answer(const InventoryChallenge& challenge, const InventoryPart& part,
                                               std::string_view answer, std::int64_t received_unix_s);

/// Whether a piece, and a contract about it, is in the inventory.
enum class Listing {
  listed,           // the contract is; where none was asked for, the piece is
  piece_absent,     // proved: the piece is not in it
  contract_absent,  // proved: the piece is, the contract is not
  contract_denied,  // the piece is; that the contract is not is the Host's word only
  wrong,            // the Host signed what leads to no such tree: evidence that it lies
};
std::string_view listing_name(Listing listing);

/// What one line shows of a piece that was looked up, if the Host signed it.
Listing judge_listing(const proof::InventoryBranch& root, const format::LookupPiece& asked,
                      std::string_view line);

struct LookupAnswer {
  std::vector<Listing> listings;  // of each piece asked for, in order
  std::int64_t time_unix_s = 0;
};
/// `body`: write_lookup() of `asked`.  Errors: integrity when it does not count as an answer of the head's
/// Host to this request.
Result<LookupAnswer> check_lookup_answer(const format::SignedHead& head,
                                         std::span<const format::LookupPiece> asked, std::string_view body,
                                         std::string_view answer);

}  // namespace inxt::client
