// SPDX-License-Identifier: LGPL-3.0-or-later
// Checks a saved audit again: with no network, no key, and no trust in who saved it.  Format: inxt-proof(5),
// "Transcript".
#pragma once

#include <functional>
#include <span>

#include "client/audit_report.h"
#include "client/line_reader.h"

namespace inxt::client {

/// Gives the report of each Host in turn.  Memory: one Host's set (40 bytes a piece) and one answer.
/// `witnesses_required`: those whose word of when the commitment was there must anchor it.
/// Errors: integrity with the number of the line that is wrong (of the lines, where only together they are)
/// and the name that inxt-proof(5) gives to the reason; on_host's.
Result<AuditTotal> verify_transcript(LineReader& lines,
                                     const std::function<Result<void>(const HostReport&)>& on_host,
                                     std::span<const HostId> witnesses_required = {});

}  // namespace inxt::client
