// SPDX-License-Identifier: LGPL-3.0-or-later
// /v1/care: files whose pieces the Bridge repairs.
#include <fmt/format.h>

#include <array>

#include "bridge/asking.h"
#include "bridge/care_limits.h"
#include "bridge/care_rows.h"
#include "bridge/request_parts.h"
#include "bridge/routes.h"
#include "format/lease.h"

namespace inxt::bridge {
namespace {

using database::Repeat;
using database::Transaction;
using format::Ability;

Refusal not_in_care() {
  return Refusal(404, Error{Code::not_found, "no such file is in care", ""});
}

net::Awaitable<Outcome> put_key(Exchange& exchange, PathValues) {
  const Parts& parts = exchange.parts();
  CO_TRY(const Authority authority, authority_of(exchange, exchange.bridge().id(), Ability::create));
  if (exchange.request().body_bytes_left() > format::kCareKeyBytesMax)
    co_return refuse(
        413, Code::usage,
        fmt::format("the body has more than {} bytes (kCareKeyBytesMax)", format::kCareKeyBytesMax));
  CO_TRY(Bytes body, co_await exchange.request().read_all(format::kCareKeyBytesMax));
  Result<format::CareKey> key = format::read_care_key(text_of(body));
  crypto::wipe(body);
  if (!key) co_return std::unexpected(Refusal(400, std::move(key).error()));
  const keys::UploaderKeys caretaker(key->uploader, key->uploader_key.clone());
  const AccountId id = caretaker_id(caretaker, exchange.bridge().id());
  const Bytes sealed = CareSeal(parts.key).seal(parts.random, id.view(), key->uploader_key.view());
  const std::int64_t now_s = exchange.now_s();
  const auto work = [&](Transaction& transaction) -> Result<void> {
    TRY(check_not_revoked(transaction, authority));
    return put_care_key(transaction, authority.owner(), id, key->uploader, sealed, now_s);
  };
  const auto write = [&] { return parts.database.write(Repeat::idempotent, work); };
  auto done = co_await parts.workers.run(write);
  if (!done) co_return std::unexpected(from_transaction(std::move(done).error()));
  co_await exchange.reply_json(200, format::write_caretaker(id));
  co_return Outcome{};
}

net::Awaitable<Outcome> remove_key(Exchange& exchange, PathValues values) {
  const Parts& parts = exchange.parts();
  CO_TRY(const auto id, id_in_path<AccountId>(values[0], "caretaker's id"));
  CO_TRY(const Authority authority, authority_of(exchange, exchange.bridge().id(), Ability::delete_));
  const auto work = [&](Transaction& transaction) -> Result<bool> {
    TRY(check_not_revoked(transaction, authority));
    return remove_care_key(transaction, authority.owner(), id);
  };
  const auto write = [&] { return parts.database.write(Repeat::idempotent, work); };
  auto removed = co_await parts.workers.run(write);
  if (!removed) co_return std::unexpected(from_transaction(std::move(removed).error()));
  if (!*removed) co_return refuse(404, Code::not_found, "the Bridge has no key of this caretaker");
  co_await exchange.reply_json(200, R"({"deleted":true})");
  co_return Outcome{};
}

/// That the Bridge can read where the request lets it: what the Hosts would refuse is refused here.
Result<CareReadingEnds> open_readings(const format::CareRequest& request, const crypto::PublicKey& bridge,
                                      std::int64_t now_s) {
  CareReadingEnds ends;
  ends.reserve(request.readings.size());
  for (std::size_t i = 0; i < request.readings.size(); ++i) {
    const format::CareReading& reading = request.readings[i];
    const std::string where = fmt::format("line {}: capability", i + 2);
    const auto capability = TRY_IN(where, format::open_leasing_capability(reading.capability, now_s));
    if (capability.account != reading.account || capability.host != reading.host ||
        capability.bridge != bridge)
      return fail(Code::denied,
                  where + ": it is of another account, for another Host, or for another Bridge");
    ends.push_back(capability.expires_unix_s);
  }
  return ends;
}

std::expected<Authority, Refusal> may_entrust(Exchange& exchange) {
  auto authority = authority_of(exchange, exchange.bridge().id(), Ability::create);
  if (authority && exchange.request().body_bytes_left() > format::kCareBodyBytesMax)
    return refuse(
        413, Code::usage,
        fmt::format("the body is longer than {} bytes (kCareBodyBytesMax)", format::kCareBodyBytesMax));
  return authority;
}

net::Awaitable<Outcome> post_care(Exchange& exchange, PathValues) {
  const Parts& parts = exchange.parts();
  std::expected<Authority, Refusal> allowed = may_entrust(exchange);
  if (!allowed) {
    co_await discard_body(exchange, 2 * format::kCareBodyBytesMax);
    co_return std::unexpected(std::move(allowed).error());
  }
  const Authority& authority = *allowed;
  // The body, what is read from it, and the database's copy.
  const std::uint64_t length = exchange.request().body_bytes_left();
  CO_TRY(const auto room, exchange.bridge().memory().room(3 * length, exchange.counted_as()));
  CO_TRY(const Bytes body, co_await exchange.request().read_all(format::kCareBodyBytesMax));
  const std::int64_t now_s = exchange.now_s();
  const crypto::PublicKey bridge = exchange.bridge().id();
  const auto read = [&] { return format::read_care_request(text_of(body)); };
  Result<format::CareRequest> request = co_await parts.workers.run(read);
  if (!request) co_return std::unexpected(Refusal(400, std::move(request).error()));
  const auto open = [&] { return open_readings(*request, bridge, now_s); };
  CO_TRY(const CareReadingEnds ends, co_await parts.workers.run(open));

  const auto work = [&](Transaction& transaction) -> Result<format::CareTaken> {
    TRY(check_not_revoked(transaction, authority));
    return entrust(transaction, authority, *request, ends, now_s);
  };
  const auto write = [&] { return parts.database.write(Repeat::idempotent, work); };
  auto taken = co_await parts.workers.run(write);
  if (!taken) co_return std::unexpected(from_transaction(std::move(taken).error()));
  co_await exchange.reply_json(200, format::write_care_taken(*taken));
  co_return Outcome{};
}

net::Awaitable<Outcome> list_files(Exchange& exchange, PathValues) {
  const Parts& parts = exchange.parts();
  CO_TRY(const Authority authority, authority_of(exchange, exchange.bridge().id(), Ability::list));
  const std::string_view query = exchange.request().query();
  CO_TRY(const auto after, id_after<FileId>(query));
  CO_TRY(const std::uint64_t limit, number_in_query(query, "limit", kCarePageLinesMax, 1, kCarePageLinesMax));
  const auto work = [&](Transaction& transaction) -> Result<std::vector<format::CareInfo>> {
    TRY(check_not_revoked(transaction, authority));
    return list_care(transaction, authority.owner(), after, limit);
  };
  const auto read = [&] { return parts.database.read(work); };
  auto files = co_await parts.workers.run(read);
  if (!files) co_return std::unexpected(from_transaction(std::move(files).error()));
  std::string lines;
  for (const format::CareInfo& info : *files) lines += format::write_care_info(info);
  co_await exchange.reply(200, "application/jsonl", view_of(lines));
  co_return Outcome{};
}

net::Awaitable<Outcome> list_places(Exchange& exchange, PathValues values) {
  const Parts& parts = exchange.parts();
  CO_TRY(const auto file, id_in_path<FileId>(values[0], "file id"));
  CO_TRY(const Authority authority, authority_of(exchange, exchange.bridge().id(), Ability::read));
  const std::string_view query = exchange.request().query();
  CO_TRY(const std::uint64_t after, number_in_query(query, "after", 0, 0, format::kJsonIntegerMax));
  CO_TRY(const std::uint64_t limit, number_in_query(query, "limit", kCarePageLinesMax, 1, kCarePageLinesMax));
  std::optional<std::uint64_t> segment;
  if (serve::query_value(query, "segment")) {
    CO_TRY(segment, number_in_query(query, "segment", 0, 0, format::kSegmentsMax - 1));
  }
  const auto work = [&](Transaction& transaction) -> Result<std::optional<std::vector<format::CarePlace>>> {
    TRY(check_not_revoked(transaction, authority));
    return list_care_places(transaction, authority.owner(), file, static_cast<std::int64_t>(after), segment,
                            limit);
  };
  const auto read = [&] { return parts.database.read(work); };
  auto places = co_await parts.workers.run(read);
  if (!places) co_return std::unexpected(from_transaction(std::move(places).error()));
  if (!*places) co_return std::unexpected(not_in_care());
  std::string lines;
  for (const format::CarePlace& place : **places) lines += format::write_care_place(place);
  co_await exchange.reply(200, "application/jsonl", view_of(lines));
  co_return Outcome{};
}

net::Awaitable<Outcome> end_file(Exchange& exchange, PathValues values) {
  const Parts& parts = exchange.parts();
  CO_TRY(const auto file, id_in_path<FileId>(values[0], "file id"));
  CO_TRY(const Authority authority, authority_of(exchange, exchange.bridge().id(), Ability::delete_));
  CO_TRY(const std::uint64_t seen, number_in_query(exchange.request().query(), "seen",
                                                   format::kJsonIntegerMax, 0, format::kJsonIntegerMax));
  const bool is_part = serve::query_value(exchange.request().query(), "first").has_value() ||
                       serve::query_value(exchange.request().query(), "last").has_value();
  constexpr std::uint64_t kLast = format::kSegmentsMax - 1;
  CO_TRY(const std::uint64_t first, number_in_query(exchange.request().query(), "first", 0, 0, kLast));
  CO_TRY(const std::uint64_t last, number_in_query(exchange.request().query(), "last", kLast, first, kLast));
  const std::int64_t now_s = exchange.now_s();
  const auto work = [&](Transaction& transaction) -> Result<CareEnd> {
    TRY(check_not_revoked(transaction, authority));
    if (is_part)
      return end_care_segments(transaction, authority.owner(), file, first, last,
                               static_cast<std::int64_t>(seen));
    return end_care(transaction, authority.owner(), file, static_cast<std::int64_t>(seen), now_s);
  };
  // Doing it twice says at worst that there is nothing any more.
  const auto write = [&] { return parts.database.write(Repeat::idempotent, work); };
  auto ended = co_await parts.workers.run(write);
  if (!ended) co_return std::unexpected(from_transaction(std::move(ended).error()));
  if (*ended == CareEnd::not_in_care) co_return std::unexpected(not_in_care());
  if (*ended == CareEnd::more_places)
    co_return refuse(409, Code::try_again, "pieces of it lie at more places than were seen",
                     "ask for them again");
  co_await exchange.reply_json(200, R"({"deleted":true})");
  co_return Outcome{};
}

net::Awaitable<Outcome> report_piece(Exchange& exchange, PathValues) {
  const Parts& parts = exchange.parts();
  CO_TRY(const Authority authority, authority_of(exchange, exchange.bridge().id(), Ability::read));
  CO_TRY(const std::string body,
         co_await body_of(exchange, format::kCareReportBytesMax, "kCareReportBytesMax"));
  Result<format::CareReport> report = format::read_care_report(body);
  if (!report) co_return std::unexpected(Refusal(400, std::move(report).error()));
  const auto work = [&](Transaction& transaction) -> Result<bool> {
    TRY(check_not_revoked(transaction, authority));
    return add_care_doubt(transaction, authority.owner(), *report);
  };
  const auto write = [&] { return parts.database.write(Repeat::idempotent, work); };
  auto noted = co_await parts.workers.run(write);
  if (!noted) co_return std::unexpected(from_transaction(std::move(noted).error()));
  co_await exchange.reply_json(200, *noted ? R"({"noted":true})" : R"({"noted":false})");
  co_return Outcome{};
}

}  // namespace

std::span<const RouteRule> care_routes() {
  using net::Method;
  static constexpr std::array kRules{
      RouteRule{Method::put, "/v1/care/keys", "care_key", put_key},
      RouteRule{Method::delete_, "/v1/care/keys/*", "care_key", remove_key},
      RouteRule{Method::post, "/v1/care/reports", "care_report", report_piece},
      RouteRule{Method::post, "/v1/care", "care", post_care},
      RouteRule{Method::get, "/v1/care", "care_list", list_files},
      RouteRule{Method::get, "/v1/care/*", "care_places", list_places},
      RouteRule{Method::delete_, "/v1/care/*", "care_end", end_file},
  };
  return kRules;
}

}  // namespace inxt::bridge
