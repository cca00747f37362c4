// SPDX-License-Identifier: AGPL-3.0-or-later
// Durable small writes a second: scripts/bench database.  Skipped by the tests.
#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>
#include <random>
#include <thread>
#include <tuple>

#include "support/database_world.h"
#include "sys/fd.h"

using namespace inxt;
using namespace inxt::database;
using namespace inxt::testing;

namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kSlice = std::chrono::milliseconds(500);
constexpr auto kProbe = std::chrono::milliseconds(150);
constexpr int kRounds = 7;
constexpr int kRows = 1000;

/// Calls of `once(thread, number)` that succeed, a second.
double per_second(unsigned threads, Clock::duration time, const auto& once) {
  std::atomic<std::uint64_t> done = 0;
  std::vector<std::thread> running;
  const auto begin = Clock::now();
  for (unsigned thread = 0; thread < threads; ++thread)
    running.emplace_back([&, thread] {
      for (std::int64_t number = 0; Clock::now() < begin + time; ++number)
        if (once(thread, number)) ++done;
    });
  for (std::thread& thread : running) thread.join();
  return static_cast<double>(done) / std::chrono::duration<double>(Clock::now() - begin).count();
}

/// What the disk does alone at this moment: 4 KiB in a file that has its size, and a sync, by one thread.
class Disk {
 public:
  Disk() : file_(::open((folder_.path() / "file").c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600)) {
    const std::string all(256 * block_.size(), 'x');
    REQUIRE(::write(file_.number(), all.data(), all.size()) == static_cast<ssize_t>(all.size()));
    REQUIRE(::fsync(file_.number()) == 0);
  }
  double syncs_per_second() const {
    return per_second(1, kProbe, [&](unsigned, std::int64_t number) {
      const auto offset = static_cast<off_t>(number % 256) * 4096;
      return ::pwrite(file_.number(), block_.data(), block_.size(), offset) == 4096 &&
             ::fdatasync(file_.number()) == 0;
    });
  }

 private:
  ScratchFolder folder_;
  sys::Fd file_;
  const std::string block_ = std::string(4096, 'y');
};

/// A database that is measured, and the syncs that it has made.
class Contestant {
 public:
  virtual ~Contestant() = default;
  virtual std::int64_t syncs() = 0;
  Database& database() { return *database_; }
  const std::string name;

 protected:
  Contestant(std::string called, std::unique_ptr<Database> opened)
      : name(std::move(called)), database_(std::move(opened)) {
    run_all(*database_,
            SqlText("CREATE TABLE host (id {int64} PRIMARY KEY, beats {int64} NOT NULL) {strict}"),
            SqlText("CREATE TABLE entry (number {identity}, bytes {blob} NOT NULL) {strict}"));
    const auto fill = [](Transaction& t) -> Result<void> {
      for (int i = 0; i < kRows; ++i) TRY(t.execute("INSERT INTO host VALUES ($1, 0)", {i}));
      return {};
    };
    REQUIRE(database_->write(fill));
  }
  std::unique_ptr<Database> database_;
};

class SqliteContestant final : public Contestant {
 public:
  SqliteContestant(std::string called, const SqliteWorld& world, const Limits& limits)
      : Contestant(std::move(called), open(world, limits)) {}
  std::int64_t syncs() override { return static_cast<std::int64_t>(database_->counts().syncs); }
};

class PostgresqlContestant final : public Contestant {
 public:
  PostgresqlContestant(std::string called, const PostgresqlWorld& world, const Limits& limits)
      : Contestant(std::move(called), open(world, limits)) {}
  std::int64_t syncs() override { return 0; }  // pg_stat_wal lags behind what is measured: no figure
};

struct Slices {
  std::vector<double> rates, ratios;  // a second; to the disk's syncs around it
  std::int64_t commits = 0, syncs = 0, repeats = 0;
};

double part(std::vector<double> values, double share) {
  std::ranges::sort(values);
  return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

void measure_slice(Contestant& contestant, unsigned threads, bool is_update, const Disk& disk,
                   Slices& slices) {
  Database& database = contestant.database();
  const Bytes bytes(100, std::byte{7});
  const auto insert = [&](Transaction& t) {
    return t.execute("INSERT INTO entry (bytes) VALUES ($1)", {bytes});
  };
  const auto before = database.counts();
  const std::int64_t syncs = contestant.syncs();
  const double disk_before = disk.syncs_per_second();
  const double rate = per_second(threads, kSlice, [&](unsigned, std::int64_t) {
    thread_local std::minstd_rand random{std::random_device{}()};
    const auto id = static_cast<std::int64_t>(random() % kRows);
    const auto update = [&](Transaction& t) -> Result<std::int64_t> {
      const Rows rows = TRY(t.query("SELECT beats FROM host WHERE id = $1", {id}));
      return t.execute("UPDATE host SET beats = $1 WHERE id = $2", {rows[0].integer(0) + 1, id});
    };
    return is_update ? database.write(update).has_value() : database.write(insert).has_value();
  });
  const double disk_after = disk.syncs_per_second();
  const auto after = database.counts();
  slices.rates.push_back(rate);
  slices.ratios.push_back(rate / ((disk_before + disk_after) / 2));
  slices.commits += static_cast<std::int64_t>(after.commits - before.commits);
  slices.repeats += static_cast<std::int64_t>(after.repeats - before.repeats);
  slices.syncs += contestant.syncs() - syncs;
}

}  // namespace

// A disk that others use can be a hundred times slower from one second to the next: all are measured in turn,
// in short slices, each beside what the disk does just then.
TEST_CASE("measure: durable small writes" * doctest::skip()) {
  const Disk disk;
  Limits alone, few, many;
  alone.group_max = 1;
  many.connections_max = 50;
  const SqliteWorld shared_file, alone_file;
  std::vector<std::unique_ptr<Contestant>> contestants;
  contestants.push_back(std::make_unique<SqliteContestant>("SQLite", shared_file, Limits{}));
  contestants.push_back(std::make_unique<SqliteContestant>("SQLite, group_max 1", alone_file, alone));
  std::optional<PostgresqlWorld> few_world, many_world;
  if (run_postgresql_script("available", "/") == 0) {
    contestants.push_back(
        std::make_unique<PostgresqlContestant>("PostgreSQL, 8 connections", few_world.emplace(), few));
    contestants.push_back(
        std::make_unique<PostgresqlContestant>("PostgreSQL, 50 connections", many_world.emplace(), many));
  }
  std::map<std::tuple<bool, std::size_t, unsigned>, Slices> all;
  for (int round = 0; round < kRounds; ++round)
    for (const bool is_update : {false, true})
      for (const unsigned threads : {1U, 8U, 64U})
        for (std::size_t i = 0; i < contestants.size(); ++i)
          measure_slice(*contestants[i], threads, is_update, disk, all[{is_update, i, threads}]);
  fmt::print(
      "| | threads | a second: median (least to most) | to the disk's syncs | commits a sync | repeats a "
      "commit |\n"
      "| --- | ---: | ---: | ---: | ---: | ---: |\n");
  for (const auto& [key, slices] : all) {
    const auto& [is_update, i, threads] = key;
    const auto commits = static_cast<double>(slices.commits);
    fmt::print("| {}, {} | {} | {:.0f} ({:.0f} to {:.0f}) | {:.2f} | {} | {:.3f} |\n", contestants[i]->name,
               is_update ? "read and update one of 1,000 rows" : "insert of 100 bytes", threads,
               part(slices.rates, 0.5), part(slices.rates, 0), part(slices.rates, 1),
               part(slices.ratios, 0.5),
               slices.syncs == 0 ? "" : fmt::format("{:.1f}", commits / static_cast<double>(slices.syncs)),
               static_cast<double>(slices.repeats) / commits);
  }
}
