// SPDX-License-Identifier: LGPL-3.0-or-later
// What one repair works with.  For healer*.cpp.
#pragma once

#include "bridge/healer_work.h"

namespace inxt::bridge {

struct Healer::Repair {
  struct Target {
    std::uint16_t place = 0;
    std::uint32_t host = 0;
    std::uint32_t former = 0;
    HostId id;                 // of host
    bool was_planned = false;  // an earlier attempt may have stored it there
  };

  plan::Rebuild order;
  CareSegmentKey key = 0;
  CareText text;
  SegmentOfCare care;
  std::optional<keys::UploaderKeys> caretaker;
  std::map<std::pair<std::uint32_t, HostId>, CareAccount> accounts;  // of the owner, by number
  std::map<CareHostKey, HostId> hosts;
  std::vector<RepairedPiece> planned_before;
  std::vector<Target> targets;  // of order.missing, then of order.handed_over
  std::int64_t record = 0;
  std::uint64_t price_max = 0;  // for a piece
  std::map<HostId, std::string> vouchers;
};

}  // namespace inxt::bridge
