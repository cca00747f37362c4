// SPDX-License-Identifier: LGPL-3.0-or-later
// What a store knows of its files without opening them: which piece, whose, how large.  In memory only.
// Sorted runs, one for each folder of the store: 40 bytes for a piece and no pointers, so that a Host of 2 TB
// gets along with 40 MB.  Not thread-safe; every call is short.
#pragma once

#include <bitset>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/ids.h"
#include "store/names.h"

namespace inxt::store {

struct IndexEntry {
  Key key;
  std::uint64_t blocks = 0;
  std::uint64_t size_bytes = 0;  // 0 until it has been read from the trailer
};

class Index {
 public:
  Index() : folders_(kFolders) {}

  /// REQUIRES: the folder is not listed yet; all keys are of it, and different.
  void list_folder(std::size_t folder, const std::vector<IndexEntry>& entries);
  bool is_listed(std::size_t folder) const { return folders_[folder].listed; }
  /// Counts the changes to a folder: a reader can tell whether what it saw is still so.
  std::uint64_t changes(std::size_t folder) const { return folders_[folder].changes; }

  /// REQUIRES: the key is not there.
  void insert(const IndexEntry& entry);
  /// False when it was not there.
  bool erase(const Key& key);
  void set_size(const Key& key, std::uint64_t size_bytes);  // nothing happens when it is not there

  std::optional<IndexEntry> find(const Key& key) const;
  /// All accounts' entries of one piece.
  std::vector<IndexEntry> find(const PieceId& piece) const;
  std::vector<PieceId> list(const AccountId& account, const std::optional<PieceId>& after,
                            std::size_t limit) const;

  std::uint64_t pieces() const { return pieces_; }

 private:
  struct Slot {
    PieceId piece;
    std::uint32_t account;           // index into accounts_
    std::uint16_t blocks;            // 1 to 512
    std::uint16_t last_block_bytes;  // 1 to 4096; 0 while unknown
  };
  struct Folder {
    std::vector<Slot> slots;  // by (piece, account)
    std::uint64_t changes = 0;
    bool listed = false;
  };
  struct Account {
    AccountId id;
    std::bitset<kFolders> folders;  // that may have pieces of it
  };

  std::uint32_t account_number(const AccountId& account, std::size_t folder);
  Slot slot_from(const IndexEntry& entry);
  IndexEntry entry_from(const Slot& slot) const;
  const Slot* slot_of(const Key& key) const;

  std::vector<Folder> folders_;
  std::vector<Account> accounts_;
  std::unordered_map<AccountId, std::uint32_t> account_numbers_;
  std::uint64_t pieces_ = 0;
};

}  // namespace inxt::store
