// SPDX-License-Identifier: LGPL-3.0-or-later
// Carries the store to another disk while the Host serves from it.  Manual: inxt-host(8), "move".
//
// One file after the other: copied, synced, read back from the new disk and compared, named, removed at home.
// Half of the time is left to whoever asks for pieces, and all of it while jobs wait for the worker pool.
#pragma once

#include <functional>

#include "host/host.h"
#include "host/status.h"
#include "host/store_place.h"
#include "net/event.h"

namespace inxt::host {

inline constexpr std::chrono::milliseconds kMoveRetryPause{60'000};  // after a disk's error

struct MoveProgress {
  bool is_moving = false;
  std::string to;                 // where, also when it has ended
  std::uint64_t moved_files = 0;  // since this process began
  std::uint64_t moved_bytes = 0;
  std::size_t folders_done = 0;  // of folders_to_move(), in this round
  std::size_t folders = 0;
  std::int64_t began_ms = 0;  // steady clock
  std::string trouble;        // why it waits, empty when it does not
};

/// One thread: the loop's.
class Mover {
 public:
  /// REQUIRES: `place` outlives it; nobody else moves the place.
  Mover(const net::Executor& executor, StorePlace& place, Parts parts,
        std::chrono::milliseconds retry_pause = kMoveRetryPause);

  /// Errors: those of begin_move().
  net::Awaitable<Result<void>> begin(std::string to);
  /// Called, on the loop, when a move has ended, with the folder where the store is now.
  void on_moved(std::function<void(const std::string& folder)> call) { on_moved_ = std::move(call); }
  /// The background task: moves whenever a move is under way.
  net::Awaitable<void> run();
  const MoveProgress& progress() const { return progress_; }

 private:
  net::Awaitable<Result<void>> begin_alone(std::string to);
  net::Awaitable<Result<bool>> move_round();
  net::Awaitable<Result<std::size_t>> move_folder(sys::Path folder, bool is_top);

  StorePlace& place_;
  Parts parts_;
  std::chrono::milliseconds retry_pause_;
  net::Event begun_;
  std::function<void(const std::string&)> on_moved_;
  MoveProgress progress_;
  bool is_beginning_ = false;
};

/// POST /move on the control socket: {"to": "/absolute/path"}.  Errors: integrity for other JSON; those of
/// begin().
net::Awaitable<Result<std::string>> command_move(Mover& mover, std::string_view body);

/// Nothing while no move is under way.
std::optional<MoveStatus> move_status(const MoveProgress& progress);

}  // namespace inxt::host
