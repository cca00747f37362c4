// SPDX-License-Identifier: LGPL-3.0-or-later
// Files between the stages of a pipeline, in a folder of their own: $XDG_CACHE_HOME/inxt/spool.  Nothing in
// it is kept: the stage that made a file unnecessary removes it.
#pragma once

#include <string>

#include "base/encoding.h"
#include "client/byte_stream.h"
#include "crypto/random.h"
#include "sys/fd.h"

namespace inxt::client {

/// A new file, without a reader yet.  Removed again unless it is kept.
class SpoolFile {
 public:
  SpoolFile(SpoolFile&&) noexcept;
  SpoolFile& operator=(SpoolFile&&) noexcept;
  ~SpoolFile();

  /// Appends.  Errors: quota when the disk is full, failure.
  Result<void> write(ByteView bytes);
  /// Closes it and leaves it to the next stage.
  Result<void> keep();
  const std::string& path() const { return path_; }

 private:
  friend class Spool;
  SpoolFile(std::string path, sys::Fd fd) : path_(std::move(path)), fd_(std::move(fd)) {}
  void discard();

  std::string path_;  // absolute; empty once it is kept or moved from
  sys::Fd fd_;
};

class Spool {
 public:
  /// The user's own, made where it is missing.
  /// Errors: denied when others may write to it; those of sys::xdg_folder.
  static Result<Spool> of_user();
  /// Any folder, made (mode 0700) where it is missing.  Errors: as above.
  static Result<Spool> open(const std::string& folder);

  const std::string& folder() const { return folder_; }  // absolute, links resolved
  /// A file of mode 0600 with a name that we choose: `kind`-random.
  Result<SpoolFile> create(std::string_view kind, crypto::Random& random) const;
  /// The same with a name of the caller's making.  Errors: failure when it is taken.
  Result<SpoolFile> create_named(std::string_view name) const;
  /// Whether a path lies directly in the spool: only such files are removed when they were used.
  bool holds(std::string_view path) const;

 private:
  explicit Spool(std::string folder) : folder_(std::move(folder)) {}
  std::string folder_;
};

}  // namespace inxt::client
