// SPDX-License-Identifier: LGPL-3.0-or-later
// /v1/shares: what owners let others read, and the leases that readers show to Hosts.
#include <fmt/format.h>

#include <array>

#include "bridge/asking.h"
#include "bridge/log_limits.h"
#include "bridge/request_parts.h"
#include "bridge/routes.h"
#include "bridge/share_rows.h"
#include "format/lease.h"

namespace inxt::bridge {
namespace {

using database::Repeat;
using database::Transaction;
using format::Ability;

Refusal no_such_share() {
  return Refusal(404, Error{Code::not_found, "there is no such share", "it was revoked, or has ended"});
}

/// That the Bridge may lease what the share names: what the Hosts would refuse is refused here.
Result<void> check_capabilities(const format::ShareRequest& share, const crypto::PublicKey& bridge,
                                std::int64_t now_s) {
  for (const format::SharedPieces& place : share.places) {
    const std::string where = fmt::format("the capability for Host {}", place.host.hex());
    const auto capability = TRY_IN(where, format::open_leasing_capability(place.capability, now_s));
    if (capability.account != place.account || capability.host != place.host || capability.bridge != bridge)
      return fail(Code::denied,
                  where + ": it is of another account, for another Host, or for another Bridge");
  }
  return {};
}

Result<void> check_term(const format::ShareRequest& share, std::int64_t now_s) {
  if (share.expires_unix_s <= now_s) return fail(Code::usage, "line 1: expires: it is past");
  if (share.expires_unix_s - now_s > kShareTermSMax)
    return fail(Code::usage,
                fmt::format("line 1: expires: more than {} s from now (share_term_s_max)", kShareTermSMax));
  return {};
}

std::expected<Authority, Refusal> may_share(Exchange& exchange) {
  auto authority = authority_of(exchange, exchange.bridge().id());
  if (!authority) return authority;
  if (auto allowed = authority->allow(Ability::share, authority->chain().last().object); !allowed)
    return std::unexpected(Refusal(std::move(allowed).error()));
  if (exchange.request().body_bytes_left() > format::kShareBodyBytesMax)
    return refuse(
        413, Code::usage,
        fmt::format("the body is longer than {} bytes (kShareBodyBytesMax)", format::kShareBodyBytesMax));
  return authority;
}

net::Awaitable<Outcome> put_share_of(Exchange& exchange, PathValues) {
  const Parts& parts = exchange.parts();
  std::expected<Authority, Refusal> allowed = may_share(exchange);
  if (!allowed) {
    co_await discard_body(exchange, 2 * format::kShareBodyBytesMax);
    co_return std::unexpected(std::move(allowed).error());
  }
  const Authority& authority = *allowed;
  const std::uint64_t length = exchange.request().body_bytes_left();
  CO_TRY(const auto room, exchange.bridge().memory().room(2 * length, exchange.counted_as()));
  CO_TRY(const Bytes body, co_await exchange.request().read_all(format::kShareBodyBytesMax));
  const std::int64_t now_s = exchange.now_s();
  const crypto::PublicKey bridge = exchange.bridge().id();
  const auto read = [&] { return format::read_share_request(text_of(body)); };
  Result<format::ShareRequest> share = co_await parts.workers.run(read);
  if (!share && share.error().code == Code::integrity)
    co_return std::unexpected(Refusal(400, std::move(share).error()));
  if (!share) co_return std::unexpected(std::move(share).error());
  CO_CHECK(check_term(*share, now_s));
  CO_CHECK(authority.allow(Ability::share, share->object));
  const auto check = [&] { return check_capabilities(*share, bridge, now_s); };
  CO_CHECK(co_await parts.workers.run(check));

  const auto work = [&](Transaction& transaction) -> Result<SharePut> {
    TRY(check_not_revoked(transaction, authority));
    return put_share(transaction, authority, *share, now_s);
  };
  const auto write = [&] { return parts.database.write(Repeat::idempotent, work); };
  auto put = co_await parts.workers.run(write);
  if (!put) co_return std::unexpected(from_transaction(std::move(put).error()));
  co_await exchange.reply_json(
      *put == SharePut::made ? 201 : 200,
      fmt::format(R"({{"share":"{}","expires":{}}})", share->share.hex(), share->expires_unix_s));
  co_return Outcome{};
}

net::Awaitable<Outcome> list_shares_of(Exchange& exchange, PathValues) {
  const Parts& parts = exchange.parts();
  CO_TRY(const Authority authority, authority_of(exchange, exchange.bridge().id(), Ability::share));
  const std::string_view query = exchange.request().query();
  CO_TRY(const auto after, id_after<format::ShareId>(query));
  CO_TRY(const std::uint64_t limit, number_in_query(query, "limit", kLogPageLinesMax, 1, kLogPageLinesMax));
  const auto work = [&](Transaction& transaction) -> Result<std::vector<format::ShareInfo>> {
    TRY(check_not_revoked(transaction, authority));
    return list_shares(transaction, authority.owner(), after, limit);
  };
  const auto read = [&] { return parts.database.read(work); };
  auto shares = co_await parts.workers.run(read);
  if (!shares) co_return std::unexpected(from_transaction(std::move(shares).error()));
  std::string lines;
  for (const format::ShareInfo& share : *shares) lines += format::write_share_info(share);
  co_await exchange.reply(200, "application/jsonl", view_of(lines));
  co_return Outcome{};
}

/// Of a share: the reader, by the share's client key; or its owner's permits.
struct ShareReader {
  AccountId key;
  std::optional<Authority> authority;  // where permits came with the request
};
std::expected<ShareReader, Refusal> reader_of(Exchange& exchange) {
  const auto key = exchange.client();
  if (!key) return std::unexpected(key.error());
  ShareReader reader{.key = *key, .authority = std::nullopt};
  if (exchange.request().header("Inxt-Permit")) {
    auto authority = authority_of(exchange, exchange.bridge().id());
    if (!authority) return std::unexpected(std::move(authority).error());
    reader.authority = *std::move(authority);
  }
  return reader;
}

/// Whether the owner's permits let the peer see and end it.
Result<bool> is_owner(Transaction& transaction, const std::optional<Authority>& authority,
                      const ShareRow& share) {
  if (!authority || authority->owner() != share.owner) return false;
  if (!authority->allow(Ability::share, share.info.object)) return false;
  TRY(check_not_revoked(transaction, *authority));
  return true;
}

struct FoundBundle {
  Bytes bundle;
  std::int64_t expires_unix_s = 0;
};
Result<FoundBundle> find_bundle(Transaction& transaction, const ShareReader& reader,
                                const format::ShareId& id, std::int64_t now_s) {
  const auto share = TRY(find_share(transaction, id));
  // Who is not let in learns nothing, also not whether there is one.
  if (!share || share->info.expires_unix_s <= now_s) return std::unexpected(no_such_share().error);
  if (share->info.client != reader.key.bytes && !TRY(is_owner(transaction, reader.authority, *share)))
    return std::unexpected(no_such_share().error);
  return FoundBundle{.bundle = TRY(bundle_of_share(transaction, id)),
                     .expires_unix_s = share->info.expires_unix_s};
}

net::Awaitable<Outcome> get_share(Exchange& exchange, PathValues values) {
  const Parts& parts = exchange.parts();
  CO_TRY(const auto id, id_in_path<format::ShareId>(values[0], "share id"));
  CO_TRY(const ShareReader reader, reader_of(exchange));
  const std::int64_t now_s = exchange.now_s();
  const auto work = [&](Transaction& transaction) { return find_bundle(transaction, reader, id, now_s); };
  const auto read = [&] { return parts.database.read(work); };
  auto found = co_await parts.workers.run(read);
  if (!found) co_return std::unexpected(from_transaction(std::move(found).error()));
  CO_TRY(const auto room, exchange.bridge().memory().room(found->bundle.size(), exchange.counted_as()));
  std::vector<net::Header> headers;
  headers.emplace_back("Inxt-Share-Expires", std::to_string(found->expires_unix_s));
  co_await exchange.reply(200, "application/octet-stream", found->bundle, std::move(headers));
  co_return Outcome{};
}

net::Awaitable<Outcome> remove_share_of(Exchange& exchange, PathValues values) {
  const Parts& parts = exchange.parts();
  CO_TRY(const auto id, id_in_path<format::ShareId>(values[0], "share id"));
  CO_TRY(const std::optional<Authority> authority, authority_of(exchange, exchange.bridge().id()));
  const auto work = [&](Transaction& transaction) -> Result<bool> {
    const auto share = TRY(find_share(transaction, id));
    if (!share || !TRY(is_owner(transaction, authority, *share)))
      return std::unexpected(no_such_share().error);
    return remove_share(transaction, id);
  };
  // Doing it twice says at worst that there is nothing any more.
  const auto write = [&] { return parts.database.write(Repeat::idempotent, work); };
  auto removed = co_await parts.workers.run(write);
  if (!removed) co_return std::unexpected(from_transaction(std::move(removed).error()));
  co_await exchange.reply_json(200, R"({"deleted":true})");
  co_return Outcome{};
}

/// A lease for what was asked, no longer than the share and the capability last.
Result<format::LeaseAnswer> lease_for(Transaction& transaction, const format::ShareId& id,
                                      const AccountId& reader, const format::LeaseRequest& wanted,
                                      format::Lease lease, const crypto::SigningKey& bridge) {
  const auto share = TRY(find_share(transaction, id));
  if (!share || share->info.expires_unix_s <= lease.issued_unix_s || share->info.client != reader.bytes)
    return std::unexpected(no_such_share().error);
  format::LeaseAnswer answer;
  answer.capability = TRY(capability_for(transaction, id, wanted.host, wanted.account, wanted.pieces));
  const auto capability = TRY(format::open_leasing_capability(answer.capability, std::nullopt));
  lease.expires_unix_s = std::min({lease.issued_unix_s + format::kLeaseSecondsMax, share->info.expires_unix_s,
                                   capability.expires_unix_s});
  if (lease.expires_unix_s <= lease.issued_unix_s)
    return fail(Code::denied, "the owner's capability for this Host has ended",
                "ask the owner to share it anew");
  answer.lease = TRY(format::sign_lease(lease, bridge));
  answer.expires_unix_s = lease.expires_unix_s;
  return answer;
}

net::Awaitable<Outcome> give_lease(Exchange& exchange, PathValues values) {
  const Parts& parts = exchange.parts();
  CO_TRY(const auto id, id_in_path<format::ShareId>(values[0], "share id"));
  CO_TRY(const AccountId reader, exchange.client());
  CO_TRY(const std::string body, co_await body_of(exchange, format::kLineBytesMax, "kLineBytesMax"));
  Result<format::LeaseRequest> wanted = format::read_lease_request(body);
  if (!wanted) co_return std::unexpected(Refusal(400, std::move(wanted).error()));
  format::Lease lease;
  lease.bridge = exchange.bridge().id();
  lease.host = wanted->host;
  lease.client = reader.bytes;
  lease.account = wanted->account;
  lease.pieces = wanted->pieces;
  lease.jti = parts.random.bytes<16>();
  lease.issued_unix_s = exchange.now_s();
  const auto work = [&](Transaction& transaction) {
    return lease_for(transaction, id, reader, *wanted, lease, parts.key);
  };
  const auto read = [&] { return parts.database.read(work); };
  auto answer = co_await parts.workers.run(read);
  if (!answer) co_return std::unexpected(from_transaction(std::move(answer).error()));
  co_await exchange.reply_json(200, format::write_lease_answer(*answer));
  co_return Outcome{};
}

}  // namespace

std::span<const RouteRule> share_routes() {
  using net::Method;
  static constexpr std::array kRules{
      RouteRule{Method::post, "/v1/shares", "share", put_share_of},
      RouteRule{Method::get, "/v1/shares", "shares", list_shares_of},
      RouteRule{Method::get, "/v1/shares/*", "share_read", get_share},
      RouteRule{Method::delete_, "/v1/shares/*", "share_revoke", remove_share_of},
      RouteRule{Method::post, "/v1/shares/*/leases", "lease", give_lease},
  };
  return kRules;
}

}  // namespace inxt::bridge
