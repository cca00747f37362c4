// SPDX-License-Identifier: AGPL-3.0-or-later
// A Host with an inventory, pieces and contracts, all real, that answers whole-Host audits honestly or not.
#pragma once

#include <algorithm>
#include <functional>
#include <map>

#include "crypto/random.h"
#include "format/audit_lines.h"
#include "format/contract.h"
#include "format/inventory_lines.h"
#include "format/inventory_requests.h"
#include "format/renewal.h"
#include "format/transcript_lines.h"
#include "proof/chain.h"
#include "proof/inventory_contracts.h"
#include "proof/inventory_tree.h"

namespace inxt::testing {

inline constexpr std::int64_t kHeadTime = 1'799'999'990;
inline constexpr std::int64_t kAnswerTime = 1'800'000'005;

inline crypto::SigningKey key_number(unsigned number) {
  return crypto::SigningKey::from_seed(crypto::sha256(big_endian(std::uint64_t{number})));
}

struct Contract {
  unsigned number = 0;  // its keys follow from it
  format::Offer offer;
  std::string offer_token, acceptance_token;

  crypto::SigningKey account() const { return key_number(number * 2 + 100'000); }
  crypto::SigningKey control() const { return key_number(number * 2 + 100'001); }
  crypto::Hash hash() const { return format::contract_hash(acceptance_token); }
  crypto::Hash blinded() const { return proof::blinded_contract(hash()); }

  std::string deletion() const {
    return *format::sign_deletion({.control = offer.control,
                                   .host = offer.host,
                                   .piece = offer.piece,
                                   .account = offer.account,
                                   .issued_unix_s = kAnswerTime - 3,
                                   .expires_unix_s = kAnswerTime + 600},
                                  control());
  }
};

inline Contract make_contract(const crypto::SigningKey& host, const PieceId& piece, std::uint64_t size,
                              unsigned number, std::int64_t until_unix_s = kAnswerTime + 1'000'000) {
  Contract out{.number = number, .offer = {}, .offer_token = {}, .acceptance_token = {}};
  out.offer.account.bytes = out.account().public_key();
  out.offer.host.bytes = host.public_key();
  out.offer.piece = piece;
  out.offer.size = static_cast<std::uint32_t>(size);
  out.offer.until_unix_s = until_unix_s;
  out.offer.control = out.control().public_key();
  out.offer.tag.resize(format::kTagBytes);
  out.offer.issued_unix_s = 1'700'000'000;
  out.offer.expires_unix_s = 1'700'000'600;
  out.offer_token = *format::sign_offer(out.offer, out.account());
  out.acceptance_token = *format::sign_acceptance({.host = out.offer.host,
                                                   .offer = format::offer_hash(out.offer_token),
                                                   .account = out.offer.account,
                                                   .piece = piece,
                                                   .size = out.offer.size,
                                                   .until_unix_s = until_unix_s,
                                                   .price = 0,
                                                   .issued_unix_s = 1'700'000'001},
                                                  host);
  return out;
}

/// The two lines about one sample, each with its newline.
struct SampleLines {
  std::string inclusion, shown;
};

class InventoryHost {
 public:
  struct Piece {
    Bytes bytes;
    std::vector<Contract> contracts;
  };

  crypto::SigningKey key;
  std::map<PieceId, Piece> pieces;  // of the head
  format::SignedHead head;
  std::string head_line;                    // with newline
  std::map<PieceId, std::string> released;  // what is shown instead of these pieces
  std::map<PieceId, bool> lost;             // pieces that it has not got any more
  std::int64_t time_unix_s = kAnswerTime;   // of its answers
  /// Changes what it says about sample `index` of a request, before it signs.
  std::function<void(std::uint64_t index, std::uint64_t number, SampleLines&)> cheat = {};

  InventoryHost(unsigned number, const std::vector<std::size_t>& sizes) : key(key_number(number)) {
    for (std::size_t i = 0; i < sizes.size(); ++i) add(static_cast<unsigned>(number * 1000 + i), sizes[i]);
    make_head(kHeadTime, std::nullopt);
  }
  HostId id() const { return HostId{key.public_key()}; }

  const PieceId& add(unsigned number, std::size_t size, unsigned contracts = 1) {
    Bytes bytes(size);
    crypto::SeededRandom(number).fill(bytes);
    const auto piece = proof::piece_id_of(bytes);
    auto& entry = pieces[piece];
    entry.bytes = std::move(bytes);
    for (unsigned i = 0; i < contracts; ++i)
      entry.contracts.push_back(make_contract(key, piece, size, number * 10 + i));
    return pieces.find(piece)->first;
  }

  static std::vector<crypto::Hash> blinded_of(const Piece& piece) {
    std::vector<crypto::Hash> blinded;
    for (const auto& contract : piece.contracts) blinded.push_back(contract.blinded());
    std::ranges::sort(blinded);
    return blinded;
  }
  std::vector<proof::InventoryLeaf> leaves() const {
    std::vector<proof::InventoryLeaf> out;
    for (const auto& [id, piece] : pieces)
      out.push_back({.piece = id,
                     .size_bytes = piece.bytes.size(),
                     .contracts = static_cast<std::uint32_t>(piece.contracts.size()),
                     .contracts_root = proof::contracts_root(blinded_of(piece))});
    return out;
  }

  /// Signs what `pieces` are now.
  void make_head(std::int64_t time_unix_s_of_head, const std::optional<crypto::Hash>& previous) {
    const format::InventoryHead made{.host = id(),
                                     .time_unix_s = time_unix_s_of_head,
                                     .previous = previous,
                                     .pieces = pieces.size(),
                                     .root = *proof::inventory_branch(leaves())};
    head_line = format::sign_head(made, key);
    head = *format::read_head(std::string_view(head_line).substr(0, head_line.size() - 1), "head");
    leaves_ = leaves();
  }

  format::InclusionLine inclusion_of(const PieceId& piece) const {
    const auto path = proof::inventory_path(leaves_, piece).value();
    return {.leaf = std::get<proof::InventoryLeaf>(path.end), .steps = path.steps, .contract = {}};
  }
  SampleLines show(std::uint64_t number) const {
    const auto place = proof::locate_leaf(leaves_, number).value();
    const auto& id = leaves_[place.index].piece;
    SampleLines out{.inclusion = format::write_inclusion(inclusion_of(id)), .shown = {}};
    if (const auto line = released.find(id); line != released.end()) {
      out.shown = line->second;
      return out;
    }
    const auto& bytes = pieces.at(id).bytes;
    const auto block = number - place.first_block;
    format::ProofLine proof;
    proof.sample = {id, static_cast<std::uint32_t>(block)};
    proof.missing = lost.contains(id);
    if (!proof.missing) {
      proof.size = static_cast<std::uint32_t>(bytes.size());
      proof.data = copy_of(
          ByteView(bytes).subspan(block * proof::kBlockBytes, proof::block_bytes(bytes.size(), block)));
      proof.path = proof::Tree(ByteView(bytes)).path(block);
    }
    out.shown = format::write_proof(proof);
    return out;
  }

  std::string sign(const crypto::Hash& challenge, std::string_view body, std::size_t proofs,
                   const std::string& lines) const {
    return lines + format::sign_answer({.challenge = challenge,
                                        .host = id(),
                                        .request = crypto::sha256(view_of(body)),
                                        .time_unix_s = time_unix_s,
                                        .proofs = proofs,
                                        .hash = crypto::sha256(view_of(lines))},
                                       key);
  }

  /// POST /v1/inventory/audit.
  std::string audit(std::string_view body) const {
    std::string lines;
    if (const auto request = format::read_inventory_request(body)) {
      for (std::size_t i = 0; i < request->numbers.size(); ++i) lines += sample(i, request->numbers[i]).first;
      return sign(request->challenge, body, request->numbers.size(), lines);
    }
    const auto request = format::read_chain_request(body).value();
    proof::ChainLink previous{request.previous};
    for (std::uint64_t i = 0; i < request.count; ++i) {
      const auto number =
          proof::chain_draw(request.challenge, request.first + i, previous, head.head.root.blocks);
      const auto [text, shown] = sample(i, number);
      lines += text;
      const auto read = format::read_proof(std::string_view(shown).substr(0, shown.size() - 1), "proof");
      previous =
          read && !read->missing ? proof::chain_link(request.challenge, read->data) : proof::kChainStart;
    }
    return sign(request.challenge, body, request.count, lines);
  }

  /// POST /v1/inventory/lookup.
  std::string look_up(std::string_view body) const {
    const auto request = format::read_lookup(body).value();
    std::string lines;
    for (const auto& asked : request.pieces) lines += look_up_one(asked);
    return sign({}, body, request.pieces.size(), lines);
  }
  std::string look_up_one(const format::LookupPiece& asked) const {
    const auto path = proof::inventory_path(leaves_, asked.piece).value();
    if (!path.includes(asked.piece)) return format::write_exclusion({.piece = asked.piece, .path = path});
    auto line = inclusion_of(asked.piece);
    if (asked.blinded) {
      const auto blinded = blinded_of(pieces.at(asked.piece));
      const auto found = std::ranges::find(blinded, *asked.blinded);
      if (found == blinded.end()) {
        line.contract = format::ContractAbsent{.blinded = blinded};
      } else {
        const auto index = static_cast<std::size_t>(found - blinded.begin());
        line.contract = format::ContractListed{.index = static_cast<std::uint32_t>(index),
                                               .path = proof::contract_path(blinded, index)};
      }
    }
    return format::write_inclusion(line);
  }

 private:
  std::pair<std::string, std::string> sample(std::uint64_t index, std::uint64_t number) const {
    auto lines = show(number);
    if (cheat) cheat(index, number, lines);
    return {lines.inclusion + lines.shown, lines.shown};
  }

  std::vector<proof::InventoryLeaf> leaves_;
};

}  // namespace inxt::testing
