// SPDX-License-Identifier: LGPL-3.0-or-later
// Room that a Bridge places for new generations of an owner's objects.
#pragma once

#include "client/generation_put.h"
#include "client/placed_hosts.h"
#include "client/tree_session.h"

namespace inxt::client {

class TreeRoom final : public GenerationHosts {
 public:
  /// REQUIRES: the session outlives it.
  TreeRoom(TreeSession& tree, const sys::Clock& clock, crypto::Random& random, std::uint64_t price_max,
           const format::PlacementAllowances& allow);
  TreeRoom(const TreeRoom&) = delete;
  TreeRoom& operator=(const TreeRoom&) = delete;

  net::Awaitable<Result<format::Layout>> begin(const FileId& file,
                                               const std::optional<format::Layout>& wished,
                                               std::optional<std::uint64_t> ciphertext_bytes) override;
  SegmentHostSource* segment_hosts() override { return placed_.get(); }
  const std::vector<format::Descriptor>& hosts() const override { return none_; }
  net::Awaitable<void> end() override;
  net::Awaitable<Result<std::vector<format::Descriptor>>> hosts_for_manifest(std::uint64_t bytes) override;

 private:
  TreeSession& tree_;
  const sys::Clock& clock_;
  crypto::Random& random_;
  std::uint64_t price_max_;
  format::PlacementAllowances allow_;
  std::unique_ptr<PlacedHosts> placed_;
  std::vector<format::PlacementId> rooms_;
  std::vector<format::Descriptor> none_;
};

}  // namespace inxt::client
