// SPDX-License-Identifier: LGPL-3.0-or-later
#include "sys/xdg.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>

namespace inxt::sys {
namespace {

struct Place {
  const char* variable;
  const char* below_home;
};

Place place_of(Xdg kind) {
  switch (kind) {
    case Xdg::config:
      return {"XDG_CONFIG_HOME", ".config"};
    case Xdg::state:
      return {"XDG_STATE_HOME", ".local/state"};
    case Xdg::cache:
      break;
  }
  return {"XDG_CACHE_HOME", ".cache"};
}

}  // namespace

Result<std::string> xdg_path(Xdg kind) {
  const Place place = place_of(kind);
  if (const char* base = std::getenv(place.variable); base != nullptr && base[0] == '/')
    return fmt::format("{}/inxt", base);
  const char* home = std::getenv("HOME");
  if (home == nullptr || home[0] != '/')
    return fail(Code::not_found, fmt::format("neither {} nor HOME is set", place.variable),
                fmt::format("set {} to a folder of yours", place.variable));
  return fmt::format("{}/{}/inxt", home, place.below_home);
}

Result<std::string> xdg_folder(Xdg kind) {
  std::string path = TRY(xdg_path(kind));
  TRY(make_private_folder(path));
  return path;
}

Result<void> make_private_folder(const std::string& path) {
  for (std::size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
    const std::string part = path.substr(0, end);
    if (::mkdir(part.c_str(), 0700) != 0) {
      // On a read-only or foreign parent mkdir may complain before it notices that the folder is there.
      const int error_number = errno;
      struct stat stat;
      if (::stat(part.c_str(), &stat) != 0) return fail_errno(error_number, part);
      if (!S_ISDIR(stat.st_mode)) return fail_errno(ENOTDIR, part);
    }
    if (end == std::string::npos) return {};
  }
}

}  // namespace inxt::sys
