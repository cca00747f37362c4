// SPDX-License-Identifier: LGPL-3.0-or-later
// What a client and a Bridge say to each other about where pieces go.  Wire: inxt-bridge(7).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "format/layout.h"

namespace inxt::format {

inline constexpr std::size_t kPlacementExcludedMax = 256;
inline constexpr std::size_t kPlacementGroupsMax = 64;
inline constexpr std::size_t kPlacementHostsMax = 2048;  // of all groups together
inline constexpr std::size_t kPlacementBodyBytesMax = 64 * 1024;
inline constexpr std::size_t kPlacementAnswerBytesMax = std::size_t{4} << 20;
inline constexpr std::size_t kPlacementExplanationBytesMax = std::size_t{2} << 20;
inline constexpr std::size_t kVouchersMax = 256;  // in one request
inline constexpr std::uint64_t kPlacementBytesMax = std::uint64_t{1} << 50;

using PlacementId = ByteArray<16>;

/// Rules that the owner gives up by name: pieces of one segment may lie at Hosts of one operator, and so on.
struct PlacementAllowances {
  bool same_operator = false;
  bool same_network = false;
  bool same_domain = false;
  bool new_hosts = false;
  bool operator==(const PlacementAllowances&) const = default;
  std::vector<std::string> names() const;
  /// Errors: usage, with the names that there are.
  Result<void> add(std::string_view name);
};

/// POST /v1/placements.
struct PlacementWish {
  PlacementId id{};                   // chosen at random: asked again under it, the Bridge gives what it gave
  std::uint64_t bytes = 0;            // of ciphertext; more is asked for with another placement
  bool is_open_ended = false;         // more may follow: the last segment is reserved whole, too
  std::optional<Layout> layout = {};  // none: the Bridge decides.  Its seal key is not told
  std::uint64_t price_max = 0;
  std::vector<HostId> excluded = {};
  PlacementAllowances allow = {};
  std::uint32_t groups_min = 1;
  std::optional<ByteArray<32>> seed = {};  // for tests; a Bridge that was not told to take it refuses it
  bool reserve = true;                     // false: only says what would be
  bool explain = false;
};
std::string write_placement_wish(const PlacementWish& wish);
/// Errors: integrity, with the member; usage for a layout that there is not.
Result<PlacementWish> read_placement_wish(std::string_view body);

struct PlacementGroup {
  std::vector<HostId> primary;    // of a segment's pieces, in order: shard by shard, mirror by mirror
  std::vector<HostId> secondary;  // stand in for these
  bool operator==(const PlacementGroup&) const = default;
};
struct PlacementGiven {
  PlacementId id{};
  Layout layout;                       // without seal key
  std::vector<PlacementGroup> groups;  // segment s belongs to group s mod groups.size()
  std::vector<std::string> hosts;      // lines of a hosts file, without newline: of every Host in the groups
  std::uint64_t reserved_bytes = 0;    // with redundancy, as files take room
  std::int64_t expires_unix_s = 0;
  std::string explanation = {};  // for people
};
/// One line, with newline.
std::string write_placement_given(const PlacementGiven& given);
/// Errors: integrity.  What the lines of Hosts hold is the caller's to check.
Result<PlacementGiven> read_placement_given(std::string_view line);

/// POST /v1/placements/{id}/vouchers.
struct VoucherWish {
  HostId host;
  AccountId account;                        // of who asks, at this Host
  std::optional<std::uint64_t> bytes = {};  // of this placement so far; none: all that it may be
};
std::string write_voucher_wishes(const std::vector<VoucherWish>& wishes);
/// Errors: integrity.  Limits: kVouchersMax.
Result<std::vector<VoucherWish>> read_voucher_wishes(std::string_view body);

struct VoucherGiven {
  HostId host;
  std::string token;
};
std::string write_vouchers_given(const std::vector<VoucherGiven>& vouchers, std::int64_t expires_unix_s);
struct VouchersGiven {
  std::vector<VoucherGiven> vouchers;
  std::int64_t expires_unix_s = 0;
};
Result<VouchersGiven> read_vouchers_given(std::string_view line);

}  // namespace inxt::format
