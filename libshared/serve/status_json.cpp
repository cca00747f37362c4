// SPDX-License-Identifier: LGPL-3.0-or-later
#include "serve/status_json.h"

#include <algorithm>

namespace inxt::serve {

using format::Json;

std::uint64_t json_number(std::uint64_t value) {
  return std::min(value, format::kJsonIntegerMax);
}

std::string json_text(std::string_view value) {
  return std::string(format::is_utf8(value) ? value : "text that is not UTF-8");
}

void add_service(Json& json, const ServiceStatus& status) {
  json["version"] = status.version;
  json["process"] = status.process;
  json["listening"] = status.listening;
  json["addresses"] = status.addresses;
  if (!status.page.empty()) json["page"] = status.page;
  json["time"] = status.time_unix_s;
  json["started"] = status.started_unix_s;
  json["uptime_s"] = status.uptime_s;
}

Json notices_json(std::span<const Notice> notices) {
  Json json = Json::array();
  for (const Notice& notice : notices)
    json.push_back({{"level", level_name(notice.level)}, {"text", notice.text}});
  return json;
}

Json requests_json(std::span<const std::string_view> actions, const RequestCounters& counters) {
  Json all = Json::array();
  for (std::size_t i = 0; i < actions.size(); ++i) {
    const RequestCounts& counts = counters.requests[i];
    Json json;
    json["action"] = actions[i];
    json["requests"] = json_number(counts.requests());
    json["answered_2xx"] = json_number(counts.by_class[2] + counts.by_class[3]);
    json["answered_4xx"] = json_number(counts.by_class[4]);
    json["answered_5xx"] = json_number(counts.by_class[5]);
    json["unanswered"] = json_number(counts.by_class[0] + counts.by_class[1]);
    json["received_bytes"] = json_number(counts.received_bytes);
    json["sent_bytes"] = json_number(counts.sent_bytes);
    json["total_ms"] = json_number(counts.duration.sum_ms());
    all.push_back(std::move(json));
  }
  return all;
}

Json refused_json(const RequestCounters& counters) {
  Json json = Json::object();
  for (const auto& [reason, count] : counters.refused) json[std::string(reason)] = json_number(count);
  return json;
}

Json connections_json(const ServiceStatus& status) {
  const net::ServerCounters& counters = status.connections;
  Json json;
  json["now"] = counters.connections_now;
  json["handshakes_now"] = counters.handshakes_now;
  json["requests_now"] = counters.requests_now;
  json["accepted"] = json_number(counters.connections);
  json["refused"] = json_number(counters.refused);
  json["shed"] = json_number(counters.shed);
  json["peers"] = Json::array();
  for (const net::ConnectionInfo& peer : status.peers) {
    Json one;
    one["address"] = json_text(peer.address);
    if (peer.key) one["key"] = to_hex(*peer.key);
    one["age_ms"] = peer.age.count();
    one["requests"] = json_number(peer.requests);
    one["in_bytes"] = json_number(peer.bytes_in);
    one["out_bytes"] = json_number(peer.bytes_out);
    one["idle"] = peer.is_idle;
    json["peers"].push_back(std::move(one));
  }
  return json;
}

Json process_use_json(const ServiceStatus& status) {
  return {{"resident_bytes", json_number(status.process_use.resident_bytes)},
          {"open_files", json_number(status.process_use.open_files)},
          {"open_files_max", json_number(status.process_use.open_files_max)},
          {"cpu_ms", json_number(status.process_use.cpu_ms)}};
}

}  // namespace inxt::serve
