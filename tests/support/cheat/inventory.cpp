// SPDX-License-Identifier: AGPL-3.0-or-later
#include "cheat/inventory.h"

#include <algorithm>
#include <array>

#include "cheat/chosen.h"
#include "crypto/random.h"
#include "format/contract.h"
#include "format/inventory_requests.h"
#include "proof/chain.h"
#include "proof/challenge.h"
#include "proof/inventory_contracts.h"

namespace inxt::cheat {

namespace {

constexpr std::uint64_t kInvented =
    64;  // blocks that a sum is too large by; a quarter of it in a ghost, at least
constexpr std::size_t kSeparateRequest = format::kSamplesPerRequestMax;

constexpr auto kNames = std::to_array<std::pair<std::string_view, InventoryLie>>({
    {"honest", InventoryLie::none},
    {"sizes", InventoryLie::sizes},
    {"duplicates", InventoryLie::duplicates},
    {"ghosts", InventoryLie::ghosts},
    {"sums", InventoryLie::sums},
    {"omits", InventoryLie::omits},
    {"two-heads", InventoryLie::two_heads},
    {"grinds", InventoryLie::grinds},
    {"self-deals", InventoryLie::self_deals},
    {"releases", InventoryLie::releases},
    {"other-root", InventoryLie::other_root},
});

template <class T>
T sound(Result<T> result) {
  CHECK_BUG(result.has_value());
  return *std::move(result);
}

void insert(std::vector<proof::InventoryLeaf>& leaves, const proof::InventoryLeaf& leaf) {
  const auto at = std::ranges::lower_bound(leaves, leaf.piece, {}, &proof::InventoryLeaf::piece);
  if (at != leaves.end() && at->piece == leaf.piece) return;
  leaves.insert(at, leaf);
}

/// One contract about it.
proof::InventoryLeaf leaf_of(const PieceId& piece, std::uint64_t size_bytes, std::string_view acceptance) {
  const std::array<proof::Hash, 1> blinded{proof::blinded_contract(format::contract_hash(acceptance))};
  proof::InventoryLeaf leaf;
  leaf.piece = piece;
  leaf.size_bytes = size_bytes;
  leaf.contracts = 1;
  leaf.contracts_root = proof::contracts_root(blinded);
  return leaf;
}

Told plain(int status, std::string body) {
  Told told;
  told.status = status;
  told.body = std::move(body);
  return told;
}

/// The top of the tree, as the way to any leaf shows it.
proof::InventoryNode top_of(std::span<const proof::InventoryLeaf> leaves) {
  CHECK_BUG(leaves.size() > 1);
  proof::InventoryNode top;
  top.bits = proof::common_bits(leaves.front().piece, leaves.back().piece);
  top.prefix = proof::key_prefix(leaves.front().piece, top.bits);
  const auto middle = std::ranges::partition_point(
      leaves, [&](const auto& leaf) { return !proof::key_bit(leaf.piece, top.bits); });
  const auto left = static_cast<std::size_t>(middle - leaves.begin());
  top.left = sound(proof::inventory_branch(leaves.first(left)));
  top.right = sound(proof::inventory_branch(leaves.subspan(left)));
  return top;
}

}  // namespace

std::optional<InventoryLie> inventory_lie_named(std::string_view name) {
  for (const auto& [known, lie] : kNames)
    if (known == name) return lie;
  return std::nullopt;
}

void Inventory::stored(const store::Key& key) {
  const StoredFile file(scene_, key);
  const proof::InventoryLeaf leaf = leaf_of(key.piece, file.size_bytes(), file.trailer().acceptance);
  insert(leaves_, leaf);
  trailers_[key.piece] = file.trailer();
  is_current_ = false;
}

const Inventory::Made& Inventory::made_with(std::vector<proof::InventoryLeaf> leaves) {
  auto made = std::make_unique<Made>();
  made->leaves = std::move(leaves);
  proof::InventoryNode top = top_of(made->leaves);
  made->true_root = proof::branch_of(top);
  if (lie_ == InventoryLie::sums) {
    top.right.blocks += kInvented;
    top.right.bytes += kInvented * proof::kBlockBytes;
  }
  if (lie_ == InventoryLie::duplicates) top.right = top.left;
  made->left = top.left;
  made->right = top.right;
  made->head.head.root = proof::branch_of(top);
  if (lie_ == InventoryLie::other_root)
    made->head.head.root.blocks += kInvented, made->head.head.root.bytes += kInvented;
  std::uint64_t variant = 0;
  do {
    sign(*made, variant++);
  } while (lie_ == InventoryLie::grinds && asks_for_what_is_gone(*made));
  made_.push_back(std::move(made));
  return *made_.back();
}

/// How many pieces there are, and when, is the Host's word: as good a place for a nonce as any.
void Inventory::sign(Made& made, std::uint64_t variant) {
  format::InventoryHead& head = made.head.head;
  head.host = scene_.id();
  constexpr std::uint64_t kPiecesTried = 1000;  // no more than there are blocks
  head.time_unix_s = scene_.now_s() - static_cast<std::int64_t>(variant / kPiecesTried);
  const bool is_fork =
      lie_ == InventoryLie::two_heads;  // both are the first: so that no hour's boundary parts them
  if (!made_.empty() && !is_fork) head.previous = made_.back()->head.hash;
  head.pieces = made.leaves.size() + variant % kPiecesTried;
  made.line = format::sign_head(head, scene_.key);
  made.head =
      sound(format::read_head(std::string_view(made.line).substr(0, made.line.size() - 1), "own head"));
}

bool Inventory::asks_for_what_is_gone(const Made& made) const {
  const std::uint64_t blocks = made.head.head.root.blocks;
  const std::uint64_t samples = std::min(scene_.options.samples, blocks);
  const auto challenge = proof::challenge_hash(scene_.options.beacon, scene_.id(), made.head.hash, samples);
  for (const std::uint64_t number : proof::draw_numbers(challenge, blocks, samples)) {
    const Block block = locate(made, number);
    if (!is_kept(scene_.options.seed, block.leaf.piece, block.index, scene_.options.keep)) return true;
  }
  return false;
}

const Inventory::Made& Inventory::made() {
  std::vector<proof::InventoryLeaf> leaves = leaves_;
  if (lie_ == InventoryLie::two_heads && ++questions_ % 2 == 0) {
    if (made_.size() > 1) return *made_[1];
    leaves.pop_back();
    return made_with(std::move(leaves));
  }
  if (is_current_) return lie_ == InventoryLie::two_heads ? *made_.front() : *made_.back();
  if (lie_ == InventoryLie::sizes)
    for (auto& leaf : leaves)
      leaf.size_bytes = std::min<std::uint64_t>(2 * leaf.size_bytes, proof::kPieceBytesMax);
  if (lie_ == InventoryLie::omits) leaves.erase(leaves.begin());
  if (lie_ == InventoryLie::ghosts) {
    crypto::SystemRandom random;
    for (std::uint64_t i = 0; i < scene_.options.ghosts; ++i) {
      proof::InventoryLeaf ghost = leaves.front();
      ghost.piece.bytes = random.bytes<32>();
      insert(leaves, ghost);
    }
  }
  if (lie_ == InventoryLie::self_deals)
    for (std::uint64_t i = 0; i < scene_.options.ghosts; ++i) insert(leaves, deal_with_itself());
  const Made& made = made_with(std::move(leaves));
  is_current_ = true;
  return made;
}

const Inventory::Made* Inventory::find(const crypto::Hash& head) const {
  for (const auto& made : made_)
    if (made->head.hash == head) return made.get();
  return nullptr;
}

/// Where the tree does not say which piece a number falls on, it is said to fall on another.
Inventory::Block Inventory::locate(const Made& made, std::uint64_t number) const {
  const std::uint64_t inside = number % made.true_root.blocks;
  const auto place =
      proof::locate_leaf(made.leaves, lie_ == InventoryLie::duplicates ? number % made.left.blocks : inside);
  CHECK_BUG(place.has_value());
  const auto& leaf = made.leaves[place->index];
  const std::uint64_t at = lie_ == InventoryLie::duplicates ? number % made.left.blocks : inside;
  return {leaf, at - place->first_block};
}

std::vector<proof::InventoryStep> Inventory::steps_to(const Made& made, const PieceId& piece) const {
  proof::InventoryPath path = sound(proof::inventory_path(made.leaves, piece));
  if (!path.steps.empty())
    path.steps.front().sibling = proof::key_bit(piece, path.steps.front().bits) ? made.left : made.right;
  return path.steps;
}

std::string Inventory::inclusion(const Made& made, const proof::InventoryLeaf& leaf) const {
  format::InclusionLine line;
  line.leaf = leaf;
  line.steps = steps_to(made, leaf.piece);
  return format::write_inclusion(line);
}

std::string Inventory::look_up(const Made& made, const format::LookupPiece& piece) const {
  const auto leaf = std::ranges::lower_bound(made.leaves, piece.piece, {}, &proof::InventoryLeaf::piece);
  if (leaf == made.leaves.end() || leaf->piece != piece.piece) {
    format::ExclusionLine line;
    line.piece = piece.piece;
    line.path = sound(proof::inventory_path(made.leaves, piece.piece));
    return format::write_exclusion(line);
  }
  format::InclusionLine line;
  line.leaf = *leaf;
  line.steps = steps_to(made, leaf->piece);
  if (piece.blinded) line.contract = format::ContractListed{};  // there is one contract about each piece
  return format::write_inclusion(line);
}

proof::InventoryLeaf Inventory::deal_with_itself() {
  crypto::SystemRandom random;
  if (!own_account_) own_account_.emplace(crypto::SigningKey::from_seed(random.bytes<32>()));
  const std::int64_t now = scene_.now_s();
  format::Offer offer;
  offer.account.bytes = own_account_->public_key();
  offer.host = scene_.id();
  offer.piece.bytes = random.bytes<32>();
  offer.size = proof::kPieceBytesMax / 4;
  offer.until_unix_s = now + 30 * 86400;
  offer.control = own_account_->public_key();
  offer.tag = Bytes(format::kTagBytes, std::byte{7});
  offer.issued_unix_s = now;
  offer.expires_unix_s = now + 3600;
  store::Trailer& trailer = trailers_[offer.piece];
  trailer.account = offer.account;
  trailer.offer = sound(format::sign_offer(offer, *own_account_));
  format::Acceptance acceptance;
  acceptance.host = offer.host;
  acceptance.offer = format::offer_hash(trailer.offer);
  acceptance.account = offer.account;
  acceptance.piece = offer.piece;
  acceptance.size = offer.size;
  acceptance.until_unix_s = offer.until_unix_s;
  acceptance.issued_unix_s = now;
  trailer.acceptance = sound(format::sign_acceptance(acceptance, scene_.key));
  return leaf_of(offer.piece, offer.size, trailer.acceptance);
}

std::optional<std::string> Inventory::released(const Block& block) const {
  if (lie_ != InventoryLie::releases && lie_ != InventoryLie::self_deals) return std::nullopt;
  const store::Trailer& trailer = trailers_.at(block.leaf.piece);
  const bool is_own = own_account_ && trailer.account.bytes == own_account_->public_key();
  const int last = std::to_integer<int>(block.leaf.piece.bytes[31]);
  if (!is_own && (lie_ == InventoryLie::self_deals || last % 2 == 0)) return std::nullopt;
  format::ReleasedLine line;
  line.piece = block.leaf.piece;
  line.offer = trailer.offer;
  line.acceptance = trailer.acceptance;
  if (is_own || last % 4 == 1) {
    const crypto::SigningKey& control =
        is_own ? *own_account_ : scene_.key;  // not the contract's, unless it is its own
    format::Deletion deletion;
    deletion.control = control.public_key();
    deletion.host = scene_.id();
    deletion.piece = line.piece;
    deletion.account = trailer.account;
    deletion.issued_unix_s = scene_.now_s();
    deletion.expires_unix_s = deletion.issued_unix_s + 600;
    line.deletion = sound(format::sign_deletion(deletion, control));
  }
  return format::write_released(line);
}

Awaitable<std::vector<std::string>> Inventory::shown(const Asked& asked, std::vector<Block> blocks) {
  std::vector<std::string> lines;
  while (lines.size() < blocks.size()) {
    format::AuditRequest request;
    for (std::size_t i = lines.size(); i < std::min(blocks.size(), lines.size() + kSeparateRequest); ++i)
      request.samples.push_back({blocks[i].leaf.piece, static_cast<std::uint32_t>(blocks[i].index)});
    Asked about;
    about.target = "/v1/audit";
    about.peer = asked.peer;
    about.body = format::write_request(request);
    const Told told = co_await show_(about);
    std::vector<std::string> more = Scene::lines_of(told);
    if (more.size() != request.samples.size()) co_return std::vector<std::string>{};
    std::ranges::move(more, std::back_inserter(lines));
  }
  co_return lines;
}

Awaitable<Told> Inventory::audited(const Asked& asked) {
  std::vector<std::string> out;
  if (const auto request = format::read_inventory_request(asked.body)) {
    const Made* made = find(request->head);
    if (made == nullptr) co_return plain(410, {});
    std::vector<Block> blocks;
    for (const std::uint64_t number : request->numbers) blocks.push_back(locate(*made, number));
    const std::vector<std::string> lines = co_await shown(asked, blocks);
    if (lines.empty()) co_return plain(503, {});
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      out.push_back(inclusion(*made, blocks[i].leaf));
      out.push_back(released(blocks[i]).value_or(lines[i]));
    }
  } else if (const auto chain = format::read_chain_request(asked.body)) {
    const Made* made = find(chain->head);
    if (made == nullptr) co_return plain(410, {});
    proof::ChainLink link;
    link.hash = chain->previous;
    for (std::uint64_t i = chain->first; i < chain->first + chain->count; ++i) {
      const std::uint64_t number = proof::chain_draw(chain->challenge, i, link, made->head.head.root.blocks);
      const Block block = locate(*made, number);
      std::vector<Block> one(1, block);
      const std::vector<std::string> lines = co_await shown(asked, std::move(one));
      if (lines.empty()) co_return plain(503, {});
      out.push_back(inclusion(*made, block.leaf));
      const std::optional<std::string> release = released(block);
      out.push_back(release.value_or(lines.front()));
      const auto line =
          format::read_proof(std::string_view(lines.front()).substr(0, lines.front().size() - 1), "own");
      link = line && !line->missing && !release ? proof::chain_link(chain->challenge, line->data)
                                                : proof::kChainStart;
    }
  } else {
    co_return plain(400, {});
  }
  co_return scene_.sign(asked, out);
}

Awaitable<Told> Inventory::asked(const Asked& asked) {
  const std::string_view path = std::string_view(asked.target).substr(0, asked.target.find('?'));
  if (leaves_.size() < 3) co_return plain(404, {});
  if (path == "/v1/inventory") co_return plain(200, made().line);
  if (path == "/v1/inventory/heads") {
    (void)made();
    std::string lines;
    for (const auto& made : made_) lines += made->line;
    co_return plain(200, lines);
  }
  if (path == "/v1/inventory/audit") co_return co_await audited(asked);
  if (path == "/v1/inventory/lookup") {
    const auto request = format::read_lookup(asked.body);
    if (!request) co_return plain(400, {});
    const Made* made = find(request->head);
    if (made == nullptr) co_return plain(410, {});
    std::vector<std::string> lines;
    for (const auto& piece : request->pieces) lines.push_back(look_up(*made, piece));
    co_return scene_.sign(asked, lines);
  }
  co_return plain(404, {});
}

}  // namespace inxt::cheat
