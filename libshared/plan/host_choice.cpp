// SPDX-License-Identifier: LGPL-3.0-or-later
#include "plan/host_choice.h"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace inxt::plan {
namespace {

constexpr std::size_t kRecentMax = 32;
constexpr double kNewShare = 0.25;  // of the latest answer in the moving average
constexpr std::int64_t kHedgeMsMax = 15'000;

bool contains(std::span<const std::size_t> taken, std::size_t host) {
  return std::ranges::find(taken, host) != taken.end();
}

}  // namespace

HostChoice::HostChoice(std::vector<std::uint64_t> free_bytes) {
  for (auto bytes : free_bytes) hosts_.emplace_back().free_bytes = bytes;
}

std::vector<std::size_t> HostChoice::everyone() const {
  std::vector<std::size_t> out(hosts_.size());
  std::iota(out.begin(), out.end(), std::size_t{0});
  return out;
}

std::optional<std::size_t> HostChoice::pick_for_put(std::span<const std::size_t> taken, std::uint64_t bytes,
                                                    std::int64_t now_ms) const {
  return pick_for_put(everyone(), taken, bytes, now_ms);
}

std::optional<std::size_t> HostChoice::pick_for_put(std::span<const std::size_t> allowed,
                                                    std::span<const std::size_t> taken, std::uint64_t bytes,
                                                    std::int64_t now_ms) const {
  std::optional<std::size_t> best;
  const auto key = [&](std::size_t i) {
    // Hosts that have just failed are taken when no other is left, so that one hiccup does not use up a
    // spare.
    return std::tuple(hosts_[i].failures_in_a_row, hosts_[i].under_way, hosts_[i].given_bytes);
  };
  for (const std::size_t i : allowed) {
    const auto& host = hosts_[i];
    if (host.left_out || host.cool_until_ms > now_ms || host.free_bytes < bytes || contains(taken, i))
      continue;
    if (!best || key(i) < key(*best)) best = i;
  }
  return best;
}

Standing HostChoice::standing(std::size_t index, std::int64_t now_ms) const {
  const auto& host = hosts_[index];
  if (host.left_out) return Standing::left_out;
  if (host.cool_until_ms > now_ms) return Standing::cooling;
  if (const auto middle = middle_ms();
      middle && host.usual_ms > 3.0 * static_cast<double>(std::max<std::int64_t>(*middle, 5)))
    return Standing::slow;
  return Standing::good;
}

std::optional<std::int64_t> HostChoice::next_try_ms(std::span<const std::size_t> taken,
                                                    std::uint64_t bytes) const {
  return next_try_ms(everyone(), taken, bytes);
}

std::optional<std::int64_t> HostChoice::next_try_ms(std::span<const std::size_t> allowed,
                                                    std::span<const std::size_t> taken,
                                                    std::uint64_t bytes) const {
  std::optional<std::int64_t> soonest;
  for (const std::size_t i : allowed) {
    const auto& host = hosts_[i];
    if (host.left_out || host.free_bytes < bytes || contains(taken, i)) continue;
    if (!soonest || host.cool_until_ms < *soonest) soonest = host.cool_until_ms;
  }
  return soonest;
}

void HostChoice::started(std::size_t host) {
  ++hosts_[host].under_way;
}
void HostChoice::cancelled(std::size_t host) {
  --hosts_[host].under_way;
}

void HostChoice::succeeded(std::size_t index, std::uint64_t, std::int64_t took_ms) {
  auto& host = hosts_[index];
  --host.under_way;
  host.failures_in_a_row = 0;
  host.cool_until_ms = 0;
  host.used = true;
  const auto took = static_cast<double>(took_ms);
  host.usual_ms = host.usual_ms == 0 ? took : host.usual_ms * (1 - kNewShare) + took * kNewShare;
  if (recent_ms_.size() < kRecentMax) {
    recent_ms_.push_back(took_ms);
  } else {
    recent_ms_[recent_at_++ % kRecentMax] = took_ms;
  }
}

void HostChoice::stored(std::size_t index, std::uint64_t bytes) {
  auto& host = hosts_[index];
  host.given_bytes += bytes;
  host.free_bytes -= std::min(host.free_bytes, bytes);
}

void HostChoice::failed(std::size_t index, Failure failure, std::int64_t now_ms) {
  auto& host = hosts_[index];
  --host.under_way;
  ++host.failures_in_a_row;
  if (failure == Failure::lasting || host.failures_in_a_row >= kFailuresInARowMax) host.left_out = true;
  const auto cooldown =
      std::min(kCooldownMsMax, kFirstCooldownMs << std::min(host.failures_in_a_row - 1, 10));
  host.cool_until_ms = now_ms + cooldown;
}

unsigned HostChoice::in_use() const {
  return static_cast<unsigned>(std::ranges::count_if(hosts_, [](const Host& host) { return host.used; }));
}

std::optional<std::int64_t> HostChoice::middle_ms() const {
  if (recent_ms_.empty()) return std::nullopt;
  auto sorted = recent_ms_;
  const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
  std::ranges::nth_element(sorted, middle);
  return *middle;
}

std::int64_t HostChoice::hedge_after_ms(std::int64_t floor_ms) const {
  const auto middle = middle_ms();
  return middle ? std::clamp(*middle * 4, floor_ms, kHedgeMsMax) : std::min(kHedgeMsMax, floor_ms * 4);
}

}  // namespace inxt::plan
