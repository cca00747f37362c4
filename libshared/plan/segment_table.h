// SPDX-License-Identifier: LGPL-3.0-or-later
// Who holds the pieces of each segment, in few bytes: 4 a piece, 4 more to find it by its Host, 12 a segment;
// up to twice as much while a table grows.  A million pieces of 4+2 take 10 to 20 MB.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "plan/placement_layout.h"
#include "plan/repair_limits.h"

namespace inxt::plan {

struct SegmentKind {
  PlacedLayout layout;
  std::uint64_t piece_bytes = 0;

  bool operator==(const SegmentKind&) const = default;
};

class SegmentTable {
 public:
  struct Piece {
    std::uint32_t host : 24 = 0;
    std::uint32_t is_lost : 8 = 0;  // proved: missing or damaged there
  };

  /// A number that is unused; those of segments that were removed are used again.  `hosts`: by place.
  /// Errors: usage past kRepairSegmentsMax, kRepairPiecesMax, kRepairLayoutsMax, or for a Host past
  /// kPoolHostsMax.  REQUIRES: as many Hosts as the layout has.
  Result<std::uint32_t> add(const SegmentKind& kind, std::span<const std::uint32_t> hosts);
  void remove(std::uint32_t segment);

  bool contains(std::uint32_t segment) const {
    return segment < segments_.size() && segments_[segment].is_used;
  }
  const SegmentKind& kind(std::uint32_t segment) const { return kinds_[segments_[segment].kind]; }
  std::span<const Piece> pieces(std::uint32_t segment) const;
  void set_lost(std::uint32_t segment, std::size_t place);
  /// Another Host holds it, and it is not lost.
  void set_host(std::uint32_t segment, std::size_t place, std::uint32_t host);

  /// Since when the segment lacks pieces, in minutes; 0: it lacks none.
  std::uint32_t lacking_min(std::uint32_t segment) const { return segments_[segment].lacking_min; }
  void set_lacking_min(std::uint32_t segment, std::uint32_t minutes) {
    segments_[segment].lacking_min = minutes;
  }

  /// Segments of which a Host holds a piece, in ascending order.  Cost: n log n of what it holds and has
  /// held.
  std::vector<std::uint32_t> segments_of(std::uint32_t host) const;
  std::size_t size() const { return count_; }
  /// Numbers that were given are below it.
  std::size_t end() const { return segments_.size(); }

 private:
  struct Segment {
    std::uint32_t first_piece = 0;
    std::uint32_t lacking_min = 0;
    std::uint32_t kind : 31 = 0;
    std::uint32_t is_used : 1 = 0;
  };
  /// Segments of a Host, and also some that it no longer has: until these are the greater part.
  struct HostSegments {
    std::vector<std::uint32_t> segments;
    std::uint32_t left = 0;
  };
  bool holds(std::uint32_t host, std::uint32_t segment) const;
  void join(std::uint32_t host, std::uint32_t segment);
  void leave(std::uint32_t host);

  std::vector<Segment> segments_;
  std::vector<Piece> pieces_;
  std::vector<HostSegments> hosts_;
  std::vector<SegmentKind> kinds_;
  /// K, M, mirrors, size: its number.
  std::map<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t, std::uint64_t>, std::uint32_t>
      kind_numbers_;
  std::vector<std::uint32_t> unused_;                                            // segments
  std::unordered_map<std::uint32_t, std::vector<std::uint32_t>> unused_pieces_;  // first ones, by how many
  std::size_t count_ = 0;
};

}  // namespace inxt::plan
