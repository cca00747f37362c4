// SPDX-License-Identifier: LGPL-3.0-or-later
#include "store/store.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "store/state.h"

namespace inxt::store {

Store::State::State(sys::Directory& directory_in, Options options_in)
    : directory(directory_in),
      options(std::move(options_in)),
      clock(options.clock != nullptr ? *options.clock : system_clock),
      group_commit(directory, options.group_commit, options.commit_delay_ms),
      capacity_bytes(options.capacity_bytes),
      reserve_bytes(options.reserve_bytes) {}

std::string Store::State::name_of(const sys::Path& path) const {
  return fmt::format("{}/{}", directory.description(), path.text());
}

std::unexpected<Error> Store::State::told(const Error& error) const {
  ++disk_errors;
  report(error.what);
  if (error.code == Code::quota) return fail(Code::quota, "the Host's disk is full");
  if (error.code == Code::try_again)
    return fail(Code::try_again, "the Host is short of memory or open files");
  return fail(error.code, "the Host's disk has failed");
}

Store::Store(sys::Directory& directory, Options options)
    : state_(std::make_unique<State>(directory, std::move(options))) {}

Store::~Store() {
  CHECK_BUG(state_->busy.empty());
}

Result<std::unique_ptr<Store>> Store::open(sys::Directory& directory, Options options) {
  std::unique_ptr<Store> store(new Store(directory, std::move(options)));
  TRY(store->state_->prepare());
  store->state_->look_at_space();
  return store;
}

void Store::rebuild_index() {
  std::size_t unread = 0;
  for (std::size_t folder = 0; folder < kFolders; ++folder) {
    if (state_->stopping) return;
    if (const auto listed = state_->ensure_listed(folder); !listed) {
      ++unread;
      state_->report(listed.error().what);
    }
  }
  if (unread != 0)
    state_->report(fmt::format("{}: {} folders cannot be read; their pieces are missing and not in the quota",
                               state_->directory.description(), unread));
  const std::lock_guard guard(state_->mutex);
  state_->rebuilding = false;
}

void Store::make_folders() {
  std::bitset<kFolders> missing;
  {
    const std::lock_guard guard(state_->mutex);
    missing = ~state_->made;
  }
  if (missing.none()) return;
  for (std::size_t folder = 0; folder < kFolders; ++folder) {
    if (state_->stopping) return;
    if (!missing.test(folder)) continue;
    if (const auto done = state_->directory.make_folder(path_of(folder)); !done) {
      state_->report(done.error().what);
      return;
    }
  }
  if (const auto synced = state_->directory.sync_folder({"pieces"}); !synced) {
    state_->report(synced.error().what);
    return;
  }
  const std::lock_guard guard(state_->mutex);
  state_->made.set();
}

void Store::stop() {
  state_->stopping = true;
}

void Store::set_limits(std::uint64_t capacity_bytes, std::uint64_t reserve_bytes) {
  const std::lock_guard guard(state_->mutex);
  state_->capacity_bytes = capacity_bytes;
  state_->reserve_bytes = reserve_bytes;
}

void Store::set_read_only(bool read_only) {
  const std::lock_guard guard(state_->mutex);
  state_->read_only = read_only;
}

std::uint64_t Store::account_bytes(const AccountId& account) const {
  const std::lock_guard guard(state_->mutex);
  return state_->index.bytes_of(account);
}

Stats Store::stats() const {
  const GroupCommit::Counts groups = state_->group_commit.counts();
  const std::lock_guard guard(state_->mutex);
  Stats stats;
  stats.capacity_bytes = state_->capacity_bytes;
  stats.reserve_bytes = state_->reserve_bytes;
  stats.used_bytes = state_->used_bytes;
  stats.reserved_bytes = state_->reserved_bytes;
  if (!state_->read_only) stats.free_bytes = std::min(state_->capacity_free(), state_->disk_free());
  stats.disk_free_bytes = state_->disk_free_bytes;
  stats.pieces = state_->index.pieces();
  stats.damaged = static_cast<std::uint64_t>(
      std::ranges::count_if(state_->remains, [](const auto& left) { return left.second.piece_bytes != 0; }));
  stats.quarantined.pieces = state_->quarantine.size();
  for (const auto& [key, kept] : state_->quarantine) stats.quarantined.bytes += kept.bytes();
  stats.quarantined_ever = state_->quarantined_ever;
  stats.terms_unknown = state_->index.terms_unknown();
  stats.contracts_unknown = state_->index.contracts_unknown();
  stats.rebuilding = state_->rebuilding;
  stats.folders_listed = state_->index.folders_listed();
  stats.read_only = state_->read_only;
  stats.commits = state_->commits;
  stats.commit_groups = groups.groups;
  stats.grouped = groups.grouped;
  stats.disk_errors = state_->disk_errors;
  stats.index_saved_unix_s = state_->index_saved_unix_s;
  return stats;
}

// ---------------------------------------------------------------------------------------------- reservations

Reservation::Reservation(Reservation&& other) noexcept
    : store_(std::exchange(other.store_, nullptr)),
      piece_(other.piece_),
      account_(other.account_),
      size_bytes_(other.size_bytes_) {}

Reservation& Reservation::operator=(Reservation&& other) noexcept {
  if (this == &other) return *this;
  give_back();
  store_ = std::exchange(other.store_, nullptr);
  piece_ = other.piece_;
  account_ = other.account_;
  size_bytes_ = other.size_bytes_;
  return *this;
}

Reservation::~Reservation() {
  give_back();
}

void Reservation::give_back() {
  if (store_ == nullptr) return;
  Store::State& state = *store_->state_;
  const std::lock_guard guard(state.mutex);
  state.end_storing(Key{piece_, account_}, file_bytes(size_bytes_));
  store_ = nullptr;
}

}  // namespace inxt::store
