// SPDX-License-Identifier: LGPL-3.0-or-later
// put() and get() against Hosts that do what they are told: every layout, every loss, slow and silent Hosts.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <numeric>

#include "client/content_stream.h"
#include "client/data_batches.h"
#include "client/get_file.h"
#include "client/later_places.h"
#include "client/put.h"
#include "client/reader_keys.h"
#include "client/remove.h"
#include "net/event_loop.h"
#include "support/storing_hosts.h"
#include "support/streams.h"
#include "sys/files.h"

namespace inxt::client {
namespace {

using testing::StoringHost;
using testing::StoringHosts;

keys::Key owner_number(std::uint8_t number) {
  ByteArray<32> entropy;
  entropy.fill(std::byte{number});
  return keys::Key::of_owner(keys::OwnerKeys::from_entropy(entropy));
}

format::Layout layout_of(std::uint32_t k, std::uint32_t m, std::uint32_t mirrors = 1, std::uint32_t shard_bytes = 4096) {
  format::Layout layout{.k = k, .m = m, .mirrors = mirrors, .shard_bytes = shard_bytes};
  layout.seal_key.fill(std::byte{9});
  return layout;
}

/// Counts the segments that are out, as memory is.
class CountingBatches final : public BatchSource {
 public:
  explicit CountingBatches(std::unique_ptr<BatchSource> behind) : behind_(std::move(behind)) {}
  Result<std::unique_ptr<Batch>> next() override {
    auto batch = behind_->next();
    if (batch && *batch) out_max = std::max(out_max, ++out_);
    return batch;
  }
  void give_back(std::unique_ptr<Batch> batch, bool placed) override {
    --out_;
    behind_->give_back(std::move(batch), placed);
  }
  const format::Chain& chain() const override { return behind_->chain(); }
  Result<std::string> seal() override { return behind_->seal(); }

  unsigned out_max = 0;

 private:
  std::unique_ptr<BatchSource> behind_;
  std::atomic<unsigned> out_ = 0;
};

struct PutGetWorld {
  explicit PutGetWorld(unsigned hosts_count) {
    crypto::start();
    for (unsigned i = 0; i < hosts_count; ++i) hosts.add(i + 1);
  }
  Network network() { return {hosts, loop.executor(), workers, clock, random}; }

  Result<PutReport> put(Bytes plain, const format::Layout& layout) {
    manifest.clear();
    auto head = *begin_manifest(key, {}, {}, {}, random);
    auto ciphertext = *encrypting_source(std::make_unique<test::MemorySource>(std::move(plain)), head.generation, head.part);
    CountingBatches source(*DataBatches::make(std::move(head), layout, std::move(ciphertext)));
    PutCallbacks callbacks;
    callbacks.write = [&](std::string_view lines) -> Result<void> {
      manifest += lines;
      if (write_fails) return fail(Code::quota, "the output is full");
      return {};
    };
    callbacks.stopped = [&] { return stopped.load(); };
    auto report = loop.run(client::put(network(), key, hosts.descriptors(), source, put_options, std::move(callbacks)));
    batches_out_max = source.out_max;
    return report;
  }

  ManifestTable table(ManifestTable::Seal seal = ManifestTable::Seal::required) const {
    const sys::Fd file(memfd_create("manifest", MFD_CLOEXEC));
    REQUIRE(sys::write_all(file.number(), view_of(manifest), "manifest"));
    lseek(file.number(), 0, SEEK_SET);
    LineReader lines(file.number(), "manifest");
    auto read = ManifestTable::read(lines, "manifest", format::any_writer(), seal);
    if (!read) FAIL(read.error().what);
    return *std::move(read);
  }

  Result<Bytes> get(std::optional<PlainRange> range = {}) {
    const auto manifest_table = table();
    const auto generation = *open_generation(key, manifest_table.chain());
    const auto part = *generation.open_private(manifest_table.header());
    Bytes plain;
    std::unique_ptr<ByteSink> sink = std::make_unique<test::MemorySink>(plain);
    if (wrap_sink) sink = wrap_sink(std::move(sink));
    GetCallbacks callbacks;
    callbacks.stopped = [&] { return stopped.load(); };
    auto report = loop.run(get_file(network(), manifest_table, generation, part, {}, std::move(sink), range, get_options,
                                    std::move(callbacks)));
    if (!report) return std::unexpected(std::move(report).error());
    get_report = *report;
    return plain;
  }

  RemoveReport remove(RemoveOptions options = {}) {
    const auto manifest_table = table(ManifestTable::Seal::optional);
    return *loop.run(remove_pieces(network(), manifest_table, *key.recipient_secret(), key.uploader(), {}, options, {}));
  }

  keys::Key key = owner_number(1);
  sys::SystemClock clock;
  crypto::SeededRandom random{5};
  net::EventLoop loop;
  net::WorkerPool workers;  // its threads end before the loop does
  StoringHosts hosts{key.uploader()};
  PutOptions put_options;
  GetOptions get_options;
  std::function<std::unique_ptr<ByteSink>(std::unique_ptr<ByteSink>)> wrap_sink;
  std::string manifest;
  GetReport get_report;
  unsigned batches_out_max = 0;
  std::atomic<bool> stopped = false;
  bool write_fails = false;
};

std::int64_t ms_of(const sys::Clock& clock, const std::function<void()>& work) {
  const auto begin = clock.steady_ms();
  work();
  return clock.steady_ms() - begin;
}

/// `count` of the numbers below `n`.
std::vector<unsigned> some_of(unsigned n, unsigned count, crypto::Random& random) {
  std::vector<unsigned> all(n);
  std::iota(all.begin(), all.end(), 0U);
  for (unsigned i = 0; i < count; ++i) {
    ByteArray<4> bytes;
    random.fill(bytes);
    const auto draw = std::to_integer<unsigned>(bytes[0]) | std::to_integer<unsigned>(bytes[1]) << 8;
    std::swap(all[i], all[i + draw % (n - i)]);
  }
  all.resize(count);
  return all;
}

TEST_CASE("every K+M up to 10+10 gives its bytes back without any M of its Hosts, and says so without M+1") {
  for (std::uint32_t k = 1; k <= 10; ++k) {
    for (std::uint32_t m = 0; m <= 10; ++m) {
      CAPTURE(k);
      CAPTURE(m);
      PutGetWorld world(k + m);
      const auto layout = layout_of(k, m);
      const auto plain = test::random_bytes(layout.segment_bytes() + 1 + 37 * k + m, k * 100 + m);
      const auto report = world.put(plain, layout);
      REQUIRE(report.has_value());
      CHECK(report->placed == 2 * (k + m));
      CHECK(report->least_to_spare == m);
      for (int round = 0; round < 2; ++round) {
        const auto lost = some_of(k + m, m, world.random);
        for (auto i : lost) world.hosts[i].mood = StoringHost::Mood::lost;
        const auto back = world.get();
        REQUIRE(back.has_value());
        CHECK(*back == plain);
        for (auto& host : world.hosts.all()) host->mood = StoringHost::Mood::good;
      }
      for (auto i : some_of(k + m, m + 1, world.random)) world.hosts[i].mood = StoringHost::Mood::lost;
      const auto back = world.get();
      REQUIRE_FALSE(back.has_value());
      CHECK(back.error().code == Code::too_few_pieces);
      CHECK(back.error().what.find(fmt::format("segment 0 lacks 1 of {}", k)) != std::string::npos);
    }
  }
}

/// Knows where pieces lie that were put elsewhere since.
struct MorePlaces final : LaterPlaces {
  net::Awaitable<std::vector<LaterPlace>> find(FileId, std::uint64_t segment) override {
    asked.push_back(segment);
    co_return places;
  }
  void note_bad(const FileId&, const Place& place, const HostId&) override { bad.push_back(place); }

  std::vector<LaterPlace> places;
  std::vector<std::uint64_t> asked;
  std::vector<Place> bad;
};

TEST_CASE("where a segment comes short, places that the manifest does not name are asked for, once") {
  PutGetWorld world(3);
  const auto layout = layout_of(2, 1);
  const auto plain = test::random_bytes(layout.segment_bytes() + 5000);
  REQUIRE(world.put(plain, layout).has_value());
  const auto table = world.table();
  MorePlaces more;
  world.get_options.later = &more;
  CHECK(world.get() == plain);
  CHECK(more.asked.empty());

  // Two of three Hosts have lost what they had: of one of them everything lies elsewhere.
  const auto held = world.hosts[0].pieces;
  world.hosts[0].pieces.clear();
  world.hosts[1].pieces.clear();
  REQUIRE_FALSE(world.get().has_value());
  CHECK(more.asked.size() <= 2);
  CHECK(!more.bad.empty());
  StoringHosts elsewhere(world.key.uploader());
  elsewhere.add(9);
  elsewhere[0].pieces = held;
  for (std::uint64_t piece = 0; piece < table.pieces(); ++piece)
    if (held.contains(table.id(piece))) {
      LaterPlace place;
      place.place = table.place_of(piece);
      place.host = {.id = elsewhere[0].id(), .addresses = {"elsewhere"}};
      place.service = &elsewhere;
      more.places.push_back(place);
    }
  REQUIRE(more.places.size() == 2);
  more.asked.clear();
  CHECK(world.get() == plain);
  CHECK(more.asked.size() == 2);
  // Hosts that give no answer are not tried again before that.
  for (const auto silent : {0U, 1U}) world.hosts[silent].asked = 0, world.hosts[silent].failures_left = 1'000;
  CHECK(world.get() == plain);
  CHECK(world.hosts[0].asked + world.hosts[1].asked <= 4);  // once for each segment
  for (const auto silent : {0U, 1U}) world.hosts[silent].failures_left = 0;
  // Places of no piece are passed over, and false bytes are no piece.
  for (LaterPlace& place : more.places) place.place.shard = 17;
  REQUIRE_FALSE(world.get().has_value());
}

TEST_CASE("mirrors: one of them is enough") {
  PutGetWorld world(5);
  const auto plain = test::random_bytes(20000);
  REQUIRE(world.put(plain, layout_of(1, 0, 3)).has_value());
  for (unsigned good = 0; good < 5; ++good) {
    for (unsigned i = 0; i < 5; ++i)
      world.hosts[i].mood = (i + 5 - good) % 5 < 3 ? StoringHost::Mood::good : StoringHost::Mood::lost;
    CHECK(world.get() == plain);
  }
}

TEST_CASE("false pieces are replaced, and too many are an integrity error") {
  PutGetWorld world(6);
  const auto plain = test::random_bytes(100'000);
  REQUIRE(world.put(plain, layout_of(4, 2)).has_value());
  world.hosts[1].mood = world.hosts[4].mood = StoringHost::Mood::lies;
  CHECK(world.get() == plain);
  CHECK(world.get_report.hosts_replaced == 2);
  world.hosts[0].mood = StoringHost::Mood::lies;
  const auto back = world.get();
  REQUIRE_FALSE(back.has_value());
  CHECK(back.error().code == Code::integrity);
  // One false piece and a Host that is gone for now: the damage is proven, the loss is not.
  world.hosts[0].mood = StoringHost::Mood::lost;
  const auto mixed = world.get();
  REQUIRE_FALSE(mixed.has_value());
  CHECK(mixed.error().code == Code::integrity);
}

// There is one Host to spare: a good one that a busy machine holds up for longer takes it from the slow one.
constexpr int kHedgeFloorMs = 400;

TEST_CASE("a Host that never answers is hedged, when getting and when putting") {
  PutGetWorld world(7);
  world.put_options.hedge_floor_ms = world.get_options.hedge_floor_ms = kHedgeFloorMs;
  const auto plain = test::random_bytes(200'000);
  world.hosts[2].mood = StoringHost::Mood::silent;  // for an hour
  Result<PutReport> report = fail(Code::failure, "not run");
  CHECK(ms_of(world.clock, [&] { report = world.put(plain, layout_of(4, 2)); }) < 60'000);
  REQUIRE(report.has_value());
  REQUIRE(report->segments_below == 0);
  CHECK(world.hosts[2].pieces.empty());
  const auto table = world.table();
  for (const auto& host : table.hosts()) CHECK(host.id != world.hosts[2].id());

  world.hosts[2].mood = StoringHost::Mood::good;
  world.hosts[0].mood = world.hosts[5].mood = StoringHost::Mood::silent;
  CHECK(ms_of(world.clock, [&] { CHECK(world.get() == plain); }) < 60'000);
  CHECK(world.hosts.running() == 0);  // what was not needed any more has been cancelled
}

TEST_CASE("of files that are read one after the other only the first waits for a Host that never answers") {
  PutGetWorld world(6);
  SilentHosts silent(world.clock);
  world.get_options.silent = &silent;
  world.get_options.hedge_floor_ms = kHedgeFloorMs;
  const auto plain = test::random_bytes(12'000);
  REQUIRE(world.put(plain, layout_of(4, 2)).has_value());
  auto& host = world.hosts[0];
  host.mood = StoringHost::Mood::silent;
  for (int files = 0; files < 20 && silent.find(host.id()) == nullptr; ++files) REQUIRE(world.get() == plain);
  REQUIRE(silent.find(host.id()) != nullptr);
  const auto asked = host.asked;
  world.get_options.hedge_floor_ms = 60'000;  // nobody is asked in another's stead
  for (int files = 0; files < 5; ++files) CHECK(world.get() == plain);
  CHECK(host.asked == asked);

  // Where it is needed it is asked, and an answer is believed at once.
  host.mood = StoringHost::Mood::good;
  world.hosts[1].mood = world.hosts[2].mood = StoringHost::Mood::refuses;
  CHECK(world.get() == plain);
  CHECK(silent.find(host.id()) == nullptr);
}

TEST_CASE("what the slower of two Hosts stored is taken back") {
  PutGetWorld world(4);
  world.put_options.hedge_floor_ms = kHedgeFloorMs;
  world.hosts[0].delay_ms = 5000;
  world.hosts[0].stores_first = true;  // it has the piece before it answers
  const auto plain = test::random_bytes(8000);
  const auto report = world.put(plain, layout_of(2, 1));
  REQUIRE(report.has_value());
  CHECK(report->segments_below == 0);
  CHECK(world.hosts[0].pieces.empty());
  CHECK(world.hosts[0].removed > 0);
  CHECK(world.get() == plain);
}

TEST_CASE("a Host that fails for a while is tried again, one that refuses is not") {
  PutGetWorld world(3);
  const auto plain = test::random_bytes(30'000);
  world.hosts[1].failures_left = 2;
  auto report = world.put(plain, layout_of(2, 1));
  REQUIRE(report.has_value());
  CHECK(report->segments_below == 0);  // there is no other Host: it was asked again
  CHECK(report->troubles.size() == 1);
  world.hosts[1].failures_left = 1;
  CHECK(world.get() == plain);

  PutGetWorld refusing(4);
  refusing.hosts[1].mood = StoringHost::Mood::refuses;
  report = refusing.put(plain, layout_of(2, 1));
  REQUIRE(report.has_value());
  CHECK(report->segments_below == 0);
  CHECK(refusing.hosts[1].asked <= 4);  // those that were under way before its first answer
}

TEST_CASE("fewer Hosts than pieces is below the asked redundancy; fewer than K ends the put, and says why") {
  const auto plain = test::random_bytes(100'000);
  PutGetWorld world(6);
  world.hosts[0].mood = world.hosts[3].mood = StoringHost::Mood::refuses;
  auto report = world.put(plain, layout_of(4, 2));
  REQUIRE(report.has_value());
  CHECK(report->segments_below == report->segments);
  CHECK(report->least_to_spare == 0);
  CHECK(world.get() == plain);

  const auto code_with = [&](StoringHost::Mood mood, unsigned count) {
    PutGetWorld other(6);
    for (unsigned i = 0; i < count; ++i) other.hosts[i].mood = mood;
    const auto failed = other.put(test::random_bytes(4'000'000), layout_of(4, 2));
    REQUIRE_FALSE(failed.has_value());
    CHECK(other.manifest.find("\"seal\"") == std::string::npos);
    // It does not go on with segments behind those that were under way: 245 of them have 1,470 pieces.
    CHECK(std::ranges::count(other.manifest, '\n') < 600);
    return failed.error().code;
  };
  CHECK(code_with(StoringHost::Mood::refuses, 3) == Code::denied);
  CHECK(code_with(StoringHost::Mood::full, 6) == Code::quota);
  CHECK(code_with(StoringHost::Mood::lost, 6) == Code::too_few_pieces);
}

TEST_CASE("a put that is stopped ends soon, and what it stored can be removed") {
  PutGetWorld world(6);
  world.hosts[5].mood = StoringHost::Mood::silent;
  world.hosts[5].on_asked = [&] { world.stopped = true; };
  Result<PutReport> report = fail(Code::usage, "not run");
  CHECK(ms_of(world.clock, [&] { report = world.put(test::random_bytes(500'000), layout_of(4, 2)); }) < 3000);
  REQUIRE_FALSE(report.has_value());
  CHECK(report.error().code == Code::failure);
  CHECK(world.hosts.running() == 0);
  CHECK(world.manifest.find("\"seal\"") == std::string::npos);
  world.hosts[5].mood = StoringHost::Mood::good;
  CHECK(world.remove().failed == 0);
  CHECK(world.hosts.pieces() == 0);
}

TEST_CASE("a Host that gives no answer is asked once in a run of removals, and what lies there is told apart") {
  PutGetWorld world(3);
  REQUIRE(world.put(test::random_bytes(200'000), layout_of(2, 1)).has_value());
  auto& gone = world.hosts[1];
  gone.failures_left = 1'000;
  const auto asked_before = gone.asked;
  SilentHosts silent(world.clock);
  auto report = world.remove({.silent = &silent});
  CHECK(report.removed > 0);
  CHECK(report.failed > 0);
  CHECK(report.is_left_at_silent());
  const auto asked = gone.asked;
  CHECK(asked > asked_before);
  report = world.remove({.silent = &silent});
  CHECK(gone.asked == asked);
  CHECK(report.is_left_at_silent());
  CHECK(report.troubles.size() == 1);

  // Another that says no is not silent; nor is one that is not asked any more.
  gone.failures_left = 0;
  gone.mood = StoringHost::Mood::refuses;
  report = world.remove();
  CHECK(report.failed > 0);
  CHECK_FALSE(report.is_left_at_silent());
  CHECK(report.worst == Code::denied);
  RemoveReport all = world.remove({.silent = &silent});
  all.add(std::move(report));
  CHECK(all.worst == Code::denied);
  CHECK_FALSE(all.is_left_at_silent());
  CHECK_FALSE(world.remove({.stopped = [] { return true; }}).is_left_at_silent());
  gone.mood = StoringHost::Mood::good;
  CHECK(world.remove().failed == 0);
  CHECK(world.hosts.pieces() == 0);
}

TEST_CASE("an output that fails ends a put") {
  PutGetWorld world(3);
  world.write_fails = true;
  const auto report = world.put(test::random_bytes(500'000), layout_of(2, 1));
  REQUIRE_FALSE(report.has_value());
  CHECK(report.error().code == Code::quota);
  CHECK(world.hosts.pieces() == 0);
}

TEST_CASE("a get that is stopped, or whose output fails, ends soon") {
  PutGetWorld world(3);
  const auto plain = test::random_bytes(500'000);
  REQUIRE(world.put(plain, layout_of(2, 1)).has_value());
  world.hosts[0].mood = world.hosts[1].mood = StoringHost::Mood::silent;
  world.hosts[0].on_asked = [&] { world.stopped = true; };
  CHECK(ms_of(world.clock, [&] { CHECK_FALSE(world.get().has_value()); }) < 3000);
  CHECK(world.hosts.running() == 0);

  world.stopped = false;
  world.hosts[0].on_asked = {};
  for (auto& host : world.hosts.all()) host->mood = StoringHost::Mood::good;
  class FullSink final : public ByteSink {
   public:
    Result<void> write(ByteView) override { return fail(Code::quota, "the disk is full"); }
    Result<void> finish() override { return {}; }
  };
  world.wrap_sink = [](auto) { return std::make_unique<FullSink>(); };
  const auto back = world.get();
  REQUIRE_FALSE(back.has_value());
  CHECK(back.error().code == Code::quota);
}

TEST_CASE("few segments are in memory, however slow the other side is") {
  PutGetWorld world(6);
  const auto layout = layout_of(4, 2, 1, 512 * 1024);  // 3 MiB a segment with its parity
  const auto plain = test::random_bytes(40 * layout.segment_bytes());
  for (auto& host : world.hosts.all()) host->delay_ms = 2;
  REQUIRE(world.put(plain, layout).has_value());
  CHECK(world.batches_out_max * 6 * layout.shard_bytes <= kPutMemoryBytes);

  // The sink stands still for a while: what was fetched beyond what it took is bounded.
  class SlowSink final : public ByteSink {
   public:
    SlowSink(std::unique_ptr<ByteSink> to, const StoringHosts& hosts, std::uint64_t& ahead_max)
        : to_(std::move(to)), hosts_(hosts), ahead_max_(ahead_max) {}
    Result<void> write(ByteView bytes) override {
      if (taken_ == 0) usleep(300'000);
      ahead_max_ = std::max<std::uint64_t>(ahead_max_, hosts_.served_bytes - std::min<std::uint64_t>(taken_, hosts_.served_bytes));
      taken_ += bytes.size();
      return to_->write(bytes);
    }
    Result<void> finish() override { return to_->finish(); }

   private:
    std::unique_ptr<ByteSink> to_;
    const StoringHosts& hosts_;
    std::uint64_t& ahead_max_;
    std::uint64_t taken_ = 0;
  };
  std::uint64_t ahead_max = 0;
  world.get_options.hedge_floor_ms = 5000;
  world.wrap_sink = [&](auto to) { return std::make_unique<SlowSink>(std::move(to), world.hosts, ahead_max); };
  CHECK(world.get() == plain);
  CHECK(ahead_max > 0);
  CHECK(ahead_max <= kGetMemoryBytes);
}

TEST_CASE("no more requests at once than asked for") {
  PutGetWorld world(6);
  // Hedges come on top: no Host is slow, however busy the machine is.
  world.put_options.hedge_floor_ms = world.get_options.hedge_floor_ms = 600'000;
  for (auto& host : world.hosts.all()) host->delay_ms = 1;
  world.put_options.jobs = world.get_options.jobs = 3;
  const auto plain = test::random_bytes(300'000);
  REQUIRE(world.put(plain, layout_of(4, 2)).has_value());
  CHECK(world.hosts.at_once_max <= 3);
  world.hosts.at_once_max = 0;
  CHECK(world.get() == plain);
  CHECK(world.hosts.at_once_max <= 3);
}

TEST_CASE("ranges fetch their own segments only") {
  PutGetWorld world(3);
  const auto plain = test::random_bytes(100'000);
  REQUIRE(world.put(plain, layout_of(2, 1)).has_value());
  const auto part = [&](std::uint64_t first, std::uint64_t last) {
    return Bytes(plain.begin() + static_cast<std::ptrdiff_t>(first), plain.begin() + static_cast<std::ptrdiff_t>(last + 1));
  };
  for (const auto& [first, last] : {std::pair<std::uint64_t, std::uint64_t>{0, 0}, {8191, 8192}, {8192, 8192}, {50'000, 60'000}, {99'999, 99'999}}) {
    CHECK(world.get(PlainRange{first, last}) == part(first, last));
    CHECK(world.get_report.fetched_bytes <= (last / 8192 - first / 8192 + 1) * 8192);
  }
  const auto behind = world.get(PlainRange{100'000, {}});
  REQUIRE_FALSE(behind.has_value());
  CHECK(behind.error().code == Code::usage);
}

TEST_CASE("the tags that Hosts keep open, and give the file's lines back") {
  PutGetWorld world(3);
  REQUIRE(world.put(test::random_bytes(30'000), layout_of(2, 1)).has_value());
  const auto table = world.table();
  std::size_t opened = 0;
  for (auto& host : world.hosts.all()) {
    for (const auto& [id, held] : host->pieces) {
      const auto offer = format::open_offer(held.offer, world.clock.unix_s());
      REQUIRE(offer.has_value());
      CHECK(offer->account == world.key.uploader().account_id(host->id()));
      CHECK(host->opens_tag(*world.key.recipient_secret(), held, id, table.header().file));
      ++opened;
    }
  }
  CHECK(opened == table.pieces());
}

}  // namespace
}  // namespace inxt::client
