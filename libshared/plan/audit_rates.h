// SPDX-License-Identifier: LGPL-3.0-or-later
// Who may make a Host answer audits, and how much: bytes of answers, on an average with a burst, for each
// peer and for all together.  Manual: inxt-host(8), "Audits".  Pure: time is an argument, milliseconds of a
// steady clock.
//
// Half of what all may have is kept for peers that the Host knows by name, where it knows any: strangers
// cannot use it up, while who is known uses what strangers leave.  A stranger is a network, not a key: a key
// costs nothing.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <unordered_map>

#include "plan/token_bucket.h"

namespace inxt::plan {

/// 460 samples find 1 % damage with 99 % confidence; their answer is 2.9 MB.  8 MiB for a peer at once are
/// two such audits, and another one three minutes later; 32 MiB for all are eleven auditors at the same time.
/// Who asks all the time gets 43 GB a month, all together 170 GB.
inline constexpr std::uint64_t kAuditBytesPerS = 64 * 1024;
inline constexpr std::uint64_t kAuditBytesPerSPerPeer = 16 * 1024;
inline constexpr std::uint64_t kAuditBurstS = 512;   // what so many seconds bring is saved up
inline constexpr std::size_t kAuditPeersMax = 4096;  // remembered, of those who have asked lately

struct AuditRateLimits {
  std::uint64_t bytes_per_s = kAuditBytesPerS;
  std::uint64_t bytes_per_s_per_peer = kAuditBytesPerSPerPeer;

  bool operator==(const AuditRateLimits&) const = default;
};

struct AuditPeer {
  std::string name;       // an account's id, or a network
  bool is_known = false;  // by name
};

/// What was spent, so that it can be corrected.
struct AuditSpending {
  AuditPeer peer;
  std::uint64_t bytes = 0;
  bool was_kept = false;  // from the half that is kept for the known
};

struct AuditRefusal {
  bool for_peer = false;  // the peer's own rate; else the one of all
  std::int64_t wait_ms = 0;
};

class AuditRates {
 public:
  /// From now on.  `knows_peers`: somebody is known by name, so that half is kept for them.
  void set(AuditRateLimits limits, bool knows_peers);

  /// Takes what an answer will about cost, or says how long to wait; then nothing has been taken.
  std::optional<AuditRefusal> spend(const AuditPeer& peer, std::uint64_t bytes, std::int64_t now_ms,
                                    AuditSpending& spending);
  /// The answer was `bytes` long in truth.
  void correct(const AuditSpending& spending, std::uint64_t bytes, std::int64_t now_ms);

  const AuditRateLimits& limits() const { return limits_; }
  std::size_t peers() const { return peers_.size(); }
  /// What strangers, and what the known beside that, could be answered now; 0 in debt.
  std::uint64_t bytes_left(std::int64_t now_ms) const;

 private:
  BucketRate peer_rate() const;
  BucketRate shared_rate() const;
  BucketRate kept_rate() const;
  TokenBucket& bucket_of(const std::string& name, std::int64_t now_ms);

  AuditRateLimits limits_;
  bool knows_peers_ = false;
  TokenBucket shared_, kept_;
  std::unordered_map<std::string, TokenBucket> peers_;  // one that is full may be forgotten
};

}  // namespace inxt::plan
