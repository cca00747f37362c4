// SPDX-License-Identifier: AGPL-3.0-or-later
#include <array>

#include "hosts_tool.h"

namespace inxt::hosts_tool {
namespace {

constexpr std::array kOrders{
    std::pair{"id", client::HostOrder::id},         std::pair{"rtt", client::HostOrder::rtt},
    std::pair{"uptime", client::HostOrder::uptime}, std::pair{"free", client::HostOrder::free},
    std::pair{"price", client::HostOrder::price},   std::pair{"up", client::HostOrder::up},
    std::pair{"down", client::HostOrder::down}};

}  // namespace

void declare(cli::Command& command, Options& to) {
  cli::declare_bridge_option(command, to.bridge, "bridge file: which Bridge, and what it allows");
  const auto take = [](auto& target, auto parse) {
    return [&target, parse](std::string_view text) -> Result<void> {
      target = TRY(parse(text));
      return {};
    };
  };
  command.value("--min-uptime", "PERCENT", take(to.filter.uptime_min, client::parse_percent),
                "answered at least so many of the Bridge's probes in 30 days: 99%");
  command.value("--max-rtt", "TIME", take(to.filter.rtt_us_max, client::parse_round_trip_us),
                "at most so far away from the Bridge, with --measure from here: 50ms");
  command.size("--min-free", "SIZE", to.filter.free_bytes_min, "has room for so much, it says");
  command.number("--max-price", "N", to.filter.price_max, 0, INT64_MAX, "asks for no more");
  command.number("--min-audits", "N", to.filter.audits_min, 0, INT64_MAX,
                 "has passed so many of the Bridge's audits");
  command.text("--region", "NAME", to.filter.region, "declares this region: \"eu\" is also \"eu-west\"");
  command.text("--operator", "NAME", to.filter.operator_name, "declares this operator");
  command.value(
      "--sort", "ORDER",
      [&to](std::string_view text) -> Result<void> {
        for (const auto& [name, order] : kOrders)
          if (text == name) {
            to.order = order;
            return {};
          }
        return fail(Code::usage, "--sort is one of id, rtt, uptime, free, price, up, down");
      },
      "the best first: id, rtt, uptime, free, price, up or down (id)");
  command.number("--limit", "N", to.limit, 1, 1'000'000, "no more than so many");
  command.flag("--all", to.all, "also Hosts that are away");
  command.flag("--measure", to.measure,
               "ask each Host for its round trip from here; one that is away is left out");
  command.number("-j,--jobs", "N", to.jobs, 1, 256, "Hosts asked at once, with --measure");
  command.flag("--table", to.table, "a table for people instead of JSON Lines");
  cli::declare_key_options(command, to.key);
}

}  // namespace inxt::hosts_tool
