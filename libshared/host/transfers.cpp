// SPDX-License-Identifier: LGPL-3.0-or-later
// POST /v1/transfers: a reader's signed word about what it was served.  Believed only about what this Host
// has served on a connection with the same key, lately and once; kept for `inxt-host evidence`.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "format/json.h"
#include "format/transfer.h"
#include "host/exchange.h"

namespace inxt::host {

namespace {

std::string record_line(const format::TransferReceipt& receipt, std::string_view token, std::int64_t now_s) {
  format::Json json;
  json["type"] = "transfer";
  json["time"] = now_s;
  json["piece"] = receipt.piece.hex();
  json["account"] = receipt.account.hex();
  json["bytes"] = receipt.bytes;
  json["request"] = receipt.request;
  json["transfer"] = token;
  return format::write_compact(json) + '\n';
}

}  // namespace

net::Awaitable<Outcome> take_transfer(Exchange& exchange) {
  Host& host = exchange.host();
  CO_TRY(const AccountId client, exchange.client());
  TransferCounts& counts = host.counters().transfers;
  const auto refused = [&](int status, Code code, std::string what) {
    ++counts.refused;
    return refuse(status, code, std::move(what));
  };
  const auto header = exchange.request().header("Inxt-Transfer");
  if (!header) co_return refused(400, Code::usage, "Inxt-Transfer, a transfer receipt, is missing");
  // Signatures cost the loop time: only who has been served can make it check one.
  if (!host.served().has(client))
    co_return refused(404, Code::not_found, "nothing was served to this account lately");
  const std::string token(*header);
  const std::int64_t now_s = exchange.now_s();
  const auto open = [&] { return format::open_transfer(token, now_s); };
  const Result<format::TransferReceipt> opened = co_await exchange.parts().workers.run(open);
  if (!opened) {
    ++counts.refused;
    Error error = opened.error();
    const int status = error.code == Code::denied ? 403 : serve::status_of(error.code);
    co_return std::unexpected(Refusal(status, std::move(error).in("Inxt-Transfer")));
  }
  if (opened->account != client)
    co_return refused(403, Code::denied, "Inxt-Transfer: it is another account's");
  if (!host.is_or_was(opened->host))
    co_return refused(403, Code::denied, "Inxt-Transfer: it is for another Host");
  const ServedTable::Transfer transfer{.account = client, .piece = opened->piece, .request = opened->request};
  const std::optional<std::uint64_t> served =
      host.served().find(transfer, exchange.parts().clock.steady_ms());
  if (!served)
    co_return refused(404, Code::not_found,
                      "Inxt-Transfer: no such request was served lately, or it has its receipt");
  if (*served != opened->bytes)
    co_return refused(422, Code::integrity, fmt::format("Inxt-Transfer: {} bytes were served", *served));
  host.served().take(transfer);
  ++counts.receipts;
  counts.bytes += opened->bytes;
  if (host.options().records.transfer_bytes_max > 0)
    host.transfer_records().add(record_line(*opened, token, now_s));
  co_await exchange.reply_json(200, R"({"taken":true})");
  co_return Outcome{};
}

}  // namespace inxt::host
