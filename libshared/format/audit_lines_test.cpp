// SPDX-License-Identifier: AGPL-3.0-or-later
#include "format/audit_lines.h"

#include <doctest/doctest.h>

#include "format/layout.h"
#include "format/transcript_lines.h"
#include "support/lines.h"

namespace inxt::format {
namespace {

using testing::without_newline;

TEST_CASE("a request holds 256 samples, and fits its limit") {
  AuditRequest request;
  for (std::uint32_t i = 0; i < kSamplesPerRequestMax; ++i) request.samples.push_back({PieceId{}, 511});
  const auto text = write_request(request);
  CHECK(text.size() < kAuditRequestBytesMax);
  CHECK(write_request_line(text).size() < kRequestLineBytesMax);
  const auto read = read_request(text);
  REQUIRE(read);
  CHECK(read->samples == request.samples);
  CHECK(read_request_line(without_newline(write_request_line(text)), "line 1").value() == text);
  request.samples.push_back({});
  const auto more = read_request(write_request(request));
  CHECK((!more && more.error().what.find("kSamplesPerRequestMax") != std::string::npos));
}

TEST_CASE("the longest proof fits a line") {
  ProofLine proof;
  proof.size = kShardBytesMax;
  proof.sample.block = 511;
  proof.data = Bytes(4096, std::byte{0xff});
  proof.path.resize(kPathHashesMax);
  const auto line = write_proof(proof);
  CHECK(line.size() <= kLineBytesMax);
  const auto read = read_proof(without_newline(line), "line 1");
  REQUIRE(read);
  CHECK(read->data == proof.data);
  CHECK(read->path == proof.path);
}

TEST_CASE("a missing block says nothing else") {
  ProofLine proof;
  proof.missing = true;
  auto line = write_proof(proof);
  CHECK(read_proof(without_newline(line), "line 1")->missing);
  line.insert(line.size() - 2, ",\"size\":5");
  CHECK(read_proof(without_newline(line), "line 1").error().code == Code::integrity);
}

TEST_CASE("an answer is the Host's, to the last letter") {
  const auto host = crypto::SigningKey::from_seed(Bytes(32, std::byte{1}));
  AnswerLine answer;
  answer.host = {host.public_key()};
  answer.time_unix_s = 1'700'000'000;
  answer.proofs = 3;
  const auto line = sign_answer(answer, host);
  const auto read = read_answer(without_newline(line), "line 1");
  REQUIRE(read);
  CHECK(read->time_unix_s == answer.time_unix_s);
  for (std::size_t at = 0; at + 1 < line.size(); ++at) {
    auto changed = line;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    CHECK_MESSAGE(!read_answer(without_newline(changed), "line 1"), at);
  }
}

TEST_CASE("the lines of a transcript are read as they were written") {
  AuditLine audit;
  audit.samples = 65536;
  audit.kind = AuditKind::chain;
  audit.commitment.fill(std::byte{9});
  audit.confidence_ppm = 999'999;
  const auto read = read_audit_line(without_newline(write_audit_line(audit)), "line 1");
  REQUIRE(read);
  CHECK(read->samples == 65536);
  CHECK(read->version == 2);
  CHECK(read->kind == AuditKind::chain);
  CHECK(read->commitment == audit.commitment);
  CHECK(read->confidence_ppm == 999'999);

  CHECK(read_commit_line(without_newline(write_commit_line({1'700'000'000})), "line 1")->time_unix_s == 1'700'000'000);
  const DeadlineLine deadline{.rtt_ms = 3, .disk_ms = 25, .bytes_per_s = 131072, .request_ms = 777, .given = true};
  const auto until = read_deadline_line(without_newline(write_deadline_line(deadline)), "line 1");
  REQUIRE(until);
  CHECK(until->rtt_ms == 3);
  CHECK(until->disk_ms == 25);
  CHECK(until->bytes_per_s == 131072);
  CHECK(until->request_ms == 777);
  CHECK(until->given);

  Beacon beacon;
  CHECK(read_beacon_line(without_newline(write_beacon_line(beacon)), "line 1")->source == BeaconSource::local);
  beacon.source = BeaconSource::given;
  beacon.time_unix_s = 1'700'000'000;
  CHECK(read_beacon_line(without_newline(write_beacon_line(beacon)), "line 1")->time_unix_s == 1'700'000'000);
  beacon = {.randomness = crypto::sha256(Bytes(48)),
            .time_unix_s = 1060,
            .source = BeaconSource::drand,
            .round = 3,
            .signature = Bytes(48),
            .chain = {.genesis_unix_s = 1000, .period_s = 30}};
  const auto round = read_beacon_line(without_newline(write_beacon_line(beacon)), "line 1");
  REQUIRE(round);
  CHECK(round->round == 3);
  CHECK(round->signature == beacon.signature);
  beacon.time_unix_s = 1061;
  CHECK_FALSE(read_beacon_line(without_newline(write_beacon_line(beacon)), "line 1"));

  const TestimonyLine testimony{.number = 2,
                                .time_unix_s = 5,
                                .elapsed_ms = 6,
                                .outcome = TryOutcome::invalid,
                                .reason = fit_reason("no\x1b[31m" + std::string(300, 'x'))};
  CHECK(testimony.reason.size() == kReasonBytesMax);
  CHECK(testimony.reason.starts_with("no?[31mx"));
  const auto said = read_testimony(without_newline(write_testimony(testimony)), "line 1");
  REQUIRE(said);
  CHECK(said->outcome == TryOutcome::invalid);
  CHECK(said->reason == testimony.reason);

  const ExtractLine extract{.host = {}, .addresses = {"h:1"}, .pieces = 1, .set_hash = {}};
  CHECK(read_extract_line(without_newline(write_extract_line(extract)), "line 1")->addresses ==
        extract.addresses);
  const EndLine end{.hosts = 1, .lines = 2, .hash = {}};
  CHECK(read_end_line(without_newline(write_end_line(end)), "line 1")->lines == 2);
  CHECK(type_of(without_newline(write_end_line(end))) == "end");
  CHECK(type_of("garbage").empty());
}

}  // namespace
}  // namespace inxt::format
