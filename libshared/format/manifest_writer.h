// SPDX-License-Identifier: LGPL-3.0-or-later
// Writes a manifest line by line.  Format: inxt-manifest(5).
#pragma once

#include "format/manifest_chain.h"

namespace inxt::format {

/// Every function returns one line with its newline; the caller writes them in the order of the calls.
/// REQUIRES: the order of the format: header, stanzas, layout, pieces, seal; stanzas may also stand behind the seal.
class ManifestWriter {
 public:
  /// Starts a manifest.  `writer` must outlive this.
  explicit ManifestWriter(const crypto::SigningKey& writer) : key_(writer) {}
  /// Goes on where a reader stopped.  Errors: denied when the manifest was begun by another writer.
  static Result<ManifestWriter> resume(const crypto::SigningKey& writer, Chain chain);

  /// Errors: failure when the line passes kHeaderBytesMax.
  Result<std::string> header(const Header& header);
  std::string stanza(const Stanza& stanza);
  std::string chunk(const CiphertextChunk& chunk) const;
  std::string end(const CiphertextEnd& end) const;
  std::string layout(const Layout& layout);
  std::string piece(const PieceLine& piece);
  std::string seal();

  /// The text of the last piece line without newline, as a tag keeps it.
  const std::string& last_piece_line() const { return last_piece_line_; }
  const Chain& chain() const { return chain_; }

 private:
  std::string sign(const Json& json) const;

  const crypto::SigningKey& key_;
  Chain chain_;
  std::string last_piece_line_;
};

/// Lines that nobody signs.
std::string write_line(const FileLine& line);
std::string write_line(const PlaceLine& line);
std::string write_line(const ErrorLine& line);

}  // namespace inxt::format
