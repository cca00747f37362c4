// SPDX-License-Identifier: LGPL-3.0-or-later
// A Host's pieces on a Directory.  Format: inxt-piece(5), "The stored piece".
//
//   version                            "inxt-store 1\n"
//   lock                               held while a process uses the store
//   pieces/<3 hex>/<piece>-<account>   one file for each contract (store/stored_piece.h)
//   tmp/                               files that are not whole yet; emptied when the store is opened
//
// What commit() has returned for is durable: the file was synced before it got its name, and the name before
// commit() returned.  A process that is killed at any instant leaves nothing but a file in tmp/.  There is no
// other record: the index is names and sizes of files, rebuilt by listing folders, 40 bytes of memory for
// each piece.
//
// Thread-safe.  Every call but stats() may wait for the disk: call it on a pool thread.  No lock is held
// meanwhile.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "store/stored_piece.h"
#include "sys/directory.h"

namespace inxt::store {

inline constexpr std::size_t kListedMax = 1024;  // pieces that one list() returns

struct PieceInfo {
  PieceId piece;
  AccountId account;             // one of those who keep it here
  std::uint64_t size_bytes = 0;  // true size
};

struct Stats {
  std::uint64_t capacity_bytes = 0;
  std::uint64_t used_bytes = 0;      // of files, with damaged ones
  std::uint64_t reserved_bytes = 0;  // of PUTs under way
  std::uint64_t free_bytes =
      0;                      // what a reservation can still get; 0 when the capacity was lowered below use
  std::uint64_t pieces = 0;   // whole ones
  std::uint64_t damaged = 0;  // found so far: wrong size, or a trailer that does not check
  bool rebuilding = false;
};

struct Options {
  std::uint64_t capacity_bytes = 0;
  /// How pieces are read.  Measured for 2 MiB: O_DIRECT 0.06 to 0.11 ms of CPU and 1.8 to 2.6 GB/s; cached
  /// 0.2 to 0.4 ms, 1.6 to 2 GB/s from the disk and 6 to 10 GB/s when the piece is in memory, which a Host's
  /// pieces seldom are.
  sys::Caching read_caching = sys::Caching::direct;
  /// Told in one sentence of everything that is wrong on the disk.  Called from any thread, with no lock
  /// held.
  std::function<void(const std::string&)> report = {};
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
  OpenPiece(const PieceInfo& info, std::unique_ptr<sys::DirectoryFile> file)
      : info_(info), file_(std::move(file)) {}
  PieceInfo info_;
  std::unique_ptr<sys::DirectoryFile> file_;
};

/// One block and what proves it.
struct BlockProof {
  std::uint64_t size_bytes = 0;  // of the piece
  Bytes data;                    // of the block
  proof::Path path;
};

class Store {
 public:
  /// Takes the lock, makes a new store in an empty folder, removes what an interrupted process left.
  /// A store that has pieces serves them at once and takes new ones after rebuild_index().
  /// REQUIRES: directory outlives the store.
  /// Errors: locked; usage when the folder holds other things; failure when the store is of a later version.
  static Result<std::unique_ptr<Store>> open(sys::Directory& directory, Options options);
  ~Store();  // REQUIRES: no reservation is left, no call is under way

  /// Lists the folders that nobody has asked for yet.  Call it once, on a thread of its own or a pool's;
  /// other calls are served meanwhile.  Returns when it is done or stop() was called.
  void rebuild_index();
  /// Makes the folders that are missing, so that no PUT has to make and sync its own: on a busy machine that
  /// is most of a commit.  Call it on the thread of rebuild_index(), after it; a new store's before it
  /// listens.  Optional. Cost: 4,096 folders, 0.1 s and 16 MiB of disk, once.
  void make_folders();
  /// Makes rebuild_index() and make_folders() return soon.
  void stop();

  /// Room for a piece, or the contract when this account has stored it here already.
  /// Errors: quota when it does not fit, with the bytes that are free; usage when the size is not that of a
  /// piece;
  ///         try_again while the index is rebuilt, or while the same piece is being stored or removed.
  Result<std::variant<Reservation, Trailer>> reserve(const PieceId& piece, const AccountId& account,
                                                     std::uint64_t size_bytes);

  /// Returns when the piece and its contract are durable.  On an error nothing is stored and the room is free
  /// again. REQUIRES: buffer, tree and trailer are of the reserved piece, account and size; tree.id() == the
  /// piece. Errors: quota when the disk is full; usage when the tokens do not fit the trailer; failure.
  Result<void> commit(Reservation reservation, PieceBuffer& buffer, const proof::Tree& tree,
                      const Trailer& trailer);

  /// Nothing when no account, or not this one, keeps the piece here.
  /// Errors: those of the disk; a damaged piece is reported once and is not there afterwards.
  Result<std::optional<PieceInfo>> find(const PieceId& piece);
  Result<std::optional<PieceInfo>> find(const PieceId& piece, const AccountId& account);

  /// Errors: not_found, and those of find().
  Result<OpenPiece> open_piece(const PieceId& piece);
  /// For an audit.  Cost: two 4 KiB reads, and one of the trailer the first time a piece is asked for after a
  /// restart. Errors: not_found; usage when the piece has no such block.
  Result<BlockProof> read_block(const PieceId& piece, std::uint64_t block);
  /// Errors: not_found.
  Result<Trailer> read_trailer(const PieceId& piece, const AccountId& account);

  /// Returns when the piece is gone for good and its room is free.
  /// Errors: not_found; try_again while the same piece is being stored or removed.
  Result<void> remove(const PieceId& piece, const AccountId& account);

  /// Up to `limit` (at most kListedMax) pieces of an account, by id, behind `after`.
  /// Errors: try_again while the index is rebuilt.
  Result<std::vector<PieceId>> list(const AccountId& account, const std::optional<PieceId>& after,
                                    std::size_t limit);

  Stats stats() const;

 private:
  friend class Reservation;
  Store(sys::Directory& directory, Options options);
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace inxt::store
