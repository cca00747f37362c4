// SPDX-License-Identifier: LGPL-3.0-or-later
#include "format/manifest_lines.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "format/token.h"

namespace inxt::format {
namespace {

constexpr std::size_t kPrivatePartBytesMax = 900;

void put_place(Json& json, const Place& place) {
  json["segment"] = place.segment;
  json["shard"] = place.shard;
  json["mirror"] = place.mirror;
}

Result<Place> read_place(const Fields& fields) {
  Place place;
  place.segment = TRY(fields.integer("segment", kSegmentsMax - 1));
  place.shard =
      static_cast<std::uint32_t>(TRY(fields.integer("shard", kDataShardsMax + kParityShardsMax - 1)));
  place.mirror = static_cast<std::uint32_t>(TRY(fields.integer("mirror", kMirrorsMax - 1)));
  return place;
}

Result<Line> read_header(const Fields& fields) {
  Header line;
  if (auto version = TRY(fields.integer("version")); version != 1)
    return fields.bad("version", fmt::format("{} is not one that this program reads", version));
  line.file = TRY(fields.id<FileId>("file"));
  line.writer = TRY(fields.id<WriterId>("writer"));
  line.uploader = static_cast<std::uint32_t>(TRY(fields.integer("uploader", kUploaderMax)));
  if (fields.has("certificate")) line.certificate = TRY(fields.text("certificate", kTokenBytesMax));
  TRY(fields.hex("commitment", line.commitment));
  line.private_part = TRY(fields.base64("private", kPrivatePartBytesMax));
  return line;
}

Result<Line> read_stanza(const Fields& fields) {
  Stanza line;
  line.recipient = TRY(fields.text("recipient", 100));
  TRY(fields.expect("kind", "sealedbox"));
  line.sealed_secret.resize(kSealedSecretBytes);
  TRY(fields.base64("secret", ByteSpan(line.sealed_secret)));
  return line;
}

Result<Line> read_chunk(const Fields& fields) {
  CiphertextChunk line;
  line.path = TRY(fields.text("path", kPathBytesMax));
  line.offset = TRY(fields.integer("offset"));
  line.length = TRY(fields.integer("length", kChunkBytesMax));
  TRY(fields.hex("sha256", line.sha256));
  return line;
}

Result<Line> read_layout(const Fields& fields) {
  Layout line;
  line.k = static_cast<std::uint32_t>(TRY(fields.integer("k", kDataShardsMax)));
  line.m = static_cast<std::uint32_t>(TRY(fields.integer("m", kParityShardsMax)));
  line.mirrors = static_cast<std::uint32_t>(TRY(fields.integer("mirrors", kMirrorsMax)));
  line.shard_bytes = static_cast<std::uint32_t>(TRY(fields.integer("shard_bytes", kShardBytesMax)));
  TRY(fields.hex("seal_key", line.seal_key));
  if (auto good = check_layout(line); !good) return fields.bad("layout", good.error().what);
  return line;
}

Result<Line> read_piece(const Fields& fields) {
  PieceLine line;
  line.place = TRY(read_place(fields));
  line.size = static_cast<std::uint32_t>(TRY(fields.integer("size", kShardBytesMax)));
  line.id = TRY(fields.id<PieceId>("id"));
  if (fields.has("last"))
    line.last = TRY(fields.integer("last", std::uint64_t{kDataShardsMax} * kShardBytesMax));
  return line;
}

Result<Line> read_file(const Fields& fields) {
  FileLine line;
  line.place = TRY(read_place(fields));
  line.path = TRY(fields.text("path", kPathBytesMax));
  line.offset = TRY(fields.integer("offset"));
  line.length = TRY(fields.integer("length", kShardBytesMax));
  return line;
}

Result<Line> read_place_line(const Fields& fields) {
  PlaceLine line;
  line.place = TRY(read_place(fields));
  line.host = TRY(fields.id<HostId>("host"));
  line.address = TRY(fields.text("address", kAddressBytesMax));
  TRY(fields.hex("contract", line.contract));
  TRY(fields.hex("receipt", line.receipt));
  if (fields.has("uploader"))
    line.uploader = static_cast<std::uint32_t>(TRY(fields.integer("uploader", kUploaderMax)));
  return line;
}

Result<Line> read_seal(const Fields& fields) {
  SealLine line;
  line.segments = TRY(fields.integer("segments", kSegmentsMax));
  line.pieces = TRY(fields.integer("pieces"));
  line.bytes = TRY(fields.integer("bytes"));
  TRY(fields.hex("hash", line.hash));
  return line;
}

Result<Line> read_error(const Fields& fields) {
  ErrorLine line;
  line.tool = TRY(fields.text("tool", 64));
  line.code = code_from_name(TRY(fields.text("code", 64)));
  TRY(fields.integer("status"));  // for scripts; the code is what counts
  line.message = TRY(fields.text("message", 4096));
  return line;
}

}  // namespace

Json to_json(const Header& line) {
  Json json{{"type", "header"},
            {"version", 1},
            {"file", line.file.hex()},
            {"writer", line.writer.hex()},
            {"uploader", line.uploader}};
  if (!line.certificate.empty()) json["certificate"] = line.certificate;
  json["commitment"] = to_hex(line.commitment);
  json["private"] = to_base64url(line.private_part);
  return json;
}

Json to_json(const Stanza& line) {
  return {{"type", "stanza"},
          {"recipient", line.recipient},
          {"kind", "sealedbox"},
          {"secret", to_base64url(line.sealed_secret)}};
}

Json to_json(const CiphertextChunk& line) {
  return {{"type", "ciphertext"},
          {"path", line.path},
          {"offset", line.offset},
          {"length", line.length},
          {"sha256", to_hex(line.sha256)}};
}

Json to_json(const CiphertextEnd& line) {
  return {{"type", "ciphertext-end"}, {"bytes", line.bytes}};
}

Json to_json(const Layout& line) {
  return {{"type", "layout"},
          {"k", line.k},
          {"m", line.m},
          {"mirrors", line.mirrors},
          {"shard_bytes", line.shard_bytes},
          {"seal_key", to_hex(line.seal_key)}};
}

Json to_json(const PieceLine& line) {
  Json json;
  json["type"] = "piece";
  put_place(json, line.place);
  json["size"] = line.size;
  json["id"] = line.id.hex();
  if (line.last) json["last"] = *line.last;
  return json;
}

Json to_json(const FileLine& line) {
  Json json;
  json["type"] = "file";
  put_place(json, line.place);
  json["path"] = line.path;
  json["offset"] = line.offset;
  json["length"] = line.length;
  return json;
}

Json to_json(const PlaceLine& line) {
  Json json;
  json["type"] = "place";
  put_place(json, line.place);
  json["host"] = line.host.hex();
  json["address"] = line.address;
  json["contract"] = to_hex(line.contract);
  json["receipt"] = to_hex(line.receipt);
  if (line.uploader) json["uploader"] = *line.uploader;
  return json;
}

Json to_json(const SealLine& line) {
  return {{"type", "seal"},
          {"segments", line.segments},
          {"pieces", line.pieces},
          {"bytes", line.bytes},
          {"hash", to_hex(line.hash)}};
}

Json to_json(const ErrorLine& line) {
  return {{"type", "error"},
          {"tool", line.tool},
          {"code", code_name(line.code)},
          {"status", static_cast<int>(line.code)},
          {"message", line.message}};
}

Result<Line> line_from_json(const Json& json, const std::string& where) {
  const Fields fields(json, where);
  const auto type = TRY(fields.text("type", 64));
  TRY(fields.check_crit({}));
  if (type == "header") return read_header(fields);
  if (type == "stanza") return read_stanza(fields);
  if (type == "ciphertext") return read_chunk(fields);
  if (type == "ciphertext-end") return CiphertextEnd{TRY(fields.integer("bytes"))};
  if (type == "layout") return read_layout(fields);
  if (type == "piece") return read_piece(fields);
  if (type == "file") return read_file(fields);
  if (type == "place") return read_place_line(fields);
  if (type == "seal") return read_seal(fields);
  if (type == "error") return read_error(fields);
  if (fields.has("crit"))
    return fields.bad("type", "a kind of line that this version does not know, marked critical");
  return UnknownLine{type};
}

}  // namespace inxt::format
