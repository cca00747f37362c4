// SPDX-License-Identifier: LGPL-3.0-or-later
// Lines out of a file descriptor as they come, never more than one line's limit in memory.
#pragma once

#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "format/json.h"

namespace inxt::client {

class LineReader {
 public:
  /// `name` says in errors what is read: "standard input".
  LineReader(int fd, std::string name, std::size_t line_bytes_max = format::kLineBytesMax)
      : fd_(fd), name_(std::move(name)), line_bytes_max_(line_bytes_max) {}

  /// The next line without its newline; nothing at the end.  A last line without a newline counts.  Valid until the
  /// next call.  Blocks.  Errors: integrity for a line past line_bytes_max; failure of reading.
  Result<std::optional<std::string_view>> next();
  /// The line that was given last had no newline: it may have been cut.
  bool without_newline() const { return without_newline_; }
  /// What becomes readable when the program is to stop: then next() fails instead of waiting.
  void stop_on(int stop_fd) { stop_fd_ = stop_fd; }
  /// Gives these lines (each with its newline) before the rest.
  void put_back(std::string_view lines) { buffer_.insert(begin_, lines); }
  /// The line that next() will give.
  Result<std::optional<std::string_view>> peek();

 private:
  int fd_;
  int stop_fd_ = -1;
  std::string name_;
  std::size_t line_bytes_max_;
  std::string buffer_;
  std::size_t begin_ = 0;  // of what has not been given
  bool ended_ = false;
  bool without_newline_ = false;
};

}  // namespace inxt::client
