// SPDX-License-Identifier: LGPL-3.0-or-later
#include "proof/pages.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"

namespace inxt::proof {
namespace {

constexpr std::size_t kHashBytes = sizeof(Hash);
constexpr std::size_t kHeadsAt = kPageBlocks * kHashBytes;
static_assert(kHeadsAt + kPagesMax * kHashBytes <= kPageBytes);

std::size_t blocks_of_page(std::uint64_t size_bytes, std::uint64_t page) {
  return static_cast<std::size_t>(
      std::min<std::uint64_t>(kPageBlocks, blocks_in(size_bytes) - page * kPageBlocks));
}

std::vector<Hash> hashes_at(ByteView page, std::size_t from, std::size_t count) {
  std::vector<Hash> hashes(count);
  std::memcpy(hashes.data(), page.data() + from, count * kHashBytes);
  return hashes;
}

bool all_zero(ByteView bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::byte b) { return b == std::byte{0}; });
}

Path path_in(std::vector<Hash> leaves, std::uint64_t index) {
  const std::uint64_t size_bytes = leaves.size() * kBlockBytes;
  return Tree(size_bytes, std::move(leaves)).path(index);
}

void require_piece(std::uint64_t size_bytes) {
  CHECK_BUG(size_bytes > 0 && size_bytes <= kPieceBytesMax);
}

}  // namespace

Bytes encode_pages(const Tree& tree) {
  Bytes out(pages_bytes(tree.size_bytes()));
  encode_pages(tree, out);
  return out;
}

void encode_pages(const Tree& tree, ByteSpan out) {
  CHECK_BUG(out.size() == pages_bytes(tree.size_bytes()));
  std::fill(out.begin(), out.end(), std::byte{0});
  const std::size_t pages = out.size() / kPageBytes;
  std::vector<Hash> heads;
  for (std::size_t page = 0; page < pages; ++page) {
    const auto leaves = tree.leaves().subspan(page * kPageBlocks, blocks_of_page(tree.size_bytes(), page));
    std::memcpy(out.data() + page * kPageBytes, leaves.data(), leaves.size_bytes());
    heads.push_back(tree_head(leaves));
  }
  for (std::size_t page = 0; page < pages; ++page)
    std::memcpy(out.data() + page * kPageBytes + kHeadsAt, heads.data(), heads.size() * kHashBytes);
}

Path path_from_page(ByteView page, std::uint64_t size_bytes, std::uint64_t block) {
  require_piece(size_bytes);
  CHECK_BUG(page.size() == kPageBytes && block < blocks_in(size_bytes));
  const std::uint64_t group = page_of(block);
  Path path = path_in(hashes_at(page, 0, blocks_of_page(size_bytes, group)), block % kPageBlocks);
  const Path above = path_in(hashes_at(page, kHeadsAt, page_count(size_bytes)), group);
  path.insert(path.end(), above.begin(), above.end());
  return path;
}

Hash leaf_from_page(ByteView page, std::uint64_t block) {
  CHECK_BUG(page.size() == kPageBytes);
  return hashes_at(page, block % kPageBlocks * kHashBytes, 1)[0];
}

Result<void> check_page(ByteView page, std::uint64_t index, std::uint64_t size_bytes, const PieceId& id) {
  require_piece(size_bytes);
  CHECK_BUG(index < page_count(size_bytes));
  const auto wrong = [&](std::string_view what) {
    return fail(Code::integrity, fmt::format("tree page {} of piece {}: {}", index, id.hex(), what));
  };
  if (page.size() != kPageBytes) return wrong("it has not the size of a page");
  const std::vector<Hash> heads = hashes_at(page, kHeadsAt, page_count(size_bytes));
  if (piece_id(size_bytes, tree_head(heads)) != id) return wrong("the heads do not lead to the piece id");
  const std::vector<Hash> leaves = hashes_at(page, 0, blocks_of_page(size_bytes, index));
  if (tree_head(leaves) != heads[index]) return wrong("the leaves do not lead to their head");
  if (!all_zero(page.subspan(leaves.size() * kHashBytes, kHeadsAt - leaves.size() * kHashBytes)) ||
      !all_zero(page.subspan(kHeadsAt + heads.size() * kHashBytes)))
    return wrong("bytes that must be zero are not");
  return {};
}

Result<Tree> decode_pages(ByteView pages, std::uint64_t size_bytes, const PieceId& id) {
  require_piece(size_bytes);
  if (pages.size() != pages_bytes(size_bytes))
    return fail(Code::integrity, fmt::format("tree pages of piece {}: {} bytes instead of {}", id.hex(),
                                             pages.size(), pages_bytes(size_bytes)));
  std::vector<Hash> leaves;
  for (std::uint64_t page = 0; page < page_count(size_bytes); ++page) {
    const ByteView bytes = pages.subspan(page * kPageBytes, kPageBytes);
    // Heads that lead to the id are the same in each page, or SHA-256 is broken.
    TRY(check_page(bytes, page, size_bytes, id));
    const std::vector<Hash> group = hashes_at(bytes, 0, blocks_of_page(size_bytes, page));
    leaves.insert(leaves.end(), group.begin(), group.end());
  }
  return Tree(size_bytes, std::move(leaves));
}

}  // namespace inxt::proof
