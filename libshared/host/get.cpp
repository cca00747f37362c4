// SPDX-License-Identifier: LGPL-3.0-or-later
// GET and HEAD /v1/pieces/{id}.
#include <fmt/format.h>

#include <algorithm>

#include "format/contract.h"
#include "format/lease.h"
#include "host/exchange.h"
#include "net/race.h"
#include "serve/byte_range.h"

namespace inxt::host {

using net::operator&&;

namespace {

net::Awaitable<Outcome> check_keeps(Exchange& exchange, PieceId piece, AccountId account,
                                    std::string refused) {
  const Parts& parts = exchange.parts();
  auto kept = co_await parts.workers.run([&] { return parts.store.find(piece, account); });
  if (!kept) co_return std::unexpected(from_disk(std::move(kept).error()));
  if (!*kept) co_return refuse(403, Code::denied, std::move(refused));
  co_return Outcome{};
}

/// An accepted account; one that keeps the piece here, whatever the lists say by now; or the holder of a
/// capability by one of those, or of a lease by the Bridge to which one of those gave a capability.
net::Awaitable<Outcome> check_reader(Exchange& exchange, PieceId piece) {
  CO_TRY(const AccountId client, exchange.client());
  const Options& options = exchange.host().options();
  const auto header = exchange.request().header("Inxt-Capability");
  if (!header) {
    if (options.accept.accepts(client) && !options.deny.has(client)) co_return Outcome{};
    std::string refused =
        fmt::format("account {} is not accepted by this Host, and keeps no such piece here", client.hex());
    co_return co_await check_keeps(exchange, piece, client, std::move(refused));
  }
  if (format::is_leased(*header)) {
    const Result<format::Leased> leased =
        format::open_leased(*header, client.bytes, exchange.host().ids(), piece, exchange.now_s());
    if (!leased) co_return std::unexpected(Refusal(403, Error(leased.error()).in("Inxt-Capability")));
    std::string refused = "lease: its account keeps no such piece here";
    co_return co_await check_keeps(exchange, piece, leased->account, std::move(refused));
  }
  Result<format::Capability> opened = format::open_capability(*header, exchange.now_s());
  if (!opened) co_return std::unexpected(Refusal(403, std::move(opened).error().in("Inxt-Capability")));
  const format::Capability capability = *std::move(opened);
  const auto denied = [](std::string what) {
    return refuse(403, Code::denied, "capability: " + std::move(what));
  };
  if (!exchange.host().is_or_was(capability.host)) co_return denied("it is for another Host");
  if (AccountId{capability.client} != client) co_return denied("it is for another client key");
  if (capability.piece != piece) co_return denied("it is for another piece");
  std::string refused = "capability: its account keeps no such piece here";
  co_return co_await check_keeps(exchange, piece, capability.account, std::move(refused));
}

net::Awaitable<Result<ByteView>> read_part(net::WorkerPool& workers, store::OpenPiece& piece,
                                           std::uint64_t offset, std::uint64_t length,
                                           store::AlignedBuffer& into) {
  co_return co_await workers.run([&] { return piece.read(offset, static_cast<std::size_t>(length), into); });
}

/// So that the reader's receipt for it is believed.
void note_served(Exchange& exchange, const PieceId& piece, std::uint64_t bytes) {
  const auto client = exchange.client();
  if (!client) return;
  ServedTable::Transfer transfer{.account = *client, .piece = piece, .request = exchange.id()};
  exchange.host().served().add(std::move(transfer), bytes, exchange.parts().clock.steady_ms());
}

/// Reads one part while it sends the one before: the disk and the network work at the same time, and a slow
/// reader holds two parts, not a piece.
net::Awaitable<Outcome> reply_in_parts(Exchange& exchange, store::OpenPiece& stored, const PieceId piece,
                                       serve::ByteRange range, int status, std::vector<net::Header> headers) {
  BufferPool& buffers = exchange.host().buffers();
  net::WorkerPool& workers = exchange.parts().workers;
  CO_TRY(auto first, buffers.read_buffer(kGetPartBytes, exchange.counted_as()));
  CO_TRY(auto second, buffers.read_buffer(kGetPartBytes, exchange.counted_as()));
  store::AlignedBuffer* spare = &*second;
  store::AlignedBuffer* used = &*first;
  std::uint64_t offset = range.first;
  std::uint64_t left = range.length;
  Result<ByteView> part = co_await read_part(workers, stored, offset, kGetPartBytes, *used);
  if (!part) co_return std::unexpected(from_disk(std::move(part).error()));
  exchange.reply_begin(status, "application/octet-stream", left, std::move(headers));
  for (;;) {
    offset += part->size();
    left -= part->size();
    if (left == 0) break;
    auto reading = read_part(workers, stored, offset, std::min<std::uint64_t>(left, kGetPartBytes), *spare);
    auto sending = exchange.reply_part(*part);
    auto both = co_await (std::move(reading) && std::move(sending));
    if (!std::get<1>(both)) co_return Outcome{};
    part = std::move(std::get<0>(both));
    if (!part) {  // too late for another status
      exchange.log(LogLevel::error, "failed", {{"reason", part.error().what}});
      co_return Outcome{};
    }
    std::swap(spare, used);
  }
  note_served(exchange, piece,
              range.length);  // before the last part: the receipt may be here before this goes on
  (void)co_await exchange.reply_part(*part);
  co_return Outcome{};
}

}  // namespace

net::Awaitable<Outcome> get_piece(Exchange& exchange, PieceId piece) {
  CO_CHECK(co_await check_reader(exchange, piece));
  const Parts& parts = exchange.parts();
  auto opened = co_await parts.workers.run([&] { return parts.store.open_piece(piece); });
  if (!opened) co_return std::unexpected(from_disk(std::move(opened).error()));

  const std::uint64_t size_bytes = opened->info().size_bytes;
  serve::ByteRange range{0, size_bytes};
  int status = 200;
  std::vector<net::Header> headers{{"Accept-Ranges", "bytes"}};
  if (const auto header = exchange.request().header("Range")) {
    CO_TRY(const std::optional<serve::ByteRange> asked, serve::parse_range(*header, size_bytes, "piece"));
    if (asked) {
      range = *asked;
      status = 206;
      headers.push_back({"Content-Range", fmt::format("bytes {}-{}/{}", range.first,
                                                      range.first + range.length - 1, size_bytes)});
    }
  }

  if (range.length > kGetPartBytes) {
    co_return co_await reply_in_parts(exchange, *opened, piece, range, status, std::move(headers));
  }
  const auto length = static_cast<std::size_t>(range.length);
  CO_TRY(auto buffer, exchange.host().buffers().read_buffer(length, exchange.counted_as()));
  Result<ByteView> bytes =
      co_await parts.workers.run([&] { return opened->read(range.first, length, *buffer); });
  if (!bytes) co_return std::unexpected(from_disk(std::move(bytes).error()));
  // Before the answer: the receipt may be here before this goes on.
  note_served(exchange, piece, range.length);
  co_await exchange.reply(status, "application/octet-stream", *bytes, std::move(headers));
  co_return Outcome{};
}

net::Awaitable<Outcome> head_piece(Exchange& exchange, PieceId piece) {
  CO_CHECK(co_await check_reader(exchange, piece));
  const Parts& parts = exchange.parts();
  auto found = co_await parts.workers.run([&] { return parts.store.find(piece); });
  if (!found) co_return std::unexpected(from_disk(std::move(found).error()));
  if (!*found) co_return refuse(404, Code::not_found, "no such piece");
  std::vector<net::Header> headers{{"Accept-Ranges", "bytes"}};
  co_await exchange.reply_head(200, (*found)->size_bytes, std::move(headers));
  co_return Outcome{};
}

}  // namespace inxt::host
