// SPDX-License-Identifier: LGPL-3.0-or-later
// /v1/logs and /v1/objects: an owner's log, which only grows, and the records that its entries name.
#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "bridge/asking.h"
#include "bridge/log_limits.h"
#include "bridge/log_rights.h"
#include "bridge/log_rows.h"
#include "bridge/request_parts.h"
#include "bridge/routes.h"

namespace inxt::bridge {
namespace {

using database::Repeat;
using database::Transaction;
using format::Ability;

std::string head_json(const format::LogHead& head) {
  return fmt::format(R"("seq":{},"head":"{}")", head.seq, to_hex(head.hash));
}

Refusal head_differs(const format::LogHead& head) {
  Refusal refusal(409, Error{Code::integrity,
                             fmt::format("the log ends at entry {}: the entries do not follow it", head.seq),
                             "read what is new, and sign anew behind it"});
  refusal.members = "," + head_json(head);
  return refusal;
}

std::expected<Authority, Refusal> may_append(Exchange& exchange) {
  auto authority = authority_of(exchange, exchange.bridge().id());
  if (authority && exchange.request().body_bytes_left() > kAppendBytesMax)
    return refuse(413, Code::usage,
                  fmt::format("the body is longer than {} bytes (append_bytes_max)", kAppendBytesMax));
  return authority;
}

net::Awaitable<Outcome> append_log(Exchange& exchange, PathValues values) {
  const Parts& parts = exchange.parts();
  CO_TRY(const auto log, id_in_path<format::LogId>(values[0], "log id"));
  std::expected<Authority, Refusal> allowed = may_append(exchange);
  if (!allowed) {
    co_await discard_body(exchange, 2 * kAppendBytesMax);
    co_return std::unexpected(std::move(allowed).error());
  }
  const Authority& authority = *allowed;
  // The body, and the database's copy of its lines.
  const std::uint64_t length = exchange.request().body_bytes_left();
  CO_TRY(const auto room, exchange.bridge().memory().room(2 * length, exchange.counted_as()));
  CO_TRY(const Bytes body, co_await exchange.request().read_all(kAppendBytesMax));

  const auto read = [&] { return read_append(text_of(body), log); };
  CO_TRY(const LogAppend append, co_await parts.workers.run(read));
  CO_CHECK(check_append(authority, append));

  const std::int64_t now_s = exchange.now_s();
  const auto work = [&](Transaction& transaction) -> Result<std::variant<Appended, HeadDiffers>> {
    TRY(check_not_revoked(transaction, authority));
    return append_to_log(transaction, authority, log, append, now_s);
  };
  const auto write = [&] { return parts.database.write(Repeat::idempotent, work); };
  auto done = co_await parts.workers.run(write);
  if (!done) co_return std::unexpected(from_transaction(std::move(done).error()));
  if (const auto* differs = std::get_if<HeadDiffers>(&*done))
    co_return std::unexpected(head_differs(differs->head));
  const Appended& appended = std::get<Appended>(*done);
  const bool is_new = appended.entries > 0 || appended.records > 0;
  co_await exchange.reply_json(is_new ? 201 : 200,
                               fmt::format(R"({{{},"entries":{},"records":{}}})", head_json(appended.head),
                                           appended.entries, appended.records));
  co_return Outcome{};
}

/// What was read for a peer counts while it is being sent.
net::Awaitable<Outcome> reply_held(Exchange& exchange, std::string_view type, std::string body,
                                   std::vector<net::Header> more) {
  CO_TRY(const auto room, exchange.bridge().memory().room(body.size(), exchange.counted_as()));
  co_await exchange.reply(200, type, view_of(body), std::move(more));
  co_return Outcome{};
}

net::Awaitable<Outcome> get_log(Exchange& exchange, PathValues values) {
  const Parts& parts = exchange.parts();
  CO_TRY(const auto log, id_in_path<format::LogId>(values[0], "log id"));
  CO_TRY(const Authority authority, authority_of(exchange, exchange.bridge().id(), Ability::list));
  const std::string_view query = exchange.request().query();
  CO_TRY(const std::uint64_t after, number_in_query(query, "after", 0, 0, kLogSeqMax));
  CO_TRY(const std::uint64_t limit, number_in_query(query, "limit", kLogPageLinesMax, 1, kLogPageLinesMax));

  const LogName name{.owner = authority.owner(), .log = log};
  const auto work = [&](Transaction& transaction) -> Result<std::optional<LogPage>> {
    TRY(check_not_revoked(transaction, authority));
    return page_of_log(transaction, name, after, limit);
  };
  const auto read = [&] { return parts.database.read(work); };
  auto page = co_await parts.workers.run(read);
  if (!page) co_return std::unexpected(from_transaction(std::move(page).error()));
  if (!*page) co_return refuse(404, Code::not_found, "there is no such log");
  std::vector<net::Header> headers;
  headers.emplace_back("Inxt-Log-Seq", std::to_string((*page)->head.seq));
  headers.emplace_back("Inxt-Log-Head", to_hex((*page)->head.hash));
  co_return co_await reply_held(exchange, "application/jsonl", std::move((*page)->lines), std::move(headers));
}

net::Awaitable<Outcome> list_objects(Exchange& exchange, PathValues values) {
  const Parts& parts = exchange.parts();
  CO_TRY(const auto log, id_in_path<format::LogId>(values[0], "log id"));
  CO_TRY(const Authority authority, authority_of(exchange, exchange.bridge().id(), Ability::list));
  const std::string_view query = exchange.request().query();
  CO_TRY(const auto after, id_after<format::RecordId>(query));
  CO_TRY(const std::uint64_t limit, number_in_query(query, "limit", kLogPageLinesMax, 1, kLogPageLinesMax));

  const LogName name{.owner = authority.owner(), .log = log};
  const auto work = [&](Transaction& transaction) -> Result<std::optional<std::vector<RecordInfo>>> {
    TRY(check_not_revoked(transaction, authority));
    return list_records(transaction, name, after, limit);
  };
  const auto read = [&] { return parts.database.read(work); };
  auto records = co_await parts.workers.run(read);
  if (!records) co_return std::unexpected(from_transaction(std::move(records).error()));
  if (!*records) co_return refuse(404, Code::not_found, "there is no such log");
  std::string lines;
  for (const RecordInfo& info : **records) {
    lines += fmt::format(R"({{"record":"{}")", info.record.hex());
    if (info.object) lines += fmt::format(R"(,"object":"{}")", info.object->hex());
    lines += fmt::format(R"(,"bytes":{},"added":{}}})", info.bytes, info.added_unix_s) + '\n';
  }
  co_return co_await reply_held(exchange, "application/jsonl", std::move(lines), {});
}

/// Whether the chain may do this at all, with whatever it is limited to: a record's own object is known only
/// when it has been found.
Result<void> may(const Authority& authority, Ability ability) {
  return authority.allow(ability, authority.chain().last().object);
}

Result<StoredRecord> found_for(Transaction& transaction, const Authority& authority, const LogName& name,
                               const format::RecordId& id, Ability ability) {
  TRY(check_not_revoked(transaction, authority));
  auto record = TRY(find_record(transaction, name, id));
  if (!record) return fail(Code::not_found, "there is no such record");
  TRY(authority.allow(ability, record->object));
  return *std::move(record);
}

net::Awaitable<Outcome> get_object(Exchange& exchange, PathValues values) {
  const Parts& parts = exchange.parts();
  CO_TRY(const auto log, id_in_path<format::LogId>(values[0], "log id"));
  CO_TRY(const auto id, id_in_path<format::RecordId>(values[1], "record id"));
  CO_TRY(const Authority authority, authority_of(exchange, exchange.bridge().id()));
  CO_CHECK(may(authority, Ability::read));
  const LogName name{.owner = authority.owner(), .log = log};
  const auto work = [&](Transaction& transaction) {
    return found_for(transaction, authority, name, id, Ability::read);
  };
  const auto read = [&] { return parts.database.read(work); };
  auto record = co_await parts.workers.run(read);
  if (!record) co_return std::unexpected(from_transaction(std::move(record).error()));
  record->line += '\n';
  co_return co_await reply_held(exchange, "application/json", std::move(record->line), {});
}

net::Awaitable<Outcome> remove_object(Exchange& exchange, PathValues values) {
  const Parts& parts = exchange.parts();
  CO_TRY(const auto log, id_in_path<format::LogId>(values[0], "log id"));
  CO_TRY(const auto id, id_in_path<format::RecordId>(values[1], "record id"));
  CO_TRY(const Authority authority, authority_of(exchange, exchange.bridge().id()));
  CO_CHECK(may(authority, Ability::delete_));
  const LogName name{.owner = authority.owner(), .log = log};
  const auto work = [&](Transaction& transaction) -> Result<bool> {
    TRY(found_for(transaction, authority, name, id, Ability::delete_));
    return remove_record(transaction, name, id);
  };
  // Doing it twice says at worst that there is nothing any more.
  const auto write = [&] { return parts.database.write(Repeat::idempotent, work); };
  auto removed = co_await parts.workers.run(write);
  if (!removed) co_return std::unexpected(from_transaction(std::move(removed).error()));
  co_await exchange.reply_json(200, R"({"deleted":true})");
  co_return Outcome{};
}

}  // namespace

std::span<const RouteRule> log_routes() {
  using net::Method;
  static constexpr std::array kRules{
      RouteRule{Method::get, "/v1/logs/*", "log", get_log},
      RouteRule{Method::post, "/v1/logs/*", "log_append", append_log},
      RouteRule{Method::get, "/v1/objects/*", "objects", list_objects},
      RouteRule{Method::get, "/v1/objects/*/*", "object", get_object},
      RouteRule{Method::delete_, "/v1/objects/*/*", "object_remove", remove_object},
  };
  return kRules;
}

}  // namespace inxt::bridge
