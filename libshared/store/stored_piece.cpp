// SPDX-License-Identifier: LGPL-3.0-or-later
#include "store/stored_piece.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/check.h"
#include "format/json.h"
#include "store/framed_json.h"

namespace inxt::store {
namespace {

static_assert(kTrailerJsonBytesMax == kTrailerBytes - kFrameBytes);

bool all_zero(ByteView bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::byte byte) { return byte == std::byte{0}; });
}

}  // namespace

std::optional<std::uint64_t> blocks_of_file(std::uint64_t file_size_bytes) {
  if (file_size_bytes > kFileBytesMax || file_size_bytes < file_bytes(1)) return std::nullopt;
  // pages = blocks + ceil(blocks / 64), plus the trailer: every 65th page at most belongs to the tree.
  const std::uint64_t pages = (file_size_bytes - kTrailerBytes) / proof::kPageBytes;
  const std::uint64_t blocks = pages - (pages + proof::kPageBlocks) / (proof::kPageBlocks + 1);
  if (file_bytes(blocks * proof::kBlockBytes) != file_size_bytes) return std::nullopt;
  return blocks;
}

Result<void> encode_trailer(const Trailer& trailer, ByteSpan out) {
  CHECK_BUG(out.size() == kTrailerBytes);
  const std::size_t tokens_bytes = trailer.offer.size() + trailer.acceptance.size() + trailer.receipt.size();
  format::Json json;
  json["type"] = "stored-piece";
  json["version"] = kStoredPieceVersion;
  json["piece"] = trailer.piece.hex();
  json["size"] = trailer.size_bytes;
  json["root"] = to_hex(trailer.root);
  json["account"] = trailer.account.hex();
  for (const auto& [key, token] :
       {std::pair{"offer", &trailer.offer}, std::pair{"acceptance", &trailer.acceptance},
        std::pair{"receipt", &trailer.receipt}}) {
    if (!format::is_utf8(*token)) return fail(Code::usage, fmt::format("trailer: {} is not text", key));
    json[key] = *token;
  }
  const std::string text = format::write_compact(json);
  if (text.size() > kTrailerJsonBytesMax)
    return fail(Code::usage,
                fmt::format("trailer: tokens of {} bytes make {} bytes, more than its limit of {}",
                            tokens_bytes, text.size(), kTrailerJsonBytesMax));
  encode_framed(text, out);
  return {};
}

Result<Trailer> decode_trailer(ByteView bytes) {
  if (bytes.size() != kTrailerBytes)
    return fail(Code::integrity, fmt::format("trailer: {} bytes instead of {}", bytes.size(), kTrailerBytes));
  const std::string_view text = TRY(decode_framed(bytes, "trailer"));
  const format::Json json = TRY_IN("trailer", format::parse_object(text, kTrailerJsonBytesMax));
  const format::Fields fields(json, "trailer");
  TRY(fields.expect("type", "stored-piece"));
  if (const std::uint64_t version = TRY(fields.integer("version")); version != kStoredPieceVersion)
    return fail(Code::integrity, fmt::format("trailer: version {} is unknown", version));
  Trailer trailer;
  trailer.piece = TRY(fields.id<PieceId>("piece"));
  trailer.size_bytes = TRY(fields.integer("size", proof::kPieceBytesMax));
  TRY(fields.hex("root", trailer.root));
  trailer.account = TRY(fields.id<AccountId>("account"));
  trailer.offer = TRY(fields.text("offer", kTrailerJsonBytesMax));
  trailer.acceptance = TRY(fields.text("acceptance", kTrailerJsonBytesMax));
  trailer.receipt = TRY(fields.text("receipt", kTrailerJsonBytesMax));
  if (trailer.size_bytes == 0) return fields.bad("size", "no piece is empty");
  if (proof::piece_id(trailer.size_bytes, trailer.root) != trailer.piece)
    return fields.bad("root", "does not make the piece id");
  return trailer;
}

Result<void> PieceBuffer::finish(const proof::Tree& tree, const Trailer& trailer) {
  CHECK_BUG(tree.size_bytes() == size_bytes_ && trailer.size_bytes == size_bytes_);
  CHECK_BUG(trailer.root == tree.head());
  const ByteSpan file = image_.bytes();
  const std::size_t data_end = static_cast<std::size_t>(data_bytes(size_bytes_));
  std::memset(file.data() + size_bytes_, 0, data_end - static_cast<std::size_t>(size_bytes_));
  proof::encode_pages(tree, file.subspan(data_end, proof::pages_bytes(size_bytes_)));
  return encode_trailer(trailer, file.last(kTrailerBytes));
}

Result<Trailer> check_image(ByteView image) {
  if (!blocks_of_file(image.size()))
    return fail(Code::integrity, fmt::format("{} bytes: no piece makes such a file", image.size()));
  Trailer trailer = TRY(decode_trailer(image.last(kTrailerBytes)));
  if (file_bytes(trailer.size_bytes) != image.size())
    return fail(Code::integrity, fmt::format("{} bytes: a piece of {} bytes takes {}", image.size(),
                                             trailer.size_bytes, file_bytes(trailer.size_bytes)));
  const auto size = static_cast<std::size_t>(trailer.size_bytes);
  const auto data_end = static_cast<std::size_t>(data_bytes(size));
  const proof::Tree stored =
      TRY(proof::decode_pages(image.subspan(data_end, proof::pages_bytes(size)), size, trailer.piece));
  const proof::Tree actual(image.first(size));
  for (std::size_t block = 0; block < actual.leaves().size(); ++block)
    if (actual.leaves()[block] != stored.leaves()[block])
      return fail(Code::integrity, fmt::format("block {} is not the one that was stored", block));
  if (!all_zero(image.subspan(size, data_end - size)))
    return fail(Code::integrity, "the padding is not zero");
  return trailer;
}

}  // namespace inxt::store
