// SPDX-License-Identifier: AGPL-3.0-or-later
#include <fmt/format.h>

#include "cli/escape.h"
#include "cli/units.h"
#include "hosts_tool.h"

namespace inxt::hosts_tool {
namespace {

constexpr std::string_view kUnknown = "-";

std::string percent(const std::optional<std::uint64_t>& parts) {
  return parts ? fmt::format("{}.{:02}%", *parts / 100, *parts % 100) : std::string(kUnknown);
}

std::string round_trip(const std::optional<std::uint64_t>& us) {
  return us ? fmt::format("{}.{} ms", *us / 1000, *us % 1000 / 100) : std::string(kUnknown);
}

std::string rate(const std::optional<std::uint64_t>& bytes_per_s) {
  return bytes_per_s ? cli::show_size(*bytes_per_s) + "/s" : std::string(kUnknown);
}

std::string declared(const std::string& text) {
  return text.empty() ? std::string(kUnknown) : cli::escape(text);
}

/// What is free, as the Host says; or why it takes nothing new.
std::string room(const format::ListedHost& host, std::int64_t now_unix_s) {
  if (!host.beat) return cli::show_size(host.descriptor.free_bytes);
  if (host.beat->retiring_unix_s != 0) return "retiring";
  if (host.beat->away_until_unix_s > now_unix_s) return "away";
  if (host.beat->draining) return "draining";
  return cli::show_size(host.beat->free_bytes);
}

}  // namespace

Result<cli::Exit> print_table(cli::World& world, std::span<const format::ListedHost> hosts) {
  constexpr auto kLine = "{:<16}  {:>8}  {:>9}  {:>9}  {:>11}  {:>11}  {:>9}  {:>6}  {:<12}  {}";
  TRY(world.print(fmt::format(kLine, "HOST", "UPTIME", "RTT", "FREE", "UP", "DOWN", "PRICE", "AUDITS",
                              "REGION*", "OPERATOR*")));
  for (const auto& host : hosts) {
    const auto& measured = host.measured;
    TRY(world.print(fmt::format(kLine, host.descriptor.host.hex().substr(0, 16), percent(measured.uptime_30d),
                                round_trip(measured.rtt_us), room(host, world.clock().unix_s()),
                                rate(measured.up_bytes_per_s), rate(measured.down_bytes_per_s),
                                host.descriptor.price, measured.audits_passed, declared(host.declared.region),
                                declared(host.declared.operator_name))));
  }
  if (!hosts.empty()) world.say("* as the Host declares it; nobody has checked");
  return cli::Exit::ok;
}

}  // namespace inxt::hosts_tool
