// SPDX-License-Identifier: AGPL-3.0-or-later
// What only SQLite can do or suffer.
#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <sqlite3.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "database/sqlite_file.h"
#include "support/child.h"
#include "support/database_world.h"

using namespace inxt;
using namespace inxt::database;
using namespace inxt::testing;

namespace {

constexpr SqlText kMakeEntry =
    "CREATE TABLE entry (number {int64} PRIMARY KEY, bytes {blob} NOT NULL) {strict}";

Result<std::int64_t> put_entry(Database& database, std::int64_t number, std::size_t size_bytes) {
  const Bytes bytes(size_bytes, std::byte{0x5a});
  return database.write([&](Transaction& t) {
    return t.execute("INSERT INTO entry VALUES ($1, $2)", {number, bytes});
  });
}

std::int64_t entries(Database& database) {
  const auto rows = database.read([](Transaction& t) { return t.query("SELECT count(*) FROM entry"); });
  return rows.value()[0].integer(0);
}

Result<std::unique_ptr<Database>> open_file(const std::filesystem::path& path, const Limits& limits = {}) {
  return Database::open({.dialect = Dialect::sqlite, .place = path}, limits);
}

}  // namespace

TEST_CASE("sqlite: a file is made for its owner alone, and its folder must be there") {
  const ScratchFolder folder;
  const auto path = folder.path() / "file:x?mode=memory";  // a name, nothing else
  const auto database = open_file(path);
  REQUIRE(database);
  run_all(**database, kMakeEntry);
  for (const char* suffix : {"", "-wal", "-shm"}) {
    struct stat status {};
    REQUIRE(::stat((path.string() + suffix).c_str(), &status) == 0);
    CHECK((status.st_mode & 07777) == 0600);
  }
  CHECK(open_file(folder.path() / "none" / "x.db").error().code == Code::not_found);
  CHECK(open_file(folder.path()).error().code == Code::usage);
}

TEST_CASE("sqlite: what is not an inxt database is left alone") {
  const ScratchFolder folder;
  std::ofstream(folder.path() / "text") << std::string(5000, 'x');
  const auto text = open_file(folder.path() / "text");
  REQUIRE(!text);
  CHECK(text.error().code == Code::integrity);
  CHECK(std::filesystem::file_size(folder.path() / "text") == 5000);
  for (const char* sql : {"CREATE TABLE other (x)", "PRAGMA application_id = 7"}) {
    const auto path = folder.path() / "other";
    std::filesystem::remove(path);
    sqlite3* other = nullptr;
    REQUIRE(sqlite3_open(path.c_str(), &other) == SQLITE_OK);
    REQUIRE(sqlite3_exec(other, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
    sqlite3_close(other);
    const auto refused = open_file(path);
    REQUIRE(!refused);
    CHECK(refused.error().code == Code::usage);
    CHECK(refused.error().what.contains("another program's"));
  }
}

TEST_CASE("sqlite: network file systems are known") {
  for (const std::int64_t type : {0x6969L, 0x517bL, 0xff534d42L, 0xfe534d42L, 0x00c36400L, 0x01021997L})
    CHECK(is_network_file_system(type));
  CHECK(is_network_file_system(static_cast<std::int32_t>(0xff534d42)));  // as statfs may give it
  for (const std::int64_t type :
       {long{EXT4_SUPER_MAGIC}, long{TMPFS_MAGIC}, 0x58465342L, 0x9123683eL, 0x65735546L})
    CHECK(!is_network_file_system(type));
}

TEST_CASE("sqlite: commits wait for the disk, and rules between tables hold") {
  const SqliteWorld world;
  const auto database = open(world);
  const auto check = [](Transaction& t) -> Result<void> {
    CHECK(TRY(t.query("PRAGMA journal_mode"))[0].text(0) == "wal");
    CHECK(TRY(t.query("PRAGMA synchronous"))[0].integer(0) == 2);  // FULL
    CHECK(TRY(t.query("PRAGMA foreign_keys"))[0].integer(0) == 1);
    return {};
  };
  CHECK(database->write(check));
  CHECK(database->read(check));
}

TEST_CASE("sqlite: threads share commits") {
  const SqliteWorld world;
  const auto database = open(world);
  run_all(*database, kMakeEntry);
  const auto before = database->counts();
  std::atomic<int> failed = 0;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 16; ++thread)
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 20; ++i) {
        if (!put_entry(*database, thread * 100 + i, 100)) ++failed;
        // One that fails takes nobody with it, and an exception goes to whom it belongs.
        if (put_entry(*database, thread * 100 + i, 100)) ++failed;
        try {
          (void)database->write([](Transaction& t) -> Result<void> {
            TRY(t.execute("DELETE FROM entry"));
            throw std::runtime_error("x");
          });
          ++failed;
        } catch (const std::runtime_error&) {
        }
      }
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(failed == 0);
  CHECK(entries(*database) == 320);
  const auto after = database->counts();
  CHECK(after.commits - before.commits == 320);
  CHECK(after.syncs - before.syncs < 900);
}

TEST_CASE("sqlite: a file that may not be written is denied") {
  const SqliteWorld world;
  run_all(*open(world), kMakeEntry);
  const std::filesystem::path path = world.address();
  std::filesystem::permissions(path.parent_path(), std::filesystem::perms(0755));
  std::filesystem::permissions(path, std::filesystem::perms(0444));
  Child child([&] {
    if (::getuid() == 0 && ::setresuid(65534, 65534, 65534) != 0) return 3;
    const auto database = open_file(path);
    if (database) return 1;
    return database.error().code == Code::denied ? 0 : 2;
  });
  CHECK(child.wait() == 0);
}

TEST_CASE("sqlite: a full disk is an error to try again after, and loses nothing") {
  const ScratchFolder folder;
  Child child([&] {
    // A disk of 2 MiB that nobody else sees.
    if (::unshare(CLONE_NEWNS) != 0 || ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("none", folder.path().c_str(), "tmpfs", 0, "size=2m") != 0)
      return 77;
    std::ofstream(folder.path() / "ballast") << std::string(600'000, 'x');
    const auto database = open_file(folder.path() / "x.db");
    if (!database) return 1;
    run_all(**database, kMakeEntry);
    std::int64_t stored = 0;
    Error error;
    for (int i = 0; i < 100; ++i) {
      const auto done = put_entry(**database, i, 50'000);
      if (done)
        ++stored;
      else
        error = done.error();
      if (!done) break;
    }
    if (stored < 5 || error.code != Code::try_again || !error.hint.contains("make room")) return 2;
    if (entries(**database) != stored) return 3;
    // One that is too large takes no others with it.
    std::filesystem::remove(folder.path() / "ballast");
    std::atomic<int> small = 0, large = 0;
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 8; ++thread)
      threads.emplace_back([&, thread] {
        const bool is_large = thread % 4 == 3;
        if (put_entry(**database, 1000 + thread, is_large ? 2'000'000 : 100)) ++(is_large ? large : small);
      });
    for (std::thread& thread : threads) thread.join();
    if (small != 6 || large != 0) return 4;
    return entries(**database) == stored + 6 ? 0 : 5;
  });
  const int status = child.wait();
  if (status == 77)
    MESSAGE("no mount namespaces here: the full disk was not tried");
  else
    CHECK(status == 0);
}

TEST_CASE("sqlite: a file that may not grow is an error, and what was stored stays") {
  const SqliteWorld world;
  run_all(*open(world), kMakeEntry);
  Child child([&] {
    ::signal(SIGXFSZ, SIG_IGN);
    const auto database = try_open(world);
    if (!database || !put_entry(**database, 1, 100)) return 1;
    const rlimit limit{.rlim_cur = 300'000, .rlim_max = 300'000};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) return 2;
    const auto done = put_entry(**database, 2, 400'000);
    if (done || (done.error().code != Code::failure && done.error().code != Code::try_again)) return 3;
    if (!put_entry(**database, 3, 100)) return 4;
    return entries(**database) == 2 ? 0 : 5;
  });
  CHECK(child.wait() == 0);
  CHECK(entries(*open(world)) == 2);
}

TEST_CASE("sqlite: a damaged file is said to be damaged") {
  const SqliteWorld world;
  {
    const auto database = open(world);
    run_all(*database, kMakeEntry);
    for (int i = 0; i < 200; ++i) REQUIRE(put_entry(*database, i, 500));
  }
  {
    std::fstream file(world.address(), std::ios::in | std::ios::out | std::ios::binary);
    for (int page = 1; page < 20; ++page) {
      file.seekp(page * 4096);
      file << std::string(64, '\xa5');
    }
  }
  const auto database = try_open(world);
  REQUIRE(database);
  const auto rows =
      (*database)->read([](Transaction& t) { return t.query("SELECT number, bytes FROM entry"); });
  REQUIRE(!rows);
  CHECK(rows.error().code == Code::integrity);
  CHECK(rows.error().hint.contains("restore"));
}
