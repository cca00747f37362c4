// SPDX-License-Identifier: LGPL-3.0-or-later
// A manifest's lines between two stages: in memory while they are few, then in a file without a name.
#pragma once

#include "client/byte_stream.h"
#include "client/manifest_table.h"
#include "format/object_record.h"
#include "sys/fd.h"

namespace inxt::client {

class ManifestText {
 public:
  /// Errors: those of the spool and of files.
  Result<void> write(std::string_view lines);
  std::uint64_t bytes() const { return bytes_; }
  /// The lines while they are few, until the next write(); nothing where they stand in file().
  std::optional<std::string_view> in_memory() const {
    return file_ ? std::nullopt : std::optional<std::string_view>(text_);
  }
  int file() const { return file_.number(); }

  /// All of it, from the beginning; may be asked for several times, one at a time.
  Result<std::unique_ptr<ByteSource>> source() const;
  /// Errors: as ManifestTable::read.
  Result<ManifestTable> table(const std::string& name, format::WriterCheck check,
                              ManifestTable::Seal seal) const;

 private:
  std::string text_;
  sys::Fd file_;
  std::uint64_t bytes_ = 0;
};

/// What is written becomes the text.  The text outlives it.
class ManifestTextSink final : public ByteSink {
 public:
  explicit ManifestTextSink(ManifestText& to) : to_(to) {}
  Result<void> write(ByteView bytes) override { return to_.write(text_of(bytes)); }
  Result<void> finish() override { return {}; }

 private:
  ManifestText& to_;
};

}  // namespace inxt::client
