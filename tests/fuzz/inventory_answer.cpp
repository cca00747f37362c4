// SPDX-License-Identifier: AGPL-3.0-or-later
// Answers about an inventory.  First byte: requests, a released line, the lines of an answer that is
// completed and signed here (drawn, chained), or lines of a lookup.
#include <algorithm>

#include "client/inventory_answer.h"

#include "format/release.h"
#include "fuzz/support/fuzz.h"
#include "proof/inventory_contracts.h"
#include "proof/inventory_tree.h"

namespace inxt::fuzz {
namespace {

/// Two pieces of zeros, of two blocks and of one, and a challenge for all three blocks.
struct Inventory {
  Bytes first = Bytes(5000), second = Bytes(16);
  crypto::Hash blinded = proof::blinded_contract({});
  std::vector<proof::InventoryLeaf> leaves;
  format::SignedHead head;

  Inventory() {
    for (const Bytes* bytes : {&first, &second})
      leaves.push_back({.piece = proof::piece_id_of(*bytes),
                        .size_bytes = bytes->size(),
                        .contracts = 1,
                        .contracts_root = proof::contracts_root({&blinded, 1})});
    std::ranges::sort(leaves, {}, &proof::InventoryLeaf::piece);
    head.head = {.host = HostId{signing_key().public_key()},
                 .time_unix_s = 1'800'000'000,
                 .previous = std::nullopt,
                 .pieces = 2,
                 .root = *proof::inventory_branch(leaves)};
  }
};

const Inventory& inventory() {
  static const Inventory out;
  return out;
}

std::string signed_lines(std::string_view lines, const crypto::Hash& challenge, std::string_view body,
                         std::size_t proofs) {
  return std::string(lines) + format::sign_answer({.challenge = challenge,
                                                   .host = inventory().head.head.host,
                                                   .request = crypto::sha256(view_of(body)),
                                                   .time_unix_s = 1'800'000'001,
                                                   .proofs = proofs,
                                                   .hash = crypto::sha256(view_of(lines))},
                                                  signing_key());
}

void answer(std::string_view lines, client::Sampling sampling) {
  const auto challenge = *client::derive_inventory_challenge({}, inventory().head, 3, sampling);
  const auto part = client::inventory_part(challenge, 0, proof::kChainStart);
  const auto judged = client::check_inventory_answer(
      challenge, part, signed_lines(lines, challenge.hash, part.body, part.count), 1'800'000'001);
  if (!judged) return;
  CHECK_BUG(judged->findings.size() == 3);
  const auto shown = lines_of(lines);
  for (std::size_t i = 0; i < 3; ++i) {
    const auto& finding = judged->findings[i];
    CHECK_BUG(finding.number < 3);
    if (finding.outcome != proof::Outcome::held) continue;
    // Nothing but the block that the number falls on passes.
    const auto place = *proof::locate_leaf(inventory().leaves, finding.number);
    const auto& leaf = inventory().leaves[place.index];
    CHECK_BUG(finding.piece == leaf.piece && finding.block == finding.number - place.first_block);
    const auto line = format::read_proof(shown[2 * i + 1], "line");
    CHECK_BUG(line && !line->missing && line->size == leaf.size_bytes);
    CHECK_BUG(line->data == Bytes(proof::block_bytes(leaf.size_bytes, finding.block)));
  }
}

void look_up(std::string_view lines) {
  const PieceId absent{crypto::sha256({})};
  const auto& leaf = inventory().leaves[0];
  const std::vector<format::LookupPiece> asked{{leaf.piece, std::nullopt},
                                               {leaf.piece, inventory().blinded},
                                               {leaf.piece, crypto::Hash{}},
                                               {absent, std::nullopt}};
  const auto body = format::write_lookup({.head = {}, .pieces = asked});
  const auto judged =
      client::check_lookup_answer(inventory().head, asked, body, signed_lines(lines, {}, body, asked.size()));
  if (!judged) return;
  CHECK_BUG(judged->listings.size() == asked.size());
  // What is there is not proved absent, and what is not there is not proved listed.
  CHECK_BUG(judged->listings[0] != client::Listing::piece_absent);
  CHECK_BUG(judged->listings[1] != client::Listing::piece_absent &&
            judged->listings[1] != client::Listing::contract_absent);
  CHECK_BUG(judged->listings[2] != client::Listing::listed);
  CHECK_BUG(judged->listings[3] == client::Listing::piece_absent ||
            judged->listings[3] == client::Listing::wrong);
}

}  // namespace

void fuzz(ByteView input) {
  const auto selector = take_byte(input) % 6;
  const auto text = text_of(input);
  if (selector == 0) {
    if (const auto request = format::read_inventory_request(text))
      CHECK_BUG(format::write_inventory_request(*request) == text);
  } else if (selector == 1) {
    if (const auto request = format::read_chain_request(text))
      CHECK_BUG(format::write_chain_request(*request) == text);
  } else if (selector == 2) {
    const auto line = format::read_released(text, "line");
    if (!line) return;
    auto written = format::write_released(*line);
    written.pop_back();
    CHECK_BUG(format::read_released(written, "line"));
    (void)format::check_released(*line, inventory().leaves[0], inventory().head.head.host, 1'800'000'001);
  } else if (selector == 5) {
    look_up(text);
  } else {
    answer(text, selector == 3 ? client::Sampling::drawn : client::Sampling::chained);
  }
}

}  // namespace inxt::fuzz
