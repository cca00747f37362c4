// SPDX-License-Identifier: LGPL-3.0-or-later
// What a store knows of its files without opening them: which piece, whose, by which contract, how large,
// until when.  In memory only. Sorted runs, one for each folder of the store: 76 bytes for a piece and no
// pointers, so that a Host of 2 TB gets along with 76 MB; 560 bytes for an account that keeps something here.
// Not thread-safe; every call but list() of many folders is short.
#pragma once

#include <bitset>
#include <limits>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/ids.h"
#include "crypto/hash.h"
#include "store/names.h"

namespace inxt::store {

/// Terms as the index keeps them: Unix seconds in 32 bits.
inline constexpr std::uint32_t kTermUnknown = 0;  // not read yet
inline constexpr std::uint32_t kTermNone =
    std::numeric_limits<std::uint32_t>::max();  // cannot be read: never ends
inline constexpr std::uint32_t kTermLast =
    std::numeric_limits<std::uint32_t>::max() - 1;  // the year 2106, or later

inline constexpr crypto::Hash kContractUnknown{};  // not read yet

struct IndexEntry {
  Key key;
  std::uint64_t blocks = 0;
  std::uint64_t size_bytes = 0;  // 0 until it has been read from the trailer
  std::uint32_t until_unix_s = kTermUnknown;
  bool renewed = false;                      // there is a renewal's file
  crypto::Hash contract = kContractUnknown;  // format::contract_hash() of the stored acceptance
};

class Index {
 public:
  Index() : folders_(kFolders) {}

  /// REQUIRES: the folder is not listed yet; all keys are of it, and different.
  void list_folder(std::size_t folder, const std::vector<IndexEntry>& entries);
  bool is_listed(std::size_t folder) const { return folders_[folder].listed; }
  std::size_t folders_listed() const { return folders_listed_; }
  /// Counts the changes to a folder: a reader can tell whether what it saw is still so.
  std::uint64_t changes(std::size_t folder) const { return folders_[folder].changes; }
  /// Those to all folders, and what was learnt about pieces.
  std::uint64_t changes() const { return changes_; }
  /// Counts what changes a folder's part of the inventory: which contracts, of which sizes.
  std::uint64_t inventory_changes(std::size_t folder) const { return folders_[folder].inventory_changes; }
  /// Those of all folders.
  std::uint64_t inventory_changes() const { return inventory_changes_; }

  /// REQUIRES: the key is not there.
  void insert(const IndexEntry& entry);
  /// False when it was not there.
  bool erase(const Key& key);
  // Nothing happens when the key is not there.
  void set_size(const Key& key, std::uint64_t size_bytes);
  void set_until(const Key& key, std::uint32_t until_unix_s);
  void set_contract(const Key& key, const crypto::Hash& contract);
  void set_renewed(const Key& key, bool renewed, std::uint32_t until_unix_s);  // a change of the folder

  std::optional<IndexEntry> find(const Key& key) const;
  /// All accounts' entries of one piece.
  std::vector<IndexEntry> find(const PieceId& piece) const;
  /// All of one folder, in no promised order.
  std::vector<IndexEntry> entries(std::size_t folder) const;
  /// The first behind `after` by piece and account, in one folder.
  std::optional<Key> next_in(std::size_t folder, const std::optional<Key>& after) const;
  /// Appends pieces of an account in one folder, by id, behind `after`, until there are `limit`.
  void list_in(std::size_t folder, const AccountId& account, const std::optional<PieceId>& after,
               std::size_t limit, std::vector<PieceId>& to) const;

  std::uint64_t pieces() const { return pieces_; }
  std::uint64_t terms_unknown() const { return terms_unknown_; }
  std::uint64_t contracts_unknown() const { return contracts_unknown_; }
  std::size_t accounts() const { return account_numbers_.size(); }
  /// What the files of an account's pieces take, without renewals.  Of the folders that are listed.
  std::uint64_t bytes_of(const AccountId& account) const;

  /// The contracts of a folder whose terms or hashes have not been read yet.
  std::vector<Key> unread(std::size_t folder) const;

  /// visit(blocks, until_unix_s, renewed, key()) for each piece of a folder; key() makes the key.
  template <class Visit>
  void visit_terms(std::size_t folder, const Visit& visit) const {
    for (const Slot& slot : folders_[folder].slots)
      visit(std::uint64_t{slot.blocks}, slot.until, slot.renewed != 0, [&] {
        return Key{slot.piece, accounts_[slot.account].id};
      });
  }

 private:
  struct Slot {
    PieceId piece;
    std::uint32_t account;  // index into accounts_
    std::uint32_t until;
    std::uint32_t blocks : 10;            // 1 to 512
    std::uint32_t last_block_bytes : 13;  // 1 to 4096; 0 while unknown
    std::uint32_t renewed : 1;
    crypto::Hash contract;
  };
  static_assert(sizeof(Slot) == 76);
  struct Folder {
    std::vector<Slot> slots;  // by (piece, account)
    std::uint64_t changes = 0;
    std::uint64_t inventory_changes = 0;
    bool listed = false;
  };
  struct Account {
    AccountId id;
    std::bitset<kFolders> folders;  // that may have pieces of it
    std::uint64_t pieces = 0;       // 0: the number is free
    std::uint64_t bytes = 0;        // of their files
  };

  void note_inventory_change(Folder& folder) {
    ++folder.inventory_changes;
    ++inventory_changes_;
  }
  std::uint32_t account_number(const AccountId& account, std::size_t folder);
  void forget(const Slot& slot);
  Slot slot_from(const IndexEntry& entry);
  IndexEntry entry_from(const Slot& slot) const;
  static Slot place_of(const PieceId& piece, std::uint32_t account);
  const Slot* slot_of(const Key& key) const;
  Slot* slot_of(const Key& key) { return const_cast<Slot*>(std::as_const(*this).slot_of(key)); }

  std::vector<Folder> folders_;
  std::vector<Account> accounts_;
  std::vector<std::uint32_t> free_numbers_;
  std::unordered_map<AccountId, std::uint32_t> account_numbers_;
  std::uint64_t pieces_ = 0;
  std::uint64_t terms_unknown_ = 0;
  std::uint64_t contracts_unknown_ = 0;
  std::uint64_t changes_ = 0;
  std::uint64_t inventory_changes_ = 0;
  std::size_t folders_listed_ = 0;
};

}  // namespace inxt::store
