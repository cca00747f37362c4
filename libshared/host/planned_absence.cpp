// SPDX-License-Identifier: LGPL-3.0-or-later
#include "host/planned_absence.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "host/bridges.h"
#include "serve/state_file.h"

namespace inxt::host {
namespace {

using net::Awaitable;

Result<std::int64_t> load_time(sys::Directory& directory, std::string_view file, const char* key) {
  const std::optional<format::Json> state = TRY(serve::read_state(directory, file));
  if (!state) return 0;
  return format::Fields(*state, std::string(file)).time(key);
}

/// 0: off.
Result<std::int64_t> asked_time(std::string_view body, const char* key, std::int64_t now_unix_s) {
  while (body.ends_with('\n')) body.remove_suffix(1);
  const format::Json asked = TRY(format::parse_object(body));
  const format::Fields fields(asked, "the command");
  if (fields.has("off") && TRY(fields.boolean("off"))) return 0;
  const std::int64_t time_unix_s = TRY(fields.time(key));
  if (time_unix_s <= now_unix_s) return fail(Code::usage, "the time is past already");
  if (time_unix_s > now_unix_s + kAbsenceSMax)
    return fail(Code::usage,
                fmt::format("the time is more than {} days from now (kAbsenceSMax)", kAbsenceSMax / 86400));
  return time_unix_s;
}

Awaitable<Result<void>> keep(Host& host, sys::Directory& directory, std::string_view file, const char* key,
                             std::int64_t time_unix_s) {
  format::Json json;
  json[key] = time_unix_s;
  json["since"] = host.parts().clock.unix_s();
  const auto job = [&] {
    return time_unix_s != 0 ? serve::write_state(directory, file, json)
                            : serve::remove_state(directory, file);
  };
  co_return co_await host.parts().workers.run(job);
}

}  // namespace

Result<void> load_absence(Host& host, sys::Directory& directory) {
  PlannedAbsence absence;
  const Result<std::int64_t> retiring = load_time(directory, kRetireFile, "by");
  const Result<std::int64_t> away = load_time(directory, kPauseFile, "until");
  // Somebody has asked for it: with a damaged file it takes nothing new until the command is given again.
  absence.retiring_unix_s = retiring ? *retiring : host.parts().clock.unix_s() + kAbsenceSMax;
  if (away) absence.away_until_unix_s = *away;
  host.set_absence(absence);
  if (!retiring) return std::unexpected(retiring.error());
  if (!away) return std::unexpected(away.error());
  return {};
}

Awaitable<Result<std::string>> command_retire(Host& host, sys::Directory& directory, Bridges& bridges,
                                              std::string body) {
  CO_TRY(const std::int64_t by, asked_time(body, "by", host.parts().clock.unix_s()));
  CO_CHECK(co_await keep(host, directory, kRetireFile, "by", by));
  PlannedAbsence absence = host.planned_absence();
  absence.retiring_unix_s = by;
  host.set_absence(absence);
  host.parts().log.write(LogLevel::info, "retire", {{"by", std::to_string(by)}});
  bridges.tell_soon();
  format::Json answer;
  if (by != 0) answer["retiring"] = by;
  answer["pieces"] = host.parts().store.stats().pieces;
  co_return format::write_compact(answer);
}

Awaitable<Result<std::string>> command_pause(Host& host, sys::Directory& directory, Bridges& bridges,
                                             std::string body) {
  CO_TRY(const std::int64_t until, asked_time(body, "until", host.parts().clock.unix_s()));
  CO_CHECK(co_await keep(host, directory, kPauseFile, "until", until));
  PlannedAbsence absence = host.planned_absence();
  absence.away_until_unix_s = until;
  host.set_absence(absence);
  host.parts().log.write(LogLevel::info, "pause", {{"until", std::to_string(until)}});
  bridges.tell_soon();
  format::Json answer = format::Json::object();
  if (until != 0) answer["away_until"] = until;
  co_return format::write_compact(answer);
}

}  // namespace inxt::host
