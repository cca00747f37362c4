// SPDX-License-Identifier: LGPL-3.0-or-later
// The ciphertext that a manifest of inxt-encrypt names, chunk by chunk, while the manifest still comes.
#pragma once

#include <functional>

#include "client/byte_stream.h"
#include "client/line_reader.h"
#include "client/local_paths.h"
#include "client/spool.h"
#include "format/manifest_reader.h"

namespace inxt::client {

using WriteLines = std::function<Result<void>(std::string_view lines)>;

class ChunkSource final : public ByteSource {
 public:
  /// What a head is followed by.
  enum class Kind { ciphertext, pieces };

  /// All must outlive this.  Chunks that lie in `spool` are removed once they were read (nullptr: none is).
  ChunkSource(LineReader& lines, std::string name, format::WriterCheck check, const LocalPaths& paths,
              const Spool* spool);

  /// Where header, stanza and unknown lines go on, as they are.
  void forward_to(WriteLines forward) { forward_ = std::move(forward); }
  /// Ciphertext comes from here instead of from the files that the lines name; their hashes still hold.
  void read_from(ByteSource& ciphertext) { ciphertext_ = &ciphertext; }

  /// Reads header and stanzas.  Afterwards chain() has them.
  /// Errors: the reader's; the upstream's, out of its error line; integrity when the manifest ends here.
  Result<Kind> read_head();
  const format::Chain& chain() const { return reader_.chain(); }
  /// The lines of the head, each with its newline.
  const std::string& head_lines() const { return head_lines_; }

  /// Nothing of a chunk is given before its hash was checked.  At the end the manifest has been read to its
  /// end, and was whole. Errors: integrity (a chunk differs, the manifest is cut short, pieces stand in it);
  /// those of LocalPaths; the
  ///         upstream's.  REQUIRES: read_head() gave `ciphertext`.
  Result<std::size_t> read(ByteSpan out) override;

  /// The upstream's error line, once one came: it is passed on as it was.
  const std::string& error_line() const { return error_line_; }

 private:
  /// The next line that says something about ciphertext; nothing at the end of the manifest.
  Result<std::optional<format::Line>> next_line();
  Result<void> load(const format::CiphertextChunk& chunk);

  LineReader& lines_;
  std::string name_;
  format::ManifestReader reader_;
  const LocalPaths& paths_;
  const Spool* spool_;
  ByteSource* ciphertext_ = nullptr;
  WriteLines forward_;
  std::string head_lines_;
  std::string error_line_;
  bool in_head_ = true;
  bool ended_ = false;
  std::optional<format::Line> pending_;  // read with the head
  Bytes chunk_;
  std::size_t chunk_end_ = 0, chunk_at_ = 0;
};

}  // namespace inxt::client
