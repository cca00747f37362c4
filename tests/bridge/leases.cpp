// SPDX-License-Identifier: AGPL-3.0-or-later
// What a Bridge leases a Host serves: to that reader, that piece, until the lease ends.
#include "bridge/bridge_lease.h"
#include "support/host_world.h"

using namespace inxt;
using namespace inxt::testing;

TEST_CASE("a reader of a share gets its pieces from the Host with a lease by the Bridge") {
  HostWorld world;
  const Bytes body = noise(50'000, 1), other = noise(5000, 2);
  REQUIRE(world.put(body).status == 201);
  REQUIRE(world.put(other).status == 201);
  const PieceId piece = proof::piece_id_of(body);
  const Peer reader(77), thief(78);
  const std::string lease = lease_from_bridge({.host = HostId{world.host_key.public_key()},
                                               .account = world.peer.key,
                                               .piece = piece,
                                               .reader = reader.key});
  const auto get = [&](const PieceId& id, const Peer& as, const std::string& header) {
    std::vector<net::Header> headers;
    headers.emplace_back("Inxt-Capability", header);
    return world.ask(Method::get, HostWorld::path(id), &as.tls, std::move(headers));
  };
  const auto served = get(piece, reader, lease);
  CHECK(served.status == 200);
  CHECK(served.body == body);
  check_refusal(get(piece, thief, lease), 403, "denied");
  check_refusal(get(proof::piece_id_of(other), reader, lease), 403, "denied");
  check_refusal(get(piece, reader, lease.substr(0, lease.find('~'))), 403,
                "integrity");  // the capability alone
  check_refusal(world.ask(Method::get, HostWorld::path(piece), &reader.tls), 403, "denied");
  world.clock.advance_ms((3600 + 3600 + 1) * 1000);  // the lease, and what clocks may differ
  check_refusal(get(piece, reader, lease), 403, "denied");
}
