// SPDX-License-Identifier: AGPL-3.0-or-later
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/escape.h"
#include "cli/units.h"
#include "put_tool.h"

namespace inxt::put_tool {
namespace {

Result<client::PlacementWanted> wanted_of(const Options& options, std::optional<std::uint64_t> bytes) {
  client::PlacementWanted out;
  out.ciphertext_bytes = bytes;
  out.price_max = options.price_max;
  out.allow = TRY(cli::allowances_of(options.change));
  return out;
}

}  // namespace

Result<std::optional<format::BridgeFile>> bridge_for(const Options& options) {
  if (options.hosts) return std::nullopt;
  auto file = TRY(cli::find_bridge_file(options.bridge));
  if (file && !file->permits)
    return fail(Code::denied, "the bridge file has no permit", "ask the Bridge's operator for one: inxt-bridge grant");
  return file;
}

Result<std::unique_ptr<Destination>> destination_by(cli::World& world, const Options& options, const keys::Key& key,
                                                    const format::BridgeFile& file, std::optional<std::uint64_t> bytes) {
  auto wanted = TRY(wanted_of(options, bytes));
  TRY(format::check_permit_holder(file, key.uploader().account_id(HostId{file.bridge.bridge})));
  auto out = std::make_unique<Destination>(world, key);
  auto& client = out->session.bridge(file, key.uploader());
  out->accounts = std::make_unique<transfer::HttpBridgeAccounts>(client);
  out->placed = std::make_unique<client::PlacedHosts>(*out->accounts, out->session.network().executor, key.uploader(),
                                                      world.clock(), std::move(wanted));
  out->session.set_vouchers([placed = out->placed.get()](const HostId& host) { return placed->voucher_for(host); });
  return out;
}

Result<std::unique_ptr<Destination>> destination_among(cli::World& world, const keys::Key& key,
                                                       std::vector<format::Descriptor> hosts) {
  auto out = std::make_unique<Destination>(world, key);
  out->hosts = std::move(hosts);
  return out;
}

Result<cli::Exit> say_placement(cli::World& world, const Options& options, const format::BridgeFile& file,
                                const std::optional<format::Layout>& layout, std::optional<std::uint64_t> bytes) {
  const auto wanted = TRY(wanted_of(options, bytes));
  const auto key = TRY(world.key(options.key));
  Destination to(world, key);
  transfer::HttpBridgeAccounts accounts(to.session.bridge(file, key.uploader()));
  format::PlacementWish wish;
  world.random().fill(wish.id);
  wish.bytes = bytes.value_or(client::kAnnouncedStepBytes);
  wish.layout = layout;
  wish.price_max = wanted.price_max;
  wish.allow = wanted.allow;
  wish.reserve = false;
  wish.explain = options.explain;
  const auto given = TRY(to.session.run(accounts.place(wish)));
  format::Json plan;
  plan["type"] = "plan";
  plan["k"] = given.layout.k;
  plan["m"] = given.layout.m;
  plan["mirrors"] = given.layout.mirrors;
  plan["shard_bytes"] = given.layout.shard_bytes;
  plan["groups"] = given.groups.size();
  plan["hosts"] = given.hosts.size();
  if (bytes) plan["bytes"] = *bytes;
  plan["stored_bytes"] = given.reserved_bytes;
  auto primary = format::Json::array();
  for (const auto& host : given.groups.front().primary) primary.push_back(host.hex());
  plan["first_group"] = std::move(primary);
  world.say(fmt::format("{}+{}, {} mirrors, {} groups of Hosts, {} Hosts in all with those that stand in; takes {}",
                        given.layout.k, given.layout.m, given.layout.mirrors, given.groups.size(), given.hosts.size(),
                        cli::show_size(given.reserved_bytes)));
  if (options.explain) world.say(cli::escape(given.explanation, true));
  TRY(world.print(format::write_compact(plan)));
  return cli::Exit::ok;
}

}  // namespace inxt::put_tool
