// SPDX-License-Identifier: AGPL-3.0-or-later
// inxt-hosts: which Hosts a Bridge knows.  Manual: inxt-hosts(1).
#include <fmt/format.h>

#include "cli/escape.h"
#include "cli/run.h"
#include "client/round_trips.h"
#include "client/session.h"
#include "hosts_tool.h"
#include "transfer/bridge_hosts.h"

namespace inxt::hosts_tool {
namespace {

/// A key that nobody has seen before: Hosts that are only measured learn nothing.
transfer::AccountFor stranger(crypto::Random& random) {
  return [&random](const HostId&) { return crypto::SigningKey::from_seed(random.bytes<32>()); };
}

/// All that the Bridge lists and that pass before anything is measured from here.
net::Awaitable<Result<std::vector<format::ListedHost>>> ask(transfer::BridgeHosts& bridge,
                                                            const Options& options,
                                                            const std::function<bool()>& stopped,
                                                            std::size_t& seen) {
  client::HostFilter filter = options.filter;
  if (options.measure) filter.rtt_us_max.reset();
  std::vector<format::ListedHost> out;
  transfer::HostsQuery query;
  query.all = options.all;
  // In the order of the list nothing behind the last one that is wanted is asked for.
  const bool is_enough_early = options.limit && options.order == client::HostOrder::id && !options.measure;
  for (;;) {
    Result<std::vector<format::ListedHost>> page = co_await bridge.list(query);
    if (!page) co_return std::unexpected(std::move(page).error());
    if (page->empty()) co_return out;
    query.after = page->back().descriptor.host;
    seen += page->size();
    if (seen > format::kHostsMax)
      co_return fail(Code::integrity,
                     fmt::format("the Bridge lists more than {} Hosts (kHostsMax)", format::kHostsMax));
    for (format::ListedHost& host : *page)
      if (client::passes(host, filter)) out.push_back(std::move(host));
    if (is_enough_early && out.size() >= *options.limit) co_return out;
    if (stopped()) co_return fail(Code::failure, "stopped");
  }
}

Result<cli::Exit> list(cli::World& world, const Options& options) {
  const auto file = TRY(cli::need_bridge_file(options.bridge));
  const auto key = TRY(world.key(options.key));
  const HostId bridge_id{file.bridge.bridge};
  const auto account = key.uploader().account(bridge_id);
  TRY(format::check_permit_holder(file, AccountId{account.public_key()}));

  client::Session session(stranger(world.random()), world.clock(), world.random());
  transfer::BridgeClient client(session.http(), world.random(),
                                {.id = file.bridge.bridge, .addresses = file.bridge.addresses},
                                account.clone(), file.permits_text());
  transfer::HttpBridgeHosts bridge(client);
  const auto stopped = [&world] { return world.stop().requested(); };
  std::size_t seen = 0;
  auto hosts = TRY(session.run(ask(bridge, options, stopped, seen)));
  if (options.measure) {
    const auto measured =
        session.run(client::measure_round_trips(session.network(), hosts, options.jobs, stopped));
    world.detail(fmt::format("{} of {} Hosts answered from here", measured, hosts.size()));
    std::erase_if(hosts, [&](const auto& host) {
      return !host.measured.rtt_us || !client::passes(host, options.filter);
    });
  }
  client::sort_hosts(hosts, options.order);
  if (options.limit && hosts.size() > *options.limit) hosts.resize(*options.limit);
  if (hosts.empty()) world.say(fmt::format("none of {} Hosts fits", seen));
  if (options.table) return print_table(world, hosts);
  for (const auto& host : hosts) {
    std::string line = format::write_listed_host(host);
    line.pop_back();
    TRY(world.print(line));
  }
  return cli::Exit::ok;
}

}  // namespace
}  // namespace inxt::hosts_tool

int main(int argc, char** argv) {
  return inxt::cli::run<inxt::hosts_tool::Options>(argc, argv,
                                                   {"inxt-hosts", "list the Hosts that a Bridge knows",
                                                    "examples:\n"
                                                    "  inxt-hosts --min-uptime 99% --region eu --max-rtt "
                                                    "50ms --sort rtt | inxt-put --hosts - -m 3 photos.tar\n"
                                                    "  inxt-hosts --measure --sort rtt --limit 20 --table"},
                                                   inxt::hosts_tool::declare, inxt::hosts_tool::list);
}
