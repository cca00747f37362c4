// SPDX-License-Identifier: LGPL-3.0-or-later
// PUT /v1/pieces/{id}: everything that can be refused is refused before the body is asked for, and the room
// is reserved.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "format/contract.h"
#include "format/json.h"
#include "format/token.h"
#include "host/exchange.h"
#include "host/letting_go.h"
#include "host/term.h"
#include "host/vouched_file.h"
#include "store/term.h"
#include "sys/local_time.h"

namespace inxt::host {

namespace {

// Leaves are hashed between two reads from the socket, while the bytes are still in the core's cache: 75 us
// of the loop for each run, at 3.4 GB/s.
constexpr std::size_t kHashRunBytes = 256 * 1024;
static_assert(kHashRunBytes % proof::kBlockBytes == 0);

std::expected<std::uint64_t, Refusal> check_length(const net::ServerRequest& request) {
  const auto length = request.content_length();
  if (!length) return refuse(411, Code::usage, "a piece needs Content-Length");
  if (*length > proof::kPieceBytesMax)
    return refuse(413, Code::usage,
                  fmt::format("{} bytes are more than kPieceBytesMax ({})", *length, proof::kPieceBytesMax));
  if (*length == 0) return refuse(400, Code::usage, "no piece is empty");
  return *length;
}

/// The offer as something that this Host can accept from this account for this piece, now.
std::expected<format::Offer, Refusal> check_offer(Exchange& exchange, std::string_view token,
                                                  const AccountId& account, const PieceId& piece,
                                                  std::uint64_t size_bytes) {
  Result<format::Offer> opened = format::open_offer(token, exchange.now_s());
  if (!opened) return std::unexpected(Refusal(std::move(opened).error().in("Inxt-Offer")));
  const format::Offer& offer = *opened;
  const auto denied = [](std::string what, std::string hint = {}) {
    return refuse(403, Code::denied, "offer: " + std::move(what), std::move(hint));
  };
  if (offer.account != account) return denied("it is signed by another key than the client certificate's");
  if (offer.host != exchange.host().id())
    return denied(fmt::format("it is for Host {}", offer.host.hex()),
                  exchange.host().is_or_was(offer.host)
                      ? "this Host has another key since: take its present descriptor"
                      : "");
  if (offer.piece != piece) return denied(fmt::format("it is for piece {}", offer.piece.hex()));
  if (offer.size != size_bytes)
    return refuse(400, Code::usage,
                  fmt::format("Content-Length is {}, the offer says {}", size_bytes, offer.size));
  if (auto agreed =
          check_terms(exchange.host().options(), "offer", offer.price, offer.until_unix_s, exchange.now_s());
      !agreed)
    return std::unexpected(std::move(agreed).error());
  return std::move(*opened);
}

/// The body into the buffer, and the hash of each block as soon as it is there.
net::Awaitable<Result<proof::Tree>> read_body(net::ServerRequest& request, ByteSpan data) {
  std::vector<proof::Hash> leaves(static_cast<std::size_t>(proof::blocks_in(data.size())));
  std::size_t filled = 0, hashed = 0;
  while (filled < data.size()) {
    const std::size_t room = std::min(data.size() - filled, kHashRunBytes);
    const Result<std::size_t> read = co_await request.read_some(data.subspan(filled, room));
    if (!read) co_return std::unexpected(read.error());
    if (*read == 0) co_return fail(Code::try_again, "the body ended early");
    filled += *read;
    std::size_t run = filled - hashed;
    if (filled < data.size()) run = run < kHashRunBytes ? 0 : run / proof::kBlockBytes * proof::kBlockBytes;
    if (run == 0) continue;
    const auto part = std::span(leaves).subspan(hashed / proof::kBlockBytes,
                                                static_cast<std::size_t>(proof::blocks_in(run)));
    crypto::hash_blocks(data.subspan(hashed, run), proof::kBlockBytes, std::byte{0}, part);
    hashed += run;
  }
  co_return proof::Tree(data.size(), std::move(leaves));
}

/// The Host's side of the contract.
Result<store::Trailer> sign_contract(const format::Offer& offer, std::string_view token,
                                     const crypto::Hash& root, const crypto::SigningKey& key,
                                     std::int64_t now_s) {
  store::Trailer trailer{.piece = offer.piece,
                         .size_bytes = offer.size,
                         .root = root,
                         .account = offer.account,
                         .offer = std::string(token),
                         .acceptance = {},
                         .receipt = {}};
  const format::Acceptance acceptance{.host = offer.host,
                                      .offer = format::offer_hash(token),
                                      .account = offer.account,
                                      .piece = offer.piece,
                                      .size = offer.size,
                                      .until_unix_s = offer.until_unix_s,
                                      .price = offer.price,
                                      .issued_unix_s = now_s};
  trailer.acceptance = TRY(format::sign_acceptance(acceptance, key));
  const format::Receipt receipt{.host = offer.host,
                                .contract = format::contract_hash(trailer.acceptance),
                                .piece = offer.piece,
                                .size = offer.size,
                                .issued_unix_s = now_s};
  trailer.receipt = TRY(format::sign_receipt(receipt, key));
  return trailer;
}

/// The answer; with the offer where it was accepted by an earlier request, and may be another one than this.
enum class Stored { now, before };
std::string stored_json(const store::Trailer& trailer, Stored stored) {
  format::Json json;
  if (stored == Stored::before) json["offer"] = trailer.offer;
  json["acceptance"] = trailer.acceptance;
  json["receipt"] = trailer.receipt;
  add_renewal(json, trailer);
  return format::write_compact(json);
}

/// Whether the month has room for so many bytes more.
std::expected<void, Refusal> check_traffic(Exchange& exchange, std::uint64_t size_bytes) {
  const std::optional<std::uint64_t>& max = exchange.host().options().traffic_bytes_per_month;
  if (!max) return {};
  const plan::MonthlyTraffic& traffic = exchange.host().traffic();
  if (traffic.bytes() <= *max && size_bytes <= *max - traffic.bytes()) return {};
  Refusal refusal(
      429, Error{Code::try_again,
                 fmt::format("traffic_bytes_per_month ({}) leaves no room for {} bytes this month", *max,
                             size_bytes),
                 "what is stored here stays readable; store this elsewhere"});
  const std::int64_t left_s = traffic.month().end_local_s() - sys::local_s(exchange.now_s());
  refusal.retry_after_ms = std::clamp<std::int64_t>(left_s, 1, kRetryAfterSMax) * 1000;
  return std::unexpected(std::move(refusal));
}

/// What has ended before this may be deleted now: the reaper's rule.  Nothing while the clock is doubtful, or
/// the Host drains.
std::optional<std::int64_t> reaped_before_s(Host& host) {
  const std::optional<std::int64_t> trusted_s = host.clock_report().trusted_unix_s;
  if (!trusted_s || host.is_draining()) return std::nullopt;
  return *trusted_s - host.options().grace_s;
}

/// Room for the piece, or its contract, where it is stored already.  One that the reaper would delete makes
/// way at once; in its grace it does not, because whoever puts need not be who may delete.
Result<std::variant<store::Reservation, store::Trailer>> reserve(
    Host& host, const store::Key& key, std::uint64_t size_bytes,
    const std::optional<std::uint64_t>& account_bytes_max, const std::optional<std::int64_t>& before_s) {
  store::Store& store = host.parts().store;
  auto reserved = TRY(store.reserve(key.piece, key.account, size_bytes, account_bytes_max));
  const auto* stored = std::get_if<store::Trailer>(&reserved);
  if (stored == nullptr || !before_s || std::int64_t{store::term_of(*stored)} >= *before_s) return reserved;
  const Result<void> removed = remove_ended(host, key, *before_s);
  if (!removed && removed.error().code != Code::not_found) return std::unexpected(removed.error());
  return store.reserve(key.piece, key.account, size_bytes, account_bytes_max);
}

/// With what this account could still store.
Refusal full(const Error& error, const store::Store& store, const Admission& admission) {
  Refusal refusal(Error{error.code, error.what, error.hint});
  if (error.code != Code::quota) return refusal;
  std::uint64_t free_bytes = store.stats().free_bytes;
  if (admission.bytes_max) {
    const std::uint64_t held_bytes = store.account_bytes(admission.account);
    free_bytes = std::min(free_bytes, *admission.bytes_max - std::min(*admission.bytes_max, held_bytes));
  }
  refusal.members = fmt::format(",\"free_bytes\":{}", free_bytes);
  return refusal;
}

/// So that the Bridge hears of it, and its word counts when this Host retires, whatever is killed meanwhile.
net::Awaitable<Result<void>> note_vouched(Exchange& exchange, const Admission& admission) {
  Host& host = exchange.host();
  if (admission.bridge && !host.vouched().note(*admission.bridge, admission.account))
    exchange.log(LogLevel::debug, "not-reported",
                 {{"bridge", to_hex(*admission.bridge)}, {"limit", "kVouchedAccountsMax"}});
  const auto& bridge = admission.bridge ? admission.bridge : admission.let_in_by;
  if (!bridge || host.vouched_file() == nullptr) co_return Result<void>();
  co_return co_await host.vouched_file()->keep(*bridge, admission.account);
}

}  // namespace

net::Awaitable<Outcome> put_piece(Exchange& exchange, PieceId piece) {
  const Parts& parts = exchange.parts();
  const std::int64_t began_ms = parts.clock.steady_ms();
  CO_TRY(const Admission admission, exchange.admission());
  const AccountId account = admission.account;
  CO_TRY(const std::uint64_t size_bytes, check_length(exchange.request()));
  const auto header = exchange.request().header("Inxt-Offer");
  if (!header) co_return refuse(400, Code::usage, "a piece needs the header Inxt-Offer");
  const std::string token(*header);
  CO_TRY(const format::Offer offer, check_offer(exchange, token, account, piece, size_bytes));

  CO_CHECK(check_traffic(exchange, size_bytes));

  const store::Key key{piece, account};
  const std::optional<std::int64_t> before_s = reaped_before_s(exchange.host());
  auto reserved = co_await parts.workers.run(
      [&] { return reserve(exchange.host(), key, size_bytes, admission.bytes_max, before_s); });
  if (!reserved) {
    if (reserved.error().code == Code::quota || reserved.error().code == Code::usage)
      co_return std::unexpected(full(reserved.error(), parts.store, admission));
    co_return std::unexpected(from_disk(std::move(reserved).error()));
  }
  if (const auto* stored = std::get_if<store::Trailer>(&*reserved)) {
    if (stored->size_bytes != size_bytes)
      co_return refuse(409, Code::integrity,
                       fmt::format("the piece is stored here with {} bytes", stored->size_bytes));
    if (std::int64_t{store::term_of(*stored)} <= exchange.now_s())
      co_return refuse(409, Code::try_again, "the piece is stored here under a contract whose term is over",
                       "renew it, or put it again when its grace is over too");
    Result<void> noted = co_await note_vouched(exchange, admission);
    if (!noted) co_return std::unexpected(from_disk(std::move(noted).error()));
    std::string json = stored_json(*stored, Stored::before);
    co_await exchange.reply_json(200, std::move(json));
    co_return Outcome{};
  }
  store::Reservation reservation = std::get<store::Reservation>(std::move(*reserved));

  CO_TRY(auto buffer, exchange.host().buffers().piece_buffer(size_bytes, exchange.counted_as()));
  CO_TRY(const proof::Tree tree, co_await read_body(exchange.request(), buffer->data()));
  if (tree.id() != piece)
    co_return refuse(422, Code::integrity,
                     fmt::format("the body is piece {}; nothing was stored", tree.id().hex()));

  Result<void> noted = co_await note_vouched(exchange, admission);
  if (!noted) co_return std::unexpected(from_disk(std::move(noted).error()));
  const std::int64_t stored_at_s = exchange.now_s();
  Result<store::Trailer> stored = co_await parts.workers.run([&]() -> Result<store::Trailer> {
    store::Trailer trailer = TRY(sign_contract(offer, token, tree.head(), parts.key, stored_at_s));
    TRY(parts.store.commit(std::move(reservation), *buffer, tree, trailer));
    return trailer;
  });
  if (!stored)
    co_return std::unexpected(full(from_disk(std::move(stored).error()).error, parts.store, admission));

  // A Bridge that heard in between that the account has nothing may have had it forgotten.
  noted = co_await note_vouched(exchange, admission);
  if (!noted) co_return std::unexpected(from_disk(std::move(noted).error()));
  ++exchange.host().counters().stored_pieces;
  exchange.host().counters().stored_bytes += size_bytes;
  exchange.log(LogLevel::info, "stored",
               {{"piece", piece.hex()},
                {"size_bytes", std::to_string(size_bytes)},
                {"ms", std::to_string(parts.clock.steady_ms() - began_ms)}});
  std::string json = stored_json(*stored, Stored::now);
  co_await exchange.reply_json(201, std::move(json));
  co_return Outcome{};
}

}  // namespace inxt::host
