// SPDX-License-Identifier: LGPL-3.0-or-later
#include "bridge/healer.h"

#include "bridge/healer_work.h"
#include "bridge/report_rows.h"

namespace inxt::bridge {
namespace {

using database::Transaction;
using net::Awaitable;

constexpr std::int64_t kReportsLookedBackS = 86400;
constexpr std::int64_t kLeaseParts = 3;     // of the lease, after which it is renewed
constexpr std::int64_t kForgetTurns = 720;  // an hour

net::ClientLimits client_limits() {
  net::ClientLimits limits;
  limits.idle_connections_max = 512;  // a repair has one to each of its Hosts
  limits.idle_connections_per_peer_max = 8;
  return limits;
}

Result<HostSuccessors> read_successors(Transaction& transaction) {
  HostSuccessors out;
  for (const database::Row row : TRY(transaction.query("SELECT host, successor FROM host_successors")))
    out.emplace(row.id<HostId>(0), row.id<HostId>(1));
  return out;
}

}  // namespace

Healer::Healer(const HealerParts& parts, const HealerOptions& options)
    : parts_(parts),
      options_(options),
      healer_(parts.random.bytes<16>()),
      seal_(parts.key),
      http_(parts.executor, client_limits()),
      asking_(
          http_, [&key = parts.key](const HostId&) { return key.clone(); }, parts.clock),
      leasing_(
          http_, [&key = parts.key](const HostId&) { return key.clone(); }, parts.clock),
      changed_(parts.executor) {
  leasing_.set_capabilities([&all = leases_](const HostId& host, const PieceId& piece) {
    return ReadingLeases::find(all, host, piece);
  });
  options_.limits.under_way_max = kRepairsAtOnce;
}

Healer::~Healer() = default;

void Healer::start(serve::Background& background) {
  background.start(run());
  background.start(run_doubts());
  for (std::size_t i = 0; i < kAuditsAtOnce; ++i) background.start(run_audits());
  for (std::size_t i = 0; i < kRepairsAtOnce; ++i) background.start(run_repairs());
}

Awaitable<void> Healer::stop() {
  is_stopping_ = true;
  changed_.notify();
  while (busy_ > 0) co_await changed_.wait();
  const auto give_up = [&] {
    return parts_.database.write([&](Transaction& transaction) {
      return give_up_healer_lease(transaction, healer_, parts_.clock.unix_s());
    });
  };
  const Result<void> given = co_await parts_.workers.run(give_up);
  if (!given) say("healing", given.error());
}

HealerNow Healer::now() const {
  if (!work_) return {};
  const plan::RepairPlan& plan = work_->mind.plan();
  return {.decides = true,
          .segments = work_->mind.segments(),
          .due = plan.due(),
          .under_way = plan.under_way(),
          .unreadable = plan.unreadable(),
          .is_storm = plan.hosts().is_storm(parts_.clock.unix_s())};
}

void Healer::say(std::string_view event, const Error& error) {
  parts_.log.write(serve::LogLevel::error, event, {{"reason", error.what}});
}

std::optional<transfer::HostAddress> Healer::address_of(const HostId& id) const {
  const KnownHost* known = hosts_ ? hosts_->find(id) : nullptr;
  if (known == nullptr || !known->measured.is_reachable || known->measured.address.empty())
    return std::nullopt;
  return transfer::HostAddress{.id = id, .addresses = {known->measured.address}};
}

transfer::Network Healer::network(transfer::PieceService& service) {
  return {.service = service,
          .executor = parts_.executor,
          .workers = parts_.workers,
          .clock = parts_.clock,
          .random = parts_.random};
}

Awaitable<void> Healer::run() {
  for (std::int64_t turns = 0;; ++turns) {
    while (is_stopping_) co_await changed_.wait();
    const Result<bool> leads = co_await lead();
    if (!leads) say("healing", leads.error());
    if (leads && *leads) {
      if (!work_) {
        work_ = std::make_shared<Work>(options_.limits, parts_.placer.candidates().pool().limits());
        const auto read = [&] {
          return parts_.database.read([](Transaction& transaction) { return next_care_audits(transaction); });
        };
        auto audits = co_await parts_.workers.run(read);
        if (audits) work_->audits_before = *std::move(audits);
        // What was reported earlier and not looked at, an audit finds.
        work_->reports_unix_s = parts_.clock.unix_s() - kReportsLookedBackS;
        parts_.log.write(serve::LogLevel::info, "healing", {{"decides", "yes"}});
      }
      const std::shared_ptr<Work> work = work_;
      const Result<void> done = co_await turn(work);
      work->is_current = done.has_value();
      if (!done) say("healing", done.error());
    } else if (work_) {
      work_->is_over = true;
      work_.reset();
      parts_.log.write(serve::LogLevel::info, "healing", {{"decides", "no"}});
    }
    if (turns % kForgetTurns == 0) {
      const auto forget = [&] {
        return parts_.database.write(
            [&](Transaction& transaction) { return forget_repairs(transaction, parts_.clock.unix_s()); });
      };
      const Result<std::int64_t> forgotten = co_await parts_.workers.run(forget);
      if (!forgotten) say("healing", forgotten.error());
    }
    co_await net::sleep_for(std::chrono::milliseconds(options_.turn_ms));
  }
}

Awaitable<Result<bool>> Healer::lead() {
  const std::int64_t now = parts_.clock.unix_s();
  if (work_ && now >= led_unix_s_ && now < led_unix_s_ + options_.lease_s / kLeaseParts) co_return true;
  const auto job = [&] {
    return parts_.database.write([&](Transaction& transaction) -> Result<std::optional<std::int64_t>> {
      TRY(extend_repairs(transaction, healer_, now, now + kRepairLeases * options_.lease_s));
      return take_healer_lease(transaction, healer_, now, options_.lease_s, options_.watch_gap_s);
    });
  };
  CO_TRY(const std::optional<std::int64_t> since, co_await parts_.workers.run(job));
  if (since) watched_since_unix_s_ = *since, led_unix_s_ = now;
  co_return since.has_value();
}

Awaitable<Result<void>> Healer::turn(std::shared_ptr<Work> work) {
  CO_CHECK(co_await learn_hosts(work));
  CO_CHECK(co_await learn_care(work));
  CO_CHECK(co_await learn_reports(work));
  CO_CHECK(co_await learn_doubts(work));
  plan_audits(work);
  const std::int64_t now = parts_.clock.unix_s();
  while (!work->releases_later.empty() && work->releases_later.begin()->first <= now) {
    const Work::Later later = work->releases_later.begin()->second;
    work->releases_later.erase(work->releases_later.begin());
    if (work->mind.find_segment(later.key) == later.order.segment)
      repairs_.push_back({.work = work, .order = later.order, .key = later.key, .memory_bytes = 0});
    else
      work->mind.plan().released(later.order);
  }
  take_orders(work);
  co_return Result<void>{};
}

/// All that the plan wants done now.
void Healer::take_orders(const std::shared_ptr<Work>& work) {
  const std::int64_t now = parts_.clock.unix_s();
  plan::RepairPlan& plan = work->mind.plan();
  while (auto order = plan.next(now)) {
    if (const auto* check = std::get_if<plan::CheckHost>(&*order)) {
      audits_.push_back({.work = work, .host = check->host, .is_ordered = true});
    } else if (const auto* let_go = std::get_if<plan::ReleasePiece>(&*order)) {
      // At the next turn: until then not all is learnt of whoever has the piece now.
      const Work::Later later{.key = work->mind.key_of(let_go->segment), .order = *let_go};
      work->releases_later.emplace(now, later);
    } else {
      auto& wanted = std::get<plan::Rebuild>(*order);
      const plan::SegmentKind& kind = plan.segments().kind(wanted.segment);
      const std::uint64_t pieces = kind.layout.k + wanted.missing.size() + wanted.handed_over.size();
      const CareSegmentKey key = work->mind.key_of(wanted.segment);
      repairs_.push_back(
          {.work = work, .order = std::move(wanted), .key = key, .memory_bytes = pieces * kind.piece_bytes});
    }
  }
  changed_.notify();
}

Awaitable<Result<void>> Healer::learn_hosts(std::shared_ptr<Work> work) {
  CO_CHECK(co_await parts_.placer.update());
  CO_TRY(hosts_, co_await parts_.directory.hosts().snapshot());
  const auto job = [&] {
    return parts_.database.read([](Transaction& transaction) { return read_successors(transaction); });
  };
  CO_TRY(HostSuccessors successors, co_await parts_.workers.run(job));
  // The candidates are those of the placer's own snapshot, whose Hosts keep their places in newer ones.
  const auto& candidates = parts_.placer.candidates();
  co_return work->mind.take_hosts(*hosts_, candidates.pool(), std::move(successors), watched_since_unix_s_,
                                  parts_.clock.unix_s());
}

Awaitable<Result<void>> Healer::learn_care(std::shared_ptr<Work> work) {
  for (;;) {
    const auto job = [&] {
      return parts_.database.read(
          [&](Transaction& transaction) { return care_hosts(transaction, work->last_host); });
    };
    CO_TRY(const std::vector<CareHost> hosts, co_await parts_.workers.run(job));
    for (const CareHost& host : hosts) {
      CO_CHECK(work->mind.take_care_host(host));
      work->last_host = host.key;
    }
    if (hosts.size() < kCareChangesMax) break;
  }
  for (;;) {
    const auto job = [&] {
      return parts_.database.read(
          [&](Transaction& transaction) { return care_changes(transaction, work->position); });
    };
    CO_TRY(const CareChanges changes, co_await parts_.workers.run(job));
    const std::int64_t now = parts_.clock.unix_s();
    for (const CareRow& row : changes.rows)
      if (const auto taken = work->mind.take_segment(row, now); !taken)
        say("care-segment", taken.error());  // the others are no less cared for
    work->position = changes.position;
    if (changes.rows.empty()) break;  // a page may be short because its rows are long
  }
  co_return Result<void>{};
}

/// Hosts that say what they lost are asked for all of it.
Awaitable<Result<void>> Healer::learn_reports(std::shared_ptr<Work> work) {
  const auto job = [&] {
    return parts_.database.read([&](Transaction& transaction) {
      return reports_since(transaction, work->reports_unix_s, static_cast<std::int64_t>(kReportsAtOnceMax));
    });
  };
  CO_TRY(const std::vector<KeptReport> reports, co_await parts_.workers.run(job));
  for (const KeptReport& report : reports) {
    if (report.received_unix_s > work->reports_unix_s) {
      work->reports_unix_s = report.received_unix_s;
      work->reports_read.clear();
    }
    if (!work->reports_read.insert(report.token).second) continue;
    const auto host = work->mind.find_host(report.name.host);
    if (!host) continue;
    Work::OfHost& of_host = work->hosts[*host];
    of_host.is_thorough = true;
    of_host.next_audit_unix_s = 0;
    of_host.is_planned = true;
    if (report.name.kind != format::report_kind_name(format::ReportKind::lost))
      of_host.given_up.insert(report.name.piece);
  }
  co_return Result<void>{};
}

/// Readers' reports: run_doubts() looks into them.
Awaitable<Result<void>> Healer::learn_doubts(std::shared_ptr<Work> work) {
  if (work->doubts.size() >= kDoubtsWaitingMax) co_return Result<void>{};
  const auto take = [&] {
    return parts_.database.write(
        [&](Transaction& transaction) { return take_care_doubts(transaction, kDoubtsAtOnceMax); });
  };
  CO_TRY(const std::vector<CareDoubt> doubts, co_await parts_.workers.run(take));
  for (const CareDoubt& doubt : doubts) {
    std::size_t waiting = 0;
    bool is_known = false;
    for (const auto& [other, tries] : work->doubts) {
      waiting += other.host == doubt.host ? 1 : 0;
      is_known = is_known || other == doubt;
    }
    if (!is_known && waiting < kDoubtsPerHostMax) work->doubts.emplace_back(doubt, 0);
  }
  co_return Result<void>{};
}

}  // namespace inxt::bridge
