// SPDX-License-Identifier: LGPL-3.0-or-later
// An object record: one version of one object, as one line that never changes.  Its hash is its id.  The
// Bridge keeps it and reads its clear members; names, sizes, metadata and manifests are in the body, which
// only the owner opens.  Format: inxt-tree(5), "Object records".
#pragma once

#include <map>
#include <variant>

#include "crypto/hash.h"
#include "format/sealed_line.h"

namespace inxt::format {

inline constexpr std::size_t kRecordLineBytesMax = 1024 * 1024;      // without newline
inline constexpr std::size_t kRecordBodyBytesMax = 2 * 1024 * 1024;  // of JSON
inline constexpr std::size_t kInlineManifestBytesMax = 256 * 1024;  // a longer one is stored as a file itself
inline constexpr std::size_t kRecordManifestsMax = 256;
inline constexpr std::size_t kExtentsMax = 4096;
inline constexpr unsigned kManifestLevelsMax = 3;
inline constexpr std::size_t kMetadataEntriesMax = 64;
inline constexpr std::size_t kMetadataBytesMax = 16 * 1024;  // keys and values together

/// UTF-8 texts by UTF-8 names.
using Metadata = std::map<std::string, std::string>;
/// Errors: usage past kMetadataEntriesMax or kMetadataBytesMax, for an empty name, or for what is not UTF-8.
Result<void> check_metadata(const Metadata& metadata);

/// A record's clear members: what a Bridge sees, and what a signature is checked by.
struct RecordHead {
  LogId log;
  WriterId writer;
  std::uint32_t uploader = 0;
  std::string certificate = {};  // inxt-certificate; empty where readers derive the writer themselves
};

/// The bytes [first, first + bytes) of the object are those from `from` on of the plaintext of manifest
/// number `manifest`.
struct Extent {
  std::uint64_t first = 0;
  std::uint64_t bytes = 0;
  std::uint64_t from = 0;
  std::uint32_t manifest = 0;
};

/// A whole manifest, as its lines.
struct InlineManifest {
  std::string lines;  // at most kInlineManifestBytesMax
};
/// A manifest that was too long and is stored as a file itself.
struct StoredManifest {
  /// 1: `manifest` is that of the file whose plaintext is the object's manifest; 2: of a file whose plaintext
  /// is such a manifest; and so on, to kManifestLevelsMax.
  unsigned levels = 1;
  std::uint64_t bytes = 0;  // of the object's manifest
  std::string manifest;     // lines, at most kInlineManifestBytesMax
};
using ManifestRef = std::variant<InlineManifest, StoredManifest>;

/// What the body says.
struct ObjectRecord {
  std::optional<ObjectId> object = {};    // nothing: this is the first version, and its id is the object's
  std::optional<RecordId> previous = {};  // the version that this one was made from
  std::uint64_t bytes = 0;                // of plaintext
  std::int64_t mtime_unix_s = 0;
  std::uint32_t mode = 0;  // permission bits, 0 to 07777
  bool zstd = false;       // the manifests' plaintexts are compressed in zstd's seekable format
  Metadata metadata = {};
  /// In the order of the bytes, without gaps, from 0 to `bytes`; one, and one manifest, but for objects that
  /// were written at an offset.
  std::vector<Extent> extents = {};
  std::vector<ManifestRef> manifests = {};
};

/// An object record whose only extent is the whole of one manifest.
ObjectRecord whole_object(std::uint64_t bytes, ManifestRef manifest);

/// A record as it goes to the Bridge, with the id that it has there.
struct SignedRecord {
  std::string line;  // without newline
  RecordId id;
};
/// Errors: usage when the record passes a limit above (named); those of write_sealed_line.
Result<SignedRecord> sign_record(const RecordHead& head, const ObjectRecord& record, const BodySealer& sealer,
                                 const crypto::SigningKey& writer, crypto::Random& random);

/// SHA-256("inxt/v1/record", 0, line).
RecordId record_id(std::string_view line);

/// A line whose form and signature are right.  What the Bridge reads; whether the writer counts is the
/// caller's question
/// (`head`).
struct OpenedRecordHead {
  RecordHead head;
  RecordId id;
  SealedLine sealed;  // for open_record
};
/// Errors: integrity.  Cost: one signature check and a hash of the line.
Result<OpenedRecordHead> open_record_head(std::string_view line, const std::string& where = "record");

/// The body.  Errors: integrity, also when the record is of another log; wrong_key.
Result<ObjectRecord> open_record(const OpenedRecordHead& head, const TreeKey& key);

}  // namespace inxt::format
