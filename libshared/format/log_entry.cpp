// SPDX-License-Identifier: LGPL-3.0-or-later
#include "format/log_entry.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "crypto/labels.h"
#include "format/manifest_lines.h"
#include "format/token.h"

namespace inxt::format {
namespace {

Json does_json(const std::vector<Does>& does) {
  Json out = Json::array();
  for (const auto& one : does)
    out.push_back({does_name(one.what), one.object ? one.object->hex() : std::string()});
  return out;
}

Result<std::vector<Does>> does_from_json(const Json& json, const Fields& fields) {
  const auto it = json.find("does");
  if (it == json.end() || !it->is_array()) return fields.bad("does", "not a list");
  if (it->empty() || it->size() > kOpsMax)
    return fields.bad("does", fmt::format("not 1 to {} (kOpsMax)", kOpsMax));
  std::vector<Does> out;
  for (const auto& one : *it) {
    if (!one.is_array() || one.size() != 2 || !one[0].is_string() || !one[1].is_string())
      return fields.bad("does", "not a list of pairs of texts");
    const auto what = does_from_name(one[0].get_ref<const std::string&>());
    if (!what) return fields.bad("does", "not one that this version knows");
    Does does{.what = *what, .object = {}};
    if (const auto& object = one[1].get_ref<const std::string&>(); !object.empty()) {
      auto id = ObjectId::parse(object);
      if (!id) return fields.bad("does", id.error().what);
      does.object = *id;
    }
    out.push_back(does);
  }
  return out;
}

}  // namespace

crypto::Hash entry_hash(std::string_view line) {
  return crypto::labelled_hash(crypto::label::kEntry, {view_of(line)});
}

Result<std::string> sign_entry(EntryHead head, const std::vector<Op>& ops, const BodySealer& sealer,
                               const crypto::SigningKey& writer, crypto::Random& random) {
  if (ops.empty() || ops.size() > kOpsMax)
    return fail(Code::usage, fmt::format("entry: {} operations, not 1 to {} (kOpsMax)", ops.size(), kOpsMax));
  head.does.clear();
  Json list = Json::array();
  for (const auto& op : ops) {
    TRY_IN("entry", check_op(op));
    head.does.push_back(does_of(op));
    list.push_back(to_json(op));
  }
  Json clear{{"type", "entry"},           {"version", 1},
             {"log", head.log.hex()},     {"seq", head.seq},
             {"prev", to_hex(head.prev)}, {"writer", head.writer.hex()},
             {"uploader", head.uploader}};
  if (!head.certificate.empty()) clear["certificate"] = head.certificate;
  clear["time"] = head.time_unix_s;
  clear["does"] = does_json(head.does);
  const auto body = write_compact({{"ops", std::move(list)}});
  if (body.size() > kEntryBodyBytesMax)
    return fail(Code::usage, fmt::format("entry: {} bytes of operations, more than {} (kEntryBodyBytesMax)",
                                         body.size(), kEntryBodyBytesMax));
  return TRY_IN("entry", write_sealed_line(std::move(clear), body, sealer, crypto::label::kEntryLine, writer,
                                           kEntryLineBytesMax, random));
}

Result<OpenedEntryHead> open_entry_head(std::string_view line, const std::string& where) {
  OpenedEntryHead out;
  Json json;
  out.sealed = TRY(read_sealed_line(line, kEntryLineBytesMax, where, json));
  const Fields fields(json, where);
  TRY(fields.expect("type", "entry"));
  if (const auto version = TRY(fields.integer("version")); version != 1)
    return fields.bad("version", fmt::format("{} is not one that this program reads", version));
  out.head.log = TRY(fields.id<LogId>("log"));
  out.head.seq = TRY(fields.integer("seq"));
  if (out.head.seq == 0) return fields.bad("seq", "0");
  TRY(fields.hex("prev", out.head.prev));
  out.head.writer = TRY(fields.id<WriterId>("writer"));
  out.head.uploader = static_cast<std::uint32_t>(TRY(fields.integer("uploader", kUploaderMax)));
  if (fields.has("certificate")) out.head.certificate = TRY(fields.text("certificate", kTokenBytesMax));
  out.head.time_unix_s = TRY(fields.time("time"));
  out.head.does = TRY(does_from_json(json, fields));
  if (!out.sealed.verify(out.head.writer.bytes, crypto::label::kEntryLine))
    return fields.bad("sig", "not the writer's signature over this line");
  out.hash = entry_hash(line);
  return out;
}

Result<std::vector<Op>> open_entry(const OpenedEntryHead& head, const TreeKey& key) {
  const auto where = fmt::format("entry {}", head.head.seq);
  if (head.head.log != key.log()) return fail(Code::integrity, where + ": log: another owner's");
  if (!head.sealed.sealed_key && head.head.uploader != 0)
    return fail(Code::integrity, where + ": key: uploader 0's, in an entry by another");
  const auto text =
      TRY_IN(where, open_body(head.sealed, key.entry_key(), key.recipient_secret(), kEntryBodyBytesMax));
  const auto json = TRY_IN(where + ", body", parse_object(text, kEntryBodyBytesMax));
  const auto list = json.find("ops");
  const Fields fields(json, where);
  TRY(fields.check_crit({}));
  if (list == json.end() || !list->is_array()) return fields.bad("ops", "not a list");
  if (list->size() != head.head.does.size()) return fields.bad("ops", "not as many as \"does\" says");
  std::vector<Op> ops;
  for (const auto& one : *list) {
    ops.push_back(TRY(op_from_json(one, fmt::format("{}, operation {}", where, ops.size() + 1))));
    if (does_of(ops.back()) != head.head.does[ops.size() - 1])
      return fields.bad("ops", fmt::format("operation {} is not what \"does\" says", ops.size()));
    if (head.head.uploader == 0) continue;
    const auto* put = std::get_if<PutOp>(&ops.back());
    if (put == nullptr || !put->path || head.head.does[ops.size() - 1].what != Does::What::create)
      return fields.bad("ops",
                        fmt::format("operation {} is not a put of a new object at a path, by uploader {}",
                                    ops.size(), head.head.uploader));
  }
  return ops;
}

}  // namespace inxt::format
