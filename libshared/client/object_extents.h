// SPDX-License-Identifier: LGPL-3.0-or-later
// What a record's extents become when an object is written at an offset, or cut.  Pure.  Format:
// inxt-tree(5), "Object records".
#pragma once

#include "client/manifest_table.h"
#include "format/generation.h"
#include "format/object_record.h"

namespace inxt::client {

/// The extent that has byte `at`; nullptr behind the end.  Cost: the logarithm of their number.
const format::Extent* extent_at(const format::ObjectRecord& record, std::uint64_t at);

/// The bytes [first, first + bytes) are those of `manifest` from its beginning on; what stood there is
/// covered. REQUIRES: first <= record.bytes, bytes > 0.
void cover(format::ObjectRecord& record, std::uint64_t first, std::uint64_t bytes,
           format::ManifestRef manifest);

/// The object ends at `bytes`.  REQUIRES: bytes <= record.bytes.
void cut(format::ObjectRecord& record, std::uint64_t bytes);

/// Where a write that begins at `at` begins to store, so that it replaces whole segments: the beginning of
/// the segment that has byte `at`, as far as its extent goes.  Behind the end: that of the last segment, if
/// it is not full.  `segment_bytes`: of each manifest's layout.
std::uint64_t segment_begin(const format::Extent& extent, std::uint64_t segment_bytes, std::uint64_t at);
/// The end of the segment that has byte `at`.  REQUIRES of both: extent.first <= at <= its end.
std::uint64_t segment_end(const format::Extent& extent, std::uint64_t segment_bytes, std::uint64_t at);

/// Which segments of a manifest hold bytes of an object's versions.
class UsedSegments {
 public:
  /// Those that extents of `record` in its manifest `number` lie in.  Where bytes of compressed or padded
  /// plaintext lie is not known without reading: all of them then.
  void add(const format::ObjectRecord& record, std::uint32_t number, const ManifestTable& manifest,
           const format::PrivatePart& part);
  /// REQUIRES: the extent is one in this manifest.
  void add(const format::Extent& extent, const ManifestTable& manifest, const format::PrivatePart& part);
  bool has(std::uint64_t segment) const { return segment < used_.size() && used_[segment]; }
  bool has_all() const;

 private:
  std::vector<bool> used_;
};

}  // namespace inxt::client
