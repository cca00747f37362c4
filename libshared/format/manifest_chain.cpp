// SPDX-License-Identifier: LGPL-3.0-or-later
#include "format/manifest_chain.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/check.h"
#include "crypto/labels.h"

namespace inxt::format {
namespace {

constexpr std::string_view kSignatureKey = R"(,"sig":")";
constexpr std::size_t kSignatureLetters = 86;
constexpr std::size_t kSignatureTailBytes = kSignatureKey.size() + kSignatureLetters + 2;

}  // namespace

Result<SignedText> split_signed(std::string_view line) {
  if (line.size() <= kSignatureTailBytes) return fail(Code::integrity, "sig: missing");
  const auto tail = line.substr(line.size() - kSignatureTailBytes);
  if (!tail.starts_with(kSignatureKey) || !tail.ends_with("\"}"))
    return fail(Code::integrity, "sig: not the last member of the line");
  SignedText out{.body = line.substr(0, line.size() - kSignatureTailBytes), .signature = {}};
  TRY_IN("sig", from_base64url(tail.substr(kSignatureKey.size(), kSignatureLetters), out.signature));
  return out;
}

std::string sign_line(const Json& json, std::string_view label, ByteView context,
                      const crypto::SigningKey& key) {
  std::string line = write_compact(json);
  CHECK_BUG(line.size() > 2 && line.back() == '}');
  line.pop_back();
  const auto signature = key.sign(label, {context, view_of(line)});
  line += kSignatureKey;
  line += to_base64url(signature);
  line += "\"}";
  return line;
}

bool verify_line(const SignedText& text, std::string_view label, ByteView context,
                 const crypto::PublicKey& key) {
  return crypto::verify(key, label, {context, view_of(text.body)}, text.signature);
}

crypto::Hash header_hash(std::string_view header_line) {
  return crypto::labelled_hash(crypto::label::kHeaderHash, {view_of(header_line)});
}

Result<void> check_fits(const Layout& layout, const PieceLine& piece) {
  const auto bad = [](std::string why) { return fail(Code::integrity, std::move(why)); };
  if (piece.place.shard >= layout.shards()) return bad(fmt::format("shard: {} of {}", piece.place.shard, layout.shards()));
  if (piece.place.mirror >= layout.mirrors) return bad(fmt::format("mirror: {} of {}", piece.place.mirror, layout.mirrors));
  const std::uint64_t bytes = piece.last.value_or(layout.segment_bytes());
  if (bytes > layout.segment_bytes()) return bad("\"last\" is more than a segment holds");
  if (bytes == 0 && piece.place.segment > 0) return bad("\"last\" is 0 in a file that is not empty");
  if (piece.size != layout.shard_size(bytes))
    return bad(fmt::format("size: {} where the layout makes it {}", piece.size, layout.shard_size(bytes)));
  return {};
}

Result<void> Chain::add_piece(const PieceLine& piece, std::string_view line) {
  const auto bad = [](std::string why) { return fail(Code::integrity, std::move(why)); };
  if (!layout) return bad("a piece stands before the layout");
  if (complete()) return bad("a piece stands behind the last segment");
  const std::uint64_t per_segment = layout->pieces_per_segment();
  const std::uint64_t within = pieces % per_segment;
  const Place expected{.segment = pieces / per_segment,
                       .shard = static_cast<std::uint32_t>(within / layout->mirrors),
                       .mirror = static_cast<std::uint32_t>(within % layout->mirrors)};
  if (piece.place != expected)
    return bad(fmt::format("piece {}/{}/{} stands where {}/{}/{} is due", piece.place.segment,
                           piece.place.shard, piece.place.mirror, expected.segment, expected.shard,
                           expected.mirror));
  if (within > 0 && piece.last.has_value() != last_segment.has_value())
    return bad("the pieces of one segment differ in \"last\"");
  TRY(check_fits(*layout, piece));
  const std::uint64_t bytes = piece.last.value_or(layout->segment_bytes());
  if (within > 0 && piece.last && ciphertext_bytes != expected.segment * layout->segment_bytes() + bytes)
    return bad("the pieces of one segment differ in \"last\"");
  if (within == 0) {
    ciphertext_bytes += bytes;
    if (piece.last) last_segment = expected.segment;
  }
  ++pieces;
  running.update(view_of(line));
  running.update(view_of("\n"));
  return {};
}

bool Chain::complete() const {
  return last_segment && pieces == (*last_segment + 1) * layout->pieces_per_segment();
}

}  // namespace inxt::format
