// SPDX-License-Identifier: LGPL-3.0-or-later
#include "bridge/registration_rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "format/token.h"
#include "net/http.h"
#include "net/ip_scope.h"

namespace inxt::bridge {

bool is_reachable_address(std::string_view address, PrivateAddresses private_addresses) {
  const auto parts = net::parse_address(address);
  if (!parts || parts->port == 0) return false;
  const auto scope = net::ip_scope(parts->host);
  if (private_addresses == PrivateAddresses::allow) return !scope || *scope != net::IpScope::special;
  if (!scope)
    return parts->host != "localhost" && !parts->host.ends_with(".localhost") &&
           !parts->host.ends_with(".local");
  return *scope == net::IpScope::global;
}

Result<void> check_registration(const format::Descriptor& descriptor, const crypto::PublicKey& peer,
                                std::int64_t now_unix_s, PrivateAddresses private_addresses) {
  if (descriptor.host.bytes != peer)
    return fail(Code::denied, "line: the descriptor is of another Host than this connection's key",
                "a Host registers itself");
  if (descriptor.expires_unix_s < now_unix_s - format::kClockSkewS)
    return fail(Code::denied, "line: the descriptor has expired",
                "make a new one; is the Host's clock right?");
  if (descriptor.issued_unix_s > now_unix_s + format::kClockSkewS)
    return fail(Code::denied, "line: the descriptor is from the future", "is the Host's clock right?");
  if (descriptor.addresses.empty())
    return fail(Code::usage, "line: the descriptor has no address",
                "start the Host with --announce ADDR:PORT");
  const auto bad = std::ranges::find_if(descriptor.addresses, [&](const std::string& address) {
    return !is_reachable_address(address, private_addresses);
  });
  if (std::ranges::none_of(descriptor.addresses, [&](const std::string& address) {
        return is_reachable_address(address, private_addresses);
      }))
    return fail(Code::usage, fmt::format("line: addresses: nobody outside can reach {}", *bad),
                "start the Host with --announce ADDR:PORT, an address on the internet");
  return {};
}

}  // namespace inxt::bridge
