// SPDX-License-Identifier: AGPL-3.0-or-later
#include "cli/escape.h"
#include "client/tree_change.h"
#include "share_tool.h"

namespace inxt::share_tool {

Result<std::unique_ptr<Owner>> open_owner(cli::World& world, const Options& options) {
  auto file = TRY(cli::need_bridge_file(options.bridge));
  const auto hosts = TRY(client::read_hosts_file(options.hosts, world.stop().fd()));
  auto key = TRY(world.key(options.key));
  if (!key.is_owner())
    return fail(Code::denied, "this key file is a delegated machine's: it shares nothing",
                "use the owner's key file");
  auto out = std::make_unique<Owner>(std::move(key), std::move(file));
  out->hosts = client::addresses_of(hosts);
  out->tree = TRY(client::TreeSession::open(out->file, out->key, world.clock(), world.random()));
  out->shares = std::make_unique<transfer::HttpBridgeShares>(out->tree->client());
  return out;
}

Result<void> store_log(cli::World& world, Owner& owner) {
  for (const auto& trouble : TRY(client::store_log_of(*owner.tree))) world.warn(cli::escape(trouble));
  return {};
}

}  // namespace inxt::share_tool
