// SPDX-License-Identifier: LGPL-3.0-or-later
// Lives of an inventory on a disk that fails, is killed and loses power at any call: whatever heads anybody
// has seen, there are no two of one hour or with one head before them, and the last one can be answered
// about.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cstdlib>
#include <random>
#include <set>
#include <stdexcept>

#include "crypto/hash.h"
#include "format/contract.h"
#include "host/inventory.h"
#include "host/store_place.h"
#include "net/event_loop.h"
#include "proof/inventory_contracts.h"
#include "support/pieces.h"
#include "support/sim_directory.h"
#include "sys/moving_directory.h"

namespace inxt::host {
namespace {

using namespace inxt::testing;  // NOLINT: tests

class InventoryLife {
 public:
  explicit InventoryLife(std::uint64_t seed) : random_(seed), disk_(seed) {}

  /// Throws std::runtime_error, saying what was wrong.
  void run() {
    open();
    for (step_ = 0; step_ < 14; ++step_) {
      if (chance(2)) clock_.advance_ms(static_cast<std::int64_t>(random_() % (2 * 3600 * 1000)));
      if (chance(3)) put();
      if (chance(3)) release();
      if (chance(2)) disk_.fail_at(random_() % 40, Code::failure, chance(2));
      if (inventory_->is_due(std::nullopt)) (void)loop_.run(inventory_->make());
      see();
      if (disk_.is_dead() || chance(4)) {
        if (chance(2)) disk_.cut_power();
        close();
        disk_.stop_failing();
        open();
      } else {
        disk_.stop_failing();
      }
    }
  }

 private:
  bool chance(std::uint64_t of) { return random_() % of == 0; }
  void require(bool condition, const char* what) const {
    if (!condition) throw std::runtime_error(fmt::format("step {}: {}", step_, what));
  }

  void open() {
    store_ = *store::Store::open(disk_, {.capacity_bytes = std::uint64_t{1} << 30});
    store_->rebuild_index();
    inventory_.emplace(loop_.executor(), InventoryParts{*store_, workers_, clock_, key_, log_}, disk_);
    require(inventory_->load().has_value(), "what was kept cannot be read");
    see();
    require_nothing_is_missing();
    if (shown_.empty()) return;
    // The last that anybody saw is still there, and its state too.
    const format::SignedHead& last = shown_.back();
    const Inventory::State state = inventory_->answerable(last.hash);
    require(state != nullptr, "the last head cannot be answered about");
    for (std::size_t folder = 0; folder < store::kFolders; ++folder)
      if (!state->top().folder(folder).empty())
        require(inventory_->leaves(*state, folder).has_value(), "a folder of the last head has gone");
    for (const format::SignedHead& head : shown_) {
      const auto line = inventory_->chain().line_of(head.head.epoch());
      require(line && *line, "a head that was seen is not in the chain");
      const auto again = format::read_head(std::string_view(**line).substr(0, (*line)->size() - 1), "line");
      require(again && again->hash == head.hash, "another head stands in the chain for its hour");
    }
  }
  void close() {
    inventory_.reset();
    store_.reset();
  }

  /// Anybody may ask now, for the latest and for all before.
  void see() {
    const Inventory::State latest = inventory_->latest();
    if (!latest) return;
    note(latest->head());
    if (const auto last = inventory_->chain().last())
      require(last->hash == latest->head().hash, "the latest head is not the last of the chain");
  }
  void note(const format::SignedHead& head) {
    for (const format::SignedHead& other : shown_) {
      if (other.hash == head.hash) return;
      require(!format::heads_conflict(other, head), "two heads that are evidence against the Host");
    }
    shown_.push_back(head);
  }

  /// Whatever was listed is here, or why it is not: also what was being let go when the disk died.
  void require_nothing_is_missing() {
    for (const format::SignedHead& head : shown_) {
      const Inventory::State state = inventory_->answerable(head.hash);
      if (!state) continue;
      for (const PieceId& piece : stored_) {
        const auto held = inventory_->contracts_in(*state, proof::inventory_folder(piece));
        require(held.has_value(), "what a head lists cannot be read");
        for (const store::HeldContract& listed : *held) {
          if (listed.piece != piece) continue;
          if (store_->find(piece, account_number(1)).value_or(std::nullopt)) continue;
          const auto line = inventory_->releases().find(piece, proof::blinded_contract(listed.contract));
          require(line && *line && (*line)->release == kReleaseToken,
                  "a piece is missing, and nothing says why");
        }
      }
    }
  }
  /// As a Host does that retires and is shown a release.
  void release() {
    if (stored_.empty()) return;
    const PieceId piece =
        *std::next(stored_.begin(), static_cast<std::ptrdiff_t>(random_() % stored_.size()));
    const auto trailer = store_->read_trailer(piece, account_number(1));
    if (!trailer) return;
    if (chance(2)) disk_.fail_at(random_() % 12, Code::failure, chance(2));
    const Inventory::Leaving leaving{.trailer = &*trailer, .deletion = {}, .release = kReleaseToken};
    const auto letting = inventory_->let_go({&leaving, 1});
    if (!letting) return;
    (void)store_->remove(piece, trailer->account, format::offer_hash(trailer->offer));
  }

  void put() {
    MadePiece piece(100 + random_() % 9000, random_(), account_number(1));
    auto admitted = store_->reserve(piece.id(), piece.trailer.account, piece.trailer.size_bytes);
    if (!admitted || !std::holds_alternative<store::Reservation>(*admitted)) return;
    stored_.insert(piece.id());  // perhaps
    (void)store_->commit(std::get<store::Reservation>(*std::move(admitted)), piece.buffer, piece.tree,
                         piece.trailer);
  }

  static constexpr std::string_view kReleaseToken = "a.b.c";

  std::set<PieceId> stored_;  // that were put
  std::mt19937_64 random_;
  SimDirectory disk_;
  sys::ManualClock clock_{1'800'000'000};
  crypto::SigningKey key_ = crypto::SigningKey::from_seed(ByteArray<32>{std::byte{1}});
  serve::Log log_{clock_, serve::LogLevel::error, [](std::string_view) {}};
  net::EventLoop loop_;
  net::WorkerPool workers_{{.threads = 1, .queued_max = 64}};
  std::unique_ptr<store::Store> store_;
  std::optional<Inventory> inventory_;
  std::vector<format::SignedHead> shown_;
  int step_ = 0;
};

std::uint64_t number_from(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text != nullptr ? std::stoull(text) : otherwise;
}

TEST_CASE("inventory: whatever a disk does, no two heads that anybody saw contradict each other") {
  crypto::start();
  const std::uint64_t first = number_from("INXT_SIMULATION_FIRST", 1);
  const std::uint64_t count = number_from("INXT_SIMULATION_SEEDS", 300);
  std::uint64_t failed = 0;
  for (std::uint64_t seed = first; seed < first + count && failed < 5; ++seed) {
    try {
      InventoryLife(seed).run();
    } catch (const std::exception& error) {
      ++failed;
      MESSAGE("INXT_SIMULATION_FIRST=" << seed << " INXT_SIMULATION_SEEDS=1: " << std::string(error.what()));
    }
  }
  CHECK(failed == 0);
}

TEST_CASE("inventory: a last line that was cut, or is lost, comes back from its head's state") {
  crypto::start();
  for (const std::size_t cut : {1, 40, 200, 100'000}) {
    CAPTURE(cut);
    SimDirectory disk(7);
    sys::ManualClock clock(1'800'000'000);
    const auto key = crypto::SigningKey::from_seed(ByteArray<32>{std::byte{1}});
    std::string logged;
    serve::Log log(clock, serve::LogLevel::error, [&](std::string_view line) { logged += line; });
    net::EventLoop loop;
    net::WorkerPool workers({.threads = 1, .queued_max = 64});
    const auto store = *store::Store::open(disk, {.capacity_bytes = std::uint64_t{1} << 30});
    store->rebuild_index();
    const InventoryParts parts{*store, workers, clock, key, log};
    format::SignedHead shown;
    {
      Inventory inventory(loop.executor(), parts, disk);
      REQUIRE(inventory.load().has_value());
      REQUIRE(inventory.is_due(std::nullopt));
      REQUIRE(loop.run(inventory.make()).has_value());
      shown = inventory.latest()->head();
    }
    const auto file = *disk.open(sys::Path{kHeadsFile}, sys::Caching::cached);
    Bytes text(static_cast<std::size_t>(*file->size_bytes()));
    REQUIRE(file->read_at(0, text).has_value());
    text.resize(text.size() - std::min(text.size(), cut));
    REQUIRE(disk.remove(sys::Path{kHeadsFile}).has_value());
    const auto shorter = *disk.create(sys::Path{kHeadsFile}, sys::Caching::cached);
    REQUIRE(shorter->write_at(0, text).has_value());
    for (int start = 0; start < 2; ++start) {
      logged.clear();
      Inventory inventory(loop.executor(), parts, disk);
      REQUIRE(inventory.load().has_value());
      CHECK(logged.empty() == (start == 1 || text.empty()));
      REQUIRE(inventory.latest());
      CHECK(inventory.latest()->head().hash == shown.hash);
      CHECK(inventory.chain().last()->hash == shown.hash);
      CHECK(inventory.chain().lines_after(-1, 64).value() == inventory.latest()->line());
      CHECK(!inventory.is_due(std::nullopt));
    }
  }
}

TEST_CASE("inventory: a chain that was lost, or taken back, goes on from the newest state") {
  crypto::start();
  SimDirectory disk(7);
  sys::ManualClock clock(1'800'000'000);
  const auto key = crypto::SigningKey::from_seed(ByteArray<32>{std::byte{1}});
  serve::Log log(clock, serve::LogLevel::error, [](std::string_view) {});
  net::EventLoop loop;
  net::WorkerPool workers({.threads = 1, .queued_max = 64});
  const auto store = *store::Store::open(disk, {.capacity_bytes = std::uint64_t{1} << 30});
  store->rebuild_index();
  std::vector<format::SignedHead> shown;
  const auto live = [&](std::uint64_t seed) {
    Inventory inventory(loop.executor(), {*store, workers, clock, key, log}, disk);
    REQUIRE(inventory.load().has_value());
    MadePiece piece(100, seed, account_number(1));
    auto admitted = *store->reserve(piece.id(), piece.trailer.account, 100);
    REQUIRE(store->commit(std::get<store::Reservation>(std::move(admitted)), piece.buffer, piece.tree,
                          piece.trailer));
    clock.advance_ms(3600 * 1000);
    REQUIRE(inventory.is_due(std::nullopt));
    REQUIRE(loop.run(inventory.make()).has_value());
    for (const format::SignedHead& other : shown)
      CHECK(!format::heads_conflict(other, inventory.latest()->head()));
    if (!shown.empty()) CHECK(format::check_follows(shown.back(), inventory.latest()->head()).has_value());
    shown.push_back(inventory.latest()->head());
  };
  live(1);
  live(2);
  REQUIRE(disk.remove(sys::Path{kHeadsFile}).has_value());
  live(3);
  const auto file = *disk.open(sys::Path{kHeadsFile}, sys::Caching::cached);
  Bytes old(static_cast<std::size_t>(*file->size_bytes()));
  REQUIRE(file->read_at(0, old).has_value());
  live(4);
  live(5);
  REQUIRE(disk.remove(sys::Path{kHeadsFile}).has_value());
  REQUIRE((*disk.create(sys::Path{kHeadsFile}, sys::Caching::cached))->write_at(0, old).has_value());
  live(6);
}

TEST_CASE("inventory: it goes along when the store moves to another disk, and stays answerable meanwhile") {
  crypto::start();
  const auto home = std::make_shared<SimDirectory>(1), away = std::make_shared<SimDirectory>(2);
  sys::MovingDirectory disk(home);
  sys::ManualClock clock(1'800'000'000);
  const auto key = crypto::SigningKey::from_seed(ByteArray<32>{std::byte{1}});
  std::string logged;
  serve::Log log(clock, serve::LogLevel::error, [&](std::string_view line) { logged += line; });
  net::EventLoop loop;
  net::WorkerPool workers({.threads = 1, .queued_max = 64});
  const auto store = *store::Store::open(disk, {.capacity_bytes = std::uint64_t{1} << 30});
  store->rebuild_index();
  std::optional<Inventory> inventory;
  const InventoryParts parts{*store, workers, clock, key, log};
  inventory.emplace(loop.executor(), parts, disk);
  REQUIRE(inventory->load().has_value());
  std::vector<format::SignedHead> shown;
  std::vector<MadePiece> pieces;
  const auto live = [&] {
    MadePiece& piece = pieces.emplace_back(100, pieces.size(), account_number(1));
    auto admitted = *store->reserve(piece.id(), piece.trailer.account, 100);
    REQUIRE(store->commit(std::get<store::Reservation>(std::move(admitted)), piece.buffer, piece.tree,
                          piece.trailer));
    clock.advance_ms(3600 * 1000);
    REQUIRE(loop.run(inventory->make()).has_value());
    if (!shown.empty()) CHECK(format::check_follows(shown.back(), inventory->latest()->head()).has_value());
    shown.push_back(inventory->latest()->head());
  };
  const auto let_go = [&](std::size_t i) {
    const Inventory::Leaving leaving{.trailer = &pieces[i].trailer, .deletion = "deletion"};
    REQUIRE(inventory->let_go({&leaving, 1}).has_value());
  };
  const auto check = [&] {
    for (const format::SignedHead& head : {shown[shown.size() - 2], shown.back()}) {
      const Inventory::State state = inventory->answerable(head.hash);
      REQUIRE(state);
      for (std::size_t folder = 0; folder < store::kFolders; ++folder)
        CHECK(state->contracts_in(disk, folder).has_value());
    }
  };
  live();
  live();
  let_go(0);
  REQUIRE(disk.begin(away).has_value());
  live();
  check();
  let_go(1);
  const auto move_all = [&] {
    std::vector<sys::Path> folders = folders_to_move();
    folders.push_back({});
    for (const sys::Path& folder : folders) {
      const std::vector<sys::Entry> left = disk.left_in(folder).value();
      for (const sys::Entry& entry : left)
        if (!folder.empty() || !stays_home(entry.name))
          REQUIRE(disk.move_file(folder / entry.name).has_value());
    }
  };
  move_all();
  check();
  live();
  REQUIRE(disk.end(folders_to_move(), [](auto&, auto&) -> Result<void> { return {}; }).has_value());
  check();
  live();
  check();
  CHECK(inventory->releases().size() == 2);
  inventory.emplace(loop.executor(), parts, *away);
  REQUIRE(inventory->load().has_value());
  REQUIRE(inventory->latest());
  CHECK(inventory->latest()->head().hash == shown.back().hash);
  CHECK(inventory->releases().size() == 2);
  for (const format::SignedHead& head : shown) CHECK(inventory->chain().knows(head.hash));
  CHECK(home->bytes_below("inventory") == 0);
  CHECK(logged.empty());
}

}  // namespace
}  // namespace inxt::host
