// SPDX-License-Identifier: LGPL-3.0-or-later
// Writes what a Host keeps about its dealings (audits, transfers) to the store, twice a second, off the loop.
// A kill loses the last second of it.
#pragma once

#include <functional>

#include "host/host.h"
#include "host/record_files.h"

namespace inxt::host {

inline constexpr std::int64_t kWriteRecordsEveryMs = 500;

class RecordKeeper {
 public:
  /// `is_moving`: whether new files are made elsewhere now than before; thread-safe.
  /// REQUIRES: host and directory outlive this.
  RecordKeeper(Host& host, sys::Directory& directory, std::function<bool()> is_moving);

  /// Until it is cancelled.
  net::Awaitable<void> run();
  /// Everything that waits, blocking.  REQUIRES: run() has ended.
  void finish();

 private:
  struct Work {
    std::string known, others, transfers;
    RecordLimits limits;
  };
  struct Done {
    Result<void> audits, transfers;
  };
  Work take(bool at_end);
  bool is_due(const Work& work) const;
  Done write(const Work& work);
  void report(const Done& done);

  Host& host_;
  std::function<bool()> is_moving_;
  bool was_moving_ = false;
  RecordFiles known_, others_, transfers_;
  RecordLimits written_limits_;
  bool has_written_ = false;
  std::string trouble_;
};

}  // namespace inxt::host
