// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/audit.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>

#include "client/transcript.h"
#include "net/event_loop.h"
#include "sys/files.h"
#include "support/acting_hosts.h"

namespace inxt::client {
namespace {

using proof::Outcome;
using proof::Verdict;
using testing::ActingHost;
using testing::ActingHosts;

struct Audited {
  Result<AuditTotal> total = fail(Code::failure, "not run");
  std::vector<HostReport> reports;
  std::string transcript;

  const HostReport& of(const ActingHost& host) const {
    const auto found = std::ranges::find(reports, host.id(), &HostReport::host);
    REQUIRE(found != reports.end());
    return *found;
  }
};

proof::Beacon beacon_number(unsigned number) {
  proof::Beacon beacon;
  beacon.fill(static_cast<std::byte>(number));
  return beacon;
}

AuditTarget target_of(const ActingHost& host) {
  std::vector<proof::SetPiece> pieces;
  for (const auto& [id, bytes] : host.pieces) pieces.push_back({id, bytes.size()});
  return {{host.id(), {"192.0.2.1:1"}}, *proof::AuditSet::make(std::move(pieces))};
}

/// What the Hosts hold now is what they are asked for.
std::vector<AuditTarget> targets_of(ActingHosts& hosts) {
  std::vector<AuditTarget> targets;
  for (const auto& [id, host] : hosts.hosts()) targets.push_back(target_of(host));
  return targets;
}

AuditOptions quick(std::uint64_t samples = 20) {
  AuditOptions options;
  options.samples = samples;
  options.beacon = beacon_number(7);
  options.deadline_ms = 15'000;
  options.retry_pause_ms = 1;
  return options;
}

Audited run(ActingHosts& hosts, const std::vector<AuditTarget>& targets, AuditOptions options = quick()) {
  sys::SystemClock clock;
  crypto::SeededRandom random(3);
  net::EventLoop loop;
  net::WorkerPool workers;
  Audited out;
  AuditCallbacks callbacks;
  callbacks.on_host = [&](const HostReport& report) -> Result<void> {
    out.reports.push_back(report);
    return {};
  };
  callbacks.on_transcript = [&](std::string_view text) -> Result<void> {
    out.transcript += text;
    return {};
  };
  out.total = loop.run(
      audit({hosts, loop.executor(), workers, clock, random}, targets, options, std::move(callbacks)));
  return out;
}

Audited verify(const std::string& transcript) {
  const sys::Fd file(memfd_create("transcript", MFD_CLOEXEC));
  REQUIRE(sys::write_all(file.number(), view_of(transcript), "transcript"));
  lseek(file.number(), 0, SEEK_SET);
  LineReader lines(file.number(), "transcript", format::kRequestLineBytesMax);
  Audited out;
  out.total = verify_transcript(lines, [&](const HostReport& report) -> Result<void> {
    out.reports.push_back(report);
    return {};
  });
  return out;
}

/// A transcript says offline what the audit said.
void check_same_offline(const Audited& live) {
  const auto offline = verify(live.transcript);
  if (!offline.total) FAIL(offline.total.error().what);
  REQUIRE(offline.reports.size() == live.reports.size());
  for (std::size_t i = 0; i < live.reports.size(); ++i) {
    const auto &a = live.reports[i], &b = offline.reports[i];
    CHECK(a.host == b.host);
    CHECK(a.verdict() == b.verdict());
    CHECK(a.anchored == b.anchored);
    CHECK(a.blocks == b.blocks);
    CHECK(a.samples == b.samples);
    CHECK(a.held == b.held);
    CHECK(a.failed == b.failed);
    CHECK(a.missing == b.missing);
    CHECK(a.unanswered == b.unanswered);
    CHECK(a.retries == b.retries);
    CHECK(a.reason == b.reason);
    CHECK(a.latency_ms == b.latency_ms);
    CHECK(a.answered_unix_s == b.answered_unix_s);
    CHECK(a.bound().blocks_bad_max == b.bound().blocks_bad_max);
    CHECK(a.failures.size() == b.failures.size());
  }
  CHECK(offline.total->bound().blocks_bad_max == live.total->bound().blocks_bad_max);
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = text.find('\n', at);
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

std::string text_of_lines(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text += line + "\n";
  return text;
}

TEST_CASE("honest Hosts pass, and a stranger sees it offline") {
  ActingHosts hosts;
  for (unsigned i = 1; i <= 5; ++i) hosts.add(i, 6, 10'000);
  const auto audited = run(hosts, targets_of(hosts), quick(10));
  REQUIRE(audited.total);
  CHECK(audited.total->verdict() == Verdict::passed);
  CHECK(audited.total->hosts_passed == 5);
  CHECK(audited.total->anchored);
  CHECK(hosts.at_once_max > 1);
  for (const auto& report : audited.reports) {
    CHECK(report.blocks == 18);
    CHECK(report.samples == 10);
    CHECK(report.held == 10);
    CHECK(report.retries == 0);
    CHECK(report.latency_ms.has_value());
    CHECK(report.answered_unix_s == 1'700'000'005);
    // By hand: C(18-d,10)/C(18,10) is 0.0229 for d = 4 and 0.0065 for 5.
    CHECK(report.bound().blocks_bad_max == 4);
  }
  check_same_offline(audited);
}

TEST_CASE("samples are clipped to what a small file has") {
  ActingHosts hosts;
  auto& tiny = hosts.add(1, 1, 16);
  auto& small = hosts.add(2, 3, 4097);
  const auto audited = run(hosts, targets_of(hosts), quick(460));
  REQUIRE(audited.total);
  CHECK(audited.of(tiny).samples == 1);
  CHECK(audited.of(small).samples == 6);
  CHECK(audited.of(small).held == 6);
  CHECK(audited.of(small).bound().blocks_bad_max == 0);
  CHECK(audited.total->bound().blocks_bad_max == 0);
  check_same_offline(audited);
}

TEST_CASE("many samples are asked in several requests") {
  ActingHosts hosts;
  auto& host = hosts.add(1, 2, 2'097'152);
  const auto audited = run(hosts, targets_of(hosts), quick(700));
  REQUIRE(audited.total);
  CHECK(host.asked == 3);
  CHECK(audited.of(host).held == 700);
  CHECK(audited.of(host).verdict() == Verdict::passed);
  check_same_offline(audited);
}

TEST_CASE("two auditors with the same beacon ask the same, and another beacon asks for something else") {
  ActingHosts hosts;
  hosts.add(1, 4, 100'000);
  const auto targets = targets_of(hosts);
  const auto requests = [](const Audited& audited) {
    std::string out;
    for (const auto& line : lines_of(audited.transcript))
      if (line.starts_with("{\"type\":\"request\"")) out += line;
    return out;
  };
  const auto first = run(hosts, targets);
  CHECK(requests(first) == requests(run(hosts, targets)));
  auto other = quick();
  other.beacon = beacon_number(8);
  CHECK(requests(first) != requests(run(hosts, targets, other)));
  other.beacon = std::nullopt;
  const auto own = run(hosts, targets, other);
  REQUIRE(own.total);
  CHECK_FALSE(own.total->anchored);
  CHECK(requests(own) != requests(first));
  check_same_offline(own);
}

TEST_CASE("signed wrong and missing answers are evidence") {
  struct Lie {
    const char* name;
    Outcome outcome;
    std::function<void(ActingHost&)> begin;
  };
  const auto changed = [](auto change) {
    return [change](ActingHost& host) {
      host.act = [change](ActingHost& self, std::string_view body) -> Result<std::string> {
        std::string lines;
        for (const auto& sample : testing::samples_asked(body)) {
          auto line = self.prove(sample);
          change(self, line);
          lines += format::write_proof(line);
        }
        return self.sign(body, lines);
      };
    };
  };
  const std::vector<Lie> lies{
      {"drops everything", Outcome::missing, [](ActingHost& host) { host.pieces.clear(); }},
      {"keeps the tree and other data", Outcome::wrong_data,
       changed([](ActingHost&, format::ProofLine& line) { line.data[0] ^= std::byte{1}; })},
      {"another path", Outcome::wrong_data,
       changed([](ActingHost&, format::ProofLine& line) { line.path[0][31] ^= std::byte{1}; })},
      {"a longer path", Outcome::wrong_path,
       changed([](ActingHost&, format::ProofLine& line) { line.path.emplace_back(); })},
      {"a shorter path", Outcome::wrong_path,
       changed([](ActingHost&, format::ProofLine& line) { line.path.pop_back(); })},
      {"a shorter block", Outcome::wrong_length,
       changed([](ActingHost&, format::ProofLine& line) { line.data.pop_back(); })},
      {"a longer piece", Outcome::wrong_size,
       changed([](ActingHost&, format::ProofLine& line) { line.size += 4096; })},
      {"another block", Outcome::other_block,
       changed([](ActingHost& self, format::ProofLine& line) {
         line = self.prove({line.sample.piece, line.sample.block == 0 ? 1U : 0U});
       })},
      {"another piece", Outcome::other_block,
       changed([](ActingHost& self, format::ProofLine& line) {
         const auto first = self.pieces.begin()->first;
         line = self.prove({line.sample.piece == first ? std::next(self.pieces.begin())->first : first, line.sample.block});
       })},
      {"lines that are no proofs", Outcome::other_block,
       [](ActingHost& host) {
         host.act = [](ActingHost& self, std::string_view body) -> Result<std::string> {
           std::string lines;
           for (std::size_t i = 0; i < testing::samples_asked(body).size(); ++i)
             lines += i == 0 ? "\n" : i == 1 ? "{\"type\":\"end\"}\n" : "\xff{garbage\n";
           return self.sign(body, lines);
         };
       }},
  };
  for (const auto& lie : lies) {
    CAPTURE(lie.name);
    ActingHosts hosts;
    auto& liar = hosts.add(1, 4, 10'000);
    auto& honest = hosts.add(2, 4, 10'000);
    const auto targets = targets_of(hosts);
    lie.begin(liar);
    const auto audited = run(hosts, targets, quick(12));
    REQUIRE(audited.total);
    const auto& report = audited.of(liar);
    CHECK(report.verdict() == Verdict::failed);
    CHECK(report.failed == 12);
    CHECK(report.held == 0);
    CHECK(report.missing == (lie.outcome == Outcome::missing ? 12 : 0));
    CHECK(report.bound().blocks_bad_max == 12);
    REQUIRE(report.failures.size() == kFailuresNamedMax);
    for (const auto& failure : report.failures) CHECK(failure.outcome == lie.outcome);
    CHECK(audited.of(honest).verdict() == Verdict::passed);
    CHECK(audited.total->verdict() == Verdict::failed);
    CHECK(audited.total->hosts_failed == 1);
    check_same_offline(audited);
  }
}

TEST_CASE("one bad block of many is enough when it is asked for") {
  ActingHosts hosts;
  auto& host = hosts.add(1, 3, 40'960);
  const auto targets = targets_of(hosts);
  host.pieces.begin()->second[5 * 4096] ^= std::byte{1};
  // Its tree has changed with it: every block of the piece that is shown leads elsewhere.
  const auto audited = run(hosts, targets, quick(30));
  REQUIRE(audited.total);
  CHECK(audited.of(host).verdict() == Verdict::failed);
  CHECK(audited.of(host).failed == 10);
  CHECK(audited.of(host).held == 20);
  check_same_offline(audited);
}

TEST_CASE("what no Host signed is testimony, not evidence") {
  struct Trouble {
    const char* name;
    const char* reason;
    std::function<Result<std::string>(ActingHost&, std::string_view)> act;
  };
  std::string old_answer;
  const std::vector<Trouble> troubles{
      {"garbage", "lines where", [](ActingHost&, std::string_view) -> Result<std::string> { return "no JSON at all\n"; }},
      {"nothing", "0 lines", [](ActingHost&, std::string_view) -> Result<std::string> { return ""; }},
      {"too much", "too many lines",
       [](ActingHost& host, std::string_view body) -> Result<std::string> {
         return host.proofs(body) + host.honest(body);
       }},
      {"a long line", "kLineBytesMax",
       [](ActingHost& host, std::string_view body) -> Result<std::string> {
         return std::string(10'000, 'x') + "\n" + host.honest(body);
       }},
      {"too little", "lines where",
       [](ActingHost& host, std::string_view body) -> Result<std::string> {
         const auto all = host.honest(body);
         return all.substr(all.find('\n') + 1);
       }},
      {"no answer line", "lines where",
       [](ActingHost& host, std::string_view body) -> Result<std::string> { return host.proofs(body); }},
      {"cut short", "last line",
       [](ActingHost& host, std::string_view body) -> Result<std::string> {
         auto all = host.honest(body);
         all.resize(all.size() - 20);
         return all;
       }},
      {"a wrong signature", "signature",
       [](ActingHost& host, std::string_view body) -> Result<std::string> {
         auto all = host.honest(body);
         auto& letter = all[all.size() - 40];
         letter = letter == 'A' ? 'B' : 'A';
         return all;
       }},
      {"another Host's answer", "another Host",
       [](ActingHost& host, std::string_view body) -> Result<std::string> {
         ByteArray<32> seed;
         seed.fill(std::byte{99});
         const ActingHost other{.key = crypto::SigningKey::from_seed(seed), .pieces = host.pieces};
         return other.honest(body);
       }},
      {"an old answer", "another challenge",
       [&](ActingHost&, std::string_view) -> Result<std::string> { return old_answer; }},
      {"an answer to fewer samples of this challenge", "another request",
       [](ActingHost& host, std::string_view body) -> Result<std::string> {
         auto request = format::read_request(body).value();
         std::swap(request.samples.front(), request.samples.back());
         return host.honest(format::write_request(request));
       }},
      {"signed for other proofs", "other proofs were signed",
       [](ActingHost& host, std::string_view body) -> Result<std::string> {
         const auto all = host.honest(body);
         const auto answer = all.rfind('\n', all.size() - 2) + 1;
         auto lines = lines_of(all.substr(0, answer));
         std::swap(lines.front(), lines.back());
         return text_of_lines(lines) + all.substr(answer);
       }},
      {"signed for another number", "another number of proofs",
       [](ActingHost& host, std::string_view body) -> Result<std::string> {
         const auto lines = host.proofs(body);
         const auto request = format::read_request(body).value();
         format::AnswerLine answer;
         answer.challenge = request.challenge;
         answer.host = host.id();
         answer.request = crypto::sha256(view_of(body));
         answer.proofs = request.samples.size() - 1;
         answer.hash = crypto::sha256(view_of(lines));
         return lines + format::sign_answer(answer, host.key);
       }},
      {"refuses", "denied", [](ActingHost&, std::string_view) -> Result<std::string> { return fail(Code::denied, "denied"); }},
      {"hostile words", "??[31m",
       [](ActingHost&, std::string_view) -> Result<std::string> {
         return fail(Code::denied, "\xff\x1b[31m" + std::string(2000, 'x'));
       }},
  };
  for (const auto& trouble : troubles) {
    CAPTURE(trouble.name);
    ActingHosts hosts;
    auto& host = hosts.add(1, 4, 10'000);
    auto& honest = hosts.add(2, 4, 10'000);
    const auto targets = targets_of(hosts);
    if (old_answer.empty()) {
      host.act = [&](ActingHost& self, std::string_view body) -> Result<std::string> {
        return old_answer = self.honest(body);
      };
      auto before = quick(12);
      before.beacon = beacon_number(200);
      CHECK(run(hosts, targets, before).total->verdict() == Verdict::passed);
      host.asked = 0;
    }
    host.act = trouble.act;
    const auto audited = run(hosts, targets, quick(12));
    REQUIRE(audited.total);
    const auto& report = audited.of(host);
    CHECK(report.verdict() == Verdict::unreachable);
    CHECK(report.unanswered == 12);
    CHECK(report.failed == 0);
    CHECK(report.bound().blocks_bad_max == 12);
    CHECK(report.failures.empty());
    CHECK_FALSE(report.latency_ms.has_value());
    CHECK(host.asked == 1);  // none of these passes by itself
    CAPTURE(report.reason);
    CHECK(report.reason.find(trouble.reason) != std::string::npos);
    CHECK(report.reason.size() <= format::kReasonBytesMax);
    CHECK(audited.of(honest).verdict() == Verdict::passed);
    CHECK(audited.total->verdict() == Verdict::unreachable);
    check_same_offline(audited);
  }
}

TEST_CASE("a passing failure is asked again once, with the same request") {
  ActingHosts hosts;
  auto& once = hosts.add(1, 2, 10'000);
  auto& twice = hosts.add(2, 2, 10'000);
  std::vector<std::string> bodies;
  once.act = [&](ActingHost& self, std::string_view body) -> Result<std::string> {
    bodies.emplace_back(body);
    if (self.asked == 1) return fail(Code::try_again, "busy");
    return self.honest(body);
  };
  twice.act = [](ActingHost&, std::string_view) -> Result<std::string> { return fail(Code::try_again, "busy"); };
  const auto audited = run(hosts, targets_of(hosts));
  REQUIRE(audited.total);
  CHECK(audited.of(once).verdict() == Verdict::passed);
  CHECK(audited.of(once).retries == 1);
  REQUIRE(bodies.size() == 2);
  CHECK(bodies[0] == bodies[1]);
  // The first try is not forgotten.
  CHECK(audited.of(once).reason == "busy");
  CHECK(audited.transcript.find("\"outcome\":\"silent\",\"reason\":\"busy\"") != std::string::npos);
  CHECK(audited.of(twice).verdict() == Verdict::unreachable);
  CHECK(twice.asked == 2);
  check_same_offline(audited);
}

TEST_CASE("a silent Host holds up nobody, and is not waited for twice as long as said") {
  ActingHosts hosts;
  auto& silent = hosts.add(1, 600, 4096);
  auto& honest = hosts.add(2, 2, 10'000);
  silent.silent = true;
  auto options = quick(600);
  options.deadline_ms = 300;
  const auto audited = run(hosts, targets_of(hosts), options);
  REQUIRE(audited.total);
  CHECK(audited.of(silent).verdict() == Verdict::unreachable);
  CHECK(audited.of(silent).unanswered == 600);
  CHECK(audited.of(silent).reason == "no whole answer within 300 ms");
  CHECK(silent.asked == 2);  // the other two requests are left out
  CHECK(audited.of(honest).verdict() == Verdict::passed);
  check_same_offline(audited);
}

TEST_CASE("evidence stays evidence when the Host then falls silent") {
  ActingHosts hosts;
  auto& host = hosts.add(1, 600, 4096);
  const auto targets = targets_of(hosts);
  host.pieces.erase(host.pieces.begin(), std::next(host.pieces.begin(), 300));
  host.act = [](ActingHost& self, std::string_view body) -> Result<std::string> {
    if (self.asked > 1) return fail(Code::denied, "no more");
    return self.honest(body);
  };
  const auto audited = run(hosts, targets, quick(600));
  REQUIRE(audited.total);
  const auto& report = audited.of(host);
  CHECK(report.verdict() == Verdict::failed);
  CHECK(report.held + report.failed == 256);
  CHECK(report.missing == report.failed);
  CHECK(report.failed > 80);
  CHECK(report.unanswered == 344);
  check_same_offline(audited);
}

TEST_CASE("options out of range, a callback that fails, and a stop end an audit") {
  ActingHosts hosts;
  hosts.add(1, 2, 10'000).silent = true;
  const auto targets = targets_of(hosts);
  CHECK(run(hosts, {}).total.error().code == Code::usage);
  CHECK(run(hosts, targets, quick(0)).total.error().code == Code::usage);
  CHECK(run(hosts, targets, quick(proof::kSamplesMax + 1)).total.error().code == Code::usage);
  auto options = quick();
  options.confidence_ppm = 1'000'000;
  CHECK(run(hosts, targets, options).total.error().code == Code::usage);

  sys::SystemClock clock;
  crypto::SeededRandom random(3);
  net::EventLoop loop;
  net::WorkerPool workers;
  const Network network{hosts, loop.executor(), workers, clock, random};
  AuditCallbacks stop;
  stop.stopped = [] { return true; };
  const auto stopped = loop.run(audit(network, targets, quick(), std::move(stop)));
  REQUIRE_FALSE(stopped);
  CHECK(stopped.error().what == "stopped by a signal");
  AuditCallbacks full;
  full.on_transcript = [](std::string_view) -> Result<void> { return fail(Code::quota, "the disk is full"); };
  const auto failed = loop.run(audit(network, targets, quick(), std::move(full)));
  REQUIRE_FALSE(failed);
  CHECK(failed.error().code == Code::quota);
}

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
  CHECK(message(0, "\"version\":1", "\"version\":2").starts_with("line 1: version"));
  CHECK(message(0, "\"samples\":4", "\"samples\":9").starts_with("line 1: samples"));
  CHECK(message(0, "\"type\":\"audit\"", "\"type\":\"audio\"").starts_with("line 1: a line of this type"));
  CHECK(message(1, "\"size\":5000", "\"size\":5001").starts_with("lines 2 to 4: this set"));
  const auto request = first("request"), answer = first("answer");
  const auto proof = static_cast<std::size_t>(
      std::ranges::find_if(lines, [](const auto& line) { return line.find("\"data\"") != std::string::npos; }) - lines.begin());
  CHECK(message(request, ",0]", ",1]").starts_with(numbered(request) + " body"));
  CHECK(message(proof, "\"data\":\"", "\"data\":\"AAAA").starts_with(numbered(proof)));
  CHECK(message(proof, "\"type\":\"proof\"", "\"type\":\"prove\"").starts_with(numbered(proof)));
  CHECK(message(answer, "\"time\":1700000005", "\"time\":1700000006").find("signature") != std::string::npos);
  CHECK(message(first("testimony"), "answered", "answerd").starts_with(numbered(first("testimony"))));
  CHECK(message(lines.size() - 1, "\"hosts\":4", "\"hosts\":5").starts_with(numbered(lines.size() - 1) + " hosts"));
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
  const auto testimony = std::ranges::find_if(silenced, [](const auto& line) { return line.starts_with("{\"type\":\"testimony\""); });
  const auto answer = std::ranges::find_if(silenced, [](const auto& line) { return line.starts_with("{\"type\":\"answer\""); });
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
    if (body[i].starts_with("{\"type\":\"testimony\"")) continue;
    for (const std::size_t at : {body[i].size() / 3, body[i].size() / 2, body[i].size() - 3}) {
      auto changed = body;
      changed[i][at] = static_cast<char>(changed[i][at] ^ 1);
      if (changed[i].find("\"confidence_ppm\"") != std::string::npos && at > changed[i].find("\"anchored\"")) continue;
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

TEST_CASE("an extract says what the manifest says of one Host, and is checked") {
  ActingHosts hosts;
  auto& host = hosts.add(1, 5, 9'000);
  const auto target = target_of(host);
  std::string text;
  REQUIRE(write_extract(target, [&](std::string_view line) -> Result<void> {
    text += line;
    return {};
  }));
  const auto read = [](const std::string& from) {
    const sys::Fd file(memfd_create("extract", MFD_CLOEXEC));
    REQUIRE(sys::write_all(file.number(), view_of(from), "extract"));
    lseek(file.number(), 0, SEEK_SET);
    LineReader lines(file.number(), "extract");
    return read_audit_targets(lines, "extract");
  };
  const auto again = read(text);
  REQUIRE(again);
  REQUIRE(again->hosts.size() == 1);
  CHECK(again->hosts[0].host.id == host.id());
  CHECK(again->hosts[0].host.addresses == target.host.addresses);
  CHECK(again->hosts[0].set.hash() == target.set.hash());
  CHECK(run(hosts, again->hosts).total->verdict() == Verdict::passed);
  CHECK_FALSE(read(text + text));  // one Host twice
  const auto lines = lines_of(text);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    auto changed = lines;
    changed.erase(changed.begin() + static_cast<std::ptrdiff_t>(i));
    CHECK_FALSE(read(text_of_lines(changed)));
    for (std::size_t at = 0; at < lines[i].size(); ++at) {
      if (i == 0 && at < lines[0].find("\"pieces\"")) continue;  // nobody vouches for host and address
      changed = lines;
      changed[i][at] = static_cast<char>(changed[i][at] ^ 1);
      REQUIRE_FALSE(read(text_of_lines(changed)));
    }
  }
  AuditTargets known = *again;
  add_addresses(known, {{host.id(), {"192.0.2.9:9", "192.0.2.1:1"}}});
  CHECK(known.hosts[0].host.addresses == std::vector<std::string>{"192.0.2.9:9", "192.0.2.1:1"});
}

}  // namespace
}  // namespace inxt::client
