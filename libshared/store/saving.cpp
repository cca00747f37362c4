// SPDX-License-Identifier: LGPL-3.0-or-later
// How the index is saved, and a store left in order.
#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "store/snapshot.h"
#include "store/state.h"

namespace inxt::store {
namespace {

using sys::Path;

// A change that comes after another within this time may leave the folder's times as they were: the clocks of
// file systems tick every few milliseconds, on some every one or two seconds.
constexpr std::int64_t kClockTickNsMax = 2'000'000'000;

}  // namespace

Result<void> Store::State::save() {
  std::uint64_t changes;
  bool is_doubtful;
  {
    const std::lock_guard guard(mutex);
    changes = index.changes();
    if (changes == saved_changes) return {};
    is_doubtful = index_doubtful;
  }
  if (is_doubtful) {
    TRY(directory.sync_everything());
    const std::lock_guard guard(mutex);
    index_doubtful = false;
  }
  // Not while the store is moved to another disk; and there it is not marked yet.
  if (TRY(directory.boot_id()) != boot_id) return fail(Code::failure, "the machine has another boot id");
  if (!TRY(directory.look_up({"boot"}))) TRY(mark_boot());
  Path temporary;
  bool is_complete = true;
  const auto write = [&]() -> Result<void> {
    const auto file = TRY(create_temporary(temporary, sys::Caching::cached));
    const auto made_at = TRY(directory.look_up(temporary));
    if (!made_at) return fail(Code::failure, fmt::format("{}: has gone", name_of(temporary)));
    const std::int64_t old_enough_ns = made_at->stamp.changed_ns - kClockTickNsMax;
    SnapshotWriter writer(*file);
    for (std::size_t folder = 0; folder < kFolders; ++folder) {
      {
        const std::lock_guard guard(mutex);
        if (!made.test(folder)) continue;
      }
      const auto before = TRY(directory.look_up(path_of(folder)));
      std::vector<IndexEntry> entries;
      bool is_known = false;
      {
        const std::lock_guard guard(mutex);
        // What is in the way, or under way, is not in the index: such a folder is listed next time.
        const auto is_here = [&](const auto& keyed) { return folder_of(keyed.first.piece) == folder; };
        is_known = index.is_listed(folder) && std::ranges::none_of(remains, is_here) &&
                   std::ranges::none_of(busy, is_here);
        if (is_known) entries = index.entries(folder);
      }
      const auto after = TRY(directory.look_up(path_of(folder)));
      if (!is_known || !before || !after || before->stamp != after->stamp || after->stamp == sys::Stamp{} ||
          std::max(after->stamp.modified_ns, after->stamp.changed_ns) > old_enough_ns) {
        is_complete = false;
        continue;
      }
      TRY(writer.add(folder, after->stamp, entries));
    }
    return writer.finish();
  };
  Result<void> done = write();
  if (done) done = directory.rename(temporary, {"index"});
  if (!done) {
    if (!temporary.empty()) (void)directory.remove(temporary);
    return done;
  }
  TRY(directory.sync_folder({}));
  const std::lock_guard guard(mutex);
  if (is_complete) saved_changes = changes;
  index_saved_unix_s = clock.unix_s();
  return {};
}

Result<void> Store::save_index() {
  if (const Result<void> saved = state_->save(); !saved) return state_->told(saved.error());
  return {};
}

Result<void> Store::close() {
  {
    const std::lock_guard guard(state_->mutex);
    CHECK_BUG(!std::exchange(state_->closed, true));
    if (!state_->busy.empty()) return fail(Code::try_again, "a piece is still being stored or removed");
  }
  const auto leave = [&]() -> Result<void> {
    TRY(state_->save());
    TRY(state_->directory.sync_everything());
    if (TRY(state_->directory.look_up({"boot"}))) TRY(state_->directory.remove({"boot"}));
    return state_->directory.sync_folder({});
  };
  if (const Result<void> left = leave(); !left) return state_->told(left.error());
  return {};
}

}  // namespace inxt::store
