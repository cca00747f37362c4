// SPDX-License-Identifier: LGPL-3.0-or-later
// GET /v1/contracts and /v1/contracts/{id}: what this account keeps here.  An owner who lost everything but
// the words starts from this.
#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>

#include "format/json.h"
#include "host/exchange.h"
#include "host/term.h"
#include "serve/query_value.h"
#include "store/stored_renewal.h"

namespace inxt::host {

namespace {

std::string contract_line(const store::Trailer& trailer) {
  format::Json json;
  json["piece"] = trailer.piece.hex();
  json["size"] = trailer.size_bytes;
  json["offer"] = trailer.offer;
  json["acceptance"] = trailer.acceptance;
  json["receipt"] = trailer.receipt;
  add_renewal(json, trailer);
  return format::write_compact(json) + '\n';
}

struct Page {
  std::string lines;
  std::vector<Error> damaged;
};

/// `limit` lines, fewer only at the end of the list: a contract that cannot be read is passed over, not an
/// end.
Result<Page> read_page(store::Store& store, const AccountId& account, std::optional<PieceId> after,
                       std::size_t limit) {
  Page page;
  for (std::size_t left = limit; left > 0;) {
    const std::vector<PieceId> pieces = TRY(store.list(account, after, left));
    for (const PieceId& piece : pieces) {
      const Result<store::Trailer> trailer = store.read_trailer(piece, account);
      if (trailer) {
        page.lines += contract_line(*trailer);
        --left;
      } else if (trailer.error().code != Code::not_found) {  // removed since it was listed
        page.damaged.push_back(trailer.error());
      }
    }
    if (pieces.empty()) break;
    after = pieces.back();
    if (page.damaged.size() > kContractsPerAnswerMax) {
      // An empty page would say that the list ends here, and whoever recovers with the words believes it.
      if (page.lines.empty()) return std::unexpected(page.damaged.back());
      break;  // the next request goes on
    }
  }
  return page;
}

}  // namespace

net::Awaitable<Outcome> get_contract(Exchange& exchange, PieceId piece) {
  const Parts& parts = exchange.parts();
  CO_TRY(const AccountId account, exchange.client());
  auto trailer = co_await parts.workers.run([&] { return parts.store.read_trailer(piece, account); });
  if (!trailer) {
    auto accepted = exchange.may_have_contracts();
    if (!accepted && trailer.error().code == Code::not_found)
      co_return std::unexpected(std::move(accepted).error());
    co_return std::unexpected(from_disk(std::move(trailer).error()));
  }
  std::string line = contract_line(*trailer);
  co_await exchange.reply_json(200, std::move(line));
  co_return Outcome{};
}

net::Awaitable<Outcome> list_contracts(Exchange& exchange) {
  const Parts& parts = exchange.parts();
  CO_TRY(const AccountId account, exchange.client());
  const std::string_view query = exchange.request().query();
  std::optional<PieceId> after;
  if (const auto value = serve::query_value(query, "after"); value && !value->empty()) {
    const Result<PieceId> piece = PieceId::parse(*value);
    if (!piece) co_return refuse(400, Code::usage, "after is not a piece id");
    after = *piece;
  }
  std::size_t limit = kContractsPerAnswerMax;
  if (const auto value = serve::query_value(query, "limit")) {
    const char* end = value->data() + value->size();
    const auto [behind, error] = std::from_chars(value->data(), end, limit);
    if (error != std::errc{} || behind != end || limit < 1 || limit > kContractsPerAnswerMax)
      co_return refuse(400, Code::usage, fmt::format("limit is 1 to {}", kContractsPerAnswerMax));
  }
  CO_TRY(const auto room,
         exchange.host().buffers().room(limit * (store::kTrailerBytes + store::kRenewalFileBytes)));
  Result<Page> page =
      co_await parts.workers.run([&] { return read_page(parts.store, account, after, limit); });
  if (!page) co_return std::unexpected(from_disk(std::move(page).error()));
  if (page->lines.empty() && !after) {  // who has nothing here is told whether there could ever be anything
    if (auto accepted = exchange.may_have_contracts(); !accepted)
      co_return std::unexpected(std::move(accepted).error());
  }
  for (const Error& error : page->damaged) exchange.log(LogLevel::error, "damaged", {{"reason", error.what}});
  co_await exchange.reply(200, "application/jsonl", view_of(page->lines));
  co_return Outcome{};
}

}  // namespace inxt::host
