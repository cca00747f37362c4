// SPDX-License-Identifier: LGPL-3.0-or-later
#include "bridge/candidates.h"

#include <algorithm>

#include "bridge/networks.h"

namespace inxt::bridge {
namespace {

/// So many audits passed make good for half of one that failed.
constexpr std::int64_t kFailureAudits = 8;
constexpr std::int64_t kFailuresMax = 16;

std::uint64_t or_zero(const std::optional<std::int64_t>& value) {
  return static_cast<std::uint64_t>(value.value_or(0));
}

}  // namespace

std::uint32_t standing_ppm(std::int64_t audits_passed_since, std::int64_t audits_failed) {
  const auto passed = std::clamp<std::int64_t>(audits_passed_since, 0, 1'000'000) + 1;
  const auto against = std::clamp<std::int64_t>(audits_failed, 0, kFailuresMax) * kFailureAudits;
  return static_cast<std::uint32_t>(plan::kMillion * passed / (passed + against));
}

std::uint32_t CandidateMaker::number(Numbers& numbers, const std::string& text) {
  if (text.empty()) return 0;
  return numbers.try_emplace(text, static_cast<std::uint32_t>(numbers.size() + 1)).first->second;
}

std::uint32_t CandidateMaker::region(const std::string& name) const {
  const auto found = regions_.find(name);
  return found == regions_.end() ? 0 : found->second;
}

plan::Candidate CandidateMaker::make(const KnownHost& host, std::uint64_t placed_bytes,
                                     std::int64_t now_unix_s, std::int64_t beat_interval_s) {
  const auto& measured = host.measured;
  plan::Candidate out;
  out.operator_group = number(operators_, host.declared.operator_name);
  // Domains are names that an operator gives: "rack 1" of another is another.
  if (!host.declared.domain.empty())
    out.domain = number(domains_, host.declared.operator_name + '\n' + host.declared.domain);
  out.region = number(regions_, host.declared.region);
  if (const auto networks = networks_named(measured.network)) {
    out.network = networks->network;
    out.wide_network = networks->wide;
  }
  if (host.beat) {
    out.capacity_bytes = host.beat->capacity_bytes;
    out.free_bytes = host.beat->free_bytes;
  }
  out.placed_bytes = placed_bytes;
  const bool is_proved = measured.audits_passed > 0 && host.beat;
  out.proved_bytes = is_proved ? std::min(placed_bytes, host.beat->used_bytes) : 0;
  out.up_bytes_per_s = or_zero(measured.up_bytes_per_s);
  out.down_bytes_per_s = or_zero(measured.down_bytes_per_s);
  if (measured.rtt_us)
    out.rtt_ms = static_cast<std::uint32_t>(
        std::clamp<std::int64_t>(*measured.rtt_us / 1000, 0, plan::kRttUnknown - 1));
  out.uptime_ppm = static_cast<std::uint32_t>(or_zero(measured.uptime.month) * (plan::kMillion / 10'000));
  out.standing_ppm = standing_ppm(measured.audits_passed, measured.audits_failed);
  out.audits_passed =
      static_cast<std::uint32_t>(std::clamp<std::int64_t>(measured.audits_passed, 0, UINT32_MAX));
  out.takes_pieces = is_live(host, now_unix_s, beat_interval_s) && takes_pieces(host, now_unix_s);
  return out;
}

}  // namespace inxt::bridge
