// SPDX-License-Identifier: AGPL-3.0-or-later
#include "proof/pages.h"

#include <doctest/doctest.h>

#include "crypto/random.h"

using namespace inxt;
using namespace inxt::proof;

namespace {

Bytes random_piece(std::size_t bytes) {
  Bytes out(bytes);
  crypto::SeededRandom random(bytes);
  random.fill(out);
  return out;
}

ByteView page_at(const Bytes& pages, std::uint64_t page) {
  return ByteView(pages).subspan(page * kPageBytes, kPageBytes);
}

}  // namespace

TEST_CASE("every block's path comes from its one page") {
  for (std::size_t blocks : {1, 2, 63, 64, 65, 127, 128, 129, 191, 192, 200, 321, 448, 449, 511, 512}) {
    CAPTURE(blocks);
    const std::size_t bytes = blocks * kBlockBytes - 100;
    const Tree tree(random_piece(bytes));
    const Bytes pages = encode_pages(tree);
    REQUIRE(pages.size() == pages_bytes(bytes));
    REQUIRE(pages.size() == (blocks + 63) / 64 * 4096);
    for (std::uint64_t block = 0; block < blocks; block += 1 + blocks / 100) {
      CAPTURE(block);
      const ByteView page = page_at(pages, page_of(block));
      REQUIRE(path_from_page(page, bytes, block) == tree.path(block));
      REQUIRE(leaf_from_page(page, block) == tree.leaves()[block]);
    }
    for (std::uint64_t page = 0; page < page_count(bytes); ++page)
      REQUIRE(check_page(page_at(pages, page), page, bytes, tree.id()));
    auto decoded = decode_pages(pages, bytes, tree.id());
    REQUIRE(decoded);
    CHECK(decoded->id() == tree.id());
    CHECK(std::ranges::equal(decoded->leaves(), tree.leaves()));
  }
}

TEST_CASE("a page is 64 leaves, the heads of all groups, and zeros") {
  const std::size_t bytes = 100 * kBlockBytes;
  const Tree tree(random_piece(bytes));
  const Bytes pages = encode_pages(tree);
  Bytes expected;
  for (const Hash& leaf : tree.leaves().subspan(64)) append(expected, leaf);
  expected.resize(64 * 32);
  append(expected, tree_head(tree.leaves().first(64)));
  append(expected, tree_head(tree.leaves().subspan(64)));
  expected.resize(4096);
  CHECK(Bytes(pages.begin() + 4096, pages.end()) == expected);
}

TEST_CASE("any changed byte of a page is found") {
  const std::size_t bytes = 70 * kBlockBytes + 1;
  const Tree tree(random_piece(bytes));
  const Bytes pages = encode_pages(tree);
  for (std::size_t i = 0; i < pages.size(); ++i) {
    CAPTURE(i);
    Bytes altered = pages;
    altered[i] ^= std::byte{0x10};
    const std::uint64_t page = i / kPageBytes;
    REQUIRE(check_page(page_at(altered, page), page, bytes, tree.id()).error().code == Code::integrity);
    REQUIRE(check_page(page_at(altered, 1 - page), 1 - page, bytes, tree.id()));
    if (i % 64 == 0) REQUIRE(decode_pages(altered, bytes, tree.id()).error().code == Code::integrity);
  }
  const auto code = [](const auto& result) { return result ? Code{} : result.error().code; };
  CHECK(code(check_page(page_at(pages, 0), 1, bytes, tree.id())) == Code::integrity);
  CHECK(code(check_page(page_at(pages, 0), 0, bytes + 1, tree.id())) == Code::integrity);
  CHECK(code(check_page(page_at(pages, 0).first(4095), 0, bytes, tree.id())) == Code::integrity);
  CHECK(code(check_page(page_at(pages, 0), 0, bytes, PieceId{})) == Code::integrity);
  CHECK(code(decode_pages(page_at(pages, 0), bytes, tree.id())) == Code::integrity);
}
