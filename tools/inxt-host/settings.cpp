// SPDX-License-Identifier: AGPL-3.0-or-later
#include "settings.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/escape.h"
#include "format/bridge_descriptor.h"
#include "format/descriptor.h"
#include "sys/files.h"

namespace inxt::tools {

namespace {

constexpr std::size_t kBridgeFileBytesMax = 64 * 1024;

Result<void> check_announced(const std::vector<std::string>& addresses) {
  if (addresses.size() > format::kAddressesMax)
    return fail(Code::usage, fmt::format("{} addresses are more than kAddressesMax ({})", addresses.size(),
                                         format::kAddressesMax));
  for (const std::string& address : addresses)
    if (!format::is_address(address))
      return fail(Code::usage, "--announce " + cli::escape(address) + " is no ADDR:PORT");
  return {};
}

/// Whom a bridge file is about; the permits behind its first line are none of a Host's business.
Result<transfer::BridgePeer> read_bridge(const std::string& file) {
  const Bytes text = TRY_IN("--bridge", sys::read_file(file, kBridgeFileBytesMax, "bridge file (kBridgeFileBytesMax)"));
  const std::string_view line = text_of(text).substr(0, text_of(text).find('\n'));
  const format::BridgeDescriptor bridge = TRY_IN("--bridge", format::open_bridge_line(line, file));
  if (bridge.addresses.empty())
    return fail(Code::usage, file + ": the Bridge announces no address", "ask its operator for another bridge file");
  return transfer::BridgePeer{.id = bridge.bridge, .addresses = bridge.addresses};
}

Result<host::BridgeSettings> read_bridges(const HostOptions& options) {
  host::BridgeSettings settings;
  if (options.bridges.size() > host::kBridgesMax)
    return fail(Code::usage, fmt::format("{} Bridges are more than kBridgesMax ({})", options.bridges.size(),
                                         host::kBridgesMax));
  for (const std::string& file : options.bridges) {
    transfer::BridgePeer bridge = TRY(read_bridge(file));
    if (std::ranges::find(settings.bridges, bridge.id, &transfer::BridgePeer::id) != settings.bridges.end())
      return fail(Code::usage, fmt::format("{}: its Bridge is named twice", file), "give one bridge file for a Bridge");
    settings.bridges.push_back(std::move(bridge));
  }
  const auto declared = [](std::string_view option, const std::string& text, std::size_t bytes_max) -> Result<void> {
    if (format::is_declared_text(text, bytes_max)) return {};
    return fail(Code::usage, fmt::format("{} {}: not visible UTF-8 of at most {} bytes", option, cli::escape(text), bytes_max));
  };
  TRY(declared("--operator", options.operator_name, format::kDeclaredOperatorBytesMax));
  TRY(declared("--domain", options.domain, format::kDeclaredDomainBytesMax));
  TRY(declared("--region", options.region, format::kDeclaredRegionBytesMax));
  settings.declared = {.operator_name = options.operator_name, .domain = options.domain, .region = options.region};
  return settings;
}

}  // namespace

Result<Settings> read_settings(const HostOptions& options) {
  Settings settings;
  settings.folder = TRY(store_folder(options));
  if (!options.capacity_bytes)
    return fail(Code::usage, "no capacity is given", "give --capacity SIZE, such as 500GB");
  settings.capacity_bytes = *options.capacity_bytes;
  if (!options.accept)
    return fail(Code::usage, "nobody is accepted", "give --accept FILE with account ids, or --accept any");
  settings.accept_from = *options.accept;
  settings.terms.accept = TRY(host::AcceptList::load(settings.accept_from));
  settings.listen = options.listen;
  if (settings.listen.empty()) settings.listen.push_back(fmt::format("127.0.0.1:{}", kPortDefault));
  TRY(check_announced(options.announce));
  settings.addresses.announce = options.announce;
  settings.addresses.map_port = net::map_method_from_name(options.map_port);  // none for "off"
  settings.bridges = TRY(read_bridges(options));
  settings.workers = options.workers;
  settings.group_commit = options.group_commit == "on";
  settings.commit_delay_ms = options.commit_delay_ms;
  settings.reserve_bytes = options.terms.reserve_bytes.value_or(kReserveBytesDefault);
  TRY(apply_terms(options.terms, settings.terms, settings.server));
  settings.local = options.local;
  settings.terms.price = options.price;
  if (options.term_max_s) settings.terms.term_seconds_max = static_cast<std::uint64_t>(*options.term_max_s);
  if (options.memory_bytes)
    settings.terms.limits.buffer_bytes_max = static_cast<std::size_t>(*options.memory_bytes);
  settings.buffer_bytes_max = settings.terms.limits.buffer_bytes_max;
  return settings;
}

std::vector<std::string_view> needing_restart(const Settings& now, const Settings& wanted) {
  std::vector<std::string_view> names;
  if (now.folder != wanted.folder) names.push_back("store");
  if (now.listen != wanted.listen) names.push_back("listen");
  if (now.workers != wanted.workers) names.push_back("workers");
  if (now.local != wanted.local) names.push_back("local");
  if (now.buffer_bytes_max != wanted.buffer_bytes_max) names.push_back("memory");
  if (now.group_commit != wanted.group_commit) names.push_back("group-commit");
  if (now.commit_delay_ms != wanted.commit_delay_ms) names.push_back("commit-delay");
  return names;
}

}  // namespace inxt::tools
