// SPDX-License-Identifier: LGPL-3.0-or-later
#include "store/index.h"

#include <algorithm>

#include "base/check.h"
#include "store/stored_piece.h"

namespace inxt::store {
namespace {

constexpr auto kByPlace = [](const auto& a, const auto& b) {
  return a.piece != b.piece ? a.piece < b.piece : a.account < b.account;
};
std::uint64_t file_bytes_of_blocks(std::uint64_t blocks) {
  return file_bytes(blocks * proof::kBlockBytes);
}

constexpr auto kByPiece = [](const auto& slot, const PieceId& piece) { return slot.piece < piece; };

}  // namespace

std::uint32_t Index::account_number(const AccountId& account, std::size_t folder) {
  const auto [found, is_new] = account_numbers_.try_emplace(account, 0);
  if (is_new && !free_numbers_.empty()) {
    found->second = free_numbers_.back();
    free_numbers_.pop_back();
    accounts_[found->second] = {account, {}, 0, 0};
  } else if (is_new) {
    found->second = static_cast<std::uint32_t>(accounts_.size());
    accounts_.push_back({account, {}, 0, 0});
  }
  accounts_[found->second].folders.set(folder);
  return found->second;
}

void Index::forget(const Slot& slot) {
  --pieces_;
  if (slot.until == kTermUnknown) --terms_unknown_;
  if (slot.contract == kContractUnknown) --contracts_unknown_;
  Account& account = accounts_[slot.account];
  account.bytes -= file_bytes_of_blocks(slot.blocks);
  if (--account.pieces != 0) return;
  // Nothing in the slots has this number any more: the next account may have it.
  account_numbers_.erase(account.id);
  free_numbers_.push_back(slot.account);
}

Index::Slot Index::slot_from(const IndexEntry& entry) {
  CHECK_BUG(entry.blocks >= 1 && entry.blocks <= proof::kPieceBlocksMax);
  Slot slot = place_of(entry.key.piece, account_number(entry.key.account, folder_of(entry.key.piece)));
  slot.until = entry.until_unix_s;
  slot.blocks = static_cast<std::uint32_t>(entry.blocks) & 0x3ff;
  if (entry.size_bytes != 0)
    slot.last_block_bytes =
        static_cast<std::uint32_t>(entry.size_bytes - (entry.blocks - 1) * proof::kBlockBytes) & 0x1fff;
  slot.renewed = entry.renewed;
  slot.contract = entry.contract;
  ++pieces_;
  ++accounts_[slot.account].pieces;
  accounts_[slot.account].bytes += file_bytes_of_blocks(entry.blocks);
  if (slot.until == kTermUnknown) ++terms_unknown_;
  if (slot.contract == kContractUnknown) ++contracts_unknown_;
  return slot;
}

IndexEntry Index::entry_from(const Slot& slot) const {
  IndexEntry entry;
  entry.key = {slot.piece, accounts_[slot.account].id};
  entry.blocks = slot.blocks;
  if (slot.last_block_bytes != 0)
    entry.size_bytes = (entry.blocks - 1) * proof::kBlockBytes + slot.last_block_bytes;
  entry.until_unix_s = slot.until;
  entry.renewed = slot.renewed != 0;
  entry.contract = slot.contract;
  return entry;
}

Index::Slot Index::place_of(const PieceId& piece, std::uint32_t account) {
  return Slot{.piece = piece,
              .account = account,
              .until = 0,
              .blocks = 0,
              .last_block_bytes = 0,
              .renewed = 0,
              .contract = kContractUnknown};
}

const Index::Slot* Index::slot_of(const Key& key) const {
  const auto number = account_numbers_.find(key.account);
  if (number == account_numbers_.end()) return nullptr;
  const auto& slots = folders_[folder_of(key.piece)].slots;
  const auto found =
      std::lower_bound(slots.begin(), slots.end(), place_of(key.piece, number->second), kByPlace);
  if (found == slots.end() || found->piece != key.piece || found->account != number->second) return nullptr;
  return &*found;
}

void Index::list_folder(std::size_t folder, const std::vector<IndexEntry>& entries) {
  Folder& into = folders_[folder];
  CHECK_BUG(!into.listed && into.slots.empty());
  into.slots.reserve(entries.size());
  for (const IndexEntry& entry : entries) into.slots.push_back(slot_from(entry));
  std::sort(into.slots.begin(), into.slots.end(), kByPlace);
  into.listed = true;
  ++into.changes;
  note_inventory_change(into);
  ++changes_;
  ++folders_listed_;
}

void Index::insert(const IndexEntry& entry) {
  Folder& into = folders_[folder_of(entry.key.piece)];
  const Slot slot = slot_from(entry);
  const auto place = std::lower_bound(into.slots.begin(), into.slots.end(), slot, kByPlace);
  CHECK_BUG(place == into.slots.end() || place->piece != slot.piece || place->account != slot.account);
  into.slots.insert(place, slot);
  ++into.changes;
  note_inventory_change(into);
  ++changes_;
}

bool Index::erase(const Key& key) {
  const Slot* slot = slot_of(key);
  if (slot == nullptr) return false;
  forget(*slot);
  Folder& from = folders_[folder_of(key.piece)];
  from.slots.erase(from.slots.begin() + (slot - from.slots.data()));
  ++from.changes;
  note_inventory_change(from);
  ++changes_;
  return true;
}

void Index::set_size(const Key& key, std::uint64_t size_bytes) {
  Slot* slot = slot_of(key);
  if (slot == nullptr || proof::blocks_in(size_bytes) != slot->blocks || slot->last_block_bytes != 0) return;
  const auto last = size_bytes - (proof::blocks_in(size_bytes) - 1) * proof::kBlockBytes;
  slot->last_block_bytes = static_cast<std::uint32_t>(last) & 0x1fff;
  note_inventory_change(folders_[folder_of(key.piece)]);
  ++changes_;
}

void Index::set_until(const Key& key, std::uint32_t until_unix_s) {
  Slot* slot = slot_of(key);
  if (slot == nullptr || slot->until == until_unix_s) return;
  if (slot->until == kTermUnknown) --terms_unknown_;
  if (until_unix_s == kTermUnknown) ++terms_unknown_;
  slot->until = until_unix_s;
  ++changes_;
}

void Index::set_contract(const Key& key, const crypto::Hash& contract) {
  Slot* slot = slot_of(key);
  if (slot == nullptr || slot->contract == contract) return;
  if (slot->contract == kContractUnknown) --contracts_unknown_;
  if (contract == kContractUnknown) ++contracts_unknown_;
  slot->contract = contract;
  note_inventory_change(folders_[folder_of(key.piece)]);
  ++changes_;
}

void Index::set_renewed(const Key& key, bool renewed, std::uint32_t until_unix_s) {
  Slot* slot = slot_of(key);
  if (slot == nullptr) return;
  set_until(key, until_unix_s);
  slot->renewed = renewed;
  ++folders_[folder_of(key.piece)].changes;
  ++changes_;
}

std::optional<IndexEntry> Index::find(const Key& key) const {
  const Slot* slot = slot_of(key);
  if (slot == nullptr) return std::nullopt;
  return entry_from(*slot);
}

std::vector<IndexEntry> Index::find(const PieceId& piece) const {
  const auto& slots = folders_[folder_of(piece)].slots;
  std::vector<IndexEntry> entries;
  for (auto slot = std::lower_bound(slots.begin(), slots.end(), piece, kByPiece);
       slot != slots.end() && slot->piece == piece; ++slot)
    entries.push_back(entry_from(*slot));
  return entries;
}

std::vector<IndexEntry> Index::entries(std::size_t folder) const {
  std::vector<IndexEntry> entries;
  entries.reserve(folders_[folder].slots.size());
  for (const Slot& slot : folders_[folder].slots) entries.push_back(entry_from(slot));
  return entries;
}

std::uint64_t Index::bytes_of(const AccountId& account) const {
  const auto number = account_numbers_.find(account);
  return number == account_numbers_.end() ? 0 : accounts_[number->second].bytes;
}

std::vector<Key> Index::unread(std::size_t folder) const {
  std::vector<Key> keys;
  for (const Slot& slot : folders_[folder].slots)
    if (slot.until == kTermUnknown || slot.contract == kContractUnknown)
      keys.push_back({slot.piece, accounts_[slot.account].id});
  return keys;
}

std::optional<Key> Index::next_in(std::size_t folder, const std::optional<Key>& after) const {
  const auto& slots = folders_[folder].slots;
  auto slot = slots.begin();
  if (after) slot = std::lower_bound(slots.begin(), slots.end(), after->piece, kByPiece);
  // Slots of one piece stand by their accounts' numbers, which another process deals out otherwise.
  std::optional<Key> next;
  for (; slot != slots.end() && (!next || slot->piece == next->piece); ++slot) {
    const Key key{slot->piece, accounts_[slot->account].id};
    if ((!after || *after < key) && (!next || key < *next)) next = key;
  }
  return next;
}

void Index::list_in(std::size_t folder, const AccountId& account, const std::optional<PieceId>& after,
                    std::size_t limit, std::vector<PieceId>& to) const {
  const auto number = account_numbers_.find(account);
  if (number == account_numbers_.end() || !accounts_[number->second].folders.test(folder)) return;
  const auto& slots = folders_[folder].slots;
  auto slot = slots.begin();
  if (after)
    slot = std::upper_bound(slots.begin(), slots.end(), *after,
                            [](const PieceId& piece, const Slot& other) { return piece < other.piece; });
  for (; slot != slots.end() && to.size() < limit; ++slot)
    if (slot->account == number->second) to.push_back(slot->piece);
}

}  // namespace inxt::store
