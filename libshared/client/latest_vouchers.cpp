// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/latest_vouchers.h"

#include "client/placed_hosts.h"
#include "format/voucher.h"

namespace inxt::client {

void LatestVouchers::take(const HostId& host, const std::string& token) {
  const auto voucher = format::open_voucher(token, std::nullopt);
  if (!voucher) return;
  const auto bytes = voucher->bytes.value_or(UINT64_MAX);
  auto& kept = kept_[host];
  const bool is_over_soon = kept.expires_unix_s < clock_.unix_s() + kVoucherMarginS;
  if (bytes < kept.bytes && !is_over_soon) return;
  kept = {.token = token, .bytes = bytes, .expires_unix_s = voucher->expires_unix_s};
}

std::optional<std::string> LatestVouchers::find(const HostId& host) const {
  const auto kept = kept_.find(host);
  if (kept == kept_.end() || kept->second.token.empty()) return std::nullopt;
  return kept->second.token;
}

}  // namespace inxt::client
