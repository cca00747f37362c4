// SPDX-License-Identifier: LGPL-3.0-or-later
// One placement for many small files, so that a thousand of them do not ask a Bridge a thousand times.
//
// Files of about the same size have one layout, whose shards are no larger than they need, and one placement:
// each file is a segment of it.  Tool: inxt-put(1).
#pragma once

#include <map>

#include "client/latest_vouchers.h"
#include "client/placed_hosts.h"

namespace inxt::client {

inline constexpr std::uint64_t kBatchedFileBytesMax =
    1024 * 1024;  // of ciphertext; larger ones are placed by themselves

struct BatchWanted {
  std::optional<format::Layout> layout = {};  // none: the Bridge decides, for each size
  bool is_shard_size_fixed = false;           // the layout's; else it is made as small as a file is
  std::uint64_t price_max = 0;
  format::PlacementAllowances allow = {};
  LatestVouchers* vouchers = nullptr;  // gets them
};

class PlacedBatch {
 public:
  /// REQUIRES: all that is referred to outlives it.
  PlacedBatch(transfer::BridgeAccounts& bridge, const net::Executor& executor,
              const keys::UploaderKeys& uploader, const sys::Clock& clock, crypto::Random& random,
              BatchWanted wanted)
      : bridge_(bridge),
        executor_(executor),
        uploader_(uploader),
        clock_(clock),
        random_(random),
        wanted_(std::move(wanted)) {}

  /// Announces a file; all of them before the first begin().
  void expect(std::uint64_t ciphertext_bytes) { ++sizes_[class_of(ciphertext_bytes)].files; }

  /// Where the Hosts of one file come from, and its layout without a seal key.
  struct Place {
    std::unique_ptr<SegmentHostSource> hosts;
    format::Layout layout;
  };
  /// REQUIRES: a file of this size was announced.  Errors: those of PlacedHosts::begin().
  net::Awaitable<Result<Place>> begin(std::uint64_t ciphertext_bytes);

  /// Gives back what was announced and not used.
  net::Awaitable<void> end();

 private:
  struct Size {
    std::uint64_t files = 0;
    std::uint64_t begun = 0;
    std::unique_ptr<PlacedHosts> placed;
    format::Layout layout;
    bool is_asking = false;
  };
  static std::uint64_t class_of(std::uint64_t bytes);
  net::Awaitable<Result<format::Layout>> layout_for(std::uint64_t bytes);
  net::Awaitable<Result<void>> place(std::uint64_t bytes, Size& size);

  transfer::BridgeAccounts& bridge_;
  net::Executor executor_;
  const keys::UploaderKeys& uploader_;
  const sys::Clock& clock_;
  crypto::Random& random_;
  BatchWanted wanted_;
  std::map<std::uint64_t, Size> sizes_;  // by the most bytes of the class
  std::unique_ptr<net::Event> changed_;
};

}  // namespace inxt::client
