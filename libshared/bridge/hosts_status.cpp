// SPDX-License-Identifier: LGPL-3.0-or-later
#include "bridge/hosts_status.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/quantity.h"
#include "serve/show.h"
#include "serve/status_json.h"

namespace inxt::bridge {

using serve::json_number;

HostsStatus hosts_status_of(const HostSnapshot& snapshot, const Directory& directory,
                            std::int64_t now_unix_s) {
  HostsStatus out;
  for (const auto& entry : snapshot.entries()) {
    if (entry.is_gone) continue;
    ++out.registered;
    out.reachable += entry.host->measured.is_reachable;
    out.retiring += is_retiring(*entry.host);
    out.paused += is_paused(*entry.host, now_unix_s);
    if (!is_live(*entry.host, now_unix_s, directory.options().beat_interval_s)) continue;
    ++out.live;
    out.capacity_bytes += entry.host->beat->capacity_bytes;
    out.free_bytes += entry.host->beat->free_bytes;
  }
  out.beats = directory.beat_counts();
  out.measures = directory.measuring().counts();
  return out;
}

format::Json hosts_json(const HostsStatus& hosts) {
  const auto& beats = hosts.beats;
  const auto& measures = hosts.measures;
  return {{"registered", hosts.registered},
          {"live", hosts.live},
          {"reachable", hosts.reachable},
          {"retiring", hosts.retiring},
          {"paused", hosts.paused},
          {"capacity_bytes", json_number(hosts.capacity_bytes)},
          {"free_bytes", json_number(hosts.free_bytes)},
          {"heartbeats",
           {{"taken", json_number(beats.taken)},
            {"old", json_number(beats.old)},
            {"unknown", json_number(beats.unknown)},
            {"commits", json_number(beats.commits)}}},
          {"probes",
           {{"reached", json_number(measures.reached)},
            {"unreached", json_number(measures.unreached)},
            {"wrong_key", json_number(measures.wrong_key)},
            {"now", measures.now}}},
          {"speeds",
           {{"measured", json_number(measures.speeds)}, {"failed", json_number(measures.speeds_failed)}}},
          {"audits",
           {{"passed", json_number(measures.audits_passed)},
            {"failed", json_number(measures.audits_failed)},
            {"unanswered", json_number(measures.audits_unanswered)}}}};
}

void say_hosts(serve::StatusLines& out, const HostsStatus& hosts) {
  out.say("Hosts", fmt::format("{} listed of {}, with {} free of {}", show_count(hosts.live),
                               show_count(hosts.registered), show_size(hosts.free_bytes),
                               show_size(hosts.capacity_bytes)));
  if (hosts.retiring + hosts.paused > 0)
    out.say("", fmt::format("{} retire, {} are away as planned", show_count(hosts.retiring),
                            show_count(hosts.paused)));
  out.say("Measured",
          fmt::format("{} probes answered, {} not, {} of these by another key; audits: {} passed, {} failed",
                      show_count(hosts.measures.reached), show_count(hosts.measures.unreached),
                      show_count(hosts.measures.wrong_key), show_count(hosts.measures.audits_passed),
                      show_count(hosts.measures.audits_failed)));
}

void write_hosts(serve::MetricsWriter& out, const HostsStatus& hosts) {
  const auto& beats = hosts.beats;
  const auto& measures = hosts.measures;
  out.gauge("inxt_bridge_hosts", "Hosts that are registered.", hosts.registered);
  out.gauge("inxt_bridge_hosts_live", "Hosts that are listed.", hosts.live);
  out.gauge("inxt_bridge_hosts_reachable", "Hosts that were reached at the last probe.", hosts.reachable);
  out.gauge("inxt_bridge_hosts_retiring", "Hosts that say that they retire.", hosts.retiring);
  out.gauge("inxt_bridge_hosts_paused", "Hosts in a planned pause within the allowance.", hosts.paused);
  out.gauge("inxt_bridge_hosts_capacity_bytes", "Capacity of listed Hosts, as they say.",
            hosts.capacity_bytes);
  out.gauge("inxt_bridge_hosts_free_bytes", "Free room of listed Hosts, as they say.", hosts.free_bytes);
  out.family("inxt_bridge_heartbeats_total", "counter", "Heartbeats, by what became of them.");
  out.sample("result=\"taken\"", beats.taken);
  out.sample("result=\"old\"", beats.old);
  out.sample("result=\"unknown\"", beats.unknown);
  out.counter("inxt_bridge_heartbeat_commits_total", "Transactions that took heartbeats.", beats.commits);
  out.family("inxt_bridge_probes_total", "counter", "Probes of Hosts, by what became of them.");
  out.sample("result=\"reached\"", measures.reached);
  out.sample("result=\"unreached\"", measures.unreached - measures.wrong_key);
  out.sample("result=\"wrong_key\"", measures.wrong_key);
  out.family("inxt_bridge_speeds_total", "counter", "Speeds of Hosts, by what became of them.");
  out.sample("result=\"measured\"", measures.speeds);
  out.sample("result=\"failed\"", measures.speeds_failed);
  out.family("inxt_bridge_audits_total", "counter", "Audits of Hosts, by what became of them.");
  out.sample("result=\"passed\"", measures.audits_passed);
  out.sample("result=\"failed\"", measures.audits_failed);
  out.sample("result=\"unanswered\"", measures.audits_unanswered);
}

void add_hosts(serve::PageWriter& page, const HostsStatus& hosts) {
  page.section("Hosts");
  page.raw("<dl>\n");
  page.row("Registered", show_count(hosts.registered));
  page.row("Listed", show_count(hosts.live));
  page.row("Reached last time", show_count(hosts.reachable));
  page.row("Retiring", show_count(hosts.retiring));
  page.row("Away as planned", show_count(hosts.paused));
  page.row("Free, as they say", fmt::format("{} of {}", serve::size_html(hosts.free_bytes),
                                            serve::size_html(hosts.capacity_bytes)));
  page.row("Heartbeats", show_count(hosts.beats.taken));
  page.row("Probes answered", show_count(hosts.measures.reached));
  page.row("Probes not answered", show_count(hosts.measures.unreached));
  page.row("Audits passed", show_count(hosts.measures.audits_passed));
  page.trouble("Audits failed", hosts.measures.audits_failed);
  page.raw("</dl>\n");
  page.end_section();
}

}  // namespace inxt::bridge
