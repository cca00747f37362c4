// SPDX-License-Identifier: AGPL-3.0-or-later
#include "host/move.h"

#include <algorithm>

#include "net/event_loop.h"
#include "serve/background.h"
#include "support/store_world.h"

using namespace inxt;
using namespace inxt::testing;
namespace host = inxt::host;

namespace {

/// A store on one disk of two, opened as the daemon opens it.
struct MovingHost {
  std::string path;
  host::StorePlace place;
  std::string logged;
  sys::ManualClock clock{1'800'000'000};
  crypto::SeededRandom random{9};
  crypto::SigningKey key = crypto::SigningKey::from_seed(crypto::SeededRandom(1).bytes<32>());
  host::Log log{clock, host::LogLevel::debug, [this](std::string_view line) { logged += line; }};
  std::unique_ptr<store::Store> store;
  net::EventLoop loop;
  net::WorkerPool workers{{.threads = 2, .queued_max = 64}};

  explicit MovingHost(std::string path_in) : path(std::move(path_in)) {
    auto opened = host::open_store_place(path);
    REQUIRE(opened.has_value());
    place = *std::move(opened);
    store::Options options;
    options.capacity_bytes = kPlenty;
    options.report = [this](const std::string& text) { logged += text + '\n'; };
    auto made = store::Store::open(*place.directory, std::move(options));
    if (!made) FAIL(made.error().what);
    store = *std::move(made);
    store->rebuild_index();
  }
  host::Parts parts() { return {*store, workers, clock, random, key, log}; }

  /// Moves until it is done or `meanwhile`, which is called every millisecond, says no more.
  void move(const std::string& to, const std::function<bool(int)>& meanwhile) {
    host::Mover mover(loop.executor(), place, parts(), std::chrono::milliseconds(10));
    serve::Background background(loop.executor());
    loop.run(drive(mover, background, to, meanwhile));
  }

 private:
  static net::Awaitable<void> drive(host::Mover& mover, serve::Background& background, const std::string to, const std::function<bool(int)>& meanwhile) {
    background.start(mover.run());
    if (!mover.progress().is_moving) {
      const Result<void> begun = co_await mover.begin(to);
      REQUIRE(begun.has_value());
    }
    for (int step = 0; mover.progress().is_moving && meanwhile(step); ++step) {
      co_await net::sleep_for(std::chrono::milliseconds(1));
    }
    co_await background.stop();
  }
};

std::size_t files_below(const std::string& path) {
  std::size_t files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(path)) files += entry.is_regular_file();
  return files;
}

struct Pieces {
  std::vector<MadePiece> all;
  std::vector<bool> there;
  explicit Pieces(store::Store& store) {
    for (std::uint64_t i = 0; i < 40; ++i) all.emplace_back(1 + i * 5000, i, i % 2 ? kAlice : kBob);
    there.resize(all.size());
    for (std::size_t i = 0; i < 30; ++i) there[i] = testing::put(store, all[i]).has_value();
  }
  void check(store::Store& store) {
    for (std::size_t i = 0; i < all.size(); ++i) {
      CAPTURE(i);
      CHECK((there[i] ? is_whole(store, all[i]) : !store.find(all[i].id()).value()));
    }
  }
};

}  // namespace

TEST_CASE("a store moves to another disk while pieces come, go and are read") {
  TempFolder disk, other;
  const std::string to = other.path + "/store";
  std::optional<Pieces> pieces;
  std::uint64_t used_bytes = 0;
  {
    MovingHost host(disk.path);
    pieces.emplace(*host.store);
    std::ofstream(disk.path + "/identity.key") << "a key";
    host.move(to, [&](int step) {
      if (step < 10) {
        const auto fresh = static_cast<std::size_t>(30 + step);
        pieces->there[fresh] = testing::put(*host.store, pieces->all[fresh]).has_value();
        const auto old = static_cast<std::size_t>(3 * step);
        pieces->there[old] =
            !host.store->remove(pieces->all[old].id(), pieces->all[old].trailer.account).has_value();
      }
      if (step % 10 == 0) pieces->check(*host.store);
      return true;
    });
    CHECK(!host.place.directory->is_moving());
    CHECK(std::ranges::count(pieces->there, true) == 30);
    pieces->check(*host.store);
    used_bytes = host.store->stats().used_bytes;
    CHECK(host.logged.find("event=moved") != std::string::npos);
  }
  CHECK(files_below(disk.path + "/pieces") == 0);
  CHECK(files_below(to + "/pieces") == 30);
  CHECK(fs::exists(to + "/identity.key"));
  CHECK(!fs::exists(disk.path + "/identity.key"));

  CHECK(host::follow_moves(disk.path).value() == to);
  MovingHost again(disk.path);  // with the old path
  CHECK(again.place.path == to);
  pieces->check(*again.store);
  CHECK(again.store->stats().used_bytes == used_bytes);
  CHECK(again.store->stats().damaged == 0);
}

TEST_CASE("a move that is cut off goes on at the next start") {
  TempFolder disk, other;
  std::optional<Pieces> pieces;
  {
    MovingHost host(disk.path);
    pieces.emplace(*host.store);
    host.move(other.path, [&](int) { return files_below(other.path + "/pieces") == 0; });
    CHECK(host.place.directory->is_moving());
  }
  CHECK(files_below(other.path + "/pieces") > 0);
  {
    const auto alone = sys::open_directory(other.path).value();
    CHECK(store::Store::open(*alone, {.capacity_bytes = kPlenty}).error().what.find("moving-from.json") !=
          std::string::npos);
  }
  {
    MovingHost host(disk.path);
    CHECK(host.place.directory->is_moving());
    pieces->check(*host.store);
    host.move({}, [](int) { return true; });
    CHECK(!host.place.directory->is_moving());
    pieces->check(*host.store);
  }
  MovingHost host(other.path);
  pieces->check(*host.store);
}

TEST_CASE("a move begins only where it can end") {
  TempFolder disk, other;
  MovingHost host(disk.path);
  const auto refused = [&](const std::string& to, std::uint64_t bytes = 0) {
    const Result<void> begun = host::begin_move(host.place, to, bytes, 1);
    CHECK(!begun);
    CHECK(!host.place.directory->is_moving());
    CHECK(!fs::exists(disk.path + "/moving.json"));
    return begun ? std::string() : begun.error().what;
  };
  CHECK(refused("relative").find("absolute") != std::string::npos);
  CHECK(refused(disk.path).find("one in the other") != std::string::npos);
  CHECK(refused(disk.path + "/below").find("one in the other") != std::string::npos);
  CHECK(refused(fs::path(disk.path).parent_path().string()).find("one in the other") != std::string::npos);
  CHECK(refused(other.path + "/missing/store").find("missing") != std::string::npos);
  CHECK(refused(other.path, std::uint64_t{1} << 60).find("bytes are free") != std::string::npos);
  std::ofstream(other.path + "/thing") << "mine";
  CHECK(refused(other.path).find("'thing'") != std::string::npos);
  fs::remove(other.path + "/thing");

  REQUIRE(host::begin_move(host.place, other.path, 0, 1));
  CHECK(host::begin_move(host.place, other.path, 0, 1).error().code == Code::try_again);
  CHECK(host::end_move(host.place).error().what.find("still at home") != std::string::npos);
}

TEST_CASE("a half moved store does not open without its destination") {
  TempFolder disk, other, third;
  {
    MovingHost host(disk.path);
    REQUIRE(host::begin_move(host.place, other.path, 0, 1));
  }
  fs::rename(other.path, other.path + "-gone");
  CHECK(host::open_store_place(disk.path).error().what.find("is not there") != std::string::npos);
  fs::create_directory(other.path);
  CHECK(host::open_store_place(disk.path).error().what.find("another folder") != std::string::npos);
  fs::remove(other.path);
  fs::rename(other.path + "-gone", other.path);
  CHECK(host::open_store_place(disk.path).value().directory->is_moving());
}
