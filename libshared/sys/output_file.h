// SPDX-License-Identifier: LGPL-3.0-or-later
// Output that appears whole or not at all.  Written to an unnamed file in the target's folder (O_TMPFILE; a
// hidden named one where the file system has none), synced, and given its name by commit().  What is not an
// absent or regular file (a pipe, /dev/null, "-" for standard output) is written through.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "sys/fd.h"

namespace inxt::sys {

class OutputFile {
 public:
  /// Nothing is visible at `path` until commit().  An existing regular file keeps its mode; a symbolic link
  /// to one is followed; a new one gets `mode` less the umask. Errors: usage when it is a folder, a socket or
  /// a dangling link; denied when an existing file is not writable;
  ///         not_found when its folder is missing.
  static Result<OutputFile> create(const std::string& path, unsigned mode = 0666);

  OutputFile(OutputFile&&) noexcept;
  OutputFile& operator=(OutputFile&&) noexcept;
  /// Discards what was not committed.
  ~OutputFile();

  /// Appends.  Errors: quota when the disk is full, failure (also for a closed pipe).
  Result<void> write(ByteView bytes);
  /// Makes the file durable and gives it its name.  Nothing may be written afterwards.
  Result<void> commit();

  const std::string& path() const { return path_; }
  /// True when bytes are seen at once: there is nothing to take back.
  bool is_written_through() const { return written_through_; }
  bool is_terminal() const;
  std::uint64_t written_bytes() const { return written_bytes_; }

 private:
  OutputFile() = default;
  Result<void> open_hidden(unsigned mode);
  Result<void> give_name();
  void discard();

  std::string path_;         // as the user said it, for messages
  std::string folder_;       // of the target, links resolved
  std::string name_;         // in folder_
  std::string hidden_name_;  // in folder_; empty when the file has no name yet
  Fd folder_fd_;
  Fd fd_;
  int out_ = -1;  // fd_ or standard output
  bool written_through_ = false;
  bool committed_ = false;
  std::uint64_t written_bytes_ = 0;
};

}  // namespace inxt::sys
