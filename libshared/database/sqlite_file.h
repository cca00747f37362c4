// SPDX-License-Identifier: LGPL-3.0-or-later
// The file that SQLite opens, before it does.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace inxt::database {

/// Whether statfs's f_type is that of a file system of other machines (NFS, SMB, AFS, Ceph, 9P, Lustre, ...):
/// their memory is not shared, and a lock may hold nobody back.  FUSE is not among them.
bool is_network_file_system(std::int64_t type);

/// Makes the file, mode 0600, where there is none (SQLite gives its own files the same mode), and returns its
/// absolute path.  Errors: usage (a folder; a network file system), not_found (its folder), denied, failure.
Result<std::string> prepare_sqlite_file(const std::string& path);

}  // namespace inxt::database
