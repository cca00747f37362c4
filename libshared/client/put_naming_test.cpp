// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/put_naming.h"

#include <doctest/doctest.h>

#include "client/manifest_head.h"
#include "support/tree_world.h"

namespace inxt::client {
namespace {

using testing::Machine;
using testing::show;
using World = testing::TreeWorld;

constexpr crypto::PublicKey kBridge{std::byte{7}};

/// The journal of a put that died while the Bridge was told of `record`.
std::string dead_journal(World& world, const std::string& folder, const crypto::PublicKey& bridge,
                         const format::RecordId& record) {
  PutJournal journal(folder, PutJournal::Of::data);
  const SourceFacts facts{.name = "f", .mtime_unix_s = 1, .mode = 0600, .plain_bytes = 100};
  auto head = *begin_manifest(world.key, facts, {}, {}, world.random);
  const format::Layout layout{.k = 1, .m = 0, .mirrors = 3, .shard_bytes = 4096, .seal_key = {}};
  const auto lines = head.lines + head.writer.layout(layout);
  REQUIRE(journal.write_durably(head.writer.chain().header->file, lines));
  REQUIRE(journal.set_record(naming_of(bridge, record)));
  return journal.path();
}

/// What the put sent: an entry behind an empty log, made on a machine of its own.
struct Sent {
  Sent() {
    Machine machine;
    auto view = *world.open(machine);
    REQUIRE(world.put(*view, "/f", 100).has_value());
    record = view->tree().find("/f")->version->record;
  }
  void arrive(testing::MemoryBridgeLog::Log& log) {
    const auto& mine = world.log();
    log.entries.insert(log.entries.end(), mine.entries.begin(), mine.entries.end());
    log.records.insert(mine.records.begin(), mine.records.end());
  }
  World world;
  format::RecordId record;
};

bool exists(const std::string& path) {
  return std::filesystem::exists(path);
}

std::string cleared(std::string path, const format::RecordId& record) {
  const auto at = path.find(naming_of(kBridge, record));
  return path.substr(0, at) + "data.inxt";
}

TEST_CASE("a name that the log has ends the journal, and nothing is appended") {
  Sent sent;
  World world;
  Machine machine;
  sent.arrive(world.log());
  auto view = *world.open(machine);
  const auto path = dead_journal(world, machine.path, kBridge, sent.record);
  REQUIRE(world.loop.run(settle_namings(*view, kBridge, machine.path)));
  CHECK_FALSE(exists(path));
  CHECK_FALSE(exists(cleared(path, sent.record)));
  CHECK(world.bridge.appends == 0);
}

TEST_CASE("a request that a dead put left behind comes now or never") {
  Sent sent;
  World world;
  Machine machine;
  auto view = *world.open(machine);
  const auto path = dead_journal(world, machine.path, kBridge, sent.record);

  SUBCASE("it comes after the log was read: the name stands once, and the put had ended") {
    world.bridge.before_append = [&](testing::MemoryBridgeLog::Log& log) {
      if (log.entries.empty()) sent.arrive(log);
    };
    REQUIRE(world.loop.run(settle_namings(*view, kBridge, machine.path)));
    CHECK(show(view->tree()) == "/f=100 ");
    CHECK_FALSE(exists(path));
    CHECK_FALSE(exists(cleared(path, sent.record)));
  }
  SUBCASE("it has not come: its place is taken, and a put may go on with the journal") {
    REQUIRE(world.loop.run(settle_namings(*view, kBridge, machine.path)));
    CHECK(world.log().entries.size() == 1);
    CHECK(show(view->tree()).empty());
    CHECK_FALSE(exists(path));
    CHECK(exists(cleared(path, sent.record)));
  }
}

TEST_CASE("journals of another Bridge, of other keys, and of puts that run are left alone") {
  Sent sent;
  World world;
  Machine machine;
  auto view = *world.open(machine);
  const auto elsewhere = dead_journal(world, machine.path, {std::byte{8}}, sent.record);
  World stranger;
  stranger.key = keys::Key::of_owner(testing::owner_keys(2));
  const auto strangers = dead_journal(stranger, machine.path, kBridge, sent.record);
  const auto mine = dead_journal(world, machine.path, kBridge, sent.record);
  {
    auto running = *PutJournal::reopen(mine);
    REQUIRE(world.loop.run(settle_namings(*view, kBridge, machine.path)));
    CHECK(exists(mine));
    CHECK(world.bridge.appends == 0);
  }
  REQUIRE(world.loop.run(settle_namings(*view, kBridge, machine.path)));
  CHECK_FALSE(exists(mine));
  CHECK(exists(elsewhere));
  CHECK(exists(strangers));
}

}  // namespace
}  // namespace inxt::client
