// SPDX-License-Identifier: LGPL-3.0-or-later
// A folder and what is below it, as an interface: everything that a daemon does to its disk goes through
// here, so that a test can stand in a disk that fails, or forgets what was not synced.  Names are lists of
// components; none can lead out of the folder.
#pragma once

#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace inxt::sys {

/// Where something is below a Directory.  The empty path is the Directory itself.
class Path {
 public:
  static constexpr std::size_t kNameBytesMax = 255;

  Path() = default;
  /// REQUIRES: is_name(component), for each; a name from outside is checked with is_name first.
  Path(std::initializer_list<std::string_view> components);
  /// This path and one component more.
  Path operator/(std::string_view component) const;
  /// The folder that it is in.  REQUIRES: !empty().
  Path parent() const;

  bool empty() const { return text_.empty(); }
  /// Components joined by '/', "." for the empty path.
  const std::string& text() const;

  /// Neither empty, ".", "..", too long, nor with a '/' or NUL in it.
  static bool is_name(std::string_view component);

 private:
  std::string text_;
};

/// direct asks the system to move bytes without its page cache (O_DIRECT).  Then buffers, offsets and sizes
/// are multiples of kDirectAlignmentBytes.  Where the file system refuses it, the file is cached instead, and
/// nothing else changes.
enum class Caching { cached, direct };
inline constexpr std::size_t kDirectAlignmentBytes = 4096;

/// An open file.  Closes itself.  Reads and writes name their place, so that threads can share one.
class DirectoryFile {
 public:
  virtual ~DirectoryFile() = default;
  /// Bytes read: out.size(), or fewer only where the file ends.
  virtual Result<std::size_t> read_at(std::uint64_t offset, ByteSpan out) = 0;
  /// All of `bytes`, or an error (quota when the disk is full) and any part of them.
  virtual Result<void> write_at(std::uint64_t offset, ByteView bytes) = 0;
  /// Returns when the contents and the size are durable (fdatasync).
  virtual Result<void> sync() = 0;
  virtual Result<std::uint64_t> size_bytes() = 0;
};

/// A lock that other processes see; given up when it is destroyed or the process dies.
class DirectoryLock {
 public:
  virtual ~DirectoryLock() = default;
};

enum class EntryKind { file, folder, other };
/// Which inode, and when it last changed by the file system's own clock.  A folder's stamp changes with its
/// names, but the clock may be coarse: two changes within two seconds can leave one stamp.
struct Stamp {
  std::uint64_t inode = 0;
  std::int64_t modified_ns = 0;  // since 1970
  std::int64_t changed_ns = 0;
  bool operator==(const Stamp&) const = default;
};
struct Entry {
  std::string name;
  EntryKind kind = EntryKind::other;
  std::uint64_t size_bytes = 0;  // of a file
  Stamp stamp = {};
};
struct Space {
  std::uint64_t total_bytes = 0;
  std::uint64_t free_bytes = 0;  // for an unprivileged process
};

/// Thread-safe.  Errors of every call: not_found, denied, quota (disk full), failure; each names the path.
class Directory {
 public:
  virtual ~Directory() = default;

  /// For reading.
  virtual Result<std::unique_ptr<DirectoryFile>> open(const Path& path, Caching caching) = 0;
  /// A new, empty file for writing, mode 0600.  Errors: failure when something has the name already.
  virtual Result<std::unique_ptr<DirectoryFile>> create(const Path& path, Caching caching) = 0;
  /// Replaces `to` atomically if it is there.  Durable after sync_folder() of to's folder.
  virtual Result<void> rename(const Path& from, const Path& to) = 0;
  /// Durable after sync_folder() of its folder.
  virtual Result<void> remove(const Path& path) = 0;
  /// Mode 0700; done when a folder is there already.  Durable after sync_folder() of its parent.
  virtual Result<void> make_folder(const Path& path) = 0;
  /// Returns when the folder's names are durable.
  virtual Result<void> sync_folder(const Path& path) = 0;
  /// Returns when all that was done here so far, by whatever process, is durable.  May take seconds.
  virtual Result<void> sync_everything() = 0;
  /// In no order; links are not followed.
  virtual Result<std::vector<Entry>> list(const Path& path) = 0;
  /// Nothing when nothing has that name; links are not followed.
  virtual Result<std::optional<Entry>> look_up(const Path& path) = 0;
  /// Makes the file if it is absent, and locks it.  Errors: locked when another process has it.
  virtual Result<std::unique_ptr<DirectoryLock>> lock(const Path& path) = 0;
  virtual Result<Space> space() = 0;
  /// Another text after every start of the machine: what was not durable before may be gone, and stamps taken
  /// before prove nothing.  Errors: also where stamps prove nothing now.
  virtual Result<std::string> boot_id() = 0;
  /// What the folder is called in messages.
  virtual std::string description() const = 0;
};

/// A folder of the file system; made (mode 0700) if only its last component is missing.
/// Errors: not_found, denied, usage when it is not a folder.
Result<std::unique_ptr<Directory>> open_directory(const std::string& path);

}  // namespace inxt::sys
