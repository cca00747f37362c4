// SPDX-License-Identifier: AGPL-3.0-or-later
// renew_contracts() against Hosts that do what they are told: what is renewed, left alone, refused, and not
// believed.
#include "client/renew.h"

#include <doctest/doctest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <map>

#include "client/data_batches.h"
#include "client/put.h"
#include "format/renewal.h"
#include "net/event_loop.h"
#include "support/storing_hosts.h"
#include "support/streams.h"
#include "sys/files.h"

namespace inxt::client {
namespace {

using testing::StoringHost;
using testing::StoringHosts;

constexpr std::int64_t kNow = 1'800'000'000;
constexpr std::int64_t kDay = 86400;

/// A file in six pieces, each at a Host of its own, under contracts of 100 days.
struct RenewWorld {
  RenewWorld() {
    crypto::start();
    for (unsigned i = 0; i < 6; ++i) hosts.add(i + 1);
    format::Layout layout{.k = 4, .m = 2, .mirrors = 1, .shard_bytes = 4096};
    random.fill(layout.seal_key);
    auto head = *begin_manifest(key, {}, {}, {}, random);
    const auto source = *DataBatches::make(std::move(head), layout,
                                           std::make_unique<test::MemorySource>(test::random_bytes(10'000)));
    PutCallbacks callbacks;
    callbacks.write = [&](std::string_view lines) -> Result<void> {
      manifest += lines;
      return {};
    };
    PutOptions put_options;
    put_options.term_s = 100 * kDay;
    const auto put = loop.run(
        client::put(network(), key, hosts.descriptors(), *source, put_options, std::move(callbacks)));
    REQUIRE(put.has_value());
    REQUIRE(put->placed == 6);
  }
  Network network() { return {hosts, loop.executor(), workers, clock, random}; }

  ManifestTable table() const {
    const sys::Fd file(memfd_create("manifest", MFD_CLOEXEC));
    REQUIRE(sys::write_all(file.number(), view_of(manifest), "manifest"));
    lseek(file.number(), 0, SEEK_SET);
    LineReader lines(file.number(), "manifest");
    auto read = ManifestTable::read(lines, "manifest", format::any_writer());
    if (!read) FAIL(read.error().what);
    return *std::move(read);
  }

  RenewReport renew() {
    const auto manifest_table = table();
    troubles.clear();
    receipts.clear();
    RenewCallbacks callbacks;
    callbacks.on_trouble = [&](const RenewTrouble& trouble) { troubles.push_back(trouble); };
    callbacks.on_renewed = [&](const transfer::HeldRenewal& renewal) { receipts.push_back(renewal); };
    callbacks.stopped = [&] { return stopped; };
    return *loop.run(renew_contracts(network(), manifest_table, *key.recipient_secret(), key.uploader(),
                                     format::KnownHosts(known), options, std::move(callbacks)));
  }
  unsigned renewed_by_hosts() {
    unsigned count = 0;
    for (const auto& host : hosts.all()) count += host->renewed;
    return count;
  }
  StoringHost::Held& held(unsigned host) { return hosts[host].pieces.begin()->second; }

  keys::Key key = keys::Key::of_owner(keys::OwnerKeys::from_entropy(Bytes(32, std::byte{1})));
  sys::ManualClock clock{kNow};
  crypto::SeededRandom random{5};
  net::EventLoop loop;
  net::WorkerPool workers;
  StoringHosts hosts{key.uploader()};
  std::string manifest;
  std::vector<format::Descriptor> known;  // from a hosts file
  RenewOptions options;
  std::vector<RenewTrouble> troubles;
  std::vector<transfer::HeldRenewal> receipts;
  bool stopped = false;
};

TEST_CASE("all contracts of a file are renewed, and not again a minute later") {
  RenewWorld world;
  const auto first = world.renew();
  CHECK(first.renewed == 6);
  CHECK(first.failed == 0);
  CHECK(first.until_unix_s == kNow + 365 * kDay);
  CHECK(world.renewed_by_hosts() == 6);
  REQUIRE(world.receipts.size() == 6);
  for (const auto& receipt : world.receipts)
    CHECK(format::open_renewal_acceptance(receipt.acceptance)->renewal ==
          format::renewal_hash(receipt.renewal));

  world.clock.advance_ms(60'000);
  const auto again = world.renew();
  CHECK(again.kept == 6);
  CHECK(again.renewed == 0);
  CHECK(again.until_unix_s == kNow + 365 * kDay);

  world.clock.advance_ms(30 * kDay * 1000);
  CHECK(world.renew().renewed == 6);  // from where the renewal before ended
  CHECK(world.renewed_by_hosts() == 12);
}

TEST_CASE("only what ends sooner than was asked for is renewed") {
  RenewWorld world;
  world.options.if_less_s = 30 * kDay;
  const auto kept = world.renew();
  CHECK(kept.kept == 6);
  CHECK(kept.until_unix_s == kNow + 100 * kDay);
  world.clock.advance_ms(71 * kDay * 1000);
  CHECK(world.renew().renewed == 6);
}

TEST_CASE("a dry run renews nothing, and says what would be") {
  RenewWorld world;
  world.options.dry_run = true;
  const auto report = world.renew();
  CHECK(report.renewed == 6);
  CHECK(report.until_unix_s == kNow + 365 * kDay);
  CHECK(world.renewed_by_hosts() == 0);
  CHECK(world.receipts.empty());
}

TEST_CASE("a descriptor says what its Host takes") {
  RenewWorld world;
  world.known = world.hosts.descriptors();
  world.known[0].term_seconds_max = 200 * kDay;
  world.known[1].price = world.hosts[1].price = 7;
  auto report = world.renew();
  CHECK(report.renewed == 5);
  CHECK(report.until_unix_s == kNow + 200 * kDay);
  REQUIRE(world.troubles.size() == 1);
  CHECK(world.troubles[0].host == world.hosts[1].id());
  CHECK(world.troubles[0].error.code == Code::denied);
  CHECK(world.troubles[0].until_unix_s == kNow + 100 * kDay);
  world.options.price_max = 10;
  CHECK(world.renew().renewed == 1);
  CHECK(format::open_renewal(world.held(1).renewal->renewal, std::nullopt)->price == 7);
}

TEST_CASE("what one Host does is told of that Host, and the others are renewed") {
  RenewWorld world;
  world.hosts[0].mood = StoringHost::Mood::lost;
  world.hosts[1].mood = StoringHost::Mood::refuses;
  world.hosts[2].failures_left = 2;      // and answers then
  world.hosts[3].failures_left = 1'000;  // never
  const auto report = world.renew();
  CHECK(report.renewed == 3);
  CHECK(report.failed == 3);
  REQUIRE(world.troubles.size() == 3);
  std::map<HostId, Code> codes;
  for (const auto& trouble : world.troubles) codes[trouble.host] = trouble.error.code;
  CHECK(codes.at(world.hosts[0].id()) == Code::not_found);
  CHECK(codes.at(world.hosts[1].id()) == Code::denied);
  CHECK(codes.at(world.hosts[3].id()) == Code::try_again);
}

TEST_CASE("a Host that signs for less, or shows another's contract, is not believed") {
  RenewWorld world;
  world.hosts[0].renewals_end_sooner_by_s = 1;
  world.held(1).offer = world.held(2).offer;
  world.held(3).receipt = world.held(4).receipt;
  const auto report = world.renew();
  CHECK(report.renewed == 3);
  CHECK(report.worst == Code::integrity);
  CHECK(world.troubles.size() == 3);
  for (const auto& trouble : world.troubles) CHECK(trouble.error.code == Code::integrity);
  CHECK(world.hosts[1].renewed == 0);
}

TEST_CASE("a contract that somebody else renewed meanwhile is looked at again") {
  RenewWorld world;
  auto& host = world.hosts[0];
  int asked = 0;
  // Between this client's first question and its renewal the term moves by a day.
  host.on_asked = [&] {
    if (++asked != 2) return;
    auto& held = world.held(0);
    const auto offer = *format::open_offer(held.offer, std::nullopt);
    const auto opened = *format::open_tag(*world.key.recipient_secret(), offer.tag, offer.piece);
    const auto control = crypto::SigningKey::from_seed(opened.tag.control_seed.view());
    const format::Renewal renewal{.control = control.public_key(),
                                  .host = offer.host,
                                  .contract = format::contract_hash(held.acceptance),
                                  .piece = offer.piece,
                                  .account = offer.account,
                                  .from_unix_s = held.until_unix_s,
                                  .until_unix_s = held.until_unix_s + kDay,
                                  .price = 0,
                                  .issued_unix_s = kNow,
                                  .expires_unix_s = kNow + 60};
    const auto token = *format::sign_renewal(renewal, control);
    const format::RenewalAcceptance acceptance{.host = offer.host,
                                               .renewal = format::renewal_hash(token),
                                               .account = offer.account,
                                               .piece = offer.piece,
                                               .size = offer.size,
                                               .until_unix_s = renewal.until_unix_s,
                                               .price = 0,
                                               .issued_unix_s = kNow};
    held.until_unix_s = renewal.until_unix_s;
    held.renewal = transfer::HeldRenewal{
        .renewal = token, .acceptance = *format::sign_renewal_acceptance(acceptance, host.key)};
  };
  const auto report = world.renew();
  CHECK(report.renewed == 6);
  CHECK(asked == 4);
  CHECK(format::open_renewal(world.held(0).renewal->renewal, std::nullopt)->from_unix_s == kNow + 101 * kDay);
}

TEST_CASE("what was stopped counts as not renewed") {
  RenewWorld world;
  world.stopped = true;
  const auto report = world.renew();
  CHECK(report.stopped);
  CHECK(report.failed == 6);
  CHECK(world.renewed_by_hosts() == 0);
}

}  // namespace
}  // namespace inxt::client
