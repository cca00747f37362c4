// SPDX-License-Identifier: LGPL-3.0-or-later
// Pieces as files of one folder, each named by its id, its tag beside it as ID.tag.
#pragma once

#include "client/segment_maker.h"
#include "crypto/random.h"
#include "sys/fd.h"

namespace inxt::client {

/// Whether what is put must outlive a power cut.  A spool's files need not: the pipeline does not either.
enum class Durable { no, yes };

class PieceFolder {
 public:
  /// Made where it is missing (its parent must be there).
  /// Errors: not_found, denied; usage when it is not a folder.
  static Result<PieceFolder> open(const std::string& folder, Durable durable, unsigned file_mode = 0666);

  /// Both files appear whole, the tag first; durable after sync().  A piece that is there already is
  /// replaced. Errors: quota when the disk is full, failure.
  Result<format::FileLine> put(const MadePiece& piece, ByteView tag) const;
  /// Returns when everything that was put is durable, where that was asked for.
  Result<void> sync() const;
  const std::string& path() const { return path_; }  // absolute, links resolved

 private:
  PieceFolder(std::string path, sys::Fd fd, Durable durable, unsigned file_mode)
      : path_(std::move(path)), fd_(std::move(fd)), durable_(durable), file_mode_(file_mode) {}
  Result<void> write(const std::string& name, ByteView bytes) const;

  std::string path_;
  sys::Fd fd_;
  Durable durable_;
  unsigned file_mode_;
};

}  // namespace inxt::client
