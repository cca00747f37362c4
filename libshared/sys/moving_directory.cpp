// SPDX-License-Identifier: LGPL-3.0-or-later
#include "sys/moving_directory.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <span>

#include "base/check.h"

namespace inxt::sys {
namespace {

constexpr std::size_t kCopyBytes = std::size_t{4} << 20;  // a whole piece in one step

struct Free {
  void operator()(std::byte* bytes) const { std::free(bytes); }
};
using Buffer = std::unique_ptr<std::byte, Free>;

Buffer make_buffer() {
  Buffer buffer(static_cast<std::byte*>(std::aligned_alloc(kDirectAlignmentBytes, kCopyBytes)));
  CHECK_BUG(buffer != nullptr);
  return buffer;
}

template <class T>
bool is_absent(const Result<T>& result) {
  return !result && result.error().code == Code::not_found;
}

Caching caching_for(std::uint64_t size_bytes) {
  return size_bytes % kDirectAlignmentBytes == 0 ? Caching::direct : Caching::cached;
}

/// Copies, syncs, and reads the copy again.
Result<void> copy(DirectoryFile& from, Directory& to, const Path& path, std::uint64_t size_bytes) {
  const Buffer read = make_buffer();
  const Buffer copied = make_buffer();
  {
    const auto out = TRY(to.create(path, caching_for(size_bytes)));
    for (std::uint64_t at = 0; at < size_bytes; at += kCopyBytes) {
      const ByteSpan part(read.get(),
                          static_cast<std::size_t>(std::min<std::uint64_t>(kCopyBytes, size_bytes - at)));
      if (TRY(from.read_at(at, part)) != part.size())
        return fail(Code::try_again, path.text() + ": it became shorter while it was copied");
      TRY(out->write_at(at, part));
    }
    TRY(out->sync());
  }
  const auto again = TRY(to.open(path, caching_for(size_bytes)));
  for (std::uint64_t at = 0; at < size_bytes; at += kCopyBytes) {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(kCopyBytes, size_bytes - at));
    const ByteSpan expected(read.get(), count);
    const ByteSpan found(copied.get(), count);
    const std::size_t had = TRY(from.read_at(at, expected));
    const std::size_t has = TRY(again->read_at(at, found));
    if (had != count || has != count || std::memcmp(expected.data(), found.data(), count) != 0)
      return fail(Code::integrity,
                  fmt::format("{}: the copy in {} reads differently", path.text(), to.description()),
                  "the destination's disk is not to be trusted");
  }
  return {};
}

/// The folders below, made at the other place too.
Result<void> mirror_folders(Directory& from, Directory& to, const Path& path, int depth) {
  bool made = false;
  for (const Entry& entry : TRY(from.list(path))) {
    if (entry.kind != EntryKind::folder || entry.name == "lost+found") continue;
    TRY(to.make_folder(path / entry.name));
    made = true;
    if (depth > 0) TRY(mirror_folders(from, to, path / entry.name, depth - 1));
  }
  if (!made) return {};
  return to.sync_folder(path);
}

}  // namespace

MovingDirectory::MovingDirectory(std::shared_ptr<Directory> home) : home_(std::move(home)) {}

std::mutex& MovingDirectory::mutex_of(const Path& path) {
  return names_[std::hash<std::string>{}(path.text()) % names_.size()];
}

Result<void> MovingDirectory::begin(std::shared_ptr<Directory> destination) {
  const std::unique_lock alone(using_);
  CHECK_BUG(home_ && !destination_);
  TRY(mirror_folders(*home_, *destination, {}, 1));
  destination_ = std::move(destination);
  return {};
}

bool MovingDirectory::is_moving() const {
  const Using use(using_);
  return home_ && destination_;
}

Result<std::vector<Entry>> MovingDirectory::left_in(const Path& folder) const {
  const Using use(using_);
  if (!home_) return std::vector<Entry>();
  auto entries = home_->list(folder);
  if (is_absent(entries)) return std::vector<Entry>();
  if (entries) std::erase_if(*entries, [](const Entry& entry) { return entry.kind != EntryKind::file; });
  return entries;
}

Result<std::uint64_t> MovingDirectory::move_file(const Path& path) {
  const Using use(using_);
  CHECK_BUG(home_ && destination_);
  const auto drop_at_home = [&]() -> Result<void> {
    Result<void> removed = home_->remove(path);
    if (is_absent(removed)) return {};
    return removed;
  };
  {
    const std::lock_guard guard(mutex_of(path));
    if (TRY(destination_->look_up(path))) {
      TRY(destination_->sync_folder(path.parent()));  // the name may be of a moment ago
      TRY(drop_at_home());
      return 0;
    }
  }
  auto opened = home_->open(path, Caching::cached);
  if (is_absent(opened)) return 0;
  if (!opened) return std::unexpected(opened.error());
  const std::uint64_t size_bytes = TRY((*opened)->size_bytes());
  if (caching_for(size_bytes) == Caching::direct) {
    opened = home_->open(path, Caching::direct);
    if (is_absent(opened)) return 0;
    if (!opened) return std::unexpected(opened.error());
  }

  // Not under the name's mutex: it may take long.
  std::string name = path.text();
  std::ranges::replace(name, '/', '-');
  const Path temporary{"tmp", fmt::format("move-{:x}", std::hash<std::string>{}(name))};
  if (const auto removed = destination_->remove(temporary); !removed && !is_absent(removed))
    return std::unexpected(removed.error());
  Result<void> done = copy(**opened, *destination_, temporary, size_bytes);
  bool is_named = false;
  if (done) {
    const std::lock_guard guard(mutex_of(path));
    const auto still_home = home_->look_up(path);
    const auto there = destination_->look_up(path);
    if (!still_home || !there) {
      done = std::unexpected(!still_home ? still_home.error() : there.error());
    } else if (*still_home && !*there) {  // else it was removed, or made anew, meanwhile
      done = destination_->rename(temporary, path);
      is_named = done.has_value();
      if (done) done = destination_->sync_folder(path.parent());
      if (done) done = drop_at_home();
    }
  }
  if (!is_named) (void)destination_->remove(temporary);
  if (!done) return std::unexpected(done.error());
  return is_named ? size_bytes : 0;
}

Result<void> MovingDirectory::sync_home(const Path& folder) {
  const Using use(using_);
  if (!home_) return {};
  return home_->sync_folder(folder);
}

Result<void> MovingDirectory::end(
    const std::vector<Path>& folders,
    const std::function<Result<void>(Directory& home, Directory& destination)>& seal) {
  const std::unique_lock alone(using_);
  CHECK_BUG(home_ && destination_);
  for (const Path& folder : folders) {
    const auto entries = home_->list(folder);
    if (is_absent(entries)) continue;
    if (!entries) return std::unexpected(entries.error());
    for (const Entry& entry : *entries)
      if (entry.kind == EntryKind::file)
        return fail(Code::try_again, fmt::format("{}: is still at home", (folder / entry.name).text()));
  }
  TRY(seal(*home_, *destination_));
  home_ = nullptr;
  return {};
}

Result<std::unique_ptr<DirectoryFile>> MovingDirectory::open(const Path& path, Caching caching) {
  const Using use(using_);
  if (!destination_) return home_->open(path, caching);
  auto file = destination_->open(path, caching);
  if (!home_ || !is_absent(file)) return file;
  file = home_->open(path, caching);
  if (!is_absent(file)) return file;
  return destination_->open(path, caching);  // moved between the two looks
}

Result<std::unique_ptr<DirectoryFile>> MovingDirectory::create(const Path& path, Caching caching) {
  const Using use(using_);
  if (!destination_) return home_->create(path, caching);
  if (home_ && TRY(home_->look_up(path)))
    return fail(Code::failure, fmt::format("{}/{}: there already", home_->description(), path.text()));
  return destination_->create(path, caching);
}

Result<void> MovingDirectory::rename(const Path& from, const Path& to) {
  const Using use(using_);
  if (!destination_) return home_->rename(from, to);
  if (!home_) return destination_->rename(from, to);
  std::mutex& first = mutex_of(from);
  std::mutex& second = mutex_of(to);
  std::unique_lock both(first, std::defer_lock), other(second, std::defer_lock);
  if (&first == &second)
    both.lock();
  else
    std::lock(both, other);
  if (TRY(destination_->look_up(from))) {
    TRY(destination_->rename(from, to));
    // What has the name `to` at home is hidden now, and removed when its turn to move comes; what has `from`
    // there was hidden so far.
    const Result<void> removed = home_->remove(from);
    if (removed || removed.error().code == Code::not_found) return {};
    return removed;
  }
  TRY(home_->rename(from, to));
  if (TRY(destination_->look_up(to))) return destination_->remove(to);
  return {};
}

Result<void> MovingDirectory::remove(const Path& path) {
  const Using use(using_);
  if (!destination_) return home_->remove(path);
  if (!home_) return destination_->remove(path);
  const std::lock_guard guard(mutex_of(path));
  // Home first, and for good where the destination has the name too: what was hidden there may be older, and
  // a crash must not bring it back.
  const Result<void> at_home = home_->remove(path);
  if (!at_home && !is_absent(at_home)) return at_home;
  if (at_home && TRY(destination_->look_up(path))) TRY(home_->sync_folder(path.parent()));
  Result<void> there = destination_->remove(path);
  if (is_absent(there) && at_home) return {};
  return there;
}

Result<void> MovingDirectory::make_folder(const Path& path) {
  const Using use(using_);
  if (!destination_) return home_->make_folder(path);
  return destination_->make_folder(path);
}

Result<void> MovingDirectory::sync_folder(const Path& path) {
  const Using use(using_);
  if (!destination_) return home_->sync_folder(path);
  TRY(destination_->sync_folder(path));
  if (!home_) return {};
  Result<void> synced = home_->sync_folder(path);  // for what was removed there
  if (is_absent(synced)) return {};
  return synced;
}

Result<void> MovingDirectory::sync_everything() {
  const Using use(using_);
  if (destination_) TRY(destination_->sync_everything());
  if (home_) return home_->sync_everything();
  return {};
}

Result<std::vector<Entry>> MovingDirectory::list(const Path& path) {
  const Using use(using_);
  if (!destination_) return home_->list(path);
  if (!home_) return destination_->list(path);
  // Home first: what is carried over between the two looks is then seen twice, not never.
  auto at_home = home_->list(path);
  auto there = destination_->list(path);
  if (!at_home && !is_absent(at_home)) return at_home;
  if (!there && (!is_absent(there) || !at_home)) return there;
  std::vector<Entry> both;
  if (there) both = *std::move(there);
  std::ranges::sort(both, {}, &Entry::name);
  const auto known = static_cast<std::ptrdiff_t>(both.size());
  if (at_home) {
    for (Entry& entry : *at_home) {
      const std::span<const Entry> seen(both.begin(), both.begin() + known);
      if (!std::ranges::binary_search(seen, entry.name, {}, &Entry::name)) both.push_back(std::move(entry));
    }
  }
  for (Entry& entry : both) unsettle(entry);
  return both;
}

void MovingDirectory::unsettle(Entry& entry) {
  if (entry.kind == EntryKind::folder) entry.stamp = {0, ++looks_, 0};
}

Result<std::optional<Entry>> MovingDirectory::look_up(const Path& path) {
  const Using use(using_);
  if (!destination_) return home_->look_up(path);
  if (!home_) return destination_->look_up(path);
  auto entry = destination_->look_up(path);
  if (entry && !*entry) entry = home_->look_up(path);
  if (entry && !*entry) entry = destination_->look_up(path);  // moved between the two looks
  if (entry && *entry) unsettle(**entry);
  return entry;
}

Result<std::unique_ptr<DirectoryLock>> MovingDirectory::lock(const Path& path) {
  const Using use(using_);
  return home_ ? home_->lock(path) : destination_->lock(path);
}

Result<Space> MovingDirectory::space() {
  const Using use(using_);
  return destination_ ? destination_->space() : home_->space();
}

Result<std::string> MovingDirectory::boot_id() {
  const Using use(using_);
  if (home_ && destination_)
    return fail(Code::try_again, fmt::format("{}: is being moved", home_->description()));
  return home_ ? home_->boot_id() : destination_->boot_id();
}

std::string MovingDirectory::description() const {
  const Using use(using_);
  return home_ ? home_->description() : destination_->description();
}

}  // namespace inxt::sys
