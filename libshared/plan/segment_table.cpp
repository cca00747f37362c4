// SPDX-License-Identifier: LGPL-3.0-or-later
#include "plan/segment_table.h"

#include <algorithm>

#include "base/check.h"

namespace inxt::plan {

static_assert(kPoolHostsMax < (std::size_t{1} << 24));
static_assert(sizeof(SegmentTable::Piece) == 4);

Result<std::uint32_t> SegmentTable::add(const SegmentKind& kind, std::span<const std::uint32_t> hosts) {
  CHECK_BUG(hosts.size() == kind.layout.hosts());
  const auto width = static_cast<std::uint32_t>(hosts.size());
  if (count_ >= kRepairSegmentsMax)
    return fail(Code::usage, "more than kRepairSegmentsMax segments to be repaired");
  if (pieces_.size() + width > kRepairPiecesMax)
    return fail(Code::usage, "more than kRepairPiecesMax pieces to be repaired");
  if (std::ranges::any_of(hosts, [](std::uint32_t host) { return host >= kPoolHostsMax; }))
    return fail(Code::usage, "a Host past kPoolHostsMax");
  const auto [found, is_new_kind] =
      kind_numbers_.try_emplace({kind.layout.k, kind.layout.m, kind.layout.mirrors, kind.piece_bytes},
                                static_cast<std::uint32_t>(kinds_.size()));
  if (is_new_kind) {
    if (kinds_.size() >= kRepairLayoutsMax) {
      kind_numbers_.erase(found);
      return fail(Code::usage, "more than kRepairLayoutsMax kinds of segments to be repaired");
    }
    kinds_.push_back(kind);
  }
  std::uint32_t number = static_cast<std::uint32_t>(segments_.size());
  if (unused_.empty()) {
    segments_.emplace_back();
  } else {
    number = unused_.back();
    unused_.pop_back();
  }
  Segment& segment = segments_[number];
  segment = {.first_piece = static_cast<std::uint32_t>(pieces_.size()),
             .lacking_min = 0,
             .kind = found->second & 0x7fff'ffffU,
             .is_used = 1};
  if (auto& unused = unused_pieces_[width]; unused.empty()) {
    pieces_.resize(pieces_.size() + width);
  } else {
    segment.first_piece = unused.back();
    unused.pop_back();
  }
  for (std::uint32_t place = 0; place < width; ++place) {
    pieces_[segment.first_piece + place] = {.host = hosts[place] & 0xff'ffffU, .is_lost = 0};
    join(hosts[place], number);
  }
  ++count_;
  return number;
}

void SegmentTable::remove(std::uint32_t segment) {
  CHECK_BUG(contains(segment));
  for (const Piece piece : pieces(segment)) leave(piece.host);
  unused_pieces_[kind(segment).layout.hosts()].push_back(segments_[segment].first_piece);
  segments_[segment].is_used = 0;
  unused_.push_back(segment);
  --count_;
}

std::span<const SegmentTable::Piece> SegmentTable::pieces(std::uint32_t segment) const {
  return std::span(pieces_).subspan(segments_[segment].first_piece, kind(segment).layout.hosts());
}

void SegmentTable::set_lost(std::uint32_t segment, std::size_t place) {
  pieces_[segments_[segment].first_piece + place].is_lost = 1;
}

void SegmentTable::set_host(std::uint32_t segment, std::size_t place, std::uint32_t host) {
  Piece& piece = pieces_[segments_[segment].first_piece + place];
  const std::uint32_t before = piece.host;
  piece = {.host = host & 0xff'ffffU, .is_lost = 0};
  join(host, segment);
  leave(before);
}

bool SegmentTable::holds(std::uint32_t host, std::uint32_t segment) const {
  return contains(segment) &&
         std::ranges::any_of(pieces(segment), [host](const Piece& piece) { return piece.host == host; });
}

void SegmentTable::join(std::uint32_t host, std::uint32_t segment) {
  if (host >= hosts_.size()) hosts_.resize(std::size_t{host} + 1);
  hosts_[host].segments.push_back(segment);
}

void SegmentTable::leave(std::uint32_t host) {
  HostSegments& each = hosts_[host];
  if (++each.left * 2 <= each.segments.size()) return;
  each.segments = segments_of(host);
  each.segments.shrink_to_fit();
  each.left = 0;
}

std::vector<std::uint32_t> SegmentTable::segments_of(std::uint32_t host) const {
  std::vector<std::uint32_t> segments;
  if (host >= hosts_.size()) return segments;
  for (const std::uint32_t segment : hosts_[host].segments)
    if (holds(host, segment)) segments.push_back(segment);
  std::ranges::sort(segments);
  segments.erase(std::unique(segments.begin(), segments.end()), segments.end());
  return segments;
}

}  // namespace inxt::plan
