// SPDX-License-Identifier: LGPL-3.0-or-later
#include "store/index.h"

#include <algorithm>

#include "base/check.h"
#include "proof/tree.h"

namespace inxt::store {
namespace {

constexpr auto kByPlace = [](const auto& a, const auto& b) {
  return a.piece != b.piece ? a.piece < b.piece : a.account < b.account;
};

}  // namespace

std::uint32_t Index::account_number(const AccountId& account, std::size_t folder) {
  const auto [found, is_new] =
      account_numbers_.try_emplace(account, static_cast<std::uint32_t>(accounts_.size()));
  if (is_new) accounts_.push_back({account, {}});
  accounts_[found->second].folders.set(folder);
  return found->second;
}

Index::Slot Index::slot_from(const IndexEntry& entry) {
  CHECK_BUG(entry.blocks >= 1 && entry.blocks <= proof::kPieceBlocksMax);
  Slot slot;
  slot.piece = entry.key.piece;
  slot.account = account_number(entry.key.account, folder_of(entry.key.piece));
  slot.blocks = static_cast<std::uint16_t>(entry.blocks);
  slot.last_block_bytes =
      entry.size_bytes == 0
          ? std::uint16_t{0}
          : static_cast<std::uint16_t>(entry.size_bytes - (entry.blocks - 1) * proof::kBlockBytes);
  return slot;
}

IndexEntry Index::entry_from(const Slot& slot) const {
  IndexEntry entry;
  entry.key = {slot.piece, accounts_[slot.account].id};
  entry.blocks = slot.blocks;
  if (slot.last_block_bytes != 0)
    entry.size_bytes = (entry.blocks - 1) * proof::kBlockBytes + slot.last_block_bytes;
  return entry;
}

const Index::Slot* Index::slot_of(const Key& key) const {
  const auto number = account_numbers_.find(key.account);
  if (number == account_numbers_.end()) return nullptr;
  const auto& slots = folders_[folder_of(key.piece)].slots;
  const auto found =
      std::lower_bound(slots.begin(), slots.end(), Slot{key.piece, number->second, 0, 0}, kByPlace);
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
  pieces_ += entries.size();
}

void Index::insert(const IndexEntry& entry) {
  Folder& into = folders_[folder_of(entry.key.piece)];
  const Slot slot = slot_from(entry);
  const auto place = std::lower_bound(into.slots.begin(), into.slots.end(), slot, kByPlace);
  CHECK_BUG(place == into.slots.end() || place->piece != slot.piece || place->account != slot.account);
  into.slots.insert(place, slot);
  ++into.changes;
  ++pieces_;
}

bool Index::erase(const Key& key) {
  const Slot* slot = slot_of(key);
  if (slot == nullptr) return false;
  Folder& from = folders_[folder_of(key.piece)];
  from.slots.erase(from.slots.begin() + (slot - from.slots.data()));
  ++from.changes;
  --pieces_;
  return true;
}

void Index::set_size(const Key& key, std::uint64_t size_bytes) {
  const Slot* slot = slot_of(key);
  if (slot == nullptr || proof::blocks_in(size_bytes) != slot->blocks) return;
  const auto last = size_bytes - (proof::blocks_in(size_bytes) - 1) * proof::kBlockBytes;
  auto& slots = folders_[folder_of(key.piece)].slots;
  slots[static_cast<std::size_t>(slot - slots.data())].last_block_bytes = static_cast<std::uint16_t>(last);
}

std::optional<IndexEntry> Index::find(const Key& key) const {
  const Slot* slot = slot_of(key);
  if (slot == nullptr) return std::nullopt;
  return entry_from(*slot);
}

std::vector<IndexEntry> Index::find(const PieceId& piece) const {
  const auto& slots = folders_[folder_of(piece)].slots;
  std::vector<IndexEntry> entries;
  for (auto slot = std::lower_bound(slots.begin(), slots.end(), Slot{piece, 0, 0, 0}, kByPlace);
       slot != slots.end() && slot->piece == piece; ++slot)
    entries.push_back(entry_from(*slot));
  return entries;
}

std::vector<PieceId> Index::list(const AccountId& account, const std::optional<PieceId>& after,
                                 std::size_t limit) const {
  std::vector<PieceId> pieces;
  const auto number = account_numbers_.find(account);
  if (number == account_numbers_.end()) return pieces;
  const std::size_t first = after ? folder_of(*after) : 0;
  for (std::size_t folder = first; folder < kFolders && pieces.size() < limit; ++folder) {
    if (!accounts_[number->second].folders.test(folder)) continue;
    const auto& slots = folders_[folder].slots;
    auto slot = slots.begin();
    if (after && folder == first)
      slot = std::lower_bound(slots.begin(), slots.end(), Slot{*after, ~std::uint32_t{0}, 0, 0}, kByPlace);
    for (; slot != slots.end() && pieces.size() < limit; ++slot)
      if (slot->account == number->second) pieces.push_back(slot->piece);
  }
  return pieces;
}

}  // namespace inxt::store
