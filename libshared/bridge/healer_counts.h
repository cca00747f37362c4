// SPDX-License-Identifier: LGPL-3.0-or-later
// What a healer has done since its process began, and how it stands.
#pragma once

#include <cstddef>
#include <cstdint>

namespace inxt::bridge {

struct HealerCounts {
  std::uint64_t planned = 0;  // repairs that were begun
  std::uint64_t proved = 0, failed = 0;
  std::uint64_t pieces_stored = 0;
  std::uint64_t read_bytes = 0, written_bytes = 0;
  std::uint64_t audits = 0, audits_failed = 0, audits_unanswered = 0;
  std::uint64_t pieces_lost = 0;  // found by audits and by readers
  std::uint64_t released = 0;
};

/// How it is now; all 0 in a process that does not decide.
struct HealerNow {
  bool decides = false;
  std::size_t segments = 0, due = 0, under_way = 0, unreadable = 0;
  bool is_storm = false;
};

}  // namespace inxt::bridge
