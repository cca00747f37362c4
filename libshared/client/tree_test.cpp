// SPDX-License-Identifier: AGPL-3.0-or-later
// Views of a log at an honest Bridge: what two machines, and delegated ones, do at once survives.
#include "client/tree.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <set>

#include "client/object_versions.h"
#include "support/tree_world.h"

namespace inxt::client {
namespace {

using testing::Machine;
using testing::MemoryBridgeLog;
using testing::owner_keys;
using testing::says;
using testing::show;
using World = testing::TreeWorld;

TEST_CASE("what one machine does another sees, and its own cache spares the Bridge the log") {
  World world;
  Machine a, b;
  auto first = *world.open(a);
  CHECK(first->head().seq == 0);
  REQUIRE(world.put(*first, "/photos/a.tar", 100).has_value());
  REQUIRE(world.apply(*first, {format::MkdirOp{"/empty", 0700}}).has_value());
  auto second = *world.open(b);
  CHECK(show(second->tree()) == "/empty/ /photos/ /photos/a.tar=100 ");
  CHECK(second->head() == first->head());
  const auto item = second->tree().find("/photos/a.tar");
  const auto record = world.loop.run(second->record(item->version->record));
  REQUIRE(record.has_value());
  CHECK(std::get<format::InlineManifest>(record->manifests.front()).lines == "manifest of /photos/a.tar\n");

  REQUIRE(world.put(*second, "/photos/a.tar", 200).has_value());
  CHECK(second->tree().kept_of("/photos/a.tar").size() == 1);
  const auto state_of = [](const tree::Tree& tree) {
    Bytes out;
    REQUIRE(tree.save([&](ByteView bytes) -> Result<void> {
      append(out, bytes);
      return {};
    }));
    return out;
  };
  // Again, from the cache and from nothing: the same.
  std::uint64_t first_asked = 99;
  world.bridge.on_page = [&](transfer::LogPage&, std::uint64_t after) {
    first_asked = std::min(first_asked, after);
  };
  auto warm = *world.open(b);
  CHECK(first_asked > 0);
  Machine fresh;
  auto cold = *world.open(fresh);
  CHECK(first_asked == 0);
  CHECK(state_of(cold->tree()) == state_of(warm->tree()));
}

TEST_CASE("two machines that change the tree at once: both changes survive") {
  World world;
  Machine a, b;
  auto first = *world.open(a);
  auto second = *world.open(b);
  REQUIRE(world.put(*first, "/x", 1).has_value());
  // The second has not seen it, and is told so: it puts a version of what is there.
  auto report = world.put(*second, "/x", 2);
  REQUIRE(report.has_value());
  CHECK(report->tries == 1);
  CHECK(show(second->tree()) == "/x=2 ");
  CHECK(second->tree().kept_of("/x").size() == 1);
  // One that keeps to what it saw first gets its place beside.
  const auto base = format::Base{.saw = format::Base::Saw::record,
                                 .record = second->tree().kept_of("/x")[0]->version->record};
  report = world.append(*first, [&](const tree::Tree& tree) -> Result<Changes> {
    auto changes = TRY(first->put_at(tree, "/x", format::whole_object(3, format::InlineManifest{"m"})));
    std::get<format::PutOp>(changes.ops[0]).base = base;
    return changes;
  });
  REQUIRE(report.has_value());
  REQUIRE(report->notes.size() == 1);
  CHECK(report->notes[0].other == "/x (conflict 3)");
  CHECK(show(first->tree()) == "/x=2 /x (conflict 3)=3 ");
  REQUIRE(world.loop.run(second->refresh()).has_value());
  CHECK(show(second->tree()) == show(first->tree()));
}

TEST_CASE("an append that always loses ends after its tries; nothing of it is in the log") {
  World world;
  Machine a, b;
  auto other = *world.open(b);
  auto view = *world.open(a);
  unsigned number = 0;
  world.bridge.before_append = [&](MemoryBridgeLog::Log& log) {
    // Another machine's entry comes first each time.
    const auto tree = format::TreeKey::of(world.key.owner()->recipient_secret());
    const auto& writer = world.key.uploader();
    const format::EntryHead head{.log = tree.log(),
                                 .seq = log.entries.size() + 1,
                                 .prev = log.head().hash,
                                 .writer = writer.writer_id(),
                                 .uploader = 0,
                                 .certificate = {},
                                 .time_unix_s = 1,
                                 .does = {}};
    log.entries.push_back(*format::sign_entry(head, {format::MkdirOp{fmt::format("/{}", number++), 0}},
                                              format::BodySealer::of_owner(tree.entry_key()), writer.writer(),
                                              world.random));
  };
  const auto report = world.apply(*view, {format::MkdirOp{"/mine", 0}});
  REQUIRE_FALSE(report.has_value());
  CHECK(report.error().code == Code::try_again);
  CHECK(says(report.error(), "kAppendTriesMax"));
  CHECK(number == kAppendTriesMax);
  CHECK_FALSE(view->tree().find("/mine").has_value());
}

TEST_CASE("a Bridge that can take nothing is believed soon, and its reason is told") {
  World world;
  Machine a;
  auto view = *world.open(a);
  world.bridge.takes_nothing = true;
  const auto report = world.apply(*view, {format::MkdirOp{"/mine", 0}});
  REQUIRE_FALSE(report.has_value());
  CHECK(report.error().code == Code::try_again);
  CHECK(says(report.error(), "disk is full"));
  CHECK(world.bridge.appends == kAppendUnsureMax);
  CHECK_FALSE(view->tree().find("/mine").has_value());
  world.bridge.takes_nothing = false;
  CHECK(world.apply(*view, {format::MkdirOp{"/mine", 0}}).has_value());
}

TEST_CASE("a lost answer is looked up, and nothing is done twice") {
  World world;
  Machine a;
  auto view = *world.open(a);
  world.bridge.answers_lost = 1;
  const auto report = world.put(*view, "/x", 1);
  REQUIRE(report.has_value());
  CHECK(world.bridge.appends == 1);
  CHECK(world.log().entries.size() == 1);
  CHECK(show(view->tree()) == "/x=1 ");
}

TEST_CASE("a change that comes into the log after its answer was given up is not done twice") {
  World world;
  Machine a, b;
  auto view = *world.open(a);
  world.bridge.appends_late = 1;
  const auto report = world.append(*view, [&](const tree::Tree&) -> Result<Changes> {
    // What the user saw first: nothing.
    return view->put_at(tree::Tree(), "/x", format::whole_object(1, format::InlineManifest{"m"}));
  });
  REQUIRE(report.has_value());
  CHECK(report->notes.empty());
  CHECK(world.log().entries.size() == 1);
  CHECK(world.log().records.size() == 1);
  CHECK(show(view->tree()) == "/x=1 ");
  CHECK(show((*world.open(b))->tree()) == "/x=1 ");
}

TEST_CASE("a change that comes late is found, also where the answer to its repetition is lost") {
  World world;
  Machine a;
  auto view = *world.open(a);
  world.bridge.appends_late = 1;
  world.bridge.answers_lost = 1;
  const auto report = world.append(*view, [&](const tree::Tree& tree) -> Result<Changes> {
    if (tree.find("/x")) return fail(Code::try_again, "somebody else was there");
    return view->put_at(tree, "/x", format::whole_object(1, format::InlineManifest{"m"}));
  });
  if (!report) FAIL(report.error().what);
  CHECK(report->entries == 1);
  CHECK(world.log().entries.size() == 1);
  CHECK(show(view->tree()) == "/x=1 ");
}

TEST_CASE("what a version stored is taken back only where the log does not have the version") {
  World world;
  Machine a, b;
  auto view = *world.open(a);
  REQUIRE(world.put(*view, "/x", 1).has_value());
  const auto base = *find_object(view->tree(), "inxt:/x");
  const auto record = format::whole_object(2, format::InlineManifest{"of 2"});
  bool is_nowhere = true;
  SUBCASE("this machine cannot note that it is in the log") {
    std::filesystem::remove_all(a.path + "/state");
    const auto made = world.loop.run(append_version(*view, base, record, is_nowhere));
    REQUIRE_FALSE(made.has_value());
    CHECK(says(made.error(), "the change is in the log"));
    CHECK(show(view->tree()) == "/x=2 ");
    CHECK_FALSE(is_nowhere);
  }
  SUBCASE("another machine was faster") {
    auto other = *world.open(b);
    REQUIRE(world.put(*other, "/x", 3).has_value());
    CHECK_FALSE(world.loop.run(append_version(*view, base, record, is_nowhere)).has_value());
    CHECK(show(view->tree()) == "/x=3 ");
    CHECK(is_nowhere);
  }
}

TEST_CASE(
    "lines that were sent again, when another machine had appended meanwhile, are no lie of the Bridge") {
  World world;
  Machine a, b;
  auto view = *world.open(a);
  auto other = *world.open(b);
  world.bridge.on_answer = [&](transfer::LogAppendAnswer& answer) {
    // The Bridge passes over what it has, and says how far its log goes now.
    world.bridge.on_answer = {};
    const auto tree = format::TreeKey::of(world.key.owner()->recipient_secret());
    const format::EntryHead head{.log = tree.log(),
                                 .seq = 2,
                                 .prev = world.log().head().hash,
                                 .writer = world.key.uploader().writer_id(),
                                 .uploader = 0,
                                 .certificate = {},
                                 .time_unix_s = 1,
                                 .does = {}};
    world.log().entries.push_back(*format::sign_entry(head, {format::MkdirOp{"/theirs", 0}},
                                                      format::BodySealer::of_owner(tree.entry_key()),
                                                      world.key.uploader().writer(), world.random));
    answer.head = world.log().head();
  };
  const auto report = world.put(*view, "/x", 1);
  if (!report) FAIL(report.error().what);
  CHECK(report->entries == 1);
  CHECK(show(view->tree()) == "/theirs/ /x=1 ");
}

TEST_CASE("without a place for a cache, a tree is folded anew, and changes are done") {
  World world;
  Machine a;
  auto view = *world.open(a);
  const auto path = a.path + "/cache/" + view->log().hex();
  std::filesystem::remove(path);
  std::filesystem::create_directories(path + "/in the way");
  REQUIRE(world.put(*view, "/x", 1).has_value());
  auto again = world.open(a);
  if (!again) FAIL(again.error().what);
  CHECK(show((*again)->tree()) == "/x=1 ");
}

TEST_CASE("many operations go in several entries and requests, in their order") {
  World world;
  Machine a;
  auto view = *world.open(a);
  std::vector<format::Op> ops;
  for (int i = 0; i < 20'000; ++i) ops.push_back(format::MkdirOp{fmt::format("/folder/{:05}", i), 0});
  const auto report = world.apply(*view, ops);
  REQUIRE(report.has_value());
  CHECK(report->entries == (20'000 + 255) / 256);
  CHECK(world.bridge.appends == 2);
  CHECK(view->tree().names() == 20'001);
  // Long ones: an entry takes fewer.
  ops.clear();
  Bytes noise(100);
  for (int i = 0; i < 2000; ++i) {
    world.random.fill(noise);
    ops.push_back(format::MkdirOp{"/" + to_hex(noise), 0});
  }
  REQUIRE(world.apply(*view, ops).has_value());
  CHECK(view->tree().names() == 22'001);
  // And many records: no request is too long.
  const auto big = world.append(*view, [&](const tree::Tree& tree) -> Result<Changes> {
    Changes out;
    for (int i = 0; i < 300; ++i) {
      Bytes manifest(60'000);
      world.random.fill(manifest);
      auto one = TRY(view->put_at(tree, fmt::format("/big/{}", i),
                                  format::whole_object(1, format::InlineManifest{to_hex(manifest)})));
      out.ops.push_back(std::move(one.ops[0]));
      out.records.push_back(std::move(one.records[0]));
    }
    return out;
  });
  REQUIRE(big.has_value());
  CHECK(world.log().records.size() == 300);
  Machine b;
  CHECK((*world.open(b))->tree().names() == 22'302);
}

TEST_CASE("an operation that is not in the format is the caller's fault, and nothing is appended") {
  World world;
  Machine a;
  auto view = *world.open(a);
  CHECK(world.apply(*view, {format::MkdirOp{"relative", 0}}).error().code == Code::usage);
  CHECK(
      world
          .append(*view,
                  [](const tree::Tree&) -> Result<Changes> { return fail(Code::not_found, "no such file"); })
          .error()
          .code == Code::not_found);
  CHECK(world.apply(*view, {})->entries == 0);
  CHECK(world.bridge.appends == 0);
}

struct Delegated : World {
  keys::Key uploader(std::uint32_t number, std::int64_t until_unix_s,
                     std::int64_t from_unix_s = 1'700'000'000) {
    const auto owner = owner_keys(1);
    const auto keys = owner.uploader(number);
    const auto certificate = *keys::certify_uploader(owner, number, from_unix_s, until_unix_s);
    return keys::Key::of_uploader(
        owner.id(), owner.recipient(),
        keys::UploaderKeys(number, crypto::Key(keys.uploader_key().first<32>()), certificate));
  }
};

TEST_CASE("a delegated machine appends what the owner reads, and reads nothing") {
  Delegated world;
  Machine a, b;
  auto view = *world.open(a);
  REQUIRE(world.put(*view, "/x", 1).has_value());
  const auto key = world.uploader(3, 1'900'000'000);
  auto blind = *world.open(b, key, view->log());
  CHECK_FALSE(blind->readable());
  CHECK(blind->head() == view->head());
  REQUIRE(world.put(*blind, "/in/y", 2).has_value());
  REQUIRE(world.put(*blind, "/x", 3).has_value());  // does not see that it is there
  REQUIRE(world.loop.run(view->refresh()).has_value());
  CHECK(show(view->tree()) == "/in/ /in/y=2 /x=1 /x (conflict 3)=3 ");
  const auto record = world.loop.run(view->record(view->tree().find("/in/y")->version->record));
  REQUIRE(record.has_value());
  CHECK(world.loop.run(blind->record(view->tree().find("/in/y")->version->record)).error().code ==
        Code::denied);
  // It remembers what it saw as the owner does.
  REQUIRE(world.put(*view, "/z", 1).has_value());
  blind = *world.open(b, key, view->log());
  const auto full = world.log();
  world.log().entries.pop_back();
  CHECK(says(world.open(b, key, view->log()).error(), "rolled back"));
  world.log() = full;
  // What it must not do has no effect, and does not stop the owner.
  blind = *world.open(b, key, view->log());
  REQUIRE(world.apply(*blind, {format::RmOp{"/x", true}}).has_value());
  REQUIRE(world.loop.run(view->refresh()).has_value());
  CHECK(view->tree().find("/x").has_value());
  CHECK(view->tree().notes().back().kind == tree::Note::Kind::refused);
}

TEST_CASE("a delegated machine whose certificate has run out, or is another's, changes nothing") {
  Delegated world;
  Machine a, b, c;
  auto view = *world.open(a);
  const auto late = world.uploader(3, 1'750'000'000);
  auto blind = *world.open(b, late, view->log());
  REQUIRE(world.put(*blind, "/in/y", 2).has_value());  // this Bridge does not look
  REQUIRE(world.loop.run(view->refresh()).has_value());
  CHECK(show(view->tree()) == "");
  REQUIRE(view->tree().notes().size() == 1);
  CHECK(view->tree().notes()[0].other == "its certificate had expired");
  // A writer whom nobody certified is none of the owner's.
  const auto stranger_keys = owner_keys(9).uploader(4);
  const auto stranger =
      keys::Key::of_uploader(owner_keys(1).id(), owner_keys(1).recipient(),
                             keys::UploaderKeys(4, crypto::Key(stranger_keys.uploader_key().first<32>())));
  blind = *world.open(c, stranger, view->log());
  (void)world.put(*blind, "/in/z", 2);
  const auto refreshed = world.loop.run(view->refresh());
  if (!refreshed) FAIL(refreshed.error().what);
  CHECK(show(view->tree()) == "");
  CHECK(view->tree().notes().back().other.contains("is not this owner's uploader 4 (forged)"));
  REQUIRE(world.put(*view, "/mine", 1).has_value());
}

TEST_CASE("a delegated machine has no record read that is not its own") {
  Delegated world;
  Machine a, b;
  auto view = *world.open(a);
  REQUIRE(world.put(*view, "/diary", 1).has_value());
  const auto diary = *view->tree().find("/diary")->version;
  CHECK(world.loop.run(view->record(diary)).has_value());
  const auto key = world.uploader(3, 1'900'000'000);
  auto blind = *world.open(b, key, view->log());
  format::PutOp put;
  put.path = "/shared/x";
  put.object = diary.object;
  put.record = diary.record;
  REQUIRE(world.apply(*blind, {put}).has_value());
  REQUIRE(world.put(*blind, "/shared/y", 5).has_value());
  REQUIRE(world.loop.run(view->refresh()).has_value());
  const auto at = [&](std::string_view path) {
    return world.loop.run(view->record(*view->tree().find(path)->version));
  };
  CHECK(at("/shared/y").has_value());
  CHECK(at("/shared/x").error().code == Code::denied);
  // Nor by what the owner does with the name.
  REQUIRE(world.apply(*view, {format::MvOp{"/shared/x", "/shared/z"}}).has_value());
  CHECK(at("/shared/z").error().code == Code::denied);
  REQUIRE(world.apply(*view, {format::RmOp{"/shared/z", false}}).has_value());
  REQUIRE(world.apply(*view, {format::RestoreOp{"/shared/w", diary.record}}).has_value());
  CHECK(at("/shared/w").error().code == Code::denied);
  // And the owner's own comes back, whoever else named it.
  REQUIRE(world.apply(*view, {format::RmOp{"/diary", false}, format::RmOp{"/shared/w", false}}).has_value());
  REQUIRE(world.apply(*view, {format::RestoreOp{"/diary", diary.record}}).has_value());
  CHECK(at("/diary").has_value());
}

TEST_CASE("a delegated machine that names a record which nobody has does not stop the owner") {
  Delegated world;
  Machine a, b;
  auto view = *world.open(a);
  const auto key = world.uploader(3, 1'900'000'000);
  auto blind = *world.open(b, key, view->log());
  format::PutOp put;
  put.path = "/nothing";
  put.object.bytes.fill(std::byte{7});
  put.record.bytes.fill(std::byte{7});
  REQUIRE(world.apply(*blind, {put}).has_value());
  REQUIRE(world.loop.run(view->refresh()).has_value());
  // No lie of the Bridge; and what stores the log in pieces passes over it.
  CHECK(world.loop.run(view->record_line(put.record)).error().code == Code::not_found);
}

/// An entry that says uploader 0 and is by another key, behind the log as it is.
void append_forged(Delegated& world, const format::LogId& id, const keys::OwnerKeys& by) {
  auto& log = world.bridge.logs[id];
  const auto writer = by.uploader(0);
  const format::EntryHead head{.log = id,
                               .seq = log.head().seq + 1,
                               .prev = log.head().hash,
                               .writer = writer.writer_id(),
                               .uploader = 0,
                               .certificate = {},
                               .time_unix_s = 4'000'000'000,
                               .does = {}};
  const auto tree = format::TreeKey::of(by.recipient_secret());
  log.entries.push_back(*format::sign_entry(head, {format::RmOp{"/x", true}, format::MkdirOp{"/forged", 0}},
                                            format::BodySealer::of_owner(tree.entry_key()), writer.writer(),
                                            world.random));
}

TEST_CASE("whoever begins a log as uploader 0, and is not, stops nobody") {
  Delegated world;
  Machine a, b, fresh;
  const auto id = format::TreeKey::of(world.key.owner()->recipient_secret()).log();
  append_forged(world, id, owner_keys(8));
  const auto key = world.uploader(3, 1'900'000'000);
  auto blind = *world.open(b, key, id);
  auto view = *world.open(a);
  REQUIRE(world.put(*view, "/x", 1).has_value());
  append_forged(world, id, owner_keys(8));
  REQUIRE(world.put(*view, "/y", 2).has_value());  // with what it remembers, and with a cache
  view = *world.open(a);
  CHECK(view->tree().notes().size() == 2);
  CHECK(says(fail(Code::denied, view->tree().notes().back().other).error(), "uploader 0 (forged)"));
  append_forged(world, id, owner_keys(8));
  view = *world.open(a);
  REQUIRE(world.put(*blind, "/in/z", 3).has_value());
  REQUIRE(world.loop.run(view->refresh()).has_value());
  CHECK(show(view->tree()) == "/in/ /in/z=3 /x=1 /y=2 ");
  CHECK(show((*world.open(fresh))->tree()) == show(view->tree()));
  // A third one is none that a Bridge could have taken for the owner.
  append_forged(world, id, owner_keys(7));
  CHECK(says(world.refused(fresh), "uploader 0 (forged)"));
  CHECK(says(world.refused(a), "uploader 0 (forged)"));
}

TEST_CASE("a certificate that has ended does not count again by a time that lies back") {
  Delegated world;
  Machine a, b;
  auto view = *world.open(a);
  const auto key = world.uploader(3, 1'800'000'500);
  auto blind = *world.open(b, key, view->log());
  REQUIRE(world.put(*view, "/x", 1).has_value());
  REQUIRE(world.put(*blind, "/in/a", 2).has_value());
  world.clock.advance_ms(10'000'000);
  REQUIRE(world.put(*view, "/x", 3).has_value());
  world.clock.advance_ms(-9'900'000);
  REQUIRE(world.put(*blind, "/in/b", 4).has_value());
  REQUIRE(world.loop.run(view->refresh()).has_value());
  CHECK(show(view->tree()) == "/in/ /in/a=2 /x=3 ");
  CHECK(view->tree().notes().back().other == "its certificate had expired");
}

TEST_CASE("a record that says that the owner wrote it, and another did, is refused by its name only") {
  Delegated world;
  Machine a, b;
  auto view = *world.open(a);
  const auto other = owner_keys(8).uploader(0);
  const format::RecordHead head{
      .log = view->log(), .writer = other.writer_id(), .uploader = 0, .certificate = {}};
  const auto sealer = format::BodySealer::to_owner(view->key().recipient());
  const auto record = *format::sign_record(head, format::whole_object(5, format::InlineManifest{"m"}), sealer,
                                           other.writer(), world.random);
  format::PutOp put;
  put.path = "/in/x";
  put.record = record.id;
  put.object = {record.id.bytes};
  const auto key = world.uploader(3, 1'900'000'000);
  auto blind = *world.open(b, key, view->log());
  REQUIRE(world
              .append(*blind,
                      [&](const tree::Tree&) -> Result<Changes> {
                        return Changes{.ops = {put}, .records = {record}};
                      })
              .has_value());
  REQUIRE(world.loop.run(view->refresh()).has_value());
  const auto read = world.loop.run(view->record(*view->tree().find("/in/x")->version));
  REQUIRE_FALSE(read.has_value());
  CHECK(read.error().code == Code::denied);
  CHECK(says(read.error(), "uploader 0 (forged)"));
}

TEST_CASE("two machines at random: in the end both show the same, and nothing that was put is lost") {
  for (std::uint64_t seed = 0; seed < 6; ++seed) {
    CAPTURE(seed);
    World world;
    Machine folders[2];
    std::unique_ptr<TreeView> views[2] = {*world.open(folders[0]), *world.open(folders[1])};
    crypto::SeededRandom random(seed);
    std::set<std::uint64_t> put;
    const auto path = [&] {
      std::string out;
      for (auto depth = 1 + random.below(2); depth > 0; --depth) out += fmt::format("/{}", random.below(3));
      return out;
    };
    for (std::uint64_t i = 1; i <= 25; ++i) {
      auto& view = *views[random.below(2)];
      if (random.below(4) == 0) {
        world.bridge.answers_lost = 1;  // now and then an answer is lost
      }
      switch (random.below(5)) {
        case 0: {
          const auto from = path(), to = path();
          REQUIRE(world.apply(view, {format::MvOp{from, to}}).has_value());
          break;
        }
        case 1:
          REQUIRE(world.apply(view, {format::RmOp{path(), random.below(2) == 0}}).has_value());
          break;
        default: {
          // What it saw stays as it was at first, however often the log moves under it.
          std::optional<Changes> changes;
          const auto at = path();
          REQUIRE(world
                      .append(view,
                              [&](const tree::Tree& tree) -> Result<Changes> {
                                if (!changes)
                                  changes = TRY(view.put_at(
                                      tree, at, format::whole_object(i, format::InlineManifest{"m"})));
                                return Changes{*changes};
                              })
                      .has_value());
          put.insert(i);
        }
      }
    }
    for (auto& view : views) REQUIRE(world.loop.run(view->refresh()).has_value());
    CHECK(views[0]->head() == views[1]->head());
    CHECK(show(views[0]->tree()) == show(views[1]->tree()));
    std::set<std::uint64_t> found;
    views[0]->tree().each_object({}, [&](std::string_view, const tree::Version& version) {
      found.insert(version.bytes);
      return true;
    });
    for (const auto& kept : views[0]->tree().kept()) found.insert(kept.version->bytes);
    CHECK(found == put);
    world.bridge.answers_lost = 0;
  }
}

}  // namespace
}  // namespace inxt::client
