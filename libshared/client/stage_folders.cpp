// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/stage_folders.h"

#include <sys/stat.h>

namespace inxt::client {
namespace {

bool is_root(const char* path) {
  struct stat here;
  struct stat root;
  return ::stat(path, &here) != 0 || ::stat("/", &root) != 0 ||
         (here.st_dev == root.st_dev && here.st_ino == root.st_ino);
}

}  // namespace

Result<StageFolders> stage_folders(const std::vector<std::string>& folders, WorkingFolder working) {
  StageFolders out{.spool = TRY(Spool::of_user()), .paths = {}};
  for (const auto& folder : folders) TRY(out.paths.allow(folder));
  TRY(out.paths.allow(out.spool.folder()));
  if (working == WorkingFolder::yes && !is_root(".")) TRY(out.paths.allow("."));
  return out;
}

}  // namespace inxt::client
