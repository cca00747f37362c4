// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/renewal_vouchers.h"

#include <algorithm>

#include "client/host_addresses.h"

namespace inxt::client {

net::Awaitable<Result<void>> RenewalVouchers::fetch(const ManifestTable& manifest,
                                                    const keys::UploaderKeys& uploader,
                                                    const std::vector<transfer::HostAddress>& hosts) {
  const auto now = clock_.unix_s();
  std::vector<HostId> named;  // as the manifest names them, in the order of the wishes
  std::vector<format::VoucherWish> wishes;
  std::vector<bool> is_kept_at(manifest.hosts().size());
  for (std::uint64_t piece = 0; piece < manifest.pieces(); ++piece)
    for (const auto& at : manifest.places_of(piece))
      if (at.uploader == uploader.number()) is_kept_at[at.host] = true;
  for (std::size_t i = 0; i < is_kept_at.size(); ++i) {
    if (!is_kept_at[i]) continue;
    const auto& host = manifest.hosts()[i];
    const auto known = asked_.find({uploader.number(), host.id});
    if (known != asked_.end() && known->second.until_unix_s > now + kRenewalVoucherMarginS) continue;
    named.push_back(host.id);
    wishes.push_back({.host = newest_address(host.id, host.addresses, hosts).present_id(),
                      .account = uploader.account_id(host.id),
                      .bytes = {}});
  }
  for (std::size_t first = 0; first < wishes.size(); first += format::kVouchersMax) {
    const auto count = std::min(wishes.size() - first, format::kVouchersMax);
    const auto from = wishes.begin() + static_cast<std::ptrdiff_t>(first);
    const std::vector<format::VoucherWish> some(from, from + static_cast<std::ptrdiff_t>(count));
    CO_TRY(const auto given, co_await bridge_.vouchers_again(some));
    for (std::size_t i = 0; i < count; ++i) {
      Asked asked{.token = {}, .until_unix_s = given.expires_unix_s};
      const auto found =
          std::ranges::find(given.vouchers, some[i].host, [](const auto& one) { return one.host; });
      if (found != given.vouchers.end()) asked.token = found->token;
      asked_[{uploader.number(), named[first + i]}] = std::move(asked);
    }
  }
  co_return Result<void>{};
}

std::optional<std::string> RenewalVouchers::find(std::uint32_t uploader, const HostId& host) const {
  const auto known = asked_.find({uploader, host});
  if (known == asked_.end()) return std::nullopt;
  return known->second.token;
}

}  // namespace inxt::client
