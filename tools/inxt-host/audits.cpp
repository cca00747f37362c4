// SPDX-License-Identifier: AGPL-3.0-or-later
// inxt-host audits: what a store keeps of the audits that its Host has answered; also beside a running Host.
#include <fmt/format.h>
#include <poll.h>

#include <nlohmann/json.hpp>

#include "base/quantity.h"
#include "cli/escape.h"
#include "format/json.h"
#include "host/audit_log.h"
#include "host/record_files.h"
#include "options.h"
#include "serve/show.h"

namespace inxt::tools {

namespace {

constexpr int kFollowMs = 500;

/// "192.0.2.7 1a2b3c4d5e6f..."
Result<std::string> who(const format::Fields& fields) {
  std::string text = serve::printable(TRY(fields.text("address", 256)));
  if (fields.has("key")) text += " " + serve::show_id(TRY(fields.text("key", 64)));
  if (TRY(fields.boolean("known"))) text += " (known)";
  return text;
}

Result<std::string> audit_text(const format::Fields& fields) {
  const auto number = [&](const char* name) -> Result<std::uint32_t> {
    return static_cast<std::uint32_t>(TRY(fields.integer(name, UINT32_MAX)));
  };
  host::AuditEntry entry;
  entry.samples = TRY(number("samples"));
  entry.not_here = TRY(number("not_here"));
  entry.damaged = TRY(number("damaged"));
  entry.unreadable = TRY(number("unreadable"));
  const std::uint32_t released = TRY(number("released"));
  std::string result = host::audit_result(entry);
  if (entry.passed()) result = fmt::format("{} sample{} shown", entry.samples, entry.samples == 1 ? "" : "s");
  if (released > 0) result += fmt::format(", {} released", released);
  const std::string kind = serve::printable(TRY(fields.text("kind", 64)));
  const std::string size = show_size(TRY(fields.integer("answer_bytes")));
  return fmt::format("{}  {}  {}  {}, {} ms", TRY(who(fields)), kind, result, size,
                     TRY(fields.integer("took_ms")));
}

Result<std::string> refused_text(const format::Fields& fields) {
  const std::uint64_t count = TRY(fields.integer("count"));
  const std::string limit = serve::printable(TRY(fields.text("limit", 64)));
  return fmt::format("{}  refused {} time{}: {}", serve::printable(TRY(fields.text("peer", 256))), count,
                     count == 1 ? "" : "s", limit);
}

Result<std::string> text_of_record(const format::Json& json) {
  const format::Fields fields(json, "record");
  const std::string type = TRY(fields.text("type", 64));
  const std::string time = serve::show_time(TRY(fields.time("time")));
  if (type == "audits-refused") return time + "  " + TRY(refused_text(fields));
  TRY(fields.expect("type", "audit-record"));
  return time + "  " + TRY(audit_text(fields));
}

/// False when the stop signal has come.
bool wait_for_more(cli::World& world) {
  pollfd stop{.fd = world.stop().fd(), .events = POLLIN, .revents = 0};
  (void)::poll(&stop, 1, kFollowMs);
  return !world.stop().requested();
}

}  // namespace

Result<cli::Exit> audits(cli::World& world, const HostOptions& options) {
  const std::string folder = TRY(store_now(options));
  if (const auto there = sys::status_of(folder); !there) return std::unexpected(there.error());
  const auto directory = TRY(sys::open_directory(folder));
  std::vector<host::RecordReader> readers;
  for (const std::string_view series : {host::kKnownSeries, host::kOthersSeries})
    readers.emplace_back(*directory, std::string(host::kAuditsFolder), std::string(series));
  const bool is_for_person = !world.common().json && sys::is_terminal(sys::kStandardOutput);
  std::uint64_t damaged = 0;
  const auto show = [&](const std::string& line) -> Result<void> {
    if (world.stop().requested()) return {};
    const auto json = format::parse_object(line, host::kRecordLineBytesMax);
    const auto text = json ? text_of_record(*json) : Result<std::string>(std::unexpected(json.error()));
    if (!text) {
      ++damaged;
      return {};
    }
    return world.print(is_for_person ? *text : line);
  };
  do {
    TRY(host::read_records(readers, show));
  } while (options.follow && wait_for_more(world));
  if (damaged > 0) {
    world.warn(fmt::format("{} lines of {}/audits make no sense", damaged, cli::escape(folder)));
    return cli::Exit::integrity;
  }
  return cli::Exit::ok;
}

}  // namespace inxt::tools
