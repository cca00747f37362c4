// SPDX-License-Identifier: LGPL-3.0-or-later
#include "serve/address_choice.h"

#include <algorithm>

#include "format/descriptor.h"
#include "net/http.h"

namespace inxt::serve {

namespace {

bool is_v6(std::string_view ip) {
  return ip.find(':') != ip.npos;
}
bool is_wildcard(std::string_view ip) {
  return ip == "0.0.0.0" || ip == "::";
}

}  // namespace

AddressChoice choose_addresses(const AddressFacts& facts) {
  AddressChoice choice;
  const auto add = [&](const std::string& address) {
    if (std::ranges::find(choice.addresses, address) != choice.addresses.end()) return;
    if (choice.addresses.size() < format::kAddressesMax)
      choice.addresses.push_back(address);
    else
      ++choice.passed_over;
  };
  /// Calls add for each wildcard socket with what it answers on.
  const auto on_all_interfaces = [&](const auto& each) {
    for (const std::string& address : facts.listening)
      if (const auto bound = net::parse_address(address); bound && is_wildcard(bound->host)) each(*bound);
  };

  for (const std::string& address : facts.announce) add(address);
  if (facts.mapped) add(*facts.mapped);
  if (!facts.announce.empty()) return choice;

  for (const std::string& address : facts.listening)
    if (const auto bound = net::parse_address(address); bound && !is_wildcard(bound->host)) add(address);
  on_all_interfaces([&](const net::HostPort& bound) {
    for (const net::InterfaceAddress& interface : facts.interfaces)
      if (interface.scope == net::IpScope::global && !interface.is_passing && (is_v6(bound.host) || !is_v6(interface.ip)))
        add(net::to_address(interface.ip, bound.port));
  });
  if (choice.addresses.empty() && facts.route_ip) {
    on_all_interfaces([&](const net::HostPort& bound) {
      if (is_v6(bound.host) || !is_v6(*facts.route_ip)) add(net::to_address(*facts.route_ip, bound.port));
    });
    choice.is_private = !choice.addresses.empty();
  }
  return choice;
}

std::optional<std::uint16_t> port_to_map(const std::vector<std::string>& listening) {
  for (const std::string& address : listening) {
    const auto bound = net::parse_address(address);
    if (!bound) continue;
    if (is_wildcard(bound->host)) return bound->port;
    if (!is_v6(bound->host) && net::ip_scope(bound->host) != net::IpScope::loopback) return bound->port;
  }
  return std::nullopt;
}

}  // namespace inxt::serve
