// SPDX-License-Identifier: LGPL-3.0-or-later
#include "host/served_table.h"

namespace inxt::host {

void ServedTable::add(Transfer transfer, std::uint64_t bytes, std::int64_t now_ms) {
  while (!order_.empty() && (order_.size() >= kServedMax || now_ms - order_.front().at_ms > kServedMs)) {
    const auto found = bytes_of_.find(order_.front().transfer);
    if (found != bytes_of_.end() && found->second.number == order_.front().number) bytes_of_.erase(found);
    order_.pop_front();
  }
  const std::uint64_t number = ++answers_;
  order_.push_back({transfer, now_ms, number});
  bytes_of_[std::move(transfer)] = {bytes, now_ms, number};
}

std::optional<std::uint64_t> ServedTable::find(const Transfer& transfer, std::int64_t now_ms) const {
  const auto found = bytes_of_.find(transfer);
  if (found == bytes_of_.end() || now_ms - found->second.at_ms > kServedMs) return std::nullopt;
  return found->second.bytes;
}

bool ServedTable::has(const AccountId& account) const {
  const auto first = bytes_of_.lower_bound(Transfer{.account = account, .piece = {}, .request = {}});
  return first != bytes_of_.end() && first->first.account == account;
}

}  // namespace inxt::host
