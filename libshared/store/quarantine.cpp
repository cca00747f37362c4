// SPDX-License-Identifier: LGPL-3.0-or-later
// Looking for rot, and where the rotten goes: its bytes may still help somebody, but nobody is given them.
#include <fmt/format.h>

#include <algorithm>

#include "store/state.h"

namespace inxt::store {

std::vector<Key> Store::State::oldest_quarantined(std::uint64_t bytes) const {
  std::vector<std::pair<Quarantined, Key>> all;
  for (const auto& [key, kept] : quarantine) all.emplace_back(kept, key);
  std::ranges::sort(all, {}, [](const auto& one) { return one.first.since_unix_s; });
  std::vector<Key> oldest;
  std::uint64_t found_bytes = std::min(capacity_free(), disk_free());
  for (const auto& [kept, key] : all) {
    if (found_bytes >= bytes) break;
    oldest.push_back(key);
    found_bytes += kept.bytes();
  }
  if (found_bytes < bytes) oldest.clear();  // it would not help
  return oldest;
}

std::size_t Store::State::remove_quarantined(const std::vector<Key>& keys) {
  std::size_t count = 0;
  for (const Key& key : keys) {
    const auto remove = [&](const sys::Path& path) {
      const auto removed = directory.remove(path);
      if (removed || removed.error().code == Code::not_found) return true;
      report(removed.error().what);
      return false;
    };
    const bool piece_gone = remove(quarantine_path_of(key));
    const bool renewal_gone = remove(quarantine_renewal_path_of(key));
    const std::lock_guard guard(mutex);
    const auto kept = quarantine.find(key);
    if (kept == quarantine.end()) continue;
    const auto take = [&](std::uint64_t& bytes) {
      used_bytes -= bytes;
      disk_free_bytes += bytes;
      bytes = 0;
    };
    if (piece_gone) take(kept->second.piece_bytes);
    if (renewal_gone) take(kept->second.renewal_bytes);
    if (kept->second.bytes() != 0) continue;
    quarantine.erase(kept);
    ++count;
  }
  return count;
}

Result<void> Store::State::move_to_quarantine(const IndexEntry& entry) {
  const Key& key = entry.key;
  const std::size_t folder = folder_of(key.piece);
  Result<void> moved = directory.rename(path_of(key), quarantine_path_of(key));
  const bool piece_moved = moved.has_value();
  bool renewal_moved = false;
  if (piece_moved && entry.renewed)
    renewal_moved = directory.rename(renewal_path_of(key), quarantine_renewal_path_of(key)).has_value();
  if (moved) moved = directory.sync_folder({"quarantine"});
  if (moved) moved = directory.sync_folder(path_of(folder));
  if (piece_moved && !moved) sync_failed(folder);
  const std::lock_guard guard(mutex);
  index.erase(key);
  busy.erase(key);
  changed.notify_all();
  Remains left;
  if (const auto old = remains.find(key); old != remains.end()) left = old->second;
  if (!piece_moved) left.piece_bytes = piece_file_bytes_of(entry);
  if (entry.renewed && !renewal_moved) left.renewal_bytes = kRenewalFileBytes;
  if (left.piece_bytes != 0 || left.renewal_bytes != 0) remains[key] = left;
  if (piece_moved) {
    // An older one of the same contract was replaced, its renewal perhaps.
    Quarantined& kept = quarantine[key];
    const auto replace = [&](std::uint64_t& kept_bytes, std::uint64_t bytes) {
      used_bytes -= kept_bytes;  // what comes was counted before
      kept_bytes = bytes;
    };
    replace(kept.piece_bytes, piece_file_bytes_of(entry));
    if (renewal_moved) replace(kept.renewal_bytes, kRenewalFileBytes);
    kept.since_unix_s = clock.unix_s();
    ++quarantined_ever;
  }
  return moved;
}

Result<CheckedPiece> Store::check_stored(const Key& key, AlignedBuffer& scratch) {
  if (const auto listed = state_->ensure_listed(folder_of(key.piece)); !listed)
    return state_->told(listed.error());
  CheckedPiece checked;
  std::optional<IndexEntry> entry;
  std::uint64_t changes = 0;
  {
    const std::lock_guard guard(state_->mutex);
    if (!state_->busy.contains(key)) entry = state_->index.find(key);
    changes = state_->index.changes(folder_of(key.piece));
  }
  if (!entry) return checked;
  const std::uint64_t bytes = piece_file_bytes_of(*entry);
  if (scratch.size_bytes() < bytes) scratch = AlignedBuffer(static_cast<std::size_t>(bytes));
  const ByteSpan image = scratch.bytes().first(static_cast<std::size_t>(bytes));
  Error wrong;
  for (int reading = 0; reading < 2; ++reading) {  // a flipped bit on the way to memory is not rot
    const auto look = [&]() -> Result<void> {
      const auto file = TRY(state_->open_file(*entry, sys::Caching::direct));
      if (const std::size_t got = TRY(file->read_at(0, image)); got != image.size())
        return fail(Code::integrity, fmt::format("{} bytes instead of {}", got, image.size()));
      checked.read_bytes += bytes;
      const Trailer trailer = TRY(check_image(image));
      if (trailer.piece != key.piece || trailer.account != key.account)
        return fail(Code::integrity, "trailer: is of another piece or account than the file's name");
      return {};
    };
    const Result<void> looked = look();
    if (looked) {
      if (reading > 0)
        state_->report(fmt::format("{}: was read wrongly once ({}), and rightly then",
                                   state_->name_of(path_of(key)), wrong.what));
      checked.state = CheckedPiece::State::whole;
      return checked;
    }
    wrong = looked.error();
    if (wrong.code != Code::integrity && wrong.code != Code::not_found) return state_->told(wrong);
  }
  {
    const std::lock_guard guard(state_->mutex);
    // It may have been removed, or stored anew, meanwhile.
    if (state_->busy.contains(key) || state_->index.changes(folder_of(key.piece)) != changes) return checked;
    if (wrong.code != Code::not_found) state_->busy.emplace(key, Busy::removing);
  }
  checked.state = CheckedPiece::State::damaged;
  checked.reason = wrong.code == Code::not_found ? "its file has gone" : wrong.what;
  if (wrong.code == Code::not_found) {
    state_->drop_damaged(*entry, changes, wrong);
    return checked;
  }
  const Result<void> moved = state_->move_to_quarantine(*entry);
  state_->report(fmt::format("{}: damaged: {}; {}", state_->name_of(path_of(key)), wrong.what,
                             moved ? "it is in the quarantine" : moved.error().what));
  return checked;
}

std::size_t Store::empty_quarantine(std::int64_t before_unix_s) {
  std::vector<Key> keys;
  {
    const std::lock_guard guard(state_->mutex);
    for (const auto& [key, kept] : state_->quarantine)
      if (kept.since_unix_s < before_unix_s) keys.push_back(key);
  }
  return state_->remove_quarantined(keys);
}

}  // namespace inxt::store
