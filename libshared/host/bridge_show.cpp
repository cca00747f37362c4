// SPDX-License-Identifier: LGPL-3.0-or-later
#include "host/bridge_show.h"

#include <fmt/format.h>

#include "base/encoding.h"
#include "base/quantity.h"
#include "serve/show.h"
#include "serve/status_json.h"

namespace inxt::host {

namespace {

using serve::html;
using serve::json_number;
using serve::json_text;
using serve::printable;
using serve::show_id;
using serve::show_time;

std::string short_id(const BridgeStatus& bridge) {
  return show_id(to_hex(bridge.bridge));
}

/// "no (2026-11-21 04:30:00 UTC: its reason)".
std::string reach_text(const BridgeStatus& bridge) {
  if (!bridge.is_reachable) return "not looked yet";
  std::string text = *bridge.is_reachable ? "yes" : "no";
  if (bridge.looked_unix_s > 0) text += ", at " + show_time(bridge.looked_unix_s);
  if (!bridge.reach_reason.empty()) text += ": " + printable(bridge.reach_reason);
  return text;
}

std::string state_text(const BridgeStatus& bridge) {
  switch (bridge.state) {
    case BridgeState::starting:
      return "nothing said yet";
    case BridgeState::registered:
      return "heard at " + show_time(bridge.heard_unix_s);
    case BridgeState::waiting:
      return "waiting: no address is announced";
    case BridgeState::failing:
      return fmt::format("failing since {}: {}", show_time(bridge.failing_unix_s), printable(bridge.trouble));
  }
  return {};
}

}  // namespace

void add_bridge_notices(std::vector<Notice>& notices, const Status& status) {
  const auto warn = [&](std::string text) { notices.push_back({Notice::Level::warning, std::move(text)}); };
  for (const BridgeStatus& bridge : status.bridges) {
    if (bridge.state == BridgeState::failing)
      warn(fmt::format("Bridge {} does not hear this Host since {}: {}", short_id(bridge),
                       show_time(bridge.failing_unix_s), json_text(printable(bridge.trouble))));
    if (bridge.state == BridgeState::waiting)
      warn(fmt::format("Bridge {} is told nothing: no address is announced", short_id(bridge)));
    if (bridge.is_reachable == false)
      warn(fmt::format("Bridge {} does not reach this Host: `inxt-host doctor` looks why", short_id(bridge)));
  }
}

format::Json bridges_json(const Status& status) {
  format::Json all = format::Json::array();
  for (const BridgeStatus& bridge : status.bridges) {
    format::Json json;
    json["bridge"] = to_hex(bridge.bridge);
    json["addresses"] = bridge.addresses;
    json["state"] = state_name(bridge.state);
    if (bridge.heard_unix_s > 0) json["heard"] = bridge.heard_unix_s;
    if (bridge.failing_unix_s > 0) json["failing"] = bridge.failing_unix_s;
    if (!bridge.trouble.empty()) json["trouble"] = json_text(bridge.trouble);
    if (bridge.is_reachable) json["reachable"] = *bridge.is_reachable;
    if (bridge.is_reachable && bridge.looked_unix_s > 0) json["looked"] = bridge.looked_unix_s;
    if (!bridge.reach_reason.empty()) json["reason"] = json_text(bridge.reach_reason);
    json["told"] = bridge.is_told;
    if (bridge.paused_until_unix_s != 0) json["paused_until"] = bridge.paused_until_unix_s;
    json["accepted"] = bridge.is_accepted;
    json["heartbeats"] = json_number(bridge.heartbeats);
    json["failures"] = json_number(bridge.failures);
    json["accounts"] = json_number(bridge.accounts);
    json["reports"] = json_number(bridge.reports);
    json["reports_waiting"] = json_number(bridge.reports_waiting);
    json["reports_dropped"] = json_number(bridge.reports_dropped);
    all.push_back(std::move(json));
  }
  return all;
}

void say_bridges(serve::StatusLines& out, const Status& status) {
  for (const BridgeStatus& bridge : status.bridges) {
    out.say("Bridge", fmt::format("{}: {}", short_id(bridge), state_text(bridge)));
    out.say("", "reachable from there: " + reach_text(bridge));
    out.say("", fmt::format("{} accounts{}, {} pieces reported, {} to report", show_count(bridge.accounts),
                            bridge.is_accepted ? "" : " (its vouchers do not count here)",
                            show_count(bridge.reports), show_count(bridge.reports_waiting)));
  }
}

void write_bridges(serve::MetricsWriter& out, const Status& status) {
  if (status.bridges.empty()) return;
  const auto each = [&](std::string_view name, std::string_view type, std::string_view help,
                        const auto& value) {
    out.family(name, type, help);
    for (const BridgeStatus& bridge : status.bridges)
      out.sample(fmt::format("bridge=\"{}\"", to_hex(bridge.bridge)), value(bridge));
  };
  using Bridge = const BridgeStatus&;
  each("inxt_host_bridge_registered", "gauge", "1 when the Bridge took the last heartbeat.",
       [](Bridge bridge) { return bridge.state == BridgeState::registered ? 1 : 0; });
  each("inxt_host_bridge_heard_timestamp_seconds", "gauge", "When the Bridge answered last; 0: not yet.",
       [](Bridge bridge) { return bridge.heard_unix_s; });
  each("inxt_host_bridge_heartbeats_total", "counter", "Heartbeats that the Bridge took.",
       [](Bridge bridge) { return bridge.heartbeats; });
  each("inxt_host_bridge_failures", "gauge", "Heartbeats in a row that it did not take.",
       [](Bridge bridge) { return bridge.failures; });
  each("inxt_host_bridge_accounts", "gauge", "Accounts that it vouched for and that have something here.",
       [](Bridge bridge) { return bridge.accounts; });
  each("inxt_host_bridge_reports_total", "counter", "Reports of lost pieces that it took.",
       [](Bridge bridge) { return bridge.reports; });
  each("inxt_host_bridge_reports_waiting", "gauge", "Reports of lost pieces that it has not heard yet.",
       [](Bridge bridge) { return bridge.reports_waiting; });
  each("inxt_host_bridge_reports_dropped_total", "counter",
       "Reports of lost pieces that it refused, or that were too many.",
       [](Bridge bridge) { return bridge.reports_dropped; });
  out.family("inxt_host_bridge_reachable", "gauge",
             "1 when the Bridge reached this Host from outside, when it last looked.");
  for (const BridgeStatus& bridge : status.bridges)
    if (bridge.is_reachable)
      out.sample(fmt::format("bridge=\"{}\"", to_hex(bridge.bridge)), *bridge.is_reachable ? 1 : 0);
}

void add_bridges(serve::PageWriter& page, const Status& status) {
  for (const BridgeStatus& bridge : status.bridges) {
    page.section("Bridge");
    page.raw("<dl>\n");
    page.row("Key", serve::id_html(to_hex(bridge.bridge)));
    std::string addresses;
    for (const std::string& address : bridge.addresses)
      addresses += (addresses.empty() ? "" : ", ") + html(address);
    page.row("Addresses", addresses);
    page.row("Heartbeats", html(state_text(bridge)), bridge.state == BridgeState::failing);
    page.row("Reachable from there", html(reach_text(bridge)), bridge.is_reachable == false);
    page.row("Accounts",
             show_count(bridge.accounts) + (bridge.is_accepted ? "" : " (its vouchers do not count here)"));
    page.row("Lost pieces reported", show_count(bridge.reports));
    page.row("Lost pieces to report", show_count(bridge.reports_waiting));
    page.trouble("Reports dropped", bridge.reports_dropped);
    page.raw("</dl>\n");
    page.end_section();
  }
}

}  // namespace inxt::host
