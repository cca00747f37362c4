// SPDX-License-Identifier: AGPL-3.0-or-later
// An owner's log out of its segments' lines, whole and with gaps, and at another Bridge.
#include "client/recover_log.h"

#include <doctest/doctest.h>

#include "client/recover_adopt.h"
#include "support/scratch_folder.h"
#include "support/tree_world.h"

namespace inxt::client {
namespace {

using testing::Machine;
using testing::says;
using testing::show;
using testing::TreeWorld;

struct RecoverLogWorld : TreeWorld {
  RecoverLogWorld() : view(*open(machine)) {}

  /// A folder, files, versions, a removed one and one of a delegated uploader: 8 entries.
  void fill() {
    REQUIRE(apply(*view, {format::MkdirOp{"/d", 0755}}).has_value());
    for (const auto* path : {"/d/a", "/d/b", "/d/a", "/c"})
      REQUIRE(put(*view, path, path[1] * 100U).has_value());
    REQUIRE(apply(*view, {format::MvOp{"/c", "/d/c"}}).has_value());
    REQUIRE(apply(*view, {format::RmOp{"/d/b", false}}).has_value());
    REQUIRE(put(*view, "/e", 5).has_value());
  }
  RecoveredLog empty() { return *RecoveredLog::make(key, scratch.path()); }
  /// As a segment has them: each record before the entry that names it, for entries that `wanted` says.
  std::string lines(const std::function<bool(std::uint64_t seq)>& wanted = {}) {
    std::string out;
    const auto& all = log();
    const auto tree_key = format::TreeKey::of(key.owner()->recipient_secret());
    for (std::size_t i = 0; i < all.entries.size(); ++i) {
      if (wanted && !wanted(i + 1)) continue;
      const auto opened = *format::open_entry_head(all.entries[i]);
      const auto ops = *format::open_entry(opened, tree_key);
      for (const auto& op : ops)
        if (const auto* named = std::get_if<format::PutOp>(&op)) out += all.records.at(named->record) + '\n';
      out += all.entries[i] + '\n';
    }
    return out;
  }
  void give(RecoveredLog& to, const std::string& text) {
    LogLinesSink sink(to);
    for (std::size_t at = 0; at < text.size(); at += 1000)  // as pieces come: lines are cut anywhere
      REQUIRE(sink.write(view_of(std::string_view(text).substr(at, 1000))).has_value());
    REQUIRE(sink.finish().has_value());
  }
  Result<AdoptReport> adopt(testing::MemoryBridgeLog& at, const RecoveredLog& from) {
    return loop.run(adopt_log(at, from, {}));
  }

  testing::ScratchFolder scratch;
  Machine machine;
  std::unique_ptr<TreeView> view;
};

TEST_CASE("the log's segments fold to the tree that the Bridge showed, in any order and twice") {
  RecoverLogWorld world;
  world.fill();
  auto log = world.empty();
  world.give(log, world.lines([](auto seq) { return seq > 4; }));
  world.give(log, world.lines([](auto seq) { return seq < 6; }));
  world.give(log, world.lines([](auto seq) { return seq > 4; }));
  const auto fold = log.fold();
  REQUIRE(fold.has_value());
  CHECK(fold->entries == 8);
  CHECK(fold->gaps.empty());
  CHECK(fold->passed.empty());
  CHECK(log.whole_until() == 8);
  CHECK(log.records() == 5);
  CHECK(show(log.tree()) == show(world.view->tree()));
  CHECK(log.tree().kept().size() == 2);
  const auto record = log.record(*log.tree().find("/d/a")->version);
  REQUIRE(record.has_value());
  CHECK(record->bytes == 'd' * 100);
  CHECK(log.record(*log.tree().kept().front().version).has_value());
}

TEST_CASE("what no segment has is passed over, and said") {
  RecoverLogWorld world;
  world.fill();
  auto log = world.empty();
  world.give(log, world.lines([](auto seq) { return seq != 2 && seq != 3; }));
  const auto fold = log.fold();
  REQUIRE(fold.has_value());
  REQUIRE(fold->gaps.size() == 1);
  CHECK(fold->gaps[0].first == 2);
  CHECK(fold->gaps[0].last == 3);
  CHECK(fold->entries == 6);
  CHECK(log.whole_until() == 1);
  CHECK(log.tree().find("/d/a").has_value());
  CHECK(log.tree().find("/d/c").has_value());
  CHECK(log.tree().find("/e").has_value());
  CHECK(log.record_line(world.view->tree().kept().front().version->record).error().code == Code::not_found);

  testing::MemoryBridgeLog other;
  const auto adopted = world.adopt(other, log);
  REQUIRE(adopted.has_value());
  CHECK(adopted->entries == 1);  // the rest hangs on what nobody has
}

TEST_CASE("lines of others, cut ones and altered ones change nothing") {
  RecoverLogWorld world, other;
  world.fill();
  other.key = keys::Key::of_owner(testing::owner_keys(2));
  other.view = *other.open(other.machine);
  other.fill();
  auto text = world.lines() + other.lines() + "{}\nnothing\n\n" + R"({"type":"object","x":1})" + "\n";
  auto altered = world.log().entries[7];
  altered[altered.size() / 2] ^= 1;
  text += altered + '\n';
  auto log = world.empty();
  world.give(log, text);
  const auto fold = log.fold();
  REQUIRE(fold.has_value());
  CHECK(fold->entries == 8);
  CHECK(show(log.tree()) == show(world.view->tree()));

  auto cut = world.empty();
  LogLinesSink sink(cut);
  REQUIRE(sink.write(view_of(std::string_view(text).substr(0, 500))).has_value());
  CHECK(sink.finish().error().code == Code::integrity);
  LogLinesSink endless(cut);
  const std::string much(format::kRecordLineBytesMax + 1, 'x');
  CHECK(says(endless.write(view_of(much)).error(), "kRecordLineBytesMax"));
}

TEST_CASE("of two branches the one that goes on is taken") {
  RecoverLogWorld world;
  world.fill();
  // Another machine was shown the log up to entry 6 only, and went on from there.
  RecoverLogWorld fork;
  fork.log().entries = {world.log().entries.begin(), world.log().entries.begin() + 6};
  fork.log().records = world.log().records;
  fork.view = *fork.open(fork.machine);
  REQUIRE(fork.put(*fork.view, "/on the branch", 7).has_value());
  auto log = world.empty();
  world.give(log, fork.lines() + world.lines());
  const auto fold = log.fold();
  REQUIRE(fold.has_value());
  CHECK(fold->entries == 8);
  CHECK(fold->other_branches == 1);
  CHECK(show(log.tree()) == show(world.view->tree()));
}

TEST_CASE("another Bridge is given the log once, whatever is cut off") {
  RecoverLogWorld world;
  world.fill();
  for (int i = 0; i < 150; ++i) REQUIRE(world.put(*world.view, fmt::format("/many{}", i), 1).has_value());
  auto log = world.empty();
  world.give(log, world.lines());
  REQUIRE(log.fold().has_value());
  testing::MemoryBridgeLog other;
  other.answers_lost = 1;
  CHECK(world.adopt(other, log).error().code == Code::try_again);
  const auto adopted = world.adopt(other, log);
  REQUIRE(adopted.has_value());
  CHECK(adopted->had == transfer::kLogAppendEntriesMax);
  CHECK(adopted->had + adopted->entries == 158);
  const auto id = log.tree_key().log();
  CHECK(other.logs[id].entries == world.log().entries);
  CHECK(other.logs[id].records == world.log().records);
  CHECK(world.adopt(other, log)->entries == 0);

  // A view there shows the same, on a machine that has seen nothing, and on one that has seen the log before.
  std::swap(world.bridge.logs, other.logs);
  const Machine fresh;
  const auto seen = world.open(fresh);
  REQUIRE(seen.has_value());
  CHECK(show((*seen)->tree()) == show(world.view->tree()));
  REQUIRE(world.put(*world.view, "/goes on", 1).has_value());
  CHECK(world.loop.run(adopt_log(world.bridge, log, {}))->entries == 0);  // it has more by now

  // One that has another log of this owner keeps it.
  RecoverLogWorld stranger;
  REQUIRE(stranger.put(*stranger.view, "/else", 1).has_value());
  const auto before = stranger.log().entries;
  const auto refused = world.adopt(stranger.bridge, log);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == Code::integrity);
  CHECK(says(refused.error(), "another log"));
  CHECK(stranger.log().entries == before);
}

}  // namespace
}  // namespace inxt::client
