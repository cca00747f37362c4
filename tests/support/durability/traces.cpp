// SPDX-License-Identifier: AGPL-3.0-or-later
#include "durability/traces.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>

namespace inxt::durability {
namespace {

constexpr std::uint32_t kNodesMax = 10'000'000;
constexpr std::int64_t kSettledS = 14 * kDayS, kTogetherS = kDayS;

std::vector<std::string> fields_of(const std::string& line) {
  std::vector<std::string> fields(1);
  for (const char c : line) {
    if (c == ',') {
      fields.emplace_back();
    } else if (c != '\r') {
      fields.back() += c;
    }
  }
  return fields;
}

/// Rows after the header, with at least `width` fields.
Result<std::vector<std::vector<std::string>>> rows_of(const std::string& path, std::size_t width,
                                                      std::vector<std::string>& header) {
  std::ifstream file(path);
  if (!file) return fail(Code::not_found, path + ": cannot be read");
  std::string line;
  std::getline(file, line);
  header = fields_of(line);
  std::vector<std::vector<std::string>> rows;
  while (std::getline(file, line)) {
    if (line.empty()) continue;
    rows.push_back(fields_of(line));
    if (rows.back().size() < width) return fail(Code::integrity, path + ": a row is too short");
  }
  if (rows.empty()) return fail(Code::integrity, path + ": has no rows");
  return rows;
}

std::int64_t number_of(const std::string& text) {
  return std::strtoll(text.c_str(), nullptr, 10);
}

struct Session {
  std::uint32_t node = 0;
  std::int64_t up_s = 0, down_s = 0;
  bool is_censored = false;
};

Result<std::int64_t> seconds_of(const std::string& timestamp) {
  int year = 0;
  unsigned month = 0, day = 0, hour = 0, minute = 0, second = 0;
  if (std::sscanf(timestamp.c_str(), "%d-%u-%uT%u:%u:%u", &year, &month, &day, &hour, &minute, &second) != 6)
    return fail(Code::integrity, "no timestamp: " + timestamp);
  const std::chrono::sys_days days{std::chrono::year{year} / static_cast<int>(month) / static_cast<int>(day)};
  return std::int64_t{days.time_since_epoch().count()} * kDayS + 3600 * hour + 60 * minute + second;
}

}  // namespace

Result<AvailabilityTrace> AvailabilityTrace::read(const std::string& folder) {
  std::vector<std::string> header;
  const auto snapshots = TRY(rows_of(folder + "/snapshots.csv", 3, header));
  const auto rows = TRY(rows_of(folder + "/sessions.csv", 4, header));
  AvailabilityTrace trace;
  std::vector<std::int64_t> at_s;
  for (const auto& row : snapshots) at_s.push_back(number_of(row[1]));
  trace.length_s = at_s.back();
  if (!std::ranges::is_sorted(at_s) || trace.length_s < 30 * kDayS)
    return fail(Code::integrity, folder + ": snapshots are not in order, or of less than 30 days");

  std::vector<Session> sessions;
  for (const auto& row : rows) {
    const auto node = number_of(row[0]), first = number_of(row[1]), missing = number_of(row[2]);
    const auto count = static_cast<std::int64_t>(at_s.size());
    if (node < 0 || node >= kNodesMax || first < 0 || first >= count || missing <= first || missing > count)
      return fail(Code::integrity, folder + "/sessions.csv: a session that cannot be");
    const bool is_censored = number_of(row[3]) != 0 || missing == count;
    sessions.push_back({.node = static_cast<std::uint32_t>(node),
                        .up_s = at_s[static_cast<std::size_t>(first)],
                        .down_s = is_censored ? trace.length_s : at_s[static_cast<std::size_t>(missing)],
                        .is_censored = is_censored});
    trace.nodes = std::max(trace.nodes, sessions.back().node + 1);
  }
  std::ranges::sort(sessions, [](const Session& a, const Session& b) {
    return std::pair(a.node, a.up_s) < std::pair(b.node, b.up_s);
  });
  trace.is_settled.resize(trace.nodes);
  trace.is_seen_then.resize(trace.nodes);
  trace.history_s = trace.length_s / 4;
  std::vector<std::int64_t> in_first_s(trace.nodes), in_last_s(trace.nodes);
  double live_s = 0;
  std::int64_t there_s = 0;
  for (std::size_t i = 0; i < sessions.size(); ++i) {
    const Session& session = sessions[i];
    if (i == 0 || sessions[i - 1].node != session.node) there_s = 0;
    there_s += session.down_s - session.up_s;
    live_s += static_cast<double>(session.down_s - session.up_s);
    trace.is_settled[session.node] = there_s >= kSettledS;
    const std::int64_t last_from_s = trace.length_s - trace.history_s;
    in_first_s[session.node] +=
        std::max<std::int64_t>(0, std::min(session.down_s, trace.history_s) - session.up_s);
    in_last_s[session.node] +=
        std::max<std::int64_t>(0, session.down_s - std::max(session.up_s, last_from_s));
    if (session.up_s <= trace.history_s) {
      trace.is_seen_then[session.node] = true;
      if (session.down_s > trace.history_s) trace.then_live.push_back(session.node);
    }
    if (session.up_s == 0) {
      trace.first_live.push_back(session.node);
    } else {
      trace.events.push_back({.at_s = session.up_s, .node = session.node, .is_up = true, .is_last = false});
    }
    if (session.is_censored) continue;
    const bool is_last = i + 1 == sessions.size() || sessions[i + 1].node != session.node;
    trace.events.push_back(
        {.at_s = session.down_s, .node = session.node, .is_up = false, .is_last = is_last});
    if (session.down_s > trace.length_s / 2) continue;
    auto& absences = trace.absences[there_s >= kSettledS ? 1 : 0];
    if (is_last) {
      ++absences.never;
    } else {
      absences.returned_s.push_back(sessions[i + 1].up_s - session.down_s);
    }
  }
  const auto class_of = [&trace](std::int64_t there) {
    const double part = static_cast<double>(there) / static_cast<double>(trace.history_s);
    return static_cast<std::uint8_t>((part >= 0.9) + (part >= 0.95) + (part >= 0.99));
  };
  for (std::uint32_t node = 0; node < trace.nodes; ++node) {
    trace.first_class.push_back(class_of(in_first_s[node]));
    trace.last_class.push_back(class_of(in_last_s[node]));
  }
  for (auto& each : trace.absences) std::ranges::sort(each.returned_s);
  std::ranges::stable_sort(trace.events, {}, &NodeEvent::at_s);
  trace.live_mean = live_s / static_cast<double>(trace.length_s);
  if (trace.first_live.empty() || trace.then_live.empty())
    return fail(Code::integrity, folder + ": nobody is there at first");
  return trace;
}

Result<DiskFailures> DiskFailures::read(const std::string& path) {
  std::vector<std::string> header;
  const auto rows = TRY(rows_of(path, 3, header));
  const auto column = [&header](const char* name) {
    return static_cast<std::size_t>(std::ranges::find(header, name) - header.begin());
  };
  const std::size_t time = column("Timestamp"), rack = column("Rack id"), action = column("Action");
  if (time == header.size() || rack == header.size())
    return fail(Code::integrity, path + ": has no columns \"Timestamp\" and \"Rack id\"");
  DiskFailures failures;
  std::map<std::string, std::vector<std::int64_t>> by_rack;
  std::int64_t first_s = INT64_MAX, last_s = 0;
  for (const auto& row : rows) {
    if (row.size() <= std::max(time, rack)) return fail(Code::integrity, path + ": a row is too short");
    if (action < row.size() && row[action] != "replacement") continue;  // switched off and on: no loss
    const std::int64_t at_s = TRY(seconds_of(row[time]));
    by_rack[row[rack]].push_back(at_s);
    first_s = std::min(first_s, at_s), last_s = std::max(last_s, at_s);
    ++failures.events;
  }
  if (last_s <= first_s) return fail(Code::integrity, path + ": fewer than two failures");
  failures.years = static_cast<double>(last_s - first_s) / (365.25 * kDayS);
  for (auto& [name, times] : by_rack) {
    std::ranges::sort(times);
    for (std::size_t i = 0; i < times.size(); ++i) {
      if (i == 0 || times[i] - times[i - 1] >= kTogetherS) failures.bursts.push_back(0);
      ++failures.bursts.back();
    }
  }
  return failures;
}

double DiskFailures::in_bursts() const {
  std::uint64_t together = 0;
  for (const std::uint32_t disks : bursts) together += disks > 1 ? disks : 0;
  return static_cast<double>(together) / static_cast<double>(events);
}

}  // namespace inxt::durability
