// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/transfer_receipts.h"

#include <algorithm>
#include <deque>
#include <unordered_map>
#include <unordered_set>

#include "net/event.h"
#include "net/task.h"

namespace inxt::client {

namespace {

struct Waiting {
  PieceId piece;
  std::uint64_t bytes = 0;
};

struct HostQueue {
  transfer::HostAddress host;
  std::deque<Waiting> waiting;
  net::Task task = {};
  bool is_running = false;
  bool refuses = false;
};

}  // namespace

struct TransferReceipts::State {
  explicit State(Network network) : net(network), ended(net.executor) {}
  Network net;
  net::Event ended;
  std::unordered_map<HostId, HostQueue> queues;
  std::unordered_set<PieceId> has_receipt;
  std::size_t running = 0;
  std::uint64_t sent = 0;
};

namespace {

/// Also when it is cancelled.
template <class State>
struct EndOfQueue {
  State& state;
  HostQueue& queue;
  ~EndOfQueue() {
    queue.is_running = false;
    --state.running;
    state.ended.notify();
  }
};

template <class State>
net::Awaitable<void> send_all(std::shared_ptr<State> state, HostQueue& queue) {
  const EndOfQueue<State> end{*state, queue};
  while (!queue.waiting.empty() && !queue.refuses) {
    const Waiting next = queue.waiting.front();
    queue.waiting.pop_front();
    const Result<void> sent = co_await state->net.service.acknowledge(queue.host, next.piece, next.bytes);
    queue.refuses = !sent;
    if (sent) ++state->sent;
  }
  queue.waiting.clear();
}

}  // namespace

TransferReceipts::TransferReceipts(Network network) : state_(std::make_shared<State>(network)) {}

void TransferReceipts::add(const transfer::HostAddress& host, const PieceId& piece, std::uint64_t bytes) {
  HostQueue& queue = state_->queues[host.id];
  if (queue.refuses || queue.waiting.size() >= kReceiptsQueuedMax) return;
  if (state_->has_receipt.size() >= kReceiptsRememberedMax) state_->has_receipt.clear();
  if (!state_->has_receipt.insert(piece).second) return;
  queue.waiting.push_back({piece, bytes});
  if (queue.is_running) return;
  queue.host = host;
  queue.is_running = true;
  ++state_->running;
  queue.task = net::Task::start(state_->net.executor, send_all(state_, queue));
}

bool TransferReceipts::empty() const {
  return state_->running == 0;
}

std::uint64_t TransferReceipts::sent() const {
  return state_->sent;
}

net::Awaitable<void> TransferReceipts::finish(std::chrono::milliseconds time) {
  const auto state = state_;
  const std::int64_t until_ms = state->net.clock.steady_ms() + time.count();
  while (state->running > 0) {
    const std::int64_t left_ms = until_ms - state->net.clock.steady_ms();
    if (left_ms <= 0) break;
    co_await state->ended.wait_for(std::chrono::milliseconds(left_ms));
  }
  for (auto& [id, queue] : state->queues) {
    queue.waiting.clear();
    if (queue.is_running) queue.task.cancel();
  }
  while (state->running > 0) co_await state->ended.wait();
}

}  // namespace inxt::client
