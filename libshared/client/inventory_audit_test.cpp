// SPDX-License-Identifier: AGPL-3.0-or-later
// Audits of whole Hosts, from the head that a Host shows to the report and the transcript.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "client/audit.h"
#include "client/inventory_heads.h"
#include "client/transcript.h"
#include "net/event_loop.h"
#include "support/inventory_hosts.h"
#include "sys/files.h"

namespace inxt::client {
namespace {

using proof::Outcome;
using proof::Verdict;
using testing::InventoryHost;
using testing::InventoryHosts;
using testing::SampleLines;
using testing::ServedHost;

/// Stands still where the Hosts of the tests are.
struct TestClock final : sys::Clock {
  std::int64_t unix_s() const override { return testing::kAnswerTime; }
  std::int64_t steady_ms() const override { return real.steady_ms(); }
  sys::SystemClock real;
};

struct Folder {
  std::string path;
  Folder() {
    char name[] = "/tmp/inxt-heads.XXXXXX";
    path = ::mkdtemp(name);
  }
  ~Folder() { std::filesystem::remove_all(path); }
};

struct InventoryAudited {
  std::vector<ShownHead> shown;
  Result<AuditTotal> total = fail(Code::failure, "not run");
  std::vector<HostReport> reports;
  std::string transcript;
};

AuditOptions options_of(std::uint64_t samples) {
  AuditOptions options;
  options.goal.samples = samples;
  options.beacon.emplace();
  options.beacon->randomness.fill(std::byte{7});
  options.beacon->source = format::BeaconSource::given;
  options.beacon->time_unix_s = testing::kAnswerTime + 60;
  options.silence_ms = 5000;
  options.retry_pause_ms = 1;
  return options;
}

InventoryAudited run(InventoryHosts& hosts, HeadMemory& memory, std::uint64_t samples, bool chained) {
  TestClock clock;
  crypto::SeededRandom random(3);
  net::EventLoop loop;
  net::WorkerPool workers;
  const Network network{hosts, loop.executor(), workers, clock, random};
  std::vector<transfer::HostAddress> addresses;
  for (const auto& [id, served] : hosts.hosts) addresses.push_back({id, {"192.0.2.1:1"}});
  InventoryAudited out;
  out.shown = loop.run(look_at_heads(network, addresses, memory, chained, 4));
  std::vector<AuditTarget> targets;
  for (auto& shown : out.shown)
    if (shown.target) targets.push_back(*shown.target);
  if (targets.empty()) return out;
  AuditCallbacks callbacks;
  callbacks.on_host = [&](const HostReport& report) -> Result<void> {
    out.reports.push_back(report);
    return {};
  };
  callbacks.on_transcript = [&](std::string_view text) -> Result<void> {
    out.transcript += text;
    return {};
  };
  out.total = loop.run(audit(network, targets, options_of(samples), std::move(callbacks)));
  if (!out.total) FAIL(out.total.error().what);
  return out;
}

InventoryAudited verify(const std::string& transcript) {
  const sys::Fd file(memfd_create("transcript", MFD_CLOEXEC));
  REQUIRE(sys::write_all(file.number(), view_of(transcript), "transcript"));
  lseek(file.number(), 0, SEEK_SET);
  LineReader lines(file.number(), "transcript", format::kRequestLineBytesMax);
  InventoryAudited out;
  out.total = verify_transcript(lines, [&](const HostReport& report) -> Result<void> {
    out.reports.push_back(report);
    return {};
  });
  return out;
}

void check_same_offline(const InventoryAudited& live) {
  const auto offline = verify(live.transcript);
  if (!offline.total) FAIL(offline.total.error().what);
  REQUIRE(offline.reports.size() == live.reports.size());
  for (std::size_t i = 0; i < live.reports.size(); ++i) {
    const auto &a = live.reports[i], &b = offline.reports[i];
    CHECK(a.host == b.host);
    CHECK(a.kind == b.kind);
    CHECK(a.commitment == b.commitment);
    CHECK(a.verdict() == b.verdict());
    CHECK(a.pieces == b.pieces);
    CHECK(a.bytes == b.bytes);
    CHECK(a.blocks == b.blocks);
    CHECK(a.samples == b.samples);
    CHECK(a.held == b.held);
    CHECK(a.failed == b.failed);
    CHECK(a.released == b.released);
    CHECK(a.unanswered == b.unanswered);
    CHECK(a.repeated == b.repeated);
    CHECK(a.repeated_bad == b.repeated_bad);
    CHECK(a.heads == b.heads);
    CHECK(a.failures.size() == b.failures.size());
    CHECK(a.bound().blocks_bad_max == b.bound().blocks_bad_max);
  }
}

const std::vector<std::size_t> kSizes(60, 5 * 4096);  // 300 blocks

HeadMemory memory_in(const Folder& folder) {
  return HeadMemory::load(folder.path + "/heads").value();
}

TEST_CASE("whole Hosts that nobody knew pass, drawn and chained, and a stranger sees it offline") {
  for (const bool chained : {false, true}) {
    CAPTURE(chained);
    const Folder folder;
    auto memory = memory_in(folder);
    InventoryHosts hosts;
    for (unsigned i = 1; i <= 3; ++i) hosts.add(i, kSizes);
    hosts.add(4, {});  // one that holds nothing yet
    const auto audited = run(hosts, memory, 290, chained);
    REQUIRE(audited.reports.size() == 4);
    CHECK(audited.total->verdict() == Verdict::passed);
    CHECK(audited.total->hosts_passed == 4);
    for (const auto& report : audited.reports) {
      CHECK(report.kind == (chained ? format::AuditKind::chain : format::AuditKind::inventory));
      if (report.blocks == 0) {
        CHECK(report.samples == 0);
        CHECK(report.bound().blocks_bad_max == 0);
        continue;
      }
      CHECK(report.blocks == 300);
      CHECK(report.pieces == 60);
      CHECK(report.bytes == 300 * 4096);
      CHECK(report.held == 290);
      CHECK((report.repeated > 0) == chained);
      const auto distinct = 290 - report.repeated;
      CHECK(report.bound().blocks_bad_max == proof::bad_blocks_bound(300, distinct, 0, 0.99).blocks_bad_max);
    }
    check_same_offline(audited);
    CHECK(memory.save());
    CHECK(HeadMemory::load(folder.path + "/heads")->find(audited.reports[0].host) != nullptr);
  }
}

TEST_CASE("damage is evidence, a release is none, and silence is the auditor's word") {
  for (const bool chained : {false, true}) {
    CAPTURE(chained);
    const Folder folder;
    auto memory = memory_in(folder);
    InventoryHosts hosts;
    auto& damaged = hosts.add(1, kSizes);
    auto& released = hosts.add(2, kSizes);
    auto& silent = hosts.add(3, kSizes);
    auto& lying = hosts.add(4, kSizes);
    const auto lost = damaged.host.pieces.begin()->first;
    damaged.host.lost[lost] = true;
    for (auto& [id, piece] : released.host.pieces) {
      if (released.host.released.size() == 10) break;
      const auto& contract = piece.contracts[0];
      released.host.released[id] = format::write_released({.piece = id,
                                                           .offer = contract.offer_token,
                                                           .acceptance = contract.acceptance_token,
                                                           .deletion = contract.deletion()});
    }
    silent.before = [](ServedHost& host) {
      if (host.asked == 2)
        host.host.time_unix_s = 0, host.host.key = testing::key_number(99);  // no answer that counts
    };
    lying.host.cheat = [](std::uint64_t index, std::uint64_t, SampleLines& lines) {
      if (index == 7) lines.inclusion.replace(lines.inclusion.find("\"count\":1"), 9, "\"count\":3");
    };
    const auto silent_id = silent.host.id();
    const auto audited = run(hosts, memory, 300, chained);
    const auto of_id = [&](const HostId& id) -> const HostReport& {
      const auto found = std::ranges::find(audited.reports, id, &HostReport::host);
      REQUIRE(found != audited.reports.end());
      return *found;
    };
    const auto of = [&](const ServedHost& host) -> const HostReport& { return of_id(host.host.id()); };
    CHECK(of(damaged).verdict() == Verdict::failed);
    CHECK(of(damaged).missing == of(damaged).failed);
    CHECK(of(damaged).failures.front().piece == lost);
    const auto& in_damage = of(damaged);
    if (!chained) {
      CHECK(in_damage.failed == 5);
      CHECK(in_damage.bound().blocks_bad_max == 5);
      CHECK(of(released).released == 50);
      CHECK(of(released).held == 250);
    } else {
      CHECK(in_damage.stratum().failures == 5 - (5 - (in_damage.failed - in_damage.repeated_bad)));
      CHECK(in_damage.stratum().samples <= 300);
    }
    // In a chain a release chooses what is asked next.
    CHECK(of(released).verdict() == (chained ? Verdict::unreachable : Verdict::passed));
    CHECK(of(released).released > 0);
    // What was given up after it was asked for is not there.
    if (!chained) CHECK(of(released).bound().blocks_bad_max == 50);
    CHECK(of(released).stratum().failures > 0);
    CHECK(of_id(silent_id).verdict() == Verdict::unreachable);
    CHECK(of_id(silent_id).unanswered == 44);
    CHECK(of_id(silent_id).held == 256);
    CHECK(of_id(silent_id).bound().blocks_bad_max >= 1);
    CHECK(of(lying).verdict() == Verdict::failed);
    CHECK(of(lying).failures.front().outcome == Outcome::bad_inclusion);
    CHECK(of(lying).failures.front().number);
    check_same_offline(audited);

    // What was signed cannot be made better, nor about another block.
    auto better = audited.transcript;
    const auto at = better.find(",\"missing\":true");
    REQUIRE(at != better.npos);
    better.replace(at, 15, ",\"missing\":fals");
    const auto changed = verify(better);
    REQUIRE_FALSE(changed.total);
    CHECK(changed.total.error().code == Code::integrity);
  }
}

TEST_CASE("a Host that says of everything that it gave it up has shown nothing") {
  for (const bool chained : {false, true}) {
    CAPTURE(chained);
    const Folder folder;
    auto memory = memory_in(folder);
    InventoryHosts hosts;
    hosts.add(1, kSizes);
    auto& none = hosts.add(2, kSizes);
    for (auto& [id, piece] : none.host.pieces) {
      const auto& contract = piece.contracts[0];
      none.host.lost[id] = true;
      none.host.released[id] = format::write_released({.piece = id,
                                                       .offer = contract.offer_token,
                                                       .acceptance = contract.acceptance_token,
                                                       .deletion = contract.deletion()});
    }
    const auto id = none.host.id();
    const auto audited = run(hosts, memory, 100, chained);
    const auto found = std::ranges::find(audited.reports, id, &HostReport::host);
    REQUIRE(found != audited.reports.end());
    CHECK(found->held == 0);
    CHECK(found->released == 100);
    CHECK(found->verdict() == Verdict::unreachable);
    CHECK(found->reason.contains("newer head"));
    CHECK(found->bound().blocks_bad_max == 300);
    CHECK(audited.total->bound().blocks_bad_max >= 300);
    check_same_offline(audited);
  }
}

/// A head of what the Host holds now, `hours` after the first.
void next_head(ServedHost& served, int hours) {
  const auto previous = served.host.head.hash;
  served.host.make_head(testing::kHeadTime - 3600 * 200 + 3600 * hours, previous);
  served.heads.push_back(served.host.head_line);
}

TEST_CASE("a Host that goes on from the head it showed passes, over any number of heads up to the limit") {
  const Folder folder;
  auto memory = memory_in(folder);
  InventoryHosts hosts;
  auto& served = hosts.add(1, kSizes);
  served.heads.clear();
  served.host.make_head(testing::kHeadTime - 3600 * 200, std::nullopt);
  served.heads.push_back(served.host.head_line);
  CHECK(run(hosts, memory, 20, false).total->verdict() == Verdict::passed);
  CHECK(run(hosts, memory, 20, false).total->verdict() == Verdict::passed);  // the same again
  next_head(served, 1);
  CHECK(run(hosts, memory, 20, false).total->verdict() == Verdict::passed);
  for (int hour = 2; hour <= 140; ++hour) next_head(served, hour);
  const auto last = run(hosts, memory, 20, false);
  CHECK(last.total->verdict() == Verdict::passed);
  CHECK_FALSE(last.shown[0].not_followed);
  CHECK(memory.find(served.host.id())->line + '\n' == served.heads.back());
}

TEST_CASE("heads that exclude each other are evidence; an older head and a gap are the auditor's word") {
  struct Case {
    format::HeadFinding finding;
    Verdict verdict;
    std::function<void(ServedHost&)> act;
  };
  const std::vector<Case> cases{
      {format::HeadFinding::equivocation, Verdict::failed,  // another head of the same hour
       [](ServedHost& served) {
         served.heads.pop_back();
         served.host.pieces.erase(served.host.pieces.begin());
         served.host.make_head(served.host.head.head.time_unix_s + 1, served.host.head.head.previous);
         served.heads.push_back(served.host.head_line);
       }},
      {format::HeadFinding::equivocation,
       Verdict::failed,  // the one seen is denied: another follows the one before
       [](ServedHost& served) {
         served.heads.pop_back();
         served.host.make_head(served.host.head.head.time_unix_s + 7200, served.host.head.head.previous);
         served.heads.push_back(served.host.head_line);
       }},
      {format::HeadFinding::equivocation, Verdict::failed,  // the same, with heads behind it
       [](ServedHost& served) {
         served.heads.pop_back();
         served.host.make_head(served.host.head.head.time_unix_s + 7200, served.host.head.head.previous);
         served.heads.push_back(served.host.head_line);
         next_head(served, 150);
       }},
      {format::HeadFinding::rollback, Verdict::unreachable,
       [](ServedHost& served) {
         served.heads.pop_back();
         const auto& line = served.heads.back();
         served.host.head_line = line;
         served.host.head =
             format::read_head(std::string_view(line).substr(0, line.size() - 1), "head").value();
       }},
      {format::HeadFinding::broken, Verdict::unreachable,  // one is left out
       [](ServedHost& served) {
         next_head(served, 150);
         served.heads.pop_back();
         next_head(served, 151);
       }},
      {format::HeadFinding::broken, Verdict::unreachable,  // from nowhere
       [](ServedHost& served) {
         served.host.make_head(testing::kHeadTime, crypto::sha256({}));
         served.heads.push_back(served.host.head_line);
       }},
  };
  for (std::size_t i = 0; i < cases.size(); ++i) {
    CAPTURE(i);
    const Folder folder;
    auto memory = memory_in(folder);
    InventoryHosts hosts;
    auto& served = hosts.add(1, kSizes);
    served.heads.clear();
    served.host.make_head(testing::kHeadTime - 3600 * 200, std::nullopt);
    served.heads.push_back(served.host.head_line);
    next_head(served, 10);
    CHECK(run(hosts, memory, 20, false).total->verdict() == Verdict::passed);
    cases[i].act(served);
    const auto audited = run(hosts, memory, 20, false);
    REQUIRE(audited.reports.size() == 1);
    CHECK(audited.reports[0].heads == cases[i].finding);
    CHECK(audited.reports[0].verdict() == cases[i].verdict);
    CHECK(audited.reports[0].held == 20);
    check_same_offline(audited);
    // It stays so: what was seen first is what is remembered.
    CHECK(run(hosts, memory, 20, false).reports[0].heads == cases[i].finding);

    // Nobody can say so of a Host without its two signatures.
    const auto lines = [&] {
      std::vector<std::string> out;
      for (std::size_t at = 0; at < audited.transcript.size();) {
        const auto end = audited.transcript.find('\n', at);
        out.push_back(audited.transcript.substr(at, end + 1 - at));
        at = end + 1;
      }
      return out;
    }();
    std::string made_up;
    for (std::size_t n = 0; n < lines.size(); ++n) made_up += lines[n == 4 ? 3 : n];
    const auto refused = verify(made_up);
    REQUIRE_FALSE(refused.total);
    CHECK(refused.total.error().what.contains("transcript-evidence"));
  }
}

TEST_CASE("a Host that shows no head that counts is unreachable, with the reason") {
  const Folder folder;
  auto memory = memory_in(folder);
  InventoryHosts hosts;
  auto& served = hosts.add(1, kSizes);
  const auto reason = [&] {
    const auto out = run(hosts, memory, 20, false);
    CHECK_FALSE(out.shown[0].target);
    return out.shown[0].reason;
  };
  served.silent = true;
  CHECK(reason().contains("no connection"));
  served.silent = false;
  served.heads.clear();
  CHECK(reason().contains("no inventory"));
  served.heads = {InventoryHost(2, kSizes).head_line};
  CHECK(reason().contains("another Host's"));
  served.host.make_head(testing::kAnswerTime + 7200, std::nullopt);
  served.heads = {served.host.head_line};
  CHECK(reason().contains("seconds ahead"));
  auto line = served.host.head_line;
  line[line.find("\"pieces\":") + 9] = '7';
  served.heads = {line};
  CHECK_FALSE(reason().empty());
}

TEST_CASE("a head stays with the key that signed it") {
  const Folder folder;
  auto memory = memory_in(folder);
  InventoryHosts hosts;
  hosts.add(1, {16});
  AuditTargets targets;
  targets.hosts.push_back(*run(hosts, memory, 1, false).shown[0].target);
  const auto id = targets.hosts[0].host.id;
  CHECK(add_addresses(targets, {{id, {"192.0.2.9:9"}, {}}}));
  CHECK(targets.hosts[0].host.addresses.front() == "192.0.2.9:9");
  const auto moved =
      add_addresses(targets, {{id, {"192.0.2.9:9"}, {HostId{testing::key_number(9).public_key()}}}});
  REQUIRE_FALSE(moved);
  CHECK(moved.error().code == Code::usage);
}

TEST_CASE("what is remembered of heads survives damage and other writers") {
  const Folder folder;
  const auto path = folder.path + "/heads";
  InventoryHost a(1, {16}), b(2, {16});
  const auto seen = [](const InventoryHost& host) {
    return SeenHead{host.head_line.substr(0, host.head_line.size() - 1), host.head};
  };
  auto first = HeadMemory::load(path).value(), second = HeadMemory::load(path).value();
  CHECK(first.find(a.id()) == nullptr);
  first.remember(seen(a));
  CHECK(first.save());
  second.remember(seen(b));
  CHECK(second.save());
  const auto both = HeadMemory::load(path).value();
  CHECK(both.find(a.id()) != nullptr);
  CHECK(both.find(b.id()) != nullptr);
  // A later head of another auditor is not taken back.
  auto older = HeadMemory::load(path).value();
  older.remember(seen(a));
  auto later = HeadMemory::load(path).value();
  a.make_head(testing::kHeadTime + 3600, a.head.hash);
  later.remember(seen(a));
  CHECK(later.save());
  CHECK(older.save());
  CHECK(HeadMemory::load(path)->find(a.id())->head.hash == a.head.hash);
  // A line that is none is named.
  const sys::Fd file(::open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
  REQUIRE(sys::write_all(file.number(), view_of("{}\n"), "heads"));
  const auto bad = HeadMemory::load(path);
  REQUIRE_FALSE(bad);
  CHECK(bad.error().code == Code::integrity);
  CHECK(bad.error().what.contains("line 3"));
}

}  // namespace
}  // namespace inxt::client
