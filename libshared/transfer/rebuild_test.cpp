// SPDX-License-Identifier: AGPL-3.0-or-later
// rebuild() against Hosts that do what they are told: from any K pieces, with lies among them, at Hosts that
// refuse, forget or lose their answers, and again after it was killed.
#include "transfer/rebuild.h"

#include <doctest/doctest.h>

#include <map>

#include "crypto/ctr.h"
#include "format/generation.h"
#include "format/manifest_writer.h"
#include "net/event_loop.h"
#include "proof/tree.h"
#include "support/storing_hosts.h"
#include "transfer/segment_fetch.h"
#include "transfer/segment_joiner.h"

namespace inxt::transfer {
namespace {

using testing::StoringHost;
using testing::StoringHosts;
using Mood = StoringHost::Mood;

constexpr std::int64_t kNow = 1'800'000'000;
constexpr std::uint32_t kShardBytes = 3 * 4096;
const keys::OwnerKeys kOwner = keys::OwnerKeys::from_entropy(Bytes(32, std::byte{1}));

/// One segment of a file, piece i at Host i, and Hosts that have none.
struct World {
  explicit World(std::uint32_t k = 4, std::uint32_t m = 2, std::uint32_t mirrors = 1, unsigned spare = 4,
                 std::uint32_t uploader_number = format::kCaretakersBegin)
      : uploader(kOwner.uploader(uploader_number)), writer_keys(kOwner.uploader(0)), hosts(uploader) {
    crypto::start();
    format::Layout layout{.k = k, .m = m, .mirrors = mirrors, .shard_bytes = kShardBytes, .seal_key = {}};
    random.fill(layout.seal_key);
    auto generation = format::Generation::fresh(random);
    format::ManifestWriter writer(writer_keys.writer());
    format::Header header{.file = generation.file(),
                          .writer = writer_keys.writer_id(),
                          .uploader = 0,
                          .certificate = {},
                          .commitment = generation.commitment(),
                          .private_part = *generation.seal_private(random, {})};
    REQUIRE(writer.header(header));
    writer.stanza(*generation.stanza_for(kOwner.recipient(), keys::recipient_text(kOwner.recipient())));
    writer.layout(layout);
    make_pieces(layout, generation.file());
    for (auto& line : lines) {
      writer.piece(line);
      texts.push_back(writer.last_piece_line());
    }
    chain = writer.chain();
    for (unsigned i = 0; i < lines.size() + spare; ++i) hosts.add(i + 1);
    for (std::size_t i = 0; i < lines.size(); ++i)
      hosts[i].pieces[lines[i].id] = {.bytes = copy_of(ByteView(bytes[i])),
                                      .offer = {},
                                      .acceptance = {},
                                      .receipt = {},
                                      .renewal = {},
                                      .until_unix_s = 0};
  }

  void make_pieces(const format::Layout& layout, const FileId& file) {
    std::vector<PieceInHand> data;
    std::vector<Bytes> sealed(layout.k);
    for (std::uint32_t shard = 0; shard < layout.k; ++shard) {
      sealed[shard].resize(kShardBytes);
      random.fill(sealed[shard]);
      data.push_back({{.segment = 0, .shard = shard, .mirror = 0}, sealed[shard]});
    }
    std::vector<Place> places;
    for (std::uint32_t shard = 0; shard < layout.shards(); ++shard)
      for (std::uint32_t mirror = 0; mirror < layout.mirrors; ++mirror)
        places.push_back({.segment = 0, .shard = shard, .mirror = mirror});
    bytes = *SegmentJoiner::make(layout, file)->remake(0, layout.segment_bytes(), data, places);
    for (std::size_t i = 0; i < places.size(); ++i)
      lines.push_back({.place = places[i],
                       .size = kShardBytes,
                       .id = proof::piece_id_of(bytes[i]),
                       .last = layout.segment_bytes()});
  }

  Network network() { return {hosts, loop.executor(), workers, clock, random}; }

  /// The pieces of these numbers, from all others.
  Result<RebuildReport> rebuild_these(const std::vector<std::size_t>& lost, RebuildCallbacks callbacks = {}) {
    SegmentToRebuild segment{.chain = chain,
                             .number = 0,
                             .ciphertext_bytes = chain.layout->segment_bytes(),
                             .sources = {},
                             .wanted = {}};
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const bool is_lost = std::ranges::find(lost, i) != lost.end();
      if (is_lost) {
        auto candidates = in_order_for(lines[i].id, spare(), 0);
        segment.wanted.push_back(
            {.line = lines[i], .line_text = texts[i], .candidates = std::move(candidates)});
      }
      if (!is_lost || handed_over) segment.sources.push_back({lines[i], {hosts[i].id(), {"192.0.2.1:1"}}});
    }
    const Repairer repairer{.uploader = uploader,
                            .owner = kOwner.recipient(),
                            .term_s = 86400,
                            .price_max = 0,
                            .proof_blocks = 3,
                            .put_ms_max = put_ms_max};
    return loop.run(rebuild(network(), repairer, segment, std::move(callbacks)));
  }

  /// Hosts that had none at first.
  std::vector<format::Descriptor> spare() const {
    auto all = hosts.descriptors();
    all.erase(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(lines.size()));
    return all;
  }

  /// Where a piece lies beside its first Host.
  std::vector<std::size_t> stored_at(std::size_t piece) {
    std::vector<std::size_t> out;
    for (std::size_t i = lines.size(); i < hosts.all().size(); ++i)
      if (hosts[i].pieces.contains(lines[piece].id)) out.push_back(i);
    return out;
  }
  unsigned accepted() {
    unsigned count = 0;
    for (const auto& host : hosts.all()) count += host->stored;
    return count;
  }
  StoringHost& host_with(std::size_t piece) { return hosts[stored_at(piece).at(0)]; }
  bool is_right_at(std::size_t piece, std::size_t host) {
    return hosts[host].pieces.at(lines[piece].id).bytes == bytes[piece];
  }

  keys::UploaderKeys uploader;
  keys::UploaderKeys writer_keys;
  sys::ManualClock clock{kNow};
  crypto::SeededRandom random{7};
  net::EventLoop loop;
  net::WorkerPool workers;
  StoringHosts hosts;
  format::Chain chain;
  std::vector<format::PieceLine> lines;
  std::vector<std::string> texts;
  std::vector<Bytes> bytes;
  bool handed_over = false;
  std::int64_t put_ms_max = kRebuildPutMsMax;
};

constexpr int kForEverMs = 120'000;  // a Host that sends a byte now and then

/// Each look at whether to stop is as many milliseconds of waiting.
RebuildCallbacks waiting(World& world, std::int64_t ms) {
  RebuildCallbacks callbacks;
  callbacks.stopped = [&world, ms] {
    world.clock.advance_ms(ms);
    return false;
  };
  return callbacks;
}

TEST_CASE("every one and every two lost pieces of six come back as they were, from four others") {
  for (std::size_t first = 0; first < 6; ++first)
    for (std::size_t second = first; second < 6; ++second) {
      World world;
      std::vector<std::size_t> lost{first};
      if (second != first) lost.push_back(second);
      const auto report = world.rebuild_these(lost);
      REQUIRE(report.has_value());
      CHECK(report->remade.size() == lost.size());
      CHECK(report->not_remade.empty());
      CHECK(report->read_bytes == 4 * kShardBytes);  // K, and not one piece more
      CHECK(report->written_bytes == lost.size() * kShardBytes);
      for (const auto piece : lost) {
        REQUIRE(world.stored_at(piece).size() == 1);
        CHECK(world.is_right_at(piece, world.stored_at(piece)[0]));
      }
      if (lost.size() == 2) CHECK(world.stored_at(first) != world.stored_at(second));
    }
}

TEST_CASE("the contract is the caretaker's, its tag the owner's, and the place says so") {
  World world;
  const auto report = world.rebuild_these({5});
  REQUIRE(report.has_value());
  const auto& held = world.host_with(5).pieces.at(world.lines[5].id);
  CHECK(StoringHost::opens_tag(kOwner.recipient_secret(), held, world.lines[5].id, world.chain.header->file));
  const auto offer = *format::open_offer(held.offer, std::nullopt);
  CHECK(offer.account == world.uploader.account_id(world.host_with(5).id()));
  CHECK(offer.until_unix_s == kNow + 86400);
  const auto& place = report->remade[0].place;
  CHECK(place.uploader == format::kCaretakersBegin);
  CHECK(place.host == world.host_with(5).id());
  CHECK(place.contract == format::contract_hash(held.acceptance));
  CHECK(place.receipt == format::receipt_hash(held.receipt));

  World of_owner(4, 2, 1, 4, 0);
  CHECK_FALSE(of_owner.rebuild_these({5})->remade[0].place.uploader.has_value());
}

TEST_CASE("mirrors come back from any one of them") {
  World world(1, 0, 3);
  const auto report = world.rebuild_these({0, 2});
  REQUIRE(report.has_value());
  CHECK(report->read_bytes == kShardBytes);
  CHECK(world.is_right_at(0, world.stored_at(0).at(0)));
  CHECK(world.is_right_at(2, world.stored_at(2).at(0)));
}

TEST_CASE("an altered piece is named and not used") {
  World world;
  world.hosts[0].mood = Mood::lies;
  const auto report = world.rebuild_these({5});
  REQUIRE(report.has_value());
  REQUIRE(report->false_sources.size() == 1);
  CHECK(report->false_sources[0].host == world.hosts[0].id());
  CHECK(world.is_right_at(5, world.stored_at(5).at(0)));
}

TEST_CASE("as many slow Hosts as a segment can lack do not hold up its repair") {
  World world(4, 3);
  const auto begun = std::chrono::steady_clock::now();
  for (const auto slow : {0U, 1U}) world.hosts[slow].delay_ms = kForEverMs;
  const auto report = world.rebuild_these({6}, waiting(world, kFetchSlowMs));
  REQUIRE(report.has_value());
  CHECK(world.is_right_at(6, world.stored_at(6).at(0)));
  CHECK(std::chrono::steady_clock::now() - begun < std::chrono::milliseconds(kForEverMs / 2));
}

TEST_CASE("a Host that leaves and hands its piece over too slowly is helped by the others") {
  World world;
  const auto begun = std::chrono::steady_clock::now();
  world.handed_over = true;
  world.hosts[2].delay_ms = kForEverMs;
  const auto report = world.rebuild_these({2}, waiting(world, kFetchSlowMs));
  REQUIRE(report.has_value());
  CHECK(report->read_bytes >= 4 * kShardBytes);
  CHECK(world.is_right_at(2, world.stored_at(2).at(0)));
  CHECK(std::chrono::steady_clock::now() - begun < std::chrono::milliseconds(kForEverMs / 2));
}

TEST_CASE("where too few are left beside slow Hosts, it ends, and names the limit") {
  World world;
  const auto begun = std::chrono::steady_clock::now();
  for (const auto slow : {0U, 1U}) world.hosts[slow].delay_ms = kForEverMs;
  const auto report = world.rebuild_these({5}, waiting(world, kFetchSlowMs));
  REQUIRE_FALSE(report.has_value());
  CHECK(report.error().code == Code::too_few_pieces);
  CHECK(report.error().what.find("kFetchMsMax") != std::string::npos);
  CHECK(world.accepted() == 0);
  CHECK(std::chrono::steady_clock::now() - begun < std::chrono::milliseconds(kForEverMs / 2));
}

TEST_CASE("a Host that takes a piece too slowly costs the next one's try") {
  World world;
  world.put_ms_max = 300;
  const auto first = in_order_for(world.lines[5].id, world.spare(), 0);
  for (auto& host : world.hosts.all())
    if (host->id() == first[0].host)
      host->on_asked = [slow = host.get()] { slow->delay_ms = slow->asked == 2 ? kForEverMs : 0; };
  const auto begun = std::chrono::steady_clock::now();
  const auto report = world.rebuild_these({5});
  REQUIRE(report.has_value());
  REQUIRE(report->remade.size() == 1);
  CHECK(report->remade[0].place.host == first[1].host);
  CHECK(report->silent == std::vector{first[0].host});
  CHECK(std::chrono::steady_clock::now() - begun < std::chrono::milliseconds(kForEverMs / 2));
}

TEST_CASE("two lost pieces that lie at one Host: one is stored at another") {
  World world;
  // What two repairs, each of one piece, have left where the first was thought to have failed.
  REQUIRE(world.rebuild_these({5}).has_value());
  const auto host = world.stored_at(5).at(0);
  auto& held = world.hosts[host].pieces;
  for (auto& other : world.hosts.all())
    if (other->id() != world.hosts[host].id()) other->mood = Mood::refuses;
  for (std::size_t i = 0; i < 4; ++i) world.hosts[i].mood = Mood::good;
  held.at(world.lines[5].id).bytes[0] ^= std::byte{1};
  held.at(world.lines[5].id).bytes[4096] ^= std::byte{1};
  held.at(world.lines[5].id).bytes[8192] ^= std::byte{1};
  // It does not show the one, so it does not get the other.
  const auto report = world.rebuild_these({4, 5});
  REQUIRE(report.has_value());
  CHECK(report->remade.empty());
  CHECK_FALSE(held.contains(world.lines[4].id));
}

TEST_CASE("too few true pieces: nothing is stored") {
  World world;
  world.hosts[0].mood = Mood::lies;
  world.hosts[1].mood = Mood::lost;
  const auto report = world.rebuild_these({4, 5});
  REQUIRE_FALSE(report.has_value());
  CHECK(report.error().code == Code::too_few_pieces);
  CHECK(report.error().what.find("false piece") != std::string::npos);
  CHECK(world.accepted() == 0);
}

TEST_CASE("true pieces that do not make the signed one: nothing is stored") {
  World world;
  // The writer itself signed an id that its data does not give.
  world.lines[5].id.bytes[0] ^= std::byte{1};
  const auto report = world.rebuild_these({4, 5});
  REQUIRE_FALSE(report.has_value());
  CHECK(report.error().code == Code::integrity);
  CHECK(world.accepted() == 0);
}

TEST_CASE("what a Host that leaves hands over is copied: one piece is read, not K") {
  World world;
  world.handed_over = true;
  const auto report = world.rebuild_these({2});
  REQUIRE(report.has_value());
  CHECK(report->read_bytes == kShardBytes);
  CHECK(world.is_right_at(2, world.stored_at(2).at(0)));

  World lying;
  lying.handed_over = true;
  lying.hosts[2].mood = Mood::lies;
  const auto remade = lying.rebuild_these({2});
  REQUIRE(remade.has_value());
  CHECK(remade->read_bytes == 5 * kShardBytes);
  CHECK(lying.is_right_at(2, lying.stored_at(2).at(0)));
}

TEST_CASE("a Host that refuses, is full, or does not show what it took, costs the next one's try") {
  for (const auto mood : {Mood::refuses, Mood::full, Mood::lies}) {
    World world;
    const auto first = in_order_for(world.lines[5].id, world.spare(), 0);
    for (auto& host : world.hosts.all())
      if (host->id() == first[0].host) host->mood = mood;
    const auto report = world.rebuild_these({5});
    REQUIRE(report.has_value());
    REQUIRE(report->remade.size() == 1);
    CHECK(report->remade[0].place.host == first[1].host);
    CHECK(world.stored_at(5).size() == 1);  // what the liar took was taken back
  }
  World world;
  for (std::size_t i = 6; i < world.hosts.all().size(); ++i) world.hosts[i].drops = true;
  const auto report = world.rebuild_these({5});
  REQUIRE(report.has_value());
  CHECK(report->remade.empty());
  REQUIRE(report->not_remade.size() == 1);
  CHECK(report->not_remade[0].second.what.find("does not prove") != std::string::npos);
}

TEST_CASE("an answer that was lost is asked for again, and paid once") {
  World world;
  for (std::size_t i = 6; i < world.hosts.all().size(); ++i) world.hosts[i].loses_answers = true;
  const auto report = world.rebuild_these({5});
  REQUIRE(report.has_value());
  CHECK(report->remade.size() == 1);
  CHECK(world.accepted() == 1);
}

TEST_CASE("a repair that was killed behind any of its steps finds its own pieces, and sends nothing twice") {
  for (const unsigned killed_behind : {1U, 2U}) {
    World world;
    RebuildCallbacks callbacks;
    unsigned stored = 0;
    callbacks.on_stored = [&](const RemadePiece&) -> Result<void> {
      if (++stored == killed_behind) return fail(Code::failure, "killed");
      return {};
    };
    REQUIRE_FALSE(world.rebuild_these({1, 5}, std::move(callbacks)).has_value());
    const auto before = world.accepted();
    CHECK(before >= killed_behind);
    const auto again = world.rebuild_these({1, 5});
    REQUIRE(again.has_value());
    CHECK(again->remade.size() == 2);
    CHECK(world.accepted() == 2);
    CHECK(world.stored_at(1).size() == 1);
    CHECK(world.stored_at(5).size() == 1);
    if (before == 2) CHECK(again->read_bytes == 0);
  }
}

TEST_CASE("a repair that is stopped ends soon, whatever Hosts do, and what they took is found by the next") {
  // Who is asked first by the new Host: whether it has the piece, or to take it, or to show it.
  for (const unsigned hangs_at : {1U, 2U, 3U}) {
    World world;
    bool hangs = false;  // then it is stopped, however long the machine took to come so far
    for (auto& host : world.hosts.all())
      host->on_asked = [slow = host.get(), hangs_at, &hangs] {
        slow->delay_ms = slow->asked == hangs_at ? kForEverMs : 0;
        hangs = hangs || slow->asked == hangs_at;
      };
    for (std::size_t i = 0; i < 6; ++i) world.hosts[i].on_asked = {};
    for (auto& host : world.hosts.all()) host->stores_first = true;
    RebuildCallbacks callbacks;
    callbacks.stopped = [&] { return hangs; };
    const auto begun = std::chrono::steady_clock::now();
    const auto report = world.rebuild_these({5}, std::move(callbacks));
    CHECK(std::chrono::steady_clock::now() - begun < std::chrono::milliseconds(kForEverMs / 4));
    REQUIRE_FALSE(report.has_value());
    CHECK(report.error().code == Code::failure);
    CHECK(world.hosts.running() == 0);
    for (auto& host : world.hosts.all()) host->on_asked = {}, host->delay_ms = 0;
    const auto again = world.rebuild_these({5});
    REQUIRE(again.has_value());
    CHECK(again->remade.size() == 1);
    CHECK(world.stored_at(5).size() == 1);
    CHECK(again->remade[0].was_there == (hangs_at > 1));
  }
}

TEST_CASE("two repairers of one number at once: one contract, and both know the place") {
  World world;
  for (auto& host : world.hosts.all()) host->delay_ms = 5;
  std::optional<Result<RebuildReport>> first, second;
  const auto work = [&](std::optional<Result<RebuildReport>>& into, const SegmentToRebuild& segment,
                        const Repairer& repairer) -> net::Awaitable<void> {
    Result<RebuildReport> done = co_await rebuild(world.network(), repairer, segment);
    into = std::move(done);
  };
  SegmentToRebuild segment{.chain = world.chain,
                           .number = 0,
                           .ciphertext_bytes = world.chain.layout->segment_bytes(),
                           .sources = {},
                           .wanted = {}};
  for (std::size_t i = 0; i < 5; ++i)
    segment.sources.push_back({world.lines[i], {world.hosts[i].id(), {"192.0.2.1:1"}}});
  segment.wanted.push_back({.line = world.lines[5],
                            .line_text = world.texts[5],
                            .candidates = in_order_for(world.lines[5].id, world.spare(), 0)});
  const Repairer repairer{.uploader = world.uploader,
                          .owner = kOwner.recipient(),
                          .term_s = 86400,
                          .price_max = 0,
                          .proof_blocks = 1,
                          .put_ms_max = kRebuildPutMsMax};
  net::spawn(world.loop.executor(), work(first, segment, repairer));
  world.loop.run([&]() -> net::Awaitable<void> {
    co_await work(second, segment, repairer);
    while (!first) co_await net::sleep_for(std::chrono::milliseconds(5));
  }());
  REQUIRE((first && first->has_value() && second && second->has_value()));
  CHECK(world.accepted() == 1);
  CHECK((*first)->remade.at(0).place.contract == (*second)->remade.at(0).place.contract);
}

TEST_CASE("the order of candidates depends on the piece and the Hosts alone") {
  World world(4, 2, 1, 8);
  auto some = world.hosts.descriptors();
  const auto order = in_order_for(world.lines[0].id, some, 0);
  std::ranges::reverse(some);
  const auto again = in_order_for(world.lines[0].id, some, 0);
  const auto other = in_order_for(world.lines[1].id, some, 0);
  const auto ids = [](const auto& hosts) {
    std::vector<HostId> out;
    for (const auto& host : hosts) out.push_back(host.host);
    return out;
  };
  CHECK(ids(order) == ids(again));
  CHECK(ids(order) != ids(other));
  some[0].price = 5;
  CHECK(in_order_for(world.lines[0].id, some, 4).size() == some.size() - 1);
}

CheckOptions blocks(unsigned count) {
  CheckOptions options;
  options.blocks = count;
  return options;
}

TEST_CASE("a check says which pieces a Host holds, has lost, and of which nothing is known") {
  World world;
  std::vector<proof::SetPiece> asked;
  for (const auto& line : world.lines) asked.push_back({line.id, line.size});
  asked.push_back(asked[3]);
  const HostAddress host{world.hosts[3].id(), {"192.0.2.1:1"}};
  auto shown = *world.loop.run(check_pieces(world.network(), host, asked));
  REQUIRE(shown.size() == 7);
  for (std::size_t i = 0; i < 7; ++i)
    CHECK((shown[i].state == CheckedPiece::State::held) == (i == 3 || i == 6));
  CHECK(shown[0].state == CheckedPiece::State::lost);

  world.hosts[3].mood = Mood::lies;  // in the last block: all three are looked at
  shown = *world.loop.run(check_pieces(world.network(), host, std::span(asked).subspan(3, 1), blocks(3)));
  CHECK(shown[0].state == CheckedPiece::State::lost);
  world.hosts[3].mood = Mood::good;
  world.hosts[3].failures_left = 2;
  shown = *world.loop.run(check_pieces(world.network(), host, asked));
  for (const auto& piece : shown) CHECK(piece.state == CheckedPiece::State::silent);
  // One that answers and has no time is no Host that is gone.
  world.hosts[3].failures_left = 1;
  world.hosts[3].answers_health = true;
  auto at_once = blocks(1);
  at_once.busy_ms = 0;
  shown = *world.loop.run(check_pieces(world.network(), host, asked, at_once));
  for (const auto& piece : shown) CHECK(piece.state == CheckedPiece::State::busy);
  CHECK(world.loop.run(check_pieces(world.network(), host, asked, blocks(0))).error().code == Code::usage);
  // Nor is one that takes for ever waited for.
  world.hosts[3].delay_ms = 600'000;
  at_once.answer_ms = 20;
  shown = *world.loop.run(check_pieces(world.network(), host, asked, at_once));
  CHECK(shown[0].state != CheckedPiece::State::held);
  CHECK(shown[0].state != CheckedPiece::State::lost);
  CHECK(shown[0].why.find("kCheckAnswerMs") != std::string::npos);
}

}  // namespace
}  // namespace inxt::transfer
