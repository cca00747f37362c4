// SPDX-License-Identifier: LGPL-3.0-or-later
// The inside of a Store, for the files of this room.
#pragma once

#include <atomic>
#include <bitset>
#include <condition_variable>
#include <map>
#include <mutex>

#include "store/group_commit.h"
#include "store/index.h"
#include "store/store.h"
#include "store/stored_renewal.h"

namespace inxt::store {

inline std::uint64_t piece_file_bytes_of(const IndexEntry& entry) {
  return file_bytes(entry.blocks * proof::kBlockBytes);
}

/// Files under a name that no entry of the index accounts for: in the quota, and in the way.
struct Remains {
  std::uint64_t piece_bytes = 0;    // of a damaged piece
  std::uint64_t renewal_bytes = 0;  // of a renewal that is of another length, or whose piece is not there
};

struct Quarantined {
  std::uint64_t piece_bytes = 0;
  std::uint64_t renewal_bytes = 0;
  std::int64_t since_unix_s = 0;
  std::uint64_t bytes() const { return piece_bytes + renewal_bytes; }
};

enum class Busy { storing, renewing, removing };

struct Store::State {
  State(sys::Directory& directory_in, Options options_in);

  sys::Directory& directory;
  const Options options;
  const sys::SystemClock system_clock;
  const sys::Clock& clock;
  std::unique_ptr<sys::DirectoryLock> lock;
  GroupCommit group_commit;
  std::string boot_id;  // empty: not known, so that the next start trusts nothing
  std::atomic<bool> stopping = false;
  std::atomic<std::uint64_t> temporary_number = 0;
  mutable std::atomic<std::uint64_t> disk_errors = 0;

  mutable std::mutex mutex;         // guards what follows; never held over a call of `directory`
  std::condition_variable changed;  // a folder is listed, or a key is not busy any more
  Index index;
  std::map<Key, Remains> remains;
  std::map<Key, Quarantined> quarantine;
  std::map<Key, Busy> busy;
  std::map<AccountId, std::uint64_t> storing_bytes;  // of reservations
  std::bitset<kFolders> made;                        // folders that are durably there
  std::bitset<kFolders> listing;                     // by some thread
  std::bitset<kFolders> unsynced;  // their last sync failed: what they show need not be durable
  std::uint64_t sync_failures = 0;
  std::uint64_t capacity_bytes = 0;
  std::uint64_t reserve_bytes = 0;
  std::uint64_t used_bytes = 0;
  std::uint64_t reserved_bytes = 0;
  bool rebuilding = false;
  bool read_only = false;
  bool closed = false;
  // The file system's free bytes when it was asked, and what was written since.
  std::uint64_t disk_free_bytes = 0;
  std::uint64_t written_since_bytes = 0;
  std::optional<std::int64_t> space_asked_ms;
  std::uint64_t quarantined_ever = 0;
  std::uint64_t commits = 0;
  std::uint64_t saved_changes = ~std::uint64_t{0};  // Index::changes() that the file `index` has
  std::int64_t index_saved_unix_s = 0;
  bool index_doubtful = false;  // a sync failed: what is on the disk need not be what it looks like

  void report(const std::string& text) const {
    if (options.report) options.report(text);
  }
  std::string name_of(const sys::Path& path) const;
  /// For whoever called, perhaps on behalf of a peer: without the path, which goes to report().
  std::unexpected<Error> told(const Error& error) const;

  // opening.cpp
  Result<void> prepare();
  Result<void> make_new();
  Result<void> empty_tmp();
  Result<void> look_at_quarantine();
  Result<void> look_at_folders();
  Result<void> mark_boot();
  Result<void> ensure_listed(std::size_t folder);
  Result<void> list_now(std::size_t folder);
  /// ensure_listed(), and that what the folder shows is durable: whoever is told that a piece is here, or is
  /// not, takes that for an acknowledgement.
  Result<void> ensure_settled(std::size_t folder);

  // reading.cpp
  void drop_damaged(const IndexEntry& entry, std::uint64_t changes_seen, const Error& error);
  Result<std::unique_ptr<sys::DirectoryFile>> open_file(const IndexEntry& entry, sys::Caching caching);
  Result<Trailer> load_trailer(sys::DirectoryFile& file, const IndexEntry& entry);
  /// Puts the renewal into the trailer, when there is one of this contract that can be read; false when there
  /// is one that cannot.
  Result<bool> load_renewal(const IndexEntry& entry, Trailer& trailer);
  /// What a visitor of a piece's file gives back, or nothing when no account of `keys` has a whole one.
  struct Opened {
    IndexEntry entry;
    std::unique_ptr<sys::DirectoryFile> file;
    std::optional<Trailer> trailer;  // when it was asked for
  };
  enum class Want { size, file, trailer };
  Result<std::optional<Opened>> open(const PieceId& piece, const AccountId* account, Want want);

  // commit.cpp
  /// Asks the file system for its free bytes when that was a second ago.
  void look_at_space();
  std::uint64_t capacity_free() const;  // with the lock held, both
  std::uint64_t disk_free() const;
  /// With the lock held: quota when so many bytes more are too many.
  Result<void> check_room(std::uint64_t bytes) const;
  Result<void> check_account(const AccountId& account, std::uint64_t bytes, std::uint64_t bytes_max) const;
  /// With the lock held: what Reservation takes, and gives back.
  void begin_storing(const Key& key, std::uint64_t bytes);
  void end_storing(const Key& key, std::uint64_t bytes);
  Result<void> ensure_made(std::size_t folder);
  /// A new file in tmp/.
  Result<std::unique_ptr<sys::DirectoryFile>> create_temporary(sys::Path& path, sys::Caching caching);
  /// The file with its name, durable.  `named` says on an error whether it has its name.
  Result<void> store_file(std::size_t folder, const sys::Path& target, ByteView image, bool& named);
  void sync_failed(std::size_t folder);

  // quarantine.cpp
  /// With the lock held: the oldest first, until `bytes` more are free; those to be removed by
  /// remove_quarantined().
  std::vector<Key> oldest_quarantined(std::uint64_t bytes) const;
  std::size_t remove_quarantined(const std::vector<Key>& keys);
  Result<void> move_to_quarantine(const IndexEntry& entry);

  // removal.cpp
  /// Says of a contract that is there whether it is the one to remove; empty: any, also what is damaged.
  using IsMeant = std::function<Result<bool>(const IndexEntry& entry, Trailer& trailer)>;
  Result<void> remove(const Key& key, const IsMeant& is_meant);

  // saving.cpp
  Result<void> save();
};

}  // namespace inxt::store
