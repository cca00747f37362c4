// SPDX-License-Identifier: LGPL-3.0-or-later
// Why a piece that an inventory head lists is not here any more: the tokens of its contract, and of the
// deletion (or the end of the term) that let it go.  Durable before the piece goes, so that a Host that did
// what it was told never has to answer that the piece is missing.
//
// Files of JSON Lines (released lines of inxt-proof(5)) in the folder `inventory` of the store, one for each
// batch of removals: released-<unix seconds>-<number>.jsonl.
#pragma once

#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <span>

#include "format/inventory_requests.h"
#include "sys/directory.h"

namespace inxt::host {

inline constexpr std::uint64_t kReleasedBytesMax = std::uint64_t{64} << 20;  // then the oldest go first

/// Thread-safe; calls may wait for the disk.  Memory: some 200 bytes for each.
class Releases {
 public:
  explicit Releases(sys::Directory& directory) : directory_(directory) {}

  /// Reads the files, once, before the others.  REQUIRES: the folder is there.  Gives one sentence for each
  /// file that is not whole; what it has is used.
  Result<std::vector<std::string>> load();

  /// Durable when it returns.  Drops the oldest where there would be more than kReleasedBytesMax.
  Result<void> keep(std::span<const format::ReleasedLine> lines, std::int64_t now_unix_s);
  /// Whether so many bytes of lines fit without that.
  bool has_room(std::uint64_t bytes) const;
  /// About that contract of the piece.  Errors: the disk's.
  Result<std::optional<format::ReleasedLine>> find(const PieceId& piece, const crypto::Hash& blinded) const;
  /// Removes what was let go before that time, in whole files.
  void drop_before(std::int64_t unix_s);

  std::uint64_t bytes() const;
  std::size_t size() const;

 private:
  struct File {
    std::int64_t time_unix_s = 0;
    std::uint64_t number = 0;
    std::uint64_t bytes = 0;
    auto operator<=>(const File&) const = default;
    std::string name() const;
  };
  struct Place {
    std::int64_t time_unix_s = 0;  // of its file
    std::uint64_t file = 0;        // its number
    std::uint64_t offset = 0;
    std::uint32_t length = 0;  // without newline
  };
  using Key = std::pair<PieceId, crypto::Hash>;  // with the blinded contract

  static std::optional<File> file_from_name(std::string_view name);
  static crypto::Hash blinded(const format::ReleasedLine& line);
  void drop_oldest();  // with the lock held

  sys::Directory& directory_;
  mutable std::mutex mutex_;  // held over the disk too
  std::deque<File> files_;    // the oldest first
  std::map<Key, Place> places_;
  std::uint64_t bytes_ = 0;
  std::uint64_t next_number_ = 0;
};

}  // namespace inxt::host
