// SPDX-License-Identifier: LGPL-3.0-or-later
#include "format/manifest_writer.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/check.h"
#include "crypto/labels.h"

namespace inxt::format {

Result<ManifestWriter> ManifestWriter::resume(const crypto::SigningKey& writer, Chain chain) {
  CHECK_BUG(chain.header.has_value());
  if (chain.header->writer.bytes != writer.public_key())
    return fail(Code::denied, "this manifest was begun by another writer",
                "use the key file that the first tool used");
  ManifestWriter out(writer);
  out.chain_ = std::move(chain);
  return out;
}

std::string ManifestWriter::sign(const Json& json) const {
  auto line = sign_line(json, crypto::label::kManifestLine, chain_.header_hash, key_);
  CHECK_BUG(line.size() < kLineBytesMax);
  return line;
}

Result<std::string> ManifestWriter::header(const Header& header) {
  CHECK_BUG(!chain_.header && header.writer.bytes == key_.public_key());
  auto line = sign_line(to_json(header), crypto::label::kHeaderLine, {}, key_);
  if (line.size() > kHeaderBytesMax)
    return fail(Code::failure, fmt::format("the header takes {} bytes, more than {} (kHeaderBytesMax)",
                                           line.size(), kHeaderBytesMax));
  chain_.header = header;
  chain_.header_line = line;
  chain_.header_hash = header_hash(line);
  line += '\n';
  chain_.running.update(view_of(line));
  return line;
}

std::string ManifestWriter::stanza(const Stanza& stanza) {
  CHECK_BUG(chain_.header && chain_.stanzas.size() < kStanzasMax);
  chain_.stanzas.push_back(stanza);
  return sign(to_json(stanza)) + '\n';
}

std::string ManifestWriter::chunk(const CiphertextChunk& chunk) const {
  return sign(to_json(chunk)) + '\n';
}
std::string ManifestWriter::end(const CiphertextEnd& end) const {
  return sign(to_json(end)) + '\n';
}

std::string ManifestWriter::layout(const Layout& layout) {
  CHECK_BUG(chain_.header && !chain_.layout && check_layout(layout));
  auto line = sign(to_json(layout));
  chain_.layout = layout;
  chain_.layout_line = line;
  line += '\n';
  chain_.running.update(view_of(line));
  return line;
}

std::string ManifestWriter::piece(const PieceLine& piece) {
  last_piece_line_ = sign(to_json(piece));
  const auto added = chain_.add_piece(piece, last_piece_line_);
  CHECK_BUG(added.has_value());
  return last_piece_line_ + '\n';
}

std::string ManifestWriter::seal() {
  CHECK_BUG(chain_.complete());
  return sign(to_json(SealLine{.segments = *chain_.last_segment + 1,
                               .pieces = chain_.pieces,
                               .bytes = chain_.ciphertext_bytes,
                               .hash = chain_.running.digest()})) +
         '\n';
}

std::string write_line(const FileLine& line) {
  return write_compact(to_json(line)) + '\n';
}
std::string write_line(const PlaceLine& line) {
  return write_compact(to_json(line)) + '\n';
}
std::string write_line(const ErrorLine& line) {
  return write_compact(to_json(line)) + '\n';
}

}  // namespace inxt::format
