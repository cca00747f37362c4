// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/listing.h"

#include <doctest/doctest.h>

#include "net/event_loop.h"
#include "support/inventory_hosts.h"

namespace inxt::client {
namespace {

using proof::Verdict;
using testing::InventoryHosts;
using testing::ServedHost;

struct TestClock final : sys::Clock {
  std::int64_t unix_s() const override { return testing::kAnswerTime; }
  std::int64_t steady_ms() const override { return real.steady_ms(); }
  sys::SystemClock real;
};

HostListing run(InventoryHosts& hosts, const ListedHost& listed,
                std::optional<std::int64_t> put_unix_s = std::nullopt) {
  TestClock clock;
  crypto::SeededRandom random(3);
  net::EventLoop loop;
  net::WorkerPool workers;
  const Network network{hosts, loop.executor(), workers, clock, random};
  const auto shown = loop.run(look_at_head(network, listed.host, nullptr, false));
  return loop.run(check_listing(network, listed, shown, put_unix_s));
}

ListedHost all_of(const ServedHost& served) {
  ListedHost out{.host = {served.host.id(), {"192.0.2.1:1"}}, .pieces = {}};
  for (const auto& [id, piece] : served.host.pieces) out.pieces.push_back({id, piece.contracts[0].blinded()});
  return out;
}

TEST_CASE("an owner sees that its pieces are listed, and what is left out") {
  InventoryHosts hosts;
  auto& served = hosts.add(1, std::vector<std::size_t>(300, 16));  // two requests
  const auto mine = all_of(served);
  const auto good = run(hosts, mine);
  CHECK(good.verdict() == Verdict::passed);
  CHECK(good.pieces == 300);
  CHECK(good.listed == 300);
  REQUIRE(good.head);
  CHECK(good.head->hash == served.host.head.hash);

  // The Host leaves one out, or serves it for another account only.
  const auto gone = served.host.pieces.begin()->first;
  served.host.pieces.erase(gone);
  served.host.make_head(testing::kHeadTime, std::nullopt);
  served.heads = {served.host.head_line};
  const auto bad = run(hosts, mine);
  CHECK(bad.verdict() == Verdict::failed);
  CHECK(bad.listed == 299);
  CHECK(bad.not_listed == 1);
  REQUIRE(bad.failures.size() == 1);
  CHECK(bad.failures[0].piece == gone);
  CHECK(bad.failures[0].listing == Listing::piece_absent);
  // A head that is older than the put cannot have it; a younger one should.
  const auto early = run(hosts, mine, testing::kHeadTime);
  CHECK(early.verdict() == Verdict::unreachable);
  CHECK(early.not_yet == 1);
  CHECK(early.failures.empty());
  CHECK(run(hosts, mine, testing::kHeadTime - 1).verdict() == Verdict::failed);

  auto others = mine;
  others.pieces = {{served.host.pieces.begin()->first, crypto::sha256({})}};
  const auto denied = run(hosts, others);
  CHECK(denied.failures.at(0).listing == Listing::contract_absent);
  // Put twice: one contract is enough.
  others.pieces.push_back(
      {served.host.pieces.begin()->first, served.host.pieces.begin()->second.contracts[0].blinded()});
  const auto twice = run(hosts, others);
  CHECK(twice.pieces == 1);
  CHECK(twice.listed == 1);

  served.silent = true;
  const auto silent = run(hosts, mine);
  CHECK(silent.verdict() == Verdict::unreachable);
  CHECK(silent.unanswered == 300);
  CHECK(silent.reason.contains("no connection"));
}

TEST_CASE("an answer that its Host did not sign for this is none") {
  InventoryHosts hosts;
  auto& served = hosts.add(1, {16, 5000});
  const auto mine = all_of(served);
  // The key that signs answers is another's: the head was signed before.
  served.host.key = testing::key_number(99);
  const auto shown = run(hosts, mine);
  CHECK(shown.verdict() == Verdict::unreachable);
  CHECK(shown.unanswered == 2);
  CHECK(shown.reason.contains("answer-host"));
}

}  // namespace
}  // namespace inxt::client
