// SPDX-License-Identifier: LGPL-3.0-or-later
// Whom an audit asks about what: each Host with the pieces that it should hold.
#pragma once

#include <functional>

#include "client/manifest_table.h"
#include "proof/challenge.h"
#include "transfer/piece_service.h"

namespace inxt::client {

struct AuditTarget {
  transfer::HostAddress host;
  proof::AuditSet set;
};

struct AuditTargets {
  std::vector<AuditTarget> hosts;          // ascending by Host id
  std::uint64_t pieces_without_place = 0;  // nobody is asked about these
};

/// From a manifest (whole and sealed, by whatever writer: it need only agree with itself) or from auditor's
/// extracts, one after another.
/// Errors: integrity with the line; usage when no Host is named.
Result<AuditTargets> read_audit_targets(LineReader& lines, const std::string& name);
Result<AuditTargets> audit_targets(const ManifestTable& manifest);

/// Addresses from a hosts file are newer: they are tried first.
void add_addresses(AuditTargets& targets, const std::vector<transfer::HostAddress>& known);

/// The auditor's extract for one Host, with newlines: ids, sizes and addresses, and nothing else of the manifest.
Result<void> write_extract(const AuditTarget& target, const std::function<Result<void>(std::string_view)>& write);

}  // namespace inxt::client
