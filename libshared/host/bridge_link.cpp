// SPDX-License-Identifier: LGPL-3.0-or-later
#include "host/bridge_link.h"

#include <fmt/format.h>

#include <algorithm>

#include "format/json.h"
#include "format/token.h"
#include "sys/machine.h"

namespace inxt::host {

namespace {

using net::Awaitable;
using std::chrono::milliseconds;

/// Whether another try can help.
bool may_pass(const Error& error) {
  return error.code == Code::try_again || error.code == Code::failure;
}

}  // namespace

std::string_view state_name(BridgeState state) {
  switch (state) {
    case BridgeState::starting:
      return "starting";
    case BridgeState::registered:
      return "registered";
    case BridgeState::waiting:
      return "waiting";
    case BridgeState::failing:
      return "failing";
  }
  return {};
}

BridgeLink::BridgeLink(Host& host, const net::HttpServer& server, transfer::BridgePeer peer,
                       format::Declared declared, std::unique_ptr<transfer::HostBridge> bridge)
    : host_(host),
      server_(server),
      peer_(std::move(peer)),
      declared_(std::move(declared)),
      bridge_(std::move(bridge)),
      started_unix_s_(host.parts().clock.unix_s()) {
  status_.bridge = peer_.id;
  status_.addresses = peer_.addresses;
}

milliseconds BridgeLink::first_wait() {
  return milliseconds(plan::HeartbeatPace::first_ms(host_.parts().random.below(1'000'000)));
}

BridgeStatus BridgeLink::status() const {
  BridgeStatus status = status_;
  status.failures = pace_.failures();
  status.is_told = status.heartbeats > 0 && told_ == host_.planned_absence();
  const Options& options = host_.options();
  status.is_accepted = (options.accept.is_any() || options.accept.accepts_vouchers_of(peer_.id)) &&
                       !options.deny.has_bridge(peer_.id);
  status.accounts = host_.vouched().size(peer_.id);
  status.reports_waiting = host_.reports().waiting(peer_.id);
  status.reports_dropped += host_.reports().dropped(peer_.id);
  return status;
}

std::optional<std::int64_t> BridgeLink::due_early_ms() const {
  if (status_.state != BridgeState::registered || told_ == host_.planned_absence()) return std::nullopt;
  // Bridges take four in the time of one; a little more is for the clocks and the way.
  const std::int64_t wait_ms =
      std::max(plan::HeartbeatPace::asked_ms(next_s_) * 3 / 10, plan::kHeartbeatSMin * 1000);
  return beaten_ms_ + wait_ms;
}

void BridgeLink::log(LogLevel level, std::string_view event, std::string reason) {
  std::vector<serve::LogField> fields{{"bridge", to_hex(peer_.id)}};
  if (!reason.empty()) fields.push_back({"reason", std::move(reason)});
  host_.parts().log.write(level, event, fields);
}

BridgeLink::Announced BridgeLink::announced_now() const {
  return {.addresses = host_.options().addresses,
          .price = host_.options().price,
          .term_seconds_max = host_.options().term_seconds_max,
          .capacity_bytes = host_.parts().store.stats().capacity_bytes};
}

Awaitable<milliseconds> BridgeLink::step() {
  const auto random = [this] { return host_.parts().random.below(1'000'000'000); };
  if (host_.options().addresses.empty()) {
    status_.state = BridgeState::waiting;
    co_return milliseconds(kNoAddressWaitMs);
  }
  Result<void> said = {};
  if (!is_registered_) said = co_await register_now();
  if (said) said = co_await beat();
  // It has forgotten this Host, and wants no other heartbeat so soon.
  if (said && !is_registered_) said = co_await register_now();
  if (!said) {
    note_failure(said.error());
    co_return milliseconds(pace_.after_failure_ms(random()));
  }
  note_success();
  co_await send_reports();
  co_return milliseconds(pace_.after_success_ms(next_s_, random()));
}

Awaitable<Result<void>> BridgeLink::register_now() {
  const Announced announced = announced_now();
  Result<std::string> line = host_.descriptor_line();
  if (!line) co_return std::unexpected(std::move(line).error());
  if (line->ends_with('\n')) line->pop_back();
  Result<std::string> body = format::write_registration(*line, declared_);
  if (!body) co_return std::unexpected(std::move(body).error());
  const auto next_s = co_await bridge_->register_host(*std::move(body));
  if (!next_s) co_return std::unexpected(next_s.error());
  is_registered_ = true;
  next_s_ = *next_s;
  announced_ = announced;
  announced_unix_s_ = host_.parts().clock.unix_s();
  host_.vouched().forget_told(peer_.id);
  log(LogLevel::info, "bridge-registered");
  co_return Result<void>{};
}

format::Heartbeat BridgeLink::heartbeat() {
  const Parts& parts = host_.parts();
  const store::Stats stats = parts.store.stats();
  const sys::Machine machine = sys::machine();
  const net::ServerCounters& traffic = server_.counters();
  const auto number = [](std::uint64_t value) { return std::min(value, format::kJsonIntegerMax); };
  // Past what was said before this start, where the clock was not set back; the Bridge tells if it was.
  const auto clock_ms = static_cast<std::uint64_t>(std::max<std::int64_t>(parts.clock.unix_s(), 0)) * 1000;
  counter_ = std::max(counter_ + 1, clock_ms);
  format::Heartbeat beat;
  beat.host = host_.id();
  beat.bridge = peer_.id;
  beat.counter = counter_;
  beat.issued_unix_s = parts.clock.unix_s();
  beat.capacity_bytes = number(stats.capacity_bytes);
  beat.used_bytes = number(stats.used_bytes);
  beat.free_bytes = host_.is_draining() ? 0 : number(stats.free_bytes);
  beat.load_percent = std::min(machine.load_percent, format::kLoadPercentMax);
  beat.in_bytes = number(traffic.bytes_in);
  beat.out_bytes = number(traffic.bytes_out);
  beat.started_unix_s = started_unix_s_;
  beat.software = INXT_VERSION;
  beat.processors = std::min(machine.processors, format::kProcessorsMax);
  beat.memory_bytes = number(machine.memory_bytes);
  beat.draining = host_.is_draining();
  const PlannedAbsence absence = host_.planned_absence();
  beat.retiring_unix_s = absence.retiring_unix_s;
  beat.away_until_unix_s = absence.away_until_unix_s;
  if (!stats.rebuilding)  // else the sums are not whole
    beat.accounts = host_.vouched().due(
        peer_.id, format::kHeartbeatAccountsMax,
        [&](const AccountId& account) { return number(parts.store.account_bytes(account)); });
  return beat;
}

Awaitable<Result<void>> BridgeLink::beat() {
  const Parts& parts = host_.parts();
  beaten_ms_ = parts.clock.steady_ms();  // whatever comes of it
  const format::Heartbeat beat = heartbeat();
  Result<std::string> token =
      co_await parts.workers.run([&] { return format::sign_heartbeat(beat, parts.key); });
  if (!token) co_return std::unexpected(std::move(token).error());
  format::HeartbeatRequest request;
  request.heartbeat = *std::move(token);
  const Announced announced = announced_now();
  const std::int64_t now_s = parts.clock.unix_s();
  const bool is_news = announced != announced_ || now_s - announced_unix_s_ >= kDescriptorAgainS;
  if (is_news) {
    const Result<std::string> line = host_.descriptor_line();
    if (!line) co_return std::unexpected(line.error());
    const std::string_view text = *line;
    const Result<format::Json> json = format::parse_object(text.substr(0, text.find('\n')));
    if (!json) co_return std::unexpected(json.error());
    Result<std::string> of_descriptor =
        format::Fields(*json, "the Host's line").text("token", format::kTokenBytesMax);
    if (!of_descriptor) co_return std::unexpected(std::move(of_descriptor).error());
    request.descriptor = *std::move(of_descriptor);
  }
  std::string body = format::write_heartbeat_request(request);
  const Result<transfer::BeatAnswer> answer = co_await bridge_->beat(std::move(body));
  if (!answer) co_return std::unexpected(answer.error());
  switch (answer->outcome) {
    case transfer::BeatAnswer::Outcome::unknown_host:
      is_registered_ = false;
      log(LogLevel::info, "bridge-forgot");
      co_return Result<void>{};
    case transfer::BeatAnswer::Outcome::old_counter:
      // Said twice by the connection; or said before a clock was set back.
      if (answer->last_counter) counter_ = std::max(counter_, *answer->last_counter);
      co_return fail(Code::try_again,
                     fmt::format("Bridge {}: it has heard a later heartbeat", to_hex(peer_.id).substr(0, 8)));
    case transfer::BeatAnswer::Outcome::taken:
      break;
  }
  if (is_news) {
    announced_ = announced;
    announced_unix_s_ = now_s;
  }
  host_.vouched().told(peer_.id, beat.accounts);
  told_ = {.retiring_unix_s = beat.retiring_unix_s, .away_until_unix_s = beat.away_until_unix_s};
  note(*answer);
  next_s_ = answer->next_s;
  co_return Result<void>{};
}

Awaitable<void> BridgeLink::send_reports() {
  const Parts& parts = host_.parts();
  for (std::size_t sent = 0; sent < kReportsPerBeatMax; ++sent) {
    const PieceReport* const next = host_.reports().next(peer_.id);
    if (next == nullptr) co_return;
    const PieceReport report = *next;
    const auto job = [&]() -> Result<std::optional<std::string>> {
      // It may have been stored again since.
      if (report.kind == format::ReportKind::lost &&
          TRY(parts.store.find(report.piece, report.account)).has_value())
        return std::nullopt;
      const format::HostReport said{.host = host_.id(),
                                    .bridge = peer_.id,
                                    .piece = report.piece,
                                    .account = report.account,
                                    .kind = report.kind,
                                    .issued_unix_s = parts.clock.unix_s()};
      return TRY(format::sign_report(said, parts.key));
    };
    Result<std::optional<std::string>> token = co_await parts.workers.run(job);
    if (!token) co_return;  // the disk's: the store has reported it
    Result<void> taken = {};
    if (*token) taken = co_await bridge_->report(**std::move(token));
    if (!taken) {
      log(LogLevel::error, "report-failed", taken.error().what);
      if (may_pass(taken.error())) co_return;
    }
    // The oldest may have been dropped, or reported no more, meanwhile.
    if (const PieceReport* const same = host_.reports().next(peer_.id); same == nullptr || *same != report)
      continue;
    host_.reports().pop(peer_.id);
    if (!taken)
      ++status_.reports_dropped;
    else if (*token)
      ++status_.reports;
  }
}

void BridgeLink::note(const transfer::BeatAnswer& answer) {
  ++status_.heartbeats;
  status_.paused_until_unix_s = answer.paused_until_unix_s;
  if (!answer.is_reachable) return;
  const bool is_news = status_.is_reachable != answer.is_reachable;
  status_.is_reachable = answer.is_reachable;
  status_.looked_unix_s = answer.looked_unix_s;
  status_.reach_reason = answer.reason;
  if (!is_news) return;
  if (*answer.is_reachable)
    log(LogLevel::info, "bridge-reaches-host");
  else
    log(LogLevel::error, "not-reachable", answer.reason);
}

void BridgeLink::note_failure(const Error& error) {
  if (status_.state != BridgeState::failing) status_.failing_unix_s = host_.parts().clock.unix_s();
  const bool is_news = status_.state != BridgeState::failing || status_.trouble != error.what;
  status_.state = BridgeState::failing;
  status_.trouble = error.what;
  log(is_news ? LogLevel::error : LogLevel::debug, "bridge-failed", error.what);
}

void BridgeLink::note_success() {
  if (status_.state == BridgeState::failing) log(LogLevel::info, "bridge-back");
  status_.state = BridgeState::registered;
  status_.trouble.clear();
  status_.failing_unix_s = 0;
  status_.heard_unix_s = host_.parts().clock.unix_s();
}

}  // namespace inxt::host
