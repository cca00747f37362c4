// SPDX-License-Identifier: LGPL-3.0-or-later
// Hosts that a Bridge placed, and its vouchers for them.  Tool: inxt-put(1).
//
// What is to be stored is announced before it is: whole where its size is known, else in steps, so that a
// quota that is too small is told before a byte is sent, or at the next step.  Vouchers are asked for as they
// are needed: for the whole share of a Host where the size is known, else in steps too, because what was
// vouched for counts as used for hours.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <unordered_map>

#include "client/segment_hosts.h"
#include "crypto/random.h"
#include "format/placement.h"
#include "keys/owner.h"
#include "net/event.h"
#include "sys/clock.h"
#include "transfer/bridge_accounts.h"

namespace inxt::client {

inline constexpr std::uint64_t kAnnouncedStepBytes = std::uint64_t{1} << 30;  // of ciphertext
inline constexpr std::uint64_t kAnnouncedStepBytesMin = 1024 * 1024;     // where there is no quota for more
inline constexpr std::uint64_t kVoucherStepBytesMax = 16 * 1024 * 1024;  // of one Host's files
inline constexpr std::int64_t kVoucherMarginS = 900;  // a voucher that ends sooner is renewed

struct PlacementWanted {
  std::optional<std::uint64_t> ciphertext_bytes = {};  // none: not known, steps
  std::uint64_t price_max = 0;
  format::PlacementAllowances allow = {};
  std::uint32_t groups_min = 1;
  std::optional<ByteArray<32>> seed = {};
  /// Gets every voucher, where not this placement alone shows them (client/latest_vouchers.h).
  std::function<void(const HostId& host, const std::string& token)> on_voucher = {};
};

class PlacedHosts final : public SegmentHostSource {
 public:
  /// REQUIRES: all that is referred to outlives it.
  PlacedHosts(transfer::BridgeAccounts& bridge, const net::Executor& executor,
              const keys::UploaderKeys& uploader, const sys::Clock& clock, PlacementWanted wanted)
      : bridge_(bridge), uploader_(uploader), clock_(clock), wanted_(std::move(wanted)), changed_(executor) {}

  /// Announces the first step (again: what was not used up an hour ago is the same) and gives the layout; its
  /// seal key is zeros.  `layout`: none lets the Bridge decide.  `file`: what the placements are named by.
  /// Errors: quota, try_again where too few Hosts qualify.
  net::Awaitable<Result<format::Layout>> begin(const FileId& file,
                                               const std::optional<format::Layout>& layout);

  net::Awaitable<Result<SegmentHosts>> hosts_of(std::uint64_t segment, const format::Chain& chain) override;
  const format::Descriptor& describe(const HostId& host) const override { return hosts_.at(host); }
  net::Awaitable<Result<void>> admit(std::uint64_t segment, const HostId& host, std::uint32_t size) override;

  /// The latest for this Host; nothing where none was asked for.
  std::optional<std::string> voucher_for(const HostId& host) const;
  /// Gives back what was announced and not used.  Best effort.
  net::Awaitable<void> end();

 private:
  struct AtHost {
    std::uint64_t share_bytes = 0;    // of the primary groups that it is in
    std::uint64_t used_bytes = 0;     // sent or on the way
    std::uint64_t vouched_bytes = 0;  // of this placement
    std::int64_t until_unix_s = 0;    // of its voucher
  };
  struct Announced {
    format::PlacementId id{};
    std::uint64_t first_segment = 0;
    std::uint64_t segments = 0;
    std::vector<format::PlacementGroup> groups;
    std::map<HostId, AtHost> at;
    bool is_asking = false;  // for vouchers
  };

  net::Awaitable<Result<void>> announce(std::uint64_t first_segment,
                                        const std::optional<format::Layout>& layout);
  net::Awaitable<Result<format::PlacementGiven>> ask_in_smaller_steps(format::PlacementWish& wish);
  Result<void> take(format::PlacementGiven given, std::uint64_t first_segment,
                    const format::PlacementWish& wish);
  Announced& announced_for(std::uint64_t segment);
  bool needs_voucher(const AtHost& at) const;
  std::vector<format::VoucherWish> wishes(const Announced& announced, const HostId& host) const;
  net::Awaitable<Result<void>> ask_for_vouchers(Announced& announced, const HostId& host);

  transfer::BridgeAccounts& bridge_;
  const keys::UploaderKeys& uploader_;
  const sys::Clock& clock_;
  PlacementWanted wanted_;
  net::Event changed_;
  std::uint64_t step_bytes_ = kAnnouncedStepBytes;  // smaller once there was no quota for more
  FileId file_;
  format::Layout layout_;
  std::deque<Announced> announced_;
  std::unordered_map<HostId, format::Descriptor> hosts_;
  std::unordered_map<HostId, std::string> vouchers_;
};

}  // namespace inxt::client
