// SPDX-License-Identifier: LGPL-3.0-or-later
// What an auditor and a Host say to each other, and what is saved of it.  Format: inxt-proof(5).
#pragma once

#include "crypto/hash.h"
#include "crypto/sign.h"
#include "format/json.h"

namespace inxt::format {

inline constexpr std::size_t kSamplesPerRequestMax = 256;
inline constexpr std::size_t kAuditRequestBytesMax = 65536;
inline constexpr std::size_t kPathHashesMax = 9;  // of a piece of 2 MiB

struct AuditSample {
  PieceId piece;
  std::uint32_t block = 0;
  bool operator==(const AuditSample&) const = default;
};

struct AuditRequest {
  crypto::Hash challenge{};
  std::vector<AuditSample> samples;  // 1 to kSamplesPerRequestMax
};

struct ProofLine {
  AuditSample sample;
  bool missing = false;
  std::uint32_t size = 0;          // of the piece
  Bytes data;                      // the block
  std::vector<crypto::Hash> path;  // from the leaf upwards
};

struct AnswerLine {
  crypto::Hash challenge{};
  HostId host;
  crypto::Hash request{};  // SHA-256 of the request's bytes
  std::int64_t time_unix_s = 0;
  std::uint64_t proofs = 0;
  crypto::Hash hash{};  // SHA-256 of the proof lines, each with its newline
};

std::string write_request(const AuditRequest& request);
/// Errors: integrity; limits kAuditRequestBytesMax, kSamplesPerRequestMax.
Result<AuditRequest> read_request(std::string_view body);

std::string write_proof(const ProofLine& line);  // with newline
Result<ProofLine> read_proof(std::string_view line, const std::string& where);

std::string sign_answer(const AnswerLine& answer, const crypto::SigningKey& host);  // with newline
/// The line's signature by answer.host has been checked.  Errors: integrity.
Result<AnswerLine> read_answer(std::string_view line, const std::string& where);

}  // namespace inxt::format
