// SPDX-License-Identifier: LGPL-3.0-or-later
#include "bridge/host_lines.h"

#include <algorithm>

namespace inxt::bridge {
namespace {

std::optional<std::uint64_t> unsigned_of(const std::optional<std::int64_t>& value) {
  return value ? std::optional(static_cast<std::uint64_t>(std::max<std::int64_t>(0, *value))) : std::nullopt;
}

format::ListedMeasures measures_of(const KnownHost& host) {
  const auto& measured = host.measured;
  format::ListedMeasures out;
  out.reachable = measured.is_reachable;
  out.rtt_us = unsigned_of(measured.rtt_us);
  out.up_bytes_per_s = unsigned_of(measured.up_bytes_per_s);
  out.down_bytes_per_s = unsigned_of(measured.down_bytes_per_s);
  out.uptime_1d = unsigned_of(measured.uptime.day);
  out.uptime_7d = unsigned_of(measured.uptime.week);
  out.uptime_30d = unsigned_of(measured.uptime.month);
  out.network = measured.network;
  out.since_unix_s = host.since_unix_s;
  out.probed_unix_s = measured.probed_unix_s;
  out.audits_passed = static_cast<std::uint64_t>(measured.audits_passed_ever);
  out.audits_failed = static_cast<std::uint64_t>(measured.audits_failed);
  if (host.beat) out.paused_until_unix_s = host.beat->paused_until_unix_s;
  return out;
}

format::ListedBeat beat_of(const LastBeat& beat) {
  format::ListedBeat out;
  out.time_unix_s = beat.received_unix_s;
  out.capacity_bytes = beat.capacity_bytes;
  out.used_bytes = beat.used_bytes;
  out.free_bytes = beat.free_bytes;
  out.load_percent = beat.load_percent;
  out.in_bytes = beat.in_bytes;
  out.out_bytes = beat.out_bytes;
  out.started_unix_s = beat.started_unix_s;
  out.software = beat.software;
  out.processors = beat.processors;
  out.memory_bytes = beat.memory_bytes;
  out.draining = beat.draining;
  out.retiring_unix_s = beat.retiring_unix_s;
  out.away_until_unix_s = beat.away_until_unix_s;
  return out;
}

}  // namespace

format::ListedHost listed(const KnownHost& host) {
  format::ListedHost out;
  out.descriptor = host.descriptor;
  out.token = host.token;
  out.measured = measures_of(host);
  if (host.beat) out.beat = beat_of(*host.beat);
  out.declared = host.declared;
  return out;
}

void HostLines::follow(const HostSnapshot& snapshot) {
  const auto& entries = snapshot.entries();
  if (entries.size() == ascending_.size()) return;
  const auto id_of = [&](std::size_t index) -> const HostId& { return entries[index].host->id(); };
  const auto known = ascending_.size();
  for (std::size_t i = known; i < entries.size(); ++i) ascending_.push_back(i);
  const auto middle = ascending_.begin() + static_cast<std::ptrdiff_t>(known);
  std::ranges::sort(middle, ascending_.end(), {}, id_of);
  std::ranges::inplace_merge(ascending_, middle, {}, id_of);
  lines_.resize(entries.size());
}

std::string HostLines::page(const HostSnapshot& snapshot, const HostPageQuery& query, std::int64_t now_unix_s,
                            std::int64_t beat_interval_s) {
  follow(snapshot);
  const auto& entries = snapshot.entries();
  auto at = ascending_.begin();
  if (query.after)
    at = std::ranges::upper_bound(ascending_, *query.after, {}, [&](std::size_t index) -> const HostId& {
      return entries[index].host->id();
    });
  std::string out;
  for (std::size_t count = 0; at != ascending_.end() && count < query.limit; ++at) {
    const auto& entry = entries[*at];
    if (entry.is_gone || (!query.all && !is_live(*entry.host, now_unix_s, beat_interval_s))) continue;
    auto& line = lines_[*at];
    if (line.version != entry.version)
      line = {.version = entry.version, .text = format::write_listed_host(listed(*entry.host))};
    if (out.size() + line.text.size() > kHostsPageBytesMax) break;
    out += line.text;
    ++count;
  }
  return out;
}

}  // namespace inxt::bridge
