// SPDX-License-Identifier: LGPL-3.0-or-later
// New versions of objects: written at an offset, or cut.  What is unchanged is shared with the version
// before; changed segments are read, merged and stored as a generation of their own, under a fresh secret,
// because counter mode must never meet two texts under one counter.  Tool: inxt-object(1).
#pragma once

#include "client/generation_put.h"
#include "client/object_read.h"

namespace inxt::client {

/// A version that would have more is stored anew as a whole.
inline constexpr std::size_t kWrittenExtentsMax = 1024;
inline constexpr std::size_t kWrittenManifestsMax = 64;
inline constexpr std::size_t kWrittenManifestBytesMax = 448 * 1024;  // of the text in its record
inline constexpr std::size_t kWrittenInlineBytesMax =
    64 * 1024;  // a longer manifest of a change is stored itself

struct ObjectWrite {
  std::uint64_t offset = 0;  // behind the end: zeros between
  std::unique_ptr<ByteSource> data;
  std::optional<std::uint64_t> data_bytes = {};  // where they are known
  bool rewrite = false;                          // the whole object is stored anew
  GenerationWanted wanted = {};                  // facts, content and recipients are ours
};

struct WrittenObject {
  format::ObjectRecord record;                  // of the new version; object and previous are the caller's
  std::optional<StoredGeneration> stored = {};  // nothing: no byte of it is new
  bool is_unchanged = false;                    // there was nothing to write: the record is the base's
  bool is_rewritten = false;                    // shares nothing with the base
};

/// The version that `base` becomes.  Nothing is appended to the log: client/object_versions.h does, and where
/// that fails what was stored is taken back with remove_generation(). Errors: usage for an object that was
/// compressed or padded, unless `rewrite` is said, or past 2^53 - 1 bytes; those of ObjectReader,
/// put_generation() and the data. Cost: reads and stores what was changed, in whole segments.  Memory: that
/// of put() and of get().
net::Awaitable<Result<WrittenObject>> write_object(const ObjectStore& store, const format::ObjectRecord& base,
                                                   ObjectWrite what, ObjectReadOptions reading);

/// The version that ends at `bytes`: longer ones get zeros.  Errors, cost: as write_object(); cutting costs
/// nothing.
net::Awaitable<Result<WrittenObject>> truncate_object(const ObjectStore& store,
                                                      const format::ObjectRecord& base, std::uint64_t bytes,
                                                      GenerationWanted wanted, bool rewrite,
                                                      ObjectReadOptions reading);

/// The first version of a new object.  Errors: put_generation()'s.
net::Awaitable<Result<WrittenObject>> create_object(const ObjectStore& store,
                                                    std::unique_ptr<ByteSource> data, GenerationWanted wanted,
                                                    format::Metadata metadata);

}  // namespace inxt::client
