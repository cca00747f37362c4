// SPDX-License-Identifier: LGPL-3.0-or-later
// GET and HEAD /v1/pieces/{id}.
#include <fmt/format.h>

#include "format/contract.h"
#include "host/exchange.h"
#include "host/routes.h"

namespace inxt::host {

namespace {

/// An accepted account, or the holder of a capability by one that keeps the piece here.
net::Awaitable<Outcome> check_reader(Exchange& exchange, PieceId piece) {
  CO_TRY(const AccountId client, exchange.client());
  const auto header = exchange.request().header("Inxt-Capability");
  if (!header) {
    if (auto account = exchange.account(); !account) co_return std::unexpected(std::move(account).error());
    co_return Outcome{};
  }
  Result<format::Capability> opened = format::open_capability(*header, exchange.now_s());
  if (!opened) co_return std::unexpected(Refusal(403, std::move(opened).error().in("Inxt-Capability")));
  const format::Capability capability = *std::move(opened);
  const auto denied = [](std::string what) {
    return refuse(403, Code::denied, "capability: " + std::move(what));
  };
  if (capability.host != exchange.host().id()) co_return denied("it is for another Host");
  if (AccountId{capability.client} != client) co_return denied("it is for another client key");
  if (capability.piece != piece) co_return denied("it is for another piece");
  if (!exchange.host().accept_list().accepts(capability.account))
    co_return denied("its account is not accepted by this Host");
  const Parts& parts = exchange.parts();
  auto kept = co_await parts.workers.run([&] { return parts.store.find(piece, capability.account); });
  if (!kept) co_return std::unexpected(from_disk(std::move(kept).error()));
  if (!*kept) co_return denied("its account keeps no such piece here");
  co_return Outcome{};
}

}  // namespace

net::Awaitable<Outcome> get_piece(Exchange& exchange, PieceId piece) {
  CO_CHECK(co_await check_reader(exchange, piece));
  const Parts& parts = exchange.parts();
  auto opened = co_await parts.workers.run([&] { return parts.store.open_piece(piece); });
  if (!opened) co_return std::unexpected(from_disk(std::move(opened).error()));

  const std::uint64_t size_bytes = opened->info().size_bytes;
  ByteRange range{0, size_bytes};
  int status = 200;
  std::vector<net::Header> headers{{"Accept-Ranges", "bytes"}};
  if (const auto header = exchange.request().header("Range")) {
    CO_TRY(const std::optional<ByteRange> asked, parse_range(*header, size_bytes));
    if (asked) {
      range = *asked;
      status = 206;
      headers.push_back({"Content-Range", fmt::format("bytes {}-{}/{}", range.first,
                                                      range.first + range.length - 1, size_bytes)});
    }
  }

  const auto length = static_cast<std::size_t>(range.length);
  CO_TRY(auto buffer, exchange.host().buffers().read_buffer(length));
  Result<ByteView> bytes =
      co_await parts.workers.run([&] { return opened->read(range.first, length, *buffer); });
  if (!bytes) co_return std::unexpected(from_disk(std::move(bytes).error()));
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
