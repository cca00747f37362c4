// SPDX-License-Identifier: LGPL-3.0-or-later
// How far this machine has seen a log: a Bridge that shows less later, or something else, is found out by it.
// One file a log: $XDG_STATE_HOME/inxt/logs/<log id>, a line of JSON, beside it a lock.  Format:
// inxt-tree(5), "What a machine keeps".
#pragma once

#include <functional>

#include "format/log_entry.h"

namespace inxt::client {

class LogMemory {
 public:
  /// `folder`, or $XDG_STATE_HOME/inxt/logs; made where it is missing.  Nothing seen where the file is not
  /// there. Errors: integrity when the file is damaged, with what to do; those of files.
  static Result<LogMemory> load(const std::optional<std::string>& folder, const format::LogId& log);

  const format::LogHead& seen() const { return seen_; }
  /// Writes `now` durably, unless another process has seen more meanwhile.  `hash_at` gives the hash of an
  /// entry that was verified up to now, where it is still known.  One writer at a time (flock). Errors:
  /// integrity when another process of this machine was shown another entry under a number that was seen
  /// here; those of files.
  Result<void> save(const format::LogHead& now,
                    const std::function<std::optional<crypto::Hash>(std::uint64_t seq)>& hash_at);
  const std::string& path() const { return path_; }

 private:
  LogMemory(std::string path, const format::LogId& log) : path_(std::move(path)), log_(log) {}
  Result<format::LogHead> read() const;

  std::string path_;
  format::LogId log_;
  format::LogHead seen_;
};

}  // namespace inxt::client
