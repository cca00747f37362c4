// SPDX-License-Identifier: LGPL-3.0-or-later
// Questions about a set of pieces that the auditor names.  Format: inxt-proof(5), "Set".
#pragma once

#include "client/audit_questions.h"

namespace inxt::client {

/// Errors: usage when `samples` is out of range.  REQUIRES: the set outlives them.
Result<std::unique_ptr<AuditQuestions>> set_questions(const HostId& host, const proof::AuditSet& set,
                                                      const proof::Beacon& beacon, std::uint64_t samples);

}  // namespace inxt::client
