// SPDX-License-Identifier: LGPL-3.0-or-later
// What a store has: listed by account, by term, one after another.  The lock is held for one folder at a
// time.
#include <algorithm>

#include "store/state.h"

namespace inxt::store {
namespace {

/// Whether a term that the index has ended before that time.
bool ends_before(std::uint32_t until_unix_s, std::int64_t before_unix_s) {
  return until_unix_s != kTermUnknown && until_unix_s != kTermNone &&
         std::int64_t{until_unix_s} < before_unix_s;
}

// What was learnt about a contract is not noted when its folder changed meanwhile: then it is read again.
constexpr int kHeldReadingsMax = 2;

}  // namespace

Result<std::vector<PieceId>> Store::list(const AccountId& account, const std::optional<PieceId>& after,
                                         std::size_t limit) {
  limit = std::min(limit, kListedMax);
  std::vector<PieceId> pieces;
  const std::size_t first = after ? folder_of(*after) : 0;
  for (std::size_t folder = first; folder < kFolders && pieces.size() < limit; ++folder) {
    const std::lock_guard guard(state_->mutex);
    if (state_->rebuilding)
      return fail(Code::try_again, "the Host has just started and is still counting its pieces");
    state_->index.list_in(folder, account, folder == first ? after : std::nullopt, limit, pieces);
  }
  return pieces;
}

std::vector<Key> Store::ended(std::int64_t before_unix_s, std::size_t limit) const {
  std::vector<Key> keys;
  for (std::size_t folder = 0; folder < kFolders && keys.size() < limit; ++folder) {
    std::vector<Key> here;
    {
      const std::lock_guard guard(state_->mutex);
      state_->index.visit_terms(folder, [&](std::uint64_t, std::uint32_t until, bool, const auto& key) {
        if (ends_before(until, before_unix_s)) here.push_back(key());
      });
    }
    std::ranges::sort(here);
    here.resize(std::min(here.size(), limit - keys.size()));
    keys.insert(keys.end(), here.begin(), here.end());
  }
  return keys;
}

std::vector<EndingTerms> Store::ending(std::span<const std::int64_t> before_unix_s) const {
  std::vector<EndingTerms> ending(before_unix_s.size());
  for (std::size_t folder = 0; folder < kFolders; ++folder) {
    const std::lock_guard guard(state_->mutex);
    state_->index.visit_terms(
        folder, [&](std::uint64_t blocks, std::uint32_t until, bool renewed, const auto&) {
          for (std::size_t i = 0; i < ending.size(); ++i) {
            if (!ends_before(until, before_unix_s[i])) continue;
            ++ending[i].pieces;
            ending[i].bytes += file_bytes(blocks * proof::kBlockBytes) + (renewed ? kRenewalFileBytes : 0);
          }
        });
  }
  return ending;
}

Result<std::optional<Key>> Store::next_key(const std::optional<Key>& after) {
  const std::size_t first = after ? folder_of(after->piece) : 0;
  for (std::size_t folder = first; folder < kFolders; ++folder) {
    if (const auto listed = state_->ensure_listed(folder); !listed) return state_->told(listed.error());
    const std::lock_guard guard(state_->mutex);
    if (const auto next = state_->index.next_in(folder, folder == first ? after : std::nullopt)) return next;
  }
  return std::nullopt;
}

void Store::learn_terms() {
  for (std::size_t folder = 0; folder < kFolders; ++folder) {
    std::vector<Key> unread;
    {
      const std::lock_guard guard(state_->mutex);
      if (state_->index.terms_unknown() == 0 && state_->index.contracts_unknown() == 0) return;
      unread = state_->index.unread(folder);
    }
    for (const Key& key : unread) {
      if (state_->stopping) return;
      (void)read_trailer(key.piece, key.account);  // notes what it reads; what is wrong was reported
    }
  }
}

std::uint64_t Store::inventory_changes(std::size_t folder) const {
  const std::lock_guard guard(state_->mutex);
  return state_->index.inventory_changes(folder);
}

std::uint64_t Store::inventory_changes() const {
  const std::lock_guard guard(state_->mutex);
  return state_->index.inventory_changes();
}

std::size_t Store::contracts_of(const PieceId& piece) const {
  const std::lock_guard guard(state_->mutex);
  return state_->index.find(piece).size();
}

Result<HeldFolder> Store::held_in(std::size_t folder) {
  if (const auto settled = state_->ensure_settled(folder); !settled) return state_->told(settled.error());
  std::vector<Key> unread;
  for (int reading = 0;; ++reading) {
    HeldFolder held;
    {
      const std::lock_guard guard(state_->mutex);
      held.changes = state_->index.inventory_changes(folder);
      for (const IndexEntry& entry : state_->index.entries(folder)) {
        if (entry.contract == kContractUnknown || entry.size_bytes == 0)
          unread.push_back(entry.key);
        else
          held.contracts.push_back(
              {entry.key.piece, static_cast<std::uint32_t>(entry.size_bytes), entry.contract});
      }
    }
    if (unread.empty() || reading == kHeldReadingsMax || state_->stopping) {
      held.unread = unread.size();
      std::ranges::sort(held.contracts);
      return held;
    }
    for (const Key& key : std::exchange(unread, {})) (void)read_trailer(key.piece, key.account);
  }
}

}  // namespace inxt::store
