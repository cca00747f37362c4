// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/file_stream.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "client/wait_readable.h"
#include "sys/files.h"

namespace inxt::client {

FdSource::FdSource(int fd, std::string name) : fd_(fd), name_(std::move(name)) {
  begin();
}

FdSource::FdSource(sys::Fd fd, std::string name)
    : owned_(std::move(fd)), fd_(owned_.number()), name_(std::move(name)) {
  begin();
}

std::optional<FdSource::Seen> FdSource::look(int fd) {
  struct stat stat;
  if (::fstat(fd, &stat) != 0 || !S_ISREG(stat.st_mode)) return std::nullopt;
  return Seen{.size_bytes = static_cast<std::uint64_t>(stat.st_size),
              .modified_ns = stat.st_mtim.tv_sec * 1'000'000'000 + stat.st_mtim.tv_nsec};
}

void FdSource::begin() {
  seen_ = look(fd_);
  if (!seen_) return;
  // The kernel's own files (/proc, /sys) say that they are empty, and are not.
  if (seen_->size_bytes == 0) return;
  const off_t at = ::lseek(fd_, 0, SEEK_CUR);
  if (at < 0) return;
  const auto position = static_cast<std::uint64_t>(at);
  length_bytes_ = position < seen_->size_bytes ? seen_->size_bytes - position : 0;
  ::posix_fadvise(fd_, 0, 0, POSIX_FADV_SEQUENTIAL);
}

Result<void> FdSource::check_unchanged() const {
  if (!seen_) return {};
  const auto now = look(fd_);
  if (!now || *now != *seen_ || (length_bytes_ && *length_bytes_ != read_bytes_))
    return fail(Code::integrity, fmt::format("{}: changed while it was read", name_),
                "run it again when nothing writes to the file, or on a snapshot of it");
  return {};
}

Result<std::size_t> FdSource::read(ByteSpan out) {
  if (ended_) return 0;
  const std::size_t early = std::min(ahead_.size(), out.size());
  std::copy_n(ahead_.begin(), early, out.begin());
  ahead_.erase(ahead_.begin(), ahead_.begin() + static_cast<std::ptrdiff_t>(early));
  std::size_t got = early;
  while (got < out.size()) {
    if (stop_fd_ >= 0) TRY(wait_readable(fd_, stop_fd_, name_));
    const std::size_t some = TRY(sys::read_some(fd_, out.subspan(got), name_));
    if (some == 0) break;
    got += some;
  }
  read_bytes_ += got - early;
  if (got < out.size()) {
    ended_ = true;
    TRY(check_unchanged());
  }
  return got;
}

Result<void> FdSink::write(ByteView bytes) {
  return sys::write_all(fd_, bytes, name_);
}

}  // namespace inxt::client
