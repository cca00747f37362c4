// SPDX-License-Identifier: AGPL-3.0-or-later
// repair() of a manifest whose writer's certificate has ended, against Hosts that do what they are told.
#include "client/repair.h"

#include <doctest/doctest.h>

#include "client/data_batches.h"
#include "client/put.h"
#include "net/event_loop.h"
#include "support/storing_hosts.h"
#include "support/streams.h"

namespace inxt::client {
namespace {

using testing::StoringHosts;

constexpr std::int64_t kNow = 1'800'000'000;
const keys::Key kOwner = keys::Key::of_owner(keys::OwnerKeys::from_entropy(Bytes(32, std::byte{1})));

/// A delegated machine whose certificate was valid for an hour, long ago.
keys::Key expired_uploader() {
  auto certificate = keys::certify_uploader(*kOwner.owner(), 3, 1000, 4600);
  const auto plain = kOwner.owner()->uploader(3);
  return keys::Key::of_uploader(
      kOwner.owner_id(), kOwner.recipient(),
      keys::UploaderKeys(3, crypto::Key(plain.uploader_key().first<32>()), *std::move(certificate)));
}

/// Its file in 4+2 pieces at six Hosts, and two Hosts more.
struct RepairWorld {
  RepairWorld() {
    crypto::start();
    for (unsigned i = 0; i < 8; ++i) hosts.add(i + 1);
    format::Layout layout{.k = 4, .m = 2, .mirrors = 1, .shard_bytes = 4096};
    random.fill(layout.seal_key);
    auto head = *begin_manifest(writer, {}, {}, {}, random);
    const auto source = *DataBatches::make(std::move(head), layout,
                                           std::make_unique<test::MemorySource>(test::random_bytes(10'000)));
    PutCallbacks callbacks;
    callbacks.write = [&](std::string_view lines) { return text.write(lines); };
    auto first = hosts.descriptors();
    first.resize(6);
    const auto put =
        loop.run(client::put(network(), writer, first, *source, PutOptions(), std::move(callbacks)));
    REQUIRE((put && put->placed == 6));
  }
  Network network() { return {hosts, loop.executor(), workers, clock, random}; }

  Result<RepairReport> repair_as(const keys::Key& key, std::string& places) {
    const auto manifest =
        TRY(text.table("manifest", writers_to_repair_for(key), ManifestTable::Seal::required));
    const transfer::Repairer repairer{.uploader = writer.uploader(), .owner = key.recipient()};
    ListedRepairHosts listed(hosts.descriptors(), 0);
    RepairCallbacks callbacks;
    callbacks.on_place = [&](const format::PlaceLine& place, const transfer::StoredPiece&) -> Result<void> {
      places += format::write_line(place);
      return {};
    };
    return loop.run(client::repair(network(), repairer, manifest, text, {}, listed, RepairOptions(),
                                   std::move(callbacks)));
  }

  keys::Key writer = expired_uploader();
  sys::ManualClock clock{kNow};
  crypto::SeededRandom random{5};
  net::EventLoop loop;
  net::WorkerPool workers;
  StoringHosts hosts{writer.uploader()};
  ManifestText text;
};

TEST_CASE("a certificate that has ended stops no repair of what it stood for") {
  RepairWorld world;
  const auto strict = format::accept_only(keys::known_writers(kOwner, kNow));
  REQUIRE(
      world.text.table("manifest", strict, ManifestTable::Seal::required));  // its owner derives the writer
  auto by_certificate = keys::known_writers(kOwner, kNow);
  by_certificate.own = {};
  CHECK(world.text.table("manifest", format::accept_only(by_certificate), ManifestTable::Seal::required)
            .error()
            .code == Code::denied);

  world.hosts[0].pieces.clear();
  world.hosts[1].pieces.clear();
  for (const keys::Key* key : {&kOwner, static_cast<const keys::Key*>(&world.writer)}) {
    std::string places;
    const auto report = world.repair_as(*key, places);
    REQUIRE(report.has_value());
    CHECK((report->lost == 2 && report->repaired == 1 && report->least_margin == 0));
    CHECK(std::ranges::count(places, '\n') == 2);
    // The second finds what the first has stored.
    CHECK(report->stored == (key == &kOwner ? 2U : 0U));
    CHECK(report->found == (key == &kOwner ? 0U : 2U));
  }
}

TEST_CASE("a manifest of another owner is not repaired with an owner's key") {
  RepairWorld world;
  const keys::Key other = keys::Key::of_owner(keys::OwnerKeys::from_entropy(Bytes(32, std::byte{2})));
  std::string places;
  CHECK(world.repair_as(other, places).error().code == Code::denied);
}

TEST_CASE("pieces at a Host that has no time are not remade") {
  RepairWorld world;
  world.hosts[0].pieces.clear();
  world.hosts[0].failures_left = 1'000'000;
  world.hosts[0].answers_health = true;
  RepairOptions options;
  options.busy_ms = 0;
  options.dry_run = true;
  const auto manifest = *world.text.table("manifest", format::any_writer(), ManifestTable::Seal::required);
  const transfer::Repairer repairer{.uploader = world.writer.uploader(), .owner = kOwner.recipient()};
  ListedRepairHosts listed(world.hosts.descriptors(), 0);
  const auto report = world.loop.run(client::repair(world.network(), repairer, manifest, world.text, {},
                                                    listed, options, RepairCallbacks()));
  REQUIRE(report.has_value());
  CHECK((report->busy == 1 && report->held == 5 && report->due == 0));
}

}  // namespace
}  // namespace inxt::client
