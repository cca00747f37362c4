// SPDX-License-Identifier: AGPL-3.0-or-later
// inxt-piece(5), and "Segments" of inxt-manifest(5).
#include "transfer/segment_joiner.h"
#include "crypto/ctr.h"
#include "erasure/codec.h"
#include "proof/pages.h"
#include "store/stored_piece.h"
#include "vectors/vectors.h"

namespace inxt::vectors {
namespace {

Result<Value> run_segments(const Value& given, ByteView) {
  format::Layout layout;
  layout.k = given.at("k").get<std::uint32_t>();
  layout.shard_bytes = given.at("shard_bytes").get<std::uint32_t>();
  TRY(check_layout(layout));
  const auto bytes = given.at("bytes").get<std::uint64_t>();
  const auto segments = layout.segments(bytes);
  const auto last = bytes - (segments - 1) * layout.segment_bytes();
  return Value{{"segments", segments},
               {"last", last},
               {"first_shard_size", layout.shard_size(std::min(bytes, layout.segment_bytes()))},
               {"last_shard_size", layout.shard_size(last)}};
}

Result<Value> run_parity(const Value& given, ByteView input) {
  const auto k = given.at("k").get<std::uint32_t>(), m = given.at("m").get<std::uint32_t>();
  const auto codec = TRY(erasure::Codec::make(k, m));
  const std::size_t size = input.size() / k;
  std::vector<ByteView> data;
  for (std::uint32_t i = 0; i < k; ++i) data.push_back(input.subspan(i * size, size));
  Bytes parity(m * size);
  std::vector<ByteSpan> out;
  for (std::uint32_t i = 0; i < m; ++i) out.push_back(ByteSpan(parity).subspan(i * size, size));
  codec.encode(data, out);
  return Value{{"parity_b64", to_base64url(parity)}};
}

Result<Value> run_seal(const Value& given, ByteView input) {
  format::Layout layout;
  layout.seal_key = array_of<32>(given, "seal_key");
  const Place place{.segment = given.at("segment").get<std::uint64_t>(),
                    .shard = given.at("shard").get<std::uint32_t>(),
                    .mirror = given.at("mirror").get<std::uint32_t>()};
  const auto key = format::piece_seal_key(layout, id_of<FileId>(given, "file"), place);
  Bytes piece(input.size());
  crypto::Ctr(key, 0).apply(input, piece);
  return Value{
      {"key", to_hex(key)}, {"piece_b64", to_base64url(piece)}, {"id", proof::piece_id_of(piece).hex()}};
}

Result<Value> run_piece(const Value& given, ByteView input) {
  proof::TreeBuilder builder;
  TRY(builder.update(input));
  const auto tree = TRY(std::move(builder).finish());
  if (given.contains("id"))
    TRY(transfer::check_piece({.place = {},
                             .size = static_cast<std::uint32_t>(input.size()),
                             .id = id_of<PieceId>(given, "id"),
                             .last = {}},
                            input));
  const auto block = given.at("block").get<std::uint64_t>();
  const auto pages = proof::encode_pages(tree);
  Value path = Value::array();
  const auto path_of_block = tree.path(block);
  for (const auto& hash : path_of_block) path.push_back(to_hex(hash));
  const auto page = ByteView(pages).subspan(proof::page_of(block) * proof::kPageBytes, proof::kPageBytes);
  if (proof::path_from_page(page, input.size(), block) != path_of_block)
    return fail(Code::failure, "the page gives another path");
  return Value{{"id", tree.id().hex()},
               {"head", to_hex(tree.head())},
               {"leaf", to_hex(tree.leaves()[block])},
               {"path", std::move(path)},
               {"stored_bytes", store::file_bytes(input.size())},
               {"pages_sha256", to_hex(crypto::sha256(pages))}};
}

Result<Value> run_stored_piece(const Value&, ByteView input) {
  const auto trailer = TRY(store::check_image(input));
  return Value{{"piece", trailer.piece.hex()},
               {"size", trailer.size_bytes},
               {"account", trailer.account.hex()},
               {"root", to_hex(trailer.root)},
               {"bytes_sha256", to_hex(crypto::sha256(input.first(trailer.size_bytes)))}};
}

constexpr Format kPieceFormats[] = {{"segments", run_segments},
                                    {"parity", run_parity},
                                    {"seal", run_seal},
                                    {"piece", run_piece},
                                    {"stored-piece", run_stored_piece}};

}  // namespace

std::span<const Format> piece_formats() {
  return kPieceFormats;
}

}  // namespace inxt::vectors
