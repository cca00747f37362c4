// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/placement_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "net/http.h"
#include "net/ip_scope.h"

namespace inxt::client {
namespace {

using Networks = std::set<std::string>;

std::unexpected<Error> false_placement(std::string what, std::string hint = {}) {
  if (hint.empty()) hint = "nothing was stored; ask the Bridge's operator, or use another Bridge";
  return fail(Code::integrity, "the Bridge's placement: " + std::move(what), std::move(hint));
}

std::string short_name(const HostId& host) {
  return host.hex().substr(0, 8);
}

/// Of the addresses that are numbers; names are not looked up.
Networks networks_of(const format::Descriptor& host) {
  Networks out;
  for (const auto& address : host.addresses)
    if (const auto parsed = net::parse_address(address); parsed && net::ip_scope(parsed->host))
      out.insert(net::neighbourhood_of(parsed->host));
  return out;
}

Result<void> check_layout_chosen(const format::Layout& layout) {
  if (layout.m == 0 && layout.mirrors == 1)
    return false_placement("with its layout the file is lost with any one Host",
                           "say -e K+M or -m N to choose one yourself");
  if (layout.pieces_per_segment() > kPlacedExpansionMax * layout.k)
    return false_placement(fmt::format("{}+{} with {} mirrors takes more than {} times the file "
                                       "(kPlacedExpansionMax)",
                                       layout.k, layout.m, layout.mirrors, kPlacedExpansionMax),
                           "say -e K+M or -m N to choose one yourself");
  if (layout.shard_bytes < kPlacedShardBytesMin)
    return false_placement(fmt::format("shards of {} bytes are less than {} (kPlacedShardBytesMin)",
                                       layout.shard_bytes, kPlacedShardBytesMin),
                           "say -e K+M or -m N to choose one yourself");
  return {};
}

/// Two that announce the same networks.  One that announces more may have been reached elsewhere.
Result<void> check_networks(const std::vector<HostId>& hosts, const std::map<HostId, Networks>& networks) {
  std::map<Networks, HostId> first;
  for (const auto& host : hosts) {
    const auto& own = networks.at(host);
    if (own.empty()) continue;
    const auto [other, is_new] = first.emplace(own, host);
    if (!is_new)
      return false_placement(fmt::format("Hosts {} and {} are both in {}", short_name(other->second),
                                         short_name(host), *own.begin()),
                             "--allow-same network lets pieces of one segment lie there together");
  }
  return {};
}

}  // namespace

Result<std::vector<format::Descriptor>> check_placement(const format::PlacementWish& wish,
                                                        const format::PlacementGiven& given,
                                                        const crypto::PublicKey& bridge) {
  if (!wish.layout) TRY(check_layout_chosen(given.layout));
  std::vector<format::Descriptor> out;
  std::map<HostId, Networks> networks;
  for (const auto& line : given.hosts) {
    auto host = TRY(format::open_hosts_line(line, "the Bridge's placement"));
    if (!networks.emplace(host.host, networks_of(host)).second)
      return false_placement(fmt::format("Host {} is described twice", short_name(host.host)));
    if (host.host.bytes == bridge) return false_placement("the Bridge names itself as a Host");
    if (host.price > wish.price_max)
      return false_placement(fmt::format("Host {} asks for {}, more than the {} of --price",
                                         short_name(host.host), host.price, wish.price_max));
    out.push_back(std::move(host));
  }
  const auto segments = given.layout.segments(wish.bytes);
  if (given.groups.size() < std::min<std::uint64_t>(wish.groups_min, segments))
    return false_placement(
        fmt::format("{} groups of Hosts, and {} were asked for", given.groups.size(), wish.groups_min));
  for (const auto& group : given.groups) {
    std::set<HostId> seen;
    for (const auto* hosts : {&group.primary, &group.secondary})
      for (const auto& host : *hosts) {
        if (!networks.contains(host))
          return false_placement(fmt::format("it does not say where Host {} is", short_name(host)));
        if (!seen.insert(host).second)
          return false_placement(fmt::format("Host {} stands twice in one group", short_name(host)));
        if (std::ranges::find(wish.excluded, host) != wish.excluded.end())
          return false_placement(fmt::format("Host {} was not wanted", short_name(host)));
      }
    if (!wish.allow.same_network) TRY(check_networks(group.primary, networks));
  }
  return out;
}

}  // namespace inxt::client
