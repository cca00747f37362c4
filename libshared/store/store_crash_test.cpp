// SPDX-License-Identifier: AGPL-3.0-or-later
// Failing and dying: a disk that errs at each call, power cuts, kill -9.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <thread>

#include "support/sim_directory.h"
#include "support/store_world.h"
#include "sys/files.h"

using namespace inxt;
using namespace inxt::testing;
using namespace inxt::store;

namespace {

/// Puts six pieces and removes two; what it returns was acknowledged.
struct Workload {
  std::vector<MadePiece> pieces;
  std::vector<bool> stored, removed, removal_asked;

  Workload() : stored(6), removed(6), removal_asked(6) {
    for (std::uint64_t i = 0; i < 6; ++i) pieces.emplace_back(1 + i * 3000, i, i % 2 ? kAlice : kBob);
  }
  void run(Store& store) {
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      stored[i] = put(store, pieces[i]).has_value();
      if (i % 3 == 2 && stored[i]) {
        removal_asked[i] = true;
        removed[i] = store.remove(pieces[i].id(), pieces[i].trailer.account).has_value();
      }
    }
  }
  /// Acknowledged is there; removed is not; the quota is what is on the disk.
  void check(Store& store, const SimDirectory& disk) const {
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      CAPTURE(i);
      if (stored[i] && !removal_asked[i]) CHECK(is_whole(store, pieces[i]));
      if (removed[i]) CHECK(!store.find(pieces[i].id()).value());
      // What was not acknowledged may be there, but then it is whole.
      if (store.find(pieces[i].id()).value()) CHECK(is_whole(store, pieces[i]));
    }
    CHECK(store.stats().used_bytes == disk.bytes_below("pieces/"));
    CHECK(store.stats().reserved_bytes == 0);
  }
};

std::uint64_t changes_of_workload() {
  SimDirectory disk;
  const auto store = Store::open(disk, {.capacity_bytes = kPlenty}).value();
  Workload().run(*store);
  return disk.changes();
}

}  // namespace

TEST_CASE(
    "a disk that fails once, at every call there is: nothing acknowledged is lost, the quota is right") {
  const std::uint64_t calls = changes_of_workload();
  REQUIRE(calls > 40);
  for (std::uint64_t n = 0; n < calls; ++n)
    for (const Code code : {Code::quota, Code::failure}) {
      CAPTURE(n);
      SimDirectory disk;
      disk.fail_at(n, code, false);
      auto store = Store::open(disk, {.capacity_bytes = kPlenty});
      if (!store) store = Store::open(disk, {.capacity_bytes = kPlenty});
      REQUIRE(store);
      Workload work;
      work.run(**store);
      CHECK(disk.changes() > n);
      work.check(**store, disk);
      // And the store is not stuck: what failed can be done again.
      disk.stop_failing();
      for (std::size_t i = 0; i < work.pieces.size(); ++i) CHECK(put(**store, work.pieces[i]));
      for (const MadePiece& piece : work.pieces) CHECK(is_whole(**store, piece));
      CHECK((*store)->stats().used_bytes == disk.bytes_below("pieces/"));
      (*store).reset();
      store = Store::open(disk, {.capacity_bytes = kPlenty});
      REQUIRE(store);
      (*store)->rebuild_index();
      for (const MadePiece& piece : work.pieces) CHECK(is_whole(**store, piece));
    }
}

TEST_CASE("a power cut at every call there is: nothing acknowledged is lost, nothing half is served") {
  const std::uint64_t calls = changes_of_workload();
  for (std::uint64_t n = 0; n < calls; ++n)
    for (std::uint64_t seed = 0; seed < 8; ++seed) {
      CAPTURE(n);
      CAPTURE(seed);
      SimDirectory disk(seed);
      disk.fail_at(n, Code::failure, true);
      Workload work;
      if (auto store = Store::open(disk, {.capacity_bytes = kPlenty})) work.run(**store);
      disk.cut_power();
      const auto store = Store::open(disk, {.capacity_bytes = kPlenty});
      REQUIRE(store);
      (*store)->rebuild_index();
      work.check(**store, disk);
      CHECK(disk.bytes_below("tmp") == 0);
      for (MadePiece& piece : work.pieces) CHECK(put(**store, piece));
      CHECK((*store)->stats().damaged == 0);
    }
}

TEST_CASE("killed between name and sync, started, asked, and then the power is cut") {
  // The answer "I have it already" is an acknowledgement too.
  const std::uint64_t calls = changes_of_workload();
  for (std::uint64_t n = 0; n < calls; ++n)
    for (std::uint64_t seed = 0; seed < 4; ++seed) {
      CAPTURE(n);
      CAPTURE(seed);
      SimDirectory disk(seed);
      disk.fail_at(n, Code::failure, true);
      Workload work;
      if (auto store = Store::open(disk, {.capacity_bytes = kPlenty})) work.run(**store);
      disk.stop_failing();
      std::vector<const MadePiece*> told;
      {
        const auto store = Store::open(disk, {.capacity_bytes = kPlenty}).value();
        for (const MadePiece& piece : work.pieces)
          if (store->find(piece.id()).value()) told.push_back(&piece);
      }
      disk.cut_power();
      const auto store = Store::open(disk, {.capacity_bytes = kPlenty}).value();
      for (const MadePiece* piece : told) CHECK(is_whole(*store, *piece));
    }
}

TEST_CASE("kill -9 at any moment loses nothing acknowledged") {
  const TempFolder folder;
  const std::string path = folder.path + "/store";
  std::vector<std::uint64_t> acknowledged;
  std::uint64_t next = 0;
  std::mt19937 random(20);
  const auto size_of = [](std::uint64_t number) {
    return number % 7 == 0 ? 2097152 - number : 1 + number * 997 % 60000;
  };
  for (int round = 0; round < 20; ++round) {
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    sys::Fd in(ends[0]), out(ends[1]);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      const auto directory = sys::open_directory(path);
      if (!directory) ::_exit(2);
      auto store = Store::open(**directory, {.capacity_bytes = kPlenty});
      if (!store) ::_exit(3);
      (*store)->rebuild_index();
      std::atomic<std::uint64_t> number = next;
      std::mutex pipe;
      std::vector<std::jthread> threads;
      for (int thread = 0; thread < 2; ++thread)
        threads.emplace_back([&] {
          for (;;) {
            const std::uint64_t mine = number++;
            MadePiece piece(size_of(mine), mine, kAlice);
            if (!put(**store, piece)) ::_exit(4);
            const auto bytes = big_endian(mine);
            const std::lock_guard guard(pipe);
            if (!sys::write_all(out.number(), bytes, "pipe")) ::_exit(5);
          }
        });
      threads.clear();
      ::_exit(6);
    }
    out.close();
    // From its first piece on, at any moment; some rounds die before that.
    if (round % 4 != 0) {
      pollfd first{in.number(), POLLIN, 0};
      REQUIRE(::poll(&first, 1, 60'000) == 1);
    }
    ::usleep(static_cast<useconds_t>(random() % 60'000));
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    CHECK(WIFSIGNALED(status));
    ByteArray<8> bytes;
    while (sys::read_full(in.number(), bytes, "pipe").value() == 8) {
      acknowledged.push_back(from_big_endian<std::uint64_t>(bytes));
      next = std::max(next, acknowledged.back() + 1);
    }
    next += 2;  // not those that were under way
  }
  MESSAGE(acknowledged.size() << " pieces acknowledged in 20 lives");
  CHECK(acknowledged.size() > 20);
  const auto directory = sys::open_directory(path).value();
  std::vector<std::string> reports;
  const auto store =
      Store::open(*directory, {.capacity_bytes = kPlenty,
                               .report = [&](const std::string& text) { reports.push_back(text); }})
          .value();
  store->rebuild_index();
  CHECK(reports.empty());
  CHECK(fs::is_empty(path + "/tmp"));
  for (const std::uint64_t number : acknowledged) {
    CAPTURE(number);
    CHECK(is_whole(*store, MadePiece(size_of(number), number, kAlice)));
  }
  CHECK(store->stats().pieces >= acknowledged.size());
  CHECK(store->stats().damaged == 0);
}
