// SPDX-License-Identifier: LGPL-3.0-or-later
// Lines out of a file descriptor as they come, never more than one line's limit in memory.
#pragma once

#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace inxt::client {

class LineReader {
 public:
  /// `name` says in errors what is read: "standard input".
  LineReader(int fd, std::string name) : fd_(fd), name_(std::move(name)) {}

  /// The next line without its newline; nothing at the end.  A last line without a newline counts.  Valid until the
  /// next call.  Blocks.  Errors: integrity for a line past format::kLineBytesMax; failure of reading.
  Result<std::optional<std::string_view>> next();

 private:
  int fd_;
  std::string name_;
  std::string buffer_;
  std::size_t begin_ = 0;  // of what has not been given
  bool ended_ = false;
};

}  // namespace inxt::client
