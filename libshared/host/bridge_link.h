// SPDX-License-Identifier: LGPL-3.0-or-later
// How a Host reports to one Bridge: it registers, says every minute how it is, and what it has lost.  Wire:
// inxt-bridge(7).  Manual: inxt-host(8), "Bridges".
//
// Nothing else of the Host waits for this: a Bridge that is away costs a task that sleeps.
#pragma once

#include <chrono>
#include <memory>

#include "format/heartbeat.h"
#include "host/bridge_status.h"
#include "host/host.h"
#include "plan/heartbeat_pace.h"
#include "transfer/host_bridge.h"

namespace inxt::host {

inline constexpr std::size_t kReportsPerBeatMax = 16;
inline constexpr std::int64_t kNoAddressWaitMs = 5000;
inline constexpr std::int64_t kDescriptorAgainS = 12 * 3600;  // descriptors are fresh for kDescriptorDays

/// One thread: the loop's.
class BridgeLink {
 public:
  /// `server`: whose traffic is told.  REQUIRES: host and server outlive it.
  BridgeLink(Host& host, const net::HttpServer& server, transfer::BridgePeer peer, format::Declared declared,
             std::unique_ptr<transfer::HostBridge> bridge);

  /// Says what is to be said now, and gives how long to wait before the next step.
  net::Awaitable<std::chrono::milliseconds> step();
  /// Before the first step().
  std::chrono::milliseconds first_wait();

  const transfer::BridgePeer& peer() const { return peer_; }
  const format::Declared& declared() const { return declared_; }
  BridgeStatus status() const;
  /// When a heartbeat is due beside the usual ones, by the steady clock, because what this Host plans has
  /// changed; nothing where the Bridge has heard it, or does not answer.
  std::optional<std::int64_t> due_early_ms() const;

 private:
  /// What a Bridge should hear when it changes.
  struct Announced {
    std::vector<std::string> addresses;
    std::uint64_t price = 0, term_seconds_max = 0, capacity_bytes = 0;
    bool operator==(const Announced&) const = default;
  };
  Announced announced_now() const;
  net::Awaitable<Result<void>> register_now();
  /// is_registered_ is false afterwards when the Bridge has forgotten this Host.
  net::Awaitable<Result<void>> beat();
  net::Awaitable<void> send_reports();
  format::Heartbeat heartbeat();
  void note(const transfer::BeatAnswer& answer);
  void note_failure(const Error& error);
  void note_success();
  void log(LogLevel level, std::string_view event, std::string reason = {});

  Host& host_;
  const net::HttpServer& server_;
  const transfer::BridgePeer peer_;
  const format::Declared declared_;
  const std::unique_ptr<transfer::HostBridge> bridge_;
  plan::HeartbeatPace pace_;
  BridgeStatus status_;
  bool is_registered_ = false;
  Announced announced_;  // that the Bridge was told
  std::int64_t announced_unix_s_ = 0;
  std::optional<std::int64_t> next_s_;  // as the Bridge asked last
  std::uint64_t counter_ = 0;           // of the last heartbeat
  std::int64_t beaten_ms_ = 0;          // when that was tried, by the steady clock
  PlannedAbsence told_;                 // in that
  std::int64_t started_unix_s_ = 0;
};

}  // namespace inxt::host
