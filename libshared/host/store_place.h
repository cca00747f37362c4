// SPDX-License-Identifier: LGPL-3.0-or-later
// Where a Host's store is, which may be another folder than the one it was told, or two while it moves.
//
// A move leaves marks, each a state file (host/state_file.h):
//   moving.json        at home, while it moves            {"move": id, "to": path}
//   moving-from.json   at the destination, meanwhile      {"move": id, "from": path}
//   moved.json         at home, for good, afterwards      {"move": id, "to": path}
// So a Host that is started with the old path finds its pieces at any time, and the destination is no store
// of its own before it has everything.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sys/moving_directory.h"

namespace inxt::host {

inline constexpr std::string_view kMovingFile = "moving.json";
inline constexpr std::string_view kMovingFromFile = "moving-from.json";
inline constexpr std::string_view kMovedFile = "moved.json";
inline constexpr int kMovesFollowedMax = 16;
inline constexpr std::size_t kStorePathBytesMax = 3000;

/// The folder that `path` stands for now: follows moved.json.
/// Errors: usage after kMovesFollowedMax; those of the folders.
Result<std::string> follow_moves(const std::string& path);

struct StorePlace {
  std::string path;         // of home
  std::string destination;  // while it moves
  std::shared_ptr<sys::Directory> home;
  std::unique_ptr<sys::DirectoryLock> destination_lock;
  std::unique_ptr<sys::MovingDirectory> directory;  // what the store is opened on
};

/// Follows moves, and goes on with one that was interrupted.
/// Errors: usage when the destination of an unfinished move is not there, or is not the one; those of the
/// folders.
Result<StorePlace> open_store_place(const std::string& path);

/// The folder that has the file now: home, or the destination where it is carried over already.
std::string folder_with(const StorePlace& place, std::string_view name);

/// Begins a move: marks both folders and uses both from then on.  Blocking; fast.
/// Errors: usage when `to` is not an absolute path, holds other things, lies in the store or is the store;
/// try_again when a move is under way; quota when `needed_bytes` are not free there; those of the disks.
Result<void> begin_move(StorePlace& place, const std::string& to, std::uint64_t needed_bytes,
                        std::uint64_t move_id);

/// The last step, when pieces and everything else are carried over.
/// Errors: try_again when something is left at home; those of the disks.  Still moving then.
Result<void> end_move(StorePlace& place);

/// The folders whose files a move carries over.
std::vector<sys::Path> folders_to_move();

/// Files in the store's own folder that stay where they are: locks and marks, and what only holds for the
/// process that runs.
bool stays_home(std::string_view name);

}  // namespace inxt::host
