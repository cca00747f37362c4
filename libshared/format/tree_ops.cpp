// SPDX-License-Identifier: LGPL-3.0-or-later
#include "format/tree_ops.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "format/metadata_json.h"

namespace inxt::format {
namespace {

constexpr std::string_view kDoesNames[] = {"create", "write", "delete", "share", "name"};
constexpr std::size_t kRecipientLettersMax = 100;

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};

Result<std::string> path_member(const Fields& fields, const char* key) {
  auto path = TRY(fields.text(key, kTreePathBytesMax));
  const auto parts = split_path(path);
  if (!parts) return fields.bad(key, parts.error().what);
  if (parts->empty()) return fields.bad(key, "the root");
  return path;
}

Result<Op> put_from_json(const Json& json, const Fields& fields, const std::string& where) {
  PutOp op;
  if (fields.has("path")) op.path = TRY(path_member(fields, "path"));
  op.object = TRY(fields.id<ObjectId>("object"));
  op.record = TRY(fields.id<RecordId>("record"));
  op.bytes = TRY(fields.integer("bytes"));
  op.mtime_unix_s = TRY(fields.time("mtime"));
  op.mode = static_cast<std::uint32_t>(TRY(fields.integer("mode", 07777)));
  op.metadata = TRY(metadata_from_json(json, where));
  if (const auto base = json.find("base"); base != json.end()) {
    if (base->is_null()) {
      op.base.saw = Base::Saw::nothing;
    } else {
      op.base.saw = Base::Saw::record;
      op.base.record = TRY(fields.id<RecordId>("base"));
    }
  }
  return op;
}

Result<Op> purge_from_json(const Fields& fields) {
  PurgeOp op;
  for (const auto& text : TRY(fields.texts("records", kPurgeRecordsMax, 64))) {
    const auto id = RecordId::parse(text);
    if (!id) return fields.bad("records", id.error().what);
    op.records.push_back(*id);
  }
  return op;
}

Result<Op> share_from_json(const Fields& fields) {
  ShareOp op;
  op.share = TRY(fields.id<ShareId>("share"));
  op.what = TRY(fields.text("what", kShareWhatBytesMax));
  op.expires_unix_s = TRY(fields.time("expires"));
  if (fields.has("secret")) {
    op.secret.emplace();
    TRY(fields.base64("secret", ByteSpan(*op.secret)));
  }
  if (fields.has("recipient")) op.recipient = TRY(fields.text("recipient", kRecipientLettersMax));
  return op;
}

Result<Op> segment_from_json(const Fields& fields) {
  SegmentOp op;
  op.first = TRY(fields.integer("first"));
  op.last = TRY(fields.integer("last"));
  if (op.first == 0 || op.first > op.last) return fields.bad("first", "not an entry before the last");
  op.bytes = TRY(fields.integer("bytes"));
  op.manifest = TRY(fields.text("manifest", kSegmentManifestBytesMax));
  return op;
}

}  // namespace

Result<std::vector<std::string_view>> split_path(std::string_view path) {
  const auto bad = [](std::string why) { return fail(Code::usage, std::move(why)); };
  if (!path.starts_with('/')) return bad("a path that does not begin with /");
  if (path.size() > kTreePathBytesMax)
    return bad(
        fmt::format("a path of {} bytes, more than {} (kTreePathBytesMax)", path.size(), kTreePathBytesMax));
  if (!is_utf8(path)) return bad("a path that is not UTF-8");
  std::vector<std::string_view> out;
  if (path.size() == 1) return out;
  for (std::size_t at = 1;;) {
    const auto end = std::min(path.find('/', at), path.size());
    const auto name = path.substr(at, end - at);
    if (name.empty()) return bad("a path with an empty name in it");
    if (name == "." || name == "..") return bad("a path with . or .. in it");
    if (name.size() > kTreeNameBytesMax)
      return bad(fmt::format("a name of {} bytes, more than {} (kTreeNameBytesMax)", name.size(),
                             kTreeNameBytesMax));
    if (name.find('\0') != name.npos) return bad("a path with a zero byte in it");
    if (out.size() == kTreeDepthMax)
      return bad(fmt::format("a path of more than {} names (kTreeDepthMax)", kTreeDepthMax));
    out.push_back(name);
    if (end == path.size()) return out;
    at = end + 1;
  }
}

std::string_view does_name(Does::What what) {
  return kDoesNames[static_cast<std::size_t>(what)];
}

std::optional<Does::What> does_from_name(std::string_view name) {
  for (std::size_t i = 0; i < std::size(kDoesNames); ++i)
    if (kDoesNames[i] == name) return static_cast<Does::What>(i);
  return std::nullopt;
}

Does does_of(const Op& op) {
  if (const auto* put = std::get_if<PutOp>(&op))
    return {put->object.bytes == put->record.bytes ? Does::What::create : Does::What::write, put->object};
  if (const auto* remove = std::get_if<RmObjectOp>(&op)) return {Does::What::remove, remove->object};
  if (std::holds_alternative<RmOp>(op) || std::holds_alternative<PurgeOp>(op))
    return {Does::What::remove, {}};
  if (std::holds_alternative<ShareOp>(op) || std::holds_alternative<UnshareOp>(op))
    return {Does::What::share, {}};
  return {Does::What::name, {}};
}

std::string_view op_name(const Op& op) {
  constexpr std::string_view names[] = {"put",     "mkdir", "mv",      "rm",      "rm_object", "purge",
                                        "restore", "share", "unshare", "segment", "settings"};
  static_assert(std::size(names) == std::variant_size_v<Op>);
  return names[op.index()];
}

Json to_json(const Op& op) {
  Json json;
  json["op"] = op_name(op);
  std::visit(Overloaded{
                 [&](const PutOp& put) {
                   if (put.path) json["path"] = *put.path;
                   json["object"] = put.object.hex();
                   json["record"] = put.record.hex();
                   json["bytes"] = put.bytes;
                   json["mtime"] = put.mtime_unix_s;
                   json["mode"] = put.mode;
                   if (!put.metadata.empty()) json["metadata"] = metadata_json(put.metadata);
                   if (put.base.saw == Base::Saw::nothing) json["base"] = nullptr;
                   if (put.base.saw == Base::Saw::record) json["base"] = put.base.record.hex();
                 },
                 [&](const MkdirOp& mkdir) {
                   json["path"] = mkdir.path;
                   json["mode"] = mkdir.mode;
                 },
                 [&](const MvOp& mv) {
                   json["from"] = mv.from;
                   json["to"] = mv.to;
                 },
                 [&](const RmOp& rm) {
                   json["path"] = rm.path;
                   json["recursive"] = rm.recursive;
                 },
                 [&](const RmObjectOp& rm) { json["object"] = rm.object.hex(); },
                 [&](const PurgeOp& purge) {
                   json["records"] = Json::array();
                   for (const auto& record : purge.records) json["records"].push_back(record.hex());
                 },
                 [&](const RestoreOp& restore) {
                   json["path"] = restore.path;
                   json["record"] = restore.record.hex();
                 },
                 [&](const ShareOp& share) {
                   json["share"] = share.share.hex();
                   json["what"] = share.what;
                   json["expires"] = share.expires_unix_s;
                   if (share.secret) json["secret"] = to_base64url(*share.secret);
                   if (!share.recipient.empty()) json["recipient"] = share.recipient;
                 },
                 [&](const UnshareOp& unshare) { json["share"] = unshare.share.hex(); },
                 [&](const SegmentOp& segment) {
                   json["first"] = segment.first;
                   json["last"] = segment.last;
                   json["bytes"] = segment.bytes;
                   json["manifest"] = segment.manifest;
                 },
                 [&](const SettingsOp& settings) { json["keep_versions_s"] = settings.keep_versions_s; },
             },
             op);
  return json;
}

std::size_t op_json_bytes(const Op& op) {
  return write_compact(to_json(op)).size();
}

Result<Op> op_from_json(const Json& json, const std::string& where) {
  if (!json.is_object()) return fail(Code::integrity, where + ": not an object");
  const Fields fields(json, where);
  TRY(fields.check_crit({}));
  const auto op = TRY(fields.text("op", 64));
  if (op == "put") return put_from_json(json, fields, where);
  if (op == "mkdir") {
    auto path = TRY(path_member(fields, "path"));
    const auto mode = static_cast<std::uint32_t>(TRY(fields.integer("mode", 07777)));
    return MkdirOp{.path = std::move(path), .mode = mode};
  }
  if (op == "mv") {
    auto from = TRY(path_member(fields, "from"));
    auto to = TRY(path_member(fields, "to"));
    return MvOp{.from = std::move(from), .to = std::move(to)};
  }
  if (op == "rm") {
    auto path = TRY(path_member(fields, "path"));
    const auto recursive = TRY(fields.boolean("recursive"));
    return RmOp{.path = std::move(path), .recursive = recursive};
  }
  if (op == "rm_object") return RmObjectOp{.object = TRY(fields.id<ObjectId>("object"))};
  if (op == "purge") return purge_from_json(fields);
  if (op == "restore") {
    auto path = TRY(path_member(fields, "path"));
    const auto record = TRY(fields.id<RecordId>("record"));
    return RestoreOp{.path = std::move(path), .record = record};
  }
  if (op == "share") return share_from_json(fields);
  if (op == "unshare") return UnshareOp{.share = TRY(fields.id<ShareId>("share"))};
  if (op == "segment") return segment_from_json(fields);
  if (op == "settings") return SettingsOp{.keep_versions_s = TRY(fields.time("keep_versions_s"))};
  return fields.bad("op", "not one that this version knows");
}

Result<void> check_op(const Op& op) {
  // Texts that are not UTF-8 cannot be written at all.
  const auto utf8 = std::visit(
      Overloaded{[](const PutOp& put) { return !put.path || is_utf8(*put.path); },
                 [](const MkdirOp& mkdir) { return is_utf8(mkdir.path); },
                 [](const MvOp& mv) { return is_utf8(mv.from) && is_utf8(mv.to); },
                 [](const RmOp& rm) { return is_utf8(rm.path); },
                 [](const RestoreOp& restore) { return is_utf8(restore.path); },
                 [](const ShareOp& share) { return is_utf8(share.what) && is_utf8(share.recipient); },
                 [](const SegmentOp& segment) { return is_utf8(segment.manifest); },
                 [](const auto&) { return true; }},
      op);
  if (!utf8) return fail(Code::usage, fmt::format("{}: a text that is not UTF-8", op_name(op)));
  if (const auto* put = std::get_if<PutOp>(&op)) TRY_IN("put", check_metadata(put->metadata));
  const auto text = write_compact(to_json(op));
  const auto json = parse_object(text, text.size());
  if (!json) return fail(Code::usage, fmt::format("{}: {}", op_name(op), json.error().what));
  if (auto read = op_from_json(*json, std::string(op_name(op))); !read)
    return fail(Code::usage, read.error().what);
  return {};
}

}  // namespace inxt::format
