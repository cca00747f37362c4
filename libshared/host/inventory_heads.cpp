// SPDX-License-Identifier: LGPL-3.0-or-later
// GET /v1/inventory and /v1/inventory/heads: what this Host says that it holds.  Anybody may ask.
#include <fmt/format.h>

#include <charconv>

#include "host/audit_turn.h"
#include "host/inventory.h"
#include "host/run_inventory.h"
#include "serve/query_value.h"

namespace inxt::host {

namespace {

constexpr std::size_t kHeadsPerAnswerMax = 64;
constexpr std::size_t kHeadLineBytes = 600;
constexpr std::size_t kQuestionBytesMin = 1024;  // what an answer costs at least, of the rate of audits

std::expected<std::optional<std::int64_t>, Refusal> number_in(std::string_view query, std::string_view name,
                                                              std::int64_t max) {
  const auto value = serve::query_value(query, name);
  if (!value) return std::nullopt;
  std::int64_t number = 0;
  const char* end = value->data() + value->size();
  const auto [behind, error] = std::from_chars(value->data(), end, number);
  if (error != std::errc{} || behind != end || number < 0 || number > max)
    return refuse(400, Code::usage, fmt::format("{} is a whole number of at most {}", name, max));
  return number;
}

std::unexpected<Refusal> no_head() {
  return refuse(404, Code::not_found, "this Host has no such inventory head");
}

}  // namespace

net::Awaitable<Outcome> get_inventory(Exchange& exchange) {
  const Parts& parts = exchange.parts();
  Inventory* const inventory = exchange.host().inventory();
  if (inventory == nullptr) co_return no_head();
  const std::string_view query = exchange.request().query();
  CO_TRY(const std::optional<std::int64_t> epoch, number_in(query, "epoch", format::kJsonIntegerMax));
  CO_CHECK(charge_audit_rate(exchange, kQuestionBytesMin));
  std::string line;
  if (epoch) {
    const auto read = [&] { return inventory->chain().line_of(*epoch); };
    Result<std::optional<std::string>> found = co_await parts.workers.run(read);
    if (!found) co_return std::unexpected(from_disk(std::move(found).error()));
    if (!*found) co_return no_head();
    line = **found;
  } else {
    if (is_head_due(exchange.host())) co_await inventory->ask_for_head();
    const Inventory::State latest = inventory->latest();
    if (!latest && is_head_due(exchange.host()))
      co_return refuse(503, Code::try_again, "this Host is still making its inventory");
    if (!latest) co_return no_head();
    line = latest->line();
  }
  co_await exchange.reply(200, "application/jsonl", view_of(line));
  co_return Outcome{};
}

net::Awaitable<Outcome> get_inventory_heads(Exchange& exchange) {
  const Parts& parts = exchange.parts();
  Inventory* const inventory = exchange.host().inventory();
  if (inventory == nullptr) co_return no_head();
  const std::string_view query = exchange.request().query();
  CO_TRY(const std::optional<std::int64_t> after, number_in(query, "after", format::kJsonIntegerMax));
  CO_TRY(const std::optional<std::int64_t> limit, number_in(query, "limit", kHeadsPerAnswerMax));
  if (limit && *limit == 0) co_return refuse(400, Code::usage, "limit is at least 1");
  const std::size_t count = limit ? static_cast<std::size_t>(*limit) : kHeadsPerAnswerMax;
  CO_CHECK(charge_audit_rate(exchange, kQuestionBytesMin + count * kHeadLineBytes));
  CO_TRY(const auto room, exchange.host().buffers().room(count * format::kLineBytesMax));
  const auto read = [&] { return inventory->chain().lines_after(after.value_or(-1), count); };
  Result<std::string> lines = co_await parts.workers.run(read);
  if (!lines) co_return std::unexpected(from_disk(std::move(lines).error()));
  co_await exchange.reply(200, "application/jsonl", view_of(*lines));
  co_return Outcome{};
}

net::Awaitable<Outcome> bear_witness(Exchange& exchange) {
  const Parts& parts = exchange.parts();
  CO_CHECK(exchange.client());
  const auto length = exchange.request().content_length();
  if (length && *length > format::kWitnessRequestBytesMax)
    co_return refuse(413, Code::usage, "the request is longer than kWitnessRequestBytesMax (256)");
  CO_TRY(const Bytes body, co_await exchange.request().read_all(format::kWitnessRequestBytesMax));
  const Result<crypto::Hash> hash = format::read_witness_request(text_of(body));
  if (!hash) co_return std::unexpected(Refusal(400, hash.error()));
  CO_CHECK(charge_audit_rate(exchange, kQuestionBytesMin));
  const format::WitnessLine witness{
      .hash = *hash, .witness = exchange.host().id(), .time_unix_s = exchange.now_s()};
  const std::string line = format::sign_witness(witness, parts.key);
  co_await exchange.reply(200, "application/jsonl", view_of(line));
  co_return Outcome{};
}

}  // namespace inxt::host
