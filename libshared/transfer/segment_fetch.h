// SPDX-License-Identifier: LGPL-3.0-or-later
// Reads the pieces of one segment that a repair takes: those that are asked for by name, where somebody has
// them, and any others up to K shards.  Several at once, and others in the place of those that are slow: an
// honest line may be slow, so these go on, but no number of Hosts that send a byte now and then holds it up.
#pragma once

#include <functional>
#include <set>

#include "net/event.h"
#include "net/task.h"
#include "transfer/rebuild.h"

namespace inxt::transfer {

inline constexpr std::int64_t kFetchSlowMs = 20'000;  // without a piece: another source is asked beside one
inline constexpr std::int64_t kFetchMsMax = 600'000;  // one piece from one source; then it is left

/// Verified, and still sealed.
struct FetchedPiece {
  Place place;
  Bytes bytes;
};

/// One thread.
class SegmentFetch {
 public:
  /// REQUIRES: all that is referred to outlives it.
  SegmentFetch(Network network, const std::vector<PieceSource>& sources, const format::Layout& layout,
               const std::function<bool()>& stopped);

  /// Afterwards pieces() has every piece of `wanted`, or at least K shards; with none wanted, K shards.
  /// Errors: too_few_pieces, with what the sources said; failure when it was stopped.
  net::Awaitable<Result<void>> get(const std::vector<PieceId>& wanted);

  std::vector<FetchedPiece>& pieces() { return pieces_; }
  std::uint64_t read_bytes() const { return read_bytes_; }
  const std::vector<FalseSource>& false_sources() const { return false_; }

 private:
  struct Try {
    const PieceSource* source;
    int tries = 0;
    bool running = false;
    bool slow = false;  // another was asked in its place
    bool useless = false;
    std::int64_t begun_ms = 0;
    net::Task task = {};
  };
  struct EndOfTry;

  net::Awaitable<void> fetch(Try& one);
  /// The next source that brings on what is still needed; null: there is none.
  Try* next(const std::set<PieceId>& wanted);
  /// Counts the one that has been asked the longest for slow, when no piece has come for a while; leaves
  /// those that were asked too long ago.
  void look_for_slow();
  void note(const Try& one, std::string_view what);
  std::size_t shards() const;
  bool has(const Place& place) const;
  Error lacking() const;

  Network net_;
  const format::Layout& layout_;
  const std::function<bool()>& stopped_;
  std::vector<Try> tries_;
  std::vector<FetchedPiece> pieces_;
  std::vector<FalseSource> false_;
  std::vector<std::string> troubles_;
  std::uint64_t read_bytes_ = 0;
  std::int64_t last_piece_ms_ = 0;
  std::size_t running_ = 0;
  net::Event changed_;
};

}  // namespace inxt::transfer
