// SPDX-License-Identifier: LGPL-3.0-or-later
// What a log entry does to the tree of names.  Format: inxt-tree(5), "Operations".
#pragma once

#include <variant>

#include "format/object_record.h"

namespace inxt::format {

inline constexpr std::size_t kTreeNameBytesMax = 255;
inline constexpr std::size_t kTreeDepthMax = 64;
inline constexpr std::size_t kTreePathBytesMax = 8192;
inline constexpr std::size_t kOpsMax = 256;           // in one entry
inline constexpr std::size_t kPurgeRecordsMax = 256;  // in one operation
inline constexpr std::int64_t kKeepVersionsDefaultS = 30 * 86400;
inline constexpr std::size_t kShareWhatBytesMax = kTreePathBytesMax;
inline constexpr std::size_t kSegmentManifestBytesMax = 64 * 1024;  // a segment is made small enough

using ShareId = Id<struct ShareIdTag, 16>;

/// An absolute path's components: "/a/b" -> a, b; "/" -> none.
/// Errors: usage unless it begins with '/', is UTF-8, has no empty component, ".", ".." or NUL, no component
/// longer than kTreeNameBytesMax, at most kTreeDepthMax of them, and at most kTreePathBytesMax bytes.
Result<std::vector<std::string_view>> split_path(std::string_view path);

/// What the writer of a put saw at its path.
struct Base {
  enum class Saw { whatever, nothing, record };  // whatever: it did not look, and overwrites
  Saw saw = Saw::whatever;
  RecordId record = {};  // where saw == record
  bool operator==(const Base&) const = default;
};

struct PutOp {
  std::optional<std::string> path = {};  // nothing: an object without a name
  ObjectId object = {};
  RecordId record = {};  // its bytes are the object's where the record is the first
  std::uint64_t bytes = 0;
  std::int64_t mtime_unix_s = 0;
  std::uint32_t mode = 0;
  Metadata metadata = {};
  Base base = {};
};
struct MkdirOp {
  std::string path;
  std::uint32_t mode = 0;
};
struct MvOp {
  std::string from, to;  // `to` is the new path itself, never the folder to move into
};
struct RmOp {
  std::string path;
  bool recursive = false;
};
/// Removes an object that has no name.
struct RmObjectOp {
  ObjectId object = {};
};
/// The pieces of these records are gone: they can not be had back any more.
struct PurgeOp {
  std::vector<RecordId> records;
};
struct RestoreOp {
  std::string path;
  RecordId record = {};
};
struct ShareOp {
  ShareId share = {};
  std::string what;  // a path, or an object's id in hex
  std::int64_t expires_unix_s = 0;
  std::optional<ByteArray<32>> secret = {};  // s, so that any machine of the owner can make the bundle anew
  std::string recipient = {};                // inxtr1..., empty for a link
};
struct UnshareOp {
  ShareId share = {};
};
/// Entries first to last, and the records that they name, are stored as pieces.  A later one whose range
/// holds it replaces it.
struct SegmentOp {
  std::uint64_t first = 0, last = 0;
  std::uint64_t bytes = 0;  // of the segment's plaintext
  std::string manifest;     // lines
};
struct SettingsOp {
  std::int64_t keep_versions_s = kKeepVersionsDefaultS;
};
using Op = std::variant<PutOp, MkdirOp, MvOp, RmOp, RmObjectOp, PurgeOp, RestoreOp, ShareOp, UnshareOp,
                        SegmentOp, SettingsOp>;

/// What the Bridge may see of an operation, so that it can check a capability.
struct Does {
  enum class What { create, write, remove, share, name };
  What what = What::name;
  std::optional<ObjectId> object = {};
  bool operator==(const Does&) const = default;
};
/// "create", "write", "delete", "share", "name".
std::string_view does_name(Does::What what);
std::optional<Does::What> does_from_name(std::string_view name);

/// put: create of the object where the record is its first, else write of it; rm, purge: delete; rm_object:
/// delete of the object; share, unshare: share; all others: name.
Does does_of(const Op& op);

/// "put", "mkdir", ...
std::string_view op_name(const Op& op);

Json to_json(const Op& op);
/// Bytes of its JSON.
std::size_t op_json_bytes(const Op& op);
/// Errors: integrity, with `where` and the member; also for an operation that this version does not know, a
/// path that split_path refuses, and the path "/".
Result<Op> op_from_json(const Json& json, const std::string& where);
/// Whether op_from_json would take it.  Errors: usage.
Result<void> check_op(const Op& op);

}  // namespace inxt::format
