// SPDX-License-Identifier: LGPL-3.0-or-later
#include "host/vouched_accounts.h"

#include <algorithm>

namespace inxt::host {

void VouchedAccounts::set_bridges(std::span<const crypto::PublicKey> bridges) {
  for (auto bridge = bridges_.begin(); bridge != bridges_.end();) {
    if (std::ranges::find(bridges, bridge->first) != bridges.end()) {
      ++bridge;
      continue;
    }
    size_ -= bridge->second.accounts.size();
    bridge = bridges_.erase(bridge);
    ++changes_;
  }
  for (const crypto::PublicKey& bridge : bridges) bridges_.try_emplace(bridge);
}

VouchedAccounts::Bridge* VouchedAccounts::find(const crypto::PublicKey& bridge) {
  const auto found = bridges_.find(bridge);
  return found == bridges_.end() ? nullptr : &found->second;
}

std::size_t VouchedAccounts::size(const crypto::PublicKey& bridge) const {
  const auto found = bridges_.find(bridge);
  return found == bridges_.end() ? 0 : found->second.accounts.size();
}

std::vector<crypto::PublicKey> VouchedAccounts::bridges_of(const AccountId& account) const {
  std::vector<crypto::PublicKey> bridges;
  for (const auto& [bridge, of] : bridges_)
    if (of.accounts.contains(account)) bridges.push_back(bridge);
  return bridges;
}

bool VouchedAccounts::note(const crypto::PublicKey& bridge, const AccountId& account) {
  Bridge* const of = find(bridge);
  if (of == nullptr) return true;
  auto entry = of->accounts.find(account);
  if (entry == of->accounts.end()) {
    if (size_ >= kVouchedAccountsMax) return false;
    entry = of->accounts.emplace(account, Told{}).first;
    ++size_;
    ++changes_;
  }
  if (!entry->second.is_new) of->noted.push_back(account);
  entry->second.is_new = true;
  return true;
}

std::vector<format::AccountBytes> VouchedAccounts::due(const crypto::PublicKey& bridge, std::size_t limit,
                                                       const BytesOf& bytes_of) {
  std::vector<format::AccountBytes> due;
  Bridge* const of = find(bridge);
  if (of == nullptr) return due;
  std::size_t looks = 0;
  const auto may_look = [&] { return due.size() < limit && looks < kVouchedLooksMax; };
  const auto look = [&](const AccountId& account, const Told& told) {
    ++looks;
    const std::uint64_t bytes = bytes_of(account);
    if (told.bytes == bytes || std::ranges::find(due, account, &format::AccountBytes::account) != due.end())
      return;
    due.push_back({.account = account, .bytes = bytes});
  };
  while (may_look() && !of->noted.empty()) {
    const AccountId account = of->noted.front();
    of->noted.pop_front();
    const auto entry = of->accounts.find(account);
    if (entry == of->accounts.end()) continue;  // forgotten since
    entry->second.is_new = false;
    look(account, entry->second);
  }
  for (std::size_t left = of->accounts.size(); left > 0 && may_look(); --left) {
    auto entry = of->accounts.upper_bound(of->cursor);
    if (entry == of->accounts.end()) entry = of->accounts.begin();
    of->cursor = entry->first;
    look(entry->first, entry->second);
  }
  return due;
}

void VouchedAccounts::told(const crypto::PublicKey& bridge, std::span<const format::AccountBytes> accounts) {
  Bridge* const of = find(bridge);
  if (of == nullptr) return;
  for (const format::AccountBytes& account : accounts) {
    const auto entry = of->accounts.find(account.account);
    if (entry == of->accounts.end()) continue;
    entry->second.bytes = account.bytes;
    if (account.bytes != 0 || entry->second.is_new) continue;  // it has stored something since
    of->accounts.erase(entry);
    --size_;
    ++changes_;
  }
}

void VouchedAccounts::forget_told(const crypto::PublicKey& bridge) {
  Bridge* const of = find(bridge);
  if (of == nullptr) return;
  for (auto& [account, told] : of->accounts) told.bytes.reset();
}

void VouchedAccounts::for_each(
    const std::function<void(const crypto::PublicKey&, const AccountId&)>& tell) const {
  for (const auto& [bridge, of] : bridges_)
    for (const auto& [account, told] : of.accounts) tell(bridge, account);
}

bool VouchedAccounts::knows(const crypto::PublicKey& bridge, const AccountId& account) const {
  const auto found = bridges_.find(bridge);
  return found != bridges_.end() && found->second.accounts.contains(account);
}

bool VouchedAccounts::is_kept(const crypto::PublicKey& bridge, const AccountId& account) const {
  const auto found = bridges_.find(bridge);
  if (found == bridges_.end()) return true;
  const auto entry = found->second.accounts.find(account);
  return entry == found->second.accounts.end() || entry->second.is_kept;
}

void VouchedAccounts::mark_kept(const crypto::PublicKey& bridge, const AccountId& account) {
  Bridge* const of = find(bridge);
  if (of == nullptr) return;
  if (const auto entry = of->accounts.find(account); entry != of->accounts.end())
    entry->second.is_kept = true;
}

void VouchedAccounts::mark_all_kept() {
  for (auto& [bridge, of] : bridges_)
    for (auto& [account, told] : of.accounts) told.is_kept = true;
}

}  // namespace inxt::host
