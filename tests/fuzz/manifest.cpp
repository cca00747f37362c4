// SPDX-License-Identifier: AGPL-3.0-or-later
// Whole manifests, as they are and signed again: whatever the reader accepts is a manifest that can be worked with.
#include "client/manifest_table.h"
#include "fuzz/support/fuzz.h"

namespace inxt::fuzz {
namespace {

/// The same text as a table: agrees with the reader.
void read_table(std::string_view text, bool is_whole) {
  const sys::Fd fd = fd_of(text);
  client::LineReader lines(fd.number(), "input");
  const auto table = client::ManifestTable::read(lines, "input", format::any_writer());
  CHECK_BUG(!table || is_whole);
  if (!table) return;
  CHECK_BUG(table->sealed() && table->segments() > 0);
  CHECK_BUG(table->pieces() == table->segments() * table->layout().pieces_per_segment());
  std::uint64_t bytes = 0;
  for (std::uint64_t segment = 0; segment < table->segments(); ++segment) bytes += table->ciphertext_bytes(segment);
  CHECK_BUG(bytes == table->ciphertext_bytes());
  for (std::uint64_t piece = 0; piece < table->pieces(); ++piece) {
    CHECK_BUG(table->number_of(table->place_of(piece)) == piece && table->size(piece) > 0);
    for (const auto host : table->hosts_of(piece)) CHECK_BUG(host < table->hosts().size());
  }
  for (const auto& [piece, file] : table->files()) CHECK_BUG(piece < table->pieces());
}

void read(std::string_view text) {
  format::ManifestReader reader(format::any_writer());
  bool has_error_line = false;
  for (const auto line : lines_of(text)) {
    const auto read = reader.next(line);
    if (!read) return read_table(text, false);
    if (std::holds_alternative<format::ErrorLine>(*read)) has_error_line = true;
  }
  const bool is_whole = reader.finish().has_value();
  const auto& chain = reader.chain();
  CHECK_BUG(chain.stanzas.size() <= format::kStanzasMax);
  if (is_whole) CHECK_BUG(chain.header.has_value());
  if (reader.sealed()) CHECK_BUG(is_whole && chain.layout && chain.complete());
  read_table(text, is_whole && reader.sealed() && !has_error_line);
}

}  // namespace

void fuzz(ByteView input) {
  read(text_of(input));
  read(sign_manifest_again(text_of(input)));
}

}  // namespace inxt::fuzz
