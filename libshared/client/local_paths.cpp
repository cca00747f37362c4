// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/local_paths.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace inxt::client {
namespace {

constexpr std::size_t kComponentsMax = 64;

// O_NONBLOCK: a FIFO would make opening wait for ever; it is refused afterwards.
constexpr int kOpenFlags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW;

/// Splits a path below a folder.  Errors: denied for ".", "..", empty components and too many of them.
Result<std::vector<std::string>> components_of(std::string_view rest, const std::string& path) {
  std::vector<std::string> components;
  for (std::size_t at = 0; at <= rest.size();) {
    const auto slash = std::min(rest.find('/', at), rest.size());
    const auto component = rest.substr(at, slash - at);
    if (component.empty() || component == "." || component == ".." || component.find('\0') != component.npos)
      return fail(Code::denied,
                  fmt::format("{}: a path in a manifest must not lead out of its folder", path));
    if (components.size() == kComponentsMax)
      return fail(Code::denied,
                  fmt::format("{}: more than {} folders deep (kComponentsMax)", path, kComponentsMax));
    components.emplace_back(component);
    at = slash + 1;
  }
  return components;
}

/// Opens what `components` name below `folder`, one at a time, following no link.  -1 and errno otherwise.
int open_stepwise(int folder, const std::vector<std::string>& components, int last_flags) {
  sys::Fd at;
  int current = folder;
  for (std::size_t i = 0; i < components.size(); ++i) {
    const bool last = i + 1 == components.size();
    const int number = ::openat(current, components[i].c_str(),
                                last ? last_flags : O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (number < 0) return -1;
    at = sys::Fd(number);
    current = number;
  }
  return at.release();
}

int open_beneath(int folder, const std::vector<std::string>& components, std::string_view rest, int flags) {
  open_how how{};
  how.flags = static_cast<std::uint64_t>(flags);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  const std::string text(rest);
  const long number = ::syscall(SYS_openat2, folder, text.c_str(), &how, sizeof how);
  if (number >= 0 || (errno != ENOSYS && errno != EPERM)) return static_cast<int>(number);
  return open_stepwise(folder, components,
                       flags);  // a kernel before 5.6, or a sandbox that does not know the call
}

std::unexpected<Error> refused(const std::string& path, int error_number) {
  if (error_number == ELOOP || error_number == EXDEV)
    return fail(Code::denied, fmt::format("{}: leads through a symbolic link", path));
  return fail_errno(error_number, path);
}

}  // namespace

Result<void> LocalPaths::allow(const std::string& folder) {
  sys::Fd fd(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!fd) {
    if (errno == ENOTDIR) return fail(Code::usage, fmt::format("{}: is not a folder", folder));
    return fail_errno(errno, folder);
  }
  char* real = ::realpath(folder.c_str(), nullptr);
  if (real == nullptr) return fail_errno(errno, folder);
  folders_.push_back({.path = real, .fd = std::move(fd)});
  std::free(real);
  return {};
}

template <class Act>
auto LocalPaths::in_folder(const std::string& path, Act act) const {
  using Answer = decltype(act(0, std::string_view{}));
  Answer answer =
      fail(Code::denied, fmt::format("{}: lies neither in the spool nor in a folder that was given", path),
           "name its folder on the command line if it is yours");
  for (const auto& folder : folders_) {
    std::string_view rest = path;
    if (path.starts_with('/')) {
      const std::string prefix = folder.path == "/" ? "/" : folder.path + '/';
      if (!path.starts_with(prefix)) continue;
      rest.remove_prefix(prefix.size());
    }
    answer = act(folder.fd.number(), rest);
    if (answer || answer.error().code != Code::not_found) return answer;
  }
  return answer;
}

Result<sys::Fd> LocalPaths::open(const std::string& path) const {
  return in_folder(path, [&](int folder, std::string_view rest) -> Result<sys::Fd> {
    const auto components = TRY(components_of(rest, path));
    sys::Fd fd(open_beneath(folder, components, rest, kOpenFlags));
    if (!fd) return refused(path, errno);
    struct stat stat;
    if (::fstat(fd.number(), &stat) != 0) return fail_errno(errno, path);
    if (!S_ISREG(stat.st_mode)) return fail(Code::denied, fmt::format("{}: is not a regular file", path));
    return fd;
  });
}

Result<void> LocalPaths::remove(const std::string& path) const {
  return in_folder(path, [&](int folder, std::string_view rest) -> Result<void> {
    auto components = TRY(components_of(rest, path));
    const std::string name = components.back();
    components.pop_back();
    sys::Fd parent;
    if (!components.empty()) {
      parent = sys::Fd(open_beneath(folder, components, rest.substr(0, rest.size() - name.size() - 1),
                                    O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
      if (!parent) return refused(path, errno);
    }
    if (::unlinkat(parent ? parent.number() : folder, name.c_str(), 0) != 0) return fail_errno(errno, path);
    return {};
  });
}

}  // namespace inxt::client
