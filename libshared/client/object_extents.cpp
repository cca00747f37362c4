// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/object_extents.h"

#include <algorithm>

#include "base/check.h"

namespace inxt::client {

using format::Extent;
using format::ObjectRecord;

namespace {

constexpr std::uint32_t kUnused = UINT32_MAX;

/// Joins extents that go on in the same manifest, and drops manifests that none names.
void tidy(ObjectRecord& record) {
  std::vector<Extent> joined;
  for (const auto& extent : record.extents) {
    if (extent.bytes == 0) continue;
    if (!joined.empty() && joined.back().manifest == extent.manifest &&
        joined.back().from + joined.back().bytes == extent.from)
      joined.back().bytes += extent.bytes;
    else
      joined.push_back(extent);
  }
  std::vector<std::uint32_t> numbers(record.manifests.size(), kUnused);
  std::vector<format::ManifestRef> manifests;
  for (auto& extent : joined) {
    auto& number = numbers[extent.manifest];
    if (number == kUnused) {
      number = static_cast<std::uint32_t>(manifests.size());
      manifests.push_back(std::move(record.manifests[extent.manifest]));
    }
    extent.manifest = number;
  }
  record.extents = std::move(joined);
  record.manifests = std::move(manifests);
}

}  // namespace

const Extent* extent_at(const ObjectRecord& record, std::uint64_t at) {
  const auto behind = std::ranges::upper_bound(record.extents, at, {}, &Extent::first);
  if (behind == record.extents.begin()) return nullptr;
  const auto& extent = *std::prev(behind);
  return at - extent.first < extent.bytes ? &extent : nullptr;
}

void cover(ObjectRecord& record, std::uint64_t first, std::uint64_t bytes, format::ManifestRef manifest) {
  CHECK_BUG(first <= record.bytes && bytes > 0);
  const auto end = first + bytes;
  const auto number = static_cast<std::uint32_t>(record.manifests.size());
  record.manifests.push_back(std::move(manifest));
  std::vector<Extent> extents;
  for (const auto& old : record.extents)
    if (old.first < first)
      extents.push_back(old), extents.back().bytes = std::min(old.bytes, first - old.first);
  extents.push_back({.first = first, .bytes = bytes, .from = 0, .manifest = number});
  for (auto old : record.extents) {
    if (old.first + old.bytes <= end) continue;
    const auto covered = old.first < end ? end - old.first : 0;
    old.first += covered;
    old.from += covered;
    old.bytes -= covered;
    extents.push_back(old);
  }
  record.extents = std::move(extents);
  record.bytes = std::max(record.bytes, end);
  tidy(record);
}

void cut(ObjectRecord& record, std::uint64_t bytes) {
  CHECK_BUG(bytes <= record.bytes);
  for (auto& extent : record.extents)
    extent.bytes = extent.first < bytes ? std::min(extent.bytes, bytes - extent.first) : 0;
  record.bytes = bytes;
  tidy(record);
}

void UsedSegments::add(const ObjectRecord& record, std::uint32_t number, const ManifestTable& manifest,
                       const format::PrivatePart& part) {
  used_.resize(std::max<std::size_t>(used_.size(), manifest.segments()));
  for (const auto& extent : record.extents)
    if (extent.manifest == number) add(extent, manifest, part);
}

void UsedSegments::add(const Extent& extent, const ManifestTable& manifest, const format::PrivatePart& part) {
  used_.resize(std::max<std::size_t>(used_.size(), manifest.segments()));
  if (extent.bytes == 0) return;
  if (part.zstd || part.padded) {
    used_.assign(used_.size(), true);
    return;
  }
  const auto segment_bytes = manifest.layout().segment_bytes();
  const auto last = (extent.from + extent.bytes - 1) / segment_bytes;
  for (auto at = extent.from / segment_bytes; at <= last && at < used_.size(); ++at) used_[at] = true;
}

bool UsedSegments::has_all() const {
  return std::ranges::all_of(used_, [](bool used) { return used; });
}

std::uint64_t segment_begin(const Extent& extent, std::uint64_t segment_bytes, std::uint64_t at) {
  const auto place = extent.from + (at - extent.first);
  const auto begin = std::max(extent.from, place / segment_bytes * segment_bytes);
  return extent.first + (begin - extent.from);
}

std::uint64_t segment_end(const Extent& extent, std::uint64_t segment_bytes, std::uint64_t at) {
  const auto place = extent.from + (at - extent.first);
  const auto end = std::min(extent.from + extent.bytes, (place / segment_bytes + 1) * segment_bytes);
  return extent.first + (end - extent.from);
}

}  // namespace inxt::client
