// SPDX-License-Identifier: AGPL-3.0-or-later
// inxt-bridge reports: what Hosts have signed about pieces that they lost or give up.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/escape.h"
#include "command_bridge.h"
#include "serve/show.h"

namespace inxt::tools {

namespace {

/// Gives what names the report.
Result<format::Json> print_report(cli::World& world, const format::Json& report, bool is_for_person) {
  const format::Fields fields(report, "the Bridge's answer");
  format::Json name = format::Json::object();
  for (const char* member : {"host", "piece", "account", "what"}) name[member] = TRY(fields.text(member, 64));
  if (!is_for_person) {
    TRY(world.print(format::write_compact(report)));
    return name;
  }
  const auto received = TRY(fields.time("received"));
  const auto what = TRY(fields.text("what", 32)), piece = TRY(fields.text("piece", 64)),
             account = TRY(fields.text("account", 64)), host = TRY(fields.text("host", 64));
  TRY(world.print(fmt::format("{}  {:<8}  {} of account {} at Host {}", serve::show_time(received),
                              cli::escape(what), cli::escape(piece), cli::escape(account).substr(0, 16),
                              cli::escape(host).substr(0, 16))));
  return name;
}

}  // namespace

Result<cli::Exit> reports(cli::World& world, const BridgeOptions& options) {
  const bool is_for_person = !world.common().json && sys::is_terminal(sys::kStandardOutput);
  TRY(command_in_pages(options, "/reports", "reports", [&](const format::Json& report) {
    return print_report(world, report, is_for_person);
  }));
  return cli::Exit::ok;
}

}  // namespace inxt::tools
