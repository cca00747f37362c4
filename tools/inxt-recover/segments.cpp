// SPDX-License-Identifier: AGPL-3.0-or-later
// The entries that say where the log lies are in none of its segments: another Bridge is told anew.
#include <algorithm>

#include "client/tree_session.h"
#include "recover_tool.h"

namespace inxt::recover_tool {

Result<std::size_t> Recovery::say_segments(const format::BridgeFile& file) {
  // The widest first: what lies in one of them is not said.
  std::ranges::sort(segments_, [](const tree::Segment& a, const tree::Segment& b) {
    return std::pair(a.first, b.last) < std::pair(b.first, a.last);
  });
  const auto tree = TRY(client::TreeSession::open(file, key_, world_.clock(), world_.random()));
  std::size_t said = 0;
  TRY(tree->change([&](const tree::Tree& now) -> Result<client::Changes> {
    client::Changes changes;
    said = 0;
    std::uint64_t until = 0;
    for (const auto& one : segments_) {
      const bool is_known = std::ranges::any_of(now.segments(), [&](const tree::Segment& other) {
        return other.first <= one.first && one.last <= other.last;
      });
      if (is_known || one.last <= until || one.last > log_->whole_until()) continue;
      until = one.last;
      ++said;
      changes.ops.emplace_back(format::SegmentOp{
          .first = one.first, .last = one.last, .bytes = one.bytes, .manifest = one.manifest});
    }
    return changes;
  }));
  return said;
}

}  // namespace inxt::recover_tool
