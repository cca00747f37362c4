// SPDX-License-Identifier: LGPL-3.0-or-later
// Questions about all that a Host says it holds.  Format: inxt-proof(5), "Inventory" and "Chain".
#pragma once

#include "client/audit_questions.h"

namespace inxt::client {

/// `samples` may be 0 where the inventory is empty.  Errors: usage when it is out of range else.
Result<std::unique_ptr<AuditQuestions>> inventory_questions(const AuditHead& head,
                                                            const proof::Beacon& beacon,
                                                            std::uint64_t samples);

}  // namespace inxt::client
