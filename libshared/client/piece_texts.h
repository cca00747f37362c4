// SPDX-License-Identifier: LGPL-3.0-or-later
// The exact piece lines of a manifest, as tags hold them, one after another: a table of a manifest has only ids.
#pragma once

#include "client/manifest_text.h"

namespace inxt::client {

class PieceTexts {
 public:
  /// `text` is a manifest that was read and checked.  It outlives this.
  static Result<PieceTexts> open(const ManifestText& text);

  /// The line of piece `number` without its newline.  REQUIRES: greater than that of the last call.
  /// Errors: integrity when there is none; those of files.
  Result<std::string> line(std::uint64_t number);

 private:
  explicit PieceTexts(std::unique_ptr<ByteSource> source) : source_(std::move(source)) {}
  Result<std::optional<std::string_view>> next();

  std::unique_ptr<ByteSource> source_;
  Bytes buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool ended_ = false;
  std::uint64_t pieces_ = 0;  // that were passed
};

}  // namespace inxt::client
