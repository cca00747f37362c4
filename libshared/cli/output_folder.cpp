// SPDX-License-Identifier: LGPL-3.0-or-later
#include "cli/output_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include "cli/escape.h"
#include "format/tree_ops.h"

namespace inxt::cli {

Result<OutputFolder> OutputFolder::open(const std::string& path) {
  if (::mkdir(path.c_str(), 0777) != 0 && errno != EEXIST) return fail_errno(errno, escape(path));
  sys::Fd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return fail_errno(errno, escape(path));
  return OutputFolder(path, std::move(fd));
}

std::string OutputFolder::said(std::string_view path) const {
  return escape(path_ + std::string(path));
}

Result<sys::Fd> OutputFolder::folder(std::string_view path) const {
  sys::Fd at(::openat(fd_.number(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!at) return fail_errno(errno, escape(path_));
  if (path.empty()) return at;
  for (const auto part : TRY(format::split_path(path))) {
    const std::string name(part);
    if (::mkdirat(at.number(), name.c_str(), 0777) != 0 && errno != EEXIST)
      return fail_errno(errno, said(path));
    sys::Fd next(::openat(at.number(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!next && (errno == ELOOP || errno == ENOTDIR))
      return fail(Code::denied, fmt::format("{}: {} is no folder of its own", said(path), escape(name)),
                  "move it away");
    if (!next) return fail_errno(errno, said(path));
    at = std::move(next);
  }
  return at;
}

Result<OutputFolder::File> OutputFolder::file(std::string_view path, unsigned mode, bool overwrite) const {
  TRY(format::split_path(path));
  const auto slash = path.rfind('/');
  auto in = TRY(folder(path.substr(0, slash)));
  std::string name(path.substr(slash + 1));
  if (name.empty()) return fail(Code::usage, "a file without a name");
  struct stat there;
  if (::fstatat(in.number(), name.c_str(), &there, AT_SYMLINK_NOFOLLOW) == 0) {
    if (!S_ISREG(there.st_mode))
      return fail(Code::denied, said(path) + " is there, and no file", "move it away");
    if (!overwrite) return fail(Code::usage, said(path) + " is there already", "--force overwrites it");
  }
  auto output =
      TRY(sys::OutputFile::create(fmt::format("/proc/self/fd/{}/{}", in.number(), name), mode & 0777));
  return File{.folder = std::move(in), .name = std::move(name), .output = std::move(output)};
}

Result<void> OutputFolder::File::commit(std::int64_t mtime_unix_s) {
  TRY(output.commit());
  const struct timespec times[2] = {{.tv_sec = 0, .tv_nsec = UTIME_OMIT},
                                    {.tv_sec = mtime_unix_s, .tv_nsec = 0}};
  (void)::utimensat(folder.number(), name.c_str(), times, AT_SYMLINK_NOFOLLOW);
  return {};
}

}  // namespace inxt::cli
