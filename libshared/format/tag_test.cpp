// SPDX-License-Identifier: AGPL-3.0-or-later
#include "format/tag.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "format/manifest_writer.h"

namespace inxt::format {
namespace {

const ByteArray<32> kOwner{std::byte{7}};

struct Made {
  explicit Made(std::size_t private_bytes = 40) : writer(key) {
    Header header;
    header.writer = {key.public_key()};
    header.private_part = Bytes(private_bytes);
    REQUIRE(writer.header(header));
    Layout layout;
    layout.k = 2;
    layout.m = 1;
    writer.layout(layout);
    PieceLine piece;
    piece.size = 16;
    piece.last = 20;
    piece.id.bytes[0] = std::byte{9};
    writer.piece(piece);
  }
  Tag tag() const {
    return {.control_seed = crypto::Key(ByteArray<32>{std::byte{5}}),
            .sealed_secret = Bytes(kSealedSecretBytes, std::byte{6}),
            .header_line = writer.chain().header_line,
            .layout_line = writer.chain().layout_line,
            .piece_line = writer.last_piece_line()};
  }
  crypto::SigningKey key = crypto::SigningKey::from_seed(Bytes(32, std::byte{1}));
  ManifestWriter writer;
};

TEST_CASE("a tag opens for its owner and gives all back") {
  const Made made;
  const auto sealed = seal_tag(crypto::x25519_public(kOwner), made.tag());
  REQUIRE(sealed);
  CHECK(sealed->size() == kTagBytes);
  const auto opened = open_tag(kOwner, *sealed);
  REQUIRE(opened);
  CHECK(opened->tag.control_seed.view()[0] == std::byte{5});
  CHECK(opened->tag.sealed_secret == Bytes(kSealedSecretBytes, std::byte{6}));
  CHECK(opened->tag.piece_line == made.writer.last_piece_line());
  CHECK(opened->layout == *made.writer.chain().layout);
  CHECK(opened->piece.id.bytes[0] == std::byte{9});
  CHECK(open_tag(kOwner, *sealed, opened->piece.id));
  CHECK(open_tag(kOwner, *sealed, PieceId{}).error().code == Code::integrity);
  CHECK(open_tag(ByteArray<32>{std::byte{8}}, *sealed).error().code == Code::wrong_key);
  CHECK(*seal_tag(crypto::x25519_public(kOwner), made.tag()) != *sealed);  // two contracts do not look alike
}

TEST_CASE("the longest header fits into a tag") {
  Header header;
  const auto key = crypto::SigningKey::from_seed(Bytes(32, std::byte{1}));
  header.writer = {key.public_key()};
  std::size_t bytes = 0;
  while (header.private_part.resize(bytes), ManifestWriter(key).header(header)) ++bytes;
  const Made made(bytes - 1);
  CHECK(made.writer.chain().header_line.size() > kHeaderBytesMax - 2);
  const auto sealed = seal_tag(crypto::x25519_public(kOwner), made.tag());
  REQUIRE(sealed);
  CHECK(open_tag(kOwner, *sealed));
}

TEST_CASE("a piece that the layout does not have is refused") {
  const Made made;
  auto tag = made.tag();
  // Signed by the writer, and still not a piece of this layout.
  PieceLine piece;
  piece.size = 16;
  piece.last = 20;
  piece.place.shard = 3;
  tag.piece_line = sign_line(to_json(piece), "inxt/v1/manifest-line", header_hash(tag.header_line), made.key);
  const auto opened = open_tag(kOwner, *seal_tag(crypto::x25519_public(kOwner), tag));
  CHECK((!opened && opened.error().code == Code::integrity));
}

}  // namespace
}  // namespace inxt::format
