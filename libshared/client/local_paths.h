// SPDX-License-Identifier: LGPL-3.0-or-later
// Paths that stand in manifests are hostile: they are opened only where they lie in folders that were
// allowed.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "sys/fd.h"

namespace inxt::client {

class LocalPaths {
 public:
  /// Allows a folder and everything below it.  Errors: not_found, denied; usage when it is not a folder.
  Result<void> allow(const std::string& folder);

  /// Opens a regular file for reading.  `path` is absolute, or relative to one of the allowed folders (the
  /// first that has it).  No component may be "." or "..", none may be a symbolic link, and the folders are
  /// the ones that were allowed, whatever has been put under their names since. Errors: denied when it lies
  /// elsewhere, has such a component, or is not a regular file; not_found.
  Result<sys::Fd> open(const std::string& path) const;
  /// Removes a file, by the same rules.
  Result<void> remove(const std::string& path) const;

 private:
  struct Folder {
    std::string path;  // absolute, links resolved
    sys::Fd fd;
  };
  /// Calls `act(folder descriptor, rest)` for each allowed folder that the path may lie in, until one does
  /// not answer not_found.
  template <class Act>
  auto in_folder(const std::string& path, Act act) const;

  std::vector<Folder> folders_;
};

}  // namespace inxt::client
