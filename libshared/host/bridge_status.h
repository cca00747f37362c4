// SPDX-License-Identifier: LGPL-3.0-or-later
// How a Host stands with a Bridge that it reports to, for its operator.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/sign.h"

namespace inxt::host {

enum class BridgeState {
  starting,    // nothing was said yet
  registered,  // the last heartbeat was taken
  waiting,     // this Host announces no address yet
  failing,     // no answer, or one that says no: `trouble`
};
std::string_view state_name(BridgeState state);

struct BridgeStatus {
  crypto::PublicKey bridge{};
  std::vector<std::string> addresses;
  BridgeState state = BridgeState::starting;
  std::string trouble = {};         // why it fails; hostile text in part
  std::int64_t heard_unix_s = 0;    // its last answer; 0: none since the start
  std::int64_t failing_unix_s = 0;  // since when it fails; 0: it does not
  std::uint64_t heartbeats = 0;     // that were taken, since the start
  std::uint64_t failures = 0;       // that were not, in a row
  // What the Bridge sees of this Host from outside; nothing until it has looked.
  std::optional<bool> is_reachable = {};
  std::int64_t looked_unix_s = 0;
  std::string reach_reason = {};         // hostile text
  bool is_told = false;                  // it has heard what this Host plans: host/planned_absence.h
  std::int64_t paused_until_unix_s = 0;  // so long an absence costs this Host nothing; 0: it is not paused
  bool is_accepted = false;              // whether its vouchers count here
  std::uint64_t accounts = 0;            // that it vouched for and that have something here
  std::uint64_t reports = 0;             // of lost pieces that it took, since the start
  std::uint64_t reports_waiting = 0;
  std::uint64_t reports_dropped = 0;  // that it refused, or that were too many
};

}  // namespace inxt::host
