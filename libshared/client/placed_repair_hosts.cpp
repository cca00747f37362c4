// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/placed_repair_hosts.h"

#include <algorithm>

#include "client/placement_check.h"
#include "crypto/hash.h"
#include "store/stored_piece.h"

namespace inxt::client {

net::Awaitable<Result<std::vector<format::Descriptor>>> PlacedRepairHosts::candidates(const PieceId& piece,
                                                                                     std::uint32_t size,
                                                                                     std::set<HostId>& taken) {
  format::PlacementWish wish;
  crypto::Sha256 hash;
  hash.update(piece.view());
  hash.update(uploader_.account_id(HostId{bridge_.bridge()}).view());
  std::ranges::copy_n(hash.digest().begin(), wish.id.size(), wish.id.begin());
  wish.bytes = size;
  wish.price_max = price_max_;
  wish.allow = allow_;
  for (const auto& host : taken)
    if (wish.excluded.size() < format::kPlacementExcludedMax) wish.excluded.push_back(host);
  format::Layout layout;
  layout.shard_bytes = (size + format::kShardBytesStep - 1) / format::kShardBytesStep * format::kShardBytesStep;
  wish.layout = layout;
  CO_TRY(const auto given, co_await bridge_.place(wish));
  placements_.push_back(given.id);
  CO_TRY(auto hosts, check_placement(wish, given, bridge_.bridge()));
  if (given.groups.empty()) co_return fail(Code::integrity, "the Bridge's placement has no group");
  const auto& group = given.groups.front();
  std::vector<format::Descriptor> out;
  std::vector<format::VoucherWish> wishes;
  const auto add = [&](const HostId& id, bool is_primary) {
    const auto host = std::ranges::find(hosts, id, &format::Descriptor::host);
    if (host == hosts.end() || taken.contains(id) || out.size() == format::kVouchersMax) return;
    format::VoucherWish voucher;
    voucher.host = id;
    voucher.account = uploader_.account_id(id);
    if (!is_primary) voucher.bytes = store::file_bytes(layout.shard_bytes);
    wishes.push_back(voucher);
    out.push_back(*host);
  };
  for (const auto& id : group.primary) add(id, true);
  for (const auto& id : group.secondary) add(id, false);
  for (const auto& id : group.primary) taken.insert(id);
  if (out.empty()) co_return out;
  CO_TRY(const auto vouchers, co_await bridge_.vouchers(given.id, wishes));
  for (const auto& voucher : vouchers.vouchers) vouchers_.take(voucher.host, voucher.token);
  co_return out;
}

net::Awaitable<void> PlacedRepairHosts::end() {
  for (const auto& placement : std::exchange(placements_, {})) (void)co_await bridge_.end(placement);
}

}  // namespace inxt::client
