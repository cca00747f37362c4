// SPDX-License-Identifier: LGPL-3.0-or-later
// Makes files durable under their names: sync the file, rename it, sync its folder.  Many at the same time
// share their syncs: whoever waits for one waits for the next sync of the whole file system that begins after
// it came, for the contents and again for the name, so that one sync serves contents of some and names of
// others.
//
// Below kGroupMin each syncs its own file and folder: a sync of the file system costs as much as several of
// one file, and waits for what other programs write.  File systems with a journal share among syncs of single
// files too (ext4 commits one transaction for all who wait); those that do not are where this pays most.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>

#include "sys/directory.h"

namespace inxt::store {

/// A file that is written, but neither synced nor named.
struct UnnamedFile {
  std::unique_ptr<sys::DirectoryFile> file;
  sys::Path temporary;
  sys::Path target;  // its folder is there, durably
};

class GroupCommit {
 public:
  struct Counts {
    std::uint64_t groups = 0;   // syncs that several shared
    std::uint64_t grouped = 0;  // files that took part in shared syncs
  };

  /// `delay_ms`: how long a sync waits for others to share it.  REQUIRES: directory outlives it.
  GroupCommit(sys::Directory& directory, bool enabled, std::uint32_t delay_ms)
      : directory_(directory), enabled_(enabled), delay_ms_(delay_ms) {}

  /// Returns when the file is durable under its name.  After an error `named` says whether it has its name;
  /// when it has not, its temporary name is still there.  Thread-safe.
  Result<void> commit(UnnamedFile& file, bool& named);

  Counts counts() const;

 private:
  Result<void> commit_alone(UnnamedFile& file, bool& named);
  Result<void> commit_with_others(UnnamedFile& file, bool& named);
  Result<void> shared_sync();

  /// One sync of the file system, and what came of it.
  struct Round {
    std::size_t waiting = 0;
    bool has_begun = false;
    bool is_done = false;
    Result<void> outcome = {};
  };

  sys::Directory& directory_;
  const bool enabled_;
  const std::uint32_t delay_ms_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t committing_ = 0;
  bool sync_runs_ = false;
  std::shared_ptr<Round> next_;  // the round that has not begun; whoever comes joins it
  Counts counts_;
};

}  // namespace inxt::store
