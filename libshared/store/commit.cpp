// SPDX-License-Identifier: LGPL-3.0-or-later
// How room is reserved, and pieces and renewals become durable.
#include <fmt/format.h>

#include "base/check.h"
#include "format/contract.h"
#include "store/state.h"
#include "store/term.h"

namespace inxt::store {
namespace {

using sys::Caching;
using sys::Path;

constexpr int kNameAttemptsMax = 16;
constexpr std::int64_t kSpaceAgeMsMax = 1000;  // of what the file system said about its free bytes

}  // namespace

void Store::State::look_at_space() {
  const std::int64_t now_ms = clock.steady_ms();
  {
    const std::lock_guard guard(mutex);
    if (space_asked_ms && now_ms - *space_asked_ms < kSpaceAgeMsMax) return;
    space_asked_ms = now_ms;
  }
  const auto space = directory.space();
  if (!space) {
    ++disk_errors;
    report(space.error().what);
  }
  const std::lock_guard guard(mutex);
  if (!space) return;
  disk_free_bytes = space->free_bytes;
  written_since_bytes = 0;
}

std::uint64_t Store::State::capacity_free() const {
  const std::uint64_t taken = used_bytes + reserved_bytes;
  return taken < capacity_bytes ? capacity_bytes - taken : 0;
}

std::uint64_t Store::State::disk_free() const {
  const std::uint64_t taken = reserve_bytes + reserved_bytes + written_since_bytes;
  return taken < disk_free_bytes ? disk_free_bytes - taken : 0;
}

Result<void> Store::State::check_room(std::uint64_t bytes) const {
  if (const std::uint64_t free = capacity_free(); bytes > free)
    return fail(
        Code::quota,
        fmt::format("the Host is full (capacity_bytes): {} bytes are needed, {} are free", bytes, free));
  if (const std::uint64_t free = disk_free(); bytes > free)
    return fail(
        Code::quota,
        fmt::format("the Host's file system is full: {} bytes are needed, {} are free beside reserve_bytes",
                    bytes, free));
  return {};
}

Result<void> Store::State::check_account(const AccountId& account, std::uint64_t bytes,
                                         std::uint64_t bytes_max) const {
  const auto storing = storing_bytes.find(account);
  const std::uint64_t taken =
      index.bytes_of(account) + (storing == storing_bytes.end() ? 0 : storing->second);
  if (bytes <= bytes_max && taken <= bytes_max - bytes) return {};
  return fail(Code::quota,
              fmt::format("account {} takes {} bytes here: {} more are too many for its voucher of {} bytes "
                          "(voucher_bytes)",
                          account.hex(), taken, bytes, bytes_max),
              "ask the Bridge for room and for another voucher");
}

void Store::State::begin_storing(const Key& key, std::uint64_t bytes) {
  busy.emplace(key, Busy::storing);
  reserved_bytes += bytes;
  storing_bytes[key.account] += bytes;
}

void Store::State::end_storing(const Key& key, std::uint64_t bytes) {
  busy.erase(key);
  reserved_bytes -= bytes;
  const auto storing = storing_bytes.find(key.account);
  storing->second -= bytes;
  if (storing->second == 0) storing_bytes.erase(storing);
}

Result<std::variant<Reservation, Trailer>> Store::reserve(const PieceId& piece, const AccountId& account,
                                                          std::uint64_t size_bytes,
                                                          std::optional<std::uint64_t> account_bytes_max) {
  if (size_bytes == 0 || size_bytes > proof::kPieceBytesMax)
    return fail(Code::usage,
                fmt::format("a piece of {} bytes: it must be 1 to {}", size_bytes, proof::kPieceBytesMax));
  auto existing = state_->open(piece, &account, State::Want::trailer);
  if (!existing) return state_->told(existing.error());
  if (*existing) return std::variant<Reservation, Trailer>(*std::move((*existing)->trailer));
  state_->look_at_space();

  const std::uint64_t bytes = file_bytes(size_bytes);
  const Key key{piece, account};
  for (bool made_room = false;; made_room = true) {
    std::vector<Key> oldest;
    {
      const std::lock_guard guard(state_->mutex);
      // In the index only since open() looked: somebody has just stored it, and the next call will see it.
      if (state_->busy.contains(key) || state_->index.find(key))
        return fail(Code::try_again, fmt::format("piece {} is being stored or removed", piece.hex()));
      if (state_->read_only) return fail(Code::try_again, "the Host is draining: it takes no new pieces");
      if (state_->rebuilding)
        return fail(Code::try_again, "the Host has just started and is still counting its pieces");
      if (account_bytes_max) TRY(state_->check_account(account, bytes, *account_bytes_max));
      const Result<void> fits = state_->check_room(bytes);
      if (fits) {
        state_->begin_storing(key, bytes);
        return std::variant<Reservation, Trailer>(Reservation(*this, piece, account, size_bytes));
      }
      oldest = state_->oldest_quarantined(bytes);
      if (made_room || oldest.empty()) return std::unexpected(fits.error());
    }
    state_->remove_quarantined(oldest);
  }
}

void Store::State::sync_failed(std::size_t folder) {
  const std::lock_guard guard(mutex);
  index_doubtful = true;
  unsynced.set(folder);
  ++sync_failures;
}

Result<void> Store::State::ensure_made(std::size_t folder) {
  {
    const std::lock_guard guard(mutex);
    if (made.test(folder)) return {};
  }
  TRY(directory.make_folder(path_of(folder)));
  TRY(directory.sync_folder({"pieces"}));
  const std::lock_guard guard(mutex);
  made.set(folder);
  return {};
}

Result<std::unique_ptr<sys::DirectoryFile>> Store::State::create_temporary(Path& path, Caching caching) {
  for (int attempt = 0;; ++attempt) {
    path = {"tmp", std::to_string(temporary_number++)};
    auto created = directory.create(path, caching);
    // A leftover that could not be removed may have the name.
    if (created || attempt == kNameAttemptsMax || !TRY(directory.look_up(path))) return created;
  }
}

Result<void> Store::State::store_file(std::size_t folder, const Path& target, ByteView image, bool& named) {
  named = false;
  TRY(ensure_made(folder));
  UnnamedFile file;
  file.target = target;
  file.file = TRY(create_temporary(file.temporary, Caching::direct));
  Result<void> done = file.file->write_at(0, image);
  if (done) {
    done = group_commit.commit(file, named);
    if (!done) sync_failed(folder);
  }
  if (done || named) return done;
  file.file.reset();
  if (const auto removed = directory.remove(file.temporary); !removed) report(removed.error().what);
  return done;
}

Result<void> Store::commit(Reservation reservation, PieceBuffer& buffer, const proof::Tree& tree,
                           const Trailer& trailer) {
  const Key key{reservation.piece_, reservation.account_};
  CHECK_BUG(reservation.store_ == this && trailer.piece == key.piece && trailer.account == key.account);
  CHECK_BUG(buffer.size_bytes() == reservation.size_bytes_ && tree.id() == key.piece);
  TRY(buffer.finish(tree, trailer));
  const crypto::Hash contract = format::contract_hash(trailer.acceptance);
  bool named = false;
  const Result<void> stored = state_->store_file(folder_of(key.piece), path_of(key), buffer.image(), named);
  if (!stored && !named) return state_->told(stored.error());
  // Not known to be durable: take it back, so that it is neither acknowledged nor in the way.
  const bool removed = !stored && state_->directory.remove(path_of(key));
  std::vector<Key> replaced;
  {
    const std::lock_guard guard(state_->mutex);
    const std::uint64_t bytes = file_bytes(reservation.size_bytes_);
    // The name is there, and where a damaged file had it, that one is gone.
    bool renewed = false;
    if (const auto old = state_->remains.find(key); old != state_->remains.end()) {
      state_->used_bytes -= old->second.piece_bytes;
      old->second.piece_bytes = 0;
      // A renewal of the same contract is true again; of another, it says nothing and counts as before.
      renewed = stored && old->second.renewal_bytes == kRenewalFileBytes;
      if (renewed || old->second.renewal_bytes == 0) state_->remains.erase(old);
    }
    if (!stored && !removed) {
      // In the quota and in the way like a damaged one, until it is stored again or removed.
      state_->remains[key].piece_bytes = bytes;
      state_->used_bytes += bytes;
    } else if (stored) {
      IndexEntry entry;
      entry.key = key;
      entry.blocks = tree.blocks();
      entry.size_bytes = reservation.size_bytes_;
      entry.until_unix_s = renewed ? kTermUnknown : term_of(trailer);
      entry.renewed = renewed;
      entry.contract = contract;
      state_->index.insert(entry);
      state_->end_storing(key, bytes);
      state_->used_bytes += bytes;
      state_->written_since_bytes += bytes;
      ++state_->commits;
      reservation.store_ = nullptr;
      if (state_->quarantine.contains(key)) replaced.push_back(key);
    }
  }
  if (!replaced.empty()) state_->remove_quarantined(replaced);
  if (!stored) return state_->told(stored.error());
  return {};
}

Result<void> Store::renew(const PieceId& piece, const AccountId& account, const crypto::Hash& offer,
                          const StoredRenewal& renewal) {
  const Key key{piece, account};
  const std::size_t folder = folder_of(piece);
  AlignedBuffer image(kRenewalFileBytes);
  TRY(encode_renewal({key, offer}, renewal, image.bytes()));
  auto opened = state_->open(piece, &account, State::Want::trailer);
  if (!opened) return state_->told(opened.error());
  const auto other = [&] {
    return fail(Code::not_found, fmt::format("piece {}: this contract is not here", piece.hex()));
  };
  if (!*opened || format::offer_hash((*opened)->trailer->offer) != offer) return other();
  state_->look_at_space();
  std::uint64_t new_bytes = kRenewalFileBytes;
  {
    const std::lock_guard guard(state_->mutex);
    if (state_->busy.contains(key))
      return fail(Code::try_again, fmt::format("piece {} is being stored, renewed or removed", piece.hex()));
    // Removed, or made anew, since it was read.
    const auto entry = state_->index.find(key);
    if (!entry) return other();
    if (state_->read_only) return fail(Code::try_again, "the Host is draining: it renews nothing");
    if (entry->renewed || state_->remains.contains(key)) new_bytes = 0;
    if (new_bytes > 0) {
      if (state_->rebuilding)
        return fail(Code::try_again, "the Host has just started and is still counting its pieces");
      TRY(state_->check_room(new_bytes));
    }
    state_->busy.emplace(key, Busy::renewing);
    state_->reserved_bytes += new_bytes;
  }
  // While it is busy nobody removes it: is it still the contract that was asked for?
  const auto file = state_->directory.open(path_of(key), state_->options.read_caching);
  Result<Trailer> trailer =
      file ? state_->load_trailer(**file, (*opened)->entry) : std::unexpected(file.error());
  Result<void> stored = {};
  bool named = false;
  if (!trailer && (trailer.error().code == Code::not_found || trailer.error().code == Code::integrity))
    stored = other();
  else if (!trailer)
    stored = std::unexpected(trailer.error());
  else if (format::offer_hash(trailer->offer) != offer)
    stored = other();
  else
    stored = state_->store_file(folder, renewal_path_of(key), image.bytes(), named);
  {
    const std::lock_guard guard(state_->mutex);
    state_->reserved_bytes -= new_bytes;
    state_->busy.erase(key);
    if (named) {
      std::uint64_t old_bytes = state_->index.find(key)->renewed ? kRenewalFileBytes : 0;
      if (const auto old = state_->remains.find(key); old != state_->remains.end()) {
        old_bytes += old->second.renewal_bytes;
        state_->remains.erase(old);
      }
      state_->used_bytes += kRenewalFileBytes;
      state_->used_bytes -= old_bytes;
      trailer->renewal = renewal;
      state_->index.set_renewed(key, true, term_of(*trailer));
      if (stored) ++state_->commits;
    }
    state_->changed.notify_all();
  }
  if (!stored && stored.error().code != Code::not_found) return state_->told(stored.error());
  return stored;
}

}  // namespace inxt::store
