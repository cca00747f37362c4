// SPDX-License-Identifier: LGPL-3.0-or-later
// Shares are made anew when what they show changes, and only then; a Bridge that refuses changes nothing
// else.
#include "client/own_shares.h"

#include <doctest/doctest.h>

#include "support/acting_hosts.h"
#include "support/tree_world.h"

namespace inxt::client {
namespace {

using format::ShareId;
using testing::Machine;

/// A Bridge that keeps the last bundle of each share.
class KeptShares final : public transfer::BridgeShares {
 public:
  net::Awaitable<Result<void>> put(const format::ShareRequest& request) override {
    ++puts;
    if (auto meanwhile = std::exchange(during_put, nullptr)) co_await meanwhile();
    if (refuses) co_return fail(Code::quota, "no room for it");
    bundles[request.share] = std::string(request.bundle);
    co_return Result<void>{};
  }
  net::Awaitable<Result<std::vector<format::ShareInfo>>> list(const std::optional<ShareId>&,
                                                              std::uint32_t) override {
    co_return std::vector<format::ShareInfo>{};
  }
  net::Awaitable<Result<void>> revoke(const ShareId& share) override {
    bundles.erase(share);
    co_return Result<void>{};
  }
  net::Awaitable<Result<std::string>> bundle(const ShareId& share) override { co_return bundles.at(share); }
  net::Awaitable<Result<format::LeaseAnswer>> lease(const ShareId&, const format::LeaseRequest&) override {
    co_return fail(Code::denied, "it leases nothing");
  }

  std::map<ShareId, std::string> bundles;
  unsigned puts = 0;
  bool refuses = false;
  std::function<net::Awaitable<void>()> during_put;  // once
};

struct OwnSharesWorld : testing::TreeWorld {
  OwnSharesWorld() : view(*open(machine)) {}

  SharingWorld sharing() {
    const Network network{
        .service = hosts, .executor = loop.executor(), .workers = workers, .clock = clock, .random = random};
    return {.network = network, .key = key, .bridge = bridge, .bridge_id = {}, .hosts = {}};
  }
  /// Empty files only: they have no manifests.
  void put_empty(const std::string& path) { REQUIRE(put(*view, path, 0).has_value()); }
  format::ShareKeys share(const std::string& what, std::int64_t seconds = 3600) {
    auto made = loop.run(
        make_share(sharing(), *view, ShareWanted{.what = what, .expires_unix_s = clock.unix_s() + seconds}));
    REQUIRE(made.has_value());
    left_out = std::move(made->left_out);
    return std::move(made->keys);
  }
  RefreshReport refresh(std::function<bool()> stopped = {}) {
    bridge.puts = 0;
    return loop.run(refresh_shares(sharing(), *view, view->take_changed_paths(), std::move(stopped)));
  }
  std::string shown(const format::ShareKeys& keys) {
    const auto kept = bridge.bundles.find(keys.id());
    if (kept == bridge.bundles.end()) return "nothing";
    const auto bundle = format::open_bundle(view_of(kept->second), keys, key.uploader().writer_id());
    REQUIRE(bundle.has_value());
    std::string out;
    for (const auto& folder : bundle->folders) out += folder + "/ ";
    for (const auto& file : bundle->files) out += file.path + " ";
    return out;
  }

  /// A machine with a delegated key that puts what it likes.
  void put_delegated(std::vector<format::PutOp> puts) {
    if (!delegated) {
      const auto owner = testing::owner_keys(1);
      const auto keys = owner.uploader(3);
      delegated.emplace(keys::Key::of_uploader(
          owner.id(), owner.recipient(),
          keys::UploaderKeys(3, crypto::Key(keys.uploader_key().first<32>()),
                             *keys::certify_uploader(owner, 3, 1'700'000'000, 1'900'000'000))));
      blind = *open(other, *delegated, view->log());
    }
    std::vector<format::Op> ops(puts.begin(), puts.end());
    REQUIRE(apply(*blind, ops).has_value());
    REQUIRE(loop.run(view->refresh()).has_value());
  }

  Machine machine, other;
  KeptShares bridge;
  LeftOutFiles left_out;
  std::optional<keys::Key> delegated;
  std::unique_ptr<TreeView> blind;
  testing::ActingHosts hosts;
  std::unique_ptr<TreeView> view;
};

TEST_CASE("what lies at, below or above a shared path touches it; a name that only begins alike does not") {
  CHECK(touches("/a", "/a"));
  CHECK(touches("/a", "/a/b/c"));
  CHECK(touches("/a/b", "/a"));
  CHECK(touches("/", "/x"));
  CHECK(touches("/x", "/"));
  CHECK_FALSE(touches("/a", "/ab"));
  CHECK_FALSE(touches("/ab", "/a"));
  CHECK_FALSE(touches("/a/b", "/a/c"));
}

TEST_CASE("a share shows what was changed below it, and others are left alone") {
  OwnSharesWorld world;
  world.put_empty("/photos/1");
  world.put_empty("/other/1");
  const auto photos = world.share("/photos");
  const auto other = world.share("/other");
  (void)world.view->take_changed_paths();

  world.put_empty("/photos/new/2");
  auto report = world.refresh();
  CHECK(report.refreshed == 1);
  CHECK(world.bridge.puts == 1);
  CHECK(world.shown(photos) == "new/ 1 new/2 ");
  CHECK(world.shown(other) == "1 ");

  REQUIRE(
      world.apply(*world.view, {format::RmOp{"/photos/1", false}, format::MkdirOp{"/photos/empty", 0755}}));
  CHECK(world.refresh().refreshed == 1);
  CHECK(world.shown(photos) == "empty/ new/ new/2 ");

  // Moved, with all that is in it: it is shared on, and what is put at its new place shows.
  REQUIRE(world.apply(*world.view, {format::MvOp{"/photos", "/pictures"}}));
  CHECK(world.refresh().refreshed == 1);
  world.put_empty("/pictures/3");
  CHECK(world.refresh().refreshed == 1);
  CHECK(world.shown(photos) == "empty/ new/ 3 new/2 ");

  // Nothing was changed since.
  CHECK(world.view->take_changed_paths().empty());
}

TEST_CASE("the share of what is gone is ended, and so is one whose time is over") {
  OwnSharesWorld world;
  world.put_empty("/a/1");
  world.put_empty("/b/1");
  const auto gone = world.share("/a");
  const auto over = world.share("/b", 10);
  (void)world.view->take_changed_paths();
  REQUIRE(world.apply(*world.view, {format::RmOp{"/a", true}}));
  auto report = world.refresh();
  CHECK(report.ended == 1);
  CHECK(world.shown(gone) == "nothing");
  CHECK(world.shown(over) == "1 ");
  world.clock.advance_ms(11'000);
  world.put_empty("/b/2");
  report = world.refresh();
  CHECK(report.ended == 1);
  CHECK(report.refreshed == 0);
  CHECK(world.shown(over) == "nothing");
  CHECK(world.view->tree().shares().empty());
}

TEST_CASE("what a Bridge refuses, or is given up, is told and stays as it was; asked again, it is done") {
  OwnSharesWorld world;
  world.put_empty("/a/1");
  const auto shared = world.share("/a");
  (void)world.view->take_changed_paths();
  world.bridge.refuses = true;
  world.put_empty("/a/2");
  auto report = world.refresh();
  CHECK(report.failed == 1);
  REQUIRE(report.troubles.size() == 1);
  CHECK(report.troubles.front().find("no room for it") != std::string::npos);
  CHECK(world.shown(shared) == "1 ");
  world.bridge.refuses = false;

  world.put_empty("/a/3");
  unsigned asked = 0;
  report = world.refresh([&asked] { return ++asked > 2; });  // in the middle of its files
  CHECK(report.failed == 1);
  CHECK(world.bridge.puts == 0);
  CHECK(world.shown(shared) == "1 ");

  world.put_empty("/elsewhere");
  CHECK(world.refresh().refreshed == 0);
  report = world.loop.run(refresh_shares(world.sharing(), *world.view, {}));  // all of them
  CHECK(report.refreshed == 1);
  CHECK(world.shown(shared) == "1 2 3 ");
}

TEST_CASE(
    "records that were fetched ahead are asked for once; one that is not what was asked for is not kept") {
  OwnSharesWorld world;
  std::vector<format::RecordId> ids;
  for (unsigned i = 0; i < kRecordsAheadMax; ++i) world.put_empty(fmt::format("/a/{}", i));
  world.view = *world.open(world.machine);  // another session: it knows none
  for (unsigned i = 0; i < kRecordsAheadMax; ++i)
    ids.push_back(world.view->tree().find(fmt::format("/a/{}", i))->version->record);
  unsigned asked = 0;
  const auto other = world.log().records.at(ids[1]);
  world.testing::TreeWorld::bridge.on_record = [&](std::string& line) {
    if (format::record_id(line) == ids[5]) line = other;
    ++asked;
  };
  world.loop.run(world.view->fetch_ahead(ids));
  CHECK(asked == kRecordsAheadMax);
  for (const auto& id : ids) CHECK(world.loop.run(world.view->record(id)).has_value() == (id != ids[5]));
  CHECK(asked == kRecordsAheadMax + 1);
  CHECK(world.loop.run(world.view->record(ids[0])).has_value());  // kept no longer than for one look
  CHECK(asked == kRecordsAheadMax + 2);
}

format::PutOp put_of(std::string path, const tree::Version& version) {
  format::PutOp put;
  put.path = std::move(path);
  put.object = {version.record.bytes};
  put.record = version.record;
  return put;
}

TEST_CASE("what a delegated machine put for nothing keeps no folder from being shared") {
  OwnSharesWorld world;
  world.put_empty("/diary");
  world.put_empty("/a/1");
  // Records that are the owner's, that nobody has, and one of its own.
  const auto diary = *world.view->tree().find("/diary")->version;
  tree::Version none;
  none.record.bytes.fill(std::byte{7});
  world.put_delegated({put_of("/a/in/2", diary), put_of("/a/in/3", none)});
  REQUIRE(world.put(*world.blind, "/a/in/4", 0).has_value());
  REQUIRE(world.loop.run(world.view->refresh()).has_value());
  const auto shared = world.share("/a");
  CHECK(world.shown(shared) == "in/ 1 in/4 ");
  REQUIRE(world.left_out.count == 2);
  CHECK(world.left_out.told[0].path == "in/2");
  CHECK(world.left_out.told[0].error.code == Code::denied);
  CHECK(world.left_out.told[1].path == "in/3");
  CHECK(world.left_out.told[1].error.code == Code::not_found);
  // Made anew, the same.
  (void)world.view->take_changed_paths();
  world.put_empty("/a/5");
  const auto report = world.refresh();
  CHECK(report.refreshed == 1);
  CHECK(report.failed == 0);
  REQUIRE(report.left_out.size() == 1);
  CHECK(report.left_out.begin()->second.count == 2);
  CHECK(world.shown(shared) == "in/ 1 5 in/4 ");
  // By itself, it is an error.
  const auto alone = world.loop.run(make_share(world.sharing(), *world.view, ShareWanted{.what = "/a/in/2"}));
  REQUIRE_FALSE(alone.has_value());
  CHECK(alone.error().code == Code::denied);
}

TEST_CASE("a folder that delegated machines filled past what a share holds is shared without their files") {
  OwnSharesWorld world;
  world.put_empty("/a/b/1");
  REQUIRE(world.apply(*world.view, {format::MkdirOp{"/a/empty", 0755}}));
  // More folders than a share has.
  std::vector<format::PutOp> puts;
  for (std::size_t i = 0; i <= format::kShareFilesMax / 60; ++i) {
    std::string path = fmt::format("/a/{}", i);
    for (int deep = 0; deep < 60; ++deep) path += "/d";
    tree::Version version;
    version.record.bytes.fill(std::byte{7});
    puts.push_back(put_of(path, version));
  }
  world.put_delegated(puts);
  const auto shared = world.share("/a");
  CHECK(world.shown(shared) == "b/ b/1 ");
  CHECK(world.left_out.count == puts.size());
  CHECK(world.left_out.told.size() == kLeftOutToldMax);
}

TEST_CASE("after many changes all shares count as touched: what is remembered of them is bounded") {
  OwnSharesWorld world;
  std::vector<format::Op> ops;
  for (std::size_t i = 0; i <= kChangedPathsMax; ++i)
    ops.emplace_back(format::MkdirOp{fmt::format("/{}", i), 0755});
  REQUIRE(world.apply(*world.view, ops));
  CHECK(world.view->take_changed_paths() == std::vector<std::string>{"/"});
}

TEST_CASE(
    "a change of another machine while a share is published: both show; what that one ended stays ended") {
  OwnSharesWorld world;
  world.put_empty("/a/1");
  const auto shared = world.share("/a");
  (void)world.view->take_changed_paths();
  const auto second = *world.open(world.other);
  const auto change_there = [&](MakeChanges make) -> net::Awaitable<void> {
    const auto done = co_await second->append(std::move(make));
    CHECK(done.has_value());
  };
  const MakeChanges put_there = [&](const tree::Tree& tree) {
    return second->put_at(tree, "/a/theirs", format::whole_object(0, format::InlineManifest{"m\n"}));
  };
  world.bridge.during_put = [&] { return change_there(put_there); };
  world.put_empty("/a/2");
  CHECK(world.refresh().refreshed == 1);
  CHECK(world.bridge.puts == 2);
  CHECK(world.shown(shared) == "1 2 theirs ");

  const MakeChanges end_there = [&](const tree::Tree&) -> Result<Changes> {
    Changes changes;
    changes.ops.emplace_back(format::UnshareOp{shared.id()});
    return changes;
  };
  world.bridge.during_put = [&] { return change_there(end_there); };
  world.put_empty("/a/3");
  (void)world.refresh();
  CHECK(world.bridge.puts == 1);
  CHECK(world.shown(shared) == "nothing");
}

}  // namespace
}  // namespace inxt::client
