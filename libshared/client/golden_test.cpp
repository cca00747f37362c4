// SPDX-License-Identifier: AGPL-3.0-or-later
// An audit that inxt-audit 0.1.0 saved, and an extract it made: every later version reads them and finds the
// same.
#include <doctest/doctest.h>
#include <fcntl.h>

#include "client/audit_target.h"
#include "client/transcript.h"
#include "sys/fd.h"

namespace inxt::client {
namespace {

sys::Fd golden(const std::string& name) {
  sys::Fd fd(::open((INXT_TESTS_DIR "/golden/format-v1/" + name).c_str(), O_RDONLY | O_CLOEXEC));
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
  CHECK(total->hosts_passed == 2);
  CHECK(total->hosts_unreachable == 1);
  CHECK(total->held == 6);
  CHECK(total->anchored);
  REQUIRE(reports.size() == 3);
  CHECK(reports[0].unanswered == 3);
  CHECK(reports[0].retries == 1);
  CHECK(reports[1].bound().blocks_bad_max == 0);
}

TEST_CASE("a golden extract") {
  const auto file = golden("extract.jsonl");
  LineReader lines(file.number(), "extract");
  const auto targets = read_audit_targets(lines, "extract");
  REQUIRE(targets);
  REQUIRE(targets->hosts.size() == 1);
  CHECK(targets->hosts[0].host.addresses == std::vector<std::string>{"127.0.9.1:14242"});
  CHECK(targets->hosts[0].set.bytes() == 9456);
}

}  // namespace
}  // namespace inxt::client
