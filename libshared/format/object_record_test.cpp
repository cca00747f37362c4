// SPDX-License-Identifier: AGPL-3.0-or-later
// Object records: what is written reads back, and every limit and every false member has its refusal.
#include "format/object_record.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "crypto/labels.h"
#include "format/log_entry.h"

namespace inxt::format {
namespace {

struct World {
  World() {
    crypto::start();
    ByteArray<32> seed;
    seed.fill(std::byte{1});
    writer = crypto::SigningKey::from_seed(seed);
    head = {.log = tree.log(), .writer = {writer.public_key()}, .uploader = 0, .certificate = {}};
  }
  Result<SignedRecord> sign(const ObjectRecord& record) {
    return sign_record(head, record, BodySealer::of_owner(tree.record_key()), writer, random);
  }
  Result<ObjectRecord> read(std::string_view line) const {
    const auto opened = TRY(open_record_head(line));
    return open_record(opened, tree);
  }
  std::string refused_body(std::string_view body) {
    Json clear{{"type", "object"},
               {"version", 1},
               {"log", tree.log().hex()},
               {"writer", head.writer.hex()},
               {"uploader", 0}};
    const auto line = write_sealed_line(clear, body, BodySealer::of_owner(tree.record_key()),
                                        crypto::label::kRecordLine, writer, kRecordLineBytesMax, random);
    const auto back = read(*line);
    REQUIRE_FALSE(back.has_value());
    CHECK(back.error().code == Code::integrity);
    return back.error().what;
  }

  ByteArray<32> secret = [] {
    ByteArray<32> out;
    out.fill(std::byte{2});
    return out;
  }();
  TreeKey tree = TreeKey::of(secret);
  crypto::SigningKey writer;
  RecordHead head;
  crypto::SeededRandom random{3};
};

ObjectRecord full_record() {
  ObjectRecord record;
  record.object.emplace().bytes.fill(std::byte{4});
  record.previous.emplace().bytes.fill(std::byte{5});
  record.bytes = 30;
  record.mtime_unix_s = 6;
  record.mode = 0640;
  record.zstd = true;
  record.metadata = {{"camera", "x"}, {"ort", "Zürich"}};
  record.extents = {{0, 10, 0, 0}, {10, 5, 0, 1}, {15, 15, 15, 0}};
  record.manifests = {InlineManifest{"{\"type\":\"header\"}\n"}, StoredManifest{2, 1 << 20, "lines\n"}};
  return record;
}

TEST_CASE("a record comes back as it was written, under the owner's key and under a fresh one") {
  World world;
  const auto record = full_record();
  for (const auto& sealer : {BodySealer::of_owner(world.tree.record_key()),
                             BodySealer::to_owner(crypto::x25519_public(world.secret))}) {
    const auto made = sign_record(world.head, record, sealer, world.writer, world.random);
    REQUIRE(made.has_value());
    CHECK(made->id == record_id(made->line));
    const auto opened = open_record_head(made->line);
    REQUIRE(opened.has_value());
    CHECK(opened->id == made->id);
    CHECK(opened->head.writer == world.head.writer);
    const auto back = open_record(*opened, world.tree);
    REQUIRE(back.has_value());
    CHECK(back->object == record.object);
    CHECK(back->previous == record.previous);
    CHECK(back->bytes == 30);
    CHECK(back->metadata == record.metadata);
    REQUIRE(back->extents.size() == 3);
    CHECK(back->extents[2].from == 15);
    CHECK(std::get<StoredManifest>(back->manifests[1]).levels == 2);
    CHECK(std::get<InlineManifest>(back->manifests[0]).lines == "{\"type\":\"header\"}\n");
  }
}

TEST_CASE("an empty object has a manifest and no extent") {
  World world;
  const auto made = world.sign(whole_object(0, InlineManifest{"x"}));
  REQUIRE(made.has_value());
  const auto back = world.read(made->line);
  REQUIRE(back.has_value());
  CHECK(back->extents.empty());
  CHECK(back->manifests.size() == 1);
}

TEST_CASE("any altered byte of a record is noticed") {
  World world;
  const auto line = world.sign(whole_object(5, InlineManifest{"x"}))->line;
  for (std::size_t i = 0; i < line.size(); ++i) {
    auto altered = line;
    altered[i] = altered[i] == 'A' ? 'B' : 'A';
    CHECK_FALSE(open_record_head(altered).has_value());
  }
}

TEST_CASE("a record of another owner, and one that is shown as an entry, are refused") {
  World world;
  const auto line = world.sign(whole_object(5, InlineManifest{"x"}))->line;
  ByteArray<32> other;
  other.fill(std::byte{7});
  const auto opened = open_record_head(line);
  REQUIRE(opened.has_value());
  CHECK(open_record(*opened, TreeKey::of(other)).error().code == Code::integrity);
  CHECK(open_entry_head(line).error().code == Code::integrity);
}

TEST_CASE("extents have no gaps, and lie in manifests that are there") {
  World world;
  const auto refused = [&](auto change) {
    auto record = full_record();
    change(record);
    const auto made = world.sign(record);
    REQUIRE_FALSE(made.has_value());
    CHECK(made.error().code == Code::usage);
    return made.error().what;
  };
  refused([](auto& r) { r.extents[1].first = 11; });
  refused([](auto& r) { r.extents[0].bytes = 0; });
  refused([](auto& r) { r.extents.pop_back(); });
  refused([](auto& r) { r.bytes = 31; });
  refused([](auto& r) { r.extents[1].manifest = 2; });
  refused([](auto& r) { r.extents[2].from = kJsonIntegerMax; });
  refused([](auto& r) { r.object.reset(); });
  refused([](auto& r) { r.mode = 010000; });
  refused([](auto& r) { r.mtime_unix_s = -1; });
  CHECK(refused([](auto& r) { r.manifests.resize(kRecordManifestsMax + 1); }).find("kRecordManifestsMax") !=
        std::string::npos);
  CHECK(refused([](auto& r) { r.extents.resize(kExtentsMax + 1); }).find("kExtentsMax") != std::string::npos);
  CHECK(refused([](auto& r) {
          r.manifests[0] = InlineManifest{std::string(kInlineManifestBytesMax + 1, 'x')};
        }).find("kInlineManifestBytesMax") != std::string::npos);
  CHECK(refused([](auto& r) {
          r.metadata["x"] = std::string(kMetadataBytesMax, 'x');
        }).find("kMetadataBytesMax") != std::string::npos);
  CHECK(refused([](auto& r) {
          for (int i = 0; i < 64; ++i) r.metadata[std::to_string(i)];
        }).find("kMetadataEntriesMax") != std::string::npos);
  refused([](auto& r) { r.metadata["x"] = "\xff"; });
  refused([](auto& r) { r.metadata[""] = "x"; });
  refused([](auto& r) { std::get<StoredManifest>(r.manifests[1]).levels = 4; });
}

TEST_CASE("a body that is signed and false is refused, with its member") {
  World world;
  const std::string good =
      R"({"object":null,"previous":null,"bytes":0,"mtime":0,"mode":0,"zstd":false,"metadata":{},"extents":[],"manifests":[{"lines":""}]})";
  const auto with = [&](std::string_view from, std::string_view to) {
    auto text = good;
    text.replace(text.find(from), from.size(), to);
    return text;
  };
  CHECK(world.refused_body(with("\"mode\":0", "\"mode\":4096")).find("mode") != std::string::npos);
  CHECK(world.refused_body(with("\"bytes\":0", "\"bytes\":1")).find("extents") != std::string::npos);
  CHECK(world.refused_body(with("\"previous\":null", "\"previous\":\"00\"")).find("previous") !=
        std::string::npos);
  CHECK(world.refused_body(with("{\"lines\":\"\"}", "{}")).find("lines") != std::string::npos);
  CHECK(world.refused_body(with("{\"lines\":\"\"}", "7")).find("manifests") != std::string::npos);
  CHECK(world.refused_body(with("{\"lines\":\"\"}", R"({"stored":{"levels":0,"bytes":1,"manifest":""}})"))
            .find("levels") != std::string::npos);
  CHECK(world.refused_body(with("\"extents\":[]", "\"extents\":[1]")).find("extents") != std::string::npos);
  CHECK(world.refused_body(with("\"metadata\":{}", "\"metadata\":{\"a\":1}")).find("metadata") !=
        std::string::npos);
  CHECK(world.refused_body(with("\"metadata\":{}", "\"crit\":[\"x\"]")).find("crit") != std::string::npos);
  CHECK(world.refused_body("{").find("body") != std::string::npos);
}

TEST_CASE("a body that says more bytes than it may is not unpacked") {
  World world;
  const auto what = world.refused_body("{\"a\":\"" + std::string(kRecordBodyBytesMax, 'x') + "\"}");
  CHECK(what.find("body_bytes_max") != std::string::npos);
}

}  // namespace
}  // namespace inxt::format
