// SPDX-License-Identifier: LGPL-3.0-or-later
// A folder on disk that files come into under names from outside, and that nothing leads out of: no name
// climbs, and no symbolic link below it is followed.
#pragma once

#include <string>
#include <string_view>

#include "sys/output_file.h"

namespace inxt::cli {

class OutputFolder {
 public:
  /// Made where it is missing; itself it may be a symbolic link.  Errors: those of files.
  static Result<OutputFolder> open(const std::string& path);

  /// The folder `path` ("" or "/a/b"), made where it is missing.
  /// Errors: usage as format::split_path; denied where a part of it is no folder, or a symbolic link.
  Result<sys::Fd> folder(std::string_view path) const;

  /// A file that appears whole at commit(), or not at all.
  struct File {
    sys::Fd folder;
    std::string name;
    sys::OutputFile output;

    /// With the time of its last change, where the file system keeps that.
    Result<void> commit(std::int64_t mtime_unix_s);
  };
  /// `path`: "/a/b.tar".  Its folders are made.  `mode`: only the bits 0777 count.
  /// Errors: as folder(); usage where a file is there and `overwrite` is false; denied where what is there is
  /// no file.
  Result<File> file(std::string_view path, unsigned mode, bool overwrite) const;

 private:
  OutputFolder(std::string path, sys::Fd fd) : path_(std::move(path)), fd_(std::move(fd)) {}
  /// For messages, escaped.
  std::string said(std::string_view path) const;

  std::string path_;
  sys::Fd fd_;
};

}  // namespace inxt::cli
