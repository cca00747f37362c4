// SPDX-License-Identifier: LGPL-3.0-or-later
#include "store/group_commit.h"

#include <chrono>
#include <thread>

#include "store/store.h"

namespace inxt::store {

Result<void> GroupCommit::commit_alone(UnnamedFile& file, bool& named) {
  TRY(file.file->sync());
  file.file.reset();
  TRY(directory_.rename(file.temporary, file.target));
  named = true;
  return directory_.sync_folder(file.target.parent());
}

Result<void> GroupCommit::commit_with_others(UnnamedFile& file, bool& named) {
  TRY(shared_sync());
  file.file.reset();
  TRY(directory_.rename(file.temporary, file.target));
  named = true;
  return shared_sync();
}

Result<void> GroupCommit::shared_sync() {
  std::unique_lock lock(mutex_);
  if (!next_) next_ = std::make_shared<Round>();
  const std::shared_ptr<Round> round = next_;
  ++round->waiting;
  // Of those who wait for this round, the first who sees the former one over begins it.
  changed_.wait(lock, [&] { return round->is_done || (!round->has_begun && !sync_runs_); });
  if (round->is_done) return round->outcome;
  round->has_begun = true;
  sync_runs_ = true;
  if (delay_ms_ > 0) {
    lock.unlock();
    std::this_thread::sleep_for(std::chrono::milliseconds(delay_ms_));
    lock.lock();
  }
  next_ = nullptr;  // what comes from here on may not be covered
  lock.unlock();
  Result<void> outcome = directory_.sync_everything();
  lock.lock();
  sync_runs_ = false;
  round->outcome = outcome;
  round->is_done = true;
  if (round->waiting > 1) ++counts_.groups;
  changed_.notify_all();
  return outcome;
}

Result<void> GroupCommit::commit(UnnamedFile& file, bool& named) {
  named = false;
  bool is_alone = !enabled_;
  {
    const std::lock_guard guard(mutex_);
    ++committing_;
    is_alone |= committing_ < kGroupMin && delay_ms_ == 0;
    if (!is_alone) ++counts_.grouped;
  }
  const Result<void> outcome = is_alone ? commit_alone(file, named) : commit_with_others(file, named);
  const std::lock_guard guard(mutex_);
  --committing_;
  return outcome;
}

GroupCommit::Counts GroupCommit::counts() const {
  const std::lock_guard guard(mutex_);
  return counts_;
}

}  // namespace inxt::store
