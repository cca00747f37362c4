// SPDX-License-Identifier: AGPL-3.0-or-later
// An audit that inxt-audit 0.1.0 saved, and an extract it made: every later version reads them and finds the
// same.
#include <doctest/doctest.h>
#include <fcntl.h>

#include "client/audit_target.h"
#include "client/commitments.h"
#include "client/transcript.h"
#include "support/tests_dir.h"
#include "sys/fd.h"
#include "sys/files.h"

namespace inxt::client {
namespace {

sys::Fd golden(const std::string& name) {
  sys::Fd fd(::open((testing::tests_dir() + "/golden/format-v1/" + name).c_str(), O_RDONLY | O_CLOEXEC));
  REQUIRE(fd);
  return fd;
}

TEST_CASE("a golden transcript: two Hosts held all, one did not answer") {
  const auto file = golden("transcript.jsonl");
  LineReader lines(file.number(), "transcript", format::kRequestLineBytesMax);
  std::vector<HostReport> reports;
  const auto total = verify_transcript(lines, [&](const HostReport& report) -> Result<void> {
    reports.push_back(report);
    return {};
  });
  REQUIRE_MESSAGE(total.has_value(), total.error().what);
  CHECK(total->hosts_unanchored == 2);  // version 1 has no times that could show it
  CHECK(total->hosts_unreachable == 1);
  CHECK(total->held == 6);
  CHECK_FALSE(total->anchored);
  CHECK(total->beacon_given);
  REQUIRE(reports.size() == 3);
  CHECK(reports[0].unanswered == 3);
  CHECK(reports[0].retries == 1);
  CHECK(reports[1].bound().blocks_bad_max == 0);
}

TEST_CASE("a golden transcript of version 2: witnesses, a round of drand, and one Host that did not answer") {
  const auto file = golden("transcript-2.jsonl");
  const auto verify = [&](const std::vector<HostId>& required, std::vector<HostReport>& reports) {
    REQUIRE(::lseek(file.number(), 0, SEEK_SET) == 0);
    LineReader lines(file.number(), "transcript", format::kRequestLineBytesMax);
    return verify_transcript(
        lines,
        [&](const HostReport& report) -> Result<void> {
          reports.push_back(report);
          return {};
        },
        required);
  };
  std::vector<HostReport> reports;
  const auto total = verify({}, reports);
  REQUIRE_MESSAGE(total.has_value(), total.error().what);
  CHECK(total->hosts_passed == 1);
  CHECK(total->hosts_unreachable == 1);
  CHECK(total->held == 5);
  CHECK(total->anchored);
  REQUIRE(reports.size() == 2);
  for (const auto& report : reports) {
    CHECK(report.beacon == format::BeaconSource::drand);
    CHECK(report.anchor.by_auditor);
    CHECK(report.anchor.by_witnesses.size() == 2);
    CHECK(report.rounds_passed_over == 0);
    CHECK(report.deadline.has_value());
  }
  std::vector<HostReport> again;
  CHECK(verify(reports[0].anchor.by_witnesses, again)->anchored);
  CHECK_FALSE(verify({reports[0].host}, again)->anchored);
}

TEST_CASE(
    "a golden transcript over inventories: one Host passed, of one a piece was released, one lied in its "
    "heads") {
  const auto file = golden("transcript-inventory.jsonl");
  LineReader lines(file.number(), "transcript", format::kRequestLineBytesMax);
  std::vector<HostReport> reports;
  const auto total = verify_transcript(lines, [&](const HostReport& report) -> Result<void> {
    reports.push_back(report);
    return {};
  });
  REQUIRE_MESSAGE(total.has_value(), total.error().what);
  REQUIRE(reports.size() == 3);
  CHECK(reports[0].verdict() == proof::Verdict::passed);
  CHECK(reports[0].kind == format::AuditKind::chain);
  CHECK(reports[0].held == 4);
  CHECK(reports[1].kind == format::AuditKind::inventory);
  CHECK(reports[1].released == 2);
  CHECK(reports[1].held == 3);
  CHECK(reports[1].bound().blocks_bad_max == 2);
  CHECK(reports[2].verdict() == proof::Verdict::failed);
  CHECK(reports[2].heads == format::HeadFinding::equivocation);
  CHECK(reports[2].failed == 0);
}

TEST_CASE("golden commitments") {
  const auto file = golden("commitments.jsonl");
  LineReader lines(file.number(), "commitments");
  const auto targets = read_commitments(lines, "commitments");
  REQUIRE_MESSAGE(targets.has_value(), targets.error().what);
  REQUIRE(targets->hosts.size() == 2);
  for (const auto& target : targets->hosts) {
    CHECK(target.kind() == format::AuditKind::set);
    CHECK(target.pieces() == 1);
    CHECK(target.commit->witness_lines.size() == 2);
  }
  // Written again, they are the same.
  std::string text;
  REQUIRE(write_commitments(targets->hosts, [&](std::string_view line) -> Result<void> {
    text += line;
    return {};
  }));
  const auto saved =
      sys::read_file(testing::tests_dir() + "/golden/format-v1/commitments.jsonl", 100'000, "commitments");
  CHECK(text == text_of(*saved));
}

TEST_CASE("a golden extract") {
  const auto file = golden("extract.jsonl");
  LineReader lines(file.number(), "extract");
  const auto targets = read_audit_targets(lines, "extract");
  REQUIRE(targets);
  REQUIRE(targets->hosts.size() == 1);
  CHECK(targets->hosts[0].host.addresses == std::vector<std::string>{"127.0.9.1:14242"});
  CHECK(targets->hosts[0].set().bytes() == 9456);
}

}  // namespace
}  // namespace inxt::client
