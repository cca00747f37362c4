// SPDX-License-Identifier: LGPL-3.0-or-later
#include "format/listed_host.h"

#include <nlohmann/json.hpp>

#include "format/token.h"

namespace inxt::format {
namespace {

constexpr std::size_t kNetworkBytesMax = 64;
constexpr std::size_t kSoftwareBytesMax = 64;
constexpr std::uint64_t kUptimeMax = 10'000;

void put(Json& json, const char* key, const std::optional<std::uint64_t>& value) {
  if (value) json[key] = *value;
}

Json measured_json(const ListedMeasures& measured) {
  Json out{{"reachable", measured.reachable}};
  put(out, "rtt_us", measured.rtt_us);
  put(out, "up_bytes_per_s", measured.up_bytes_per_s);
  put(out, "down_bytes_per_s", measured.down_bytes_per_s);
  put(out, "uptime_1d", measured.uptime_1d);
  put(out, "uptime_7d", measured.uptime_7d);
  put(out, "uptime_30d", measured.uptime_30d);
  if (!measured.network.empty()) out["network"] = measured.network;
  out["since"] = measured.since_unix_s;
  out["probed"] = measured.probed_unix_s;
  out["audits_passed"] = measured.audits_passed;
  out["audits_failed"] = measured.audits_failed;
  if (measured.paused_until_unix_s != 0) out["paused_until"] = measured.paused_until_unix_s;
  return out;
}

Json beat_json(const ListedBeat& beat) {
  Json out{{"time", beat.time_unix_s},         {"capacity_bytes", beat.capacity_bytes},
           {"used_bytes", beat.used_bytes},    {"free_bytes", beat.free_bytes},
           {"load", beat.load_percent},        {"in_bytes", beat.in_bytes},
           {"out_bytes", beat.out_bytes},      {"started", beat.started_unix_s},
           {"software", beat.software},        {"processors", beat.processors},
           {"memory_bytes", beat.memory_bytes}};
  if (beat.draining) out["draining"] = true;
  if (beat.retiring_unix_s != 0) out["retiring"] = beat.retiring_unix_s;
  if (beat.away_until_unix_s != 0) out["away_until"] = beat.away_until_unix_s;
  return out;
}

Json declared_json(const Declared& declared) {
  Json out = Json::object();
  if (!declared.operator_name.empty()) out["operator"] = declared.operator_name;
  if (!declared.domain.empty()) out["domain"] = declared.domain;
  if (!declared.region.empty()) out["region"] = declared.region;
  return out;
}

Result<std::optional<std::uint64_t>> optional_integer(const Fields& fields, const char* key,
                                                      std::uint64_t max = kJsonIntegerMax) {
  if (!fields.has(key)) return std::nullopt;
  return TRY(fields.integer(key, max));
}

Result<std::string> visible_text(const Fields& fields, const char* key, std::size_t bytes_max) {
  if (!fields.has(key)) return std::string{};
  auto text = TRY(fields.text(key, bytes_max));
  if (!is_declared_text(text, bytes_max)) return fields.bad(key, "not visible text");
  return text;
}

Result<ListedMeasures> read_measured(const Fields& fields) {
  ListedMeasures out;
  out.reachable = TRY(fields.boolean("reachable"));
  out.rtt_us = TRY(optional_integer(fields, "rtt_us"));
  out.up_bytes_per_s = TRY(optional_integer(fields, "up_bytes_per_s"));
  out.down_bytes_per_s = TRY(optional_integer(fields, "down_bytes_per_s"));
  out.uptime_1d = TRY(optional_integer(fields, "uptime_1d", kUptimeMax));
  out.uptime_7d = TRY(optional_integer(fields, "uptime_7d", kUptimeMax));
  out.uptime_30d = TRY(optional_integer(fields, "uptime_30d", kUptimeMax));
  out.network = TRY(visible_text(fields, "network", kNetworkBytesMax));
  out.since_unix_s = TRY(fields.time("since"));
  out.probed_unix_s = TRY(fields.time("probed"));
  out.audits_passed = TRY(fields.integer("audits_passed"));
  out.audits_failed = TRY(fields.integer("audits_failed"));
  if (fields.has("paused_until")) out.paused_until_unix_s = TRY(fields.time("paused_until"));
  return out;
}

Result<ListedBeat> read_beat(const Fields& fields) {
  ListedBeat out;
  out.time_unix_s = TRY(fields.time("time"));
  out.capacity_bytes = TRY(fields.integer("capacity_bytes"));
  out.used_bytes = TRY(fields.integer("used_bytes"));
  out.free_bytes = TRY(fields.integer("free_bytes"));
  out.load_percent = TRY(fields.integer("load", kLoadPercentMax));
  out.in_bytes = TRY(fields.integer("in_bytes"));
  out.out_bytes = TRY(fields.integer("out_bytes"));
  out.started_unix_s = TRY(fields.time("started"));
  out.software = TRY(visible_text(fields, "software", kSoftwareBytesMax));
  out.processors = TRY(fields.integer("processors", kProcessorsMax));
  out.memory_bytes = TRY(fields.integer("memory_bytes"));
  if (fields.has("draining")) out.draining = TRY(fields.boolean("draining"));
  if (fields.has("retiring")) out.retiring_unix_s = TRY(fields.time("retiring"));
  if (fields.has("away_until")) out.away_until_unix_s = TRY(fields.time("away_until"));
  return out;
}

Result<Declared> read_declared(const Fields& fields) {
  Declared out;
  out.operator_name = TRY(visible_text(fields, "operator", kDeclaredOperatorBytesMax));
  out.domain = TRY(visible_text(fields, "domain", kDeclaredDomainBytesMax));
  out.region = TRY(visible_text(fields, "region", kDeclaredRegionBytesMax));
  return out;
}

/// The member as an object; nothing where it is not there.
Result<const Json*> object_in(const Json& line, const char* key, const Fields& fields) {
  const auto found = line.find(key);
  if (found == line.end()) return nullptr;
  if (!found->is_object()) return fields.bad(key, "not an object");
  return &*found;
}

}  // namespace

std::string write_listed_host(const ListedHost& host) {
  Json line{{"type", "host"},
            {"host", host.descriptor.host.hex()},
            {"addresses", host.descriptor.addresses},
            {"token", host.token}};
  line["measured"] = measured_json(host.measured);
  if (host.beat) line["heartbeat"] = beat_json(*host.beat);
  if (host.declared != Declared{}) line["declared"] = declared_json(host.declared);
  std::string text = write_compact(line);
  for (const auto* key : {"heartbeat", "declared", "measured"}) {
    if (text.size() < kLineBytesMax) break;
    line.erase(key);
    text = write_compact(line);
  }
  return text + '\n';
}

Result<ListedHost> read_listed_host(std::string_view line, const std::string& where) {
  ListedHost out;
  out.descriptor = TRY(open_hosts_line(line, where));
  const auto json = TRY_IN(where, parse_object(line));
  const Fields fields(json, where);
  out.token = TRY(fields.text("token", kTokenBytesMax));
  if (const auto* measured = TRY(object_in(json, "measured", fields)))
    out.measured = TRY(read_measured(Fields(*measured, where + ": measured")));
  if (const auto* beat = TRY(object_in(json, "heartbeat", fields)))
    out.beat = TRY(read_beat(Fields(*beat, where + ": heartbeat")));
  if (const auto* declared = TRY(object_in(json, "declared", fields)))
    out.declared = TRY(read_declared(Fields(*declared, where + ": declared")));
  return out;
}

}  // namespace inxt::format
