// SPDX-License-Identifier: LGPL-3.0-or-later
#include "host/reaper.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "host/letting_go.h"
#include "serve/state_file.h"
#include "sys/running_time.h"

namespace inxt::host {

namespace {

struct Written {
  plan::TrustedTime time;
  std::string boot_id;
};

Result<std::optional<Written>> read_written(sys::Directory& directory) {
  const std::optional<format::Json> state = TRY(serve::read_state(directory, kClockFile));
  if (!state) return std::nullopt;
  const format::Fields fields(*state, std::string(kClockFile));
  Written written;
  written.time.unix_s = TRY(fields.time("trusted"));
  written.time.wall_unix_s = TRY(fields.time("wall"));
  written.time.running_ms = static_cast<std::int64_t>(TRY(fields.integer("running_ms")));
  written.time.agreed_s = static_cast<std::int64_t>(TRY(fields.integer("agreed_s")));
  written.time.unproved_s = static_cast<std::int64_t>(TRY(fields.integer("unproved_s")));
  written.boot_id = TRY(fields.text("boot", 64));
  return written;
}

format::Json json_of(const Written& written) {
  format::Json json;
  json["trusted"] = written.time.unix_s;
  json["wall"] = written.time.wall_unix_s;
  json["running_ms"] = written.time.running_ms;
  json["agreed_s"] = written.time.agreed_s;
  json["unproved_s"] = written.time.unproved_s;
  json["boot"] = written.boot_id;
  return json;
}

struct Reaped {
  std::vector<store::Key> keys;
  std::vector<std::pair<store::Key, Error>> kept;
};

Reaped reap_batch(Host& host, std::span<const store::Key> keys, std::int64_t before_s) {
  Reaped reaped;
  const std::vector<Result<void>> removed = remove_ended(host, keys, before_s);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (removed[i])
      reaped.keys.push_back(keys[i]);
    else
      reaped.kept.emplace_back(keys[i], removed[i].error());
  }
  return reaped;
}

}  // namespace

Reaper::Reaper(Host& host, sys::Directory& directory, ReadClocks read_clocks)
    : host_(host), directory_(directory), read_clocks_(std::move(read_clocks)) {}

net::Awaitable<void> Reaper::begin() {
  const Parts& parts = host_.parts();
  const auto read = [&]() -> Result<std::optional<Written>> {
    boot_id_ = directory_.boot_id().value_or("");  // none while the store moves
    return read_written(directory_);
  };
  Result<std::optional<Written>> written = co_await parts.workers.run(read);
  const plan::ClockReading now = read_clocks_();
  if (written && *written) {
    clock_.emplace((*written)->time, !boot_id_.empty() && (*written)->boot_id == boot_id_, now);
  } else {
    if (!written) parts.log.write(LogLevel::error, "clock-file", {{"reason", written.error().what}});
    const store::Stats stats = parts.store.stats();
    clock_.emplace(written.has_value() && stats.used_bytes == 0, now);
  }
  show();
  if (!clock_->unix_s() || clock_->gap_s() > plan::kDriftSMax)
    parts.log.write(LogLevel::error, "clock-doubtful",
                    {{"gap_s", std::to_string(clock_->gap_s())},
                     {"believed_after_s", std::to_string(clock_->needed_s() - clock_->agreed_s())}});
}

void Reaper::show() {
  host_.clock_report() = {.trusted_unix_s = clock_->unix_s(),
                          .gap_s = clock_->gap_s(),
                          .agreed_s = clock_->agreed_s(),
                          .needed_s = clock_->needed_s()};
}

net::Awaitable<void> Reaper::look() {
  const plan::ClockReading now = read_clocks_();
  const plan::ClockEvent event = clock_->observe(now);
  show();
  const char* name = nullptr;
  switch (event) {
    case plan::ClockEvent::none:
      break;
    case plan::ClockEvent::jumped_ahead:
      name = "clock-jumped-ahead";
      break;
    case plan::ClockEvent::jumped_back:
      name = "clock-jumped-back";
      break;
    case plan::ClockEvent::believed:
      name = "clock-believed";
      break;
  }
  if (name != nullptr)
    host_.parts().log.write(event == plan::ClockEvent::believed ? LogLevel::info : LogLevel::error, name,
                            {{"wall", std::to_string(now.wall_unix_s)},
                             {"trusted", std::to_string(clock_->unix_s().value_or(0))},
                             {"believed_after_s", std::to_string(std::max<std::int64_t>(
                                                      clock_->needed_s() - clock_->agreed_s(), 0))}});
  if (name != nullptr || !written_at_s_ || now.running_ms / 1000 - *written_at_s_ >= kWriteClockEveryS)
    co_await write();
}

net::Awaitable<void> Reaper::write() {
  const std::optional<plan::TrustedTime> time = clock_->written();
  if (!time) co_return;
  written_at_s_ = time->running_ms / 1000;
  const format::Json json = json_of({*time, boot_id_});
  const auto job = [&] { return serve::write_state(directory_, kClockFile, json); };
  const Result<void> done = co_await host_.parts().workers.run(job);
  // On a full disk the file stays as it was: older, which is safe.
  if (!done) host_.parts().log.write(LogLevel::error, "clock-file", {{"reason", done.error().what}});
}

net::Awaitable<std::uint64_t> Reaper::reap() {
  const Parts& parts = host_.parts();
  const std::optional<std::int64_t> now_s = clock_->unix_s();
  if (!now_s) co_return 0;
  const std::int64_t before_s = *now_s - host_.options().grace_s;
  const auto list = [&] { return parts.store.ended(before_s, kReapMax); };
  const Result<std::vector<store::Key>> ended = co_await parts.workers.run(list);
  if (!ended) co_return 0;  // the pool is busy

  std::uint64_t count = 0, kept = 0;
  for (std::size_t done = 0; done < ended->size(); done += kReapBatch) {  // in turns with requests
    const auto part = std::span(*ended).subspan(done, std::min(kReapBatch, ended->size() - done));
    const std::uint64_t used_before = parts.store.stats().used_bytes;
    const auto job = [&] { return reap_batch(host_, part, before_s); };
    const Result<Reaped> reaped = co_await parts.workers.run(job);
    if (!reaped) break;
    const std::uint64_t used_after = parts.store.stats().used_bytes;
    for (const store::Key& key : reaped->keys)
      parts.log.write(LogLevel::info, "reaped", {{"piece", key.piece.hex()}, {"account", key.account.hex()}});
    for (const auto& [key, error] : reaped->kept) {
      if (error.code == Code::not_found || error.code == Code::try_again)
        continue;  // renewed, removed, in use
      ++kept;
      parts.log.write(LogLevel::error, "not-reaped",
                      {{"piece", key.piece.hex()}, {"account", key.account.hex()}, {"reason", error.what}});
    }
    count += reaped->keys.size();
    host_.counters().reaped_pieces += reaped->keys.size();
    host_.counters().reaped_bytes += used_before > used_after ? used_before - used_after : 0;
    if (kept > kReapBatch) break;  // the disk refuses: not a line for each of thousands
  }

  const std::int64_t quarantined_before_s = *now_s - std::int64_t{store::kQuarantineDaysMax} * 86400;
  const auto empty = [&] { return parts.store.empty_quarantine(quarantined_before_s); };
  const Result<std::size_t> emptied = co_await parts.workers.run(empty);
  if (emptied && *emptied > 0)
    parts.log.write(LogLevel::info, "quarantine-emptied", {{"pieces", std::to_string(*emptied)}});
  co_return count;
}

plan::ClockReading read_system_clocks(const sys::Clock& clock) {
  return {clock.unix_s(), sys::running_ms(), sys::is_clock_kept_right()};
}

net::Awaitable<void> run_reaper(Host& host, sys::Directory& directory) {
  const sys::Clock& clock = host.parts().clock;
  while (host.parts().store.stats().rebuilding) co_await net::sleep_for(std::chrono::milliseconds(200));
  Reaper reaper(host, directory, [&clock] { return read_system_clocks(clock); });
  co_await reaper.begin();
  std::int64_t reaped_at_ms = 0;
  for (bool is_first = true;; is_first = false) {
    co_await reaper.look();
    const std::int64_t pause_s = std::clamp<std::int64_t>(host.options().grace_s / 4, 1, kReapEveryS);
    const std::int64_t now_ms = clock.steady_ms();
    if (is_first || now_ms - reaped_at_ms >= pause_s * 1000) {
      reaped_at_ms = now_ms;
      co_await reaper.reap();
    }
    co_await net::sleep_for(std::chrono::seconds(std::min(pause_s, kLookAtClocksEveryS)));
  }
}

}  // namespace inxt::host
