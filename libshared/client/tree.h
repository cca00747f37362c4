// SPDX-License-Identifier: LGPL-3.0-or-later
// An owner's names, as a tool works with them: fetched from a Bridge, verified, folded, changed by signed
// entries.  All tools that take inxt:/ paths are built on it.  Format: inxt-tree(5).
//
//   CO_TRY(auto view, co_await client::TreeView::open(world, key, {}));
//   const auto item = view->tree().find("/photos/a.tar");           // tree/tree.h: find, list, walk,
//   kept_of, ... CO_TRY(auto record, co_await view->record(item->version->record));   // then
//   client/object_manifest.h CO_TRY(auto report, co_await view->append([&](const tree::Tree& tree) ->
//   Result<client::Changes> { ... }));
//
// Nothing is shown that was not verified, and that this machine has not durably noted to have seen.
#pragma once

#include <functional>
#include <set>
#include <unordered_map>

#include "client/log_chain.h"
#include "client/log_memory.h"
#include "client/tree_cache.h"
#include "crypto/random.h"
#include "net/worker_pool.h"
#include "sys/clock.h"
#include "transfer/bridge_log.h"
#include "tree/tree.h"

namespace inxt::client {

inline constexpr unsigned kAppendTriesMax = 16;
/// Of these, answers that were lost or said that nothing can be taken now: the Bridge was asked again
/// already.
inline constexpr std::size_t kAppendUnsureMax = 3;
inline constexpr std::int64_t kAppendWaitMsMax = 2000;  // between two tries; the first waits are shorter
/// The cache is written anew when this many entries, or an eighth of the names, are not in it.
inline constexpr std::uint64_t kCacheBehindEntries = 256;
inline constexpr std::size_t kRecentRecordsBytesMax =
    64 * 1024 * 1024;  // of own records, for segments of the log

inline constexpr std::size_t kChangedPathsMax = 4096;
inline constexpr std::size_t kRecordsAheadMax = 64;
inline constexpr unsigned kRecordsAtOnce = 8;  // as many connections are kept

/// All of it outlives the view.
struct TreeWorld {
  transfer::BridgeLog& bridge;
  net::WorkerPool& workers;
  const sys::Clock& clock;
  crypto::Random& random;  // thread-safe
};

struct TreeOptions {
  /// The log; only a delegated machine's tool says it, an owner's key gives it.
  std::optional<format::LogId> log = {};
  std::optional<std::string> state_folder = {};  // else $XDG_STATE_HOME/inxt/logs
  std::optional<std::string> cache_folder = {};  // else $XDG_CACHE_HOME/inxt/tree
  bool cache = true;
  std::int64_t append_wait_ms_max = kAppendWaitMsMax;
};

/// What one append asks for.
struct Changes {
  std::vector<format::Op> ops = {};                // in this order; none: nothing is to be done
  std::vector<format::SignedRecord> records = {};  // new ones that the puts name
};
/// Says what is to be done on the tree as it is.  Called again, on a newer tree, when another machine was
/// faster: it must not have effects of its own, and keep the `base` of a put at what the user saw first.  A
/// delegated machine's gets an empty tree.  An error ends the append with it.
using MakeChanges = std::function<Result<Changes>(const tree::Tree& tree)>;

struct AppendReport {
  std::uint64_t entries = 0;  // appended
  unsigned tries = 0;         // lost against other machines, or answers that were lost
  std::vector<tree::Note> notes =
      {};  // what these operations could not do as they were meant: worth a warning each
};

/// On one executor; one coroutine at a time.
class TreeView {
 public:
  /// Loads what this machine has, and refreshes.  `key` outlives the view.
  /// Errors: those of refresh(), and of files.
  static net::Awaitable<Result<std::unique_ptr<TreeView>>> open(TreeWorld world, const keys::Key& key,
                                                                TreeOptions options);

  /// Fetches and verifies what is new.
  /// Errors: integrity, saying what the Bridge does: rolls back, forks, forges, reorders, withholds, shows
  /// another log; those of BridgeLog; those of files.  The tree stays good, but may have taken in some of
  /// what is new. Cost: a request for each 256 entries; about 50 us of CPU an entry, and 5 us a name.
  net::Awaitable<Result<void>> refresh();

  /// False on a delegated machine, whose tree is empty: it can append puts, and reads no names.
  bool readable() const { return tree_key_.has_value(); }
  const tree::Tree& tree() const { return tree_; }
  /// The last entry that was verified: what `inxt-ls --head` prints, and what two machines compare.
  const format::LogHead& head() const { return chain_.head(); }
  const format::LogId& log() const { return chain_.log(); }
  /// The hash of an entry, where it was read since open() or is the head; nothing of older ones.
  std::optional<crypto::Hash> hash_at(std::uint64_t seq) const;

  /// Signs what `make` says, appends it, applies it to the tree.  As many entries as are needed, stored
  /// together up to transfer::kLogAppend...Max; more go in several steps in order, and an error then leaves
  /// those done that came before. When another machine was faster: refreshes, and asks `make` again, at most
  /// kAppendTriesMax times. Errors: `make`'s; refresh()'s; usage for an operation or record that is not in
  /// the format or too long; try_again when it lost every time, nothing is known of what was sent, or the
  /// Bridge took nothing kAppendUnsureMax times.
  net::Awaitable<Result<AppendReport>> append(MakeChanges make);

  /// A record, verified and opened; see object_manifest.h for the manifests in it.
  /// Errors: integrity when the Bridge gives another, or none although the log names it; not_found when it
  /// was purged; denied on a delegated machine.
  net::Awaitable<Result<format::ObjectRecord>> record(format::RecordId id);
  /// That of a version in the tree.  Errors: denied as well where a delegated machine named a record that is
  /// not its own.
  net::Awaitable<Result<format::ObjectRecord>> record(const tree::Version& version);
  /// Its line, hash and signature verified.
  net::Awaitable<Result<std::string>> record_line(format::RecordId id);

  /// Fetches these records side by side, so that asking for each of them in turn afterwards waits for none.
  /// Those of the call before are forgotten; what does not come, record() asks for.  REQUIRES: at most
  /// kRecordsAheadMax.
  net::Awaitable<void> fetch_ahead(std::vector<format::RecordId> ids);

  /// A record ready to be put, by this key.  Errors: usage past a limit.
  Result<format::SignedRecord> sign_record(const format::ObjectRecord& record) const;
  /// Ops and record of a file's new version at `path`: of the object that is there, or the first of a new
  /// one.  `record`'s object and previous are set.  The base is what `tree` has there.
  Result<Changes> put_at(const tree::Tree& tree, const std::string& path, format::ObjectRecord record) const;

  /// Holds the log against what another machine has seen of it (`inxt-ls --require-head`).
  /// Errors: integrity when entry `other.seq` is another here: the two machines were shown different
  /// branches, and nothing joins them again; try_again when the log does not go so far here yet; those of
  /// refresh().
  net::Awaitable<Result<void>> require_head(format::LogHead other);

  /// The lines of entries first to last without newlines, verified to be those of this log.  REQUIRES: last
  /// is head().seq or was read since open().  Errors: as refresh().
  net::Awaitable<Result<std::vector<std::string>>> entry_lines(std::uint64_t first, std::uint64_t last);

  /// Learns the hashes from entry `first` on, where only later ones are known: then hash_at() and
  /// entry_lines() have them.  Memory: 32 bytes an entry.  Errors: as refresh().
  net::Awaitable<Result<void>> learn_hashes(std::uint64_t first);

  /// Names that own operations were about, since open() or the last call; "/" where there were more than
  /// kChangedPathsMax.
  std::vector<std::string> take_changed_paths();

  /// Of the records that were appended since open() and are still remembered.
  std::size_t recent_record_bytes() const { return recent_records_bytes_; }

  const keys::Key& key() const { return key_; }
  const TreeWorld& world() const { return world_; }

 private:
  struct Step;
  struct Sent;
  struct Unsure;
  TreeView(TreeWorld world, const keys::Key& key, const format::LogId& log, LogMemory memory);

  /// With the number of the uploader that wrote it.
  net::Awaitable<Result<std::pair<std::uint32_t, format::ObjectRecord>>> open_record(format::RecordId id);
  bool is_named_by_owner(const format::RecordId& id);
  struct FetchAhead;
  net::Awaitable<void> fetch_some(FetchAhead& fetch);
  Result<void> load_cache(const TreeOptions& options);
  net::Awaitable<Result<void>> refresh_blind();
  net::Awaitable<Result<transfer::LogPage>> page(std::uint64_t after, std::uint32_t limit);
  using ReadEntries = std::vector<Result<ReadEntry>>;
  ReadEntries read(std::span<const std::string> lines) const;
  /// The lines of a page, read by two workers; with `next_after`, the page behind them is fetched meanwhile.
  net::Awaitable<Result<ReadEntries>> read_page(const transfer::LogPage& page,
                                                std::optional<std::uint64_t> next_after,
                                                std::optional<Result<transfer::LogPage>>& next);
  Result<void> take_in(ReadEntries entries);
  Result<void> apply(const ReadEntry& entry, const LogChain::Accepted& accepted);
  Result<void> remember();
  /// Goes on without a cache where it cannot be written: it only saves time.
  void save_cache_if_due();

  Result<std::vector<Step>> steps_of(Changes changes) const;
  Result<Sent> sign_steps(std::vector<Step>& steps, const format::LogHead& after) const;
  net::Awaitable<Result<bool>> send(Sent& sent);
  Result<void> appended(Sent& sent, AppendReport& report);
  void note_changed(std::span<const Step> steps);

  TreeWorld world_;
  const keys::Key& key_;
  std::optional<format::TreeKey> tree_key_;
  LogMemory memory_;
  std::int64_t append_wait_ms_max_ = kAppendWaitMsMax;
  LogChain chain_;
  tree::Tree tree_;
  std::uint64_t hashes_begin_ = 0;  // the entry that hashes_[0] is of
  std::vector<crypto::Hash> hashes_;
  std::optional<TreeCache> cache_;
  std::uint64_t cached_until_ = 0;
  std::size_t cached_names_ = 0;
  std::unordered_map<format::RecordId, std::string> recent_records_;
  std::size_t recent_records_bytes_ = 0;
  std::unordered_map<format::RecordId, std::string> ahead_;
  std::set<std::string> changed_paths_;
  struct OwnerRecords {
    format::LogHead head;
    std::vector<format::RecordId> ids;
  };
  std::optional<OwnerRecords> owner_records_;  // once one was asked for that is not there
};

}  // namespace inxt::client
