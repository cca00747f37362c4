// SPDX-License-Identifier: LGPL-3.0-or-later
// A token bucket: bytes that may be spent at an average rate, with what was saved up for a while at once.
// Pure: time is an argument, milliseconds of a clock that never goes back.
#pragma once

#include <cstdint>

namespace inxt::plan {

struct BucketRate {
  std::uint64_t bytes_per_s = 0;  // 0: nothing is ever saved up
  std::uint64_t burst_bytes = 0;  // the most that is saved up; both at most kBucketBytesMax

  bool operator==(const BucketRate&) const = default;
};
inline constexpr std::uint64_t kBucketBytesMax = std::uint64_t{1} << 40;

/// It begins full.  What is spent may be more than there is: then it is in debt, at most kBucketBytesMax. The
/// rate is an argument of each call, so that it can change at any time; what is more than the new burst is
/// lost.
class TokenBucket {
 public:
  /// Whether `bytes` may be spent now: they are there, or the bucket is full.  So what is larger than the
  /// burst waits for a full bucket, and not for ever.
  bool allows(std::uint64_t bytes, BucketRate rate, std::int64_t now_ms) const {
    return wait_ms(bytes, rate, now_ms) == 0;
  }
  void spend(std::uint64_t bytes, BucketRate rate, std::int64_t now_ms);
  /// What was spent too much.
  void give_back(std::uint64_t bytes, BucketRate rate, std::int64_t now_ms);
  /// Until allows() is true: 0 when it is, kWaitMsMax when the rate is 0.
  std::int64_t wait_ms(std::uint64_t bytes, BucketRate rate, std::int64_t now_ms) const;
  /// What could be spent now; less than 0 in debt.
  std::int64_t bytes(BucketRate rate, std::int64_t now_ms) const;
  /// As good as a new one.
  bool is_full(BucketRate rate, std::int64_t now_ms) const;

  static constexpr std::int64_t kWaitMsMax = std::int64_t{1000} * 86400 * 366;

 private:
  void settle(BucketRate rate, std::int64_t now_ms);

  std::int64_t missing_bytes_ = 0;  // to a full bucket, at
  std::int64_t at_ms_ = 0;
};

}  // namespace inxt::plan
