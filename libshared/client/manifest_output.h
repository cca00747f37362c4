// SPDX-License-Identifier: LGPL-3.0-or-later
// Where a stage of a pipeline writes its manifest, and how it tells the next stage that it failed.
#pragma once

#include <string>

#include "sys/output_file.h"

namespace inxt::client {

class ManifestOutput {
 public:
  explicit ManifestOutput(sys::OutputFile file) : file_(std::move(file)) {}

  /// Errors: the file's.
  Result<void> write(std::string_view lines);
  /// The manifest is whole.
  Result<void> finish() { return file_.commit(); }

  /// Writes an error line, so that whoever reads this ends with its status: the upstream's own where that was
  /// the cause
  /// (`upstream_line`, else empty).  Nothing where a person looks on, where no file will appear, or where the
  /// reader went away.
  void fail(std::string_view tool, const Error& error, std::string_view upstream_line);

  /// Writing has failed: nobody reads on.
  bool broken() const { return broken_; }
  /// Someone may be reading while we write.
  bool is_read() const { return file_.is_written_through() && !file_.is_terminal() && !broken_; }

 private:
  sys::OutputFile file_;
  bool broken_ = false;
};

}  // namespace inxt::client
