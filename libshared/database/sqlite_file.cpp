// SPDX-License-Identifier: LGPL-3.0-or-later
#include "database/sqlite_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "sys/fd.h"

namespace inxt::database {

bool is_network_file_system(std::int64_t type) {
  static constexpr std::array<std::uint32_t, 11> kTypes{
      NFS_SUPER_MAGIC, SMB_SUPER_MAGIC, 0xff534d42,  // CIFS
      0xfe534d42,                                    // SMB2
      AFS_SUPER_MAGIC, AFS_FS_MAGIC,    CODA_SUPER_MAGIC, CEPH_SUPER_MAGIC, V9FS_MAGIC,
      0x0bd00bd0,   // Lustre
      0x7461636f};  // OCFS2
  return std::ranges::find(kTypes, static_cast<std::uint32_t>(type)) != kTypes.end();
}

Result<std::string> prepare_sqlite_file(const std::string& path) {
  std::error_code failed;
  const std::filesystem::path absolute = std::filesystem::absolute(path, failed);
  if (failed) return fail(Code::usage, fmt::format("database {}: {}", path, failed.message()));
  struct statfs system {};
  if (::statfs(absolute.parent_path().c_str(), &system) != 0)
    return fail_errno(errno, fmt::format("folder of the database {}", path));
  if (is_network_file_system(system.f_type))
    return fail(Code::usage,
                fmt::format("database {}: on a network file system, where SQLite cannot lock", path),
                "put it on a disk of this machine, or use PostgreSQL");
  // Never opened when it is there: closing it would let go of the locks of who has it open in this process.
  const sys::Fd made(::open(absolute.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!made && errno != EEXIST) return fail_errno(errno, fmt::format("database {}", path));
  if (std::filesystem::is_directory(absolute, failed))
    return fail(Code::usage, fmt::format("database {}: is a folder", path));
  return absolute.string();
}

}  // namespace inxt::database
