// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/audit_questions.h"

#include "client/inventory_questions.h"
#include "client/set_questions.h"

namespace inxt::client {

Result<std::unique_ptr<AuditQuestions>> questions_about(const AuditTarget& target,
                                                        const proof::Beacon& beacon, std::uint64_t samples) {
  if (target.kind() == format::AuditKind::set)
    return set_questions(target.host.id, target.set(), beacon, samples);
  return inventory_questions(std::get<AuditHead>(target.what), beacon, samples);
}

}  // namespace inxt::client
