// SPDX-License-Identifier: LGPL-3.0-or-later
// What an auditor asks about a Host's inventory, and a Host's word that it need not hold a piece any more.
// The lines of the inventory itself are in inventory_lines.h.  Format: inxt-proof(5), "Inventory requests"
// and "Released".
#pragma once

#include <optional>

#include "crypto/hash.h"
#include "format/audit_lines.h"

namespace inxt::format {

inline constexpr std::uint64_t kInventoryBlocksMax = std::uint64_t{1} << 40;
inline constexpr std::uint64_t kChainSamplesMax = 65536;     // as many as any challenge has
inline constexpr std::size_t kReleasedLineBytesMax = 16384;  // two tokens of 6 KiB, and small ones

/// Blocks of the inventory with head `head`, by their numbers.
struct InventoryRequest {
  crypto::Hash challenge{};
  crypto::Hash head{};                 // hash of a head line
  std::vector<std::uint64_t> numbers;  // 1 to kSamplesPerRequestMax, each below kInventoryBlocksMax
  bool operator==(const InventoryRequest&) const = default;
};

/// Links `first` to `first + count - 1` of a chain: which block is asked follows from the one before.
struct ChainRequest {
  crypto::Hash challenge{};
  crypto::Hash head{};
  std::uint64_t first = 0;
  std::uint64_t count = 0;  // 1 to kSamplesPerRequestMax; first + count <= kChainSamplesMax
  crypto::Hash previous{};  // proof::chain_link() of the block shown before `first`; zeros for first = 0
  bool operator==(const ChainRequest&) const = default;
};

/// Without newline: the exact bytes that are sent, and that the answer's `request` is the SHA-256 of.
std::string write_inventory_request(const InventoryRequest& request);
std::string write_chain_request(const ChainRequest& request);

/// These take exactly what the writers give: no white space, no other member, no other order.
/// Errors: integrity, with the member.  Limits: kAuditRequestBytesMax, and those of the members.
Result<InventoryRequest> read_inventory_request(std::string_view body);
Result<ChainRequest> read_chain_request(std::string_view body);

/// The Host may have given the piece up: its only contract was ended by a deletion, or by a Bridge's release,
/// or its term is over.
struct ReleasedLine {
  PieceId piece;
  std::string offer;
  std::string acceptance;
  std::optional<std::string> deletion = {};                          // none of the two: the term is over
  std::optional<std::string> release = {};                           // not with a deletion
  std::optional<std::string> renewal = {}, renewal_acceptance = {};  // the latest; both or neither
  /// From the Host id of the offer to the present one, oldest link first, where they differ.
  std::vector<std::string> succession = {};
};
std::string write_released(const ReleasedLine& line);  // with newline
/// The tokens have not been opened.  Errors: integrity.  Limits: kReleasedLineBytesMax and those of the
/// tokens.
Result<ReleasedLine> read_released(std::string_view line, const std::string& where);

}  // namespace inxt::format
