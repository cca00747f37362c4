// SPDX-License-Identifier: LGPL-3.0-or-later
#include "sys/directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/check.h"
#include "sys/files.h"

namespace inxt::sys {
namespace {

constexpr std::size_t kBootIdBytesMax = 256;

bool is_aligned(std::uint64_t offset, ByteView bytes) {
  return (offset | bytes.size() | reinterpret_cast<std::uintptr_t>(bytes.data())) % kDirectAlignmentBytes ==
         0;
}

class PosixFile final : public DirectoryFile {
 public:
  PosixFile(Fd fd, std::string name, bool direct)
      : fd_(std::move(fd)), name_(std::move(name)), direct_(direct) {}

  Result<std::size_t> read_at(std::uint64_t offset, ByteSpan out) override {
    CHECK_BUG(!direct_ || is_aligned(offset, out));
    bool retried = false;
    std::size_t done = 0;
    while (done < out.size()) {
      const ssize_t got =
          ::pread(fd_.number(), out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
      if (got < 0) {
        if (errno == EINTR || give_up_direct(errno, retried)) continue;
        return fail_errno(errno, name_);
      }
      if (got == 0) break;
      done += static_cast<std::size_t>(got);
      // The end of a file that is no multiple of a block: a further read would start unaligned.
      if (direct_ && done % kDirectAlignmentBytes != 0) break;
    }
    return done;
  }

  Result<void> write_at(std::uint64_t offset, ByteView bytes) override {
    CHECK_BUG(!direct_ || is_aligned(offset, bytes));
    bool retried = false;
    while (!bytes.empty()) {
      const ssize_t put = ::pwrite(fd_.number(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
      if (put < 0) {
        if (errno == EINTR || give_up_direct(errno, retried)) continue;
        return fail_errno(errno, name_);
      }
      bytes = bytes.subspan(static_cast<std::size_t>(put));
      offset += static_cast<std::uint64_t>(put);
    }
    return {};
  }

  Result<void> sync() override {
    if (::fdatasync(fd_.number()) != 0) return fail_errno(errno, name_);
    return {};
  }

  Result<std::uint64_t> size_bytes() override { return TRY(status_of(fd_.number(), name_)).size_bytes; }

 private:
  // Some devices accept O_DIRECT on opening and refuse our alignment later.
  bool give_up_direct(int error_number, bool& retried) const {
    if (error_number != EINVAL || !direct_ || std::exchange(retried, true)) return false;
    const int flags = ::fcntl(fd_.number(), F_GETFL);
    return flags >= 0 && ::fcntl(fd_.number(), F_SETFL, flags & ~O_DIRECT) == 0;
  }

  Fd fd_;
  std::string name_;
  const bool direct_;
};

class PosixLock final : public DirectoryLock {
 public:
  explicit PosixLock(Fd fd) : fd_(std::move(fd)) {}

 private:
  Fd fd_;
};

class PosixDirectory final : public Directory {
 public:
  PosixDirectory(Fd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}

  Result<std::unique_ptr<DirectoryFile>> open(const Path& path, Caching caching) override {
    return open_with(path, O_RDONLY, caching);
  }

  Result<std::unique_ptr<DirectoryFile>> create(const Path& path, Caching caching) override {
    return open_with(path, O_WRONLY | O_CREAT | O_EXCL, caching);
  }

  Result<void> rename(const Path& from, const Path& to) override {
    if (::renameat(fd_.number(), from.text().c_str(), fd_.number(), to.text().c_str()) != 0)
      return fail_errno(errno, name_of(to));
    return {};
  }

  Result<void> remove(const Path& path) override {
    if (::unlinkat(fd_.number(), path.text().c_str(), 0) != 0) return fail_errno(errno, name_of(path));
    return {};
  }

  Result<void> make_folder(const Path& path) override {
    if (::mkdirat(fd_.number(), path.text().c_str(), 0700) == 0) return {};
    const int error_number = errno;
    const auto entry = TRY(look_up(path));
    if (entry && entry->kind == EntryKind::folder) return {};
    return fail_errno(error_number, name_of(path));
  }

  Result<void> sync_folder(const Path& path) override {
    const Fd folder = TRY(open_folder(path));
    if (::fsync(folder.number()) != 0) return fail_errno(errno, name_of(path));
    return {};
  }

  Result<void> sync_everything() override {
    if (::syncfs(fd_.number()) != 0) return fail_errno(errno, path_);
    return {};
  }

  Result<std::vector<Entry>> list(const Path& path) override {
    Fd folder = TRY(open_folder(path));
    DIR* stream = ::fdopendir(folder.number());
    if (stream == nullptr) return fail_errno(errno, name_of(path));
    const std::unique_ptr<DIR, int (*)(DIR*)> closer(stream, ::closedir);
    folder.release();  // the stream closes it
    std::vector<Entry> entries;
    for (;;) {
      errno = 0;
      const dirent* found = ::readdir(stream);
      if (found == nullptr) break;
      if (!Path::is_name(found->d_name)) continue;
      struct stat stat;
      if (::fstatat(::dirfd(stream), found->d_name, &stat, AT_SYMLINK_NOFOLLOW) != 0) {
        if (errno == ENOENT) continue;  // removed while we looked
        return fail_errno(errno, name_of(path / found->d_name));
      }
      entries.push_back(entry_from(found->d_name, stat));
    }
    if (errno != 0) return fail_errno(errno, name_of(path));
    return entries;
  }

  Result<std::optional<Entry>> look_up(const Path& path) override {
    struct stat stat;
    if (::fstatat(fd_.number(), path.text().c_str(), &stat, AT_SYMLINK_NOFOLLOW) != 0) {
      if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
      return fail_errno(errno, name_of(path));
    }
    const std::string& text = path.text();
    return entry_from(text.substr(text.rfind('/') + 1), stat);
  }

  Result<std::unique_ptr<DirectoryLock>> lock(const Path& path) override {
    Fd file(::openat(fd_.number(), path.text().c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file) return fail_errno(errno, name_of(path));
    if (::flock(file.number(), LOCK_EX | LOCK_NB) != 0) {
      if (errno == EWOULDBLOCK)
        return fail(Code::locked, fmt::format("{}: another process is using it", path_));
      return fail_errno(errno, name_of(path));
    }
    return std::make_unique<PosixLock>(std::move(file));
  }

  Result<Space> space() override {
    struct statvfs stat;
    if (::fstatvfs(fd_.number(), &stat) != 0) return fail_errno(errno, path_);
    return Space{static_cast<std::uint64_t>(stat.f_blocks) * stat.f_frsize,
                 static_cast<std::uint64_t>(stat.f_bavail) * stat.f_frsize};
  }

  Result<std::string> boot_id() override {
    const Bytes bytes = TRY(read_file("/proc/sys/kernel/random/boot_id", kBootIdBytesMax, "kBootIdBytesMax"));
    const std::string_view text = text_of(bytes);
    return std::string(text.substr(0, text.find('\n')));
  }

  std::string description() const override { return path_; }

 private:
  static std::int64_t in_ns(const timespec& time) {
    return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
  }
  static Entry entry_from(std::string_view name, const struct stat& stat) {
    Entry entry;
    entry.name = name;
    entry.stamp = {stat.st_ino, in_ns(stat.st_mtim), in_ns(stat.st_ctim)};
    if (S_ISREG(stat.st_mode)) {
      entry.kind = EntryKind::file;
      entry.size_bytes = static_cast<std::uint64_t>(stat.st_size);
    } else if (S_ISDIR(stat.st_mode)) {
      entry.kind = EntryKind::folder;
    }
    return entry;
  }

  std::string name_of(const Path& path) const {
    return path.empty() ? path_ : fmt::format("{}/{}", path_, path.text());
  }

  Result<std::unique_ptr<DirectoryFile>> open_with(const Path& path, int flags, Caching caching) {
    // O_NONBLOCK: should somebody have put a pipe in our folder, opening it must not hang.
    flags |= O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
    const char* text = path.text().c_str();
    bool direct = caching == Caching::direct;
    int number = -1;
    if (direct) {
      number = ::openat(fd_.number(), text, flags | O_DIRECT, 0600);
      // Where O_DIRECT is refused, O_CREAT may have made the file before the refusal.
      if (number < 0 && errno == EINVAL) {
        direct = false;
        if (flags & O_CREAT) ::unlinkat(fd_.number(), text, 0);
      } else if (number < 0) {
        return fail_errno(errno, name_of(path));
      }
    }
    if (number < 0) number = ::openat(fd_.number(), text, flags, 0600);
    if (number < 0) return fail_errno(errno, name_of(path));
    Fd fd(number);
    if (TRY(status_of(number, name_of(path))).kind != FileKind::regular)
      return fail(Code::failure, fmt::format("{}: is not a regular file", name_of(path)));
    return std::make_unique<PosixFile>(std::move(fd), name_of(path), direct);
  }

  Result<Fd> open_folder(const Path& path) {
    Fd folder(::openat(fd_.number(), path.text().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
    if (!folder) return fail_errno(errno, name_of(path));
    return folder;
  }

  Fd fd_;
  std::string path_;
};

}  // namespace

Path::Path(std::initializer_list<std::string_view> components) {
  for (const std::string_view component : components) *this = *this / component;
}

Path Path::operator/(std::string_view component) const {
  CHECK_BUG(is_name(component));
  Path longer = *this;
  if (!longer.text_.empty()) longer.text_ += '/';
  longer.text_ += component;
  return longer;
}

Path Path::parent() const {
  CHECK_BUG(!empty());
  Path shorter;
  const std::size_t slash = text_.rfind('/');
  if (slash != std::string::npos) shorter.text_ = text_.substr(0, slash);
  return shorter;
}

const std::string& Path::text() const {
  static const std::string self = ".";
  return text_.empty() ? self : text_;
}

bool Path::is_name(std::string_view component) {
  return !component.empty() && component != "." && component != ".." && component.size() <= kNameBytesMax &&
         component.find('/') == component.npos && component.find('\0') == component.npos;
}

Result<std::unique_ptr<Directory>> open_directory(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
    const int error_number = errno;
    if (::access(path.c_str(), F_OK) != 0) return fail_errno(error_number, path);
  }
  Fd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd && errno == ENOTDIR) return fail(Code::usage, fmt::format("{}: is not a folder", path));
  if (!fd) return fail_errno(errno, path);
  return std::make_unique<PosixDirectory>(std::move(fd), path);
}

}  // namespace inxt::sys
