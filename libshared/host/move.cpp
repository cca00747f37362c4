// SPDX-License-Identifier: LGPL-3.0-or-later
#include "host/move.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace inxt::host {
namespace {

constexpr std::chrono::milliseconds kBusyPause{20};
constexpr std::int64_t kPauseMsMax = 1000;

}  // namespace

Mover::Mover(const net::Executor& executor, StorePlace& place, Parts parts,
             std::chrono::milliseconds retry_pause)
    : place_(place), parts_(parts), retry_pause_(retry_pause), begun_(executor) {
  if (place_.directory->is_moving()) {  // interrupted by the end of an earlier process
    progress_.is_moving = true;
    progress_.to = place_.destination;
    progress_.began_ms = parts_.clock.steady_ms();
  }
}

net::Awaitable<Result<void>> Mover::begin(std::string to) {
  if (is_beginning_) co_return fail(Code::try_again, "another move is just beginning");
  is_beginning_ = true;
  Result<void> begun = co_await begin_alone(std::move(to));
  is_beginning_ = false;
  co_return begun;
}

net::Awaitable<Result<void>> Mover::begin_alone(std::string to) {
  const store::Stats stats = parts_.store.stats();
  const std::uint64_t id = from_big_endian<std::uint64_t>(parts_.random.bytes<8>());
  Result<void> begun =
      co_await parts_.workers.run([&] { return begin_move(place_, to, stats.used_bytes, id); });
  if (!begun) co_return begun;
  progress_ = {};
  progress_.is_moving = true;
  progress_.to = std::move(to);
  progress_.began_ms = parts_.clock.steady_ms();
  parts_.log.write(LogLevel::info, "move-begun", {{"to", progress_.to}});
  begun_.notify();
  co_return begun;
}

/// Gives the number of files that it found.
net::Awaitable<Result<std::size_t>> Mover::move_folder(sys::Path folder, bool is_top) {
  sys::MovingDirectory& directory = *place_.directory;
  CO_TRY(std::vector<sys::Entry> entries,
         co_await parts_.workers.run([&] { return directory.left_in(folder); }));
  if (is_top) std::erase_if(entries, [](const sys::Entry& entry) { return stays_home(entry.name); });
  for (const sys::Entry& entry : entries) {
    while (parts_.workers.queued() > 0) co_await net::sleep_for(kBusyPause);
    const std::int64_t began_ms = parts_.clock.steady_ms();
    const sys::Path path = folder / entry.name;
    CO_TRY(const std::uint64_t bytes, co_await parts_.workers.run([&] { return directory.move_file(path); }));
    progress_.moved_bytes += bytes;
    if (bytes > 0) ++progress_.moved_files;
    const std::int64_t took_ms = std::min(parts_.clock.steady_ms() - began_ms, kPauseMsMax);
    if (took_ms > 0) co_await net::sleep_for(std::chrono::milliseconds(took_ms));
  }
  if (!entries.empty()) CO_CHECK(co_await parts_.workers.run([&] { return directory.sync_home(folder); }));
  co_return entries.size();
}

/// True when a whole round found nothing any more.
net::Awaitable<Result<bool>> Mover::move_round() {
  const std::vector<sys::Path> folders = folders_to_move();
  std::size_t found = 0;
  progress_.folders = folders.size();
  progress_.folders_done = 0;
  for (const sys::Path& folder : folders) {
    CO_TRY(const std::size_t files, co_await move_folder(folder, false));
    found += files;
    ++progress_.folders_done;
  }
  if (found > 0) co_return false;
  // The key and what else the Host keeps, last: until then the old folder is the Host.
  CO_CHECK(co_await move_folder({}, true));
  co_return true;
}

net::Awaitable<void> Mover::run() {
  for (;;) {
    while (!place_.directory->is_moving()) co_await begun_.wait();
    Result<bool> is_done = co_await move_round();
    if (is_done && *is_done) {
      const Result<void> ended = co_await parts_.workers.run([&] { return end_move(place_); });
      if (ended) {
        progress_.is_moving = false;
        progress_.trouble.clear();
        parts_.log.write(LogLevel::info, "moved",
                         {{"to", progress_.to},
                          {"files", std::to_string(progress_.moved_files)},
                          {"bytes", std::to_string(progress_.moved_bytes)}});
        if (on_moved_) on_moved_(progress_.to);
        continue;
      }
      if (ended.error().code == Code::try_again) continue;  // something was made at home meanwhile
      is_done = std::unexpected(ended.error());
    }
    if (is_done) continue;
    if (progress_.trouble != is_done.error().what)
      parts_.log.write(LogLevel::error, "move-waits", {{"reason", is_done.error().what}});
    progress_.trouble = is_done.error().what;
    co_await net::sleep_for(retry_pause_);
    progress_.trouble.clear();
  }
}

net::Awaitable<Result<std::string>> command_move(Mover& mover, std::string_view body) {
  CO_TRY(const format::Json json, format::parse_object(body));
  const format::Fields fields(json, "the command");
  CO_TRY(std::string to, fields.text("to", kStorePathBytesMax));
  CO_CHECK(co_await mover.begin(to));
  format::Json answer;
  answer["moving"] = true;
  answer["to"] = std::move(to);
  co_return format::write_compact(answer);
}

std::optional<MoveStatus> move_status(const MoveProgress& progress) {
  if (!progress.is_moving) return std::nullopt;
  return MoveStatus{
      .to = progress.to,
      .moved_bytes = progress.moved_bytes,
      .done_permille = progress.folders == 0 ? 0 : progress.folders_done * 1000 / progress.folders,
      .trouble = progress.trouble};
}

}  // namespace inxt::host
