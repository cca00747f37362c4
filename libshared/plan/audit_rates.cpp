// SPDX-License-Identifier: LGPL-3.0-or-later
#include "plan/audit_rates.h"

#include <algorithm>

namespace inxt::plan {

namespace {

BucketRate rate_of(std::uint64_t bytes_per_s) {
  const std::uint64_t rate = std::min(bytes_per_s, kBucketBytesMax / kAuditBurstS);
  return {rate, rate * kAuditBurstS};
}

void correct_bucket(TokenBucket& bucket, BucketRate rate, std::uint64_t spent, std::uint64_t bytes,
                    std::int64_t now_ms) {
  if (bytes > spent) bucket.spend(bytes - spent, rate, now_ms);
  if (bytes < spent) bucket.give_back(spent - bytes, rate, now_ms);
}

}  // namespace

void AuditRates::set(AuditRateLimits limits, bool knows_peers) {
  limits_ = limits;
  knows_peers_ = knows_peers;
}

BucketRate AuditRates::peer_rate() const {
  return rate_of(limits_.bytes_per_s_per_peer);
}

BucketRate AuditRates::kept_rate() const {
  return knows_peers_ ? rate_of(limits_.bytes_per_s / 2) : BucketRate{};
}

BucketRate AuditRates::shared_rate() const {
  return rate_of(limits_.bytes_per_s - (knows_peers_ ? limits_.bytes_per_s / 2 : 0));
}

TokenBucket& AuditRates::bucket_of(const std::string& name, std::int64_t now_ms) {
  const BucketRate rate = peer_rate();
  if (const auto found = peers_.find(name); found != peers_.end()) return found->second;
  if (peers_.size() >= kAuditPeersMax) {
    std::erase_if(peers_, [&](const auto& entry) { return entry.second.is_full(rate, now_ms); });
    // Whoever is nearest to a new one loses least; all together are limited anyway.
    if (peers_.size() >= kAuditPeersMax)
      peers_.erase(std::ranges::max_element(
          peers_, {}, [&](const auto& entry) { return entry.second.bytes(rate, now_ms); }));
  }
  return peers_[name];
}

std::optional<AuditRefusal> AuditRates::spend(const AuditPeer& peer, std::uint64_t bytes, std::int64_t now_ms,
                                              AuditSpending& spending) {
  const auto found = peers_.find(peer.name);
  const std::int64_t peer_wait_ms =
      found == peers_.end() ? 0 : found->second.wait_ms(bytes, peer_rate(), now_ms);
  if (peer_wait_ms > 0) return AuditRefusal{.for_peer = true, .wait_ms = peer_wait_ms};

  const bool may_use_kept = peer.is_known && knows_peers_;
  const bool uses_kept = may_use_kept && kept_.allows(bytes, kept_rate(), now_ms);
  if (!uses_kept) {
    std::int64_t wait_ms = shared_.wait_ms(bytes, shared_rate(), now_ms);
    if (may_use_kept) wait_ms = std::min(wait_ms, kept_.wait_ms(bytes, kept_rate(), now_ms));
    if (wait_ms > 0) return AuditRefusal{.for_peer = false, .wait_ms = wait_ms};
  }
  bucket_of(peer.name, now_ms).spend(bytes, peer_rate(), now_ms);
  (uses_kept ? kept_ : shared_).spend(bytes, uses_kept ? kept_rate() : shared_rate(), now_ms);
  spending = {.peer = peer, .bytes = bytes, .was_kept = uses_kept};
  return std::nullopt;
}

void AuditRates::correct(const AuditSpending& spending, std::uint64_t bytes, std::int64_t now_ms) {
  correct_bucket(spending.was_kept ? kept_ : shared_, spending.was_kept ? kept_rate() : shared_rate(),
                 spending.bytes, bytes, now_ms);
  if (const auto found = peers_.find(spending.peer.name); found != peers_.end())
    correct_bucket(found->second, peer_rate(), spending.bytes, bytes, now_ms);
}

std::uint64_t AuditRates::bytes_left(std::int64_t now_ms) const {
  const std::int64_t bytes = std::max<std::int64_t>(shared_.bytes(shared_rate(), now_ms), 0) +
                             std::max<std::int64_t>(kept_.bytes(kept_rate(), now_ms), 0);
  return static_cast<std::uint64_t>(bytes);
}

}  // namespace inxt::plan
