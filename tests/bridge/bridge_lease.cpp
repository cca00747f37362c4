// SPDX-License-Identifier: AGPL-3.0-or-later
#include "bridge/bridge_lease.h"

#include "format/lease.h"
#include "support/bridge_world.h"
#include "transfer/http_bridge_shares.h"

namespace inxt::testing {

std::string lease_from_bridge(const LeaseOrder& order) {
  BridgeWorld<SqliteWorld> world;
  format::LeasingCapability capability;
  capability.account = AccountId{order.account.public_key()};
  capability.host = order.host;
  capability.bridge = world.key.public_key();
  capability.issued_unix_s = kNow;
  capability.expires_unix_s = kNow + 86400;
  const auto token = format::sign_leasing_capability(capability, order.account);
  REQUIRE(token);
  const format::ShareRequest share{.share = id_number<format::ShareId>(1),
                                   .client = order.reader.public_key(),
                                   .expires_unix_s = kNow + 3600,
                                   .object = std::nullopt,
                                   .places = {{.host = order.host,
                                               .account = capability.account,
                                               .capability = *token,
                                               .pieces = {order.piece}}},
                                   .bundle = "sealed"};
  auto owner = world.owner(1);
  transfer::HttpBridgeShares owners(owner);
  const auto put = world.run(owners.put(share));
  REQUIRE(put);

  transfer::BridgePeer peer{.id = world.key.public_key(), .addresses = {world.address}};
  transfer::BridgeClient reader(*world.http, world.random, std::move(peer), order.reader.clone(), "");
  transfer::HttpBridgeShares readers(reader);
  const format::LeaseRequest wanted{
      .host = order.host, .account = capability.account, .pieces = {order.piece}};
  const auto lease = world.get(readers.lease(share.share, wanted));
  return lease.capability + "~" + lease.lease;
}

}  // namespace inxt::testing
