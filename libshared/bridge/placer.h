// SPDX-License-Identifier: LGPL-3.0-or-later
// From a wish for a placement to one: the Hosts of the table, the rules of plan/placement.h, the bytes that
// files take.
#pragma once

#include "bridge/candidate_pool.h"
#include "bridge/placement_rows.h"
#include "crypto/random.h"

namespace inxt::bridge {

inline constexpr std::int64_t kRoomsAgeMs = 5000;

struct PlacerOptions {
  plan::PlacementLimits limits;
  std::int64_t beat_interval_s = 60;
  bool takes_seeds = false;  // of clients: for tests, whose placements are to come out the same
};

/// All of it outlives the placer.
struct PlacerParts {
  database::Database& database;
  net::WorkerPool& workers;
  HostTable& hosts;
  const sys::Clock& clock;
  crypto::Random& random;
};

struct Placed {
  format::PlacementGiven given;  // but for expires_unix_s
  std::vector<ReservedHost> hosts;
};

/// One thread.
class Placer {
 public:
  Placer(const PlacerParts& parts, const PlacerOptions& options)
      : parts_(parts), options_(options), candidates_(options.limits, options.beat_interval_s) {}

  /// Reads what has changed, then draws.  `full`: Hosts that turned out to have no room.
  /// Errors: usage; try_again when too few Hosts qualify, with what each rule took away; the database's.
  net::Awaitable<Result<Placed>> place(const format::PlacementWish& wish, const std::vector<HostId>& full);

  /// The lines of the Hosts of a placement, as they are now; those that are gone are left out.
  net::Awaitable<Result<std::vector<std::string>>> lines_of(
      const std::vector<format::PlacementGroup>& groups);

  /// Reads what has changed.
  net::Awaitable<Result<void>> update();
  /// As update() left them.
  const CandidatePool& candidates() const { return candidates_; }

 private:
  Result<Placed> draw(const format::PlacementWish& wish, const std::vector<HostId>& full);
  std::vector<std::string> lines(const std::vector<format::PlacementGroup>& groups) const;

  PlacerParts parts_;
  PlacerOptions options_;
  CandidatePool candidates_;
  std::unordered_map<HostId, HostRoom> rooms_;
  std::int64_t rooms_ms_ = 0;
  bool has_rooms_ = false;
};

/// How many of `segments` belong to group `number` of `groups`.
std::uint64_t segments_of_group(std::uint64_t segments, std::size_t number, std::size_t groups);

/// What the files of a Host's pieces take that has one of each of these segments' pieces.
/// `last`: the file's last segment is among them, of so many bytes of ciphertext.
std::uint64_t share_bytes(const format::Layout& layout, std::uint64_t segments,
                          std::optional<std::uint64_t> last);

}  // namespace inxt::bridge
