// SPDX-License-Identifier: LGPL-3.0-or-later
#include "bridge/directory.h"

namespace inxt::bridge {
namespace {

constexpr std::int64_t kSweepMs = 60'000;

net::ClientLimits probe_limits() {
  net::ClientLimits limits;
  limits.idle_connections_max = kMeasuredAtOnce;
  limits.idle_connections_per_peer_max = 1;
  limits.idle_ms_max = 5000;
  limits.answer_ms = 30'000;
  return limits;
}

}  // namespace

bool BeatGaps::allow(const HostId& host, std::int64_t now_ms, std::int64_t gap_ms) {
  if (now_ms - swept_ms_ >= kSweepMs) {
    std::erase_if(last_ms_, [&](const auto& entry) { return now_ms - entry.second >= gap_ms; });
    swept_ms_ = now_ms;
  }
  const auto [entry, is_new] = last_ms_.try_emplace(host, now_ms);
  if (!is_new && now_ms - entry->second < gap_ms) return false;
  entry->second = now_ms;
  return true;
}

Result<std::unique_ptr<Directory>> Directory::make(DirectoryParts parts, DirectoryOptions options) {
  auto identity = TRY(net::TlsIdentity::make(parts.key));
  return std::make_unique<Directory>(parts, options, std::move(identity));
}

Directory::Directory(DirectoryParts parts, DirectoryOptions options, net::TlsIdentity identity)
    : parts_(parts),
      options_(options),
      identity_(std::move(identity)),
      http_(parts.executor, probe_limits()),
      prober_(http_, identity_, parts.key, parts.clock, parts.random, options.private_addresses),
      hosts_(parts.database, parts.workers, parts.clock),
      beats_(parts.executor, parts.database, parts.workers, parts.clock),
      measuring_(parts.executor,
                 MeasureParts{.database = parts.database,
                              .workers = parts.workers,
                              .clock = parts.clock,
                              .random = parts.random,
                              .log = parts.log,
                              .prober = prober_},
                 options.intervals) {}

void Directory::start(serve::Background& background, bool measures) {
  background.start(beats_.run());
  if (!measures) return;
  background.start(measuring_.run_claims());
  background.start(measuring_.run_renewals());
  for (std::size_t i = 0; i < kMeasuredAtOnce; ++i) background.start(measuring_.run_worker());
}

void Directory::set_options(DirectoryOptions options) {
  options_ = options;
  prober_.set_private_addresses(options.private_addresses);
  measuring_.set_intervals(options.intervals);
}

}  // namespace inxt::bridge
