// SPDX-License-Identifier: LGPL-3.0-or-later
// A folder that can be carried to another disk while it is in use.  Until begin() it is its home and nothing
// else; from then on new files are made at the destination, what is at home is found there, and move_file()
// carries one file after the other over; after end() only the destination is left.
//
// A file that stands in both (a crash between the copy and the removal) is the destination's.  Whatever is
// removed is removed from both before remove() returns, so that nothing that was deleted comes back.  Every
// state between begin() and end() can be opened again with the same two folders.
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <shared_mutex>

#include "sys/directory.h"

namespace inxt::sys {

class MovingDirectory final : public Directory {
 public:
  explicit MovingDirectory(std::shared_ptr<Directory> home);

  /// Makes home's folders at the destination, and uses both from then on.
  /// REQUIRES: !is_moving().  Errors: those of the folders; nothing has changed then but folders that were
  /// made.
  Result<void> begin(std::shared_ptr<Directory> destination);
  bool is_moving() const;

  /// What is left at home: files in `folder`, none in folders below.  Gone: empty.
  Result<std::vector<Entry>> left_in(const Path& folder) const;
  /// Copies a file, durably, reads the copy back from the disk and compares, gives it its name and removes it
  /// at home. Done where it is gone by then.  One that the destination has already is only removed at home.
  /// Durable at home after sync_home().  Gives the bytes that were copied.
  /// Errors: integrity when the copy reads differently; quota when the destination is full; those of the
  /// disk. The file is still at home then.
  Result<std::uint64_t> move_file(const Path& path);
  Result<void> sync_home(const Path& folder);
  /// The last step: `seal` is called while nobody else uses either folder, and what it writes to home makes
  /// home refer to the destination for good.  From then on home is not used any more.
  /// Errors: try_again when files are left at home in one of `folders`; those of `seal`.  Still moving then.
  Result<void> end(const std::vector<Path>& folders,
                   const std::function<Result<void>(Directory& home, Directory& destination)>& seal);

  Result<std::unique_ptr<DirectoryFile>> open(const Path& path, Caching caching) override;
  Result<std::unique_ptr<DirectoryFile>> create(const Path& path, Caching caching) override;
  Result<void> rename(const Path& from, const Path& to) override;
  Result<void> remove(const Path& path) override;
  Result<void> make_folder(const Path& path) override;
  Result<void> sync_folder(const Path& path) override;
  Result<void> sync_everything() override;
  Result<std::vector<Entry>> list(const Path& path) override;
  Result<std::optional<Entry>> look_up(const Path& path) override;
  Result<std::unique_ptr<DirectoryLock>> lock(const Path& path) override;
  /// Of where new files are made.
  Result<Space> space() override;
  /// Errors: try_again while it moves: then a folder's times are those of one of two.
  Result<std::string> boot_id() override;
  std::string description() const override;

 private:
  /// A folder that stands in two places has no stamp that says when its names changed: a new one each time.
  void unsettle(Entry& entry);
  using Using = std::shared_lock<std::shared_mutex>;
  std::mutex& mutex_of(const Path& path);

  mutable std::shared_mutex using_;  // shared by every call; alone while the folders change
  std::shared_ptr<Directory> home_;  // none after end()
  std::shared_ptr<Directory> destination_;
  std::atomic<std::int64_t> looks_ = 0;
  std::array<std::mutex, 64> names_;  // by hash of the path: one change to a name at a time
};

}  // namespace inxt::sys
