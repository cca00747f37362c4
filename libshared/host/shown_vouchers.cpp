// SPDX-License-Identifier: LGPL-3.0-or-later
#include "host/shown_vouchers.h"

namespace inxt::host {

std::optional<std::uint64_t> ShownVouchers::most(const format::Voucher& voucher, std::int64_t now_unix_s) {
  if (!voucher.bytes) return std::nullopt;
  return note(voucher.bridge, voucher.account,
              {.bytes = *voucher.bytes, .expires_unix_s = voucher.expires_unix_s}, now_unix_s);
}

std::uint64_t ShownVouchers::note(const crypto::PublicKey& bridge, const AccountId& account,
                                  const Most& shown, std::int64_t now_unix_s) {
  const Key key{bridge, account};
  auto found = kept_.find(key);
  if (found == kept_.end()) {
    if (kept_.size() >= limit_)
      std::erase_if(kept_, [&](const auto& entry) { return entry.second.now.expires_unix_s <= now_unix_s; });
    if (kept_.size() >= limit_) return shown.bytes;
    found = kept_.emplace(key, Shown{}).first;
  }
  Most& now = found->second.now;
  const bool is_more =
      shown.bytes > now.bytes || (shown.bytes == now.bytes && shown.expires_unix_s > now.expires_unix_s);
  if (is_more || (now.expires_unix_s <= now_unix_s && now != shown)) {
    now = shown;
    ++changes_;
  }
  return now.bytes;
}

std::optional<ShownVouchers::Most> ShownVouchers::find(const crypto::PublicKey& bridge,
                                                       const AccountId& account) const {
  const auto found = kept_.find({bridge, account});
  if (found == kept_.end()) return std::nullopt;
  return found->second.now;
}

void ShownVouchers::for_each(
    const std::function<void(const crypto::PublicKey&, const AccountId&, const Most&)>& tell) const {
  for (const auto& [key, shown] : kept_) tell(key.first, key.second, shown.now);
}

bool ShownVouchers::is_kept(const crypto::PublicKey& bridge, const AccountId& account,
                            std::int64_t now_unix_s) const {
  const auto found = kept_.find({bridge, account});
  if (found == kept_.end()) return true;
  const auto& [now, in_file] = found->second;
  if (now.expires_unix_s <= now_unix_s || now.bytes == 0) return true;
  return in_file.bytes >= now.bytes && in_file.expires_unix_s > now_unix_s;
}

void ShownVouchers::mark_kept(const crypto::PublicKey& bridge, const AccountId& account,
                              const Most& in_file) {
  if (const auto found = kept_.find({bridge, account}); found != kept_.end()) found->second.in_file = in_file;
}

void ShownVouchers::mark_all_kept() {
  for (auto& [key, shown] : kept_) shown.in_file = shown.now;
}

}  // namespace inxt::host
