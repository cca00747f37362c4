// SPDX-License-Identifier: LGPL-3.0-or-later
// Which Hosts a put may use for a segment, where that is not its own choice among all that it was given.
#pragma once

#include <vector>

#include "format/descriptor.h"
#include "format/manifest_chain.h"
#include "net/async.h"

namespace inxt::client {

/// The Hosts of one segment.
struct SegmentHosts {
  std::vector<HostId> primary;    // of its pieces, in their order
  std::vector<HostId> secondary;  // for those that fail
};

/// One thread: the put's executor.  An error of any of these ends the put.
class SegmentHostSource {
 public:
  virtual ~SegmentHostSource() = default;
  /// Before the pieces of `segment` are sent; in ascending order.
  virtual net::Awaitable<Result<SegmentHosts>> hosts_of(std::uint64_t segment,
                                                        const format::Chain& chain) = 0;
  /// The Host, as it was last described.  REQUIRES: it is one of those that hosts_of() gave.
  virtual const format::Descriptor& describe(const HostId& host) const = 0;
  /// Before a piece of `size` bytes of this segment is sent there.
  virtual net::Awaitable<Result<void>> admit(std::uint64_t segment, const HostId& host,
                                             std::uint32_t size) = 0;
};

}  // namespace inxt::client
