// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/inventory_heads.h"

#include <fmt/format.h>

#include "format/token.h"
#include "net/event.h"
#include "net/task.h"

namespace inxt::client {
namespace {

using format::HeadFinding;
using net::Awaitable;

HeadEvidence evidence_of(HeadFinding finding, const SeenHead& first, const SeenHead& second) {
  return {.finding = finding, .first = first.line, .second = second.line};
}

/// Follows a Host's heads one by one.
class Follower {
 public:
  Follower(const SeenHead& seen, const SeenHead& shown) : seen_(seen), shown_(shown), at_(seen) {}

  bool done() const { return done_; }
  const std::optional<HeadEvidence>& evidence() const { return evidence_; }
  std::uint64_t steps() const { return steps_; }
  std::int64_t epoch() const { return at_.head.head.epoch(); }

  /// The next head that the Host says there was.
  void step(SeenHead next) {
    ++steps_;
    if (format::heads_conflict(seen_.head, next.head))
      return end(evidence_of(HeadFinding::equivocation, seen_, next));
    if (format::heads_conflict(shown_.head, next.head))
      return end(evidence_of(HeadFinding::equivocation, shown_, next));
    if (!format::check_follows(at_.head, next.head)) {
      // An older one, or the same again, is no head that was left out: only a younger one shows that.
      if (next.head.head.time_unix_s <= at_.head.head.time_unix_s) return cut_off();
      return end(evidence_of(HeadFinding::broken, at_, next));
    }
    at_ = std::move(next);
    if (at_.head.hash == shown_.head.hash) done_ = true;
    // Past it without meeting it: the Host has a younger one than it showed.
    else if (at_.head.head.time_unix_s > shown_.head.head.time_unix_s)
      end(evidence_of(HeadFinding::rollback, at_, shown_));
  }
  /// The Host has no more.
  void cut_off() { end(evidence_of(HeadFinding::broken, at_, shown_)); }

 private:
  void end(HeadEvidence evidence) {
    done_ = true;
    evidence_ = std::move(evidence);
  }

  const SeenHead& seen_;
  const SeenHead& shown_;
  SeenHead at_;  // the last that was followed to
  bool done_ = false;
  std::uint64_t steps_ = 0;
  std::optional<HeadEvidence> evidence_;
};

Result<SeenHead> read_shown(std::string line, const HostId& host, std::int64_t now_unix_s) {
  SeenHead shown{.line = std::move(line), .head = {}};
  shown.head = TRY(format::read_head(shown.line, "the head"));
  if (shown.head.head.host != host) return fail(Code::integrity, "the head: host: another Host's");
  const auto ahead_s = shown.head.head.time_unix_s - now_unix_s;
  if (ahead_s > format::kClockSkewS)
    return fail(Code::integrity, fmt::format("the head: time: {} seconds ahead", ahead_s));
  return shown;
}

/// The heads between the two, from the Host.  Errors: the service's; integrity for a line that is no head of
/// it.
Awaitable<Result<void>> follow(Network network, const transfer::HostAddress& host, Follower& follower) {
  while (!follower.done() && follower.steps() < kHeadsFollowedMax) {
    Result<std::string> text =
        co_await network.service.inventory_heads(host, follower.epoch(), kHeadsPerRequest);
    if (!text) co_return std::unexpected(std::move(text).error());
    std::string_view rest = *text;
    if (rest.empty()) follower.cut_off();
    for (std::uint32_t i = 0; !rest.empty() && !follower.done(); ++i) {
      if (i == kHeadsPerRequest) co_return fail(Code::integrity, "more heads than were asked for");
      const auto end = rest.find('\n');
      Result<SeenHead> next = read_shown(std::string(rest.substr(0, end)), host.id, network.clock.unix_s());
      if (!next) co_return std::unexpected(std::move(next).error());
      follower.step(*std::move(next));
      rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
    }
  }
  co_return Result<void>();
}

}  // namespace

Awaitable<ShownHead> look_at_head(Network network, transfer::HostAddress address, const SeenHead* seen,
                                  bool chained) {
  ShownHead out;
  address.id = address.present_id();
  address.successors.clear();
  out.host = std::move(address);
  Result<std::string> line = co_await network.service.inventory_head(out.host);
  Result<SeenHead> shown = line ? read_shown(*std::move(line), out.host.id, network.clock.unix_s())
                                : Result<SeenHead>(std::unexpected(std::move(line).error()));
  if (!shown) {
    out.reason = shown.error().code == Code::not_found ? "it shows no inventory"
                                                       : format::fit_reason(shown.error().what);
    co_return out;
  }
  std::optional<HeadEvidence> evidence;
  if (seen != nullptr && seen->head.hash != shown->head.hash) {
    if (format::heads_conflict(seen->head, shown->head)) {
      evidence = evidence_of(HeadFinding::equivocation, *seen, *shown);
    } else if (shown->head.head.time_unix_s < seen->head.head.time_unix_s) {
      evidence = evidence_of(HeadFinding::rollback, *seen, *shown);
    } else if (!format::check_follows(seen->head, shown->head)) {
      Follower follower(*seen, *shown);
      Result<void> followed = co_await follow(network, out.host, follower);
      if (!followed) {
        out.reason = format::fit_reason("its heads since the one seen: " + followed.error().what);
        co_return out;
      }
      evidence = follower.evidence();
      out.not_followed = !follower.done();
    }
  }
  AuditHead head{.line = std::move(shown->line), .head = std::move(shown->head), .chained = chained};
  out.target.emplace(AuditTarget{.host = out.host, .what = std::move(head), .evidence = std::move(evidence)});
  co_return out;
}

namespace {

/// Several at once.
class Look {
 public:
  Look(Network network, const std::vector<transfer::HostAddress>& hosts, const HeadMemory& memory,
       bool chained)
      : net_(network),
        hosts_(hosts),
        memory_(memory),
        chained_(chained),
        shown_(hosts.size()),
        event_(network.executor) {}

  Awaitable<std::vector<ShownHead>> run(unsigned jobs) {
    for (std::size_t started = 0; started < hosts_.size() || running_ > 0;) {
      for (; started < hosts_.size() && running_ < jobs; ++started) {
        ++running_;
        net::spawn(net_.executor, look(started));
      }
      co_await event_.wait_for(std::chrono::milliseconds(200));
    }
    co_return std::move(shown_);
  }

 private:
  Awaitable<void> look(std::size_t index) {
    struct End {
      Look& look;
      ~End() {
        --look.running_;
        look.event_.notify();
      }
    } const end{*this};
    const SeenHead* seen = memory_.find(hosts_[index].present_id());
    shown_[index] = co_await look_at_head(net_, hosts_[index], seen, chained_);
  }

  Network net_;
  const std::vector<transfer::HostAddress>& hosts_;
  const HeadMemory& memory_;
  bool chained_;
  std::vector<ShownHead> shown_;
  net::Event event_;
  unsigned running_ = 0;
};

}  // namespace

Awaitable<std::vector<ShownHead>> look_at_heads(Network network,
                                                const std::vector<transfer::HostAddress>& hosts,
                                                HeadMemory& memory, bool chained, unsigned jobs) {
  Look look(network, hosts, memory, chained);
  std::vector<ShownHead> shown = co_await look.run(std::max(jobs, 1U));
  for (const auto& one : shown) {
    if (!one.target || one.target->evidence) continue;
    const auto& head = std::get<AuditHead>(one.target->what);
    memory.remember({head.line, head.head});
  }
  co_return shown;
}

}  // namespace inxt::client
