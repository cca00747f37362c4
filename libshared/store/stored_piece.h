// SPDX-License-Identifier: LGPL-3.0-or-later
// One stored piece as one file: data padded to pages, tree pages, trailer.
// Format: inxt-piece(5), "The stored piece".
//
// Pure: bytes in, bytes out.  Everything is a multiple of 4,096 bytes, so that the file is written and read
// with O_DIRECT, and the file alone is enough to rebuild what the Host knows about the piece.
#pragma once

#include <optional>
#include <string>

#include "base/ids.h"
#include "proof/pages.h"
#include "proof/tree.h"
#include "store/aligned_buffer.h"

namespace inxt::store {

inline constexpr std::size_t kTrailerBytes = 8192;
inline constexpr std::size_t kTrailerJsonBytesMax =
    kTrailerBytes - 4 - 32;  // behind it: its length, a checksum
inline constexpr std::uint64_t kStoredPieceVersion = 1;

/// The latest renewal of a contract.  It stands in a file of its own (store/stored_renewal.h).
struct StoredRenewal {
  std::string renewal;
  std::string acceptance;

  bool operator==(const StoredRenewal&) const = default;
};

/// What a Host keeps about a piece.  The tokens are opaque here.
struct Trailer {
  PieceId piece;
  std::uint64_t size_bytes = 0;  // true size, 1 to proof::kPieceBytesMax
  crypto::Hash root{};           // piece == proof::piece_id(size_bytes, root)
  AccountId account;
  std::string offer;
  std::string acceptance;
  std::string receipt;
  std::optional<StoredRenewal> renewal = {};  // not in the piece's file: encode_trailer() leaves it out

  bool operator==(const Trailer&) const = default;
};

/// REQUIRES here and below: size_bytes is 1 to proof::kPieceBytesMax.
constexpr std::uint64_t data_bytes(std::uint64_t size_bytes) {
  return proof::blocks_in(size_bytes) * proof::kBlockBytes;
}
/// Where block i's tree page is: pages_offset(size) + proof::page_of(i) * proof::kPageBytes.
constexpr std::uint64_t pages_offset(std::uint64_t size_bytes) {
  return data_bytes(size_bytes);
}
constexpr std::uint64_t trailer_offset(std::uint64_t size_bytes) {
  return pages_offset(size_bytes) + proof::pages_bytes(size_bytes);
}
/// The file's size, which is what the quota is charged.
constexpr std::uint64_t file_bytes(std::uint64_t size_bytes) {
  return trailer_offset(size_bytes) + kTrailerBytes;
}
inline constexpr std::uint64_t kFileBytesMax = file_bytes(proof::kPieceBytesMax);

/// The blocks of the piece in a file of this size; nothing when no piece makes such a file.
std::optional<std::uint64_t> blocks_of_file(std::uint64_t file_size_bytes);

/// REQUIRES: out.size() == kTrailerBytes.
/// Errors: usage when the tokens do not fit into kTrailerJsonBytesMax.
Result<void> encode_trailer(const Trailer& trailer, ByteSpan out);
/// Errors: integrity, saying what is wrong.  Checks checksum, version, sizes, and that size and root give the
/// piece id.
Result<Trailer> decode_trailer(ByteView bytes);

/// A file image in the making: one aligned allocation in which the network puts the data and finish() the
/// rest, so that a piece is written without being copied.
///   PieceBuffer buffer(size);  ... fill buffer.data(), hash its blocks meanwhile ...
///   TRY(buffer.finish(tree, trailer));  write buffer.image()
class PieceBuffer {
 public:
  explicit PieceBuffer(std::uint64_t size_bytes)
      : size_bytes_(size_bytes), image_(static_cast<std::size_t>(file_bytes(size_bytes))) {}

  std::uint64_t size_bytes() const { return size_bytes_; }
  /// The piece: exactly size_bytes().  Its start is page-aligned.
  ByteSpan data() { return image_.bytes().first(static_cast<std::size_t>(size_bytes_)); }
  ByteView data() const { return image_.bytes().first(static_cast<std::size_t>(size_bytes_)); }

  /// Writes padding, tree pages and trailer.  REQUIRES: tree and trailer are of this size and agree.
  /// Errors: those of encode_trailer.
  Result<void> finish(const proof::Tree& tree, const Trailer& trailer);
  /// The whole file.  Only after finish().
  ByteView image() const { return image_.bytes(); }

 private:
  std::uint64_t size_bytes_;
  AlignedBuffer image_;
};

/// A whole file, checked: the trailer, each tree page, each block of data against the tree, the padding.
/// Errors: integrity, saying what is wrong.  Cost: one hash of the piece.
Result<Trailer> check_image(ByteView image);

}  // namespace inxt::store
