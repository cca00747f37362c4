// SPDX-License-Identifier: LGPL-3.0-or-later
// The lines of a saved audit that are not a Host's own, and the auditor's extract of a manifest.  A Host's
// lines are in audit_lines.h.  Format: inxt-proof(5), "Transcript" and "Extract".
#pragma once

#include "crypto/hash.h"
#include "format/beacon.h"
#include "format/json.h"

namespace inxt::format {

inline constexpr std::size_t kRequestLineBytesMax = 131072;  // a request in JSON, quoted
inline constexpr unsigned kAuditTriesMax = 2;                // of one request
inline constexpr std::size_t kReasonBytesMax = 256;
inline constexpr std::uint32_t kPartsPerMillion = 1'000'000;

/// What an audit draws from, and how it asks.
enum class AuditKind {
  set,        // pieces that the auditor names
  inventory,  // all that the Host's signed inventory commits it to
  chain,      // the same, and each sample depends on the block before it
};
std::string_view kind_name(AuditKind kind);

/// Begins the section of one Host.
struct AuditLine {
  unsigned version = 2;  // 1 is read, not written
  HostId host;
  AuditKind kind = AuditKind::set;
  crypto::Hash commitment{};         // a set hash, or a head's hash
  std::uint32_t samples = 0;         // 1 to 65536; 0 where an inventory is empty
  std::uint32_t confidence_ppm = 0;  // 1 to 999,999
  // Of version 1, where the lines below do not follow:
  ByteArray<32> beacon{};
  bool anchored = false;  // the beacon came from outside
};
std::string write_audit_line(const AuditLine& line);  // all of these with newline
Result<AuditLine> read_audit_line(std::string_view line, const std::string& where);

/// What is wrong with a Host's heads.
enum class HeadFinding {
  equivocation,  // two that exclude each other: evidence
  rollback,      // it shows one that is older than one it showed before: the auditor's word
  broken,        // those between two do not lead from one to the other: the auditor's word
};
std::string_view finding_name(HeadFinding finding);
/// Two head lines follow it.
std::string write_evidence_line(HeadFinding finding);
Result<HeadFinding> read_evidence_line(std::string_view line, const std::string& where);

/// When the commitment was fixed: the auditor's word.
struct CommitLine {
  std::int64_t time_unix_s = 0;
};
std::string write_commit_line(const CommitLine& line);
Result<CommitLine> read_commit_line(std::string_view line, const std::string& where);

/// REQUIRES: check_beacon() accepts it.
std::string write_beacon_line(const Beacon& beacon);
/// Checked by check_beacon().
Result<Beacon> read_beacon_line(std::string_view line, const std::string& where);

/// Until when an answer is in time, and why.  inxt-proof(5), "Deadline".
struct DeadlineLine {
  std::uint64_t rtt_ms = 0;       // measured
  std::uint64_t disk_ms = 0;      // for each sample
  std::uint64_t bytes_per_s = 0;  // of an answer
  std::uint64_t request_ms = 0;   // from when a request was first sent until its answer was there
  bool given = false;             // the auditor set request_ms, whatever the others say
};
std::string write_deadline_line(const DeadlineLine& line);
Result<DeadlineLine> read_deadline_line(std::string_view line, const std::string& where);

/// A piece that the Host should hold.
struct SetLine {
  PieceId piece;
  std::uint32_t size = 0;  // 1 to kShardBytesMax
};
std::string write_set_line(const SetLine& line);
Result<SetLine> read_set_line(std::string_view line, const std::string& where);

std::string write_request_line(std::string_view body);
/// The body.  Limit kRequestLineBytesMax.
Result<std::string> read_request_line(std::string_view line, const std::string& where);

/// What came of one try to ask a request.
enum class TryOutcome {
  answered,  // the answer counts, whatever it shows
  late,      // it counts, and came after the deadline; not in version 1
  silent,    // nothing came in time, or a refusal
  invalid,   // what came is no answer
};
/// The auditor's word about one try.
struct TestimonyLine {
  unsigned number = 1;           // of the try, 1 to kAuditTriesMax
  std::int64_t time_unix_s = 0;  // when it was sent
  std::uint64_t elapsed_ms = 0;  // from the first try on, until the whole answer was there, or was given up
  TryOutcome outcome = TryOutcome::answered;
  std::string reason;  // empty when answered or late

  bool has_answer() const { return outcome == TryOutcome::answered || outcome == TryOutcome::late; }
};
/// When the answer was there, by the auditor's clock; a little later after a second try.
std::int64_t received_unix_s(const TestimonyLine& line);
/// Hostile text as a reason: at most kReasonBytesMax printable ASCII characters, never empty.
std::string fit_reason(std::string_view text);
/// REQUIRES: a reason is fit.
std::string write_testimony(const TestimonyLine& line);
Result<TestimonyLine> read_testimony(std::string_view line, const std::string& where);

/// Ends a run.
struct EndLine {
  std::uint64_t hosts = 0;
  std::uint64_t lines = 0;  // before this one
  crypto::Hash hash{};      // SHA-256 of them, each with its newline
};
std::string write_end_line(const EndLine& line);
Result<EndLine> read_end_line(std::string_view line, const std::string& where);

/// Begins an auditor's extract: what one Host should hold, and where it is.
struct ExtractLine {
  HostId host;
  std::vector<std::string> addresses;  // at most kAddressesMax
  std::uint64_t pieces = 0;
  crypto::Hash set_hash{};
};
std::string write_extract_line(const ExtractLine& line);
Result<ExtractLine> read_extract_line(std::string_view line, const std::string& where);

/// Begins one Host's section of a commitments file.
struct CommitmentLine {
  HostId host;
  std::vector<std::string> addresses;  // at most kAddressesMax
  AuditKind kind = AuditKind::set;
  crypto::Hash commitment{};
  std::uint64_t pieces = 0;  // of a set: so many set lines follow
};
std::string write_commitment_line(const CommitmentLine& line);
Result<CommitmentLine> read_commitment_line(std::string_view line, const std::string& where);

/// The value of a line's `type`; empty for what is no such object.  Only to decide which reader to ask.
std::string type_of(std::string_view line, std::size_t text_bytes_max = kLineBytesMax - 1);

}  // namespace inxt::format
