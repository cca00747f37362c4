// SPDX-License-Identifier: LGPL-3.0-or-later
#include "serve/service.h"

#include "serve/journal_log.h"
#include "serve/watchdog.h"
#include "sys/files.h"

namespace inxt::serve {

LogLevel log_level(bool quiet, int verbose) {
  return verbose >= 1 ? LogLevel::debug : quiet ? LogLevel::error : LogLevel::info;
}

Log open_log(const sys::Clock& clock, LogLevel level, const std::string& identifier,
             const std::function<void(const std::string&)>& warn) {
  const Log::Sink lines = [](std::string_view line) {
    (void)sys::write_all(sys::kStandardError, view_of(line), "log");
  };
  if (sys::standard_error_is_journal()) {
    if (auto journal = sys::Journal::open())
      return Log::of_records(clock, level, journal_sink(*std::move(journal), identifier, lines));
    else
      warn(journal.error().what);
  }
  return Log(clock, level, lines);
}

void tell(Log& log, std::string_view state) {
  if (const auto told = sys::notify_service_manager(state); !told)
    log.write(LogLevel::error, "not-told", {{"reason", told.error().what}});
}

net::Awaitable<void> run_status_text(Log& log, std::function<std::string()> text) {
  std::string last;
  for (int same = 0;; ++same) {
    std::string now = text();
    if (now != last || same * kStatusMs >= kStatusAgainMs) {
      tell(log, sys::status_state(now));
      same = 0;
    }
    last = std::move(now);
    co_await net::sleep_for(std::chrono::milliseconds(kStatusMs));
  }
}

void start_watchdog(Background& background, net::WorkerPool& workers, Log& log) {
  const Result<std::optional<std::uint64_t>> interval_us = sys::watchdog_us();
  if (!interval_us) log.write(LogLevel::error, "no-watchdog", {{"reason", interval_us.error().what}});
  if (!interval_us || !*interval_us) return;
  background.start(
      run_watchdog(workers, std::chrono::microseconds(**interval_us), [&log] { tell(log, "WATCHDOG=1"); }));
}

}  // namespace inxt::serve
