// SPDX-License-Identifier: AGPL-3.0-or-later
// Who vouched for whom, through kills, power cuts, full disks and moves: what was acknowledged is known
// afterwards, and what is known costs no sync.
#include "host/vouched_file.h"

#include <random>

#include "serve/background.h"
#include "serve/state_file.h"
#include "support/sim_directory.h"
#include "support/voucher_world.h"
#include "sys/moving_directory.h"

namespace inxt::host {
namespace {

using namespace inxt::testing;  // NOLINT: tests

constexpr std::uint64_t kEach = store::file_bytes(5000);
constexpr std::int64_t kFar = kNow + 365 * 86400;

AccountId account_number(std::uint32_t number) {
  AccountId account;
  account.bytes.fill(std::byte{7});
  std::ranges::copy(big_endian(number), account.bytes.begin());
  return account;
}

/// A Host that keeps its file on a disk that forgets.
struct FileWorld : VoucherWorld {
  FileWorld() { start(); }
  ~FileWorld() { stop(); }

  Result<void> start() {
    engine->vouched() = VouchedAccounts();
    engine->vouched().set_bridges(std::vector{bridge.public_key()});
    engine->shown_vouchers() = ShownVouchers();
    file.emplace(loop.executor(), *engine, where(), [this] { return moving && moving->is_moving(); });
    engine->set_vouched_file(*file);
    const Result<void> loaded = file->load();
    background.emplace(loop.executor());
    background->start(file->run());
    return loaded;
  }
  void stop() {
    if (background) loop.run(background->stop());
    background.reset();
  }
  Result<void> restart() {
    stop();
    return start();
  }
  sys::Directory& where() {
    if (moving) return *moving;
    return *disk;
  }

  Result<void> keep(const AccountId& account) {
    engine->vouched().note(bridge.public_key(), account);
    return loop.run(file->keep(bridge.public_key(), account));
  }
  void show(const AccountId& account, std::uint64_t bytes) {
    engine->shown_vouchers().note(bridge.public_key(), account, {.bytes = bytes, .expires_unix_s = kFar},
                                  clock.unix_s());
  }
  bool knows(const AccountId& account) { return engine->vouched().knows(bridge.public_key(), account); }
  std::uint64_t most(const AccountId& account) {
    const auto found = engine->shown_vouchers().find(bridge.public_key(), account);
    return found ? found->bytes : 0;
  }
  std::string text_in(std::string_view name) {
    const auto opened = where().open(sys::Path{name}, sys::Caching::cached);
    if (!opened) return {};
    Bytes bytes(static_cast<std::size_t>(*(*opened)->size_bytes()));
    REQUIRE((*opened)->read_at(0, bytes).has_value());
    return std::string(text_of(bytes));
  }
  void put_text(std::string_view name, std::string_view text) {
    REQUIRE(serve::write_text(*disk, name, text).has_value());
  }

  std::shared_ptr<SimDirectory> disk = std::make_shared<SimDirectory>();
  std::unique_ptr<sys::MovingDirectory> moving;
  std::optional<VouchedFile> file;
  std::optional<serve::Background> background;
};

TEST_CASE("what lets a piece in is durable before the piece is acknowledged, and costs no sync afterwards") {
  FileWorld world;
  std::uint64_t before = world.disk->syncs();
  CHECK(world.put(noise(5000, 0), 3 * kEach).status == 201);
  CHECK(world.disk->syncs() == before + 2);  // a new log, and its name
  before = world.disk->syncs();
  CHECK(world.put(noise(5000, 1), 3 * kEach).status == 201);
  CHECK(world.put(noise(5000, 1), 3 * kEach).status == 200);
  CHECK(world.put(noise(5000, 2), 2 * kEach).status == 201);  // an older voucher of another machine
  CHECK(world.disk->syncs() == before);
  CHECK(world.put(noise(5000, 2), 9 * kEach).status == 200);  // it may have more from now on
  CHECK(world.disk->syncs() == before + 1);
  CHECK(world.put(noise(5000, 3), 9 * kEach).status == 201);
  CHECK(world.disk->syncs() == before + 1);
  CHECK(world.file->writes().appended == 2);

  world.disk->cut_power();
  REQUIRE(world.restart());
  CHECK(world.due() == std::vector<format::AccountBytes>{{world.peer.id, 4 * kEach}});
  CHECK(world.engine->vouched().bridges_of(world.peer.id).size() == 1);
  before = world.disk->syncs();
  CHECK(world.put(noise(5000, 4), kEach).status == 201);  // by the voucher that it showed before
  CHECK(world.disk->syncs() == before);
}

TEST_CASE("who was stored by name, and shows a voucher for a piece that is here already, is kept") {
  FileWorld world;
  Options options = world.engine->options();
  options.accept = *AcceptList::parse(world.peer.id.hex());
  world.engine->set_options(options);
  CHECK(world.HostWorld::put(noise(5000, 1)).status == 201);
  CHECK(world.disk->syncs() == 0);
  CHECK(world.put(noise(5000, 1), 0).status == 200);
  world.disk->cut_power();
  REQUIRE(world.restart());
  CHECK(world.knows(world.peer.id));
}

TEST_CASE("a disk that takes nothing keeps out who is new, and nobody else") {
  FileWorld world;
  world.disk->fail_at(0, Code::quota, true);
  check_refusal(world.put(noise(5000, 1), kEach), 507, "quota", "told to fail");
  CHECK(world.store->stats().pieces == 0);
  CHECK(world.file->writes().failed == 1);
  world.disk->stop_failing();
  CHECK(world.put(noise(5000, 1), 2 * kEach).status == 201);
  world.disk->fail_at(0, Code::quota, true);
  CHECK(world.put(noise(5000, 2), 2 * kEach).status == 201);
  CHECK(world.put(noise(5000, 2), 3 * kEach).status == 507);
  world.disk->stop_failing();
  world.disk->cut_power();
  REQUIRE(world.restart());
  CHECK(world.most(world.peer.id) == 2 * kEach);
}

TEST_CASE("accounts that come at the same time share their syncs") {
  FileWorld world;
  constexpr std::uint32_t kAccounts = 500;
  std::uint32_t kept = 0;
  serve::Background askers(world.loop.executor());
  const auto one = [&](std::uint32_t number) -> net::Awaitable<void> {
    world.engine->vouched().note(world.bridge.public_key(), account_number(number));
    const Result<void> done = co_await world.file->keep(world.bridge.public_key(), account_number(number));
    kept += done.has_value();
  };
  for (std::uint32_t i = 0; i < kAccounts; ++i) askers.start(one(i));
  const auto all = [&]() -> net::Awaitable<void> {
    for (int i = 0; i < 3000 && kept < kAccounts; ++i) co_await net::sleep_for(std::chrono::milliseconds(10));
  };
  world.loop.run(all());
  CHECK(kept == kAccounts);
  CHECK(world.file->writes().appended <= 5);
  CHECK(world.disk->syncs() <= 6);
  world.loop.run(askers.stop());
  world.disk->cut_power();
  REQUIRE(world.restart());
  CHECK(world.engine->vouched().size() == kAccounts);
}

TEST_CASE("the log is bounded: the whole file takes its place, also once a minute") {
  FileWorld world;
  REQUIRE(world.keep(account_number(0)));
  CHECK_FALSE(world.text_in(kVouchedLogFile).empty());
  world.clock.advance_ms(kWriteVouchedEveryMs);
  REQUIRE(world.keep(account_number(1)));
  CHECK(world.text_in(kVouchedLogFile).empty());
  CHECK(world.text_in(kVouchedFile) ==
        vouched_text(world.engine->vouched(), world.engine->shown_vouchers(), kNow));
  const std::uint64_t whole = world.file->writes().whole;
  std::uint64_t largest = 0;
  for (std::uint64_t bytes = 1; world.file->writes().whole == whole; ++bytes) {
    REQUIRE(bytes < kVouchedLogBytesMax / 100);
    world.show(account_number(1), bytes);
    REQUIRE(world.keep(account_number(1)));
    if (bytes % 64 == 0) largest = std::max<std::uint64_t>(largest, world.text_in(kVouchedLogFile).size());
  }
  CHECK(largest > kVouchedLogBytesMax / 2);
  CHECK(largest <= kVouchedLogBytesMax);
  const std::uint64_t most = world.most(account_number(1));
  world.disk->cut_power();
  REQUIRE(world.restart());
  CHECK(world.most(account_number(1)) == most);
  CHECK(world.knows(account_number(0)));
}

TEST_CASE("a log that is cut anywhere is used as far as it is whole") {
  FileWorld world;
  REQUIRE(world.keep(account_number(0)));
  world.stop();
  REQUIRE(world.file->save());
  const std::string whole = world.text_in(kVouchedFile);
  REQUIRE(world.start());
  std::vector<std::size_t> ends{0};  // of what was acknowledged
  for (std::uint32_t i = 1; i <= 4; ++i) {
    world.show(account_number(i), 100 * i);
    REQUIRE(world.keep(account_number(i)));
    ends.push_back(world.text_in(kVouchedLogFile).size());
  }
  const std::string log = world.text_in(kVouchedLogFile);
  REQUIRE(log.size() == ends.back());
  const std::string tails[] = {"", std::string(100, '\0'), "\xff\n\n", "account 00\n"};
  for (std::size_t cut = 0; cut <= log.size(); ++cut) {
    for (const std::string& tail : tails) {
      CAPTURE(cut);
      CAPTURE(tail.size());
      world.stop();
      world.disk = std::make_shared<SimDirectory>();
      world.put_text(kVouchedFile, whole);
      world.put_text(kVouchedLogFile, log.substr(0, cut) + tail);
      REQUIRE(world.start());
      CHECK(world.knows(account_number(0)));
      for (std::uint32_t i = 1; i <= 4; ++i) {
        if (ends[i] <= cut) {
          CHECK(world.knows(account_number(i)));
          CHECK(world.most(account_number(i)) == 100 * i);
        } else if (ends[i - 1] >= cut) {
          CHECK_FALSE(world.knows(account_number(i)));
        }
      }
      // All of it is in the whole file now.
      CHECK(world.text_in(kVouchedLogFile).empty());
      const std::size_t known = world.engine->vouched().size();
      world.disk->cut_power();
      REQUIRE(world.restart());
      CHECK(world.engine->vouched().size() == known);
    }
  }
}

TEST_CASE("a whole file that is damaged is used as far as it is whole, and said to be damaged") {
  FileWorld world;
  for (std::uint32_t i = 0; i < 3; ++i) {
    world.show(account_number(i), 100);
    REQUIRE(world.keep(account_number(i)));
  }
  world.stop();
  REQUIRE(world.file->save());
  const std::string whole = world.text_in(kVouchedFile);
  for (std::size_t cut = 0; cut <= whole.size(); ++cut) {
    CAPTURE(cut);
    world.stop();
    world.disk = std::make_shared<SimDirectory>();
    world.put_text(kVouchedFile, whole.substr(0, cut));
    const Result<void> loaded = world.start();
    CHECK(loaded.has_value() == (cut == 0 || whole[cut - 1] == '\n'));
    if (!loaded) {
      CHECK(loaded.error().code == Code::integrity);
      CHECK(loaded.error().what.starts_with("vouched: line "));
    }
    CHECK(world.knows(account_number(0)) == (cut >= whole.find("account", 1) + 73));
  }
  REQUIRE(world.keep(account_number(9)));  // it goes on
  world.disk->cut_power();
  REQUIRE(world.restart());
  CHECK(world.engine->vouched().size() == 4);
}

TEST_CASE("a file of a version before the log opens, and one without a file does") {
  FileWorld world;
  world.stop();
  const AccountId account = account_number(1);
  world.put_text(kVouchedFile,
                 "bridge " + to_hex(world.bridge.public_key()) + "\naccount " + account.hex() + "\n");
  REQUIRE(world.start());
  CHECK(world.knows(account));
  const std::uint64_t before = world.disk->syncs();
  REQUIRE(world.keep(account));
  CHECK(world.disk->syncs() == before);
  world.stop();
  world.disk = std::make_shared<SimDirectory>();
  REQUIRE(world.start());
  CHECK(world.engine->vouched().size() == 0);
  CHECK(world.disk->changes() == 0);
}

TEST_CASE("an account that has gone is forgotten, and kept anew when it comes again") {
  FileWorld world;
  const AccountId account = account_number(1);
  REQUIRE(world.keep(account));
  const auto forget = [&] {
    (void)world.due();
    world.engine->vouched().told(world.bridge.public_key(), std::vector{format::AccountBytes{account, 0}});
  };
  forget();
  CHECK_FALSE(world.knows(account));
  world.clock.advance_ms(kWriteVouchedEveryMs);
  REQUIRE(world.keep(account_number(2)));
  REQUIRE(world.restart());
  CHECK_FALSE(world.knows(account));
  REQUIRE(world.keep(account));
  world.disk->cut_power();
  REQUIRE(world.restart());
  CHECK(world.knows(account));
}

TEST_CASE("a store that moves takes the file along, whatever was begun before") {
  FileWorld world;
  const auto away = std::make_shared<SimDirectory>(2);
  world.stop();
  world.moving = std::make_unique<sys::MovingDirectory>(world.disk);
  for (const auto& place : {world.disk, away}) REQUIRE(place->make_folder(sys::Path{"tmp"}).has_value());
  REQUIRE(world.start());
  REQUIRE(world.keep(account_number(1)));
  REQUIRE(world.moving->begin(away).has_value());
  REQUIRE(world.keep(account_number(2)));
  std::uint32_t next = 10;
  for (const auto name : {kVouchedLogFile, kVouchedFile}) {
    REQUIRE(world.moving->move_file(sys::Path{name}).has_value());
    REQUIRE(world.keep(account_number(next++)));
  }
  const auto seal = [](sys::Directory&, sys::Directory&) { return Result<void>(); };
  REQUIRE(world.moving->end({}, seal).has_value());
  REQUIRE(world.keep(account_number(3)));
  world.stop();
  world.moving.reset();
  world.disk = away;
  away->cut_power();
  REQUIRE(world.start());
  for (const std::uint32_t number : {1U, 2U, 3U, 10U, 11U}) CHECK(world.knows(account_number(number)));
}

TEST_CASE("whatever fails and whenever the power goes, what was acknowledged is known") {
  FileWorld world;
  std::uint64_t acknowledged = 0, failed = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    world.stop();
    world.disk = std::make_shared<SimDirectory>(seed);
    REQUIRE(world.start());
    std::map<AccountId, std::uint64_t> acked;  // bytes
    for (int life = 0; life < 6; ++life) {
      if (random() % 2 == 0)
        world.disk->fail_at(random() % 16, random() % 2 == 0 ? Code::quota : Code::failure,
                            random() % 3 == 0);
      for (auto turns = random() % 12; turns > 0; --turns) {
        if (random() % 8 == 0) world.clock.advance_ms(kWriteVouchedEveryMs);
        const AccountId account = account_number(static_cast<std::uint32_t>(random() % 10));
        if (random() % 2 == 0) world.show(account, random() % 1000);
        const bool is_done = world.keep(account).has_value();
        ++(is_done ? acknowledged : failed);
        if (is_done) acked[account] = std::max(acked[account], world.most(account));
        if (random() % 4 == 0) world.disk->stop_failing();
      }
      if (random() % 2 == 0) world.disk->stop_failing();
      if (random() % 4 == 0) {
        world.stop();
        (void)world.file->save();
      }
      world.disk->stop_failing();
      if (random() % 2 == 0) world.disk->cut_power();
      if (random() % 3 == 0) world.disk->fail_at(random() % 6, Code::quota, false);
      const Result<void> loaded = world.restart();
      if (!loaded) CHECK(loaded.error().code == Code::quota);
      for (const auto& [account, bytes] : acked) {
        CHECK(world.knows(account));
        CHECK(world.most(account) >= bytes);
      }
      world.disk->stop_failing();
    }
  }
  CHECK(acknowledged > 1000);
  CHECK(failed > 100);
}

}  // namespace
}  // namespace inxt::host
