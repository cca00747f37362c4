// SPDX-License-Identifier: AGPL-3.0-or-later
// Entries and operations: what is written reads back; what was altered, moved, or says what it must not, is
// refused.
#include "format/log_entry.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "crypto/labels.h"

namespace inxt::format {
namespace {

struct Writer {
  explicit Writer(std::uint8_t number, std::uint32_t uploader_number = 0) : uploader(uploader_number) {
    crypto::start();
    ByteArray<32> seed;
    seed.fill(std::byte{number});
    key = crypto::SigningKey::from_seed(seed);
  }
  WriterId id() const { return {key.public_key()}; }
  crypto::SigningKey key;
  std::uint32_t uploader;
};

TreeKey tree_of(std::uint8_t number) {
  ByteArray<32> secret;
  secret.fill(std::byte{number});
  return TreeKey::of(secret);
}

RecordId record(std::uint8_t number) {
  RecordId id;
  id.bytes.fill(std::byte{number});
  return id;
}

EntryHead head_of(const TreeKey& tree, const Writer& writer, std::uint64_t seq = 1) {
  return {.log = tree.log(),
          .seq = seq,
          .prev = {},
          .writer = writer.id(),
          .uploader = writer.uploader,
          .certificate = {},
          .time_unix_s = 1'800'000'000,
          .does = {}};
}

PutOp create(std::string path, std::uint8_t number) {
  PutOp put;
  put.path = std::move(path);
  put.record = record(number);
  put.object = {put.record.bytes};
  put.bytes = 5;
  put.mtime_unix_s = 7;
  put.mode = 0644;
  return put;
}

std::vector<Op> all_ops() {
  auto with_all = create("/a/b", 1);
  with_all.metadata = {{"type", "image/jpeg"}, {"ä", ""}};
  with_all.base = {Base::Saw::record, record(9)};
  auto no_name = create("", 2);
  no_name.path.reset();
  no_name.base.saw = Base::Saw::nothing;
  auto version = create("/a/b", 3);
  version.object = {record(1).bytes};
  ShareOp share{
      .share = {}, .what = "/a", .expires_unix_s = 99, .secret = ByteArray<32>{}, .recipient = "inxtr1x"};
  return {with_all,
          no_name,
          version,
          MkdirOp{"/m", 0755},
          MvOp{"/a/b", "/c"},
          RmOp{"/m", true},
          RmObjectOp{{record(2).bytes}},
          PurgeOp{{record(1), record(2)}},
          RestoreOp{"/a/b", record(1)},
          share,
          UnshareOp{},
          SegmentOp{1, 9, 100, "{}\n"},
          SettingsOp{60}};
}

/// Reads an entry as an owner does.
Result<std::vector<Op>> read(std::string_view line, const TreeKey& tree) {
  const auto head = TRY(open_entry_head(line));
  return open_entry(head, tree);
}

/// An entry whose clear members and operations are whatever the caller says.
std::string forge(Json clear, std::string_view body, const TreeKey& tree, const Writer& writer) {
  crypto::SeededRandom random(4);
  return *write_sealed_line(std::move(clear), body, BodySealer::of_owner(tree.entry_key()),
                            crypto::label::kEntryLine, writer.key, kEntryLineBytesMax, random);
}

Json clear_of(const TreeKey& tree, const Writer& writer, Json does) {
  return {{"type", "entry"},
          {"version", 1},
          {"log", tree.log().hex()},
          {"seq", 1},
          {"prev", std::string(64, '0')},
          {"writer", writer.id().hex()},
          {"uploader", writer.uploader},
          {"time", 5},
          {"does", std::move(does)}};
}

TEST_CASE("every operation comes back as it was written, by the owner and by an uploader") {
  const Writer writer(1);
  const auto tree = tree_of(2);
  crypto::SeededRandom random(3);
  const auto ops = all_ops();
  const auto line =
      sign_entry(head_of(tree, writer), ops, BodySealer::of_owner(tree.entry_key()), writer.key, random);
  if (!line) FAIL(line.error().what);
  const auto head = open_entry_head(*line);
  REQUIRE(head.has_value());
  CHECK(head->hash == entry_hash(*line));
  CHECK(head->head.seq == 1);
  CHECK(head->head.does.size() == ops.size());
  const auto back = open_entry(*head, tree);
  REQUIRE(back.has_value());
  for (std::size_t i = 0; i < ops.size(); ++i) CHECK(to_json((*back)[i]) == to_json(ops[i]));
  // What the Bridge reads does not say a name.
  CHECK(line->find("image") == line->npos);

  const Writer delegated(5, 3);
  const auto put =
      sign_entry(head_of(tree, delegated), {create("/in/x", 7)},
                 BodySealer::to_owner(crypto::x25519_public(tree.recipient_secret())), delegated.key, random);
  REQUIRE(put.has_value());
  const auto read_put = read(*put, tree);
  REQUIRE(read_put.has_value());
  CHECK(to_json(read_put->front()) == to_json(Op(create("/in/x", 7))));
}

TEST_CASE("what the Bridge may see follows from the operation") {
  std::vector<std::string> names;
  for (const auto& op : all_ops()) names.emplace_back(does_name(does_of(op).what));
  CHECK(names == std::vector<std::string>{"create", "create", "write", "name", "name", "delete", "delete",
                                          "delete", "name", "share", "share", "name", "name"});
  for (const auto& name : names) CHECK(does_name(*does_from_name(name)) == name);
  CHECK_FALSE(does_from_name("rule").has_value());
}

TEST_CASE("an uploader's entry puts new objects at paths, and nothing else") {
  const Writer delegated(5, 3);
  const auto tree = tree_of(2);
  crypto::SeededRandom random(3);
  for (const auto& op : all_ops()) {
    const auto line = sign_entry(head_of(tree, delegated), {op},
                                 BodySealer::to_owner(crypto::x25519_public(tree.recipient_secret())),
                                 delegated.key, random);
    if (!line) FAIL(line.error().what);
    const auto* put = std::get_if<PutOp>(&op);
    const bool allowed = put != nullptr && put->path && put->object.bytes == put->record.bytes;
    CHECK(read(*line, tree).has_value() == allowed);
  }
  // Nor may it say that it used the owner's key.
  const auto line = forge(clear_of(tree, delegated, Json::array({Json::array({"name", ""})})),
                          R"({"ops":[{"op":"mkdir","path":"/a","mode":0}]})", tree, delegated);
  const auto back = read(line, tree);
  REQUIRE_FALSE(back.has_value());
  CHECK(back.error().what.find("key: uploader 0's") != std::string::npos);
}

TEST_CASE("operations that are not what \"does\" says are refused, and so is what is not in the format") {
  const Writer writer(1);
  const auto tree = tree_of(2);
  const auto refused = [&](Json does, std::string_view body) {
    const auto back = read(forge(clear_of(tree, writer, std::move(does)), body, tree, writer), tree);
    REQUIRE_FALSE(back.has_value());
    CHECK(back.error().code == Code::integrity);
    return back.error().what;
  };
  const auto name = Json::array({Json::array({"name", ""})});
  CHECK(read(forge(clear_of(tree, writer, name), R"({"ops":[{"op":"mkdir","path":"/a","mode":0}]})", tree,
                   writer),
             tree)
            .has_value());
  CHECK(
      refused(Json::array({Json::array({"create", ""})}), R"({"ops":[{"op":"mkdir","path":"/a","mode":0}]})")
          .find("\"does\"") != std::string::npos);
  CHECK(refused(name, R"({"ops":[{"op":"rm","path":"/a","recursive":true}]})").find("\"does\"") !=
        std::string::npos);
  CHECK(refused(name, R"({"ops":[]})").find("as many") != std::string::npos);
  CHECK(refused(name, R"({"ops":[{"op":"chmod","path":"/a"}]})").find("does not") == std::string::npos);
  for (const auto* path : {"/", "a", "/a/", "//a", "/..", "/a/./b", "", "/a\\u0000"})
    CHECK(refused(name, std::string(R"({"ops":[{"op":"mkdir","path":")") + path + R"(","mode":0}]})")
              .find("path") != std::string::npos);
  std::string deep;
  for (std::size_t i = 0; i <= kTreeDepthMax; ++i) deep += "/d";
  CHECK(
      refused(name, R"({"ops":[{"op":"mkdir","path":")" + deep + R"(","mode":0}]})").find("kTreeDepthMax") !=
      std::string::npos);
  CHECK(refused(name, R"({"ops":[{"op":"mkdir","path":"/)" + std::string(256, 'x') + R"(","mode":0}]})")
            .find("kTreeNameBytesMax") != std::string::npos);
  CHECK(refused(name, R"({"ops":[{"op":"segment","first":3,"last":2,"bytes":1,"manifest":""}]})")
            .find("first") != std::string::npos);
  CHECK(refused(name, R"({"ops":[{"op":"mkdir","path":"/a","mode":4096}]})").find("mode") !=
        std::string::npos);
  CHECK(refused(name, R"({"ops":[{"op":"mkdir","path":"/a","mode":0,"crit":["x"]}]})").find("crit") !=
        std::string::npos);
}

TEST_CASE("any altered byte is noticed; another log's entry does not open") {
  const Writer writer(1);
  const auto tree = tree_of(2);
  crypto::SeededRandom random(3);
  const auto line = *sign_entry(head_of(tree, writer), {MkdirOp{"/m", 0755}},
                                BodySealer::of_owner(tree.entry_key()), writer.key, random);
  for (std::size_t i = 0; i < line.size(); ++i) {
    auto altered = line;
    altered[i] = altered[i] == 'A' ? 'B' : 'A';
    CHECK_FALSE(open_entry_head(altered).has_value());
  }
  const auto other = tree_of(6);
  const auto back = read(line, other);
  REQUIRE_FALSE(back.has_value());
  CHECK(back.error().what.find("log") != std::string::npos);
  CHECK(other.log() != tree.log());
}

TEST_CASE("too many operations, and too long ones, are refused by name") {
  const Writer writer(1);
  const auto tree = tree_of(2);
  crypto::SeededRandom random(3);
  const auto sign = [&](const std::vector<Op>& ops) {
    return sign_entry(head_of(tree, writer), ops, BodySealer::of_owner(tree.entry_key()), writer.key, random);
  };
  CHECK(sign({}).error().what.find("kOpsMax") != std::string::npos);
  CHECK(sign(std::vector<Op>(kOpsMax + 1, MkdirOp{"/m", 0})).error().what.find("kOpsMax") !=
        std::string::npos);
  CHECK(sign(std::vector<Op>(kOpsMax, MkdirOp{"/m", 0})).has_value());
  Bytes noise(100'000);
  random.fill(noise);
  CHECK(sign({SegmentOp{1, 2, 3, to_hex(noise).substr(0, kSegmentManifestBytesMax)},
              SegmentOp{1, 2, 3, to_hex(noise).substr(60000, kSegmentManifestBytesMax)}})
            .error()
            .what.find("65535") != std::string::npos);
  CHECK(sign({MkdirOp{"/\xff", 0}}).error().code == Code::usage);
  CHECK(sign({MkdirOp{"m", 0}}).error().code == Code::usage);
}

}  // namespace
}  // namespace inxt::format
