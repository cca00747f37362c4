// SPDX-License-Identifier: LGPL-3.0-or-later
#include "bridge/measuring.h"

#include "bridge/host_rows.h"
#include "bridge/networks.h"
#include "bridge/probe_schedule.h"
#include "bridge/report_rows.h"
#include "net/race.h"

namespace inxt::bridge {
namespace {

constexpr std::int64_t kForgetPauseMs = 3600 * 1000;
constexpr std::int64_t kForgottenAtOnce = 1000;
constexpr std::int64_t kDatabasePauseMs = 5000;  // after an error

/// Counts while it lives.
class Under {
 public:
  explicit Under(std::size_t& count) : count_(count) { ++count_; }
  Under(const Under&) = delete;
  Under& operator=(const Under&) = delete;
  ~Under() { --count_; }

 private:
  std::size_t& count_;
};

}  // namespace

net::Awaitable<void> Measuring::run_claims() {
  for (;;) {
    while (queue_.size() + counts_.now >= kMeasuredAtOnce) co_await changed_.wait();
    const auto room = static_cast<std::int64_t>(kMeasuredAtOnce - queue_.size() - counts_.now);
    const auto now = parts_.clock.unix_s();
    const auto job = [&] {
      return parts_.database.write(
          [&](database::Transaction& transaction) { return claim_hosts(transaction, now, room); });
    };
    Result<std::vector<MeasureClaim>> claims = co_await parts_.workers.run(job);
    if (!claims) {
      parts_.log.write(serve::LogLevel::error, "measuring", {{"reason", claims.error().what}});
      co_await net::sleep_for(std::chrono::milliseconds(kDatabasePauseMs));
      continue;
    }
    const bool found = !claims->empty();
    for (MeasureClaim& claim : *claims) {
      queue_.push_back(std::make_shared<MeasureClaim>(std::move(claim)));
      held_.insert(queue_.back());
    }
    if (found) changed_.notify();
    if (parts_.clock.steady_ms() - forgotten_ms_ >= kForgetPauseMs) co_await forget();
    if (!found) co_await net::sleep_for(std::chrono::milliseconds(kClaimPauseMs));
  }
}

net::Awaitable<void> Measuring::run_worker() {
  for (;;) {
    while (queue_.empty()) co_await changed_.wait();
    Claim claim = std::move(queue_.front());
    queue_.pop_front();
    {
      const Under under(counts_.now);
      co_await measure(std::move(claim));
    }
    changed_.notify();
  }
}

net::Awaitable<void> Measuring::run_renewals() {
  for (;;) {
    co_await net::sleep_for(std::chrono::milliseconds(intervals_.renew_ms));
    const auto now = parts_.clock.unix_s();
    std::vector<Claim> old;
    for (const Claim& claim : held_)
      if (claim->claimed_until_unix_s - now <= kMeasureLeaseS * 2 / 3) old.push_back(claim);
    if (old.empty()) continue;
    is_renewing_ = true;
    co_await renew(std::move(old));
    is_renewing_ = false;
    changed_.notify();
  }
}

net::Awaitable<void> Measuring::renew(std::vector<Claim> claims) {
  using Times = std::vector<std::optional<std::int64_t>>;
  const auto now = parts_.clock.unix_s();
  const auto job = [&] {
    return parts_.database.write([&](database::Transaction& transaction) -> Result<Times> {
      Times times;
      for (const Claim& claim : claims) times.push_back(TRY(renew_claim(transaction, *claim, now)));
      return times;
    });
  };
  const Result<Times> times = co_await parts_.workers.run(job);
  if (!times) {
    parts_.log.write(serve::LogLevel::error, "measuring", {{"reason", times.error().what}});
    co_return;
  }
  for (std::size_t i = 0; i < claims.size(); ++i) {
    if ((*times)[i])
      claims[i]->claimed_until_unix_s = *(*times)[i];
    else
      held_.erase(claims[i]);  // what comes of it will not be kept
  }
}

net::Awaitable<void> Measuring::measure(Claim claim) {
  using namespace net;  // operator||
  MeasureOutcome outcome;
  Awaitable<void> looked = look_at(*claim, outcome);
  Awaitable<void> deadline = net::sleep_for(std::chrono::seconds(kMeasureTurnS));
  co_await (std::move(looked) || std::move(deadline));
  co_await save(std::move(claim), outcome);
}

net::Awaitable<void> Measuring::save(Claim claim, const MeasureOutcome& outcome) {
  while (is_renewing_) co_await changed_.wait();
  held_.erase(claim);
  const auto now = parts_.clock.unix_s();
  const auto random = from_big_endian<std::uint32_t>(parts_.random.bytes<4>());
  const auto job = [&] {
    return parts_.database.write([&](database::Transaction& transaction) {
      return save_measures(transaction, *claim, outcome, intervals_, now, random);
    });
  };
  const Result<bool> saved = co_await parts_.workers.run(job);
  if (!saved)
    parts_.log.write(serve::LogLevel::error, "measuring",
                     {{"host", claim->host.id().hex()}, {"reason", saved.error().what}});
}

net::Awaitable<void> Measuring::look_at(const MeasureClaim& claim, MeasureOutcome& outcome) {
  Result<Reached> reached = co_await parts_.prober.reach(claim.host.descriptor);
  std::optional<Networks> networks;
  if (reached) networks = networks_of(reached->ip);
  if (!networks) {
    ++counts_.unreached;
    const Error error = reached ? Error{Code::failure, "the address has no network"} : reached.error();
    if (error.code == Code::denied) ++counts_.wrong_key;
    outcome.reason = error.what;
    if (claim.host.measured.is_reachable || claim.host.measured.probed_unix_s == 0)
      log_change(claim, outcome, error);
    co_return;
  }
  ++counts_.reached;
  outcome.network = networks->name;
  const std::string address = reached->address;
  outcome.reached = *std::move(reached);
  if (!claim.host.measured.is_reachable) log_change(claim, outcome, {});
  if (claim.next_speed_unix_s <= parts_.clock.unix_s()) co_await look_closer(claim, address, outcome);
}

net::Awaitable<void> Measuring::look_closer(const MeasureClaim& claim, const std::string& address,
                                            MeasureOutcome& outcome) {
  using namespace net;  // operator||
  using std::chrono::milliseconds;
  const auto until = std::chrono::steady_clock::now() + milliseconds(intervals_.closer_wait_ms);
  while (speeds_now_ >= kSpeedsAtOnce) {
    const auto left = std::chrono::duration_cast<milliseconds>(until - std::chrono::steady_clock::now());
    if (left.count() <= 0) co_return;
    co_await changed_.wait_for(left);
  }
  {
    const Under under(speeds_now_);
    Awaitable<void> measured = measure_closer(claim, address, outcome);
    Awaitable<void> deadline = net::sleep_for(milliseconds(intervals_.closer_ms_max));
    const auto first = co_await (std::move(measured) || std::move(deadline));
    if (first.index() == 1) {
      outcome.speed_tried = true;
      ++counts_.speeds_failed;
      parts_.log.write(
          serve::LogLevel::info, "speed-not-measured",
          {{"host", claim.host.id().hex()}, {"address", address}, {"reason", "it took too long"}});
    }
  }
  changed_.notify();
}

net::Awaitable<void> Measuring::measure_closer(const MeasureClaim& claim, const std::string& address,
                                               MeasureOutcome& outcome) {
  const auto& host = claim.host.descriptor;
  if (claim.probe && claim.probe->until_unix_s > parts_.clock.unix_s() + 60) {
    const Result<bool> held =
        co_await parts_.prober.audit(host, address, claim.probe->piece, claim.probe->bytes);
    if (held) outcome.audit = *held;
    ++(!held ? counts_.audits_unanswered : *held ? counts_.audits_passed : counts_.audits_failed);
    if (!held || !*held)
      parts_.log.write(serve::LogLevel::info, "audit-not-passed",
                       {{"host", host.host.hex()},
                        {"piece", claim.probe->piece.hex()},
                        {"reason", held ? "missing or damaged" : held.error().what}});
  }
  outcome.speed_tried = true;
  Result<ProbedSpeed> speed = co_await parts_.prober.measure_speed(host, address);
  ++(speed ? counts_.speeds : counts_.speeds_failed);
  if (!speed) {
    // It took the piece and gave other bytes for it: as bad as an audit that failed.
    if (speed.error().code == Code::integrity) outcome.audit = false;
    // A Host that takes nothing from this Bridge goes on taking nothing.
    const bool is_known = speed.error().code == Code::denied && claim.host.measured.probed_unix_s != 0;
    parts_.log.write(is_known ? serve::LogLevel::debug : serve::LogLevel::info, "speed-not-measured",
                     {{"host", host.host.hex()}, {"address", address}, {"reason", speed.error().what}});
    co_return;
  }
  outcome.speed = *std::move(speed);
}

net::Awaitable<void> Measuring::forget() {
  forgotten_ms_ = parts_.clock.steady_ms();
  const auto now = parts_.clock.unix_s();
  const auto job = [&] {
    return parts_.database.write([&](database::Transaction& transaction) -> Result<std::int64_t> {
      TRY(forget_reports(transaction, now));
      return forget_never_reached(transaction, now - kNeverReachedS, kForgottenAtOnce);
    });
  };
  const Result<std::int64_t> forgotten = co_await parts_.workers.run(job);
  if (forgotten) counts_.forgotten += static_cast<std::uint64_t>(*forgotten);
  if (forgotten && *forgotten > 0)
    parts_.log.write(serve::LogLevel::info, "hosts-forgotten", {{"hosts", std::to_string(*forgotten)}});
}

void Measuring::log_change(const MeasureClaim& claim, const MeasureOutcome& outcome, const Error& error) {
  const auto& host = claim.host;
  if (outcome.reached)
    parts_.log.write(serve::LogLevel::info, "host-reached",
                     {{"host", host.id().hex()},
                      {"address", outcome.reached->address},
                      {"rtt_us", std::to_string(outcome.reached->rtt_us)}});
  else
    parts_.log.write(serve::LogLevel::info, "host-not-reached",
                     {{"host", host.id().hex()}, {"reason", error.what}});
}

}  // namespace inxt::bridge
