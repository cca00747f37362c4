// SPDX-License-Identifier: AGPL-3.0-or-later
// Trees of names of several machines of one owner, over TLS to a Bridge: what they do at once survives, on
// all of them.
#include <algorithm>

#include "client/tree.h"
#include "net/async.h"
#include "support/bridge_world.h"
#include "transfer/http_bridge_log.h"

using namespace inxt;
using namespace inxt::testing;
using client::Changes;
using client::TreeView;
using format::Ability;

namespace {

keys::OwnerKeys owner_keys() {
  ByteArray<32> entropy;
  entropy.fill(std::byte{7});
  return keys::OwnerKeys::from_entropy(entropy);
}

/// One machine: its own connection, permits and folders.
template <class World>
struct Machine {
  Machine(BridgeWorld<World>& bridge_world, std::uint64_t account, std::string permits, const keys::Key& with,
          std::optional<format::LogId> log_id = {})
      : world(bridge_world), asks(world.client(account, std::move(permits))), log(asks) {
    const client::TreeOptions options{.log = log_id,
                                      .state_folder = folder.path() / "state",
                                      .cache_folder = folder.path() / "cache",
                                      .cache = true,
                                      .append_wait_ms_max = 200};
    const client::TreeWorld parts{
        .bridge = log, .workers = *world.workers, .clock = world.clock, .random = random};
    view = world.get(TreeView::open(parts, with, options));
  }

  net::Awaitable<Result<client::AppendReport>> put(std::string path, std::uint64_t bytes) {
    client::MakeChanges make = [this, path, bytes](const tree::Tree& tree) {
      return view->put_at(tree, path,
                          format::whole_object(bytes, format::InlineManifest{"manifest of " + path + "\n"}));
    };
    Result<client::AppendReport> done = co_await view->append(std::move(make));
    co_return done;
  }
  Result<client::AppendReport> apply(format::Op op) {
    return world.run(view->append(
        [op](const tree::Tree&) -> Result<Changes> { return Changes{.ops = {op}, .records = {}}; }));
  }
  /// Puts `count` files of its own, one after the other.
  net::Awaitable<void> put_many(std::string folder_name, int count, int& running) {
    for (int i = 0; i < count; ++i) {
      std::string path = fmt::format("/{}/{}", folder_name, i);
      const auto done = co_await put(std::move(path), 1);
      if (!done) errors.push_back(done.error().what);
    }
    --running;
  }

  BridgeWorld<World>& world;
  ScratchFolder folder;
  crypto::SystemRandom random;
  transfer::BridgeClient asks;
  transfer::HttpBridgeLog log;
  std::unique_ptr<TreeView> view;
  std::vector<std::string> errors;
};

std::string show(const tree::Tree& tree) {
  std::string out;
  tree.walk(tree::Names::kRoot, [&](const tree::Item& item) {
    out += tree.path_of(item.node) + (item.is_folder ? "/ " : fmt::format("={} ", item.version->bytes));
    return true;
  });
  return out;
}

net::Awaitable<bool> wait_for(int& running) {
  while (running > 0) co_await net::sleep_for(std::chrono::milliseconds(2));
  co_return true;
}

}  // namespace

CONTRACT(machines_at_once, "what three machines of one owner change at once is there on all of them") {
  BridgeWorld<World> world;
  const keys::Key key = keys::Key::of_owner(owner_keys());
  const std::string permit = root_permit(1);
  Machine<World> a(world, 1, permit, key), b(world, 1, permit, key), c(world, 1, permit, key);
  constexpr int kEach = 15;
  int running = 3;
  net::spawn(world.loop.executor(), a.put_many("a", kEach, running));
  net::spawn(world.loop.executor(), b.put_many("b", kEach, running));
  net::spawn(world.loop.executor(), c.put_many("c", kEach, running));
  CHECK(world.run(wait_for(running)));
  for (const Machine<World>* machine : {&a, &b, &c})
    for (const std::string& error : machine->errors) FAIL_CHECK(error);
  for (const Machine<World>* machine : {&a, &b, &c}) {
    REQUIRE(world.run(machine->view->refresh()));
    CHECK(show(machine->view->tree()) == show(a.view->tree()));
    CHECK(machine->view->head() == a.view->head());
  }
  const std::string names = show(a.view->tree());
  CHECK(std::count(names.begin(), names.end(), '=') == 3 * kEach);
  CHECK(a.view->head().seq == 3 * kEach);

  // The same file by two who have not seen each other's: both are kept.
  REQUIRE(world.run(a.put("/same", 100)));
  REQUIRE(world.run(b.put("/same", 200)));  // b has not refreshed, but it looks before it signs anew
  REQUIRE(world.run(a.view->refresh()));
  REQUIRE(world.run(b.view->refresh()));
  CHECK(show(a.view->tree()) == show(b.view->tree()));

  // A machine that comes later reads all of it, and each record.
  Machine<World> late(world, 1, permit, key);
  CHECK(show(late.view->tree()) == show(a.view->tree()));
  const auto item = late.view->tree().find("/c/3");
  REQUIRE(item);
  const auto record = world.run(late.view->record(item->version->record));
  REQUIRE(record);
  CHECK(std::get<format::InlineManifest>(record->manifests.front()).lines == "manifest of /c/3\n");
}

CONTRACT(delegates, "a delegated machine puts by its permit and no more, and the owner reads it") {
  BridgeWorld<World> world;
  const auto owner = owner_keys();
  const keys::Key key = keys::Key::of_owner(owner_keys());
  const std::string root = root_permit(1);
  Machine<World> mine(world, 1, root, key);
  REQUIRE(mine.apply(format::MkdirOp{.path = "/mine", .mode = 0755}));

  const auto uploader = owner.uploader(3);
  const auto certificate = *keys::certify_uploader(owner, 3, kNow - 100, kNow + 1'000'000);
  const keys::Key delegated = keys::Key::of_uploader(
      owner.id(), owner.recipient(),
      keys::UploaderKeys(3, crypto::Key(uploader.uploader_key().first<32>()), certificate));
  const PermitTerms uploads{.can = {Ability::create, Ability::list, Ability::audit}};
  Machine<World> machine(world, 3, handed_on(root, 1, 3, uploads), delegated, mine.view->log());
  REQUIRE(world.run(machine.put("/in/y", 2)));
  const auto denied = machine.apply(format::MkdirOp{.path = "/theirs", .mode = 0755});
  REQUIRE(!denied);
  CHECK(denied.error().code == Code::denied);
  REQUIRE(world.run(mine.view->refresh()));
  CHECK(show(mine.view->tree()) == "/in/ /in/y=2 /mine/ ");

  // Its permit is taken back: from then on it does nothing more.
  const auto revoked = world.database->write([&](database::Transaction& transaction) {
    return revoke_permit(transaction, crypto::SeededRandom(4000 + 3).bytes<16>(), key_number(1).public_key(),
                         AccountId{key_number(1).public_key()}, kNow);
  });
  REQUIRE(revoked);
  const auto late = world.run(machine.put("/in/z", 2));
  REQUIRE(!late);
  check_error(late.error(), Code::denied, "revoked");
}

CONTRACT(over_quota, "over the quota nothing is stored, and the tree stays what it was") {
  BridgeWorld<World> world;
  const keys::Key key = keys::Key::of_owner(owner_keys());
  Machine<World> machine(world, 1, root_permit(1, {.quota_bytes = 4000}), key);
  REQUIRE(world.run(machine.put("/a", 1)));
  const auto before = machine.view->head();
  Result<client::AppendReport> full;
  for (int i = 0; i < 5 && (full = world.run(machine.put(fmt::format("/b{}", i), 1))); ++i) {
  }
  REQUIRE(!full);
  CHECK(full.error().code == Code::quota);
  const auto after = machine.view->head();
  REQUIRE(world.run(machine.view->refresh()));
  CHECK(machine.view->head() == after);
  CHECK(after.seq >= before.seq);
  Machine<World> other(world, 1, root_permit(1), key);
  CHECK(other.view->head() == after);
  REQUIRE(world.run(other.put("/c", 1)));  // with a larger permit it goes on
}
