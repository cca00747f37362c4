// SPDX-License-Identifier: LGPL-3.0-or-later
// Whom an audit asks about what: each Host with the pieces that it should hold, or with the head of its signed inventory.
#pragma once

#include <functional>
#include <variant>

#include "client/manifest_table.h"
#include "format/inventory_lines.h"
#include "format/transcript_lines.h"
#include "proof/anchor.h"
#include "proof/challenge.h"
#include "transfer/piece_service.h"

namespace inxt::client {

/// All that a Host said it holds, in the head that it signed.
struct AuditHead {
  std::string line;  // as the Host gave it, without newline
  format::SignedHead head;
  bool chained = false;  // to be asked in a chain
};

/// Two heads of one Host that show what it did; check_evidence().
struct HeadEvidence {
  format::HeadFinding finding = format::HeadFinding::equivocation;
  std::string first, second;  // head lines as they came, without newline
};

/// Whether they show it: for an equivocation, two heads that conflict; for a rollback, `first` is the younger one, that
/// the auditor saw earlier; for broken, `second` was shown as what comes behind `first`, and does not follow it.
/// Errors: integrity.
Result<void> check_evidence(const HeadEvidence& evidence, const HostId& host);

/// When a commitment was fixed, and who saw it.
struct Commit {
  std::int64_t time_unix_s = 0;             // the auditor's word
  std::vector<std::string> witness_lines = {};  // as they came, without newline; at most proof::kWitnessesMax
};

struct AuditTarget {
  transfer::HostAddress host;
  std::variant<proof::AuditSet, AuditHead> what;
  std::optional<Commit> commit = {};  // none: fixed when the audit begins
  std::optional<HeadEvidence> evidence = {};

  format::AuditKind kind() const;
  /// The set hash, or the head's.
  const crypto::Hash& commitment() const;
  std::uint64_t pieces() const;
  std::uint64_t blocks() const;
  std::uint64_t bytes() const;
  /// REQUIRES: of kind `set`.
  const proof::AuditSet& set() const { return std::get<proof::AuditSet>(what); }
};

struct AuditTargets {
  std::vector<AuditTarget> hosts;          // ascending by Host id
  std::uint64_t pieces_without_place = 0;  // nobody is asked about these
};

/// From a manifest (whole and sealed, by whatever writer: it need only agree with itself) or from auditor's
/// extracts, one after another.
/// Errors: integrity with the line; usage when no Host is named.
Result<AuditTargets> read_audit_targets(LineReader& lines, const std::string& name);
/// `only`: which segments' pieces; null: all.
Result<AuditTargets> audit_targets(const ManifestTable& manifest,
                                   const std::function<bool(std::uint64_t segment)>& only = {});

/// Addresses from a hosts file are newer: they are tried first.  A Host that has another key since is asked, and
/// answers, under its present id; two ids of one Host become one target.
/// Errors: those of proof::AuditSet::make() for what two ids have together; usage where it is a head that the former id
/// signed.
Result<void> add_addresses(AuditTargets& targets, const std::vector<transfer::HostAddress>& known);

/// The set of the next `count` lines; `number` is that of the line before them, and then of the last.
/// Errors: integrity with the line.
Result<proof::AuditSet> read_set_lines(LineReader& lines, const std::string& name, std::uint64_t& number,
                                       std::uint64_t count);

/// The auditor's extract for one Host, with newlines: ids, sizes and addresses, and nothing else of the manifest.
/// REQUIRES: of kind `set`.
Result<void> write_extract(const AuditTarget& target, const std::function<Result<void>(std::string_view)>& write);

}  // namespace inxt::client
