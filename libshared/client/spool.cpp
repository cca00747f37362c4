// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/spool.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "base/check.h"
#include "base/encoding.h"
#include "sys/files.h"
#include "sys/xdg.h"

namespace inxt::client {

SpoolFile::SpoolFile(SpoolFile&& other) noexcept
    : path_(std::exchange(other.path_, {})), fd_(std::move(other.fd_)) {}

SpoolFile& SpoolFile::operator=(SpoolFile&& other) noexcept {
  if (this != &other) {
    discard();
    path_ = std::exchange(other.path_, {});
    fd_ = std::move(other.fd_);
  }
  return *this;
}

SpoolFile::~SpoolFile() {
  discard();
}

void SpoolFile::discard() {
  if (fd_ && !path_.empty()) ::unlink(path_.c_str());
  fd_.close();
}

Result<void> SpoolFile::write(ByteView bytes) {
  CHECK_BUG(static_cast<bool>(fd_));
  return sys::write_all(fd_.number(), bytes, path_);
}

Result<void> SpoolFile::keep() {
  CHECK_BUG(static_cast<bool>(fd_));
  // What lies in the spool need not outlive a power cut: the pipeline does not either.
  fd_.close();
  return {};
}

Result<Spool> Spool::of_user() {
  return open(TRY(sys::xdg_folder(sys::Xdg::cache)) + "/spool");
}

Result<Spool> Spool::open(const std::string& folder) {
  TRY(sys::make_private_folder(folder));
  struct stat stat;
  if (::stat(folder.c_str(), &stat) != 0) return fail_errno(errno, folder);
  if (!S_ISDIR(stat.st_mode)) return fail(Code::usage, fmt::format("{}: is not a folder", folder));
  if (stat.st_uid != ::geteuid() || (stat.st_mode & 022) != 0)
    return fail(Code::denied, fmt::format("{}: others may write to it", folder),
                fmt::format("chmod 700 {}", folder));
  char* real = ::realpath(folder.c_str(), nullptr);
  if (real == nullptr) return fail_errno(errno, folder);
  Spool spool{std::string(real)};
  std::free(real);
  return spool;
}

Result<SpoolFile> Spool::create(std::string_view kind, crypto::Random& random) const {
  return create_named(fmt::format("{}-{}", kind, to_hex(random.bytes<16>())));
}

Result<SpoolFile> Spool::create_named(std::string_view name) const {
  const auto path = fmt::format("{}/{}", folder_, name);
  sys::Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd) return fail_errno(errno, path);
  return SpoolFile(path, std::move(fd));
}

bool Spool::holds(std::string_view path) const {
  return path.size() > folder_.size() + 1 && path.starts_with(folder_) && path[folder_.size()] == '/' &&
         path.find('/', folder_.size() + 1) == std::string_view::npos;
}

}  // namespace inxt::client
