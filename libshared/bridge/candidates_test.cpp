// SPDX-License-Identifier: AGPL-3.0-or-later
#include "bridge/candidates.h"

#include <doctest/doctest.h>

#include <numeric>

namespace inxt::bridge {
namespace {

constexpr std::int64_t kStart = 1'700'000'000;
constexpr std::uint64_t kGiB = std::uint64_t{1} << 30;

/// A Host that has been there for long.
KnownHost host(int number) {
  KnownHost out;
  out.descriptor.host.bytes.fill(static_cast<std::byte>(number));
  out.descriptor.expires_unix_s = kStart + 86400;
  out.since_unix_s = kStart - 90 * 86400;
  out.beat = LastBeat{};
  out.beat->received_unix_s = kStart - 20;
  out.beat->capacity_bytes = 1000 * kGiB;
  out.beat->used_bytes = 200 * kGiB;
  out.beat->free_bytes = 800 * kGiB;
  out.measured.is_reachable = out.measured.was_reached = true;
  out.measured.network = "192.0." + std::to_string(number) + ".0/24";
  out.measured.uptime.month = 10'000;
  out.measured.rtt_us = 20'500;
  out.measured.up_bytes_per_s = out.measured.down_bytes_per_s = 10'000'000;
  out.measured.audits_passed = out.measured.audits_passed_ever = 60;
  return out;
}

plan::Candidate candidate(const KnownHost& known, std::uint64_t placed_bytes = 0) {
  CandidateMaker maker;
  return maker.make(known, placed_bytes, kStart, 60);
}

TEST_CASE("a Host takes pieces while it is reachable, beats, and does not leave") {
  CHECK(candidate(host(1)).takes_pieces);
  CHECK(candidate(host(1)).rtt_ms == 20);
  auto away = host(1);
  away.measured.is_reachable = false;  // another's address, for example
  CHECK(!candidate(away).takes_pieces);
  auto silent = host(1);
  silent.beat->received_unix_s = kStart - 301;
  CHECK(!candidate(silent).takes_pieces);
  auto leaving = host(1);
  leaving.beat->draining = true;
  CHECK(!candidate(leaving).takes_pieces);
  auto retiring = host(1);
  retiring.beat->retiring_unix_s = kStart + 30 * 86400;
  CHECK(!candidate(retiring).takes_pieces);
  auto soon_away = host(1);
  soon_away.beat->away_until_unix_s = kStart + 3600;
  CHECK(!candidate(soon_away).takes_pieces);
  soon_away.beat->away_until_unix_s = kStart;
  CHECK(candidate(soon_away).takes_pieces);
  auto expired = host(1);
  expired.descriptor.expires_unix_s = kStart;
  CHECK(!candidate(expired).takes_pieces);
  auto quiet = host(1);
  quiet.beat.reset();
  CHECK(!candidate(quiet).takes_pieces);
}

TEST_CASE("groups are told apart by their texts; a domain is its operator's") {
  CandidateMaker maker;
  auto a = host(1), b = host(2), c = host(3);
  a.declared = {.operator_name = "Zoë", .domain = "rack 1", .region = "eu"};
  b.declared = {.operator_name = "Zoë", .domain = "rack 1", .region = "us"};
  c.declared = {.operator_name = "Ann", .domain = "rack 1", .region = "eu"};
  const auto of = [&](const KnownHost& known) { return maker.make(known, 0, kStart, 60); };
  CHECK(of(a).operator_group == of(b).operator_group);
  CHECK(of(a).domain == of(b).domain);
  CHECK(of(a).domain != of(c).domain);
  CHECK(of(a).region == of(c).region);
  CHECK(of(a).region == maker.region("eu"));
  CHECK(maker.region("mars") == 0);
  CHECK(candidate(host(4)).operator_group == 0);
  CHECK(candidate(host(4)).domain == 0);
}

TEST_CASE("a failed audit weighs less with each that was passed since") {
  CHECK(standing_ppm(0, 0) == 1'000'000);
  CHECK(standing_ppm(0, 1) < 120'000);
  CHECK(standing_ppm(60, 1) > 850'000);
  CHECK(standing_ppm(60, 4) < standing_ppm(60, 1));
  CHECK(standing_ppm(0, 1'000'000) > 0);
}

TEST_CASE("claimed room beyond what was proved makes no Host heavier") {
  auto honest = host(1), liar = host(2);
  honest.beat->free_bytes = 64 * kGiB;
  liar.beat->capacity_bytes = liar.beat->free_bytes = format::kJsonIntegerMax;
  const std::vector candidates{candidate(honest), candidate(liar)};
  const auto pool = plan::PlacementPool::make(candidates).value();
  CHECK(pool.weight(1) <= pool.weight(0));
  // Nor does it become heavier by saying that it holds what nobody placed there.
  liar.beat->used_bytes = format::kJsonIntegerMax;
  CHECK(candidate(liar, 0).proved_bytes == 0);
  liar.measured.audits_passed = 0;
  CHECK(candidate(liar, 500 * kGiB).proved_bytes == 0);
  CHECK(candidate(host(3), 500 * kGiB).proved_bytes == 200 * kGiB);
}

TEST_CASE("a thousand identities of one network weigh no more than one Host") {
  CandidateMaker maker;
  std::vector<plan::Candidate> candidates{maker.make(host(1), 0, kStart, 60)};
  for (int i = 0; i < 1000; ++i) {
    auto sybil = host(2);
    sybil.descriptor.host.bytes[1] = static_cast<std::byte>(i);
    sybil.descriptor.host.bytes[2] = static_cast<std::byte>(i >> 8);
    sybil.declared.operator_name = "operator " + std::to_string(i);  // costs nothing
    candidates.push_back(maker.make(sybil, 0, kStart, 60));
  }
  const auto pool = plan::PlacementPool::make(candidates).value();
  std::uint64_t sybils = 0;
  for (std::size_t i = 1; i < candidates.size(); ++i) sybils += pool.weight(i);
  CHECK(sybils <= pool.weight(0) + pool.weight(0) / 10);
}

}  // namespace
}  // namespace inxt::bridge
