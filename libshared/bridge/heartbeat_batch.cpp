// SPDX-License-Identifier: LGPL-3.0-or-later
#include "bridge/heartbeat_batch.h"

#include <fmt/format.h>

namespace inxt::bridge {

net::Awaitable<Result<BeatAnswer>> HeartbeatBatch::take(format::Heartbeat heartbeat) {
  if (waiting_.size() >= kBeatsQueuedMax)
    co_return fail(Code::try_again,
                   fmt::format("{} heartbeats wait already (beats_queued_max)", waiting_.size()));
  const auto mine = std::make_shared<Waiting>(std::move(heartbeat), executor_);
  waiting_.push_back(mine);
  arrived_.notify();
  const auto until_ms = clock_.steady_ms() + kBeatWaitMs;
  while (!mine->answer) {
    const auto left_ms = until_ms - clock_.steady_ms();
    if (left_ms <= 0)
      co_return fail(Code::try_again, fmt::format("not written within {} ms (beat_wait_ms)", kBeatWaitMs));
    co_await mine->done.wait_for(std::chrono::milliseconds(left_ms));
  }
  co_return *std::move(mine->answer);
}

net::Awaitable<void> HeartbeatBatch::commit(Batch batch) {
  const auto now = clock_.unix_s();
  std::vector<BeatAnswer> answers;
  const auto job = [&] {
    return database_.write([&](database::Transaction& transaction) -> Result<void> {
      answers.clear();
      for (const auto& entry : batch)
        answers.push_back(TRY(take_heartbeat(transaction, entry->heartbeat, now)));
      return {};
    });
  };
  const Result<void> written = co_await workers_.run(job);
  ++counts_.commits;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (written) {
      batch[i]->answer = answers[i];
      ++(answers[i].beaten == Beaten::yes   ? counts_.taken
         : answers[i].beaten == Beaten::old ? counts_.old
                                            : counts_.unknown);
    } else {
      batch[i]->answer = std::unexpected(written.error());
    }
    batch[i]->done.notify();
  }
}

net::Awaitable<void> HeartbeatBatch::run() {
  for (;;) {
    while (waiting_.empty()) co_await arrived_.wait();
    if (waiting_.size() < kBeatsPerCommitMax)
      co_await net::sleep_for(std::chrono::milliseconds(kBeatGatherMs));
    // In the order they came, so that two of one Host stay in theirs.
    const auto count = static_cast<std::ptrdiff_t>(std::min(waiting_.size(), kBeatsPerCommitMax));
    Batch batch(std::make_move_iterator(waiting_.begin()), std::make_move_iterator(waiting_.begin() + count));
    waiting_.erase(waiting_.begin(), waiting_.begin() + count);
    co_await commit(std::move(batch));
  }
}

}  // namespace inxt::bridge
