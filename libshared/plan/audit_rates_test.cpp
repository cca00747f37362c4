// SPDX-License-Identifier: LGPL-3.0-or-later
#include "plan/audit_rates.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

namespace inxt::plan {
namespace {

constexpr std::uint64_t kAudit = 2'944'600;  // 460 samples
constexpr std::int64_t kNow = 1'000'000;

AuditPeer stranger(int number) {
  return {.name = "198.51." + std::to_string(number) + ".0/24", .is_known = false};
}
const AuditPeer kKnown{.name = "account", .is_known = true};

/// Whether the audit passes; what it cost is what was expected.
bool passes(AuditRates& rates, const AuditPeer& peer, std::int64_t now_ms, std::uint64_t bytes = kAudit) {
  AuditSpending spending;
  return !rates.spend(peer, bytes, now_ms, spending);
}

TEST_CASE("a bucket fills at its rate, up to its burst") {
  constexpr BucketRate kRate{.bytes_per_s = 1000, .burst_bytes = 5000};
  TokenBucket bucket;
  CHECK(bucket.is_full(kRate, kNow));
  CHECK(bucket.bytes(kRate, kNow) == 5000);
  bucket.spend(4000, kRate, kNow);
  CHECK(bucket.bytes(kRate, kNow) == 1000);
  CHECK(bucket.wait_ms(1000, kRate, kNow) == 0);
  CHECK(bucket.wait_ms(1001, kRate, kNow) == 1);
  CHECK(bucket.wait_ms(3000, kRate, kNow) == 2000);
  CHECK(bucket.allows(3000, kRate, kNow + 2000));
  CHECK_FALSE(bucket.allows(3000, kRate, kNow + 1999));
  CHECK(bucket.bytes(kRate, kNow + 3'600'000) == 5000);
  CHECK(bucket.bytes(kRate, kNow - 1000) == 1000);  // a clock that goes back gives nothing
}

TEST_CASE("what is larger than the burst waits for a full bucket, and leaves a debt") {
  constexpr BucketRate kRate{.bytes_per_s = 1000, .burst_bytes = 5000};
  TokenBucket bucket;
  CHECK(bucket.allows(20'000, kRate, kNow));
  bucket.spend(20'000, kRate, kNow);
  CHECK(bucket.bytes(kRate, kNow) == -15'000);
  CHECK(bucket.wait_ms(1, kRate, kNow) == 15'001);
  CHECK(bucket.wait_ms(20'000, kRate, kNow) == 20'000);
  bucket.give_back(19'000, kRate, kNow);
  CHECK(bucket.bytes(kRate, kNow) == 4000);
}

TEST_CASE("a bucket holds the rate however it is asked, with extremes too") {
  std::mt19937_64 random(11);
  constexpr BucketRate kRate{.bytes_per_s = 777, .burst_bytes = 100'000};
  TokenBucket bucket;
  std::int64_t now_ms = kNow;
  std::uint64_t spent = 0;
  for (int i = 0; i < 100'000; ++i) {
    now_ms += static_cast<std::int64_t>(random() % 50);
    const std::uint64_t wanted = random() % 5000;
    if (!bucket.allows(wanted, kRate, now_ms)) continue;
    bucket.spend(wanted, kRate, now_ms);
    spent += wanted;
  }
  const std::uint64_t most = kRate.burst_bytes + static_cast<std::uint64_t>(now_ms - kNow) * 777 / 1000;
  CHECK(spent <= most);
  CHECK(spent > most * 95 / 100);

  constexpr BucketRate kHuge{.bytes_per_s = kBucketBytesMax, .burst_bytes = kBucketBytesMax};
  for (const std::uint64_t bytes : {std::uint64_t{0}, kBucketBytesMax, ~std::uint64_t{0}}) {
    TokenBucket full;
    full.spend(bytes, kHuge, 0);
    full.spend(bytes, kHuge, 0);
    full.spend(bytes, kHuge, 0);
    CHECK(full.wait_ms(~std::uint64_t{0}, kHuge, 0) <= 2000);
    CHECK(full.wait_ms(1, {.bytes_per_s = 1, .burst_bytes = 1}, 0) <= TokenBucket::kWaitMsMax);
    CHECK(full.bytes(kHuge, std::int64_t{1} << 61) == static_cast<std::int64_t>(kBucketBytesMax));
  }
}

TEST_CASE("with the defaults an auditor's 460 samples pass at once, and again after three minutes") {
  AuditRates rates;
  rates.set({}, true);
  std::int64_t now_ms = kNow;
  CHECK(passes(rates, stranger(1), now_ms));
  CHECK(passes(rates, stranger(1), now_ms));
  AuditSpending spending;
  const auto refused = rates.spend(stranger(1), kAudit, now_ms, spending);
  REQUIRE(refused);
  CHECK(refused->for_peer);
  CHECK(refused->wait_ms <= 180'000);
  CHECK(passes(rates, stranger(1), now_ms + refused->wait_ms));
  // For as long as one likes.
  for (int i = 0; i < 100; ++i) CHECK(passes(rates, stranger(1), now_ms += 240'000));
}

TEST_CASE("strangers together are limited, and never take what is kept for the known") {
  AuditRates rates;
  rates.set({}, true);
  int passed = 0;
  for (int i = 0; i < 250; ++i) passed += passes(rates, stranger(i), kNow);
  CHECK(passed == 5);  // half of 32 MiB
  AuditSpending spending;
  const auto refused = rates.spend(stranger(300), kAudit, kNow, spending);
  REQUIRE(refused);
  CHECK_FALSE(refused->for_peer);
  CHECK(passes(rates, kKnown, kNow));
  CHECK(passes(rates, kKnown, kNow));
  CHECK_FALSE(passes(rates, kKnown, kNow));  // its own rate
  CHECK(passes(rates, {.name = "another", .is_known = true}, kNow));

  // A day of strangers who never rest: the rate holds, and the known are answered every time.
  std::uint64_t bytes = 0;
  std::int64_t now_ms = kNow + 600'000;
  const std::int64_t began_ms = now_ms;
  for (int minute = 0; minute < 24 * 60; ++minute, now_ms += 60'000) {
    for (int i = 0; i < 250; ++i)
      if (passes(rates, stranger(i), now_ms)) bytes += kAudit;
    if (minute % 4 == 0) CHECK(passes(rates, kKnown, now_ms));
  }
  const auto seconds = static_cast<std::uint64_t>((now_ms - began_ms) / 1000);
  CHECK(bytes <= kAuditBytesPerS / 2 * (seconds + kAuditBurstS) + kAudit);
  CHECK(bytes >= kAuditBytesPerS / 2 * seconds * 9 / 10);
}

TEST_CASE("where nobody is known, all share the whole; the known use what strangers leave") {
  AuditRates rates;
  rates.set({}, false);
  int passed = 0;
  for (int i = 0; i < 250; ++i) passed += passes(rates, stranger(i), kNow);
  CHECK(passed == 11);

  AuditRates known;
  known.set({.bytes_per_s = kAuditBytesPerS, .bytes_per_s_per_peer = kBucketBytesMax}, true);
  passed = 0;
  for (int i = 0; i < 250; ++i) passed += passes(known, kKnown, kNow);
  CHECK(passed == 10);  // 5 from each half
}

TEST_CASE("an answer that was shorter or longer than expected is corrected") {
  AuditRates rates;
  rates.set({}, false);
  AuditSpending spending;
  for (int i = 0; i < 100; ++i) {
    REQUIRE_FALSE(rates.spend(stranger(1), kAudit, kNow, spending));
    rates.correct(spending, 0, kNow);
  }
  REQUIRE_FALSE(rates.spend(stranger(1), 1000, kNow, spending));
  rates.correct(spending, std::uint64_t{9} << 20, kNow);
  CHECK_FALSE(passes(rates, stranger(1), kNow, 1));
  CHECK(rates.bytes_left(kNow) == (std::uint64_t{32 - 9} << 20));
}

TEST_CASE("a new limit holds at once, and as many networks as one likes take bounded memory") {
  AuditRates rates;
  rates.set({}, false);
  CHECK(passes(rates, stranger(1), kNow));
  rates.set({.bytes_per_s = 1000, .bytes_per_s_per_peer = 1000}, false);
  CHECK_FALSE(passes(rates, stranger(1), kNow));
  rates.set({.bytes_per_s = kBucketBytesMax, .bytes_per_s_per_peer = kAuditBytesPerSPerPeer}, false);
  for (std::size_t i = 0; i < 3 * kAuditPeersMax; ++i)
    CHECK(passes(rates, {.name = std::to_string(i), .is_known = false}, kNow));
  CHECK(rates.peers() <= kAuditPeersMax);
}

}  // namespace
}  // namespace inxt::plan
