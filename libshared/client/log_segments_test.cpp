// SPDX-License-Identifier: AGPL-3.0-or-later
// Segments of the log and long manifests: stored as pieces, and found again by nothing but the tags at the
// Hosts.
#include "client/log_segments.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <stdlib.h>

#include <filesystem>

#include "client/content_stream.h"
#include "client/later_places.h"
#include "client/object_manifest.h"
#include "client/reader_keys.h"
#include "format/tag.h"
#include "net/event_loop.h"
#include "support/memory_bridge_log.h"
#include "support/storing_hosts.h"
#include "support/streams.h"

namespace inxt::client {
namespace {

keys::Key owner_number(std::uint8_t number) {
  ByteArray<32> entropy;
  entropy.fill(std::byte{number});
  return keys::Key::of_owner(keys::OwnerKeys::from_entropy(entropy));
}

struct LogSegmentsWorld {
  explicit LogSegmentsWorld(unsigned hosts_count = 4) {
    crypto::start();
    for (unsigned i = 0; i < hosts_count; ++i) hosts.add(i + 1);
    std::string pattern = std::filesystem::temp_directory_path() / "inxt-segments-XXXXXX";
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    folder = pattern;
    view = open("a");
  }
  ~LogSegmentsWorld() { std::filesystem::remove_all(folder); }
  Network network() { return {hosts, loop.executor(), workers, clock, random}; }
  std::unique_ptr<TreeView> open(const std::string& machine) {
    TreeOptions options{.log = {},
                        .state_folder = folder + "/" + machine + "/state",
                        .cache_folder = folder + "/" + machine + "/cache",
                        .cache = true,
                        .append_wait_ms_max = 5};
    return *loop.run(TreeView::open({.bridge = bridge, .workers = workers, .clock = clock, .random = random},
                                    key, options));
  }
  void put(TreeView& at, const std::string& path) {
    REQUIRE(loop.run(at.append([&](const tree::Tree& tree) {
                  return at.put_at(
                      tree, path,
                      format::whole_object(7, format::InlineManifest{"manifest of " + path + "\n"}));
                }))
                .has_value());
  }
  Result<SegmentReport> store(TreeView& at) {
    return loop.run(store_log_segments(network(), at, hosts.descriptors(), {}, {}));
  }
  std::string text_of_segment(const tree::Segment& segment) {
    std::string text;
    REQUIRE(loop.run(get_hidden_file(network(), key, segment.manifest, {},
                                     std::make_unique<TextSink>(text, 1 << 28)))
                .has_value());
    return text;
  }
  /// What the log's lines are: before each entry the records that it names.
  std::string expected(std::uint64_t first, std::uint64_t last) {
    const auto& log = bridge.logs.at(view->log());
    const auto tree_key = format::TreeKey::of(*key.recipient_secret());
    std::string out;
    for (auto seq = first; seq <= last; ++seq) {
      const auto& line = log.entries[seq - 1];
      const auto ops = *format::open_entry(*format::open_entry_head(line), tree_key);
      for (const auto& op : ops)
        if (const auto* one = std::get_if<format::PutOp>(&op)) out += log.records.at(one->record) + '\n';
      out += line + '\n';
    }
    return out;
  }

  keys::Key key = owner_number(1);
  sys::SystemClock clock;
  crypto::SeededRandom random{5};
  net::EventLoop loop;
  net::WorkerPool workers;
  testing::StoringHosts hosts{key.uploader()};
  testing::MemoryBridgeLog bridge;
  std::string folder;
  std::unique_ptr<TreeView> view;
};

TEST_CASE("what changed the tree is stored once, by whoever ends first") {
  LogSegmentsWorld world;
  world.put(*world.view, "/a");
  world.put(*world.view, "/b");
  auto report = world.store(*world.view);
  REQUIRE(report.has_value());
  CHECK(report->entries == 2);
  CHECK(report->segments == 1);
  REQUIRE(world.view->tree().segments().size() == 1);
  CHECK(world.text_of_segment(world.view->tree().segments()[0]) == world.expected(1, 2));
  CHECK(world.hosts.pieces() == kHiddenFileMirrors);
  // Nothing new but the segment itself: nothing to store.
  report = world.store(*world.view);
  CHECK(report->segments == 0);
  CHECK(world.hosts.pieces() == kHiddenFileMirrors);
  // Another machine's changes, and the entry that named the first segment, are in the next.
  auto other = world.open("b");
  world.put(*other, "/c");
  REQUIRE(world.loop.run(world.view->refresh()).has_value());
  REQUIRE(world.store(*other)->segments == 1);
  CHECK(world.text_of_segment(other->tree().segments()[1]) == world.expected(3, 4));
  // The first machine has not seen that: it finds out, and leaves no pieces.
  const auto before = world.hosts.pieces();
  report = world.store(*world.view);
  REQUIRE(report.has_value());
  CHECK(report->segments == 0);
  CHECK(world.hosts.pieces() == before);
  CHECK(world.view->tree().stored_until() == 4);
}

TEST_CASE("the segments are found by the words alone: account, tags, pieces") {
  LogSegmentsWorld world(5);
  for (int i = 0; i < 5; ++i) world.put(*world.view, fmt::format("/{}", i));
  REQUIRE(world.store(*world.view).has_value());
  const auto wanted = world.expected(1, 5);
  // From here on, only the key and what lies at the Hosts.
  std::size_t found = 0;
  for (const auto& host : world.hosts.all())
    for (const auto& [id, held] : host->pieces) {
      const auto recipient = *world.key.recipient_secret();
      const auto opened = format::open_tag(recipient, format::open_offer(held.offer, std::nullopt)->tag, id);
      REQUIRE(opened.has_value());
      const auto secret = crypto::open_sealed(recipient, opened->tag.sealed_secret);
      REQUIRE(secret.has_value());
      const auto generation = format::Generation::open(opened->header, secret->view());
      REQUIRE(generation.has_value());
      const auto part = *generation->open_private(opened->header);
      CHECK(part.name == kLogSegmentName);
      auto shard = held.bytes;
      crypto::Ctr(format::piece_seal_key(opened->layout, opened->header.file, opened->piece.place), 0)
          .apply(shard);
      Bytes plain;
      const auto sink = decrypting_sink(std::make_unique<test::MemorySink>(plain), *generation, part);
      REQUIRE(sink->write(ByteView(shard).first(*opened->piece.last)).has_value());
      REQUIRE(sink->finish().has_value());
      CHECK(text_of(plain) == wanted);
      ++found;
    }
  CHECK(found == kHiddenFileMirrors);
}

TEST_CASE("many segments are joined, and the pieces of the old ones removed") {
  LogSegmentsWorld world(1);
  for (std::size_t i = 0; i <= kSegmentsBeforeJoin; ++i) {
    world.put(*world.view, fmt::format("/{}", i));
    const auto report = world.store(*world.view);
    REQUIRE(report.has_value());
    CHECK(report->troubles.empty());
    if (i < kSegmentsBeforeJoin) CHECK(report->joined == 0);
    if (i == kSegmentsBeforeJoin) CHECK(report->joined == kSegmentsBeforeJoin + 1);
  }
  REQUIRE(world.view->tree().segments().size() == 1);
  CHECK(world.hosts.pieces() == 1);
  const auto& joined = world.view->tree().segments()[0];
  CHECK(joined.first == 1);
  CHECK(world.text_of_segment(joined) == world.expected(1, joined.last));
  CHECK(joined.bytes == world.expected(1, joined.last).size());
}

TEST_CASE("a log that was never stored goes in several segments, also from a cache") {
  LogSegmentsWorld world(1);
  // Written into the Bridge's log by hand: a view would sync the disk for each.
  auto& log = world.bridge.logs[world.view->log()];
  const auto tree_key = format::TreeKey::of(*world.key.recipient_secret());
  const auto& writer = world.key.uploader();
  format::EntryHead head{.log = tree_key.log(),
                         .seq = 1,
                         .prev = {},
                         .writer = writer.writer_id(),
                         .uploader = 0,
                         .certificate = {},
                         .time_unix_s = 1,
                         .does = {}};
  for (; head.seq <= 4500; ++head.seq) {
    log.entries.push_back(*format::sign_entry(head, {format::MkdirOp{"/d", 0}},
                                              format::BodySealer::of_owner(tree_key.entry_key()),
                                              writer.writer(), world.random));
    head.prev = format::entry_hash(log.entries.back());
  }
  (void)world.open("a");
  auto again = world.open("a");
  CHECK_FALSE(again->hash_at(1).has_value());
  const auto report = world.store(*again);
  REQUIRE(report.has_value());
  CHECK(report->segments == 2);
  CHECK(again->tree().stored_until() == 4500);
  CHECK(world.text_of_segment(again->tree().segments()[1]) == world.expected(4097, 4500));
}

TEST_CASE("when Hosts refuse, nothing is left and the log says nothing of a segment") {
  LogSegmentsWorld world(2);
  world.put(*world.view, "/a");
  for (auto& host : world.hosts.all()) host->mood = testing::StoringHost::Mood::full;
  const auto report = world.store(*world.view);
  REQUIRE_FALSE(report.has_value());
  CHECK(report.error().code == Code::quota);
  CHECK(world.view->tree().segments().empty());
  CHECK(world.loop.run(store_log_segments(world.network(), *world.view, {}, {}, {})).error().code ==
        Code::usage);
}

/// Knows a Host more, which may have any mirror.
struct MorePlaces final : LaterPlaces {
  net::Awaitable<std::vector<LaterPlace>> find(FileId, std::uint64_t segment) override {
    std::vector<LaterPlace> all(kHiddenFileMirrors, place);
    for (std::uint32_t i = 0; i < kHiddenFileMirrors; ++i)
      all[i].place = {.segment = segment, .shard = 0, .mirror = i};
    co_return all;
  }
  void note_bad(const FileId&, const Place&, const HostId&) override {}

  LaterPlace place;
};

TEST_CASE("a manifest is kept in its record, or stored as a file, or as a file of a file") {
  LogSegmentsWorld world(3);
  const auto round = [&](const std::string& text) {
    auto stored = world.loop.run(store_manifest(world.network(), world.key, world.hosts.descriptors(),
                                                std::make_unique<TextSource>(text), text.size(), {}));
    REQUIRE(stored.has_value());
    std::string back;
    REQUIRE(world.loop
                .run(load_manifest(world.network(), world.key, *stored, {},
                                   std::make_unique<TextSink>(back, 1 << 30)))
                .has_value());
    CHECK(back == text);
    return *stored;
  };
  CHECK(std::holds_alternative<format::InlineManifest>(round("short\n")));
  CHECK(world.hosts.pieces() == 0);
  // A caller with several manifests in a record leaves less room for each.
  auto small = world.loop.run(store_manifest(world.network(), world.key, world.hosts.descriptors(),
                                             std::make_unique<TextSource>("short\n"), 6, {}, 5));
  REQUIRE(small.has_value());
  CHECK(std::holds_alternative<format::StoredManifest>(*small));
  CHECK(world.loop.run(remove_stored_manifest(world.network(), world.key, *small, {}))->removed == 3);
  Bytes noise(1'000'000);
  world.random.fill(noise);
  const auto once = round(to_hex(noise));
  REQUIRE(std::holds_alternative<format::StoredManifest>(once));
  CHECK(std::get<format::StoredManifest>(once).levels == 1);
  CHECK(world.hosts.pieces() == 3);
  // A record with it goes through its own format.
  auto record = format::whole_object(1, once);
  CHECK(world.view->sign_record(record).has_value());
  // Its pieces were put elsewhere since, and who cares for them knows where.
  testing::StoringHosts elsewhere(world.key.uploader());
  elsewhere.add(9);
  elsewhere[0].pieces = world.hosts[0].pieces;
  for (unsigned i = 0; i < 3; ++i) world.hosts[i].mood = testing::StoringHost::Mood::lost;
  MorePlaces more;
  more.place.host = {.id = elsewhere[0].id(), .addresses = {"elsewhere"}};
  more.place.service = &elsewhere;
  const auto load_moved = [&](LaterPlaces* later) {
    std::string moved;
    const auto loaded =
        world.loop.run(load_manifest(world.network(), world.key, once, {},
                                     std::make_unique<TextSink>(moved, 1 << 30), later));
    return loaded.has_value() && moved == to_hex(noise);
  };
  CHECK_FALSE(load_moved(nullptr));
  CHECK(load_moved(&more));
  for (unsigned i = 0; i < 3; ++i) world.hosts[i].mood = testing::StoringHost::Mood::good;
  // Damage of the length is noticed.
  auto wrong = std::get<format::StoredManifest>(once);
  ++wrong.bytes;
  std::string back;
  CHECK(world.loop
            .run(load_manifest(world.network(), world.key, wrong, {},
                               std::make_unique<TextSink>(back, 1 << 30)))
            .error()
            .code == Code::integrity);
  CHECK(world.loop.run(remove_stored_manifest(world.network(), world.key, once, {}))->removed == 3);
  CHECK(world.hosts.pieces() == 0);
}

}  // namespace
}  // namespace inxt::client
