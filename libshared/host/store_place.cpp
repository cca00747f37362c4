// SPDX-License-Identifier: LGPL-3.0-or-later
#include "host/store_place.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "host/inventory_state.h"
#include "host/record_files.h"
#include "serve/state_file.h"
#include "store/names.h"

namespace inxt::host {
namespace {

struct Mark {
  std::string move;
  std::string path;
};

Result<std::optional<Mark>> read_mark(sys::Directory& directory, std::string_view name, const char* key) {
  const auto json = TRY(serve::read_state(directory, name));
  if (!json) return std::nullopt;
  const format::Fields fields(*json, fmt::format("{}/{}", directory.description(), name));
  Mark mark;
  mark.move = TRY(fields.text("move", 16));
  mark.path = TRY(fields.text(key, kStorePathBytesMax));
  return mark;
}

format::Json mark_json(const std::string& move, const char* key, const std::string& path) {
  format::Json json;
  json["move"] = move;
  json[key] = path;
  return json;
}

Result<void> use_both(StorePlace& place, std::shared_ptr<sys::Directory> destination,
                      const std::string& path) {
  auto lock = TRY_IN("the destination", destination->lock(sys::Path{"lock"}));
  TRY(place.directory->begin(std::move(destination)));
  place.destination_lock = std::move(lock);
  place.destination = path;
  return {};
}

Result<bool> is_inside(const std::string& inner, const std::string& outer) {
  std::error_code error;
  const auto inside = std::filesystem::weakly_canonical(inner, error);
  const auto outside = std::filesystem::weakly_canonical(outer, error);
  if (error) return fail(Code::usage, fmt::format("{}: {}", inner, error.message()));
  return std::mismatch(outside.begin(), outside.end(), inside.begin(), inside.end()).first == outside.end();
}

}  // namespace

bool stays_home(std::string_view name) {
  constexpr std::array<std::string_view, 7> kStaying{"lock",     kMovingFile, kMovingFromFile,   kMovedFile,
                                                     "run.json", "version",   "descriptor.jsonl"};
  return std::ranges::find(kStaying, name) != kStaying.end() || name.ends_with(".new");
}

std::vector<sys::Path> folders_to_move() {
  std::vector<sys::Path> folders;
  for (std::size_t folder = 0; folder < store::kFolders; ++folder) folders.push_back(store::path_of(folder));
  folders.push_back(sys::Path{"quarantine"});
  folders.push_back(sys::Path{kInventoryFolder});
  folders.push_back(sys::Path{kAuditsFolder});
  folders.push_back(sys::Path{kTransfersFolder});
  return folders;
}

Result<std::string> follow_moves(const std::string& path) {
  std::string now = path;
  for (int i = 0; i <= kMovesFollowedMax; ++i) {
    std::error_code error;
    if (!std::filesystem::exists(now + "/" + std::string(kMovedFile), error)) return now;
    const auto directory = TRY(sys::open_directory(now));
    const auto moved = TRY(read_mark(*directory, kMovedFile, "to"));
    if (!moved) return now;
    now = moved->path;
  }
  return fail(
      Code::usage,
      fmt::format("{}: the store has moved more than kMovesFollowedMax ({}) times", path, kMovesFollowedMax),
      "name the folder where it is now");
}

Result<StorePlace> open_store_place(const std::string& path) {
  StorePlace place;
  place.path = TRY(follow_moves(path));
  std::error_code error;
  if (place.path != path && !std::filesystem::exists(place.path + "/version", error))
    return fail(Code::usage, fmt::format("{}: has moved to {}, where no store is", path, place.path),
                "is the disk mounted?");
  place.home = TRY(sys::open_directory(place.path));
  place.directory = std::make_unique<sys::MovingDirectory>(place.home);
  const auto moving = TRY(read_mark(*place.home, kMovingFile, "to"));
  if (!moving) return place;

  const auto unfinished = [&](const std::string& why) {
    return fail(Code::usage, fmt::format("{}: is half moved to {}, which {}", place.path, moving->path, why),
                "is the disk mounted?");
  };
  if (!std::filesystem::is_directory(moving->path, error)) return unfinished("is not there");
  std::shared_ptr<sys::Directory> destination = TRY(sys::open_directory(moving->path));
  const auto from = TRY(read_mark(*destination, kMovingFromFile, "from"));
  if (!from || from->move != moving->move) return unfinished("is another folder");
  TRY(use_both(place, std::move(destination), moving->path));
  return place;
}

std::string folder_with(const StorePlace& place, std::string_view name) {
  std::error_code error;
  const bool is_there = !place.destination.empty() &&
                        std::filesystem::exists(fmt::format("{}/{}", place.destination, name), error);
  return is_there ? place.destination : place.path;
}

Result<void> begin_move(StorePlace& place, const std::string& to, std::uint64_t needed_bytes,
                        std::uint64_t move_id) {
  if (place.directory->is_moving())
    return fail(Code::try_again, fmt::format("the store is moving to {} already", place.destination));
  if (!place.destination.empty())
    return fail(Code::try_again, fmt::format("the store has moved to {} already", place.destination),
                "restart the Host before it moves again");
  if (!to.starts_with('/') || to.size() > kStorePathBytesMax || !format::is_utf8(to))
    return fail(Code::usage,
                fmt::format("the new place must be an absolute path of at most kStorePathBytesMax ({}) "
                            "bytes of UTF-8",
                            kStorePathBytesMax));
  if (TRY(is_inside(to, place.path)) || TRY(is_inside(place.path, to)))
    return fail(Code::usage, fmt::format("{} and {} are one in the other", to, place.path),
                "name an empty folder on the other disk");
  std::shared_ptr<sys::Directory> destination = TRY(sys::open_directory(to));
  for (const sys::Entry& entry : TRY(destination->list({})))
    if (entry.name != "lost+found")
      return fail(Code::usage, fmt::format("{}: is not empty, and holds '{}'", to, entry.name),
                  "name an empty folder on the other disk");
  const sys::Space space = TRY(destination->space());
  if (space.free_bytes < needed_bytes)
    return fail(Code::quota,
                fmt::format("{}: {} bytes are free, the store needs {}", to, space.free_bytes, needed_bytes));

  const std::string id = fmt::format("{:016x}", move_id);
  std::error_code error;
  const auto from = std::filesystem::absolute(place.path, error);
  TRY(serve::write_state(*destination, kMovingFromFile, mark_json(id, "from", from.string())));
  TRY(serve::write_state(*place.home, kMovingFile, mark_json(id, "to", to)));
  Result<void> using_both = use_both(place, std::move(destination), to);
  if (!using_both) (void)serve::remove_state(*place.home, kMovingFile);  // then nothing has moved
  return using_both;
}

Result<void> end_move(StorePlace& place) {
  const auto seal = [&](sys::Directory& home, sys::Directory& destination) -> Result<void> {
    for (const sys::Entry& entry : TRY(home.list({})))
      if (entry.kind == sys::EntryKind::file && !stays_home(entry.name))
        return fail(Code::try_again, entry.name + ": is still at home");
    const auto moving = TRY(read_mark(home, kMovingFile, "to"));
    if (!moving || moving->path != place.destination)
      return fail(Code::integrity, fmt::format("{}: {} is not of this move", place.path, kMovingFile));
    if (!TRY(destination.look_up(sys::Path{"version"}))) {
      const sys::Path unfinished{"version.new"};
      (void)destination.remove(unfinished);
      {
        const auto file = TRY(destination.create(unfinished, sys::Caching::cached));
        TRY(file->write_at(0, view_of(store::kVersionText)));
        TRY(file->sync());
      }
      TRY(destination.rename(unfinished, sys::Path{"version"}));
    }
    TRY(destination.sync_everything());
    TRY(serve::write_state(home, kMovedFile, mark_json(moving->move, "to", moving->path)));
    return {};
  };
  TRY(place.directory->sync_everything());  // most of it before everybody has to wait for the rest
  TRY(place.directory->end(folders_to_move(), seal));
  (void)serve::remove_state(*place.directory, kMovingFromFile);
  // From here on only for tidiness: whoever finds moved.json looks no further.  Without its version the old
  // folder is no store for a release that does not know moves.
  (void)place.home->remove(sys::Path{"version"});
  (void)serve::remove_state(*place.home, kMovingFile);
  return {};
}

}  // namespace inxt::host
