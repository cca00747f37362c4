// SPDX-License-Identifier: LGPL-3.0-or-later
// The file `index` of a store: what each folder held when its inode and times were these.  Format:
// inxt-piece(5), "The store".  It saves a walk and promises nothing: whatever is doubtful about it is listed
// again.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "crypto/hash.h"
#include "store/index.h"
#include "sys/directory.h"

namespace inxt::store {

inline constexpr std::string_view kSnapshotMagic = "inxt-index 2\n";
/// Of earlier releases, which did not know contracts by their hashes.
inline constexpr std::string_view kSnapshotMagic1 = "inxt-index 1\n";
/// What one read or write of it moves.
inline constexpr std::size_t kSnapshotRunBytes = std::size_t{1} << 20;

/// Writes folder after folder into a file that is there and empty.  One thread at a time.
class SnapshotWriter {
 public:
  explicit SnapshotWriter(sys::DirectoryFile& file);
  /// Folders in rising order.
  Result<void> add(std::size_t folder, const sys::Stamp& stamp, const std::vector<IndexEntry>& entries);
  /// Writes the rest and the checksum, and syncs.
  Result<void> finish();

 private:
  Result<void> flush();
  template <class Integer>
  void put(Integer value) {
    append(run_, big_endian(value));
  }

  sys::DirectoryFile& file_;
  crypto::Sha256 hash_;
  Bytes run_;
  std::uint64_t offset_ = 0;
  std::uint32_t folders_ = 0;
};

class SnapshotReader {
 public:
  /// Nothing when there is no snapshot.
  static Result<std::unique_ptr<SnapshotReader>> open(sys::Directory& directory);

  using Visit = std::function<void(std::size_t folder, const sys::Stamp& stamp,
                                   const std::vector<IndexEntry>& entries)>;
  /// Visits folder after folder.  Only when it has returned without an error was all of that true.
  /// Errors: integrity, saying what is wrong; the disk's.
  Result<void> read_all(const Visit& visit);

 private:
  explicit SnapshotReader(std::unique_ptr<sys::DirectoryFile> file) : file_(std::move(file)) {}
  /// The next bytes, valid until the next call.
  Result<ByteView> take(std::size_t size_bytes);
  template <class Integer>
  Result<Integer> get() {
    return from_big_endian<Integer>(TRY(take(sizeof(Integer))));
  }
  Result<void> read_folder(std::size_t folder, bool has_contracts, const Visit& visit);

  std::unique_ptr<sys::DirectoryFile> file_;
  crypto::Sha256 hash_;
  Bytes run_;
  std::size_t used_ = 0;  // of run_
  std::uint64_t offset_ = 0;
};

}  // namespace inxt::store
