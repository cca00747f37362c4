// SPDX-License-Identifier: AGPL-3.0-or-later
// Audits of Hosts that act, run to their end, with what was reported and saved; and saved ones checked again.
#pragma once

#include <doctest/doctest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>

#include "client/audit.h"
#include "client/transcript.h"
#include "net/event_loop.h"
#include "support/acting_hosts.h"
#include "sys/files.h"

namespace inxt::testing {

using namespace client;

struct Audited {
  Result<AuditTotal> total = fail(Code::failure, "not run");
  std::vector<HostReport> reports;
  std::string transcript;

  const HostReport& of(const ActingHost& host) const {
    const auto found = std::ranges::find(reports, host.id(), &HostReport::host);
    REQUIRE(found != reports.end());
    return *found;
  }
};

inline constexpr std::int64_t kCommitted = 1'600'000'000;

inline AuditTarget target_of(const ActingHost& host) {
  std::vector<proof::SetPiece> pieces;
  for (const auto& [id, bytes] : host.pieces) pieces.push_back({id, bytes.size()});
  return {.host = {host.id(), {"192.0.2.1:1"}},
          .what = *proof::AuditSet::make(std::move(pieces)),
          .commit = Commit{.time_unix_s = kCommitted}};
}

/// What the Hosts hold now is what they are asked for.
inline std::vector<AuditTarget> targets_of(ActingHosts& hosts) {
  std::vector<AuditTarget> targets;
  for (const auto& [id, host] : hosts.hosts()) targets.push_back(target_of(host));
  return targets;
}

inline format::Beacon beacon_number(unsigned number,
                                    std::optional<std::int64_t> time_unix_s = kCommitted + 100) {
  format::Beacon beacon;
  beacon.randomness.fill(static_cast<std::byte>(number));
  beacon.time_unix_s = time_unix_s;
  beacon.source = format::BeaconSource::given;
  return beacon;
}

inline AuditOptions quick(std::uint64_t samples = 20) {
  AuditOptions options;
  options.goal.samples = samples;
  options.beacon = beacon_number(7);
  options.silence_ms = 15'000;
  options.deadline.request_ms = 15'000;
  options.retry_pause_ms = 1;
  return options;
}

inline Audited run(ActingHosts& hosts, const std::vector<AuditTarget>& targets,
                   AuditOptions options = quick()) {
  sys::SystemClock clock;
  crypto::SeededRandom random(3);
  net::EventLoop loop;
  net::WorkerPool workers;
  Audited out;
  AuditCallbacks callbacks;
  callbacks.on_host = [&](const HostReport& report) -> Result<void> {
    out.reports.push_back(report);
    return {};
  };
  callbacks.on_transcript = [&](std::string_view text) -> Result<void> {
    out.transcript += text;
    return {};
  };
  out.total = loop.run(
      audit({hosts, loop.executor(), workers, clock, random}, targets, options, std::move(callbacks)));
  return out;
}

inline Audited verify(const std::string& transcript) {
  const sys::Fd file(memfd_create("transcript", MFD_CLOEXEC));
  REQUIRE(sys::write_all(file.number(), view_of(transcript), "transcript"));
  lseek(file.number(), 0, SEEK_SET);
  LineReader lines(file.number(), "transcript", format::kRequestLineBytesMax);
  Audited out;
  out.total = verify_transcript(lines, [&](const HostReport& report) -> Result<void> {
    out.reports.push_back(report);
    return {};
  });
  return out;
}

/// A transcript says offline what the audit said.
inline void check_same_offline(const Audited& live) {
  const auto offline = verify(live.transcript);
  if (!offline.total) FAIL(offline.total.error().what);
  REQUIRE(offline.reports.size() == live.reports.size());
  for (std::size_t i = 0; i < live.reports.size(); ++i) {
    const auto &a = live.reports[i], &b = offline.reports[i];
    CHECK(a.host == b.host);
    CHECK(a.verdict() == b.verdict());
    CHECK(a.anchor.anchored == b.anchor.anchored);
    CHECK(a.anchor.by_witnesses == b.anchor.by_witnesses);
    CHECK(a.beacon_unix_s == b.beacon_unix_s);
    CHECK(a.commit_unix_s == b.commit_unix_s);
    CHECK(a.late == b.late);
    CHECK(a.asked_unix_s == b.asked_unix_s);
    REQUIRE(a.deadline.has_value());
    REQUIRE(b.deadline.has_value());
    CHECK(a.deadline->request_ms == b.deadline->request_ms);
    CHECK(a.blocks == b.blocks);
    CHECK(a.samples == b.samples);
    CHECK(a.held == b.held);
    CHECK(a.failed == b.failed);
    CHECK(a.missing == b.missing);
    CHECK(a.unanswered == b.unanswered);
    CHECK(a.retries == b.retries);
    CHECK(a.reason == b.reason);
    CHECK(a.latency_ms == b.latency_ms);
    CHECK(a.answered_unix_s == b.answered_unix_s);
    CHECK(a.bound().blocks_bad_max == b.bound().blocks_bad_max);
    CHECK(a.failures.size() == b.failures.size());
  }
  CHECK(offline.total->bound().blocks_bad_max == live.total->bound().blocks_bad_max);
}

inline std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = text.find('\n', at);
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

inline std::string text_of_lines(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text += line + "\n";
  return text;
}

}  // namespace inxt::testing
