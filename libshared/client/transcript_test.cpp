// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/transcript.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>

#include "support/audit_world.h"

namespace inxt::client {
namespace {

using proof::Verdict;
using namespace testing;

Audited mixed_audit() {
  ActingHosts hosts;
  hosts.add(1, 3, 5'000);
  auto& failing = hosts.add(2, 3, 5'000);
  auto& silent = hosts.add(3, 3, 5'000);
  auto& retried = hosts.add(4, 3, 5'000);
  const auto targets = targets_of(hosts);
  failing.pieces.erase(failing.pieces.begin());
  silent.act = [](ActingHost&, std::string_view) -> Result<std::string> { return fail(Code::denied, "no"); };
  retried.act = [](ActingHost& self, std::string_view body) -> Result<std::string> {
    if (self.asked == 1) return fail(Code::try_again, "busy");
    return self.honest(body);
  };
  return run(hosts, targets, quick(4));
}

void check_refused(const std::string& transcript) {
  const auto offline = verify(transcript);
  REQUIRE_FALSE(offline.total);
  CHECK(offline.total.error().code == Code::integrity);
  CAPTURE(offline.total.error().what);
  CHECK(offline.total.error().what.find("line") != std::string::npos);
}

TEST_CASE("any line of a transcript that was altered, dropped, doubled or swapped is found") {
  const auto audited = mixed_audit();
  REQUIRE(audited.total);
  check_same_offline(audited);
  const auto lines = lines_of(audited.transcript);
  CHECK(lines.size() > 30);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    CAPTURE(i + 1);
    CAPTURE(lines[i]);
    auto changed = lines;
    changed.erase(changed.begin() + static_cast<std::ptrdiff_t>(i));
    check_refused(text_of_lines(changed));
    changed = lines;
    changed.insert(changed.begin() + static_cast<std::ptrdiff_t>(i), lines[i]);
    check_refused(text_of_lines(changed));
    if (i + 1 < lines.size()) {
      changed = lines;
      std::swap(changed[i], changed[i + 1]);
      check_refused(text_of_lines(changed));
    }
    // Every byte of the short lines, some of the long ones.
    const std::size_t step = lines[i].size() < 700 ? 1 : 97;
    for (std::size_t at = 0; at < lines[i].size(); at += step) {
      changed = lines;
      changed[i][at] = static_cast<char>(changed[i][at] ^ 1);
      const auto offline = verify(text_of_lines(changed));
      REQUIRE_FALSE(offline.total);
      REQUIRE(offline.total.error().code == Code::integrity);
    }
  }
  // Cut behind every line.
  for (std::size_t i = 0; i < lines.size(); ++i)
    CHECK_FALSE(verify(text_of_lines({lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(i)})).total);
}

TEST_CASE("an altered line is named by its number") {
  const auto audited = mixed_audit();
  const auto lines = lines_of(audited.transcript);
  const auto first = [&](std::string_view type) {
    const auto found = std::ranges::find_if(lines, [&](const std::string& line) {
      return line.starts_with(fmt::format("{{\"type\":\"{}\"", type));
    });
    return static_cast<std::size_t>(found - lines.begin());
  };
  const auto message = [&](std::size_t line, std::string_view from, std::string_view to) {
    auto changed = lines;
    const auto at = changed[line].find(from);
    REQUIRE(at != std::string::npos);
    changed[line].replace(at, from.size(), to);
    const auto offline = verify(text_of_lines(changed));
    REQUIRE_FALSE(offline.total);
    return offline.total.error().what;
  };
  const auto numbered = [](std::size_t line) { return fmt::format("line {}:", line + 1); };
  CHECK(message(0, "\"version\":2", "\"version\":3").starts_with("line 1: version"));
  CHECK(message(0, "\"version\":2", "\"version\":1").starts_with("line 1: beacon: missing"));
  CHECK(message(0, "\"samples\":4", "\"samples\":9").starts_with("line 1: samples"));
  CHECK(message(0, "\"type\":\"audit\"", "\"type\":\"audio\"").starts_with("line 1: a line of this type"));
  CHECK(message(1, "\"size\":5000", "\"size\":5001").starts_with("lines 2 to 4: this set"));
  const auto request = first("request"), answer = first("answer");
  const auto proof = static_cast<std::size_t>(
      std::ranges::find_if(lines,
                           [](const auto& line) { return line.find("\"data\"") != std::string::npos; }) -
      lines.begin());
  CHECK(message(request, ",0]", ",1]").starts_with(numbered(request) + " body"));
  CHECK(message(proof, "\"data\":\"", "\"data\":\"AAAA").starts_with(numbered(proof)));
  CHECK(message(proof, "\"type\":\"proof\"", "\"type\":\"prove\"").starts_with(numbered(proof)));
  CHECK(message(answer, "\"time\":1700000005", "\"time\":1700000006").find("signature") != std::string::npos);
  CHECK(message(first("testimony"), "answered", "answerd").starts_with(numbered(first("testimony"))));
  CHECK(message(lines.size() - 1, "\"hosts\":4", "\"hosts\":5")
            .starts_with(numbered(lines.size() - 1) + " hosts"));
}

TEST_CASE("what a liar makes anew, hash and all, is still no evidence") {
  const auto audited = mixed_audit();
  const auto lines = lines_of(audited.transcript);
  const auto ended = [](std::vector<std::string> changed, std::uint64_t hosts) {
    const auto text = text_of_lines(changed);
    return text + format::write_end_line(
                      {.hosts = hosts, .lines = changed.size(), .hash = crypto::sha256(view_of(text))});
  };
  const std::vector<std::string> body(lines.begin(), lines.end() - 1);
  CHECK(verify(ended(body, 4)).total);
  // An answer that is taken out of an honest section, testimony changed to match: unreachable, never failed.
  auto silenced = body;
  const auto testimony = std::ranges::find_if(
      silenced, [](const auto& line) { return line.starts_with("{\"type\":\"testimony\""); });
  const auto answer = std::ranges::find_if(
      silenced, [](const auto& line) { return line.starts_with("{\"type\":\"answer\""); });
  format::TestimonyLine silent;
  silent.outcome = format::TryOutcome::silent;
  silent.reason = "made up";
  *testimony = format::write_testimony(silent);
  testimony->pop_back();
  silenced.erase(testimony + 1, answer + 1);
  const auto offline = verify(ended(silenced, 4));
  REQUIRE(offline.total);
  CHECK(offline.reports[0].verdict() == Verdict::unreachable);
  CHECK(offline.reports[0].failed == 0);
  // Everything that the Host signed: no byte of it can be changed.
  for (std::size_t i = 0; i < body.size(); ++i) {
    const auto type = format::type_of(body[i], format::kRequestLineBytesMax);
    if (type == "testimony" || type == "commit" || type == "deadline") continue;  // the auditor's word
    if (type == "beacon") {
      // Its time is the auditor's word too; its randomness is not.
      auto changed = body;
      changed[i].replace(changed[i].find("0707"), 4, "0708");
      CHECK_FALSE(verify(ended(changed, 4)).total);
      continue;
    }
    for (const std::size_t at : {body[i].size() / 3, body[i].size() / 2, body[i].size() - 3}) {
      auto changed = body;
      changed[i][at] = static_cast<char>(changed[i][at] ^ 1);
      if (changed[i].find("\"confidence_ppm\"") != std::string::npos &&
          at > changed[i].find("\"confidence_ppm\""))
        continue;
      CHECK_FALSE(verify(ended(changed, 4)).total);
    }
  }
  // Two transcripts, one behind the other, are one.
  const auto twice = verify(audited.transcript + audited.transcript);
  REQUIRE(twice.total);
  CHECK(twice.reports.size() == 8);
  CHECK_FALSE(verify("").total);
  CHECK_FALSE(verify("{\"type\":\"header\"}\n").total);
  CHECK_FALSE(verify(std::string(200'000, 'x')).total);
}

}  // namespace
}  // namespace inxt::client
