// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/audit.h"

#include <doctest/doctest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>

#include "client/audit_deadline.h"
#include "support/audit_world.h"

namespace inxt::client {
namespace {

using proof::Outcome;
using proof::Verdict;
using namespace testing;

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
  CHECK_FALSE(own.total->beacon_given);
  CHECK(own.total->verdict() == Verdict::unanchored);
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
      {"another block", Outcome::other_block, changed([](ActingHost& self, format::ProofLine& line) {
         line = self.prove({line.sample.piece, line.sample.block == 0 ? 1U : 0U});
       })},
      {"another piece", Outcome::other_block, changed([](ActingHost& self, format::ProofLine& line) {
         const auto first = self.pieces.begin()->first;
         line = self.prove(
             {line.sample.piece == first ? std::next(self.pieces.begin())->first : first, line.sample.block});
       })},
      {"lines that are no proofs", Outcome::malformed,
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
      {"garbage", "(answer-sig): its last line",
       [](ActingHost&, std::string_view) -> Result<std::string> { return "no JSON at all\n"; }},
      {"nothing", "(answer-sig)", [](ActingHost&, std::string_view) -> Result<std::string> { return ""; }},
      {"too much", "(answer-proofs)",
       [](ActingHost& host, std::string_view body) -> Result<std::string> {
         return host.proofs(body) + host.honest(body);
       }},
      {"a long line", "kLineBytesMax",
       [](ActingHost& host, std::string_view body) -> Result<std::string> {
         const auto all = host.honest(body);
         return std::string(10'000, 'x') + all.substr(all.find('\n'));
       }},
      {"too little", "(answer-proofs)",
       [](ActingHost& host, std::string_view body) -> Result<std::string> {
         const auto all = host.honest(body);
         return all.substr(all.find('\n') + 1);
       }},
      {"no answer line", "(answer-sig)",
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
      {"signed for another number", "(answer-proofs)",
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
      {"refuses", "denied",
       [](ActingHost&, std::string_view) -> Result<std::string> { return fail(Code::denied, "denied"); }},
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
  twice.act = [](ActingHost&, std::string_view) -> Result<std::string> {
    return fail(Code::try_again, "busy");
  };
  const auto audited = run(hosts, targets_of(hosts));
  REQUIRE(audited.total);
  CHECK(audited.of(once).verdict() == Verdict::passed);  // both tries together were in time
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
  options.silence_ms = 1500;
  const auto audited = run(hosts, targets_of(hosts), options);
  REQUIRE(audited.total);
  CHECK(audited.of(silent).verdict() == Verdict::unreachable);
  CHECK(audited.of(silent).unanswered == 600);
  CHECK(audited.of(silent).reason == "no whole answer within 1500 ms");
  CHECK(silent.asked == 2);  // the other two requests are left out
  CHECK(audited.of(honest).verdict() == Verdict::passed);
  check_same_offline(audited);
}

TEST_CASE("an answer behind the deadline counts, but the verdict is late, and a second try does not clear it") {
  ActingHosts hosts;
  auto& slow = hosts.add(1, 2, 10'000);
  auto& second = hosts.add(2, 2, 10'000);
  auto& prompt = hosts.add(3, 2, 10'000);
  auto& liar = hosts.add(4, 2, 10'000);
  slow.delay_ms = liar.delay_ms = 2000;
  const auto targets = targets_of(hosts);
  liar.pieces.erase(liar.pieces.begin());
  // Asks for time, and uses it.
  second.act = [](ActingHost& self, std::string_view body) -> Result<std::string> {
    if (self.asked == 1) return fail(Code::try_again, "busy");
    return self.honest(body);
  };
  auto options = quick();
  options.deadline.request_ms = 1500;
  options.retry_pause_ms = 2000;
  const auto audited = run(hosts, targets, options);
  REQUIRE(audited.total);
  CHECK(audited.of(slow).verdict() == Verdict::late);
  CHECK(audited.of(slow).late == 6);
  CHECK(audited.of(slow).held == 6);
  CHECK(audited.of(slow).latency_ms > 1500U);
  CHECK(audited.of(slow).bound().blocks_bad_max == 0);
  CHECK(audited.of(slow).deadline->given);
  CHECK(audited.of(second).verdict() == Verdict::late);
  CHECK(audited.of(second).retries == 1);
  CHECK(audited.of(second).held == 6);
  CHECK(audited.of(second).latency_ms > 2000U);
  CHECK(audited.of(prompt).verdict() == Verdict::passed);
  CHECK(audited.of(liar).verdict() == Verdict::failed);
  CHECK(audited.total->hosts_late == 2);
  CHECK(audited.total->verdict() == Verdict::failed);
  check_same_offline(audited);
  // Whoever saved it cannot say that it was in time without saying when.
  auto better = audited.transcript;
  better.replace(better.find("\"late\""), 6, "\"answered\"");
  const auto offline = verify(better);
  REQUIRE_FALSE(offline.total);
  CHECK(offline.total.error().what.find("transcript-late") != std::string::npos);
}

TEST_CASE("a deadline follows from what was measured") {
  CHECK(measured_deadline_ms(10, 25, 131072, 20, 20 * 6400) == 40 + 500 + 977 + 200);
  CHECK(measured_deadline_ms(0, 0, 1'000'000'000, 1, 1) == 201);
  CHECK(measured_deadline_ms(10, 25, 1, 256, 256 * 6400) == kAuditSilenceMs);
  CHECK(deadline_of({}, 1'000'000, 1, 1).rtt_ms == kRoundTripMsMax);
  CHECK(deadline_of({}, std::nullopt, 1, 1).rtt_ms == kRoundTripMsMax);
  CHECK(deadline_of({.request_ms = 5}, 1, 1, 1).request_ms == 5);

  ActingHosts hosts;
  auto& host = hosts.add(1, 2, 10'000);
  host.rtt_ms = 7;
  auto& mute = hosts.add(2, 2, 10'000);
  mute.rtt_ms = std::nullopt;
  auto options = quick();
  options.deadline.request_ms = std::nullopt;
  const auto audited = run(hosts, targets_of(hosts), options);
  REQUIRE(audited.total);
  CHECK(audited.of(host).deadline->rtt_ms == 7);
  CHECK_FALSE(audited.of(host).deadline->given);
  CHECK(audited.of(host).deadline->request_ms == 28 + 6 * 25 + 293 + 200);
  CHECK(audited.of(mute).deadline->rtt_ms == kRoundTripMsMax);
  CHECK(audited.total->verdict() == Verdict::passed);
  check_same_offline(audited);
  auto longer = audited.transcript;
  longer.replace(longer.find("\"rtt_ms\":7"), 10, "\"rtt_ms\":9");
  const auto offline = verify(longer);
  REQUIRE_FALSE(offline.total);
  CHECK(offline.total.error().what.find("transcript-deadline") != std::string::npos);
}

TEST_CASE("a goal is as many samples as find the damage, of each Host") {
  ActingHosts hosts;
  auto& large = hosts.add(1, 2, 2'097'152);
  auto& small = hosts.add(2, 2, 10'000);
  auto options = quick();
  options.goal.detect_ppm = 10'000;
  const auto audited = run(hosts, targets_of(hosts), options);
  REQUIRE(audited.total);
  // 11 of 1,024 blocks: C(1013,349)/C(1024,349) is 0.00993, and for 348 it is 0.01009.
  CHECK(audited.of(large).samples == 349);
  CHECK(audited.of(large).bound().blocks_bad_max < 11);
  CHECK(audited.of(small).samples == 6);
  check_same_offline(audited);
  CHECK(samples_for(options.goal, std::uint64_t{1} << 35, 990'000).value() == 459);
  options.goal.detect_ppm = 1;
  CHECK(samples_for(options.goal, std::uint64_t{1} << 35, 990'000).error().code == Code::usage);
  CHECK(samples_for(options.goal, 0, 990'000).value() == 0);
}

TEST_CASE("witnesses anchor a commitment, and what they did not see is not anchored") {
  ActingHosts hosts;
  auto& host = hosts.add(1, 2, 10'000);
  auto targets = targets_of(hosts);
  ByteArray<32> seed;
  seed.fill(std::byte{50});
  const auto key = crypto::SigningKey::from_seed(seed);
  const HostId witness{key.public_key()};
  const auto word = [&](std::int64_t time_unix_s, const crypto::Hash& hash, const crypto::SigningKey& by) {
    auto line = format::sign_witness({.hash = hash, .witness = HostId{by.public_key()}, .time_unix_s = time_unix_s}, by);
    line.pop_back();
    return line;
  };
  const auto& commitment = targets[0].commitment();
  auto options = quick();
  options.witnesses_required = {witness};
  CHECK(run(hosts, targets, options).total->verdict() == Verdict::unanchored);

  targets[0].commit->witness_lines = {word(kCommitted + 70, commitment, key)};
  const auto seen = run(hosts, targets, options);
  REQUIRE(seen.total);
  CHECK(seen.total->verdict() == Verdict::passed);
  CHECK(seen.reports[0].anchor.by_auditor);
  CHECK(seen.reports[0].anchor.by_witnesses == std::vector{witness});
  check_same_offline(seen);

  targets[0].commit->witness_lines = {word(kCommitted + 71, commitment, key)};
  CHECK(run(hosts, targets, options).total->verdict() == Verdict::unanchored);
  options.witnesses_required = {};
  CHECK(run(hosts, targets, options).total->verdict() == Verdict::passed);

  // The Host's own word does not count.
  targets[0].commit->time_unix_s = kCommitted + 99;
  targets[0].commit->witness_lines = {word(kCommitted, commitment, host.key)};
  CHECK(run(hosts, targets, options).total->verdict() == Verdict::unanchored);
  // Nor one about something else, or one that was altered: that is a mistake to be told.
  targets[0].commit->witness_lines = {word(kCommitted, crypto::Hash{}, key)};
  CHECK(run(hosts, targets, options).total.error().code == Code::integrity);
  auto forged = word(kCommitted, commitment, key);
  forged[forged.find("160000") + 2] = '1';
  targets[0].commit->witness_lines = {forged};
  CHECK(run(hosts, targets, options).total.error().code == Code::integrity);
  targets[0].commit->witness_lines.assign(proof::kWitnessesMax + 1, word(kCommitted, commitment, key));
  CHECK(run(hosts, targets, options).total.error().code == Code::usage);
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
  CHECK(again->hosts[0].set().hash() == target.set().hash());
  // No commitment of it was fixed before, so it was fixed when the audit began: long after the beacon.
  CHECK(run(hosts, again->hosts).total->verdict() == Verdict::unanchored);
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
  REQUIRE(add_addresses(known, {{host.id(), {"192.0.2.9:9", "192.0.2.1:1"}}}));
  CHECK(known.hosts[0].host.addresses == std::vector<std::string>{"192.0.2.9:9", "192.0.2.1:1"});
}

}  // namespace
}  // namespace inxt::client
