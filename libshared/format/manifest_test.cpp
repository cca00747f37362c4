// SPDX-License-Identifier: AGPL-3.0-or-later
// Writer and reader of a manifest against each other; each refusal of a line by itself is in tests/vectors.
#include <doctest/doctest.h>

#include "format/manifest_reader.h"
#include "format/manifest_writer.h"
#include "support/lines.h"

namespace inxt::format {
namespace {

using testing::without_newline;

crypto::SigningKey key_of(unsigned char fill) {
  return crypto::SigningKey::from_seed(Bytes(32, std::byte{fill}));
}

/// Header, stanza, layout, 3 + 3 pieces, seal: 9 lines, each with its newline.
struct Written {
  explicit Written(const crypto::SigningKey& key) : writer(key) {
    Header header;
    header.writer = {key.public_key()};
    lines.push_back(*writer.header(header));
    lines.push_back(writer.stanza({.recipient = "somebody", .sealed_secret = Bytes(kSealedSecretBytes)}));
    Layout layout;
    layout.k = 2;
    layout.m = 1;
    layout.shard_bytes = 4096;
    lines.push_back(writer.layout(layout));
    for (std::uint64_t segment = 0; segment < 2; ++segment)
      for (std::uint32_t shard = 0; shard < 3; ++shard) {
        PieceLine piece;
        piece.place = {.segment = segment, .shard = shard, .mirror = 0};
        piece.size = segment == 0 ? 4096 : 16;
        piece.id.bytes[0] = static_cast<std::byte>(16 * segment + shard);
        if (segment == 1) piece.last = 20;
        lines.push_back(writer.piece(piece));
      }
    lines.push_back(writer.seal());
  }
  ManifestWriter writer;
  std::vector<std::string> lines;
};

/// The first refusal, also of the end.
Result<void> read(const std::vector<std::string>& lines) {
  ManifestReader reader(any_writer());
  for (const auto& line : lines) TRY(reader.next(without_newline(line)));
  return reader.finish();
}

bool refuses(const std::vector<std::string>& lines, std::string_view part) {
  const auto result = read(lines);
  CAPTURE((result ? "accepted" : result.error().what));
  const bool good = !result && result.error().code == Code::integrity &&
                    result.error().what.find(part) != std::string::npos;
  CHECK(good);
  return good;
}

TEST_CASE("a manifest is read as it was written") {
  const auto key = key_of(1);
  const Written made(key);
  REQUIRE(made.lines.size() == 10);
  ManifestReader reader(any_writer());
  for (const auto& line : made.lines) {
    CHECK(reader.finish().error().code == Code::integrity);
    REQUIRE(reader.next(without_newline(line)));
  }
  CHECK(reader.finish());
  CHECK(reader.sealed());
  CHECK(reader.chain().pieces == 6);
  CHECK(reader.chain().ciphertext_bytes == 8192 + 20);
  CHECK(reader.chain().running.digest() == made.writer.chain().running.digest());
  CHECK(reader.chain().stanzas.front().recipient == "somebody");
}

TEST_CASE("no line can be left out, doubled, swapped or changed") {
  const auto key = key_of(1);
  const Written made(key);
  for (std::size_t i = 0; i < made.lines.size(); ++i) {
    CAPTURE(i);
    auto lines = made.lines;
    lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(i));
    if (i != 1) CHECK(!read(lines));  // a manifest without a stanza is whole, and nobody's to read
    lines = made.lines;
    lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(i), made.lines[i]);
    if (i != 1) CHECK(!read(lines));
    if (i + 1 < made.lines.size()) {
      lines = made.lines;
      std::swap(lines[i], lines[i + 1]);
      if (i != 1) CHECK(!read(lines));
    }
    for (std::size_t at = 0; at + 1 < made.lines[i].size(); at += 7) {
      if (i == 1 && at < 16) continue;  // a stanza of another type is a line that is not known, and passed over
      lines = made.lines;
      lines[i][at] = static_cast<char>(lines[i][at] ^ 1);
      CHECK(!read(lines));
    }
  }
}

TEST_CASE("a refusal has the number of its line") {
  const auto key = key_of(1);
  const Written made(key);
  auto lines = made.lines;
  std::swap(lines[4], lines[5]);
  refuses(lines, "line 5: piece 0/2/0 stands where 0/1/0 is due");
  lines = made.lines;
  lines.pop_back();
  refuses(lines, "cut short after line 9");
  lines = made.lines;
  lines.push_back(made.lines[3]);
  refuses(lines, "line 11: only places and stanzas");
  refuses({}, "empty");
}

TEST_CASE("lines of two manifests of one writer do not mix") {
  const auto key = key_of(1);
  const Written made(key);
  ManifestWriter other(key);
  Header header;
  header.writer = {key.public_key()};
  header.uploader = 1;
  REQUIRE(other.header(header));
  auto lines = made.lines;
  lines[1] = other.stanza({.recipient = "somebody", .sealed_secret = Bytes(kSealedSecretBytes)});
  refuses(lines, "line 2: sig");
}

TEST_CASE("the reader asks once whether the writer is known, and goes no further") {
  const auto key = key_of(1);
  const Written made(key);
  int asked = 0;
  ManifestReader reader([&](const Header& header) -> Result<void> {
    ++asked;
    CHECK(header.writer.bytes == key.public_key());
    return fail(Code::denied, "unknown");
  });
  CHECK(reader.next(without_newline(made.lines[0])).error().code == Code::denied);
  CHECK(reader.next(without_newline(made.lines[1])).error().code == Code::integrity);
  CHECK(asked == 1);
}

TEST_CASE("a writer goes on where a reader stopped; another writer cannot") {
  const auto key = key_of(1);
  const Written made(key);
  ManifestReader reader(any_writer());
  for (std::size_t i = 0; i < 6; ++i) REQUIRE(reader.next(without_newline(made.lines[i])));
  auto resumed = ManifestWriter::resume(key, std::move(reader).take_chain());
  REQUIRE(resumed);
  PieceLine piece;
  piece.last = 20;
  piece.size = 16;
  for (std::uint32_t shard = 0; shard < 3; ++shard) {
    piece.place = {.segment = 1, .shard = shard, .mirror = 0};
    piece.id.bytes[0] = static_cast<std::byte>(16 + shard);
    CHECK(resumed->piece(piece) == made.lines[6 + shard]);
  }
  CHECK(resumed->seal() == made.lines[9]);

  ManifestReader again(any_writer());
  REQUIRE(again.next(without_newline(made.lines[0])));
  const auto foreign = key_of(2);
  CHECK(ManifestWriter::resume(foreign, std::move(again).take_chain()).error().code == Code::denied);
}

TEST_CASE("a header is at most as long as a tag can hold") {
  const auto key = key_of(1);
  ManifestWriter writer(key);
  Header header;
  header.writer = {key.public_key()};
  header.private_part = Bytes(900);
  CHECK(writer.header(header).error().code == Code::failure);
}

}  // namespace
}  // namespace inxt::format
