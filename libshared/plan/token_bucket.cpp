// SPDX-License-Identifier: LGPL-3.0-or-later
#include "plan/token_bucket.h"

#include <algorithm>

namespace inxt::plan {

namespace {

constexpr auto kMax = static_cast<std::int64_t>(kBucketBytesMax);

std::int64_t signed_bytes(std::uint64_t bytes) {
  return static_cast<std::int64_t>(std::min(bytes, kBucketBytesMax));
}

/// What comes in while `ms` pass; a whole bucket and its debt at most.
std::int64_t filled_in(std::int64_t ms, BucketRate rate) {
  constexpr std::int64_t kMsMax = std::int64_t{1} << 40;  // 34 years
  const auto bytes =
      static_cast<__int128>(std::clamp<std::int64_t>(ms, 0, kMsMax)) * signed_bytes(rate.bytes_per_s) / 1000;
  return static_cast<std::int64_t>(std::min<__int128>(bytes, 2 * static_cast<__int128>(kMax)));
}

}  // namespace

std::int64_t TokenBucket::bytes(BucketRate rate, std::int64_t now_ms) const {
  const std::int64_t missing = std::max<std::int64_t>(missing_bytes_ - filled_in(now_ms - at_ms_, rate), 0);
  return signed_bytes(rate.burst_bytes) - missing;
}

bool TokenBucket::is_full(BucketRate rate, std::int64_t now_ms) const {
  return bytes(rate, now_ms) >= signed_bytes(rate.burst_bytes);
}

/// Carries the fraction of a byte on: time is only taken where it has filled a byte.
void TokenBucket::settle(BucketRate rate, std::int64_t now_ms) {
  if (now_ms <= at_ms_) return;
  const std::int64_t filled = filled_in(now_ms - at_ms_, rate);
  if (filled == 0 && missing_bytes_ > 0) return;
  missing_bytes_ = std::max<std::int64_t>(missing_bytes_ - filled, 0);
  at_ms_ = now_ms;
}

void TokenBucket::spend(std::uint64_t bytes, BucketRate rate, std::int64_t now_ms) {
  settle(rate, now_ms);
  missing_bytes_ = std::min(missing_bytes_ + signed_bytes(bytes), 2 * kMax);
}

void TokenBucket::give_back(std::uint64_t bytes, BucketRate rate, std::int64_t now_ms) {
  settle(rate, now_ms);
  missing_bytes_ = std::max<std::int64_t>(missing_bytes_ - signed_bytes(bytes), 0);
}

std::int64_t TokenBucket::wait_ms(std::uint64_t bytes, BucketRate rate, std::int64_t now_ms) const {
  const std::int64_t wanted = std::min(signed_bytes(bytes), signed_bytes(rate.burst_bytes));
  const std::int64_t lacking = wanted - this->bytes(rate, now_ms);
  if (lacking <= 0) return 0;
  if (rate.bytes_per_s == 0) return kWaitMsMax;
  const auto rate_bytes = static_cast<__int128>(signed_bytes(rate.bytes_per_s));
  const __int128 ms = (static_cast<__int128>(lacking) * 1000 + rate_bytes - 1) / rate_bytes;
  return static_cast<std::int64_t>(std::min<__int128>(ms, kWaitMsMax));
}

}  // namespace inxt::plan
