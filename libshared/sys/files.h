// SPDX-License-Identifier: LGPL-3.0-or-later
// Reading and writing through file descriptors, whole: interrupted and short calls are continued.
// Output files are in output_file.h; a daemon's folder is in directory.h.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "sys/fd.h"

namespace inxt::sys {

inline constexpr int kStandardInput = 0;
inline constexpr int kStandardOutput = 1;
inline constexpr int kStandardError = 2;

/// Opens for reading.  Errors: not_found, denied, failure; usage when it is a folder.
Result<Fd> open_file(const std::string& path);

/// The file's bytes.  `limit_name` says in the error what was too large, e.g. "key file".
/// Errors: those of open_file; usage when the file is longer than limit_bytes (it is not read further).
Result<Bytes> read_file(const std::string& path, std::size_t limit_bytes, std::string_view limit_name);
/// The same from a descriptor, up to its end; `what` names it in errors ("standard input").
Result<Bytes> read_all(int fd, std::size_t limit_bytes, std::string_view what);

/// Bytes read, at most out.size(), as soon as there are any; 0 at the end.
Result<std::size_t> read_some(int fd, ByteSpan out, std::string_view what);
/// Bytes read: out.size(), or fewer only at the end.
Result<std::size_t> read_full(int fd, ByteSpan out, std::string_view what);
/// The same from a position, leaving the descriptor's own alone.
Result<std::size_t> read_full_at(int fd, std::uint64_t offset, ByteSpan out, std::string_view what);

/// Errors: failure, with `what` and errno's text; quota when the disk is full.
Result<void> write_all(int fd, ByteView bytes, std::string_view what);

enum class FileKind { regular, folder, terminal, pipe, other };
struct FileStatus {
  FileKind kind = FileKind::other;
  std::uint64_t size_bytes = 0;  // of a regular file
  unsigned mode = 0;             // permission bits, 07777
  bool owned_by_caller = false;  // by the effective user
  std::int64_t modified_unix_s = 0;
  std::uint64_t device = 0, inode = 0;  // together, the file's identity
};
Result<FileStatus> status_of(int fd, std::string_view what);
/// Follows symbolic links.  Errors: not_found, denied, failure.
Result<FileStatus> status_of(const std::string& path);

bool is_terminal(int fd);

}  // namespace inxt::sys
