// SPDX-License-Identifier: AGPL-3.0-or-later
// Commits that share their syncs.
#include "store/group_commit.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <thread>

#include "base/check.h"
#include "support/sim_directory.h"
#include "support/store_world.h"
#include "sys/fd.h"

using namespace inxt;
using namespace inxt::testing;
using namespace inxt::store;

TEST_CASE("group commit: many at the same time, each durable, fewer syncs") {
  for (const std::uint32_t delay_ms : {0u, 20u}) {
    CAPTURE(delay_ms);
    SimDirectory disk;
    Options options;
    options.capacity_bytes = kPlenty;
    options.group_commit = true;
    options.commit_delay_ms = delay_ms;
    auto store = Store::open(disk, options).value();
    store->make_folders();
    std::vector<MadePiece> pieces;
    for (std::uint64_t i = 0; i < 200; ++i) pieces.emplace_back(100, i, kAlice);
    std::atomic<int> failed = 0;
    {
      std::atomic<std::size_t> next = 0;
      std::vector<std::jthread> threads;
      for (int thread = 0; thread < 24; ++thread)
        threads.emplace_back([&] {
          for (std::size_t i; (i = next++) < pieces.size();)
            if (!put(*store, pieces[i])) ++failed;
        });
    }
    CHECK(failed == 0);
    const Stats stats = store->stats();
    CHECK(stats.commits == pieces.size());
    CHECK(stats.grouped <= pieces.size());
    if (delay_ms > 0) CHECK(stats.commit_groups > 0);
    store.reset();
    disk.cut_power();
    store = Store::open(disk, options).value();
    store->rebuild_index();
    for (const MadePiece& piece : pieces) CHECK(is_whole(*store, piece));
  }
}

// Not a test: figures of this machine.  INXT_MEASURE_DIR=... test_store -ns -tc='measure: group*' -s
TEST_CASE("measure: group commit" * doctest::skip()) {
  const char* where = std::getenv("INXT_MEASURE_DIR");
  const std::string path =
      (where != nullptr ? std::string(where) : std::string("/var/tmp")) + "/inxt-measure-group";
  const auto seconds_of = [](const auto& work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  fs::remove_all(path);
  const auto directory = sys::open_directory(path).value();
  { Store::open(*directory, {.capacity_bytes = kPlenty}).value()->make_folders(); }
  std::uint64_t seed = 0;
  const auto run = [&](std::uint64_t size, std::size_t count, unsigned threads, bool grouped,
                       std::uint32_t delay_ms) {
    Options options;
    options.capacity_bytes = kPlenty;
    options.group_commit = grouped;
    options.commit_delay_ms = delay_ms;
    const auto store = Store::open(*directory, options).value();
    store->rebuild_index();
    std::vector<MadePiece> pieces;
    for (std::size_t i = 0; i < count; ++i) pieces.emplace_back(size, seed++, kAlice);
    const double took = seconds_of([&] {
      std::atomic<std::size_t> next = 0;
      std::vector<std::jthread> workers;
      for (unsigned thread = 0; thread < threads; ++thread)
        workers.emplace_back([&] {
          for (std::size_t i; (i = next++) < count;) CHECK_BUG(put(*store, pieces[i]));
        });
    });
    const Stats stats = store->stats();
    CHECK_BUG(store->close());
    fmt::print("{:>8} bytes, {:>2} committers, {}{}: {:>7.0f} a second, {:>6.1f} MB/s; {} in {} groups\n",
               size, threads, grouped ? "grouped" : "alone  ",
               delay_ms > 0 ? fmt::format(", {} ms", delay_ms) : "", double(count) / took,
               double(count * size) / 1e6 / took, stats.grouped, stats.commit_groups);
  };
  for (int round = 0; round < 3; ++round) {
    for (const unsigned threads : {1u, 8u, 32u})
      for (const bool grouped : {false, true}) run(4096, threads == 1 ? 500 : 2000, threads, grouped, 0);
    run(4096, 2000, 32, true, 2);
    // The same bytes by write and fsync, one file after the other, and on as many threads.
    for (const unsigned threads : {1u, 4u, 8u}) {
      constexpr std::size_t kFiles = 128, kSize = 2097152;
      const AlignedBuffer bytes(kSize);
      const std::string plain = path + "/plain";
      fs::create_directory(plain);
      const double took = seconds_of([&] {
        std::atomic<std::size_t> next = 0;
        std::vector<std::jthread> workers;
        for (unsigned thread = 0; thread < threads; ++thread)
          workers.emplace_back([&] {
            for (std::size_t i; (i = next++) < kFiles;) {
              const sys::Fd file(
                  ::open(fmt::format("{}/{}", plain, i).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
              CHECK_BUG(::write(file.number(), bytes.bytes().data(), kSize) == ssize_t(kSize));
              CHECK_BUG(::fsync(file.number()) == 0);
            }
          });
      });
      fs::remove_all(plain);
      fmt::print(" 2097152 bytes, {:>2} threads, write and fsync: {:.1f} MB/s\n", threads,
                 kFiles * kSize / 1e6 / took);
      for (const bool grouped : {false, true}) run(kSize, kFiles, threads, grouped, 0);
    }
  }
  fs::remove_all(path);
}
