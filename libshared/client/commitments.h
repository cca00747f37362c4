// SPDX-License-Identifier: LGPL-3.0-or-later
// What will be audited, fixed before anybody can know which blocks: saved, witnessed, and audited when the beacon is there.
// Format: inxt-proof(5), "Commitments".
#pragma once

#include "client/audit_target.h"
#include "client/network.h"

namespace inxt::client {

inline constexpr unsigned kWitnessRefusalsMax = 4;  // passing ones of one witness, in all
inline constexpr std::int64_t kWitnessPauseMs = 1000;

/// Those that have no commit yet are fixed now.
void fix_commitments(std::vector<AuditTarget>& targets, std::int64_t now_unix_s);

struct WitnessCallbacks {
  std::function<void(const HostId& witness, const Error&)> on_trouble = {};  // the rest of what it was asked is left out
  std::function<bool()> stopped = {};
};

/// Asks Hosts, all at once, for their word that each commitment is there now, and adds what they sign to the targets.  A Host
/// is not asked about itself, and nobody about more than proof::kWitnessesMax leaves room for.  A witness that fails is no
/// error.  Errors: failure when stopped.  REQUIRES: every target has a commit.
net::Awaitable<Result<void>> gather_witnesses(Network network, std::vector<AuditTarget>& targets,
                                              const std::vector<transfer::HostAddress>& witnesses,
                                              WitnessCallbacks callbacks);

/// By when, in the auditor's word and all witnesses', everything was committed.  REQUIRES: every target has a commit, there is one.
/// Errors: integrity for a witness line that is none.
Result<std::int64_t> committed_by(const std::vector<AuditTarget>& targets);

/// With newlines.
Result<void> write_commitments(const std::vector<AuditTarget>& targets,
                               const std::function<Result<void>(std::string_view)>& write);
/// Errors: integrity with the line; usage when there is none.
Result<AuditTargets> read_commitments(LineReader& lines, const std::string& name);

}  // namespace inxt::client
