// SPDX-License-Identifier: LGPL-3.0-or-later
// Recovery from Hosts that list what they have, and from some that list what they like.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "client/content_stream.h"
#include "client/data_batches.h"
#include "client/get_file.h"
#include "client/hidden_file.h"
#include "client/put.h"
#include "client/reader_keys.h"
#include "client/recover_files.h"
#include "client/recover_listing.h"
#include "net/event_loop.h"
#include "support/scratch_folder.h"
#include "support/storing_hosts.h"
#include "support/streams.h"
#include "transfer/offer_maker.h"

namespace inxt::client {
namespace {

using testing::StoringHost;
using testing::StoringHosts;
using transfer::HeldPiece;
using transfer::HostAddress;

keys::Key owner_number(std::uint8_t number) {
  ByteArray<32> entropy;
  entropy.fill(std::byte{number});
  return keys::Key::of_owner(keys::OwnerKeys::from_entropy(entropy));
}

/// Hosts as the accounts of one number see them.
class ListingHosts final : public transfer::PieceService {
 public:
  using Lie = std::function<void(const HostAddress&, const std::optional<PieceId>&, std::vector<HeldPiece>&)>;
  ListingHosts(StoringHosts& hosts, keys::UploaderKeys account, const Lie& lie, std::uint64_t& asked)
      : hosts_(hosts), account_(std::move(account)), lie_(lie), asked_(asked) {}

  net::Awaitable<Result<std::vector<HeldPiece>>> list(const HostAddress& address,
                                                      const std::optional<PieceId>& after,
                                                      std::uint32_t limit) override {
    ++asked_;
    auto& host = of(address.id);
    if (host.mood == StoringHost::Mood::silent) co_return fail(Code::try_again, "no answer");
    if (host.failures_left > 0) {
      --host.failures_left;
      co_return fail(Code::try_again, "busy");
    }
    std::vector<HeldPiece> out;
    const auto account = account_.account_id(address.id);
    for (const auto& [piece, held] : host.pieces) {
      if (after && piece <= *after) continue;
      if (out.size() == limit || format::open_offer(held.offer, std::nullopt)->account != account) continue;
      out.push_back(held_piece(piece, held));
    }
    if (lie_) lie_(address, after, out);
    co_return out;
  }
  net::Awaitable<Result<void>> get(const HostAddress& address, const PieceId& piece, std::uint64_t offset,
                                   ByteSpan into) override {
    // As a Host that takes vouchers: who has no contract about it reads nothing.
    const auto held = of(address.id).pieces.find(piece);
    if (held != of(address.id).pieces.end() &&
        format::open_offer(held->second.offer, std::nullopt)->account != account_.account_id(address.id))
      co_return fail(Code::denied, "no contract about it");
    co_return co_await hosts_.get(address, piece, offset, into);
  }
  net::Awaitable<Result<transfer::StoredPiece>> put(const HostAddress& a, std::string_view b,
                                                    ByteView c) override {
    return hosts_.put(a, b, c);
  }
  net::Awaitable<Result<HeldPiece>> contract(const HostAddress& a, const PieceId& b) override {
    return hosts_.contract(a, b);
  }
  net::Awaitable<Result<void>> remove(const HostAddress& a, const PieceId& b, std::string_view c) override {
    return hosts_.remove(a, b, c);
  }
  net::Awaitable<Result<std::optional<transfer::HeldRenewal>>> renew(const HostAddress& a, const PieceId& b,
                                                                     std::string_view c) override {
    return hosts_.renew(a, b, c);
  }
  net::Awaitable<Result<std::string>> audit(const HostAddress& a, std::string_view b) override {
    return hosts_.audit(a, b);
  }

  static HeldPiece held_piece(const PieceId& piece, const StoringHost::Held& held) {
    HeldPiece out;
    out.piece = piece;
    out.size = static_cast<std::uint32_t>(held.bytes.size());
    out.offer = held.offer;
    out.acceptance = held.acceptance;
    out.receipt = held.receipt;
    return out;
  }

 private:
  StoringHost& of(const HostId& id) {
    return **std::ranges::find_if(hosts_.all(), [&](const auto& host) { return host->id() == id; });
  }
  StoringHosts& hosts_;
  keys::UploaderKeys account_;
  const Lie& lie_;
  std::uint64_t& asked_;
};

struct LostFilesWorld {
  explicit LostFilesWorld(unsigned hosts_count) {
    crypto::start();
    for (unsigned i = 0; i < hosts_count; ++i) hosts.add(i + 1);
    open_state();
  }
  void fresh_state() {
    ++states;
    open_state();
  }
  void open_state() {
    state.reset();
    auto opened =
        RecoverState::open(folder.path() / fmt::format("state{}", states), key.owner_id(), 1'800'000'000);
    if (!opened) FAIL(opened.error().what);
    state.emplace(*std::move(opened));
  }
  Network network() { return {hosts, loop.executor(), workers, clock, random}; }
  std::vector<HostAddress> addresses() const {
    std::vector<HostAddress> out;
    for (const auto& host : hosts.descriptors()) out.push_back({host.host, host.addresses});
    return out;
  }
  std::unique_ptr<ListingHosts> service(std::uint32_t number) {
    return std::make_unique<ListingHosts>(hosts, *key.uploader(number), lie, asked);
  }

  /// A file by this writer, its manifest's lines.
  std::string put(std::string name, std::size_t bytes, const format::Layout& layout, const keys::Key& by) {
    Bytes plain(bytes);
    random.fill(plain);
    const SourceFacts facts{.name = std::move(name), .mtime_unix_s = {}, .mode = {}, .plain_bytes = bytes};
    auto head = *begin_manifest(by, facts, {}, {}, random);
    auto ciphertext = *encrypting_source(std::make_unique<test::MemorySource>(std::move(plain)),
                                         head.generation, head.part);
    const auto source = *DataBatches::make(std::move(head), layout, std::move(ciphertext));
    std::string manifest;
    PutCallbacks callbacks;
    callbacks.write = [&](std::string_view lines) -> Result<void> {
      manifest += lines;
      return {};
    };
    auto report =
        loop.run(client::put(network(), by, hosts.descriptors(), *source, {}, std::move(callbacks)));
    if (!report) FAIL(report.error().what);
    return manifest;
  }
  std::string put(std::string name, std::size_t bytes, const format::Layout& layout) {
    return put(std::move(name), bytes, layout, key);
  }

  Result<RecoverListReport> list() {
    const PieceServiceOf service_of = [this](std::uint32_t number) { return service(number); };
    auto report = loop.run(list_own_pieces(network(), key, service_of, addresses(), *state, {.jobs = 3}, {}));
    state->sort();
    return report;
  }
  RecoverWorld recover_world() {
    return {.network = network(),
            .service_of = [this](std::uint32_t number) -> transfer::PieceService& {
              auto& known = services[number];
              if (!known) known = service(number);
              return *known;
            },
            .key = key,
            .state = *state,
            .holders = holders,
            .hosts = addresses(),
            .stopped = {}};
  }
  Result<std::string> rebuild(std::size_t number) {
    auto world = recover_world();
    auto rebuilt = loop.run(rebuild_manifest(world, number));
    if (!rebuilt) return std::unexpected(std::move(rebuilt).error());
    remade = rebuilt->remade_lines;
    return std::string(*rebuilt->text.in_memory());
  }
  /// The plaintext, got by a manifest.
  Result<Bytes> get(const std::string& manifest, std::uint32_t number = 0) {
    const auto table = *table_of(manifest, format::any_writer());
    const auto generation = *open_generation(key, table.chain());
    const auto part = *generation.open_private(table.header());
    auto world = recover_world();
    PiecesOfHolders service(world.service_of, holders, number);
    const Network with{service, loop.executor(), workers, clock, random};
    Bytes plain;
    auto got = loop.run(get_file(with, table, generation, part, {}, std::make_unique<test::MemorySink>(plain),
                                 std::nullopt, {}, {}));
    if (!got) return std::unexpected(std::move(got).error());
    return plain;
  }

  testing::ScratchFolder folder;
  keys::Key key = owner_number(1);
  sys::SystemClock clock;
  crypto::SeededRandom random{5};
  net::EventLoop loop;
  net::WorkerPool workers;
  StoringHosts hosts{key.uploader()};
  ListingHosts::Lie lie;
  std::uint64_t asked = 0;
  std::optional<RecoverState> state;
  Holders holders;
  std::map<std::uint32_t, std::unique_ptr<ListingHosts>> services;
  std::uint64_t remade = 0;
  int states = 0;
};

format::Layout layout_of(std::uint32_t k, std::uint32_t m, std::uint32_t mirrors = 1) {
  format::Layout layout{.k = k, .m = m, .mirrors = mirrors, .shard_bytes = 4096};
  layout.seal_key.fill(std::byte{9});
  return layout;
}

/// All lines but places.
std::string signed_lines(const std::string& manifest) {
  std::string out;
  for (std::size_t at = 0; at < manifest.size();) {
    const auto end = manifest.find('\n', at) + 1;
    const auto line = manifest.substr(at, end - at);
    if (line.find(R"("type":"place")") == line.npos) out += line;
    at = end;
  }
  return out;
}

TEST_CASE("manifests come back from the tags, byte for byte") {
  LostFilesWorld world(6);
  std::vector<std::string> manifests{
      world.put("a", 100'000, layout_of(2, 1)), world.put("b", 0, layout_of(1, 0, 3)),
      world.put("c", 3 * 4096 * 40, layout_of(3, 3)), world.put("d", 17, layout_of(4, 2))};
  const auto report = world.list();
  REQUIRE(report.has_value());
  CHECK(report->hosts == 6);
  CHECK(report->foreign == 0);
  CHECK(report->troubles.empty());
  CHECK(world.state->files() == 4);
  CHECK(world.state->places() == world.hosts.pieces());
  CHECK(report->contracts == world.hosts.pieces());
  CHECK(report->contracts > 6 * kListPageMax / 2);  // some lists have several pages
  // 20 numbers behind the last that is known, of both kinds, each with the page that ends it.
  CHECK(world.asked < 6 * (2 * kRecoverGap + 2) + 2 * report->contracts / kListPageMax + 12);
  std::set<std::string> wanted, found;
  for (const auto& manifest : manifests) wanted.insert(signed_lines(manifest));
  for (std::size_t number = 0; number < 4; ++number) {
    const auto manifest = world.rebuild(number);
    REQUIRE(manifest.has_value());
    CHECK(world.remade == 0);
    found.insert(signed_lines(*manifest));
    CHECK(world.get(*manifest).has_value());
  }
  CHECK(found == wanted);
}

std::string line_of_type(const std::string& manifest, std::string_view type) {
  const auto begin = manifest.find(fmt::format(R"({{"type":"{}")", type));
  REQUIRE(begin != manifest.npos);
  return manifest.substr(begin, manifest.find('\n', begin) - begin);
}

TEST_CASE("lines that only a lost Host's tags said are made again as they were") {
  LostFilesWorld world(6);
  const auto manifest = world.put("a", 5 * 4096 * 4 + 1000, layout_of(4, 2));
  const auto mirrored = world.put("b", 3000, layout_of(1, 0, 3));
  for (auto i : {0, 1}) world.hosts[static_cast<std::size_t>(i)].mood = StoringHost::Mood::silent;
  auto report = world.list();
  REQUIRE(report.has_value());
  CHECK(report->troubles.size() == 2);
  for (std::size_t number = 0; number < 2; ++number) {
    const auto rebuilt = world.rebuild(number);
    REQUIRE(rebuilt.has_value());
    const auto all = signed_lines(*rebuilt);
    CHECK((all == signed_lines(manifest) || all == signed_lines(mirrored)));
  }
  // One more, and too little is left; nothing false comes out of it.
  world.hosts[2].mood = StoringHost::Mood::silent;
  world.fresh_state();
  REQUIRE(world.list().has_value());
  const auto number = world.state->find(line_of_type(manifest, "header"), line_of_type(manifest, "layout"));
  REQUIRE(number.has_value());
  const auto lost = world.rebuild(*number);
  REQUIRE_FALSE(lost.has_value());
  CHECK(lost.error().code == Code::too_few_pieces);
}

TEST_CASE("what caretakers and delegated uploaders stored is found, and read as theirs") {
  LostFilesWorld world(4);
  const auto manifest = world.put("a", 3000, layout_of(1, 0, 2));
  const auto table = *table_of(manifest, format::any_writer());
  // A caretaker stores the first piece at a Host more, with a tag out of the manifest's own lines.
  const auto number = format::kCaretakersBegin + 19;  // as far away as is looked for
  const auto caretaker = *world.key.uploader(number);
  auto from =
      std::ranges::find_if(world.hosts.all(), [&](auto& host) { return host->pieces.contains(table.id(0)); });
  auto to = std::ranges::find_if(world.hosts.all(), [&](auto& host) { return host->pieces.empty(); });
  const auto& held = (*from)->pieces.at(table.id(0));
  const auto offer = *format::open_offer(held.offer, std::nullopt);
  auto moved = offer;
  moved.account = caretaker.account_id((*to)->id());
  moved.host = (*to)->id();
  StoringHost::Held copy{.bytes = copy_of(ByteView(held.bytes)),
                         .offer = *format::sign_offer(moved, caretaker.account((*to)->id())),
                         .acceptance = held.acceptance,
                         .receipt = held.receipt,
                         .renewal = {},
                         .until_unix_s = 0};
  (*to)->pieces.emplace(table.id(0), std::move(copy));
  // And the one that it replaces is lost.
  (*from)->pieces.clear();
  for (auto& host : world.hosts.all())
    if (host->id() != (*to)->id()) host->pieces.clear();
  auto report = world.list();
  REQUIRE(report.has_value());
  CHECK(world.state->pieces_of().contains(number));
  REQUIRE(world.state->files() == 1);
  const auto rebuilt = world.rebuild(0);
  REQUIRE(rebuilt.has_value());
  CHECK(world.remade == 1);
  CHECK(signed_lines(*rebuilt) == signed_lines(manifest));
  CHECK(world.get(*rebuilt)->size() == 3000);
  // Without what this recovery knows, the manifest says whose contract it is.
  const auto again = *table_of(*rebuilt, format::any_writer());
  REQUIRE(again.places_of(0).size() == 1);
  CHECK(again.places_of(0).front().uploader == number);
}

TEST_CASE("tags of others and lines that were changed are passed over") {
  LostFilesWorld world(3);
  world.put("a", 20'000, layout_of(2, 1));
  REQUIRE(world.list().has_value());
  const auto honest = world.state->places();
  world.fresh_state();
  // Each Host puts a contract in front: of a stranger with a tag sealed to this owner, changed, or about
  // another piece.
  const auto stranger = owner_number(2);
  world.lie = [&](const HostAddress& host, const std::optional<PieceId>& after, std::vector<HeldPiece>& out) {
    if (after || out.empty()) return;
    const auto first = out.front();
    HeldPiece lie = first;
    lie.piece = PieceId{};
    auto offer = *format::open_offer(first.offer, std::nullopt);
    if (host.id == world.hosts[0].id()) {
      offer.account = stranger.uploader().account_id(host.id);
      lie.offer = *format::sign_offer(offer, stranger.uploader().account(host.id));
    } else if (host.id == world.hosts[1].id()) {
      lie.offer[lie.offer.size() / 2] ^= 1;
    }
    out.insert(out.begin(), lie);
  };
  const auto report = world.list();
  REQUIRE(report.has_value());
  CHECK(report->foreign == 3);
  CHECK(world.state->places() == honest);
  CHECK(world.rebuild(0).has_value());

  OwnWriters writers(world.key);
  CHECK(writers.has(0, world.key.uploader().writer_id()));
  CHECK(writers.has(7, world.key.uploader(7)->writer_id()));
  CHECK_FALSE(writers.has(1, world.key.uploader().writer_id()));
  CHECK_FALSE(writers.has(0, stranger.uploader().writer_id()));
  CHECK_FALSE(
      writers.has(format::kCaretakersBegin, world.key.uploader(format::kCaretakersBegin)->writer_id()));
}

TEST_CASE("a list that does not end, and one that comes in crumbs, are left; the others count") {
  LostFilesWorld world(3);
  world.put("a", 50'000, layout_of(1, 0, 3));
  std::uint64_t next = 1;
  world.lie = [&](const HostAddress& host, const std::optional<PieceId>&, std::vector<HeldPiece>& out) {
    if (host.id == world.hosts[0].id()) {  // for ever, of any number
      out.clear();
      for (std::uint32_t i = 0; i < kListPageMax; ++i) {
        HeldPiece lie;
        for (std::size_t at = 0; at < 8; ++at)
          lie.piece.bytes[at] = static_cast<std::byte>(next >> (56 - 8 * at));
        ++next;
        lie.offer = "e30.e30.AA";
        out.push_back(lie);
      }
    } else if (host.id == world.hosts[1].id() && !out.empty()) {
      out.resize(1);  // what is true, one at a time
    }
  };
  const auto report = world.list();
  REQUIRE(report.has_value());
  CHECK(report->hosts >= 1);
  const auto of_first = std::ranges::count(report->troubles, world.hosts[0].id(), &ListTrouble::host);
  CHECK(of_first > 0);
  CHECK(report->troubles.front().error.what.find("kForeignContractsMax") != std::string::npos);
  CHECK(world.asked < 3 * 45 * (kForeignContractsMax / kListPageMax + 3) + kThinPagesMax);
  REQUIRE(world.state->files() == 1);
  CHECK(world.rebuild(0).has_value());
}

TEST_CASE(
    "numbers are looked for until twenty in a row are unknown, and no Host makes anybody look further") {
  LostFilesWorld world(2);
  // The Hosts of this test take offers of one account only: contracts are made under it by hand.
  const auto manifest = world.put("a", 100, layout_of(1, 0));
  const auto id = table_of(manifest, format::any_writer())->id(0);
  const auto give = [&](std::uint32_t number) {
    for (auto& host : world.hosts.all()) {
      if (!host->pieces.contains(id)) continue;
      auto& held = host->pieces.at(id);
      auto offer = *format::open_offer(held.offer, std::nullopt);
      const auto uploader = *world.key.uploader(number);
      offer.account = uploader.account_id(host->id());
      held.offer = *format::sign_offer(offer, uploader.account(host->id()));
    }
  };
  give(kRecoverGap);
  REQUIRE(world.list().has_value());
  CHECK(world.state->pieces_of().empty());  // twenty before it are unknown
  give(kRecoverGap - 1);
  world.fresh_state();
  REQUIRE(world.list().has_value());
  CHECK(world.state->pieces_of().contains(kRecoverGap - 1));
}

TEST_CASE("a state file that was cut off loses its last page only, and another's is refused") {
  LostFilesWorld world(3);
  world.put("a", 400'000, layout_of(2, 1));
  REQUIRE(world.list().has_value());
  const auto places = world.state->places();
  const auto asked = world.asked;
  const auto path = world.state->path();
  CHECK(RecoverState::open(path, world.key.owner_id(), 1).error().code == Code::locked);
  world.state.reset();
  CHECK(RecoverState::open(path, owner_number(2).owner_id(), 1).error().code == Code::integrity);

  std::filesystem::resize_file(path, std::filesystem::file_size(path) * 2 / 3);
  world.open_state();
  CHECK(world.state->is_resumed());
  CHECK(world.state->places() < places);
  REQUIRE(world.list().has_value());
  CHECK(world.state->places() == places);
  CHECK(world.asked < 2 * asked);
  CHECK(world.rebuild(0).has_value());

  // Nothing is asked of Hosts that have told all.
  const auto before = world.asked;
  REQUIRE(world.list().has_value());
  CHECK(world.asked == before);

  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(static_cast<std::streamoff>(std::filesystem::file_size(path) / 2));
  file.write("\n{}\n", 4);
  file.close();
  world.state.reset();
  CHECK(RecoverState::open(path, world.key.owner_id(), 1).error().code == Code::integrity);
}

}  // namespace
}  // namespace inxt::client
