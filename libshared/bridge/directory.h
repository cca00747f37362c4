// SPDX-License-Identifier: LGPL-3.0-or-later
// The part of a Bridge that knows Hosts: takes their registrations and heartbeats, measures them beside the
// requests, and lists them.
#pragma once

#include <unordered_map>

#include "bridge/heartbeat_batch.h"
#include "bridge/host_lines.h"
#include "bridge/host_table.h"
#include "bridge/http_host_prober.h"
#include "bridge/measuring.h"
#include "serve/background.h"

namespace inxt::bridge {

inline constexpr std::int64_t kBeatIntervalS = 60;

/// What the operator decides.
struct DirectoryOptions {
  RegistrationLimits registration = {};
  PrivateAddresses private_addresses = PrivateAddresses::refuse;
  std::int64_t beat_interval_s = kBeatIntervalS;
  MeasureIntervals intervals = {};
};

/// How often one Host may beat.  One thread.
class BeatGaps {
 public:
  /// False: too soon after its last one.
  bool allow(const HostId& host, std::int64_t now_ms, std::int64_t gap_ms);

 private:
  std::unordered_map<HostId, std::int64_t> last_ms_;
  std::int64_t swept_ms_ = 0;
};

/// What a directory works with.  All of it outlives the directory.
struct DirectoryParts {
  net::Executor executor;
  database::Database& database;
  net::WorkerPool& workers;
  const sys::Clock& clock;
  crypto::Random& random;
  serve::Log& log;
  const crypto::SigningKey& key;
};

/// One thread: the executor's.
class Directory {
 public:
  /// Errors: failure when OpenSSL refuses the key.
  static Result<std::unique_ptr<Directory>> make(DirectoryParts parts, DirectoryOptions options);
  Directory(DirectoryParts parts, DirectoryOptions options, net::TlsIdentity identity);
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;

  /// Begins what runs beside the requests: commits of heartbeats, and measuring where `measures`.
  void start(serve::Background& background, bool measures = true);
  /// From now on; registrations and heartbeats under way go on with what they have checked.
  void set_options(DirectoryOptions options);

  const DirectoryOptions& options() const { return options_; }
  HostTable& hosts() { return hosts_; }
  HostLines& lines() { return lines_; }
  HeartbeatBatch& beats() { return beats_; }
  BeatGaps& gaps() { return gaps_; }
  const BeatCounts& beat_counts() const { return beats_.counts(); }
  const Measuring& measuring() const { return measuring_; }

 private:
  DirectoryParts parts_;
  DirectoryOptions options_;
  net::TlsIdentity identity_;
  net::HttpClient http_;
  HttpHostProber prober_;
  HostTable hosts_;
  HostLines lines_;
  HeartbeatBatch beats_;
  BeatGaps gaps_;
  Measuring measuring_;
};

}  // namespace inxt::bridge
