// SPDX-License-Identifier: LGPL-3.0-or-later
#include "sys/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace inxt::sys {
namespace {

// Reading is in steps, so that a size that the file only claims is never allocated.
constexpr std::size_t kReadStepBytes = 64 * 1024;

FileStatus status_from(const struct stat& stat) {
  FileStatus status;
  switch (stat.st_mode & S_IFMT) {
    case S_IFREG:
      status.kind = FileKind::regular;
      status.size_bytes = static_cast<std::uint64_t>(stat.st_size);
      break;
    case S_IFDIR:
      status.kind = FileKind::folder;
      break;
    case S_IFIFO:
      status.kind = FileKind::pipe;
      break;
    default:
      break;
  }
  status.mode = stat.st_mode & 07777;
  status.owned_by_caller = stat.st_uid == ::geteuid();
  status.modified_unix_s = stat.st_mtim.tv_sec;
  status.device = stat.st_dev;
  status.inode = stat.st_ino;
  return status;
}

}  // namespace

Result<Fd> open_file(const std::string& path) {
  int number;
  do number = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
  while (number < 0 && errno == EINTR);
  if (number < 0) return fail_errno(errno, path);
  Fd fd(number);
  if (TRY(status_of(fd.number(), path)).kind == FileKind::folder)
    return fail(Code::usage, fmt::format("{}: is a folder", path));
  return fd;
}

Result<Bytes> read_file(const std::string& path, std::size_t limit_bytes, std::string_view limit_name) {
  Fd fd = TRY(open_file(path));
  return read_all(fd.number(), limit_bytes, fmt::format("{} {}", limit_name, path));
}

Result<Bytes> read_all(int fd, std::size_t limit_bytes, std::string_view what) {
  Bytes bytes;
  for (;;) {
    const std::size_t before = bytes.size();
    bytes.resize(before + std::min(kReadStepBytes, limit_bytes - before + 1));
    const std::size_t got = TRY(read_full(fd, ByteSpan(bytes).subspan(before), what));
    const bool at_end = before + got < bytes.size();
    bytes.resize(before + got);
    if (bytes.size() > limit_bytes)
      return fail(Code::usage, fmt::format("{}: longer than its limit of {} bytes", what, limit_bytes));
    if (at_end) return bytes;
  }
}

Result<std::size_t> read_some(int fd, ByteSpan out, std::string_view what) {
  for (;;) {
    const ssize_t got = ::read(fd, out.data(), out.size());
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR) return fail_errno(errno, what);
  }
}

Result<std::size_t> read_full(int fd, ByteSpan out, std::string_view what) {
  std::size_t done = 0;
  while (done < out.size()) {
    const std::size_t got = TRY(read_some(fd, out.subspan(done), what));
    if (got == 0) break;
    done += got;
  }
  return done;
}

Result<std::size_t> read_full_at(int fd, std::uint64_t offset, ByteSpan out, std::string_view what) {
  std::size_t done = 0;
  while (done < out.size()) {
    const ssize_t got = ::pread(fd, out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
    if (got < 0) {
      if (errno == EINTR) continue;
      return fail_errno(errno, what);
    }
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  return done;
}

Result<void> write_all(int fd, ByteView bytes, std::string_view what) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(fd, bytes.data(), bytes.size());
    if (put < 0) {
      if (errno == EINTR) continue;
      return fail_errno(errno, what);
    }
    bytes = bytes.subspan(static_cast<std::size_t>(put));
  }
  return {};
}

Result<FileStatus> status_of(int fd, std::string_view what) {
  struct stat stat;
  if (::fstat(fd, &stat) != 0) return fail_errno(errno, what);
  FileStatus status = status_from(stat);
  if (S_ISCHR(stat.st_mode) && ::isatty(fd) == 1) status.kind = FileKind::terminal;
  return status;
}

Result<FileStatus> status_of(const std::string& path) {
  struct stat stat;
  if (::stat(path.c_str(), &stat) != 0) return fail_errno(errno, path);
  return status_from(stat);
}

bool is_terminal(int fd) {
  return ::isatty(fd) == 1;
}

}  // namespace inxt::sys
