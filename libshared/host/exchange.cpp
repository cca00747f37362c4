// SPDX-License-Identifier: LGPL-3.0-or-later
#include "host/exchange.h"

#include <fmt/format.h>

namespace inxt::host {

Exchange::Exchange(Host& host, net::ServerRequest& request, net::ServerResponse& response)
    : serve::Exchange(host.service(), request, response,
                      host.options().accept.counted_as(request.peer_key(), request.peer_address())),
      host_(host) {}

std::expected<AccountId, Refusal> Exchange::account() const {
  auto admitted = admission();
  if (!admitted) return std::unexpected(std::move(admitted).error());
  return admitted->account;
}

std::expected<void, Refusal> Exchange::may_have_contracts() const {
  const std::expected<AccountId, Refusal> account = client();
  if (!account) return std::unexpected(account.error());
  const auto& options = host_.options();
  if (options.accept.named().bridges() > 0 && !options.deny.has(*account)) return {};
  auto accepted = admission();
  if (!accepted) return std::unexpected(std::move(accepted).error());
  return {};
}

std::expected<Admission, Refusal> Exchange::admission() const {
  const std::expected<AccountId, Refusal> account = client();
  if (!account) return std::unexpected(account.error());
  if (host_.options().deny.has(*account))
    return refuse(403, Code::denied, fmt::format("account {} is denied by this Host", account->hex()),
                  "what it has here stays readable until its term ends");
  Admission admission{.account = *account};
  const bool is_named = host_.options().accept.accepts(*account);
  // One that is accepted anyway needs no voucher, and none that is wrong does it harm.
  if (is_named && (!head().header("Inxt-Voucher") || !host_.vouched().has_bridges())) return admission;
  auto voucher = check_voucher(*account);
  if (!voucher && is_named) return admission;
  if (!voucher) return std::unexpected(std::move(voucher).error());
  if (host_.vouched().is_for(voucher->bridge)) admission.bridge = voucher->bridge;
  if (is_named) return admission;
  admission.let_in_by = voucher->bridge;
  admission.bytes_max = host_.shown_vouchers().most(*voucher, now_s());
  return admission;
}

std::expected<format::Voucher, Refusal> Exchange::check_voucher(const AccountId& account) const {
  const auto header = head().header("Inxt-Voucher");
  if (!header)
    return refuse(
        403, Code::denied, fmt::format("account {} is not accepted by this Host", account.hex()),
        "ask its operator to add it to the accept list, or show a voucher of a Bridge that it accepts");
  Result<format::Voucher> voucher = format::open_voucher_for(*header, account, host_.id(), now_s());
  if (!voucher) return std::unexpected(Refusal(403, std::move(voucher).error().in("Inxt-Voucher")));
  if (host_.options().deny.has_bridge(voucher->bridge))
    return refuse(403, Code::denied, "Inxt-Voucher: its Bridge is denied by this Host");
  if (!host_.options().accept.accepts_vouchers_of(voucher->bridge) &&
      !host_.options().accept.accepts(account))
    return refuse(403, Code::denied, "Inxt-Voucher: its Bridge is not accepted by this Host");
  return *std::move(voucher);
}

}  // namespace inxt::host
