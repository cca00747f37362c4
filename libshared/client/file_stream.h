// SPDX-License-Identifier: LGPL-3.0-or-later
// File descriptors and output files as streams.
#pragma once

#include <optional>
#include <string>

#include "client/byte_stream.h"
#include "sys/fd.h"
#include "sys/output_file.h"

namespace inxt::client {

/// Reads a descriptor from where it stands to its end.
class FdSource final : public ByteSource {
 public:
  /// The descriptor stays the caller's.  `name` stands in errors.
  FdSource(int fd, std::string name);
  /// Closes it at the end of its life.
  FdSource(sys::Fd fd, std::string name);

  /// Errors: what the system says; integrity, at the end, when a regular file changed while it was read: its
  /// size, its time of change, or the number of bytes that came.
  Result<std::size_t> read(ByteSpan out) override;

  /// What becomes readable when the program is to stop: then read() fails instead of waiting.
  void stop_on(int stop_fd) { stop_fd_ = stop_fd; }
  /// Gives these bytes before the rest: what was read from a pipe to see what it brings.
  void begin_with(std::string_view bytes) { ahead_ = copy_of(view_of(bytes)); }
  /// Bytes from here to the end, where that is known (a regular file).
  std::optional<std::uint64_t> length_bytes() const { return length_bytes_; }

 private:
  struct Seen {
    std::uint64_t size_bytes = 0;
    std::int64_t modified_ns = 0;
    bool operator==(const Seen&) const = default;
  };
  static std::optional<Seen> look(int fd);
  void begin();
  Result<void> check_unchanged() const;

  sys::Fd owned_;
  int fd_;
  int stop_fd_ = -1;
  std::string name_;
  std::optional<Seen> seen_;  // of a regular file, when reading began
  std::optional<std::uint64_t> length_bytes_;
  Bytes ahead_;
  std::uint64_t read_bytes_ = 0;
  bool ended_ = false;
};

/// Writes to a descriptor that stays the caller's.
class FdSink final : public ByteSink {
 public:
  FdSink(int fd, std::string name) : fd_(fd), name_(std::move(name)) {}
  Result<void> write(ByteView bytes) override;
  Result<void> finish() override { return {}; }

 private:
  int fd_;
  std::string name_;
};

/// Writes to an output file that stays the caller's.  finish() does not commit it: the caller does, once
/// everything else (the manifest's seal) has been seen to be right.
class OutputSink final : public ByteSink {
 public:
  explicit OutputSink(sys::OutputFile& file) : file_(file) {}
  Result<void> write(ByteView bytes) override { return file_.write(bytes); }
  Result<void> finish() override { return {}; }

 private:
  sys::OutputFile& file_;
};

}  // namespace inxt::client
