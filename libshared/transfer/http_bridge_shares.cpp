// SPDX-License-Identifier: LGPL-3.0-or-later
#include "transfer/http_bridge_shares.h"

#include <fmt/format.h>

#include "transfer/http_bridge_log.h"

namespace inxt::transfer {
namespace {

using net::Awaitable;

Result<std::vector<format::ShareInfo>> read_list(std::string_view text, std::optional<format::ShareId> before,
                                                 std::uint32_t limit) {
  std::vector<format::ShareInfo> shares;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string where = fmt::format("the Bridge's list, line {}", shares.size() + 1);
    const format::ShareInfo share = TRY(format::read_share_info(text.substr(0, end), where));
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    if (shares.size() == limit || (before && share.share <= *before))
      return fail(Code::integrity, where + ": out of order, or more than was asked for");
    before = share.share;
    shares.push_back(share);
  }
  return shares;
}

}  // namespace

Awaitable<Result<void>> HttpBridgeShares::put(const format::ShareRequest& share) {
  Result<std::string> body = format::write_share_request(share);
  if (!body) co_return std::unexpected(std::move(body).error());
  BridgeRequest request(net::Method::post, "/v1/shares");
  request.body = *std::move(body);
  request.answer_ms += static_cast<int>(request.body.size()) / kUplinkBytesPerMsMin;
  Result<BridgeAnswer> answer = co_await client_.ask(std::move(request));
  if (!answer) co_return std::unexpected(std::move(answer).error());
  co_return Result<void>{};
}

Awaitable<Result<std::vector<format::ShareInfo>>> HttpBridgeShares::list(
    const std::optional<format::ShareId>& after, std::uint32_t limit) {
  BridgeRequest request(net::Method::get, fmt::format("/v1/shares?limit={}", limit));
  if (after) request.target += "&after=" + after->hex();
  request.answer_bytes_max = kBridgeListBytesMax;
  Result<BridgeAnswer> answer = co_await client_.ask(std::move(request));
  if (!answer) co_return std::unexpected(std::move(answer).error());
  co_return read_list(answer->text(), after, limit);
}

Awaitable<Result<void>> HttpBridgeShares::revoke(const format::ShareId& share) {
  BridgeRequest request(net::Method::delete_, "/v1/shares/" + share.hex());
  Result<BridgeAnswer> answer = co_await client_.ask(std::move(request));
  if (!answer && answer.error().code != Code::not_found) co_return std::unexpected(std::move(answer).error());
  co_return Result<void>{};
}

Awaitable<Result<std::string>> HttpBridgeShares::bundle(const format::ShareId& share) {
  BridgeRequest request(net::Method::get, "/v1/shares/" + share.hex());
  request.answer_bytes_max = format::kShareBundleBytesMax;
  request.answer_ms += static_cast<int>(format::kShareBundleBytesMax) / kUplinkBytesPerMsMin;
  Result<BridgeAnswer> answer = co_await client_.ask(std::move(request));
  if (!answer) co_return std::unexpected(std::move(answer).error());
  co_return std::string(answer->text());
}

Awaitable<Result<format::LeaseAnswer>> HttpBridgeShares::lease(const format::ShareId& share,
                                                               const format::LeaseRequest& pieces) {
  BridgeRequest request(net::Method::post, fmt::format("/v1/shares/{}/leases", share.hex()));
  request.body = format::write_lease_request(pieces);
  Result<BridgeAnswer> answer = co_await client_.ask(std::move(request));
  if (!answer) co_return std::unexpected(std::move(answer).error());
  Result<format::LeaseAnswer> lease = format::read_lease_answer(answer->line());
  if (!lease) co_return std::unexpected(std::move(lease).error().in("the Bridge's answer"));
  co_return lease;
}

}  // namespace inxt::transfer
