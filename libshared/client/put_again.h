// SPDX-License-Identifier: LGPL-3.0-or-later
// Remembers that a put of many files has begun, so that the same command, after it was cut off, leaves out
// what it has put already: $XDG_STATE_HOME/inxt/unfinished/ID.tree, with where the log ended when it began.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"

namespace inxt::client {

class PutAgain {
 public:
  /// Looks whether an earlier one was cut off.  `what`: all that makes it the same command.
  PutAgain(const std::string& folder, std::string_view what);

  /// Where the log ended when the first of those that were cut off began; nothing where none was.
  const std::optional<std::uint64_t>& log_end() const { return log_end_; }
  /// This one begins, durably.  Errors: those of files.
  Result<void> begin(std::uint64_t log_end);
  /// There is nothing to go on with.
  void end();

 private:
  std::string path_;
  std::optional<std::uint64_t> log_end_;
};

}  // namespace inxt::client
