// SPDX-License-Identifier: LGPL-3.0-or-later
// DELETE /v1/pieces/{id}: only the control key that the stored offer names may.  Its holder need not be the
// account: that key lies on machines that upload, the control key does not.
#include <nlohmann/json.hpp>

#include "format/contract.h"
#include "format/json.h"
#include "host/exchange.h"
#include "host/letting_go.h"

namespace inxt::host {

namespace {

/// Who holds an acceptance could say that the piece was lost: this shows that it was told to go.
std::string deletion_record(const store::Trailer& trailer, std::string_view deletion_token,
                            std::int64_t now_s) {
  format::Json json;
  json["type"] = "deletion";
  json["time"] = now_s;
  json["piece"] = trailer.piece.hex();
  json["account"] = trailer.account.hex();
  json["offer"] = trailer.offer;
  json["acceptance"] = trailer.acceptance;
  json["deletion"] = deletion_token;
  return format::write_compact(json) + '\n';
}

}  // namespace

net::Awaitable<Outcome> remove_piece(Exchange& exchange, PieceId piece) {
  const Parts& parts = exchange.parts();
  if (auto client = exchange.client(); !client) co_return std::unexpected(std::move(client).error());
  const auto header = exchange.request().header("Inxt-Deletion");
  if (!header) co_return refuse(400, Code::usage, "deleting needs the header Inxt-Deletion");
  Result<format::Deletion> opened = format::open_deletion(*header, exchange.now_s());
  if (!opened) co_return std::unexpected(Refusal(403, std::move(opened).error().in("Inxt-Deletion")));
  const format::Deletion deletion = *std::move(opened);
  if (!exchange.host().is_or_was(deletion.host))
    co_return refuse(403, Code::denied, "deletion: it is for another Host");
  if (deletion.piece != piece) co_return refuse(403, Code::denied, "deletion: it is for another piece");

  auto trailer =
      co_await parts.workers.run([&] { return parts.store.read_trailer(piece, deletion.account); });
  if (!trailer) co_return std::unexpected(from_disk(std::move(trailer).error()));
  const Result<format::Offer> offer = format::open_offer(trailer->offer, std::nullopt);
  if (!offer) co_return std::unexpected(from_disk(Error(offer.error()).in("stored offer of " + piece.hex())));
  if (offer->control != deletion.control)
    co_return refuse(403, Code::denied,
                     "deletion: it is signed by another key than the contract's control key");

  // Only the contract that the order is about: the same piece may have been put again since its trailer was
  // read.
  const auto remove = [&] { return remove_deleted(exchange.host(), *trailer, *header); };
  Result<void> removed = co_await parts.workers.run(remove);
  if (!removed) co_return std::unexpected(from_disk(std::move(removed).error()));
  ++exchange.host().counters().deleted_pieces;
  if (exchange.host().options().records.transfer_bytes_max > 0)
    exchange.host().transfer_records().add(deletion_record(*trailer, *header, exchange.now_s()));
  exchange.log(LogLevel::info, "deleted", {{"piece", piece.hex()}, {"account", deletion.account.hex()}});
  co_await exchange.reply_json(200, R"({"deleted":true})");
  co_return Outcome{};
}

}  // namespace inxt::host
