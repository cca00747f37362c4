// SPDX-License-Identifier: LGPL-3.0-or-later
// The inventory of a Host: makes signed heads over all that the store holds, at most one an hour, and keeps
// what is needed to answer questions about those that are still answerable.
// Format: inxt-inventory(5).  Manual: inxt-host(8), "The inventory".
//
// A head is made in jobs of kFoldersPerJob folders: folders that did not change since the last one are not
// hashed again.  Memory, whatever the store holds: 0.5 MB, 0.5 MB for each answerable head, and leaves up to
// kLeafCacheBytesMax; a head's contracts stand in files.
#pragma once

#include <atomic>
#include <mutex>
#include <set>
#include <shared_mutex>

#include "host/inventory_chain.h"
#include "host/inventory_state.h"
#include "host/leaf_cache.h"
#include "host/releases.h"
#include "net/event.h"
#include "net/worker_pool.h"
#include "serve/log.h"
#include "sys/clock.h"

namespace inxt::host {

inline constexpr std::int64_t kAnswerableS = 2 * 3600;  // after a head was superseded
inline constexpr std::size_t kHeadsAnswerable = 4;
inline constexpr std::size_t kFoldersPerJob = 64;
inline constexpr std::int64_t kHeadRetryMs = 60'000;  // after one could not be made
inline constexpr std::chrono::milliseconds kHeadWaitMs{
    20'000};                                                // of a request, for the head that is being made
inline constexpr std::uint64_t kUnreadContractsMax = 1000;  // with more of them to read, a head is put off
/// What was let go may be listed by a head whose making took so long.
inline constexpr std::int64_t kReleasedMarginS = 3600;
/// With a clock further ahead than the one that is trusted, no head is made: one of the future would be the
/// last.
inline constexpr std::int64_t kHeadClockGapSMax = 3600;

/// What an inventory works with.  All of it outlives the inventory.
struct InventoryParts {
  store::Store& store;
  net::WorkerPool& workers;
  const sys::Clock& clock;
  const crypto::SigningKey& key;
  serve::Log& log;
};

class Inventory {
 public:
  using State = std::shared_ptr<const InventoryState>;

  /// `directory`: the store's.  REQUIRES: it outlives this.
  Inventory(const net::Executor& executor, const InventoryParts& parts, sys::Directory& directory);

  /// Reads what was kept, once, before everything else.  Waits for the disk.  What is damaged is logged and
  /// left out. Errors: the disk's.
  Result<void> load();

  // ---- on the loop

  /// Whether a head is due: an hour has begun that has none, something has changed, and everything is known
  /// of it.  `clock_gap_s`: how far the clock is ahead of the trusted one; nothing when that is not known.
  bool is_due(std::optional<std::int64_t> clock_gap_s) const;
  /// Makes a head, unless nothing has changed; and forgets what is not answerable any more.  One at a time.
  /// Errors: the disk's; there is no new head then.
  net::Awaitable<Result<void>> make();
  /// Asks run_inventory() for a head, and waits for it at most kHeadWaitMs.
  net::Awaitable<void> ask_for_head();
  /// Whether somebody has, since the last one was made.
  bool is_asked_for() const { return is_asked_for_; }
  /// Resumes when somebody asks for a head, after `time` at the latest.
  net::Awaitable<void> wait_for_question(std::chrono::milliseconds time);

  /// Forgets what is not answerable any more.
  net::Awaitable<void> forget_old();

  std::uint64_t heads_made() const { return heads_made_; }
  std::int64_t last_made_ms() const { return last_took_ms_; }

  // ---- on any thread

  /// The latest; nothing before the first.
  State latest() const;
  /// Nothing when no head with this hash can be answered about.
  State answerable(const crypto::Hash& head) const;
  InventoryChain& chain() { return chain_; }
  Releases& releases() { return releases_; }
  /// Of a folder of an answerable head.  Cost: none when they are at hand; else one read of the disk.
  Result<LeafCache::Leaves> leaves(const InventoryState& state, std::size_t folder);
  Result<std::vector<store::HeldContract>> contracts_in(const InventoryState& state, std::size_t folder) {
    return state.contracts_in(directory_, folder);
  }

  /// One contract that is about to go.
  struct Leaving {
    const store::Trailer* trailer = nullptr;
    std::string_view deletion = {};  // the token; empty when its term is over, or it is
    std::string_view release = {};   // a Bridge's
  };
  /// Lives until the contracts are removed.
  struct Letting {
    /// While it is held no head is begun, so that what goes is in none whose making has begun without it
    /// being known here.
    std::shared_lock<std::shared_mutex> making;
    /// Held where a head lists several contracts about a piece, or may: of two that go at once, one is the
    /// last.
    std::unique_lock<std::mutex> last;
  };
  /// Before a contract is removed, on the same thread: keeps why, where an answerable head lists it.  Where
  /// there is no room for an owner's order, all heads are forgotten: better no answer than that a piece is
  /// missing. Other reasons can wait. Errors: try_again when a head lists it with others that are gone (its
  /// sample could not be released), or when there is no room and it can wait (its term is over, or a head is
  /// being made); the disk's.
  Result<Letting> let_go(std::span<const Leaving> leaving);

 private:
  struct Folder {
    std::uint64_t changes = ~std::uint64_t{0};
    proof::InventoryBranch branch;
    std::uint64_t pieces = 0;
  };
  struct Listing {
    bool alone = false;     // some head lists just this contract about the piece
    bool together = false;  // some head lists several about it
  };

  Result<std::vector<store::HeldContract>> look_at(std::size_t folder);
  Result<void> refresh(std::size_t first);
  Result<void> write_part(InventoryStateWriter& writer, std::size_t first);
  Result<State> finish(InventoryStateWriter& writer, std::int64_t now_s);
  net::Awaitable<Result<void>> make_alone();
  /// Writes its line into the chain, and then lets everybody see it.
  net::Awaitable<Result<void>> show(State state);
  Listing listing(const PieceId& piece, const crypto::Hash& blinded);
  /// Those that can be asked about, or can be soon.
  std::vector<State> states() const;
  State pending() const;
  /// Takes those that are not answerable any more off the list.
  std::vector<State> take_old(std::int64_t now_s);
  void remove_files(const std::vector<State>& old);

  InventoryParts parts_;
  sys::Directory& directory_;
  const HostId host_;
  InventoryChain chain_;
  Releases releases_;
  LeafCache cache_;
  net::Event asked_, made_;

  std::vector<Folder> folders_;  // of jobs of make()
  std::size_t unread_ = 0;       // of the making under way
  bool is_making_ = false;
  bool is_asked_for_ = false;
  std::optional<std::uint64_t>
      looked_changes_;  // Store::inventory_changes() that the latest head, or the last look, has
  std::optional<std::int64_t> last_epoch_;
  std::optional<std::int64_t> failed_ms_;
  std::uint64_t heads_made_ = 0;
  std::int64_t last_took_ms_ = 0;

  void forget_all();

  std::shared_mutex letting_;            // shared by removals; alone while a making begins
  std::mutex last_;                      // Letting::last
  std::set<PieceId> left_while_making_;  // lost one of several contracts since the making began; under last_
  std::atomic<bool> is_making_a_head_ = false;
  mutable std::mutex mutex_;
  State pending_;              // durable, and not in the chain yet
  std::vector<State> states_;  // that are answerable, in their order
  bool has_latest_ = false;    // its state is the last of them
};

}  // namespace inxt::host
