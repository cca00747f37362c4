// SPDX-License-Identifier: LGPL-3.0-or-later
// How a contract's piece goes for good.
#include <fmt/format.h>

#include "format/contract.h"
#include "store/state.h"
#include "store/term.h"

namespace inxt::store {

Result<void> Store::State::remove(const Key& key, const IsMeant& is_meant) {
  const PieceId& piece = key.piece;
  const std::size_t folder = folder_of(piece);
  if (const auto listed = ensure_settled(folder); !listed) return told(listed.error());
  std::optional<IndexEntry> entry;
  bool has_renewal = false;
  {
    const std::lock_guard guard(mutex);
    if (busy.contains(key))
      return fail(Code::try_again, fmt::format("piece {} is being stored, renewed or removed", piece.hex()));
    entry = index.find(key);
    const auto left = remains.find(key);
    // What is damaged cannot say which contract it was of.
    if (!entry && (is_meant || left == remains.end()))
      return fail(Code::not_found, fmt::format("piece {}: not here for this account", piece.hex()));
    has_renewal = (entry && entry->renewed) || (left != remains.end() && left->second.renewal_bytes != 0);
    busy.emplace(key, Busy::removing);
  }
  const auto idle = [&] {  // with the lock held
    busy.erase(key);
    changed.notify_all();
  };
  if (is_meant) {  // while it is busy, nobody renews it or stores it anew
    const auto look = [&]() -> Result<bool> {
      const auto file = TRY(open_file(*entry, options.read_caching));
      Trailer trailer = TRY(load_trailer(*file, *entry));
      return is_meant(*entry, trailer);
    };
    const Result<bool> meant = look();
    if (!meant || !*meant) {
      {
        const std::lock_guard guard(mutex);
        idle();
      }
      if (meant || meant.error().code == Code::not_found || meant.error().code == Code::integrity)
        return fail(Code::not_found, fmt::format("piece {}: this contract is not here", piece.hex()));
      return told(meant.error());
    }
  }
  Result<void> done = directory.remove(path_of(key));
  const bool is_gone = done || done.error().code == Code::not_found;
  if (is_gone) {
    done = directory.sync_folder(path_of(folder));
    if (!done) sync_failed(folder);
  }
  // Only then: as long as the piece may come back, its renewal is true.  Without a piece it is nothing, and
  // is removed when the folder is listed next, should this not last.
  bool renewal_is_gone = false;
  if (done && has_renewal) {
    const auto removed = directory.remove(renewal_path_of(key));
    renewal_is_gone = removed || removed.error().code == Code::not_found;
    if (!renewal_is_gone) report(removed.error().what);
  }
  {
    const std::lock_guard guard(mutex);
    idle();
    if (is_gone) {
      Remains left;
      if (const auto old = remains.find(key); old != remains.end()) {
        left = old->second;
        remains.erase(old);
      }
      if (entry) {
        left.piece_bytes = piece_file_bytes_of(*entry);
        if (entry->renewed) left.renewal_bytes = kRenewalFileBytes;
        index.erase(key);
      }
      used_bytes -= left.piece_bytes;
      if (renewal_is_gone)
        used_bytes -= left.renewal_bytes;
      else if (left.renewal_bytes != 0)
        remains[key].renewal_bytes = left.renewal_bytes;
    }
  }
  if (!done) return told(done.error());
  return {};
}

Result<void> Store::remove(const PieceId& piece, const AccountId& account,
                           const std::optional<crypto::Hash>& offer) {
  const auto is_meant = [&](const IndexEntry&, Trailer& trailer) -> Result<bool> {
    return format::offer_hash(trailer.offer) == *offer;
  };
  return state_->remove({piece, account}, offer ? State::IsMeant(is_meant) : State::IsMeant());
}

Result<void> Store::remove_ended(const Key& key, std::int64_t before_unix_s) {
  const auto is_meant = [&](const IndexEntry& entry, Trailer& trailer) -> Result<bool> {
    if (entry.renewed && !TRY(state_->load_renewal(entry, trailer))) return false;  // it may run longer
    const std::uint32_t until = term_of(trailer);
    return until != kTermNone && std::int64_t{until} < before_unix_s;
  };
  return state_->remove(key, is_meant);
}

}  // namespace inxt::store
