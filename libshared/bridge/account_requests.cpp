// SPDX-License-Identifier: LGPL-3.0-or-later
// What accounts ask: placements, vouchers, what they use, and that a permit be revoked.  Wire:
// inxt-bridge(7), "Accounts".
#include <fmt/format.h>

#include <array>

#include "base/quantity.h"
#include "bridge/asking.h"
#include "bridge/charges.h"
#include "bridge/placer.h"
#include "bridge/routes.h"
#include "bridge/usage.h"
#include "format/bridge_account.h"
#include "format/voucher.h"

namespace inxt::bridge {
namespace {

using database::Transaction;
using format::Ability;
using net::Awaitable;

constexpr int kDrawsMax = 8;  // of one placement: Hosts whose room others have just taken
constexpr std::int64_t kTooFewHostsRetryMs = 60'000;  // nobody comes or goes sooner
constexpr std::size_t kRevocationBytesMax = 1024;

Refusal bad_body(Error error) {
  const int status = error.code == Code::integrity ? 400 : serve::status_of(error.code);
  return Refusal(status, std::move(error));
}

/// What a draw says no with.
Refusal no_placement(Error error) {
  Refusal refusal(std::move(error));
  refusal.retry_after_ms = kTooFewHostsRetryMs;
  return refusal;
}

/// What is kept of an answer: the lines of Hosts are made anew, they change and are long.
std::string kept_answer(const format::PlacementGiven& given) {
  format::PlacementGiven kept = given;
  kept.hosts.clear();
  kept.explanation.clear();
  return format::write_placement_given(kept);
}

struct Reservation {
  Reserved reserved;
  std::vector<HostId> full;
};

/// One transaction.  With `full` nothing was reserved.
Result<Reservation> reserve(const Parts& parts, const Authority& authority, const NewPlacement& placement,
                            std::int64_t now) {
  Reservation out;
  auto done =
      parts.database.write(database::Repeat::idempotent, [&](Transaction& transaction) -> Result<Reserved> {
        out.full.clear();
        TRY(check_not_revoked(transaction, authority));
        auto reserved = TRY(reserve_placement(transaction, authority, placement, now));
        if (!reserved.full.empty()) {
          out.full = reserved.full;
          return fail(Code::try_again, "Hosts have no room any more");
        }
        return reserved;
      });
  if (!done && out.full.empty()) return std::unexpected(std::move(done).error());
  if (done) {
    out.full.clear();
    out.reserved = *std::move(done);
  }
  return out;
}

Awaitable<Outcome> answer_again(Exchange& exchange, const std::string& kept, std::int64_t expires_unix_s) {
  Result<format::PlacementGiven> given = format::read_placement_given(kept);
  if (!given) co_return std::unexpected(Refusal(500, std::move(given).error()));
  CO_TRY(given->hosts, co_await exchange.bridge().placer().lines_of(given->groups));
  given->expires_unix_s = expires_unix_s;
  co_await exchange.reply_json(200, format::write_placement_given(*given));
  co_return Outcome{};
}

/// What would be placed, for who may.
Awaitable<Outcome> show_placement(Exchange& exchange, const Authority& authority,
                                  const format::PlacementWish& wish) {
  const Parts& parts = exchange.parts();
  const auto look = [&] {
    return parts.database.read(
        [&](Transaction& transaction) { return check_not_revoked(transaction, authority); });
  };
  CO_CHECK(co_await parts.workers.run(look));
  Result<Placed> placed = co_await exchange.bridge().placer().place(wish, {});
  if (!placed) co_return std::unexpected(no_placement(std::move(placed).error()));
  co_await exchange.reply_json(200, format::write_placement_given(placed->given));
  co_return Outcome{};
}

Awaitable<Outcome> make_placement(Exchange& exchange, PathValues) {
  CO_TRY(const Authority authority, authority_of(exchange, exchange.bridge().id(), Ability::create));
  CO_TRY(const std::string body,
         co_await body_of(exchange, format::kPlacementBodyBytesMax, "kPlacementBodyBytesMax"));
  Result<format::PlacementWish> read = format::read_placement_wish(body);
  if (!read) co_return std::unexpected(bad_body(std::move(read).error()));
  const format::PlacementWish wish = *std::move(read);
  if (!wish.reserve) co_return co_await show_placement(exchange, authority, wish);

  const Parts& parts = exchange.parts();
  const std::int64_t now = exchange.now_s();
  std::vector<HostId> full;
  for (int draws = 0; draws < kDrawsMax; ++draws) {
    Result<Placed> placed = co_await exchange.bridge().placer().place(wish, full);
    if (!placed) co_return std::unexpected(no_placement(std::move(placed).error()));
    placed->given.expires_unix_s = now + kPlacementLifeS;
    NewPlacement placement;
    placement.id = wish.id;
    placement.answer = kept_answer(placed->given);
    placement.hosts = placed->hosts;
    const auto job = [&] { return reserve(parts, authority, placement, now); };
    CO_TRY(const Reservation made, co_await parts.workers.run(job));
    if (made.reserved.earlier_answer)
      co_return co_await answer_again(exchange, *made.reserved.earlier_answer, now + kPlacementLifeS);
    if (made.full.empty()) {
      exchange.log(serve::LogLevel::info, "placed",
                   {{"placement", to_hex(wish.id)},
                    {"owner", authority.owner().hex()},
                    {"bytes", std::to_string(wish.bytes)},
                    {"reserved_bytes", std::to_string(made.reserved.reserved_bytes)},
                    {"hosts", std::to_string(placement.hosts.size())}});
      co_await exchange.reply_json(201, format::write_placement_given(placed->given));
      co_return Outcome{};
    }
    full.insert(full.end(), made.full.begin(), made.full.end());
  }
  co_return std::unexpected(
      no_placement(Error{Code::try_again, "the Hosts' room is being taken by others", "try again"}));
}

Result<std::string> sign_vouchers(const Parts& parts, const std::vector<GivenVoucher>& given,
                                  std::int64_t now) {
  std::vector<format::VoucherGiven> out;
  for (const auto& each : given) {
    format::Voucher voucher;
    voucher.bridge = parts.key.public_key();
    voucher.account = each.account;
    voucher.host = each.host;
    voucher.bytes = static_cast<std::uint64_t>(std::max<std::int64_t>(each.bytes, 0));
    voucher.issued_unix_s = now;
    voucher.expires_unix_s = now + kPlacementLifeS;
    out.push_back({.host = each.host, .token = TRY(format::sign_voucher(voucher, parts.key))});
  }
  return format::write_vouchers_given(out, now + kPlacementLifeS);
}

Result<PlacementId> placement_of(const PathValues& values) {
  PlacementId id{};
  TRY_IN("placement", from_hex(values.front(), id));
  return id;
}

Awaitable<Outcome> give_vouchers(Exchange& exchange, PathValues values) {
  CO_TRY(const Authority authority, authority_of(exchange, exchange.bridge().id(), Ability::create));
  Result<PlacementId> id = placement_of(values);
  if (!id) co_return std::unexpected(Refusal(400, std::move(id).error()));
  CO_TRY(const std::string body,
         co_await body_of(exchange, format::kPlacementBodyBytesMax, "kPlacementBodyBytesMax"));
  Result<std::vector<format::VoucherWish>> wishes = format::read_voucher_wishes(body);
  if (!wishes) co_return std::unexpected(bad_body(std::move(wishes).error()));
  std::vector<WantedVoucher> wanted;
  for (const auto& wish : *wishes) {
    WantedVoucher each{.host = wish.host, .account = wish.account, .bytes = {}};
    if (wish.bytes) each.bytes = static_cast<std::int64_t>(*wish.bytes);
    wanted.push_back(each);
  }
  const Parts& parts = exchange.parts();
  const std::int64_t now = exchange.now_s();
  const auto job = [&]() -> Result<std::string> {
    auto given = parts.database.write(database::Repeat::idempotent,
                                      [&](Transaction& transaction) -> Result<std::vector<GivenVoucher>> {
                                        TRY(check_not_revoked(transaction, authority));
                                        return vouch_for_placement(transaction, authority, *id, wanted, now);
                                      });
    if (!given) return std::unexpected(std::move(given).error());
    return sign_vouchers(parts, *given, now);
  };
  CO_TRY(const std::string answer, co_await parts.workers.run(job));
  co_await exchange.reply_json(200, answer);
  co_return Outcome{};
}

/// Those of accounts that somebody by this permit is charged for, or whose pieces from before it takes over;
/// the others are left out.
Awaitable<Outcome> vouch_for_renewals(Exchange& exchange, PathValues) {
  CO_TRY(const Authority authority, authority_of(exchange, exchange.bridge().id(), Ability::create));
  CO_TRY(const std::string body,
         co_await body_of(exchange, format::kPlacementBodyBytesMax, "kPlacementBodyBytesMax"));
  Result<std::vector<format::VoucherWish>> wishes = format::read_voucher_wishes(body);
  if (!wishes) co_return std::unexpected(bad_body(std::move(wishes).error()));
  const Parts& parts = exchange.parts();
  const std::int64_t now = exchange.now_s();
  const auto vouch = [&](Transaction& transaction) -> Result<std::vector<GivenVoucher>> {
    TRY(check_not_revoked(transaction, authority));
    std::vector<GivenVoucher> out;
    for (const auto& wish : *wishes) {
      const auto until = now + kPlacementLifeS;
      auto bytes = TRY(vouch_again(transaction, authority.path(), wish.host, wish.account, until));
      if (!bytes && wish.bytes)
        bytes = TRY(take_over(transaction, authority, wish.host, wish.account,
                              static_cast<std::int64_t>(std::min(*wish.bytes, format::kPlacementBytesMax)),
                              until));
      if (bytes) out.push_back({.host = wish.host, .account = wish.account, .bytes = *bytes});
    }
    return out;
  };
  const auto job = [&]() -> Result<std::string> {
    auto given = parts.database.write(database::Repeat::idempotent, vouch);
    if (!given) return std::unexpected(std::move(given).error());
    return sign_vouchers(parts, *given, now);
  };
  CO_TRY(const std::string answer, co_await parts.workers.run(job));
  co_await exchange.reply_json(200, answer);
  co_return Outcome{};
}

Awaitable<Outcome> end_a_placement(Exchange& exchange, PathValues values) {
  CO_TRY(const Authority authority, authority_of(exchange, exchange.bridge().id(), Ability::create));
  Result<PlacementId> id = placement_of(values);
  if (!id) co_return std::unexpected(Refusal(400, std::move(id).error()));
  const Parts& parts = exchange.parts();
  const auto job = [&] {
    return parts.database.write(database::Repeat::idempotent, [&](Transaction& transaction) {
      return end_placement(transaction, authority.path(), *id);
    });
  };
  CO_TRY(const bool ended, co_await parts.workers.run(job));
  if (!ended) co_return refuse(404, Code::not_found, "there is no such placement");
  co_await exchange.reply_json(200, fmt::format("{{\"placement\":\"{}\"}}", to_hex(*id)));
  co_return Outcome{};
}

Result<format::BridgeAccount> account_now(Transaction& transaction, const Authority& authority) {
  TRY(check_not_revoked(transaction, authority));
  format::BridgeAccount out;
  out.account = authority.client();
  const auto& links = authority.chain().links();
  for (std::size_t i = 0; i < links.size(); ++i) {
    const auto used = TRY(used_bytes(transaction, authority.paths()[i]));
    format::AccountLink link;
    link.holder = links[i].holder;
    link.permit = links[i].id;
    link.can = links[i].can;
    link.quota_bytes = links[i].quota_bytes;
    link.used_bytes = static_cast<std::uint64_t>(std::max<std::int64_t>(used, 0));
    link.expires_unix_s = links[i].expires_unix_s;
    if (link.quota_bytes) {
      const auto left = *link.quota_bytes - std::min(*link.quota_bytes, link.used_bytes);
      out.left_bytes = std::min(out.left_bytes.value_or(left), left);
    }
    out.links.push_back(link);
  }
  out.placements = static_cast<std::uint64_t>(TRY(placements_of(transaction, authority.path())));
  return out;
}

Awaitable<Outcome> show_account(Exchange& exchange, PathValues) {
  CO_TRY(const Authority authority, authority_of(exchange, exchange.bridge().id()));
  const Parts& parts = exchange.parts();
  const auto job = [&] {
    return parts.database.read([&](Transaction& transaction) { return account_now(transaction, authority); });
  };
  CO_TRY(const format::BridgeAccount account, co_await parts.workers.run(job));
  co_await exchange.reply_json(200, format::write_bridge_account(account));
  co_return Outcome{};
}

Awaitable<Outcome> revoke_a_permit(Exchange& exchange, PathValues) {
  CO_TRY(const Authority authority, authority_of(exchange, exchange.bridge().id()));
  CO_TRY(const std::string body, co_await body_of(exchange, kRevocationBytesMax, "kRevocationBytesMax"));
  Result<format::PermitId> permit = format::read_revocation(body);
  if (!permit) co_return std::unexpected(bad_body(std::move(permit).error()));
  const Parts& parts = exchange.parts();
  const std::int64_t now = exchange.now_s();
  const auto job = [&] {
    return parts.database.write(database::Repeat::idempotent, [&](Transaction& transaction) -> Result<void> {
      TRY(check_not_revoked(transaction, authority));
      return revoke_permit(transaction, *permit, authority.client().bytes, authority.owner(), now);
    });
  };
  CO_CHECK(co_await parts.workers.run(job));
  exchange.log(serve::LogLevel::info, "revoked",
               {{"permit", to_base64url(*permit)}, {"by", authority.client().hex()}});
  co_await exchange.reply_json(200, format::write_revocation(*permit));
  co_return Outcome{};
}

}  // namespace

std::span<const RouteRule> accounts_routes() {
  using net::Method;
  static constexpr std::array kRules{
      RouteRule{Method::post, "/v1/placements", "place", make_placement},
      RouteRule{Method::post, "/v1/placements/*/vouchers", "vouch", give_vouchers},
      RouteRule{Method::delete_, "/v1/placements/*", "end-placement", end_a_placement},
      RouteRule{Method::post, "/v1/vouchers", "vouch-again", vouch_for_renewals},
      RouteRule{Method::get, "/v1/account", "account", show_account},
      RouteRule{Method::post, "/v1/permits/revoke", "revoke", revoke_a_permit},
  };
  return kRules;
}

}  // namespace inxt::bridge
