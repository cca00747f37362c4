// SPDX-License-Identifier: LGPL-3.0-or-later
#include "format/object_record.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "crypto/labels.h"
#include "format/manifest_lines.h"
#include "format/metadata_json.h"
#include "format/token.h"

namespace inxt::format {
namespace {

Json to_json(const ManifestRef& manifest) {
  if (const auto* whole = std::get_if<InlineManifest>(&manifest)) return {{"lines", whole->lines}};
  const auto& stored = std::get<StoredManifest>(manifest);
  return {{"stored", {{"levels", stored.levels}, {"bytes", stored.bytes}, {"manifest", stored.manifest}}}};
}

Result<ManifestRef> manifest_from_json(const Json& json, const std::string& where) {
  if (!json.is_object()) return fail(Code::integrity, where + ": not an object");
  const Fields fields(json, where);
  if (!fields.has("stored")) return InlineManifest{TRY(fields.text("lines", kInlineManifestBytesMax))};
  if (fields.has("lines")) return fields.bad("lines", "stands beside \"stored\"");
  if (!json["stored"].is_object()) return fields.bad("stored", "not an object");
  const Fields inner(json["stored"], where + ", \"stored\"");
  StoredManifest out;
  out.levels = static_cast<unsigned>(TRY(inner.integer("levels", kManifestLevelsMax)));
  if (out.levels == 0) return inner.bad("levels", "0");
  out.bytes = TRY(inner.integer("bytes"));
  out.manifest = TRY(inner.text("manifest", kInlineManifestBytesMax));
  return out;
}

/// Without gaps from 0 to `bytes`, each of a manifest that is there.
Result<void> check_extents(const ObjectRecord& record) {
  if (record.manifests.size() > kRecordManifestsMax)
    return fail(Code::usage,
                fmt::format("more than {} manifests (kRecordManifestsMax)", kRecordManifestsMax));
  if (record.extents.size() > kExtentsMax)
    return fail(Code::usage, fmt::format("more than {} extents (kExtentsMax)", kExtentsMax));
  std::uint64_t at = 0;
  for (const auto& extent : record.extents) {
    if (extent.first != at)
      return fail(Code::usage, fmt::format("an extent begins at {} where {} is due", extent.first, at));
    if (extent.bytes == 0) return fail(Code::usage, fmt::format("the extent at {} is empty", at));
    if (extent.bytes > kJsonIntegerMax - at || extent.from > kJsonIntegerMax - extent.bytes)
      return fail(Code::usage, fmt::format("the extent at {} ends past 2^53 - 1", at));
    if (extent.manifest >= record.manifests.size())
      return fail(Code::usage, fmt::format("the extent at {} is of manifest {} of {}", at, extent.manifest,
                                           record.manifests.size()));
    at += extent.bytes;
  }
  if (at != record.bytes)
    return fail(Code::usage, fmt::format("the extents have {} bytes, the object {}", at, record.bytes));
  return {};
}

Result<void> check_record(const ObjectRecord& record) {
  if (record.object.has_value() != record.previous.has_value())
    return fail(Code::usage,
                "\"object\" and \"previous\" stand in every version but the first, and only there");
  if (record.bytes > kJsonIntegerMax) return fail(Code::usage, "bytes: past 2^53 - 1");
  if (record.mtime_unix_s < 0) return fail(Code::usage, "mtime: before 1970");
  if (record.mode > 07777) return fail(Code::usage, "mode: more than permission bits");
  TRY_IN("metadata", check_metadata(record.metadata));
  TRY(check_extents(record));
  for (const auto& manifest : record.manifests) {
    const auto* stored = std::get_if<StoredManifest>(&manifest);
    const auto& text = stored != nullptr ? stored->manifest : std::get<InlineManifest>(manifest).lines;
    if (text.size() > kInlineManifestBytesMax)
      return fail(Code::usage, fmt::format("a manifest of {} bytes, more than {} (kInlineManifestBytesMax)",
                                           text.size(), kInlineManifestBytesMax));
    if (!is_utf8(text)) return fail(Code::usage, "a manifest that is not UTF-8");
    if (stored != nullptr && (stored->levels == 0 || stored->levels > kManifestLevelsMax))
      return fail(Code::usage, fmt::format("a manifest {} levels deep, of {} (kManifestLevelsMax)",
                                           stored->levels, kManifestLevelsMax));
  }
  return {};
}

Json body_json(const ObjectRecord& record) {
  Json json;
  json["object"] = record.object ? Json(record.object->hex()) : Json(nullptr);
  json["previous"] = record.previous ? Json(record.previous->hex()) : Json(nullptr);
  json["bytes"] = record.bytes;
  json["mtime"] = record.mtime_unix_s;
  json["mode"] = record.mode;
  json["zstd"] = record.zstd;
  json["metadata"] = metadata_json(record.metadata);
  json["extents"] = Json::array();
  for (const auto& extent : record.extents)
    json["extents"].push_back({{"first", extent.first},
                               {"bytes", extent.bytes},
                               {"from", extent.from},
                               {"manifest", extent.manifest}});
  json["manifests"] = Json::array();
  for (const auto& manifest : record.manifests) json["manifests"].push_back(to_json(manifest));
  return json;
}

template <class AnyId>
Result<std::optional<AnyId>> id_or_null(const Json& json, const Fields& fields, const char* key) {
  if (const auto it = json.find(key); it != json.end() && it->is_null()) return std::nullopt;
  return TRY(fields.id<AnyId>(key));
}

Result<ObjectRecord> body_from_json(const Json& json, const std::string& where) {
  const Fields fields(json, where);
  TRY(fields.check_crit({}));
  ObjectRecord out;
  out.object = TRY(id_or_null<ObjectId>(json, fields, "object"));
  out.previous = TRY(id_or_null<RecordId>(json, fields, "previous"));
  out.bytes = TRY(fields.integer("bytes"));
  out.mtime_unix_s = TRY(fields.time("mtime"));
  out.mode = static_cast<std::uint32_t>(TRY(fields.integer("mode", 07777)));
  out.zstd = TRY(fields.boolean("zstd"));
  out.metadata = TRY(metadata_from_json(json, where));
  const auto extents = json.find("extents");
  if (extents == json.end() || !extents->is_array()) return fields.bad("extents", "not a list");
  for (const auto& extent : *extents) {
    if (!extent.is_object()) return fields.bad("extents", "not a list of objects");
    if (out.extents.size() == kExtentsMax)
      return fields.bad("extents", fmt::format("more than {} (kExtentsMax)", kExtentsMax));
    const Fields of(extent, where + ", \"extents\"");
    const auto first = TRY(of.integer("first"));
    const auto bytes = TRY(of.integer("bytes"));
    const auto from = TRY(of.integer("from"));
    const auto manifest = static_cast<std::uint32_t>(TRY(of.integer("manifest", kRecordManifestsMax - 1)));
    out.extents.push_back({.first = first, .bytes = bytes, .from = from, .manifest = manifest});
  }
  const auto manifests = json.find("manifests");
  if (manifests == json.end() || !manifests->is_array()) return fields.bad("manifests", "not a list");
  for (const auto& manifest : *manifests) {
    if (out.manifests.size() == kRecordManifestsMax)
      return fields.bad("manifests", fmt::format("more than {} (kRecordManifestsMax)", kRecordManifestsMax));
    out.manifests.push_back(TRY(manifest_from_json(manifest, where + ", \"manifests\"")));
  }
  if (auto good = check_record(out); !good) return fail(Code::integrity, where + ": " + good.error().what);
  return out;
}

}  // namespace

ObjectRecord whole_object(std::uint64_t bytes, ManifestRef manifest) {
  ObjectRecord out;
  out.bytes = bytes;
  if (bytes > 0) out.extents.push_back({.first = 0, .bytes = bytes, .from = 0, .manifest = 0});
  out.manifests.push_back(std::move(manifest));
  return out;
}

Result<SignedRecord> sign_record(const RecordHead& head, const ObjectRecord& record, const BodySealer& sealer,
                                 const crypto::SigningKey& writer, crypto::Random& random) {
  TRY_IN("record", check_record(record));
  Json clear{{"type", "object"},
             {"version", 1},
             {"log", head.log.hex()},
             {"writer", head.writer.hex()},
             {"uploader", head.uploader}};
  if (!head.certificate.empty()) clear["certificate"] = head.certificate;
  const auto body = write_compact(body_json(record));
  if (body.size() > kRecordBodyBytesMax)
    return fail(Code::usage,
                fmt::format("record: {} bytes of manifests and extents, more than {} (kRecordBodyBytesMax)",
                            body.size(), kRecordBodyBytesMax));
  SignedRecord out;
  out.line = TRY_IN("record", write_sealed_line(std::move(clear), body, sealer, crypto::label::kRecordLine,
                                                writer, kRecordLineBytesMax, random));
  out.id = record_id(out.line);
  return out;
}

RecordId record_id(std::string_view line) {
  return {crypto::labelled_hash(crypto::label::kRecord, {view_of(line)})};
}

Result<OpenedRecordHead> open_record_head(std::string_view line, const std::string& where) {
  OpenedRecordHead out;
  Json json;
  out.sealed = TRY(read_sealed_line(line, kRecordLineBytesMax, where, json));
  const Fields fields(json, where);
  TRY(fields.expect("type", "object"));
  if (const auto version = TRY(fields.integer("version")); version != 1)
    return fields.bad("version", fmt::format("{} is not one that this program reads", version));
  out.head.log = TRY(fields.id<LogId>("log"));
  out.head.writer = TRY(fields.id<WriterId>("writer"));
  out.head.uploader = static_cast<std::uint32_t>(TRY(fields.integer("uploader", kUploaderMax)));
  if (fields.has("certificate")) out.head.certificate = TRY(fields.text("certificate", kTokenBytesMax));
  if (!out.sealed.verify(out.head.writer.bytes, crypto::label::kRecordLine))
    return fields.bad("sig", "not the writer's signature over this line");
  out.id = record_id(line);
  return out;
}

Result<ObjectRecord> open_record(const OpenedRecordHead& head, const TreeKey& key) {
  const auto where = fmt::format("record {}", head.id.hex());
  if (head.head.log != key.log()) return fail(Code::integrity, where + ": log: another owner's");
  if (!head.sealed.sealed_key && head.head.uploader != 0)
    return fail(Code::integrity, where + ": key: uploader 0's, in a record by another");
  const auto text =
      TRY_IN(where, open_body(head.sealed, key.record_key(), key.recipient_secret(), kRecordBodyBytesMax));
  const auto json = TRY_IN(where + ", body", parse_object(text, kRecordBodyBytesMax));
  return body_from_json(json, where);
}

}  // namespace inxt::format
