// SPDX-License-Identifier: LGPL-3.0-or-later
// A Host's pieces on a Directory.  Format: inxt-piece(5), "The stored piece", "The store".
//
//   version                                    "inxt-store 1\n"
//   lock                                       held while a process uses the store
//   pieces/<3 hex>/<piece>-<account>           one file for each contract (store/stored_piece.h)
//   pieces/<3 hex>/<piece>-<account>.renewal   its latest renewal (store/stored_renewal.h)
//   quarantine/                                pieces whose bytes have rotted
//   tmp/                                       files that are not whole yet; emptied when the store is opened
//   index                                      what the folders held, and when they last changed
//   (store/snapshot.h) boot                                       while a process uses the store: which start
//   of the machine it is
//
// The promise: what commit(), renew() and remove() have returned for is durable.  A file was synced before it
// got its name, and the name before they returned, so that neither kill -9 nor a power cut at any instant
// takes it back; it rests on fdatasync(2), fsync(2), syncfs(2) and rename(2) of the file system and on a disk
// that obeys a flush. Whatever is not acknowledged is there whole, or not at all.
//
// The pieces' files are the only record.  `index` saves the walk through them at the start: a folder whose
// inode and times are those in it is taken from it, the others are listed, while pieces are served.
//
// Thread-safe.  Every call but stats() may wait for the disk: call it on a pool thread.  No lock is held
// meanwhile.  Errors name no path of this machine, so that a peer may be shown them; Options::report gets the
// path.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "store/names.h"
#include "store/stored_piece.h"
#include "sys/clock.h"
#include "sys/directory.h"

namespace inxt::store {

inline constexpr std::size_t kListedMax = 1024;  // pieces that one list() returns
/// With Options::group_commit: commits at the same time from which on they share their syncs.
inline constexpr std::size_t kGroupMin = 4;

struct PieceInfo {
  PieceId piece;
  AccountId account;             // one of those who keep it here
  std::uint64_t size_bytes = 0;  // true size
};

struct Stats {
  std::uint64_t capacity_bytes = 0;
  std::uint64_t reserve_bytes = 0;   // that PUTs leave free on the file system
  std::uint64_t used_bytes = 0;      // of files, with damaged ones, renewals and the quarantine
  std::uint64_t reserved_bytes = 0;  // of PUTs under way
  /// What a reservation can still get, of the capacity and of the file system; 0 while draining, and when the
  /// capacity was lowered below use.
  std::uint64_t free_bytes = 0;
  std::uint64_t disk_free_bytes = 0;  // of the file system, when it was last asked
  std::uint64_t pieces = 0;           // whole ones
  std::uint64_t damaged = 0;  // found so far and still there: wrong size, or a trailer that does not check
  struct {
    std::uint64_t pieces = 0;
    std::uint64_t bytes = 0;
  } quarantined;                        // there now
  std::uint64_t quarantined_ever = 0;   // since the start
  std::uint64_t terms_unknown = 0;      // pieces whose term has not been read yet
  std::uint64_t contracts_unknown = 0;  // pieces whose contract's hash has not been read yet
  bool rebuilding = false;
  std::uint64_t folders_listed = 0;  // of kFolders: how far the rebuild is
  bool read_only = false;
  // Since the start:
  std::uint64_t commits = 0;        // pieces and renewals made durable
  std::uint64_t commit_groups = 0;  // syncs that several shared
  std::uint64_t grouped = 0;        // commits in them
  std::uint64_t disk_errors = 0;    // reads, writes and syncs that the disk refused, full disks among them
  std::int64_t index_saved_unix_s = 0;  // 0: not yet
};

struct Options {
  std::uint64_t capacity_bytes = 0;
  /// Bytes that a PUT leaves free on the file system.
  std::uint64_t reserve_bytes = 0;
  /// How pieces are read for peers; check_stored() always reads the disk.  Measured for 2 MiB: O_DIRECT 0.06
  /// to 0.11 ms of CPU and 1.8 to 2.6 GB/s, 0.3 GB/s in parts of 256 KiB one after the other; cached 0.2 to
  /// 0.4 ms, 1.6 to 2 GB/s from the disk, which is read ahead, and 6 to 10 GB/s when the piece is in memory.
  sys::Caching read_caching = sys::Caching::direct;
  /// Whether commits that wait at the same time share syncs of the file system, instead of each syncing its
  /// own file and folder.  Either way none returns before it is durable.  Measured on ext4, whose journal
  /// shares among those: 4 KiB pieces a second, 1 committer 140 to 900; 8: 5,700 alone, 1,900 together; 32:
  /// 10,700 and 5,000.
  bool group_commit = false;
  /// How long a commit waits for others to share with: latency for throughput.
  std::uint32_t commit_delay_ms = 0;
  /// nullptr: the system's.
  const sys::Clock* clock = nullptr;
  /// Told in one sentence of everything that is wrong on the disk.  Called from any thread, with no lock
  /// held.
  std::function<void(const std::string&)> report = {};
};

/// One contract as the inventory knows it.
struct HeldContract {
  PieceId piece;
  std::uint32_t size_bytes = 0;  // of the piece
  crypto::Hash contract{};       // format::contract_hash() of the stored acceptance
  auto operator<=>(const HeldContract&) const = default;
};

/// What a folder of the store held at one moment.
struct HeldFolder {
  std::uint64_t changes = 0;            // inventory_changes() of that moment
  std::vector<HeldContract> contracts;  // by piece, then by contract
  std::size_t unread = 0;               // contracts that cannot be read now, which are not among them
};

class Store;

/// Room for one piece, and the right to be the only one who stores it for its account.  Given back when it is
/// destroyed without commit().  REQUIRES: the Store outlives it.
class Reservation {
 public:
  Reservation(Reservation&& other) noexcept;
  Reservation& operator=(Reservation&& other) noexcept;
  ~Reservation();

  const PieceId& piece() const { return piece_; }
  const AccountId& account() const { return account_; }
  std::uint64_t size_bytes() const { return size_bytes_; }

 private:
  friend class Store;
  Reservation(Store& store, const PieceId& piece, const AccountId& account, std::uint64_t size_bytes)
      : store_(&store), piece_(piece), account_(account), size_bytes_(size_bytes) {}
  void give_back();

  Store* store_ = nullptr;
  PieceId piece_;
  AccountId account_;
  std::uint64_t size_bytes_ = 0;
};

/// A piece opened for reading; stays readable when it is removed meanwhile.  One thread at a time.
class OpenPiece {
 public:
  const PieceInfo& info() const { return info_; }

  /// Bytes [offset, offset + length) of the piece, in `scratch`, which is made larger when it is too small:
  /// at most length + 2 pages.  The bytes are the disk's: whoever receives them checks them against the piece
  /// id. Errors: usage when the range is not in the piece; failure when the disk cannot read.
  Result<ByteView> read(std::uint64_t offset, std::size_t length, AlignedBuffer& scratch);

 private:
  friend class Store;
  OpenPiece(Store& store, const PieceInfo& info, std::unique_ptr<sys::DirectoryFile> file)
      : store_(&store), info_(info), file_(std::move(file)) {}
  Store* store_;
  PieceInfo info_;
  std::unique_ptr<sys::DirectoryFile> file_;
};

/// One block and what proves it.
struct BlockProof {
  std::uint64_t size_bytes = 0;  // of the piece
  Bytes data;                    // of the block
  proof::Path path;
};

/// What check_stored() found.
struct CheckedPiece {
  enum class State {
    whole,
    damaged,  // in the quarantine now, or gone from the disk; `reason` says what was wrong
    gone,     // removed meanwhile, or being stored or removed
  };
  State state = State::gone;
  std::uint64_t read_bytes = 0;
  std::string reason;
};

/// Contracts whose terms end before some time.
struct EndingTerms {
  std::uint64_t pieces = 0;
  std::uint64_t bytes = 0;  // of their files
};

class Store {
 public:
  /// Takes the lock, makes a new store in an empty folder, removes what an interrupted process left.
  /// A store whose index is not whole serves its pieces at once and takes new ones after rebuild_index().
  /// REQUIRES: directory outlives the store.
  /// Errors: locked; usage when the folder holds other things; failure when the store is of a later version.
  /// Cost: with a good index a stat of 4,096 folders and 105 bytes read for each piece.
  static Result<std::unique_ptr<Store>> open(sys::Directory& directory, Options options);
  ~Store();  // REQUIRES: no reservation is left, no call is under way.  Without close() the next start is as
             // after a kill.

  /// Lists the folders that the index did not know and that nobody has asked for yet.  Call it once, on a
  /// thread of its own or a pool's; other calls are served meanwhile.  Returns when it is done or stop() was
  /// called.
  void rebuild_index();
  /// Reads the trailers of the pieces whose terms or contracts' hashes are unknown: after a rebuild all of
  /// them, one page each. Call it after rebuild_index(), on the same thread.  Returns when it is done or
  /// stop() was called.
  void learn_terms();
  /// Makes the folders that are missing, so that no PUT has to make and sync its own: on a busy machine that
  /// is most of a commit.  Call it on the thread of rebuild_index(), after it; a new store's before it
  /// listens.  Optional. Cost: 4,096 folders, 0.1 s and 16 MiB of disk, once.
  void make_folders();
  /// Makes rebuild_index(), learn_terms() and make_folders() return soon.
  void stop();

  /// Writes the file `index` when something has changed since the last time.  Every ten minutes is often
  /// enough: what changes later is listed after a kill.  Folders that are listed not yet, in use, or changed
  /// within the last two seconds are left out.  Other calls are served meanwhile. Errors: the disk's; the
  /// former index is still there, or none.
  Result<void> save_index();
  /// Saves the index and marks the store as left in order: the next open() trusts the index.
  /// REQUIRES: no other call is under way; only stats() afterwards.
  /// Errors: try_again when a reservation is left; the disk's.  The next start is then as after a kill.
  Result<void> close();

  /// Both take effect for what is reserved afterwards; nothing is deleted.
  void set_limits(std::uint64_t capacity_bytes, std::uint64_t reserve_bytes);
  /// Draining: reserve() and renew() answer try_again, everything else goes on.
  void set_read_only(bool read_only);

  /// Room for a piece, or the contract when this account has stored it here already.  `account_bytes_max`:
  /// with this piece the account's, stored and on their way, may take so much: file_bytes() of each.
  /// Errors: quota when it does not fit, naming the capacity or the file system, with the bytes that are
  /// free, or account_bytes_max as "voucher_bytes", which is where it comes from; usage
  ///         when the size is not that of a piece; try_again while the index is rebuilt, while the Host is
  ///         draining, or while the same piece is being stored or removed.
  Result<std::variant<Reservation, Trailer>> reserve(const PieceId& piece, const AccountId& account,
                                                     std::uint64_t size_bytes,
                                                     std::optional<std::uint64_t> account_bytes_max = {});

  /// Returns when the piece and its contract are durable.  On an error nothing is stored and the room is free
  /// again. REQUIRES: buffer, tree and trailer are of the reserved piece, account and size; tree.id() == the
  /// piece. Errors: quota when the disk is full; usage when the tokens do not fit the trailer; failure.
  Result<void> commit(Reservation reservation, PieceBuffer& buffer, const proof::Tree& tree,
                      const Trailer& trailer);

  /// Returns when the renewal is durable; it replaces an older one.  The first takes kRenewalFileBytes of the
  /// quota. `offer` is format::offer_hash() of the stored offer: a contract that was made anew meanwhile is
  /// not renewed. Errors: not_found, also when the stored offer is another; quota; try_again as reserve();
  /// usage when the tokens
  ///         do not fit; failure.
  Result<void> renew(const PieceId& piece, const AccountId& account, const crypto::Hash& offer,
                     const StoredRenewal& renewal);

  /// Nothing when no account, or not this one, keeps the piece here.
  /// Errors: those of the disk; a damaged piece is reported once and is not there afterwards.
  Result<std::optional<PieceInfo>> find(const PieceId& piece);
  Result<std::optional<PieceInfo>> find(const PieceId& piece, const AccountId& account);

  /// Errors: not_found, and those of find().
  Result<OpenPiece> open_piece(const PieceId& piece);
  /// For an audit.  Cost: two 4 KiB reads, and one of the trailer the first time a piece is asked for after a
  /// restart. Errors: not_found; usage when the piece has no such block.
  Result<BlockProof> read_block(const PieceId& piece, std::uint64_t block);
  /// With the latest renewal.  Errors: not_found.
  Result<Trailer> read_trailer(const PieceId& piece, const AccountId& account);

  /// Returns when the piece is gone for good and its room is free.  With `offer` (format::offer_hash() of the
  /// stored offer) only when the stored contract is that one: what was put again since its terms were read
  /// stays. Works on a full disk.  Errors: not_found, also when the stored offer is another; try_again while
  /// the same piece is being stored, renewed or removed.
  Result<void> remove(const PieceId& piece, const AccountId& account,
                      const std::optional<crypto::Hash>& offer = std::nullopt);

  /// The same for a contract of ended(): only if its term, with its renewal, did end before that time; what
  /// was renewed or put again since then stays.  Works on a full disk. Errors: not_found, also when it has
  /// not ended; try_again as remove().
  Result<void> remove_ended(const Key& key, std::int64_t before_unix_s);

  /// Up to `limit` (at most kListedMax) pieces of an account, by id, behind `after`.
  /// Errors: try_again while the index is rebuilt.
  Result<std::vector<PieceId>> list(const AccountId& account, const std::optional<PieceId>& after,
                                    std::size_t limit);

  /// Up to `limit` contracts whose term (with its renewal) ended before that time, by id.  Those whose term
  /// is not known yet, or cannot be read, are not among them.  Cost: 5 ms for 500,000 pieces.
  std::vector<Key> ended(std::int64_t before_unix_s, std::size_t limit) const;
  /// For each of `before_unix_s` how much ends before it.  Cost as ended().
  std::vector<EndingTerms> ending(std::span<const std::int64_t> before_unix_s) const;

  /// What every folder's part of the inventory is made from, one folder at a time: every whole piece, with
  /// the hashes of its contracts.  Each folder at one moment; different folders at different ones. Cost: a
  /// copy of 68 bytes a piece, and one page read for each contract whose trailer was not read yet. Errors:
  /// the disk's, for a folder that nobody has listed yet.
  Result<HeldFolder> held_in(std::size_t folder);
  /// Another value whenever held_in() may give something else.  For this process only.
  std::uint64_t inventory_changes(std::size_t folder) const;
  /// The same of any folder.
  std::uint64_t inventory_changes() const;
  /// How many contracts about a piece are here, of those whose folder has been listed.
  std::size_t contracts_of(const PieceId& piece) const;

  /// The first contract behind `after`, by piece and account; nothing behind the last.
  /// Errors: the disk's, for a folder that nobody has listed yet.
  Result<std::optional<Key>> next_key(const std::optional<Key>& after);
  /// Reads the whole file, past the page cache, and checks every byte.  What is
  /// not what was stored, at two readings, is moved into the quarantine and is not served any more. Errors:
  /// the disk's when it cannot read: that alone proves no damage.
  Result<CheckedPiece> check_stored(const Key& key, AlignedBuffer& scratch);
  /// Removes what came into the quarantine before that time (kQuarantineDaysMax is the Host's habit).  It is
  /// removed earlier when its room is needed, and when the same contract is stored again.  Returns how many.
  std::size_t empty_quarantine(std::int64_t before_unix_s);

  /// What the pieces of an account take here: file_bytes() of each, without renewals and what is damaged.
  /// Less than all while the index is rebuilt.  Cost: one look-up; does not wait for the disk.
  std::uint64_t account_bytes(const AccountId& account) const;

  Stats stats() const;

 private:
  friend class Reservation;
  friend class OpenPiece;
  Store(sys::Directory& directory, Options options);
  struct State;
  std::unique_ptr<State> state_;
};

inline constexpr int kQuarantineDaysMax = 30;

/// Whether the folder has a store of a version that this program knows.
/// Errors: usage when it is no store; failure when it is one of another version.
Result<void> check_version(sys::Directory& directory);

}  // namespace inxt::store
