// SPDX-License-Identifier: AGPL-3.0-or-later
#include "settings.h"

#include <fmt/format.h>

#include "cli/escape.h"
#include "format/descriptor.h"

namespace inxt::tools {

namespace {

constexpr std::uint64_t kRepairBytesMin = 1 << 20;           // in a day
constexpr std::string_view kDatabaseFile = "bridge.sqlite";  // in the folder, where none is named

Result<void> check_announced(const std::vector<std::string>& addresses) {
  if (addresses.size() > format::kAddressesMax)
    return fail(Code::usage, fmt::format("{} addresses are more than kAddressesMax ({})", addresses.size(),
                                         format::kAddressesMax));
  for (const std::string& address : addresses)
    if (!format::is_address(address))
      return fail(Code::usage, "--announce " + cli::escape(address) + " is no ADDR:PORT");
  return {};
}

}  // namespace

namespace {

Result<std::int64_t> interval(std::string_view option, std::int64_t seconds, std::int64_t least,
                              std::int64_t most) {
  if (seconds < least || seconds > most)
    return fail(Code::usage, fmt::format("{} is {} to {} seconds", option, least, most));
  return seconds;
}

Result<bridge::DirectoryOptions> read_hosts_options(const BridgeOptions& options) {
  constexpr std::int64_t kWeekS = 7 * 86400;
  bridge::DirectoryOptions out;
  if (options.hosts_per_network) out.registration.hosts_per_network_max = *options.hosts_per_network;
  if (options.registrations_per_hour)
    out.registration.registrations_per_network_hour = *options.registrations_per_hour;
  if (options.heartbeat_s) out.beat_interval_s = TRY(interval("--heartbeat", *options.heartbeat_s, 1, 3600));
  if (options.probe_interval_s)
    out.intervals.probe_s = TRY(interval("--probe-interval", *options.probe_interval_s, 1, kWeekS));
  if (options.speed_interval_s)
    out.intervals.speed_s = TRY(interval("--speed-interval", *options.speed_interval_s, 1, kWeekS));
  if (options.allow_private_addresses) out.private_addresses = bridge::PrivateAddresses::allow;
  return out;
}

Result<bridge::HealerOptions> read_healing(const BridgeOptions& options) {
  constexpr std::int64_t kMonthS = 30 * 86400;
  bridge::HealerOptions out;
  if (options.repair_grace_s)
    out.limits.grace_s = TRY(interval("--repair-grace", *options.repair_grace_s, 1, kMonthS));
  if (options.care_audit_interval_s)
    out.audit_s = TRY(interval("--care-audit-interval", *options.care_audit_interval_s, 1, kMonthS));
  out.price_max = options.repair_price;
  if (options.repair_bytes) {
    if (*options.repair_bytes < kRepairBytesMin)
      return fail(Code::usage, fmt::format("--repair-bytes is at least {}", kRepairBytesMin));
    out.limits.bytes_per_day = *options.repair_bytes;
    out.limits.burst_bytes = std::min(out.limits.burst_bytes, *options.repair_bytes);
  }
  return options.test_haste ? bridge::hastened(out, *options.test_haste) : out;
}

}  // namespace

Result<Settings> read_settings(const BridgeOptions& options) {
  Settings settings;
  settings.folder = TRY(data_folder(options));
  if (options.database)
    settings.database = TRY_IN("--database", database::parse_address(*options.database));
  else
    settings.database = {.dialect = database::Dialect::sqlite,
                         .place = fmt::format("{}/{}", settings.folder, kDatabaseFile)};
  settings.listen = options.listen;
  if (settings.listen.empty()) settings.listen.push_back(fmt::format("127.0.0.1:{}", kPortDefault));
  TRY(check_announced(options.announce));
  settings.addresses.announce = options.announce;
  settings.workers = options.workers;
  settings.local = options.local;
  if (options.connections) settings.server.connections_max = *options.connections;
  if (options.connections_per_peer)
    settings.server.connections_per_address_max = *options.connections_per_peer;
  if (options.requests_per_peer) settings.terms.limits.requests_per_peer_max = *options.requests_per_peer;
  settings.hosts = TRY(read_hosts_options(options));
  settings.healing = TRY(read_healing(options));
  settings.terms.takes_seeds = options.test_seed;
  if (options.new_audits) settings.terms.placement.new_audits = *options.new_audits;
  return settings;
}

std::vector<std::string_view> needing_restart(const Settings& now, const Settings& wanted) {
  std::vector<std::string_view> names;
  if (now.folder != wanted.folder) names.push_back("data");
  if (now.database.dialect != wanted.database.dialect || now.database.place != wanted.database.place)
    names.push_back("database");
  if (now.listen != wanted.listen) names.push_back("listen");
  if (now.workers != wanted.workers) names.push_back("workers");
  if (now.terms.placement.new_audits != wanted.terms.placement.new_audits) names.push_back("new-audits");
  if (now.local != wanted.local) names.push_back("local");
  if (now.healing.limits.grace_s != wanted.healing.limits.grace_s) names.push_back("repair-grace");
  if (now.healing.limits.bytes_per_day != wanted.healing.limits.bytes_per_day)
    names.push_back("repair-bytes");
  if (now.healing.price_max != wanted.healing.price_max) names.push_back("repair-price");
  if (now.healing.audit_s != wanted.healing.audit_s) names.push_back("care-audit-interval");
  return names;
}

}  // namespace inxt::tools
