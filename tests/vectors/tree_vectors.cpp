// SPDX-License-Identifier: AGPL-3.0-or-later
// inxt-tree(5).
#include "client/log_chain.h"
#include "keys/owner.h"
#include "tree/tree.h"
#include "vectors/vectors.h"

namespace inxt::vectors {
namespace {

keys::OwnerKeys owner_of(const Value& given) {
  return keys::OwnerKeys::from_entropy(hex_of(given, "entropy"));
}

/// Ordered JSON of the formats, as a value of the vectors.
Value value_of(const format::Json& json) {
  return Value::parse(format::write_compact(json));
}

Result<Value> run_tree_key(const Value& given, ByteView) {
  const auto key = format::TreeKey::of(owner_of(given).recipient_secret());
  return Value{{"log", key.log().hex()},
               {"record", to_hex(key.record_key().view())},
               {"entry", to_hex(key.entry_key().view())},
               {"cache", to_hex(key.cache_key().view())}};
}

Value metadata_value(const format::Metadata& metadata) {
  Value out = Value::object();
  for (const auto& [name, value] : metadata) out[name] = value;
  return out;
}

Result<Value> run_record(const Value& given, ByteView input) {
  const auto key = format::TreeKey::of(owner_of(given).recipient_secret());
  const auto opened = TRY(format::open_record_head(text_of(input)));
  const auto record = TRY(format::open_record(opened, key));
  Value extents = Value::array(), manifests = Value::array();
  for (const auto& one : record.extents)
    extents.push_back(Value::array({one.first, one.bytes, one.from, one.manifest}));
  for (const auto& one : record.manifests) {
    if (const auto* whole = std::get_if<format::InlineManifest>(&one)) {
      manifests.push_back({{"lines", whole->lines}});
      continue;
    }
    const auto& stored = std::get<format::StoredManifest>(one);
    manifests.push_back(
        {{"stored", {{"levels", stored.levels}, {"bytes", stored.bytes}, {"manifest", stored.manifest}}}});
  }
  return Value{{"id", opened.id.hex()},
               {"log", opened.head.log.hex()},
               {"writer", opened.head.writer.hex()},
               {"uploader", opened.head.uploader},
               {"certificate", opened.head.certificate},
               {"object", record.object ? Value(record.object->hex()) : Value()},
               {"previous", record.previous ? Value(record.previous->hex()) : Value()},
               {"bytes", record.bytes},
               {"mtime", record.mtime_unix_s},
               {"mode", record.mode},
               {"zstd", record.zstd},
               {"metadata", metadata_value(record.metadata)},
               {"extents", std::move(extents)},
               {"manifests", std::move(manifests)}};
}

Result<Value> run_entry(const Value& given, ByteView input) {
  const auto key = format::TreeKey::of(owner_of(given).recipient_secret());
  const auto opened = TRY(format::open_entry_head(text_of(input)));
  const auto list = TRY(format::open_entry(opened, key));
  Value does = Value::array(), ops = Value::array();
  for (const auto& one : opened.head.does)
    does.push_back(
        Value::array({format::does_name(one.what), one.object ? one.object->hex() : std::string()}));
  for (const auto& op : list) ops.push_back(value_of(format::to_json(op)));
  return Value{{"log", opened.head.log.hex()},     {"seq", opened.head.seq},
               {"prev", to_hex(opened.head.prev)}, {"writer", opened.head.writer.hex()},
               {"uploader", opened.head.uploader}, {"certificate", opened.head.certificate},
               {"time", opened.head.time_unix_s},  {"does", std::move(does)},
               {"hash", to_hex(opened.hash)},      {"ops", std::move(ops)}};
}

Value version_value(const tree::Version& version) {
  return {{"object", version.object.hex()},
          {"record", version.record.hex()},
          {"bytes", version.bytes},
          {"mtime", version.mtime_unix_s},
          {"mode", version.mode},
          {"metadata", metadata_value(version.metadata ? *version.metadata : format::Metadata())},
          {"seq", version.seq},
          {"uploader", version.uploader}};
}

Value tree_value(const tree::Tree& tree) {
  Value names = Value::array(), unnamed = Value::array(), kept = Value::array(), notes = Value::array(),
        shares = Value::array(), segments = Value::array();
  tree.walk(tree::Names::kRoot, [&](const tree::Item& item) {
    names.push_back(Value::array({tree.path_of(item.node), item.is_folder ? Value{{"mode", item.mode}}
                                                                          : version_value(*item.version)}));
    return true;
  });
  for (const auto& [id, version] : tree.unnamed()) unnamed.push_back(version_value(*version));
  for (const auto& one : tree.kept())
    kept.push_back({{"version", version_value(*one.version)},
                    {"path", one.path},
                    {"why", tree::why_name(one.why)},
                    {"seq", one.kept_seq},
                    {"time", one.kept_unix_s}});
  for (const auto& note : tree.notes()) {
    using Kind = tree::Note::Kind;
    const bool other = note.kind == Kind::conflict_copy || note.kind == Kind::into_itself ||
                       note.kind == Kind::too_deep || note.kind == Kind::in_use;
    notes.push_back(Value::array({tree::kind_name(note.kind), note.seq, note.uploader, note.path,
                                  other ? note.other : std::string()}));
  }
  for (const auto& [id, share] : tree.shares())
    shares.push_back(
        Value::array({id.hex(), share.what, share.expires_unix_s,
                      share.secret ? to_base64url(*share.secret) : std::string(), share.recipient}));
  for (const auto& one : tree.segments())
    segments.push_back(Value::array({one.first, one.last, one.bytes, one.manifest}));
  return {{"names", std::move(names)},
          {"unnamed", std::move(unnamed)},
          {"kept", std::move(kept)},
          {"notes", std::move(notes)},
          {"shares", std::move(shares)},
          {"segments", std::move(segments)},
          {"keep_versions_s", tree.keep_versions_s()}};
}

Result<Value> run_log(const Value& given, ByteView input) {
  const auto key = keys::Key::of_owner(owner_of(given));
  const auto tree_key = format::TreeKey::of(*key.recipient_secret());
  client::LogChain chain(tree_key.log(), client::LogWriters(key));
  tree::Tree tree;
  for (auto rest = text_of(input); !rest.empty();) {
    const auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(line.size() + 1);
    const auto entry = TRY(client::read_entry(line, &tree_key));
    const auto accepted = TRY(chain.accept(entry));
    const auto& said = entry.opened.head;
    const tree::EntryStamp stamp{.seq = said.seq,
                                 .time_unix_s = said.time_unix_s,
                                 .uploader = said.uploader,
                                 .owner_unix_s = accepted.owner_unix_s};
    if (accepted.refused) {
      tree.note_refused(stamp, *accepted.refused);
      continue;
    }
    for (const auto& op : *entry.ops) tree.apply(stamp, op);
  }
  auto value = tree_value(tree);
  value["seq"] = chain.head().seq;
  value["hash"] = to_hex(chain.head().hash);
  return value;
}

constexpr Format kTreeFormats[] = {
    {"tree-key", run_tree_key}, {"object-record", run_record}, {"log-entry", run_entry}, {"log", run_log}};

}  // namespace

std::span<const Format> tree_formats() {
  return kTreeFormats;
}

}  // namespace inxt::vectors
