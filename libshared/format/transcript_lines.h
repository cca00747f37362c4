// SPDX-License-Identifier: LGPL-3.0-or-later
// The lines of a saved audit that are not a Host's own, and the auditor's extract of a manifest.  A Host's
// lines are in audit_lines.h.  Format: inxt-proof(5), "Transcript" and "Extract".
#pragma once

#include "crypto/hash.h"
#include "format/json.h"

namespace inxt::format {

inline constexpr std::size_t kRequestLineBytesMax = 131072;  // a request in JSON, quoted
inline constexpr unsigned kAuditTriesMax = 2;                // of one request
inline constexpr std::size_t kReasonBytesMax = 256;
inline constexpr std::uint32_t kPartsPerMillion = 1'000'000;

/// Begins the section of one Host.
struct AuditLine {
  ByteArray<32> beacon{};
  HostId host;
  std::uint32_t samples = 0;  // 1 to 65536
  crypto::Hash set_hash{};
  bool anchored = false;             // the beacon came from outside
  std::uint32_t confidence_ppm = 0;  // 1 to 999,999
};
std::string write_audit_line(const AuditLine& line);  // all of these with newline
Result<AuditLine> read_audit_line(std::string_view line, const std::string& where);

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
  silent,    // nothing came in time, or a refusal
  invalid,   // what came is no answer
};
/// The auditor's word about one try.
struct TestimonyLine {
  unsigned number = 1;           // of the try, 1 to kAuditTriesMax
  std::int64_t time_unix_s = 0;  // when it was sent
  std::uint64_t elapsed_ms = 0;  // until the whole answer was there, or was given up
  TryOutcome outcome = TryOutcome::answered;
  std::string reason;  // empty when answered
};
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

/// The value of a line's `type`; empty for what is no such object.  Only to decide which reader to ask.
std::string type_of(std::string_view line, std::size_t text_bytes_max = kLineBytesMax - 1);

}  // namespace inxt::format
