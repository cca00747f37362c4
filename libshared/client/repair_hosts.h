// SPDX-License-Identifier: LGPL-3.0-or-later
// Where the pieces that a repair remakes go.
#pragma once

#include <set>

#include "format/descriptor.h"
#include "net/async.h"

namespace inxt::client {

/// Says for each lost piece which Hosts may get it.  The same answer each time for the same piece: a repair that was
/// killed finds there what it had stored.
class RepairHosts {
 public:
  virtual ~RepairHosts() = default;
  /// In the order they are tried.  `taken`: Hosts that have, had or are to get pieces of the segment; those that only this
  /// piece is meant for are added.
  virtual net::Awaitable<Result<std::vector<format::Descriptor>>> candidates(const PieceId& piece, std::uint32_t size,
                                                                            std::set<HostId>& taken) = 0;
};

/// The Hosts of a hosts file.
class ListedRepairHosts final : public RepairHosts {
 public:
  ListedRepairHosts(std::vector<format::Descriptor> hosts, std::uint64_t price_max)
      : hosts_(std::move(hosts)), price_max_(price_max) {}
  net::Awaitable<Result<std::vector<format::Descriptor>>> candidates(const PieceId& piece, std::uint32_t size,
                                                                    std::set<HostId>& taken) override;

 private:
  std::vector<format::Descriptor> hosts_;
  std::uint64_t price_max_;
};

}  // namespace inxt::client
