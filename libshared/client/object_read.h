// SPDX-License-Identifier: LGPL-3.0-or-later
// A version's plaintext, or a range of it, out of all the manifests that its record names, with the owner's
// key.  Tools: inxt-object(1), inxt-get(1).
#pragma once

#include <list>

#include "client/extent_reader.h"
#include "client/object_extents.h"
#include "client/object_manifest.h"
#include "client/reader_keys.h"

namespace inxt::client {

/// Manifests that are kept open between extents take no more than this, but one is.
inline constexpr std::uint64_t kOpenManifestsBytesMax = 64 * 1024 * 1024;

struct ObjectReadOptions {
  std::vector<transfer::HostAddress> hosts = {};  // newer addresses than the manifests have
  std::vector<std::string> signers = {};          // to trust besides the key's own
  GetOptions get = {};                            // first, end and receipts are ours
  GetAsOf as = {};                                // none: all as who the network is
};

/// One coroutine at a time.  Memory: that of get(), and kOpenManifestsBytesMax.
class ObjectReader {
 public:
  /// REQUIRES: the key and the record outlive it.
  ObjectReader(Network network, const keys::Key& key, const format::ObjectRecord& record,
               ObjectReadOptions options);

  /// Writes the bytes [first, end) to `to`, on worker threads, in order; finish() is the caller's.
  /// REQUIRES: first <= end <= the object's bytes.
  /// Errors: get_file()'s and load_manifest()'s; integrity where a manifest has fewer bytes than the record
  /// says.
  net::Awaitable<Result<void>> read(std::uint64_t first, std::uint64_t end, ByteSink& to,
                                    GetCallbacks callbacks);

  /// That the manifest of an empty object, where it has one, is of no bytes.  Errors: as read().
  net::Awaitable<Result<void>> check_empty();

  /// One manifest, checked and opened.  Those that were used last are kept.
  net::Awaitable<Result<std::shared_ptr<const OpenFile>>> manifest(std::uint32_t number);

  /// Of all that was read so far.
  const GetReport& report() const { return report_; }

 private:
  net::Awaitable<Result<std::shared_ptr<const OpenFile>>> open(std::uint32_t number);

  Network network_;
  const keys::Key& key_;
  const format::ObjectRecord& record_;
  ObjectReadOptions options_;
  std::list<std::pair<std::uint32_t, std::shared_ptr<const OpenFile>>> opened_;  // the last used one in front
  GetReport report_;
};

/// The whole object, or a range of it, into `plain`, which is finished.
/// Errors: ObjectReader::read()'s; usage when the range begins behind the end.
net::Awaitable<Result<GetReport>> read_object(Network network, const keys::Key& key,
                                              const format::ObjectRecord& record,
                                              std::unique_ptr<ByteSink> plain,
                                              std::optional<PlainRange> range, ObjectReadOptions options,
                                              GetCallbacks callbacks);

/// The segments that a version has bytes in, of its manifest `number`.  Errors: those of keys.
Result<UsedSegments> segments_in_use(const keys::Key& key, const format::ObjectRecord& record,
                                     std::uint32_t number, const ManifestTable& manifest);

/// Who put a manifest, by its own words: for where its pieces lie.  Errors: integrity.
Result<std::uint32_t> uploader_of(const format::ManifestRef& manifest);

}  // namespace inxt::client
