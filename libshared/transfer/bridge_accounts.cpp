// SPDX-License-Identifier: LGPL-3.0-or-later
#include "transfer/bridge_accounts.h"

#include <fmt/format.h>

#include <algorithm>

namespace inxt::transfer {

using net::Awaitable;

namespace {

/// What to try where a Bridge places nothing.  Its words are looked at for that only.
Error with_hint(Error error) {
  const auto says = [&](std::string_view words) { return error.what.find(words) != error.what.npos; };
  if (!error.hint.empty()) return error;
  if (error.code == Code::quota)
    error.hint =
        "inxt-permit show says what is used: remove something, ask for less redundancy, or for a larger "
        "quota";
  else if (error.code == Code::try_again && says("share of new Hosts"))
    error.hint =
        "--allow-same new (INXT_ALLOW_SAME=new) takes new Hosts, too; whose Bridge it is may say "
        "--new-audits 0 there; or try again when Hosts have passed their audits";
  else if (error.code == Code::try_again && says("all data of the file"))
    error.hint = "ask for two data shards or more, as with -e 2+1: then no Host has all of them";
  else if (error.code == Code::try_again && says("Hosts are needed"))
    error.hint =
        "ask for less, or try again when there are more Hosts; --allow-same gives up a rule by its name";
  return error;
}

}  // namespace

Awaitable<Result<format::PlacementGiven>> HttpBridgeAccounts::place(const format::PlacementWish& wish) {
  BridgeRequest request(net::Method::post, "/v1/placements");
  request.body = format::write_placement_wish(wish);
  request.answer_bytes_max = format::kPlacementAnswerBytesMax;
  Result<BridgeAnswer> answer = co_await client_.ask(std::move(request));
  if (!answer) co_return std::unexpected(with_hint(std::move(answer).error()));
  auto given = format::read_placement_given(answer->line());
  if (!given) co_return given;
  if (given->id != wish.id) co_return fail(Code::integrity, "the Bridge answered about another placement");
  if (wish.layout && given->layout != *wish.layout) {
    auto told = given->layout;
    told.seal_key = wish.layout->seal_key;
    if (told != *wish.layout)
      co_return fail(Code::integrity, "the Bridge placed another layout than was asked for");
  }
  for (const auto& group : given->groups)
    if (group.primary.size() != given->layout.pieces_per_segment())
      co_return fail(Code::integrity, fmt::format("the Bridge placed {} pieces of a segment that has {}",
                                                  group.primary.size(), given->layout.pieces_per_segment()));
  co_return given;
}

Awaitable<Result<format::VouchersGiven>> HttpBridgeAccounts::vouchers(
    const format::PlacementId& placement, const std::vector<format::VoucherWish>& wishes) {
  BridgeRequest request(net::Method::post, "/v1/placements/" + to_hex(placement) + "/vouchers");
  request.body = format::write_voucher_wishes(wishes);
  request.answer_bytes_max = format::kPlacementAnswerBytesMax;
  Result<BridgeAnswer> answer = co_await client_.ask(std::move(request));
  if (!answer) co_return std::unexpected(with_hint(std::move(answer).error()));
  auto given = format::read_vouchers_given(answer->line());
  if (!given) co_return given;
  for (const auto& wish : wishes)
    if (std::ranges::find(given->vouchers, wish.host, &format::VoucherGiven::host) == given->vouchers.end())
      co_return fail(Code::integrity,
                     fmt::format("the Bridge gave no voucher for Host {}", wish.host.hex().substr(0, 8)));
  co_return given;
}

Awaitable<Result<format::VouchersGiven>> HttpBridgeAccounts::vouchers_again(
    const std::vector<format::VoucherWish>& wishes) {
  BridgeRequest request(net::Method::post, "/v1/vouchers");
  request.body = format::write_voucher_wishes(wishes);
  request.answer_bytes_max = format::kPlacementAnswerBytesMax;
  Result<BridgeAnswer> answer = co_await client_.ask(std::move(request));
  if (!answer) co_return std::unexpected(std::move(answer).error());
  co_return format::read_vouchers_given(answer->line());
}

Awaitable<Result<void>> HttpBridgeAccounts::end(const format::PlacementId& placement) {
  BridgeRequest request(net::Method::delete_, "/v1/placements/" + to_hex(placement));
  request.expected_statuses = {404};
  Result<BridgeAnswer> answer = co_await client_.ask(std::move(request));
  if (!answer) co_return std::unexpected(std::move(answer).error());
  co_return Result<void>{};
}

Awaitable<Result<format::BridgeAccount>> HttpBridgeAccounts::account() {
  BridgeRequest request(net::Method::get, "/v1/account");
  Result<BridgeAnswer> answer = co_await client_.ask(std::move(request));
  if (!answer) co_return std::unexpected(std::move(answer).error());
  co_return format::read_bridge_account(answer->line());
}

Awaitable<Result<void>> HttpBridgeAccounts::revoke(const format::PermitId& permit) {
  BridgeRequest request(net::Method::post, "/v1/permits/revoke");
  request.body = format::write_revocation(permit);
  Result<BridgeAnswer> answer = co_await client_.ask(std::move(request));
  if (!answer) co_return std::unexpected(std::move(answer).error());
  co_return Result<void>{};
}

}  // namespace inxt::transfer
