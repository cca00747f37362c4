// SPDX-License-Identifier: LGPL-3.0-or-later
#include "sys/output_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "base/check.h"
#include "sys/files.h"

namespace inxt::sys {
namespace {

constexpr int kNameAttemptsMax = 16;

std::string hidden_name_for(const std::string& name) {
  std::uint64_t random = 0;
  CHECK_BUG(::getrandom(&random, sizeof random, 0) == sizeof random);
  // Cut, so that a long name and its ending still fit into a folder's entry.
  return fmt::format(".{}.{:016x}", name.substr(0, 200), random);
}

std::string resolved(const std::string& path) {
  char* real = ::realpath(path.c_str(), nullptr);
  if (real == nullptr) return {};
  std::string text = real;
  std::free(real);
  return text;
}

std::string proc_name(int fd) {
  return fmt::format("/proc/self/fd/{}", fd);
}

}  // namespace

Result<OutputFile> OutputFile::create(const std::string& path, unsigned mode) {
  OutputFile file;
  file.path_ = path;
  if (path == "-") {
    file.path_ = "standard output";
    file.out_ = kStandardOutput;
    file.written_through_ = true;
    return file;
  }
  if (path.empty()) return fail(Code::usage, "output file: its name is empty");

  struct stat stat;
  struct stat link;
  bool exists = ::stat(path.c_str(), &stat) == 0;
  if (!exists && errno != ENOENT) return fail_errno(errno, path);
  if (!exists && ::lstat(path.c_str(), &link) == 0)
    return fail(Code::usage, fmt::format("{}: is a link to something that is not there", path));
  if (exists && S_ISDIR(stat.st_mode))
    return fail(Code::usage, fmt::format("{}: is a folder", path), "name a file in it");
  if (exists && S_ISSOCK(stat.st_mode)) return fail(Code::usage, fmt::format("{}: is a socket", path));
  if (exists && ::faccessat(AT_FDCWD, path.c_str(), W_OK, AT_EACCESS) != 0) return fail_errno(errno, path);

  if (exists && !S_ISREG(stat.st_mode)) {
    int number;
    do number = ::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY);
    while (number < 0 && errno == EINTR);
    if (number < 0) return fail_errno(errno, path);
    file.fd_ = Fd(number);
    file.out_ = number;
    file.written_through_ = true;
    return file;
  }

  // Through a link to a regular file: replace the file, not the link.
  const std::string target = exists ? resolved(path) : path;
  if (target.empty()) return fail_errno(errno, path);
  const std::size_t slash = target.rfind('/');
  file.folder_ = slash == std::string::npos ? "." : slash == 0 ? "/" : target.substr(0, slash);
  file.name_ = target.substr(slash == std::string::npos ? 0 : slash + 1);
  if (file.name_.empty()) return fail(Code::usage, fmt::format("{}: is not the name of a file", path));
  file.folder_fd_ = Fd(::open(file.folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!file.folder_fd_) return fail_errno(errno, fmt::format("folder {}", file.folder_));

  TRY(file.open_hidden(exists ? (stat.st_mode & 0777) & 0700 : mode));
  if (exists) {
    // Not ours to give away in general; where it fails, the file is the caller's, with the same permissions.
    const bool same_owner =
        ::fchown(file.fd_.number(), stat.st_uid, stat.st_gid) == 0 || stat.st_uid == ::geteuid();
    if (::fchmod(file.fd_.number(), stat.st_mode & (same_owner ? 07777 : 0777)) != 0)
      return fail_errno(errno, path);
  }
  return file;
}

Result<void> OutputFile::open_hidden(unsigned mode) {
  // Without /proc an unnamed file could not be given a name later.
  if (::access("/proc/self/fd", X_OK) == 0) {
    fd_ = Fd(::openat(folder_fd_.number(), ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, mode));
    if (!fd_ && errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL && errno != ENOENT)
      return fail_errno(errno, path_);
  }
  for (int attempt = 0; !fd_; ++attempt) {
    hidden_name_ = hidden_name_for(name_);
    fd_ = Fd(
        ::openat(folder_fd_.number(), hidden_name_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
    if (fd_) break;
    hidden_name_.clear();
    if (errno != EEXIST || attempt == kNameAttemptsMax) return fail_errno(errno, path_);
  }
  out_ = fd_.number();
  return {};
}

Result<void> OutputFile::write(ByteView bytes) {
  CHECK_BUG(out_ >= 0 && !committed_);
  TRY(write_all(out_, bytes, path_));
  written_bytes_ += bytes.size();
  return {};
}

Result<void> OutputFile::commit() {
  CHECK_BUG(out_ >= 0 && !committed_);
  if (written_through_) {
    committed_ = true;
    // Some file systems report a failed write only on closing; standard output stays open for the others.
    if (fd_ && ::close(fd_.release()) != 0 && errno != EINTR) return fail_errno(errno, path_);
    return {};
  }
  if (::fsync(fd_.number()) != 0) return fail_errno(errno, path_);
  TRY(give_name());
  committed_ = true;
  hidden_name_.clear();
  if (::fsync(folder_fd_.number()) != 0 && errno != EINVAL) return fail_errno(errno, path_);
  fd_.close();
  return {};
}

Result<void> OutputFile::give_name() {
  const int folder = folder_fd_.number();
  if (hidden_name_.empty()) {
    const std::string self = proc_name(fd_.number());
    if (::linkat(AT_FDCWD, self.c_str(), folder, name_.c_str(), AT_SYMLINK_FOLLOW) == 0) return {};
    // A name that is taken can only be replaced by renaming onto it, and for that the file needs a name.
    for (int attempt = 0; hidden_name_.empty(); ++attempt) {
      if (errno != EEXIST || attempt == kNameAttemptsMax) return fail_errno(errno, path_);
      const std::string candidate = hidden_name_for(name_);
      if (::linkat(AT_FDCWD, self.c_str(), folder, candidate.c_str(), AT_SYMLINK_FOLLOW) == 0)
        hidden_name_ = candidate;
    }
  }
  // Something else may have taken the name since create() looked.
  struct stat stat;
  if (::fstatat(folder, name_.c_str(), &stat, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISREG(stat.st_mode))
    return fail(Code::failure, fmt::format("{}: has become something that is not a regular file", path_));
  if (::renameat(folder, hidden_name_.c_str(), folder, name_.c_str()) != 0) return fail_errno(errno, path_);
  return {};
}

void OutputFile::discard() {
  if (!hidden_name_.empty() && folder_fd_) ::unlinkat(folder_fd_.number(), hidden_name_.c_str(), 0);
  hidden_name_.clear();
}

OutputFile::OutputFile(OutputFile&& other) noexcept {
  *this = std::move(other);
}

OutputFile& OutputFile::operator=(OutputFile&& other) noexcept {
  if (this == &other) return *this;
  discard();
  path_ = std::move(other.path_);
  folder_ = std::move(other.folder_);
  name_ = std::move(other.name_);
  hidden_name_ = std::exchange(other.hidden_name_, {});
  folder_fd_ = std::move(other.folder_fd_);
  fd_ = std::move(other.fd_);
  out_ = std::exchange(other.out_, -1);
  written_through_ = other.written_through_;
  committed_ = other.committed_;
  written_bytes_ = other.written_bytes_;
  return *this;
}

OutputFile::~OutputFile() {
  discard();
}

bool OutputFile::is_terminal() const {
  return out_ >= 0 && sys::is_terminal(out_);
}

}  // namespace inxt::sys
