// SPDX-License-Identifier: LGPL-3.0-or-later
#include "format/bridge_descriptor.h"

#include <nlohmann/json.hpp>

#include "format/address_list.h"
#include "format/token.h"

namespace inxt::format {
namespace {

constexpr std::string_view kBridgeType = "inxt-bridge";

}  // namespace

Result<std::string> sign_bridge_descriptor(const BridgeDescriptor& descriptor,
                                           const crypto::SigningKey& bridge) {
  const Json payload{{"iss", to_hex(descriptor.bridge)}, {"version", 1},
                     {"software", descriptor.software},  {"addresses", descriptor.addresses},
                     {"iat", descriptor.issued_unix_s},  {"exp", descriptor.expires_unix_s}};
  return sign_token(kBridgeType, payload, bridge);
}

Result<BridgeDescriptor> open_bridge_descriptor(std::string_view token) {
  const auto opened = TRY(open_token(kBridgeType, token));
  const Fields fields(opened.payload, "Bridge's descriptor");
  if (TRY(fields.integer("version")) != 1) return fields.bad("version", "not one that this program reads");
  BridgeDescriptor out;
  out.bridge = opened.issuer;
  out.software = TRY(fields.text("software", 64));
  out.addresses = TRY(read_addresses(fields));
  out.issued_unix_s = TRY(fields.time("iat"));
  out.expires_unix_s = TRY(fields.time("exp"));
  return out;
}

std::string bridge_line(const BridgeDescriptor& descriptor, std::string_view token) {
  return write_compact({{"type", "bridge"},
                        {"bridge", to_hex(descriptor.bridge)},
                        {"addresses", descriptor.addresses},
                        {"token", token}}) +
         '\n';
}

Result<BridgeDescriptor> open_bridge_line(std::string_view line, const std::string& where) {
  const auto json = TRY_IN(where, parse_object(line));
  const Fields fields(json, where);
  TRY(fields.expect("type", "bridge"));
  const auto token = TRY(fields.text("token", kTokenBytesMax));
  auto descriptor = TRY_IN(where, open_bridge_descriptor(token));
  if (TRY(fields.id<HostId>("bridge")).bytes != descriptor.bridge)
    return fields.bad("bridge", "not the one that signed the token");
  if (TRY(read_addresses(fields)) != descriptor.addresses)
    return fields.bad("addresses", "not those of the signed token");
  return descriptor;
}

}  // namespace inxt::format
