// SPDX-License-Identifier: LGPL-3.0-or-later
#include "host/piece_reports.h"

#include <algorithm>

namespace inxt::host {

void PieceReports::add(const PieceReport& report, std::span<const crypto::PublicKey> bridges) {
  for (const crypto::PublicKey& bridge : bridges) {
    Queue& queue = queues_[bridge];
    if (std::ranges::find(queue.waiting, report) != queue.waiting.end()) continue;
    queue.waiting.push_back(report);
    if (queue.waiting.size() <= kReportsWaitingMax) continue;
    queue.waiting.pop_front();
    ++queue.dropped;
  }
}

const PieceReport* PieceReports::next(const crypto::PublicKey& bridge) const {
  const auto queue = queues_.find(bridge);
  return queue == queues_.end() || queue->second.waiting.empty() ? nullptr : &queue->second.waiting.front();
}

void PieceReports::pop(const crypto::PublicKey& bridge) {
  const auto queue = queues_.find(bridge);
  if (queue != queues_.end() && !queue->second.waiting.empty()) queue->second.waiting.pop_front();
}

std::size_t PieceReports::waiting(const crypto::PublicKey& bridge) const {
  const auto queue = queues_.find(bridge);
  return queue == queues_.end() ? 0 : queue->second.waiting.size();
}

std::uint64_t PieceReports::dropped(const crypto::PublicKey& bridge) const {
  const auto queue = queues_.find(bridge);
  return queue == queues_.end() ? 0 : queue->second.dropped;
}

}  // namespace inxt::host
