// SPDX-License-Identifier: AGPL-3.0-or-later
// Writes at offsets, cuts and reads of objects against a vector of bytes, at Hosts in memory: every version
// reads back as it was, and no two generations have one secret.
#include "client/object_write.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <map>
#include <random>
#include <set>
#include <thread>

#include "client/byte_pipe.h"
#include "client/object_extents.h"
#include "net/event_loop.h"
#include "support/storing_hosts.h"
#include "support/streams.h"

namespace inxt::client {
namespace {

keys::Key owner_number(std::uint8_t number) {
  ByteArray<32> entropy;
  entropy.fill(std::byte{number});
  return keys::Key::of_owner(keys::OwnerKeys::from_entropy(entropy));
}

format::Layout layout_of(std::uint32_t k, std::uint32_t m, std::uint32_t mirrors = 1) {
  return {.k = k, .m = m, .mirrors = mirrors, .shard_bytes = 4096, .seal_key = {}};
}

struct ObjectWriteWorld {
  explicit ObjectWriteWorld(const format::Layout& layout, unsigned hosts_count = 6) : layout_given(layout) {
    crypto::start();
    for (unsigned i = 0; i < hosts_count; ++i) hosts.add(i + 1);
    room.emplace(hosts.descriptors(), layout);
  }
  Network network() { return {hosts, loop.executor(), workers, clock, random}; }
  ObjectStore store() {
    return {.network = network(), .key = key, .hosts = *room, .journals = {}, .addresses = {}};
  }
  format::ObjectRecord create(const Bytes& bytes, Content content = {}) {
    GenerationWanted wanted;
    wanted.content = content;
    auto made = loop.run(create_object(store(), std::make_unique<test::MemorySource>(bytes),
                                       std::move(wanted), {{"kind", "test"}}));
    if (!made) FAIL(made.error().what);
    return made->record;
  }
  Result<WrittenObject> write(const format::ObjectRecord& base, std::uint64_t offset, const Bytes& bytes,
                              bool known = true, bool rewrite = false) {
    ObjectWrite what;
    what.offset = offset;
    what.data = std::make_unique<test::MemorySource>(bytes);
    if (known) what.data_bytes = bytes.size();
    what.rewrite = rewrite;
    return loop.run(write_object(store(), base, std::move(what), {}));
  }
  Result<WrittenObject> truncate(const format::ObjectRecord& base, std::uint64_t bytes) {
    return loop.run(truncate_object(store(), base, bytes, {}, false, {}));
  }
  Result<Bytes> read(const format::ObjectRecord& record, std::optional<PlainRange> range = {}) {
    Bytes out;
    auto got =
        loop.run(read_object(network(), key, record, std::make_unique<test::MemorySink>(out), range, {}, {}));
    if (!got) return std::unexpected(std::move(got).error());
    return out;
  }

  format::Layout layout_given;
  keys::Key key = owner_number(1);
  sys::SystemClock clock;
  crypto::SeededRandom random{5};
  net::EventLoop loop;
  net::WorkerPool workers;
  testing::StoringHosts hosts{key.uploader()};
  std::optional<GivenHosts> room;
};

/// What a write makes of a vector.
void apply(Bytes& model, std::uint64_t offset, const Bytes& bytes) {
  if (bytes.empty()) return;
  if (model.size() < offset + bytes.size()) model.resize(offset + bytes.size());
  std::ranges::copy(bytes, model.begin() + static_cast<std::ptrdiff_t>(offset));
}

std::string header_of(const format::ManifestRef& manifest) {
  const auto& text = std::get<format::InlineManifest>(manifest).lines;
  return text.substr(0, text.find('\n'));
}

/// F and the commitment to S: two generations with one secret would have the same commitment for one F, and F
/// is random; so the secrets themselves are opened and compared.
std::string secret_of(ObjectWriteWorld& world, const format::ManifestRef& manifest) {
  const auto table = *table_of(std::get<format::InlineManifest>(manifest).lines, format::any_writer());
  const auto secret = *format::open_stanzas(table.chain().stanzas, *world.key.recipient_secret());
  return std::string(text_of(secret.view()));
}

TEST_CASE("a write replaces the segments that it touches and shares the others") {
  ObjectWriteWorld world(layout_of(2, 1));  // segments of 8 KiB
  auto model = test::random_bytes(50'000);
  const auto first = world.create(model);
  CHECK(*world.read(first) == model);
  const auto before = world.hosts.pieces();

  const auto patch = test::random_bytes(100, 7);
  const auto written = world.write(first, 20'000, patch);
  REQUIRE(written.has_value());
  CHECK_FALSE(written->is_rewritten);
  // Byte 20,000 lies in the third segment.
  REQUIRE(written->record.extents.size() == 3);
  CHECK(written->record.extents[1].first == 16'384);
  CHECK(written->record.extents[1].bytes == 8192);
  CHECK(written->record.manifests.size() == 2);
  CHECK(header_of(written->record.manifests[0]) == header_of(first.manifests[0]));
  CHECK(world.hosts.pieces() == before + 3);
  CHECK(written->record.metadata == first.metadata);
  const auto old = model;
  apply(model, 20'000, patch);
  CHECK(*world.read(written->record) == model);
  CHECK(*world.read(first) == old);

  SUBCASE("a range lies in several manifests") {
    const auto got = *world.read(written->record, PlainRange{.first = 16'000, .last = 24'999});
    CHECK(got == Bytes(model.begin() + 16'000, model.begin() + 25'000));
    CHECK(*world.read(written->record, PlainRange{.first = 49'990, .last = {}}) ==
          Bytes(model.end() - 10, model.end()));
    CHECK(world.read(written->record, PlainRange{.first = 50'000, .last = {}}).error().code == Code::usage);
  }
  SUBCASE("an append replaces the last segment, if it is not full") {
    const auto more = test::random_bytes(30'000, 9);
    const auto longer = world.write(written->record, 50'000, more);
    apply(model, 50'000, more);
    CHECK(*world.read(longer->record) == model);
    CHECK(longer->record.extents.back().first == 49'152);
    CHECK(longer->stored->plain_bytes == 80'000 - 49'152);
  }
  SUBCASE("what lies behind the end is zeros") {
    const auto far = world.write(written->record, 70'001, patch);
    apply(model, 70'001, patch);
    CHECK(*world.read(far->record) == model);
  }
  SUBCASE("a pipe's length is not known before its end") {
    for (const std::size_t bytes : {std::size_t{10}, std::size_t{300'000}}) {
      const auto piped = test::random_bytes(bytes, 11);
      const auto done = world.write(written->record, 12'345, piped, false);
      REQUIRE(done.has_value());
      auto wanted = model;
      apply(wanted, 12'345, piped);
      CHECK(*world.read(done->record) == wanted);
    }
  }
  SUBCASE("nothing written is no version") {
    const auto pieces = world.hosts.pieces();
    CHECK(world.write(written->record, 10, {})->is_unchanged);
    CHECK(world.write(written->record, 10, {}, false)->is_unchanged);
    CHECK(world.truncate(written->record, 50'000)->is_unchanged);
    CHECK(world.hosts.pieces() == pieces);
  }
  SUBCASE("a cut stores nothing, and what is appended later goes on at the cut") {
    const auto pieces = world.hosts.pieces();
    auto short_one = world.truncate(written->record, 18'000);
    CHECK(world.hosts.pieces() == pieces);
    model.resize(18'000);
    CHECK(*world.read(short_one->record) == model);
    CHECK(short_one->record.manifests.size() == 2);
    auto whole = world.truncate(first, 100);
    CHECK(*world.read(whole->record) == Bytes(old.begin(), old.begin() + 100));
    const auto longer = world.write(short_one->record, 19'000, patch);
    apply(model, 19'000, patch);
    CHECK(*world.read(longer->record) == model);
    const auto none = world.truncate(longer->record, 0);
    CHECK(none->record.extents.empty());
    CHECK(world.read(none->record)->empty());
    const auto again = world.write(none->record, 3, patch);
    REQUIRE(again.has_value());
    Bytes wanted;
    apply(wanted, 3, patch);
    CHECK(*world.read(again->record) == wanted);
    const auto zeros = world.truncate(again->record, 20'000);
    wanted.resize(20'000);
    CHECK(*world.read(zeros->record) == wanted);
  }
}

TEST_CASE("an object of one small segment grows in larger ones") {
  ObjectWriteWorld world(layout_of(1, 0, 2));
  const auto first = world.create(test::random_bytes(60));
  const auto data = test::random_bytes(5'000'000, 3);
  const auto written = world.write(first, 30, data);
  REQUIRE(written.has_value());
  CHECK(written->stored->report.segments == 3);
  auto model = test::random_bytes(60);
  apply(model, 30, data);
  CHECK(*world.read(written->record) == model);
}

TEST_CASE("a write of whole segments reads nothing, and one beside them shares them") {
  ObjectWriteWorld world(layout_of(2, 1));  // segments of 8 KiB
  auto model = test::random_bytes(5 * 8192);
  const auto first = world.create(model);
  const auto patch = test::random_bytes(2 * 8192, 7);
  const auto all = world.hosts.pieces();
  for (auto& host : world.hosts.all()) host->mood = testing::StoringHost::Mood::lies;
  const auto written = world.write(first, 8192, patch);
  for (auto& host : world.hosts.all()) host->mood = testing::StoringHost::Mood::good;
  if (!written) FAIL(written.error().what);
  CHECK(world.hosts.pieces() == all + 6);
  REQUIRE(written->record.extents.size() == 3);
  CHECK(written->record.extents[1].first == 8192);
  CHECK(written->record.extents[2].from == 3 * 8192);
  apply(model, 8192, patch);
  CHECK(*world.read(written->record) == model);
  // One byte on each side of a boundary is in two segments.
  const auto across = world.write(written->record, 3 * 8192 - 1, Bytes(2, std::byte{1}));
  REQUIRE(across.has_value());
  CHECK(across->stored->plain_bytes == 2 * 8192);
  apply(model, 3 * 8192 - 1, Bytes(2, std::byte{1}));
  CHECK(*world.read(across->record) == model);
  // At the very end nothing is replaced.
  const auto behind = world.write(across->record, 5 * 8192, Bytes(1, std::byte{2}));
  REQUIRE(behind.has_value());
  CHECK(behind->stored->plain_bytes == 1);
  apply(model, 5 * 8192, Bytes(1, std::byte{2}));
  CHECK(*world.read(behind->record) == model);
}

TEST_CASE("the segments that versions use are those that their extents lie in") {
  ObjectWriteWorld world(layout_of(2, 1));
  const auto first = world.create(test::random_bytes(50'000));  // 7 segments
  const auto second = *world.write(first, 20'000, test::random_bytes(10, 7));
  const auto text = std::get<format::InlineManifest>(first.manifests[0]).lines;
  const auto table = *table_of(text, format::any_writer());
  const auto used = *segments_in_use(world.key, second.record, 0, table);
  for (std::uint64_t segment = 0; segment < 7; ++segment) CHECK(used.has(segment) == (segment != 2));
  CHECK_FALSE(used.has(7));
  CHECK_FALSE(used.has_all());
  CHECK(segments_in_use(world.key, first, 0, table)->has_all());
  const auto cut = world.truncate(first, 16'385);
  const auto less = *segments_in_use(world.key, cut->record, 0, table);
  for (std::uint64_t segment = 0; segment < 7; ++segment) CHECK(less.has(segment) == (segment <= 2));
  // Where bytes of compressed text lie is not known.
  const auto packed = world.create(Bytes(40'000, std::byte{'a'}), {.zstd_level = 3, .pad = true});
  const auto shorter = world.truncate(packed, 100);
  const auto packed_text = std::get<format::InlineManifest>(packed.manifests[0]).lines;
  CHECK(segments_in_use(world.key, shorter->record, 0, *table_of(packed_text, format::any_writer()))
            ->has_all());
  // A record that names bytes behind the manifest's end does no harm.
  auto wrong = first;
  wrong.extents[0].from = 1U << 30U;
  CHECK_FALSE(segments_in_use(world.key, wrong, 0, table)->has(0));
}

TEST_CASE("compressed and padded objects are written as a whole, when that is said") {
  ObjectWriteWorld world(layout_of(2, 1));
  for (const auto& content : {Content{.zstd_level = 3, .pad = false}, Content{.zstd_level = {}, .pad = true},
                              Content{.zstd_level = 3, .pad = true}}) {
    Bytes model(40'000, std::byte{'a'});
    const auto first = world.create(model, content);
    const auto patch = test::random_bytes(500, 7);
    const auto refused = world.write(first, 10, patch);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == Code::usage);
    CHECK(refused.error().hint.find("--rewrite") != std::string::npos);
    const auto written = world.write(first, 39'800, patch, true, true);
    REQUIRE(written.has_value());
    CHECK(written->is_rewritten);
    CHECK(written->record.manifests.size() == 1);
    CHECK(written->record.zstd == content.zstd_level.has_value());
    auto wanted = model;
    apply(wanted, 39'800, patch);
    CHECK(*world.read(written->record) == wanted);
    CHECK(*world.read(written->record, PlainRange{.first = 100, .last = 199}) ==
          Bytes(wanted.begin() + 100, wanted.begin() + 200));
    // A cut needs no bytes.
    const auto cut = world.truncate(written->record, 33'333);
    wanted.resize(33'333);
    CHECK(*world.read(cut->record) == wanted);
  }
}

TEST_CASE("past a bound of manifests an object is stored anew") {
  ObjectWriteWorld world(layout_of(1, 0));
  Bytes model = test::random_bytes(80 * 4096);
  auto at = world.create(model);
  std::size_t rewritten = 0, most = 0;
  for (unsigned i = 0; i < 70; ++i) {
    const auto patch = test::random_bytes(10, 100 + i);
    auto written = world.write(at, std::uint64_t{i} * 4096 + 5, patch);
    REQUIRE(written.has_value());
    apply(model, std::uint64_t{i} * 4096 + 5, patch);
    rewritten += written->is_rewritten;
    at = written->record;
    most = std::max(most, at.manifests.size());
  }
  CHECK(rewritten == 1);
  CHECK(most == kWrittenManifestsMax);
  CHECK(*world.read(at) == model);
}

TEST_CASE("a write that fails leaves no pieces, and says why") {
  ObjectWriteWorld world(layout_of(2, 1), 3);
  const auto first = world.create(test::random_bytes(50'000));
  const auto before = world.hosts.pieces();
  SUBCASE("the data cannot be read") {
    ObjectWrite what;
    what.offset = 100;
    what.data = std::make_unique<test::BrokenSource>(600'000);
    const auto failed = world.loop.run(write_object(world.store(), first, std::move(what), {}));
    REQUIRE_FALSE(failed.has_value());
    CHECK(failed.error().what.find("broken source") != std::string::npos);
  }
  SUBCASE("what was there cannot be read") {
    for (auto& host : world.hosts.all()) host->mood = testing::StoringHost::Mood::lies;
    const auto failed = world.write(first, 100, test::random_bytes(10));
    REQUIRE_FALSE(failed.has_value());
    CHECK(failed.error().code == Code::integrity);
  }
  SUBCASE("no Host takes it") {
    for (auto& host : world.hosts.all()) host->mood = testing::StoringHost::Mood::full;
    const auto failed = world.write(first, 100, test::random_bytes(2'000'000));
    REQUIRE_FALSE(failed.has_value());
    CHECK(failed.error().code == Code::quota);
  }
  CHECK(world.hosts.pieces() == before);
}

TEST_CASE("a manifest that names another file's pieces deletes none of them") {
  ObjectWriteWorld world(layout_of(2, 1), 3);
  const auto record = world.create(test::random_bytes(5'000));
  const auto& lines = std::get<format::InlineManifest>(record.manifests.front()).lines;
  const auto table = *table_of(lines, format::any_writer());
  // What a stolen uploader can sign: its own header, and what a Host says that it holds.
  auto head = *begin_manifest(world.key, {}, {}, {}, world.random);
  auto forged = head.lines + head.writer.layout(table.layout());
  format::ManifestReader reader(format::any_writer());
  for (std::string_view left = lines; !left.empty();) {
    const auto text = left.substr(0, left.find('\n'));
    left.remove_prefix(text.size() + 1);
    const auto line = *reader.next(text);
    if (const auto* piece = std::get_if<format::PieceLine>(&line)) forged += head.writer.piece(*piece);
    if (std::holds_alternative<format::PlaceLine>(line)) forged += std::string(text) + '\n';
  }
  forged += head.writer.seal();
  const format::ManifestRef ref = format::InlineManifest{forged};
  const auto before = world.hosts.pieces();
  REQUIRE(before == 3);
  const auto report = world.loop.run(remove_generation(world.network(), world.key, ref, {}));
  REQUIRE(report.has_value());
  CHECK(report->removed == 0);
  CHECK(report->gone == 3);
  CHECK(world.hosts.pieces() == before);
  CHECK(
      world.loop.run(remove_generation(world.network(), world.key, record.manifests.front(), {}))->removed ==
      3);
}

TEST_CASE("a record that says more bytes than a manifest has is told") {
  ObjectWriteWorld world(layout_of(2, 1));
  auto record = world.create(test::random_bytes(10'000));
  record.bytes = record.extents[0].bytes = 10'001;
  CHECK(world.read(record).error().code == Code::integrity);
  record.bytes = record.extents[0].bytes = 100;
  record.extents[0].from = 9950;
  CHECK(world.read(record).error().code == Code::integrity);
}

TEST_CASE("random writes and cuts are those of a vector of bytes, version by version") {
  for (const std::uint64_t seed : {1, 2, 3}) {
    ObjectWriteWorld world(seed == 2 ? layout_of(1, 0, 2) : layout_of(2, 1));
    std::mt19937_64 dice(seed);
    const auto below = [&](std::uint64_t n) { return dice() % n; };
    Bytes model = test::random_bytes(below(60'000), seed);
    std::vector<std::pair<format::ObjectRecord, Bytes>> versions{{world.create(model), model}};
    for (unsigned i = 0; i < 40; ++i) {
      const auto& base = versions.back().first;
      Result<WrittenObject> made = fail(Code::failure, "");
      if (below(5) == 0) {
        const auto bytes = below(90'000);
        made = world.truncate(base, bytes);
        model.resize(bytes);
      } else {
        const auto offset = below(3) == 0 ? below(12) * 4096 : below(80'000);
        const auto data = test::random_bytes(below(4) == 0 ? below(30'000) : below(200), dice());
        made = world.write(base, offset, data, below(2) == 0, below(15) == 0);
        apply(model, offset, data);
      }
      REQUIRE(made.has_value());
      versions.emplace_back(made->record, model);
    }
    std::set<std::string> headers, secrets;
    std::map<std::string, Bytes> texts;  // by secret: what was ever encrypted under each counter
    std::map<std::string, std::vector<bool>> known;
    for (const auto& [record, bytes] : versions) {
      REQUIRE(record.bytes == bytes.size());
      CHECK(*world.read(record) == bytes);
      const auto first = bytes.empty() ? 0 : below(bytes.size());
      if (!bytes.empty()) {
        const auto last = first + below(bytes.size() - first);
        CHECK(*world.read(record, PlainRange{.first = first, .last = last}) ==
              Bytes(bytes.begin() + static_cast<std::ptrdiff_t>(first),
                    bytes.begin() + static_cast<std::ptrdiff_t>(last) + 1));
      }
      // No two texts under one key and counter, in all versions.
      for (const auto& extent : record.extents) {
        const auto secret = secret_of(world, record.manifests[extent.manifest]);
        auto& text = texts[secret];
        auto& is_known = known[secret];
        text.resize(std::max<std::size_t>(text.size(), extent.from + extent.bytes));
        is_known.resize(text.size());
        for (std::uint64_t i = 0; i < extent.bytes; ++i) {
          const auto at = extent.from + i;
          if (is_known[at] && text[at] != bytes[extent.first + i]) FAIL("two texts under one counter");
          text[at] = bytes[extent.first + i];
          is_known[at] = true;
        }
      }
      for (const auto& manifest : record.manifests)
        if (headers.insert(header_of(manifest)).second)
          CHECK(secrets.insert(secret_of(world, manifest)).second);
    }
    CHECK(headers.size() > 20);
  }
}

TEST_CASE("extents are covered and cut without gaps") {
  auto record = format::whole_object(100, format::InlineManifest{"a"});
  cover(record, 40, 20, format::InlineManifest{"b"});
  cover(record, 40, 5, format::InlineManifest{"c"});
  REQUIRE(record.extents.size() == 4);
  CHECK(record.extents[2].from == 5);
  CHECK(extent_at(record, 44)->manifest == 1);
  CHECK(extent_at(record, 99)->from == 60);
  CHECK(extent_at(record, 100) == nullptr);
  cover(record, 30, 70, format::InlineManifest{"d"});
  REQUIRE(record.extents.size() == 2);
  CHECK(record.manifests.size() == 2);
  cover(record, 100, 10, format::InlineManifest{"e"});
  CHECK(record.bytes == 110);
  cut(record, 30);
  CHECK(record.extents.size() == 1);
  CHECK(record.manifests.size() == 1);
}

TEST_CASE("a pipe gives what was written, or the error") {
  BytePipe pipe(7);
  const auto bytes = test::random_bytes(1000);
  std::thread writer([&] {
    (void)pipe.write(bytes);
    pipe.end();
  });
  BytePipeSource source(pipe);
  CHECK(*test::drain(source, 33) == bytes);
  writer.join();
  BytePipe broken;
  (void)broken.write(bytes);
  broken.break_off({Code::integrity, "false"});
  Bytes out(10);
  CHECK(broken.read(out).error().code == Code::integrity);
  CHECK(broken.write(bytes).error().code == Code::integrity);
}

}  // namespace
}  // namespace inxt::client
