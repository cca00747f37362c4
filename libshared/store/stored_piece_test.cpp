// SPDX-License-Identifier: AGPL-3.0-or-later
#include "store/stored_piece.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "support/pieces.h"
#include "support/tests_dir.h"
#include "sys/files.h"
#include "sys/output_file.h"

using namespace inxt;
using namespace inxt::store;
using testing::account_number;
using testing::MadePiece;

namespace {

const std::uint64_t kSizes[] = {1, 16, 4095, 4096, 4097, 262143, 262144, 262145, 2097151, 2097152};

Bytes image_of(std::uint64_t size, std::uint64_t seed = 1) {
  MadePiece piece(size, seed, account_number(7));
  REQUIRE(piece.buffer.finish(piece.tree, piece.trailer));
  return copy_of(piece.buffer.image());
}

}  // namespace

TEST_CASE("sizes of files") {
  CHECK(file_bytes(1) == 4096 + 4096 + 8192);
  CHECK(file_bytes(262144) == 64 * 4096 + 4096 + 8192);
  CHECK(file_bytes(262145) == 65 * 4096 + 2 * 4096 + 8192);
  CHECK(kFileBytesMax == 2097152 + 8 * 4096 + 8192);
  std::uint64_t expected_pages = 4;
  for (std::uint64_t blocks = 1; blocks <= proof::kPieceBlocksMax; ++blocks) {
    const std::uint64_t bytes = file_bytes(blocks * 4096);
    CHECK(blocks_of_file(bytes) == blocks);
    CHECK(!blocks_of_file(bytes - 1));
    CHECK(!blocks_of_file(bytes + 1));
    // The one size between two that no piece has, where a tree page is added.
    for (; expected_pages * 4096 < bytes; ++expected_pages) CHECK(!blocks_of_file(expected_pages * 4096));
    ++expected_pages;
  }
  for (const std::uint64_t none :
       {std::uint64_t{0}, std::uint64_t{4096}, std::uint64_t{12288}, kFileBytesMax + 4096, ~std::uint64_t{0}})
    CHECK(!blocks_of_file(none));
}

TEST_CASE("images: round trip") {
  for (const std::uint64_t size : kSizes) {
    CAPTURE(size);
    MadePiece piece(size, size, account_number(3));
    REQUIRE(piece.buffer.finish(piece.tree, piece.trailer));
    const ByteView image = piece.buffer.image();
    CHECK(image.size() == file_bytes(size));
    CHECK(reinterpret_cast<std::uintptr_t>(image.data()) % 4096 == 0);
    CHECK(check_image(image).value() == piece.trailer);
    CHECK(decode_trailer(image.last(kTrailerBytes)).value() == piece.trailer);
    const std::uint64_t last = proof::blocks_in(size) - 1;
    const ByteView page = image.subspan(pages_offset(size) + proof::page_of(last) * 4096, 4096);
    CHECK(proof::path_from_page(page, size, last) == piece.tree.path(last));
  }
}

TEST_CASE("images: leaves hashed while the body arrives make the same piece") {
  PieceBuffer buffer = MadePiece::filled(700'001, 5);
  std::vector<crypto::Hash> leaves(proof::blocks_in(buffer.size_bytes()));
  for (std::size_t done = 0; done < buffer.size_bytes(); done += 262144) {
    const std::size_t run = std::min<std::size_t>(262144, buffer.size_bytes() - done);
    crypto::hash_blocks(buffer.data().subspan(done, run), proof::kBlockBytes, std::byte{0},
                        std::span(leaves).subspan(done / 4096, proof::blocks_in(run)));
  }
  CHECK(proof::Tree(buffer.size_bytes(), leaves).id() == proof::piece_id_of(buffer.data()));
}

TEST_CASE("images: every byte matters") {
  const Bytes good = image_of(4097);
  REQUIRE(check_image(good));
  for (std::size_t at = 0; at < good.size(); at += at < 4090 || at > good.size() - 100 ? 1 : 37) {
    Bytes bad = good;
    bad[at] ^= std::byte{0x10};
    CAPTURE(at);
    const auto checked = check_image(bad);
    REQUIRE(!checked);
    CHECK(checked.error().code == Code::integrity);
  }
  for (const std::size_t size : {std::size_t{0}, std::size_t{4096}, good.size() - 4096, good.size() - 1}) {
    CHECK(check_image(ByteView(good).first(size)).error().code == Code::integrity);
  }
}

TEST_CASE("trailer: what was signed for another version, or lies about itself, is refused") {
  MadePiece piece(5000, 9, account_number(1));
  Bytes out(kTrailerBytes);
  REQUIRE(encode_trailer(piece.trailer, out));
  // With its checksum made right again, so that the later checks are reached.
  const auto altered = [&](std::string_view from, std::string_view to) {
    REQUIRE(from.size() == to.size());
    Bytes bytes = out;
    const std::string_view text = text_of(bytes);
    const std::size_t at = text.find(from);
    REQUIRE(at != std::string_view::npos);
    std::memcpy(bytes.data() + at, to.data(), to.size());
    const crypto::Hash checksum = crypto::sha256(ByteView(bytes).first(kTrailerBytes - 32));
    std::memcpy(bytes.data() + kTrailerBytes - 32, checksum.data(), 32);
    return decode_trailer(bytes);
  };
  CHECK(altered("\"version\":1", "\"version\":1"));
  CHECK(!altered("\"version\":1", "\"version\":2"));
  CHECK(!altered("\"size\":5000", "\"size\":5001"));
  CHECK(!altered("\"size\":5000", "\"size\":0   "));
  CHECK(!altered("stored-piece", "stored-piecf"));
  CHECK(!altered("\"offer\"", "\"other\""));
  CHECK(!altered("\"account\"", "\"piece\"  "));
  const std::string root = to_hex(piece.trailer.root);
  CHECK(!altered(root, std::string(64, 'a')));
  CHECK(!altered("offer-9", std::string_view("\0ffer-9", 7)));
}

TEST_CASE("trailer: tokens have a limit") {
  MadePiece piece(1, 1, account_number(1));
  Bytes out(kTrailerBytes);
  piece.trailer.offer = std::string(6144, 'o');
  piece.trailer.acceptance = std::string(800, 'a');
  piece.trailer.receipt = std::string(700, 'r');
  REQUIRE(encode_trailer(piece.trailer, out));
  CHECK(decode_trailer(out).value() == piece.trailer);
  std::size_t fits = 0;
  for (std::size_t more = 0; more < 1000; ++more) {
    piece.trailer.receipt = std::string(700 + more, 'r');
    const auto encoded = encode_trailer(piece.trailer, out);
    if (encoded) {
      CHECK(fits == more);
      ++fits;
      CHECK(decode_trailer(out).value() == piece.trailer);
    } else {
      CHECK(encoded.error().code == Code::usage);
      CHECK(encoded.error().what.find("8156") != std::string::npos);
    }
  }
  CHECK(fits > 0);
  CHECK(fits < 1000);
  piece.trailer.receipt = "\xff";
  CHECK(!encode_trailer(piece.trailer, out));
}

TEST_CASE("golden: the file of version 1 is written and read as it was at its release") {
  const std::string path = testing::tests_dir() + "/golden/store-v1/pieces/";
  MadePiece piece(5000, 2026, account_number(0xa1));
  REQUIRE(piece.buffer.finish(piece.tree, piece.trailer));
  const std::string file =
      path + piece.id().hex().substr(0, 3) + "/" + piece.id().hex() + "-" + piece.trailer.account.hex();
  if (std::getenv("INXT_WRITE_GOLDEN") != nullptr) {
    std::filesystem::create_directories(std::filesystem::path(file).parent_path());
    auto out = sys::OutputFile::create(file, 0644).value();
    REQUIRE(out.write(piece.buffer.image()));
    REQUIRE(out.commit());
  }
  const Bytes stored = sys::read_file(file, kFileBytesMax, "golden file").value();
  CHECK(check_image(stored).value() == piece.trailer);
  CHECK(std::ranges::equal(stored, piece.buffer.image()));
}
