// SPDX-License-Identifier: LGPL-3.0-or-later
// What a Host held when it made one head of its inventory, on the disk: questions about that head are
// answered from it, also after a restart, for as long as the head is answerable.
//
// Format: "inxt-held 1" and a newline; for each contract, by piece and contract: the
// piece's id, u32 its size, the contract's hash; then the end: u32 count of folders that are not empty, for
// each u16 number, u32 count of contracts, its branch of the tree (hash, u64 blocks, u64 bytes); u32 length
// of the head's line, the line; and behind the end u32 its length and SHA-256 over it and that length.  What
// stands before the end is checked against the branches.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "format/inventory_lines.h"
#include "proof/inventory_tree.h"
#include "store/store.h"
#include "sys/directory.h"

namespace inxt::host {

/// The folder of the Host's store with the files of this and of host/releases.h.
inline constexpr std::string_view kInventoryFolder = "inventory";

/// The leaves of a folder.  REQUIRES: contracts by piece, then by contract, each once.
/// Cost: two hashes a contract.
std::vector<proof::InventoryLeaf> leaves_of(std::span<const store::HeldContract> contracts);
/// The blinded contracts about one piece, ascending, as its leaf is made from them.
std::vector<crypto::Hash> blinded_contracts(std::span<const store::HeldContract> contracts,
                                            const PieceId& piece);

/// Writes a new file from its beginning to its end.  One thread at a time.
class InventoryStateWriter {
 public:
  /// Replaces what has the name.
  static Result<InventoryStateWriter> create(sys::Directory& directory, const sys::Path& path);

  /// Folders in rising order.
  Result<void> add(std::size_t folder, std::span<const store::HeldContract> contracts,
                   const proof::InventoryBranch& branch);
  /// Writes the end, and syncs.  `head_line`: with newline.
  Result<void> finish(std::string_view head_line);

 private:
  explicit InventoryStateWriter(std::unique_ptr<sys::DirectoryFile> file);
  Result<void> flush();

  std::unique_ptr<sys::DirectoryFile> file_;
  Bytes run_;
  Bytes table_;
  std::uint32_t folders_ = 0;
  std::uint64_t offset_ = 0;
};

/// A head with what is needed to answer about it: 460 KB, whatever the Host stores.  Immutable;
/// threads share it.
class InventoryState {
 public:
  /// Reads the end of the file.  Errors: integrity, saying what is wrong; the disk's.
  static Result<InventoryState> open(sys::Directory& directory, sys::Path path, const HostId& host);

  const format::SignedHead& head() const { return head_; }
  const std::string& line() const { return line_; }  // with newline
  const proof::InventoryTop& top() const { return top_; }
  const sys::Path& path() const { return path_; }

  /// Reads a folder's contracts.  Whether they are what was written, the tree shows.
  /// Cost: one read of 68 bytes a contract.
  Result<std::vector<store::HeldContract>> contracts_in(sys::Directory& directory, std::size_t folder) const;

 private:
  InventoryState() = default;
  struct Part {
    std::uint64_t offset = 0;
    std::uint32_t contracts = 0;
  };

  format::SignedHead head_;
  std::string line_;
  proof::InventoryTop top_;
  std::vector<Part> parts_;  // by folder
  sys::Path path_;
};

}  // namespace inxt::host
