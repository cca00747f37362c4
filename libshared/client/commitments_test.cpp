// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/commitments.h"

#include <doctest/doctest.h>
#include <sys/mman.h>
#include <unistd.h>

#include "net/event_loop.h"
#include "support/acting_hosts.h"
#include "sys/files.h"

namespace inxt::client {
namespace {

using testing::ActingHost;
using testing::ActingHosts;

constexpr std::int64_t kNow = 1'600'000'000;

struct Gathered {
  Result<void> result = fail(Code::failure, "not run");
  std::map<HostId, std::string> troubles;
};

Gathered gather(ActingHosts& hosts, std::vector<AuditTarget>& targets, const std::vector<HostId>& witnesses,
                std::function<bool()> stopped = {}) {
  const sys::ManualClock clock(kNow + 50);
  crypto::SeededRandom random(3);
  net::EventLoop loop;
  net::WorkerPool workers;
  std::vector<transfer::HostAddress> asked;
  for (const auto& witness : witnesses) asked.push_back({.id = witness, .addresses = {"192.0.2.1:1"}});
  Gathered out;
  WitnessCallbacks callbacks;
  callbacks.stopped = std::move(stopped);
  callbacks.on_trouble = [&](const HostId& witness, const Error& error) {
    out.troubles[witness] = error.what;
  };
  out.result =
      loop.run(gather_witnesses({hosts, loop.executor(), workers, clock, random}, targets, asked, callbacks));
  return out;
}

AuditTarget uncommitted(const ActingHost& host) {
  std::vector<proof::SetPiece> pieces;
  for (const auto& [id, bytes] : host.pieces) pieces.push_back({id, bytes.size()});
  return {.host = {host.id(), {"192.0.2.1:1"}}, .what = *proof::AuditSet::make(std::move(pieces))};
}

std::string written(const std::vector<AuditTarget>& targets) {
  std::string text;
  REQUIRE(write_commitments(targets, [&](std::string_view line) -> Result<void> {
    text += line;
    return {};
  }));
  return text;
}

Result<AuditTargets> read(const std::string& text) {
  const sys::Fd file(memfd_create("commitments", MFD_CLOEXEC));
  REQUIRE(sys::write_all(file.number(), view_of(text), "commitments"));
  lseek(file.number(), 0, SEEK_SET);
  LineReader lines(file.number(), "commitments");
  return read_commitments(lines, "commitments");
}

TEST_CASE("commitments are fixed once, witnessed by others, and read as they were written") {
  ActingHosts hosts;
  auto& first = hosts.add(1, 3, 5000);
  auto& second = hosts.add(2, 3, 5000);
  auto& third = hosts.add(3, 1, 16);
  std::vector<AuditTarget> targets{uncommitted(first), uncommitted(second)};
  targets[0].commit = Commit{.time_unix_s = kNow - 5};
  fix_commitments(targets, kNow);
  CHECK(targets[0].commit->time_unix_s == kNow - 5);
  CHECK(targets[1].commit->time_unix_s == kNow);
  CHECK(committed_by(targets).value() == kNow);
  const auto gathered = gather(hosts, targets, {first.id(), third.id()});
  REQUIRE(gathered.result);
  CHECK(gathered.troubles.empty());
  CHECK(targets[0].commit->witness_lines == std::vector{third.word(targets[0].commitment())});  // not its own
  CHECK(targets[1].commit->witness_lines.size() == 2);
  CHECK(committed_by(targets).value() == kNow + 50);

  const auto text = written(targets);
  const auto again = read(text);
  REQUIRE_MESSAGE(again.has_value(), again.error().what);
  CHECK(written(again->hosts) == [&] {
    std::ranges::sort(targets, {}, [](const AuditTarget& target) { return target.host.id; });
    return written(targets);
  }());
  CHECK(read("").error().code == Code::usage);
  CHECK_FALSE(read(text + text));
  // No byte of what was committed to can be changed, and no line left out.
  std::size_t begin = 0;
  for (std::size_t end = text.find('\n'); end != text.npos; begin = end + 1, end = text.find('\n', begin)) {
    const auto line = text.substr(begin, end - begin);
    CAPTURE(line);
    auto changed = text;
    changed.erase(begin, end + 1 - begin);
    if (!line.starts_with("{\"type\":\"witness\"")) CHECK_FALSE(read(changed));
    if (line.starts_with("{\"type\":\"commit\"")) continue;
    const auto from = line.starts_with("{\"type\":\"commitment\"") ? line.find("\"kind\"") : 0;
    for (std::size_t at = from; at < line.size(); ++at) {
      changed = text;
      changed[begin + at] = static_cast<char>(changed[begin + at] ^ 1);
      REQUIRE_FALSE(read(changed));
    }
  }
}

TEST_CASE("a witness that lies, refuses or is away is named and left out") {
  ActingHosts hosts;
  auto& audited = hosts.add(1, 3, 5000);
  auto& honest = hosts.add(2, 1, 16);
  struct Trouble {
    const char* reason;
    std::function<Result<std::string>(ActingHost&, const crypto::Hash&)> act;
  };
  const std::vector<Trouble> troubles{
      {"hash",
       [](ActingHost& host, const crypto::Hash&) -> Result<std::string> {
         return host.word(crypto::Hash{});
       }},
      {"another Host",
       [&](ActingHost&, const crypto::Hash& hash) -> Result<std::string> { return honest.word(hash); }},
      {"its line", [](ActingHost&, const crypto::Hash&) -> Result<std::string> { return "no JSON"; }},
      {"its line",
       [](ActingHost&, const crypto::Hash&) -> Result<std::string> { return std::string(100'000, 'x'); }},
      {"signature",
       [](ActingHost& host, const crypto::Hash& hash) -> Result<std::string> {
         auto line = host.word(hash);
         line[line.find("1600000050") + 1] = '5';
         return line;
       }},
      {"off by -31 s",
       [](ActingHost& host, const crypto::Hash& hash) -> Result<std::string> {
         auto line =
             format::sign_witness({.hash = hash, .witness = host.id(), .time_unix_s = kNow + 19}, host.key);
         line.pop_back();
         return line;
       }},
      {"nothing here",
       [](ActingHost&, const crypto::Hash&) -> Result<std::string> {
         return fail(Code::not_found, "nothing here");
       }},
  };
  unsigned number = 10;
  for (const auto& trouble : troubles) {
    CAPTURE(number);
    auto& liar = hosts.add(number++, 1, 16);
    liar.act_as_witness = trouble.act;
    std::vector<AuditTarget> targets{uncommitted(audited)};
    fix_commitments(targets, kNow);
    const auto gathered = gather(hosts, targets, {liar.id(), honest.id()});
    REQUIRE(gathered.result);
    REQUIRE(gathered.troubles.size() == 1);
    CAPTURE(gathered.troubles.begin()->second);
    CHECK(gathered.troubles.begin()->first == liar.id());
    CHECK(gathered.troubles.begin()->second.find(trouble.reason) != std::string::npos);
    CHECK(liar.witnessed == 1);
    CHECK(targets[0].commit->witness_lines == std::vector{honest.word(targets[0].commitment())});
  }

  // One that is busy is asked again, but not for ever; nobody is waited for after a stop.
  auto& busy = hosts.add(50, 1, 16);
  busy.act_as_witness = [](ActingHost& host, const crypto::Hash& hash) -> Result<std::string> {
    if (host.witnessed == 1) return fail(Code::try_again, "busy");
    return host.word(hash);
  };
  std::vector<AuditTarget> targets{uncommitted(audited)};
  fix_commitments(targets, kNow);
  REQUIRE(gather(hosts, targets, {busy.id()}).result);
  CHECK(targets[0].commit->witness_lines.size() == 1);
  busy.act_as_witness = [](ActingHost&, const crypto::Hash&) -> Result<std::string> {
    return fail(Code::try_again, "busy");
  };
  CHECK(gather(hosts, targets, {busy.id()}, [] { return true; }).result.error().what ==
        "stopped by a signal");

  // No more words than a transcript takes.
  std::vector<HostId> many;
  for (unsigned i = 60; i < 60 + proof::kWitnessesMax + 2; ++i) many.push_back(hosts.add(i, 1, 16).id());
  targets[0].commit->witness_lines.clear();
  REQUIRE(gather(hosts, targets, many).result);
  CHECK(targets[0].commit->witness_lines.size() == proof::kWitnessesMax);
}

}  // namespace
}  // namespace inxt::client
