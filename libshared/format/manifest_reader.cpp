// SPDX-License-Identifier: LGPL-3.0-or-later
#include "format/manifest_reader.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "crypto/labels.h"

namespace inxt::format {
namespace {

std::unexpected<Error> bad(std::string why) {
  return fail(Code::integrity, std::move(why));
}

}  // namespace

WriterCheck any_writer() {
  return [](const Header&) -> Result<void> { return {}; };
}

Result<void> ManifestReader::check_signature(std::string_view text) const {
  const auto parts = TRY(split_signed(text));
  if (!verify_line(parts, crypto::label::kManifestLine, chain_.header_hash, chain_.header->writer.bytes))
    return bad("sig: the signature is wrong");
  return {};
}

Result<Line> ManifestReader::next(std::string_view text) {
  const std::string where = fmt::format("line {}", ++line_number_);
  if (text.size() + 1 > kLineBytesMax)
    return bad(fmt::format("{}: longer than {} bytes (kLineBytesMax)", where, kLineBytesMax));
  const auto json = TRY_IN(where, parse_object(text));
  auto line = TRY(line_from_json(json, where));
  TRY_IN(where, accept(line, text));
  return line;
}

Result<void> ManifestReader::accept(Line& line, std::string_view text) {
  if (auto* header = std::get_if<Header>(&line)) {
    if (chain_.header) return bad("a second header");
    const auto parts = TRY(split_signed(text));
    if (text.size() > kHeaderBytesMax)
      return bad(fmt::format("longer than {} bytes (kHeaderBytesMax)", kHeaderBytesMax));
    if (!verify_line(parts, crypto::label::kHeaderLine, {}, header->writer.bytes))
      return bad("sig: the signature is wrong");
    TRY(check_(*header));
    chain_.header = *header;
    chain_.header_line = text;
    chain_.header_hash = header_hash(text);
    chain_.running.update(view_of(text));
    chain_.running.update(view_of("\n"));
    return {};
  }
  if (std::holds_alternative<ErrorLine>(line)) return {};
  if (!chain_.header) return bad("the manifest does not begin with a header");

  if (sealed_ && !std::holds_alternative<PlaceLine>(line) && !std::holds_alternative<Stanza>(line) &&
      !std::holds_alternative<UnknownLine>(line))
    return bad("only places and stanzas may stand behind the seal");

  if (auto* stanza = std::get_if<Stanza>(&line)) {
    TRY(check_signature(text));
    if (chain_.stanzas.size() == kStanzasMax)
      return bad(fmt::format("more than {} stanzas (kStanzasMax)", kStanzasMax));
    chain_.stanzas.push_back(*stanza);
  } else if (auto* chunk = std::get_if<CiphertextChunk>(&line)) {
    TRY(check_signature(text));
    if (ciphertext_ended_ || chain_.layout) return bad("ciphertext stands behind its end");
    chunks_ = true;
    chunk_bytes_ += chunk->length;
    if (chunk_bytes_ > kJsonIntegerMax) return bad("more ciphertext than a manifest can say");
  } else if (auto* end = std::get_if<CiphertextEnd>(&line)) {
    TRY(check_signature(text));
    if (ciphertext_ended_ || chain_.layout) return bad("a second ciphertext-end");
    if (end->bytes != chunk_bytes_)
      return bad(fmt::format("bytes: {} where the lines before have {}", end->bytes, chunk_bytes_));
    ciphertext_ended_ = true;
  } else if (auto* layout = std::get_if<Layout>(&line)) {
    TRY(check_signature(text));
    if (chain_.layout) return bad("a second layout");
    if (chunks_ && !ciphertext_ended_) return bad("the layout stands before the end of the ciphertext");
    if (ciphertext_ended_) return bad("pieces and ciphertext stand in one manifest");
    chain_.layout = *layout;
    chain_.layout_line = text;
    chain_.running.update(view_of(text));
    chain_.running.update(view_of("\n"));
  } else if (auto* piece = std::get_if<PieceLine>(&line)) {
    TRY(check_signature(text));
    TRY(chain_.add_piece(*piece, text));
  } else if (auto* seal = std::get_if<SealLine>(&line)) {
    TRY(check_signature(text));
    if (!chain_.complete()) return bad("a seal before the last piece");
    if (seal->hash != chain_.running.digest()) return bad("hash: lines before the seal were changed");
    if (seal->segments != *chain_.last_segment + 1 || seal->pieces != chain_.pieces ||
        seal->bytes != chain_.ciphertext_bytes)
      return bad("the seal counts otherwise than the lines before it");
    sealed_ = true;
  } else if (std::holds_alternative<PlaceLine>(line) || std::holds_alternative<FileLine>(line)) {
    const auto* place_line = std::get_if<PlaceLine>(&line);
    const Place place = place_line != nullptr ? place_line->place : std::get<FileLine>(line).place;
    if (!chain_.layout) return bad("a place stands before the layout");
    const auto per_segment = chain_.layout->pieces_per_segment();
    if (place.shard >= chain_.layout->shards() || place.mirror >= chain_.layout->mirrors ||
        place.segment * per_segment + place.shard * chain_.layout->mirrors + place.mirror >= chain_.pieces)
      return bad("no piece before it has this place");
  }
  return {};
}

Result<void> ManifestReader::finish() const {
  if (sealed_ || ciphertext_ended_) return {};
  if (line_number_ == 0)
    return fail(Code::integrity, "the manifest is empty", "did the tool before this one fail?");
  return fail(Code::integrity,
              fmt::format("the manifest is cut short after line {}: it has no seal", line_number_));
}

}  // namespace inxt::format
