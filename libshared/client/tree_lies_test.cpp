// SPDX-License-Identifier: AGPL-3.0-or-later
// Views of a log at a Bridge that lies: every lie has its name, and what was seen once is not forgotten.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include "client/tree.h"
#include "support/tree_world.h"

namespace inxt::client {
namespace {

using testing::Machine;
using testing::MemoryBridgeLog;
using testing::owner_keys;
using testing::says;
using testing::show;
using World = testing::TreeWorld;

struct Lies : World {
  Lies() {
    auto view = *open(machine);
    for (int i = 1; i <= 6; ++i)
      REQUIRE(put(*view, fmt::format("/{}", i), static_cast<std::uint64_t>(i)).has_value());
    log_id = view->log();
    good = log();
  }
  /// Entries by this key, as if they were the log's.
  std::string entry_by(const keys::OwnerKeys& owner, std::uint64_t seq, const crypto::Hash& prev,
                       std::vector<format::Op> ops) {
    const auto tree = format::TreeKey::of(owner.recipient_secret());
    const auto writer = owner.uploader(0);
    const format::EntryHead head{.log = log_id,
                                 .seq = seq,
                                 .prev = prev,
                                 .writer = writer.writer_id(),
                                 .uploader = 0,
                                 .certificate = {},
                                 .time_unix_s = 1,
                                 .does = {}};
    return *format::sign_entry(head, ops, format::BodySealer::of_owner(tree.entry_key()), writer.writer(),
                               random);
  }
  Error lie(const std::function<void(transfer::LogPage&, std::uint64_t)>& how, const Machine& at) {
    bridge.on_page = how;
    const auto error = refused(at);
    bridge.on_page = {};
    CHECK(error.code == Code::integrity);
    CHECK_FALSE(error.hint.empty());
    return error;
  }

  Machine machine;  // has seen all of it
  Machine fresh;    // has seen nothing
  format::LogId log_id;
  MemoryBridgeLog::Log good;
};

TEST_CASE("a Bridge that rolls back is found out, with and without a cache") {
  Lies world;
  for (const bool cache : {true, false}) {
    if (!cache) std::filesystem::remove_all(world.machine.path + "/cache");
    world.log().entries.resize(3);
    CHECK(says(world.refused(world.machine),
               "ends at entry 3, and this machine has seen entry 6 (rolled back)"));
    world.log().entries.clear();
    CHECK(says(world.refused(world.machine), "ends at entry 0"));
    world.log() = world.good;
  }
  // Without the state's folder, the cache still knows.
  std::filesystem::remove_all(world.machine.path + "/state");
  auto view = *world.open(world.machine);
  std::filesystem::remove_all(world.machine.path + "/cache");
  std::filesystem::remove_all(world.machine.path + "/state");
  std::vector<format::Op> many;
  for (int i = 0; i < 100; ++i) many.push_back(format::MkdirOp{fmt::format("/d{}", i), 0});
  view = *world.open(world.machine);
  REQUIRE(world.apply(*view, many).has_value());
  view = *world.open(world.machine);
  std::filesystem::remove_all(world.machine.path + "/state");
  world.log() = world.good;
  CHECK(says(world.refused(world.machine), "rolled back"));
}

TEST_CASE(
    "a Bridge that forks is found out, and two machines on different branches can never be joined again") {
  Lies world;
  // The second machine is shown the log up to entry 4, and appends.
  world.log().entries.resize(4);
  Machine other;
  auto view = *world.open(other);
  REQUIRE(world.put(*view, "/other", 9).has_value());
  REQUIRE(world.put(*view, "/other2", 9).has_value());
  const auto branch = world.log();
  CHECK(branch.entries.size() == 6);
  CHECK(says(world.refused(world.machine), "forked"));
  world.log() = world.good;
  CHECK(says(world.refused(other), "forked"));
  // However each branch goes on.
  auto first = *world.open(world.machine);
  REQUIRE(world.put(*first, "/more", 1).has_value());
  CHECK(says(world.refused(other), "forked"));
  world.log() = branch;
  view = *world.open(other);
  REQUIRE(world.put(*view, "/more", 1).has_value());
  REQUIRE(world.put(*view, "/more", 2).has_value());
  CHECK(says(world.refused(world.machine), "forked"));
  // Neither from a cache nor without one.
  std::filesystem::remove_all(world.machine.path + "/cache");
  CHECK(says(world.refused(world.machine), "forked"));
}

TEST_CASE("entries that were left out, put in another order, repeated, or are of another log") {
  Lies world;
  CHECK(says(world.lie([](auto& page, auto) { page.entries.erase(page.entries.begin() + 2); }, world.fresh),
             "entry 4 came where 3 is due"));
  CHECK(says(world.lie([](auto& page, auto) { std::swap(page.entries[2], page.entries[3]); }, world.fresh),
             "entry 4 came where 3 is due"));
  CHECK(says(world.lie([](auto& page, auto) { page.entries.insert(page.entries.begin(), page.entries[0]); },
                       world.fresh),
             "entry 1 came where 2 is due"));
  // Another log of another owner, and with this owner's log id on it.
  World other;
  other.key = keys::Key::of_owner(owner_keys(2));
  Machine others;
  auto view = *other.open(others);
  REQUIRE(other.put(*view, "/theirs", 1).has_value());
  const auto theirs = other.log();
  CHECK(says(world.lie([&](auto& page, auto) { page = {.head = theirs.head(), .entries = theirs.entries}; },
                       world.fresh),
             "of another log"));
  const auto forged =
      world.entry_by(owner_keys(2), 7, world.good.head().hash, {format::MkdirOp{"/forged", 0}});
  CHECK(says(world.lie(
                 [&](auto& page, auto) {
                   page.head = {7, format::entry_hash(forged)};
                   page.entries.push_back(forged);
                 },
                 world.fresh),
             "is not this owner's uploader 0 (forged)"));
}

TEST_CASE("entries that were altered, and heads that do not fit") {
  Lies world;
  CHECK(says(world.lie([](auto& page, auto) { page.entries[1][page.entries[1].find("\"time\":") + 8] ^= 1; },
                       world.fresh),
             "forged"));
  CHECK(says(world.lie([](auto& page, auto) { page.entries[1].resize(100); }, world.fresh),
             "not a JSON object"));
  CHECK(says(world.lie([](auto& page, auto) { page.entries[1] = std::string(70'000, 'x'); }, world.fresh),
             "65535"));
  CHECK(says(world.lie([](auto& page, auto) { page.head.hash[0] ^= std::byte{1}; }, world.fresh), "forked"));
  CHECK(says(world.lie([](auto& page, auto) { page.head.seq = 7; }, world.fresh),
             "it has 7 entries, and the Bridge gives none behind entry 6 (withheld)"));
  CHECK(says(world.lie(
                 [](auto& page, auto after) {
                   if (after >= 3)
                     page.entries.clear();
                   else
                     page.entries.resize(3);
                 },
                 world.fresh),
             "none behind entry 3 (withheld)"));
  world.bridge.on_page = [](auto& page, auto) { page.head.seq = 2; };
  CHECK(world.refused(world.fresh).code == Code::integrity);
  world.bridge.on_page = [](auto& page, auto) { page.entries.resize(1000, page.entries.front()); };
  CHECK(world.refused(world.fresh).code == Code::integrity);
  world.bridge.on_page = {};
  CHECK(world.open(world.fresh).has_value());  // nothing of all that was remembered
}

TEST_CASE("an append that the Bridge only pretends is noticed at the next look") {
  Lies world;
  auto view = *world.open(world.machine);
  world.bridge.drops = true;
  REQUIRE(world.put(*view, "/x", 1).has_value());
  world.bridge.drops = false;
  CHECK(
      says(world.refused(world.machine), "ends at entry 6, and this machine has seen entry 7 (rolled back)"));
  // And at once, where it names another head.
  world.log() = world.good;
  Machine other;
  view = *world.open(other);
  world.bridge.on_answer = [](auto& answer) { answer.head.hash[3] ^= std::byte{1}; };
  const auto report = world.put(*view, "/x", 1);
  REQUIRE_FALSE(report.has_value());
  CHECK(report.error().code == Code::integrity);
}

TEST_CASE("a Bridge that refuses to append for ever, without a reason, is given up") {
  Lies world;
  auto view = *world.open(world.machine);
  world.bridge.drops = true;
  world.bridge.on_answer = [&](auto& answer) { answer.appended = false; };
  const auto report = world.put(*view, "/x", 1);
  REQUIRE_FALSE(report.has_value());
  CHECK(report.error().code == Code::try_again);
}

TEST_CASE("records that were swapped, altered or withheld") {
  Lies world;
  auto view = *world.open(world.machine);
  const auto id = view->tree().find("/1")->version->record;
  const auto other = view->tree().find("/2")->version->record;
  CHECK(world.loop.run(view->record(id)).has_value());
  const auto swapped = world.log().records.at(other);
  world.bridge.on_record = [&](auto& line) { line = swapped; };
  auto record = world.loop.run(view->record(id));
  CHECK(record.error().code == Code::integrity);
  CHECK(says(record.error(), "swapped"));
  world.bridge.on_record = [&](auto& line) { line[line.size() / 2] ^= 1; };
  CHECK(world.loop.run(view->record(id)).error().code == Code::integrity);
  world.bridge.on_record = {};
  world.log().records.erase(id);
  record = world.loop.run(view->record(id));
  CHECK(record.error().code == Code::integrity);
  CHECK(says(record.error(), "withheld"));
  // But one that another machine has purged is just gone.
  Machine b;
  auto second = *world.open(b);
  REQUIRE(world.put(*second, "/1", 11).has_value());
  REQUIRE(world.apply(*second, {format::PurgeOp{{id}}}).has_value());
  CHECK(world.loop.run(view->record(id)).error().code == Code::not_found);
}

TEST_CASE("what was seen is written before it is shown, and a damaged memory is no reason to trust") {
  Lies world;
  const auto path = world.machine.path + "/state/" + world.log_id.hex();
  std::ifstream file(path);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  CHECK(text == fmt::format("{{\"type\":\"log-head\",\"log\":\"{}\",\"seq\":6,\"hash\":\"{}\"}}\n",
                            world.log_id.hex(), to_hex(world.good.head().hash)));
  std::ofstream(path) << text.substr(0, text.size() / 2);
  CHECK(world.refused(world.machine).code == Code::integrity);
  std::ofstream(path) << "";
  CHECK(world.refused(world.machine).code == Code::integrity);
  std::ofstream(path) << text;
  CHECK(world.open(world.machine).has_value());
  // A folder that cannot be written: nothing is shown.
  Machine none;
  auto options = none.options();
  options.state_folder = "/proc/inxt";
  CHECK_FALSE(world.loop.run(TreeView::open(world.tree_world(), world.key, options)).has_value());
}

TEST_CASE("two programs of one machine that were shown different branches find out") {
  Lies world;
  auto first = *world.open(world.machine);
  auto second = *world.open(world.machine);
  REQUIRE(world.put(*first, "/a", 1).has_value());
  world.log() = world.good;  // the second's branch
  const auto report = world.put(*second, "/b", 1);
  REQUIRE_FALSE(report.has_value());
  CHECK(says(report.error(), "another program on this machine"));
}

TEST_CASE("a damaged, cut or foreign cache is folded anew") {
  Lies world;
  auto view = *world.open(world.fresh);
  const auto path = world.fresh.path + "/cache/" + world.log_id.hex();
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  REQUIRE(text.size() > 100);
  CHECK(text.find("/1") == text.npos);
  for (const std::size_t at :
       {std::size_t{0}, std::size_t{20}, std::size_t{40}, text.size() / 2, text.size() - 1}) {
    auto altered = text;
    altered[at] ^= 1;
    std::ofstream(path, std::ios::binary) << altered;
    CHECK(show((*world.open(world.fresh))->tree()) == show(view->tree()));
    std::ofstream(path, std::ios::binary) << text.substr(0, at);
    CHECK(show((*world.open(world.fresh))->tree()) == show(view->tree()));
  }
  std::ofstream(path, std::ios::binary) << text << "x";  // bytes behind the last frame say nothing
  CHECK(world.open(world.fresh).has_value());
}

TEST_CASE("heads of two machines are compared, also ones that lie far back") {
  Lies world;
  auto view = *world.open(world.machine);  // from its cache: it knows only the latest hash
  const auto head_at = [&](std::uint64_t seq) {
    return format::LogHead{.seq = seq, .hash = format::entry_hash(world.good.entries[seq - 1])};
  };
  const auto require = [&](format::LogHead head) { return world.loop.run(view->require_head(head)); };
  CHECK(require(view->head()).has_value());
  CHECK(require({}).has_value());
  CHECK(require(head_at(5)).has_value());
  CHECK(require(head_at(1)).has_value());
  auto other = head_at(2);
  other.hash[0] ^= std::byte{1};
  CHECK(says(require(other).error(), "on the other machine (forked)"));
  CHECK(require({.seq = 7, .hash = {}}).error().code == Code::try_again);
  view = *world.open(world.machine);
  std::swap(world.log().entries[2], world.log().entries[3]);
  CHECK(require(head_at(1)).error().code == Code::integrity);
}

TEST_CASE("entries are read again only as the ones that they were") {
  Lies world;
  auto view = *world.open(world.fresh);
  const auto lines = world.loop.run(view->entry_lines(2, 5));
  REQUIRE(lines.has_value());
  CHECK(*lines == std::vector<std::string>(world.good.entries.begin() + 1, world.good.entries.begin() + 5));
  auto& entries = world.log().entries;
  std::swap(entries[2], entries[3]);
  CHECK(world.loop.run(view->entry_lines(2, 5)).error().code == Code::integrity);
  entries = world.good.entries;
  entries[2] =
      world.entry_by(owner_keys(1), 3, format::entry_hash(entries[1]), {format::MkdirOp{"/other", 0}});
  CHECK(world.loop.run(view->entry_lines(2, 5)).error().code == Code::integrity);
  entries.clear();
  CHECK(world.loop.run(view->entry_lines(2, 5)).error().code == Code::integrity);
}

}  // namespace
}  // namespace inxt::client
