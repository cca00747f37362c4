// SPDX-License-Identifier: LGPL-3.0-or-later
// What a Host says about all that it holds: the head of its inventory, that a piece (and a contract) is or is
// not in it, and that it saw a hash at a time.  Only the form is read here; whether steps lead to a head's
// root is proof/inventory.h's. Format: inxt-inventory(5).
#pragma once

#include <optional>
#include <variant>

#include "crypto/hash.h"
#include "crypto/sign.h"
#include "format/json.h"
#include "proof/inventory_contracts.h"

namespace inxt::format {

inline constexpr std::int64_t kEpochSeconds = 3600;
inline constexpr std::size_t kContractsListedMax =
    100;                                             // of one piece, so that a line stays below kLineBytesMax
inline constexpr std::size_t kContractPathMax = 31;  // log2(proof::kLeafContractsMax)
inline constexpr std::size_t kLookupPiecesMax = 256;
inline constexpr std::size_t kLookupRequestBytesMax = 65536;
inline constexpr std::size_t kWitnessRequestBytesMax = 256;

struct InventoryHead {
  HostId host;
  std::int64_t time_unix_s = 0;
  std::optional<crypto::Hash> previous;  // hash of the Host's head before; nothing for its first
  std::uint64_t pieces = 0;              // the Host's word: the tree does not count them
  proof::InventoryBranch root;
  bool operator==(const InventoryHead&) const = default;
  std::int64_t epoch() const { return time_unix_s / kEpochSeconds; }
};

/// A head as it was read, with H("inxt/v1/inventory-head", 0, what is signed of the line): the commitment of
/// audits.
struct SignedHead {
  InventoryHead head;
  crypto::Hash hash{};
};

std::string sign_head(const InventoryHead& head, const crypto::SigningKey& host);  // with newline
/// `line` without its newline.  The signature by head.host has been checked, and that the numbers can be.
/// Errors: integrity.  Limit: kLineBytesMax.
Result<SignedHead> read_head(std::string_view line, const std::string& where);
/// Whether they prove that the Host shows different inventories to different people: of one Host, different,
/// and with the same epoch or the same `previous` (two first heads too).
bool heads_conflict(const SignedHead& a, const SignedHead& b);
/// Errors: integrity unless `next` names `head` as its previous, is of the same Host, and of a later epoch.
Result<void> check_follows(const SignedHead& head, const SignedHead& next);

/// The asked contract is number `index` of the piece's.
struct ContractListed {
  std::uint32_t index = 0;
  proof::Path path;
  bool operator==(const ContractListed&) const = default;
};
/// It is none of them.  Without the list that is the Host's word only.
struct ContractAbsent {
  std::optional<std::vector<crypto::Hash>>
      blinded;  // all of the piece's, ascending; up to kContractsListedMax
  bool operator==(const ContractAbsent&) const = default;
};

struct InclusionLine {
  proof::InventoryLeaf leaf;
  std::vector<proof::InventoryStep> steps;
  std::variant<std::monostate, ContractListed, ContractAbsent> contract;  // nothing where none was asked for
  bool operator==(const InclusionLine&) const = default;
};

struct ExclusionLine {
  PieceId piece;
  proof::InventoryPath path;
  bool operator==(const ExclusionLine&) const = default;
};

// With newline.  Longer than kLineBytesMax only where piece ids share more than 60 bits.
std::string write_inclusion(const InclusionLine& line);
std::string write_exclusion(const ExclusionLine& line);
// Without newline.  Errors: integrity.  Limits: kLineBytesMax, proof::kStepsMax, kContractPathMax,
// kContractsListedMax.
Result<InclusionLine> read_inclusion(std::string_view line, const std::string& where);
Result<ExclusionLine> read_exclusion(std::string_view line, const std::string& where);

enum class ContractFinding { not_asked, listed, absent, absent_by_word };
/// What an inclusion line shows about a contract, given proof::verify_inclusion of it leads to the head's
/// root. Errors: integrity when what it shows is wrong, or when the list has the contract after all.
Result<ContractFinding> check_contract(const InclusionLine& line, const crypto::Hash& blinded);

/// POST /v1/inventory/lookup.
struct LookupPiece {
  PieceId piece;
  std::optional<crypto::Hash> blinded;  // the contract that is asked for
  bool operator==(const LookupPiece&) const = default;
};
struct LookupRequest {
  crypto::Hash head{};
  std::vector<LookupPiece> pieces;  // 1 to kLookupPiecesMax
};
std::string write_lookup(const LookupRequest& request);
/// Errors: integrity; limits kLookupRequestBytesMax, kLookupPiecesMax.
Result<LookupRequest> read_lookup(std::string_view body);

/// POST /v1/witness, and its answer.
std::string write_witness_request(const crypto::Hash& hash);
/// Errors: integrity; limit kWitnessRequestBytesMax.
Result<crypto::Hash> read_witness_request(std::string_view body);

struct WitnessLine {
  crypto::Hash hash{};
  HostId witness;
  std::int64_t time_unix_s = 0;
  bool operator==(const WitnessLine&) const = default;
};
std::string sign_witness(const WitnessLine& line, const crypto::SigningKey& witness);  // with newline
/// Without newline.  The signature by line.witness has been checked.  Errors: integrity.
Result<WitnessLine> read_witness(std::string_view line, const std::string& where);

}  // namespace inxt::format
