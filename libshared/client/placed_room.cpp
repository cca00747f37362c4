// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/placed_room.h"

#include <algorithm>

#include "client/hidden_file.h"
#include "client/placement_check.h"
#include "store/stored_piece.h"

namespace inxt::client {

using net::Awaitable;

namespace {

Awaitable<Result<format::PlacementGiven>> place(transfer::BridgeAccounts& bridge, crypto::Random& random,
                                                const RoomWanted& wanted, format::PlacementWish& wish) {
  wish.bytes = wanted.bytes;
  wish.price_max = wanted.price_max;
  wish.allow = wanted.allow;
  format::Layout layout;
  // A room of a few pages takes no whole shard of anybody's quota.
  const auto rounded =
      (wanted.bytes + format::kShardBytesStep - 1) / format::kShardBytesStep * format::kShardBytesStep;
  layout.shard_bytes = static_cast<std::uint32_t>(
      std::clamp<std::uint64_t>(rounded, format::kShardBytesStep, format::kShardBytesMax));
  for (layout.mirrors = wanted.mirrors;; --layout.mirrors) {
    random.fill(wish.id);
    wish.layout = layout;
    Result<format::PlacementGiven> given = co_await bridge.place(wish);
    if (given || given.error().code != Code::try_again || layout.mirrors == 1) co_return given;
  }
}

}  // namespace

Awaitable<Result<PlacedRoom>> place_room(transfer::BridgeAccounts& bridge, const keys::UploaderKeys& uploader,
                                         crypto::Random& random, RoomWanted wanted) {
  format::PlacementWish wish;
  CO_TRY(const auto given, co_await place(bridge, random, wanted, wish));
  PlacedRoom out;
  out.placement = given.id;
  CO_TRY(auto hosts, check_placement(wish, given, bridge.bridge()));
  std::map<HostId, format::Descriptor> described;
  for (auto& host : hosts) {
    const auto id = host.host;
    described.insert_or_assign(id, std::move(host));
  }
  if (given.groups.empty()) co_return fail(Code::integrity, "the Bridge's placement has no group");
  auto ids = given.groups.front().primary;
  const auto primary = ids.size();
  if (!given.groups.front().secondary.empty()) ids.push_back(given.groups.front().secondary.front());
  // The whole of the room at each of them: which one gets more than its share is not known before.
  const auto bytes = given.layout.segments(wanted.bytes) * store::file_bytes(given.layout.shard_bytes);
  std::vector<format::VoucherWish> wishes;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto host = described.find(ids[i]);
    if (host == described.end())
      co_return fail(Code::integrity, "the Bridge's placement does not say where a Host is");
    format::VoucherWish voucher;
    voucher.host = ids[i];
    voucher.account = uploader.account_id(ids[i]);
    if (i >= primary) voucher.bytes = bytes;
    wishes.push_back(voucher);
    out.hosts.push_back(host->second);
  }
  CO_TRY(const auto vouchers, co_await bridge.vouchers(out.placement, wishes));
  for (const auto& voucher : vouchers.vouchers) out.vouchers[voucher.host] = voucher.token;
  co_return out;
}

}  // namespace inxt::client
