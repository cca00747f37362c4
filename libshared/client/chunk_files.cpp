// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/chunk_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "base/check.h"
#include "sys/files.h"

namespace inxt::client {
namespace {

bool is_aligned(ByteView bytes) {
  constexpr std::size_t kDirectAlignmentBytes = 4096;
  return reinterpret_cast<std::uintptr_t>(bytes.data()) % kDirectAlignmentBytes == 0 &&
         bytes.size() % kDirectAlignmentBytes == 0;
}

}  // namespace

Result<std::unique_ptr<OneChunkFile>> OneChunkFile::create(const std::string& path) {
  auto out = std::unique_ptr<OneChunkFile>(new OneChunkFile);
  struct stat stat;
  const bool exists = ::lstat(path.c_str(), &stat) == 0;
  if (!exists && errno != ENOENT) return fail_errno(errno, path);
  if (exists && !S_ISREG(stat.st_mode))
    return fail(Code::usage, fmt::format("{}: is there and not a regular file", path),
                "name another with --ciphertext");
  const auto slash = path.rfind('/');
  const std::string folder = slash == path.npos ? "." : path.substr(0, slash + 1);
  const std::string name = path.substr(slash == path.npos ? 0 : slash + 1);
  if (name.empty()) return fail(Code::usage, fmt::format("{}: is not the name of a file", path));
  char* real = ::realpath(folder.c_str(), nullptr);
  if (real == nullptr) return fail_errno(errno, folder);
  const std::string resolved = std::string(real) == "/" ? "" : real;
  std::free(real);
  out->path_ = fmt::format("{}/{}", resolved, name);
  const unsigned mode = exists ? stat.st_mode & 0777 : 0666;
  for (int attempt = 0; !out->fd_; ++attempt) {
    out->hidden_path_ = fmt::format("{}/.{}.{}-{}", resolved, name.substr(0, 200), ::getpid(), attempt);
    out->fd_ = sys::Fd(::open(out->hidden_path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
    if (!out->fd_ && (errno != EEXIST || attempt == 16)) {
      const int error_number = errno;
      out->hidden_path_.clear();
      return fail_errno(error_number, path);
    }
  }
  if (exists) ::fchmod(out->fd_.number(), mode);
  out->direct_ = ::fcntl(out->fd_.number(), F_SETFL, O_DIRECT) == 0;
  return out;
}

Result<void> OneChunkFile::give_name() {
  if (named_) return {};
  if (::rename(hidden_path_.c_str(), path_.c_str()) != 0) return fail_errno(errno, path_);
  named_ = true;
  return {};
}

Result<format::CiphertextChunk> OneChunkFile::put(ByteView bytes) {
  // Past the page cache while that works, so that finish() has nothing left to wait for.
  if (direct_ && !is_aligned(bytes)) {
    direct_ = false;
    if (::fcntl(fd_.number(), F_SETFL, 0) != 0) return fail_errno(errno, path_);
  }
  TRY(sys::write_all(fd_.number(), bytes, path_));
  TRY(give_name());
  const auto offset = std::exchange(bytes_, bytes_ + bytes.size());
  return format::CiphertextChunk{.path = path_, .offset = offset, .length = bytes.size(), .sha256 = {}};
}

Result<void> OneChunkFile::finish() {
  if (::fsync(fd_.number()) != 0) return fail_errno(errno, path_);
  TRY(give_name());
  finished_ = true;
  fd_.close();
  return {};
}

void OneChunkFile::discard() {
  if (finished_ || hidden_path_.empty()) return;
  ::unlink(named_ ? path_.c_str() : hidden_path_.c_str());
  hidden_path_.clear();
  fd_.close();
}

std::string SpoolChunks::name_of(std::uint64_t number) const {
  return fmt::format("ciphertext-{}-{}", run_, number);
}

Result<format::CiphertextChunk> SpoolChunks::put(ByteView bytes) {
  auto file = TRY(spool_.create_named(name_of(count_)));
  TRY(file.write(bytes));
  format::CiphertextChunk chunk{.path = file.path(), .offset = 0, .length = bytes.size(), .sha256 = {}};
  TRY(file.keep());
  ++count_;
  return chunk;
}

void SpoolChunks::discard() {
  for (std::uint64_t number = 0; number < count_; ++number)
    ::unlink(fmt::format("{}/{}", spool_.folder(), name_of(number)).c_str());
  count_ = 0;
}

}  // namespace inxt::client
