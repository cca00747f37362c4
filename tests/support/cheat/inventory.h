// SPDX-License-Identifier: AGPL-3.0-or-later
// An inventory that is made here, not by the Host's engine, so that it can lie (--inventory).  What it shows
// of blocks comes from the mode's own answers: what is gone stays gone.
#pragma once

#include <functional>
#include <map>

#include "cheat/scene.h"
#include "format/inventory_lines.h"
#include "proof/inventory_tree.h"

namespace inxt::cheat {

enum class InventoryLie {
  none,
  sizes,       // pieces are listed as larger than they are
  duplicates,  // one half of the tree stands in it twice
  ghosts,      // pieces are listed that do not exist
  sums,        // a subtree has more blocks than its pieces
  omits,       // a piece that it has signed for is not listed
  two_heads,   // another inventory for every other question
  grinds,      // makes heads until none of what --beacon asks for is gone
  self_deals,  // has contracts with itself about pieces that never were, and ends them when they are asked
               // for
  releases,    // it says that it was let off every other piece, by a token that nobody gave it or by none
  other_root,  // the head's sums are not those of its tree
};
std::optional<InventoryLie> inventory_lie_named(std::string_view name);

class Inventory {
 public:
  /// The mode's answer to a question about pieces, POST /v1/audit.
  using Show = std::function<Awaitable<Told>(const Asked&)>;
  Inventory(Scene& scene, InventoryLie lie, Show show) : scene_(scene), lie_(lie), show_(std::move(show)) {}

  /// Before the mode does away with the file.
  void stored(const store::Key& key);
  Awaitable<Told> asked(const Asked& asked);

 private:
  struct Made {
    std::vector<proof::InventoryLeaf> leaves;
    proof::InventoryBranch true_root;
    proof::InventoryBranch left, right;  // of the top node, as they are shown
    std::string line;                    // of the head, with newline
    format::SignedHead head;
  };
  struct Block {
    proof::InventoryLeaf leaf;
    std::uint64_t index = 0;
  };

  const Made& made();
  const Made& made_with(std::vector<proof::InventoryLeaf> leaves);
  void sign(Made& made, std::uint64_t variant);
  bool asks_for_what_is_gone(const Made& made) const;
  const Made* find(const crypto::Hash& head) const;
  Block locate(const Made& made, std::uint64_t number) const;
  std::string inclusion(const Made& made, const proof::InventoryLeaf& leaf) const;
  std::vector<proof::InventoryStep> steps_to(const Made& made, const PieceId& piece) const;
  std::string look_up(const Made& made, const format::LookupPiece& piece) const;
  Awaitable<Told> audited(const Asked& asked);
  /// A piece that nobody has, under a contract of this Host with itself.
  proof::InventoryLeaf deal_with_itself();
  /// Of a block that it says it need not have; nothing where it does not say so.
  std::optional<std::string> released(const Block& block) const;
  /// Proof lines of these blocks.
  Awaitable<std::vector<std::string>> shown(const Asked& asked, std::vector<Block> blocks);

  Scene& scene_;
  InventoryLie lie_;
  Show show_;
  std::vector<proof::InventoryLeaf> leaves_;  // of what was stored, sorted
  std::vector<std::unique_ptr<Made>> made_;
  std::map<PieceId, store::Trailer> trailers_;
  std::optional<crypto::SigningKey> own_account_;  // and control key, of deals with itself
  bool is_current_ = false;
  std::uint64_t questions_ = 0;
};

}  // namespace inxt::cheat
