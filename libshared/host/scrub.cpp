// SPDX-License-Identifier: LGPL-3.0-or-later
#include "host/scrub.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "serve/state_file.h"
#include "sys/local_time.h"

namespace inxt::host {

namespace {

using std::chrono::milliseconds;

constexpr std::int64_t kYieldMs = 100;
constexpr std::size_t kReasonBytesMax = 100;  // so that kScrubFindingsMax of them fit into serve::kStateBytesMax

std::uint64_t position_of(const store::Key& key) {
  std::uint64_t position = 0;
  for (std::size_t i = 0; i < 4; ++i)
    position = position << 8 | static_cast<std::uint8_t>(key.piece.bytes[i]);
  return position;
}

format::Json json_of(const ScrubPassCounts& counts) {
  format::Json json;
  json["began"] = counts.began_unix_s;
  json["pieces"] = counts.pieces;
  json["bytes"] = counts.bytes;
  json["damaged"] = counts.damaged;
  json["unreadable"] = counts.unreadable;
  return json;
}

Result<ScrubPassCounts> counts_from(const format::Json& json) {
  const format::Fields fields(json, std::string(kScrubFile));
  ScrubPassCounts counts;
  counts.began_unix_s = TRY(fields.time("began"));
  counts.pieces = TRY(fields.integer("pieces"));
  counts.bytes = TRY(fields.integer("bytes"));
  counts.damaged = TRY(fields.integer("damaged"));
  counts.unreadable = TRY(fields.integer("unreadable"));
  return counts;
}

struct Kept {
  ScrubReport status;
  std::optional<store::Key> cursor;
};

format::Json json_of(const ScrubReport& status, const std::optional<store::Key>& cursor) {
  format::Json json;
  if (cursor) json["cursor"] = store::file_name(*cursor);
  json["pass"] = json_of(status.pass);
  json["passes"] = status.passes;
  json["last_ended"] = status.last_ended_unix_s;
  json["last"] = json_of(status.last);
  json["findings"] = format::Json::array();
  for (const ScrubFinding& finding : status.findings) {
    format::Json one;
    one["piece"] = finding.piece.hex();
    one["account"] = finding.account.hex();
    one["found"] = finding.found_unix_s;
    one["reason"] = finding.reason;
    json["findings"].push_back(std::move(one));
  }
  return json;
}

Result<Kept> kept_from(const format::Json& json) {
  const format::Fields fields(json, std::string(kScrubFile));
  Kept kept;
  if (fields.has("cursor")) {
    kept.cursor = store::key_from_name(TRY(fields.text("cursor", 256)));
    if (!kept.cursor) return fields.bad("cursor", "is no piece's name");
  }
  for (const char* key : {"pass", "last"})
    if (!fields.has(key) || !json[key].is_object()) return fields.bad(key, "is no object");
  kept.status.pass = TRY(counts_from(json["pass"]));
  kept.status.last = TRY(counts_from(json["last"]));
  kept.status.passes = TRY(fields.integer("passes"));
  kept.status.last_ended_unix_s = TRY(fields.time("last_ended"));
  if (!fields.has("findings") || !json["findings"].is_array() || json["findings"].size() > kScrubFindingsMax)
    return fields.bad("findings", "is no list of kScrubFindingsMax at most");
  for (const format::Json& one : json["findings"]) {
    if (!one.is_object()) return fields.bad("findings", "has something else than objects");
    const format::Fields its(one, std::string(kScrubFile));
    ScrubFinding finding;
    finding.piece = TRY(its.id<PieceId>("piece"));
    finding.account = TRY(its.id<AccountId>("account"));
    finding.found_unix_s = TRY(its.time("found"));
    finding.reason = TRY(its.text("reason", kReasonBytesMax));
    kept.status.findings.push_back(std::move(finding));
  }
  return kept;
}

}  // namespace

net::Awaitable<void> Scrub::begin() {
  const Parts& parts = host_.parts();
  const auto read = [&]() -> Result<std::optional<Kept>> {
    const std::optional<format::Json> state = TRY(serve::read_state(directory_, kScrubFile));
    if (!state) return std::nullopt;
    return TRY(kept_from(*state));
  };
  Result<std::optional<Kept>> kept = co_await parts.workers.run(read);
  ScrubReport& status = host_.scrub_report();
  if (!kept) parts.log.write(LogLevel::error, "scrub-file", {{"reason", kept.error().what}});  // begins anew
  if (kept && *kept) {
    status = std::move((*kept)->status);
    cursor_ = (*kept)->cursor;
    // The Bridges may not have heard of them before this start; saying it twice does no harm.
    for (const ScrubFinding& finding : status.findings) report_lost(finding);
  } else {
    status.pass.began_unix_s = parts.clock.unix_s();
  }
  written_at_ms_ = parts.clock.steady_ms();
}

plan::ScrubPass Scrub::pass() const {
  const ScrubOptions& options = host_.options().scrub;
  return {.began_local_s = sys::local_s(host_.scrub_report().pass.began_unix_s),
          .period_s = std::max<std::int64_t>(options.period_s, 1),
          .hours = options.hours};
}

/// A thousandth of a short period, so that it is kept too.
milliseconds Scrub::pause() const {
  return milliseconds(std::clamp<std::int64_t>(host_.options().scrub.period_s, 20, kScrubPauseMsMax));
}

net::Awaitable<milliseconds> Scrub::step() {
  const Parts& parts = host_.parts();
  ScrubReport& status = host_.scrub_report();
  status.is_on = host_.options().scrub.period_s > 0;
  if (!status.is_on) co_return milliseconds(1000);  // until the options change
  if (parts.clock.steady_ms() - written_at_ms_ >= kWriteScrubEveryMs) co_await write();

  const std::int64_t now_s = parts.clock.unix_s();
  const std::int64_t local_now_s = sys::local_s(now_s);
  const std::uint64_t position = cursor_ ? position_of(*cursor_) : 0;
  if (status.pass.began_unix_s > now_s)  // the clock was set back
    status.pass.began_unix_s = now_s - (local_now_s - pass().began_for(position, local_now_s));
  const std::uint64_t due = pass().due(local_now_s);
  status.done_permille = position * 1000 / plan::kScrubWhole;
  status.due_permille = due * 1000 / plan::kScrubWhole;
  if (!pass().may_read(local_now_s)) co_return pause();
  if (parts.workers.queued() > 0 && yielded_ms_ < kScrubYieldMsMax) {  // requests first
    yielded_ms_ += kYieldMs;
    co_return milliseconds(kYieldMs);
  }

  const auto find = [&] { return parts.store.next_key(cursor_); };
  const Result<std::optional<store::Key>> next = co_await parts.workers.run(find);
  if (!next) co_return pause();  // the store has reported it
  if (!*next) {
    if (due < plan::kScrubWhole) co_return pause();
    co_await end_pass(now_s);
    co_return pause();
  }
  if (position_of(**next) >= due) co_return pause();
  yielded_ms_ = 0;
  co_return co_await check(**next);
}

net::Awaitable<milliseconds> Scrub::check(store::Key key) {
  const Parts& parts = host_.parts();
  ScrubReport& status = host_.scrub_report();
  const std::int64_t began_ms = parts.clock.steady_ms();
  const auto job = [&] { return parts.store.check_stored(key, scratch_); };
  const Result<store::CheckedPiece> checked = co_await parts.workers.run(job);
  cursor_ = key;
  Counters& counters = host_.counters();
  if (!checked) {
    ++status.pass.unreadable;
    parts.log.write(
        LogLevel::error, "unreadable",
        {{"piece", key.piece.hex()}, {"account", key.account.hex()}, {"reason", checked.error().what}});
    co_return pause();
  }
  if (checked->state != store::CheckedPiece::State::gone) {
    ++status.pass.pieces;
    status.pass.bytes += checked->read_bytes;
    ++counters.scrubbed_pieces;
    counters.scrubbed_bytes += checked->read_bytes;
  }
  if (checked->state == store::CheckedPiece::State::damaged) {
    ++status.pass.damaged;
    ++counters.scrub_damaged;
    if (status.findings.size() >= kScrubFindingsMax) status.findings.erase(status.findings.begin());
    std::string reason = checked->reason.substr(0, kReasonBytesMax);
    if (!format::is_utf8(reason)) reason = "damaged";
    status.findings.push_back({key.piece, key.account, parts.clock.unix_s(), std::move(reason)});
    report_lost(status.findings.back());
    parts.log.write(
        LogLevel::error, "damaged",
        {{"piece", key.piece.hex()}, {"account", key.account.hex()}, {"reason", checked->reason}});
    co_await write();
  }
  const std::int64_t took_ms = parts.clock.steady_ms() - began_ms;
  co_return milliseconds(
      plan::scrub_wait_ms(checked->read_bytes, took_ms, host_.options().scrub.bytes_per_s_max));
}

void Scrub::report_lost(const ScrubFinding& finding) {
  const PieceReport report{.piece = finding.piece,
                           .account = finding.account,
                           .kind = format::ReportKind::lost,
                           .found_unix_s = finding.found_unix_s};
  host_.reports().add(report, host_.vouched().bridges_of(finding.account));
}

net::Awaitable<void> Scrub::end_pass(std::int64_t now_s) {
  ScrubReport& status = host_.scrub_report();
  const std::int64_t local_now_s = sys::local_s(now_s);
  const std::int64_t next_s = now_s - (local_now_s - pass().next_began_local_s(local_now_s));
  host_.parts().log.write(LogLevel::info, "scrubbed",
                          {{"pieces", std::to_string(status.pass.pieces)},
                           {"bytes", std::to_string(status.pass.bytes)},
                           {"damaged", std::to_string(status.pass.damaged)},
                           {"unreadable", std::to_string(status.pass.unreadable)}});
  ++status.passes;
  status.last_ended_unix_s = now_s;
  status.last = status.pass;
  status.pass = {};
  status.pass.began_unix_s = next_s;
  cursor_.reset();
  co_await write();
}

net::Awaitable<void> Scrub::write() {
  written_at_ms_ = host_.parts().clock.steady_ms();
  format::Json json = json_of(host_.scrub_report(), cursor_);
  if (json == written_) co_return;  // a disk that has nothing to do may sleep
  const auto job = [&] { return serve::write_state(directory_, kScrubFile, json); };
  const Result<void> done = co_await host_.parts().workers.run(job);
  if (done)
    written_ = std::move(json);
  else
    host_.parts().log.write(LogLevel::error, "scrub-file", {{"reason", done.error().what}});
}

net::Awaitable<void> run_scrub(Host& host, sys::Directory& directory) {
  while (host.parts().store.stats().rebuilding) co_await net::sleep_for(milliseconds(200));
  Scrub scrub(host, directory);
  co_await scrub.begin();
  for (;;) {
    const milliseconds wait = co_await scrub.step();
    co_await net::sleep_for(wait);
  }
}

}  // namespace inxt::host
