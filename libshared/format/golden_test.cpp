// SPDX-License-Identifier: AGPL-3.0-or-later
// Files that the tools of version 0.1.0 wrote: every later version reads them, and writes their lines byte
// for byte. The owner is that of the examples in inxt-key(5); inxt-key, inxt-encrypt, inxt-shard, inxt-put
// and three Hosts made the rest (tests/golden/format-v1).
#include <doctest/doctest.h>

#include <array>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "crypto/labels.h"
#include "format/certificate.h"
#include "format/contract.h"
#include "format/descriptor.h"
#include "format/manifest_reader.h"
#include "format/manifest_writer.h"
#include "format/token.h"
#include "support/hex.h"
#include "support/tests_dir.h"

namespace inxt::format {
namespace {

ByteArray<32> recipient_secret() {
  return testing::hex_array<32>("a63553016f5da162c6e25e08a32b2a2e8155a47696510aa45e79d5ff618b289e");
}
ByteArray<32> writer_seed() {
  return testing::hex_array<32>("af260a15c325c06f722a5cc1e773a16137a4e1b711b53b6a9ef8af7d4d79817b");
}
constexpr std::string_view kOwner = "6b9c84664d31e10b20cafc004b6d3ec62fd6ac693ca6caf5e58d45ee82ddfcfb";
constexpr std::int64_t kMade = 1'795'225'880;  // 2026-11-21

std::string golden(const std::string& name) {
  std::ifstream file(testing::tests_dir() + "/golden/format-v1/" + name, std::ios::binary);
  REQUIRE(file);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = text.find('\n', at);
    REQUIRE(end != text.npos);
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

struct ReadBack {
  Chain chain;
  std::array<int, std::variant_size_v<Line>> counts{};
  std::vector<std::string> piece_lines;
};

/// Reads all of it, and writes each line again from what was read.
ReadBack read_back(const std::string& name, const KnownWriters& known, const crypto::SigningKey* writer) {
  ReadBack out;
  ManifestReader reader(accept_only(known));
  for (const auto& text : lines_of(golden(name))) {
    CAPTURE(text);
    auto line = reader.next(text);
    REQUIRE_MESSAGE(line.has_value(), line.error().what);
    ++out.counts[line->index()];
    if (std::holds_alternative<PieceLine>(*line)) out.piece_lines.push_back(text);
    const auto json = std::visit(
        [](const auto& read) -> Json {
          if constexpr (std::is_same_v<std::decay_t<decltype(read)>, UnknownLine>)
            return Json();
          else
            return to_json(read);
        },
        *line);
    if (const auto parts = split_signed(text)) {
      CHECK(write_compact(json) == std::string(parts->body) + '}');
      if (writer != nullptr) {
        const bool header = std::holds_alternative<Header>(*line);
        CHECK(text == sign_line(json, header ? crypto::label::kHeaderLine : crypto::label::kManifestLine,
                                header ? ByteView() : ByteView(reader.chain().header_hash), *writer));
      }
    } else {
      CHECK(write_compact(json) == text);
    }
  }
  CHECK(reader.finish());
  out.chain = std::move(reader).take_chain();
  return out;
}

PrivatePart open_as_owner(const Chain& chain) {
  const auto secret = open_stanzas(chain.stanzas, recipient_secret());
  REQUIRE(secret);
  const auto generation = Generation::open(*chain.header, secret->view());
  REQUIRE(generation);
  const auto part = generation->open_private(*chain.header);
  REQUIRE(part);
  return *part;
}

TEST_CASE("a golden manifest with places, and the tags of its pieces") {
  const auto writer = crypto::SigningKey::from_seed(writer_seed());
  const KnownWriters known{.writers = {{writer.public_key()}}, .owners = {}, .own = {}, .now_unix_s = kMade};
  const auto read = read_back("manifest.jsonl", known, &writer);
  CHECK(read.counts[Line(Stanza{}).index()] == 2);
  CHECK(read.counts[Line(PieceLine{}).index()] == 9);
  CHECK(read.counts[Line(PlaceLine{}).index()] == 9);
  CHECK(read.chain.layout->k == 2);
  CHECK(read.chain.layout->m == 1);
  CHECK(read.chain.layout->shard_bytes == 4096);
  CHECK(read.chain.ciphertext_bytes == 18893);
  const auto part = open_as_owner(read.chain);
  CHECK(part.name == "numbers.txt");
  CHECK(part.mtime_unix_s.value() == 1'700'000'000);
  CHECK(part.mode.value() == 0644);
  CHECK(part.plain_bytes.value() == 18893);
  CHECK_FALSE(part.zstd);

  for (const auto& line : read.piece_lines) {
    const auto id = PieceId::parse(parse_object(line)->at("id").get<std::string>());
    REQUIRE(id);
    const auto tag = open_tag(recipient_secret(), view_of(golden("pieces/" + id->hex() + ".tag")), *id);
    REQUIRE(tag);
    CHECK(tag->tag.header_line == read.chain.header_line);
    CHECK(tag->tag.layout_line == read.chain.layout_line);
    CHECK(tag->tag.piece_line == line);
    CHECK(tag->tag.sealed_secret == read.chain.stanzas.front().sealed_secret);
  }
}

TEST_CASE("a golden manifest of a delegated uploader, with its certificate") {
  const KnownWriters known{
      .writers = {}, .owners = {*OwnerId::parse(kOwner)}, .own = {}, .now_unix_s = kMade};
  const auto read = read_back("delegated.jsonl", known, nullptr);
  CHECK(read.chain.header->uploader == 1);
  CHECK(read.chain.layout->mirrors == 2);
  const auto part = open_as_owner(read.chain);
  CHECK(part.zstd);
  CHECK(part.padded);
  const auto certificate = open_certificate(read.chain.header->certificate);
  REQUIRE(certificate);
  CHECK(certificate->writer == read.chain.header->writer);
  CHECK(certificate->expires_unix_s - certificate->issued_unix_s == 365 * 86400);
}

TEST_CASE("golden contracts: offer, acceptance, receipt, and the tag in the offer") {
  for (const auto& line : lines_of(golden("contracts.jsonl"))) {
    const auto json = parse_object(line, 3 * kTokenBytesMax);
    REQUIRE(json);
    const Fields fields(*json, "contracts");
    const auto offer_token = *fields.text("offer", kTokenBytesMax);
    const auto offer = open_offer(offer_token, kMade);
    REQUIRE_MESSAGE(offer.has_value(), offer.error().what);
    CHECK(offer->account == *fields.id<AccountId>("account"));
    CHECK(check_answer(offer_token, *offer, *fields.text("acceptance", kTokenBytesMax),
                       *fields.text("receipt", kTokenBytesMax)));
    const auto tag = open_tag(recipient_secret(), offer->tag, *fields.id<PieceId>("piece"));
    REQUIRE(tag);
    CHECK(crypto::SigningKey::from_seed(tag->tag.control_seed.view()).public_key() == offer->control);
  }
}

TEST_CASE("a golden hosts file") {
  const auto text = golden("hosts.jsonl");
  const auto hosts = read_hosts(text);
  REQUIRE(hosts);
  REQUIRE(hosts->size() == 3);
  CHECK(hosts->front().addresses == std::vector<std::string>{"127.0.9.1:14242"});
  CHECK(hosts->front().capacity_bytes == std::uint64_t{1} << 30);
  std::string again;
  for (const auto& line : lines_of(text)) {
    const auto token = parse_object(line)->at("token").get<std::string>();
    again += hosts_line(*open_descriptor(token), token);
  }
  CHECK(again == text);
}

}  // namespace
}  // namespace inxt::format
