// SPDX-License-Identifier: LGPL-3.0-or-later
#include "plan/repair_queue.h"

#include <algorithm>
#include <limits>

namespace inxt::plan {

void RepairQueue::take_out(std::uint32_t segment, Waiting& waiting) {
  ready_.erase({waiting.urgency, segment});
  if (waiting.retry_s != 0) retries_.erase({waiting.retry_s, segment});
}

void RepairQueue::retry_at(std::uint32_t segment, Waiting& waiting, std::int64_t retry_s) {
  take_out(segment, waiting);
  waiting.retry_s = retry_s;
  retries_.emplace(retry_s, segment);
}

void RepairQueue::put(std::uint32_t segment, RepairUrgency urgency) {
  const auto [at, is_new] = waiting_.try_emplace(segment);
  Waiting& waiting = at->second;
  if (!is_new) {
    take_out(segment, waiting);
    urgency.since_s = waiting.urgency.since_s;
  }
  waiting.urgency = urgency;
  if (waiting.is_under_way) return;
  if (waiting.retry_s != 0) {
    retries_.emplace(waiting.retry_s, segment);
  } else {
    ready_.emplace(urgency, segment);
  }
}

void RepairQueue::remove(std::uint32_t segment) {
  const auto at = waiting_.find(segment);
  if (at == waiting_.end()) return;
  take_out(segment, at->second);
  waiting_.erase(at);
}

void RepairQueue::begin(std::uint32_t segment) {
  Waiting& waiting = waiting_.at(segment);
  take_out(segment, waiting);
  waiting.is_under_way = true;
  waiting.retry_s = 0;
}

void RepairQueue::failed(std::uint32_t segment, std::span<const std::uint32_t> with, std::int64_t now_s) {
  Waiting& waiting = waiting_.at(segment);
  waiting.is_under_way = false;
  for (const std::uint32_t host : with) {
    if (std::ranges::find(waiting.excluded, host) != waiting.excluded.end()) continue;
    if (waiting.excluded.size() >= kRepairExcludedMax) waiting.excluded.erase(waiting.excluded.begin());
    waiting.excluded.push_back(host);
  }
  constexpr std::uint32_t kDoublingsMax = 20;
  retry_at(segment, waiting,
           now_s + std::min(limits_.retry_first_s << std::min(waiting.failures, kDoublingsMax),
                            limits_.retry_s_max));
  ++waiting.failures;
}

void RepairQueue::wait(std::uint32_t segment, std::int64_t now_s) {
  retry_at(segment, waiting_.at(segment), now_s + limits_.retry_first_s);
}

std::optional<std::uint32_t> RepairQueue::first(std::int64_t now_s) {
  while (!retries_.empty() && retries_.begin()->first <= now_s) {
    const std::uint32_t segment = retries_.begin()->second;
    retries_.erase(retries_.begin());
    Waiting& waiting = waiting_.at(segment);
    waiting.retry_s = 0;
    ready_.emplace(waiting.urgency, segment);
  }
  if (ready_.empty()) return std::nullopt;
  return ready_.begin()->second;
}

std::int64_t RepairQueue::wake_s() const {
  return retries_.empty() ? std::numeric_limits<std::int64_t>::max() : retries_.begin()->first;
}

}  // namespace inxt::plan
