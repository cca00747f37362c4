// SPDX-License-Identifier: LGPL-3.0-or-later
#include "format/descriptor.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "format/address_list.h"
#include "format/token.h"

namespace inxt::format {
namespace {

constexpr std::string_view kDescriptorType = "inxt-descriptor";

}  // namespace

bool is_address(std::string_view address) {
  const auto colon = address.rfind(':');
  if (colon == address.npos || colon == 0 || address.size() > kHostAddressBytesMax) return false;
  const auto port = address.substr(colon + 1);
  if (port.empty() || port.size() > 5 || port.front() == '0' ||
      !std::ranges::all_of(port, [](char c) { return c >= '0' && c <= '9'; }))
    return false;
  if (std::stoul(std::string(port)) > 65535) return false;
  const auto host = address.substr(0, colon);
  const auto all = [](std::string_view text, char letter_max, std::string_view extra) {
    return !text.empty() && std::ranges::all_of(text, [&](char c) {
      return (c >= '0' && c <= '9') || (c >= 'a' && c <= letter_max) ||
             (c >= 'A' && c <= letter_max - 0x20) || extra.find(c) != extra.npos;
    });
  };
  if (host.front() != '[') return all(host, 'z', ".-");
  return host.back() == ']' && host.find(':') != host.npos && all(host.substr(1, host.size() - 2), 'f', ":.");
}

Result<std::string> sign_descriptor(const Descriptor& descriptor, const crypto::SigningKey& host) {
  Json payload{{"iss", descriptor.host.hex()},
               {"version", 1},
               {"software", descriptor.software},
               {"addresses", descriptor.addresses},
               {"capacity_bytes", descriptor.capacity_bytes},
               {"free_bytes", descriptor.free_bytes},
               {"price", descriptor.price},
               {"term_max_s", descriptor.term_seconds_max},
               {"iat", descriptor.issued_unix_s},
               {"exp", descriptor.expires_unix_s}};
  if (!descriptor.succession.empty()) payload["succession"] = descriptor.succession;
  return sign_token(kDescriptorType, payload, host);
}

Result<Descriptor> open_descriptor(std::string_view token) {
  const auto opened = TRY(open_token(kDescriptorType, token));
  const Fields fields(opened.payload, "descriptor");
  if (TRY(fields.integer("version")) != 1) return fields.bad("version", "not one that this program reads");
  Descriptor out;
  out.host.bytes = opened.issuer;
  out.software = TRY(fields.text("software", 64));
  out.addresses = TRY(read_addresses(fields));
  out.capacity_bytes = TRY(fields.integer("capacity_bytes"));
  out.free_bytes = TRY(fields.integer("free_bytes"));
  out.price = TRY(fields.integer("price"));
  out.term_seconds_max = TRY(fields.integer("term_max_s"));
  out.issued_unix_s = TRY(fields.time("iat"));
  out.expires_unix_s = TRY(fields.time("exp"));
  if (fields.has("succession")) {
    out.succession = TRY(fields.texts("succession", kSuccessionsMax, kSuccessionBytesMax));
    out.former = TRY_IN("descriptor", open_successions(out.succession, out.host));
  }
  return out;
}

std::string hosts_line(const Descriptor& descriptor, std::string_view token) {
  return write_compact({{"type", "host"},
                        {"host", descriptor.host.hex()},
                        {"addresses", descriptor.addresses},
                        {"token", token}}) +
         '\n';
}

Result<Descriptor> open_hosts_line(std::string_view line, const std::string& where) {
  const auto json = TRY_IN(where, parse_object(line));
  const Fields fields(json, where);
  TRY(fields.expect("type", "host"));
  const auto token = TRY(fields.text("token", kTokenBytesMax));
  auto descriptor = TRY_IN(where, open_descriptor(token));
  if (TRY(fields.id<HostId>("host")) != descriptor.host)
    return fields.bad("host", "not the one that signed the token");
  if (TRY(read_addresses(fields)) != descriptor.addresses)
    return fields.bad("addresses", "not those of the signed token");
  return descriptor;
}

Result<std::vector<Descriptor>> read_hosts(std::string_view text) {
  std::vector<Descriptor> hosts;
  std::unordered_map<HostId, std::size_t> index;
  std::size_t number = 0;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const auto line = text.substr(0, end);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    ++number;
    if (line.find_first_not_of(" \t") == line.npos || line.front() == '#') continue;
    auto descriptor = TRY(open_hosts_line(line, fmt::format("hosts line {}", number)));
    if (const auto known = index.find(descriptor.host); known != index.end()) {
      if (descriptor.issued_unix_s > hosts[known->second].issued_unix_s)
        hosts[known->second] = std::move(descriptor);
      continue;
    }
    if (hosts.size() == kHostsMax)
      return fail(Code::integrity, fmt::format("more than {} Hosts (kHostsMax)", kHostsMax));
    index.emplace(descriptor.host, hosts.size());
    hosts.push_back(std::move(descriptor));
  }
  return hosts;
}

}  // namespace inxt::format
