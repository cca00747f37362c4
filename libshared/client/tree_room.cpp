// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/tree_room.h"

#include <utility>

#include "client/placed_room.h"

namespace inxt::client {

using net::Awaitable;

TreeRoom::TreeRoom(TreeSession& tree, const sys::Clock& clock, crypto::Random& random,
                   std::uint64_t price_max, const format::PlacementAllowances& allow)
    : tree_(tree), clock_(clock), random_(random), price_max_(price_max), allow_(allow) {
  tree_.set_room(price_max, allow);
}

Awaitable<Result<format::Layout>> TreeRoom::begin(const FileId& file,
                                                  const std::optional<format::Layout>& wished,
                                                  std::optional<std::uint64_t> ciphertext_bytes) {
  PlacementWanted wanted;
  wanted.ciphertext_bytes = ciphertext_bytes;
  wanted.price_max = price_max_;
  wanted.allow = allow_;
  wanted.on_voucher = [this](const HostId& host, const std::string& token) {
    tree_.vouchers().take(host, token);
  };
  placed_ = std::make_unique<PlacedHosts>(tree_.accounts(), tree_.session().network().executor,
                                          tree_.key().uploader(), clock_, std::move(wanted));
  co_return co_await placed_->begin(file, wished);
}

Awaitable<void> TreeRoom::end() {
  if (placed_) co_await placed_->end();
  for (const auto& room : std::exchange(rooms_, {})) {
    const Result<void> ignored = co_await tree_.accounts().end(room);
  }
}

Awaitable<Result<std::vector<format::Descriptor>>> TreeRoom::hosts_for_manifest(std::uint64_t bytes) {
  RoomWanted wanted;
  wanted.bytes = bytes;
  wanted.mirrors = kHiddenFileMirrors;
  wanted.price_max = price_max_;
  wanted.allow = allow_;
  CO_TRY(auto placed,
         co_await place_room(tree_.accounts(), tree_.key().uploader(), random_, std::move(wanted)));
  for (const auto& [host, voucher] : placed.vouchers) tree_.vouchers().take(host, voucher);
  rooms_.push_back(placed.placement);
  co_return std::move(placed.hosts);
}

}  // namespace inxt::client
