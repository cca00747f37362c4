// SPDX-License-Identifier: AGPL-3.0-or-later
// A disk in memory that does what a disk may do.  It fails at a chosen call.  A power cut leaves of
// everything that was not synced whatever POSIX allows:
//   - each 4 KiB block of a file's unsynced bytes is the new one, the former one, or the new one up to some
//   sector;
//   - a file's size is the former or the new one or between, with zeros where no bytes arrived;
//   - each name is what it was at the last sync of its folder, or anything that it has been since: names come
//   and go
//     independently of each other, so a renamed file may have both its names, or none, and a removed file
//     comes back;
//   - a name may be durable while the bytes behind it are not: a renamed file that was not synced may be
//   empty;
//   - a folder that was made may be gone with all that was synced in it, until its parent was synced;
//   - a folder's times are those of its names, or are not.
// A sync that failed may have forgotten what it should have written: that it succeeds the next time means
// nothing. Times of files come from a clock with coarse ticks.  Replays from a seed.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <mutex>
#include <random>
#include <set>

#include "sys/directory.h"

namespace inxt::testing {

class SimDirectory final : public sys::Directory {
 public:
  explicit SimDirectory(std::uint64_t seed = 1) : random_(seed) {
    constexpr std::int64_t kTicksNs[] = {1, 4'000'000, 10'000'000, 1'000'000'000, 2'000'000'000};
    tick_ns_ = kTicksNs[random_() % std::size(kTicksNs)];
    folders_["."].stamp.inode = inodes_++;
  }

  /// The calls so far that could change the disk.
  std::uint64_t changes() const { return changes_; }
  /// Of those, the ones that wait for the disk.
  std::uint64_t syncs() const { return syncs_; }
  /// The n-th change from now (0: the next) fails with `code`, and so does each later one when `for_good`.
  void fail_at(std::uint64_t n, Code code, bool for_good) {
    fail_at_ = changes_ + n;
    fail_code_ = code;
    fail_for_good_ = for_good;
  }
  void stop_failing() {
    fail_at_ = ~std::uint64_t{0};
    fail_for_good_ = false;
  }
  /// Looking at the disk fails too, after the failure that is for good.
  bool is_dead() const { return fail_for_good_ && changes_ > fail_at_; }

  /// The file system's clock goes on; each change moves it a little too.
  void pass_ns(std::int64_t ns) { clock_ns_ += ns; }
  void set_free_bytes(std::uint64_t free_bytes) { free_bytes_ = free_bytes; }

  /// What the disk only says that it does: a test of the test.
  enum class Lie { none, sync_of_files, sync_of_folders, sync_of_everything, boot_id };
  void lie_about(Lie lie) { lie_ = lie; }

  /// Forgets what was not synced, or a part of it.
  void cut_power() {
    stop_failing();
    ++boots_;
    std::set<Inode*> seen;
    for (auto& [name, folder] : folders_) {
      for (auto& [entry, history] : folder.unsynced) {
        const auto now = folder.now.find(entry);
        history.push_back(now == folder.now.end() ? nullptr : now->second);
        const auto chosen = history[random_() % history.size()];
        if (chosen)
          folder.now[entry] = chosen;
        else
          folder.now.erase(entry);
      }
      folder.unsynced.clear();
      if (chance()) folder.stamp = folder.durable_stamp;
      folder.durable_stamp = folder.stamp;
      for (auto& [entry, file] : folder.now)
        if (seen.insert(file.get()).second) forget(*file);
    }
    // A folder whose own name was not durable is gone with what is in it.
    for (auto folder = folders_.begin(); folder != folders_.end();) {
      const bool is_lost = folder->first != "." && !folder->second.name_durable && chance();
      folder = is_lost ? folders_.erase(folder) : std::next(folder);
    }
    for (auto& [name, folder] : folders_) folder.name_durable = true;
  }

  std::uint64_t bytes_below(const std::string& prefix) const {
    std::uint64_t bytes = 0;
    for (const auto& [name, folder] : folders_)
      if (name.starts_with(prefix))
        for (const auto& [entry, file] : folder.now) bytes += file->now.size();
    return bytes;
  }

  /// Changes a byte that was durable: rot.  False when there is no such file, or it is empty.
  bool rot(const sys::Path& path, std::uint64_t at) {
    const auto file = find(path);
    if (!file || file->now.empty() || file->now != file->durable) return false;
    const std::size_t place = static_cast<std::size_t>(at % file->now.size());
    file->now[place] ^= std::byte{0x40};
    file->durable[place] = file->now[place];
    return true;
  }

  // ---- sys::Directory
  Result<std::unique_ptr<sys::DirectoryFile>> open(const sys::Path& path, sys::Caching) override {
    const std::lock_guard guard(mutex_);
    if (is_dead()) return dead();
    const auto file = find(path);
    if (!file) return fail(Code::not_found, path.text() + ": not there");
    return std::make_unique<SimFile>(*this, file);
  }
  Result<std::unique_ptr<sys::DirectoryFile>> create(const sys::Path& path, sys::Caching) override {
    const std::lock_guard guard(mutex_);
    TRY(change());
    if (find(path)) return fail(Code::failure, path.text() + ": there already");
    Folder& folder = TRY(folder_at(path.parent())).get();
    const auto file = std::make_shared<Inode>();
    file->stamp = {inodes_++, now_ns(), now_ns()};
    set_name(folder, last_of(path), file);
    return std::make_unique<SimFile>(*this, file);
  }
  Result<void> rename(const sys::Path& from, const sys::Path& to) override {
    const std::lock_guard guard(mutex_);
    TRY(change());
    const auto file = find(from);
    if (!file) return fail(Code::not_found, from.text() + ": not there");
    Folder& source = TRY(folder_at(from.parent())).get();
    set_name(TRY(folder_at(to.parent())).get(), last_of(to), file);
    set_name(source, last_of(from), nullptr);
    file->stamp.changed_ns = now_ns();
    return {};
  }
  Result<void> remove(const sys::Path& path) override {
    const std::lock_guard guard(mutex_);
    TRY(change());
    if (!find(path)) return fail(Code::not_found, path.text() + ": not there");
    set_name(TRY(folder_at(path.parent())).get(), last_of(path), nullptr);
    return {};
  }
  Result<void> make_folder(const sys::Path& path) override {
    const std::lock_guard guard(mutex_);
    TRY(change());
    Folder& parent = TRY(folder_at(path.parent())).get();
    const auto [folder, is_new] = folders_.try_emplace(path.text());
    if (!is_new) return {};
    folder->second.stamp = {inodes_++, now_ns(), now_ns()};
    folder->second.durable_stamp = folder->second.stamp;
    touch(parent);
    return {};
  }
  Result<void> sync_folder(const sys::Path& path) override {
    const std::lock_guard guard(mutex_);
    ++syncs_;
    TRY(change());
    Folder& folder = TRY(folder_at(path)).get();
    if (lie_ == Lie::sync_of_folders) return {};
    make_durable(folder);
    for (auto& [name, other] : folders_)
      if (name != "." && parent_of(name) == path.text()) other.name_durable = true;
    return {};
  }
  Result<void> sync_everything() override {
    const std::lock_guard guard(mutex_);
    ++syncs_;
    const auto changed = change();
    if (lie_ == Lie::sync_of_everything) return changed;
    for (auto& [name, folder] : folders_) {
      for (auto& [entry, file] : folder.now) {
        if (changed)
          file->make_durable();
        else
          file->is_forgotten |= file->now != file->durable;
      }
      if (!changed) continue;
      make_durable(folder);
      folder.name_durable = true;
    }
    return changed;
  }
  Result<std::vector<sys::Entry>> list(const sys::Path& path) override {
    const std::lock_guard guard(mutex_);
    if (is_dead()) return dead();
    std::vector<sys::Entry> entries;
    for (const auto& [entry, file] : TRY(folder_at(path)).get().now)
      entries.push_back({entry, sys::EntryKind::file, file->now.size(), file->stamp});
    for (const auto& [name, folder] : folders_)
      if (name != "." && parent_of(name) == path.text())
        entries.push_back({name.substr(name.rfind('/') + 1), sys::EntryKind::folder, 0, folder.stamp});
    return entries;
  }
  Result<std::optional<sys::Entry>> look_up(const sys::Path& path) override {
    const std::lock_guard guard(mutex_);
    if (is_dead()) return dead();
    if (const auto folder = folders_.find(path.text()); folder != folders_.end())
      return sys::Entry{last_of(path), sys::EntryKind::folder, 0, folder->second.stamp};
    const auto file = find(path);
    if (!file) return std::nullopt;
    return sys::Entry{last_of(path), sys::EntryKind::file, file->now.size(), file->stamp};
  }
  Result<std::unique_ptr<sys::DirectoryLock>> lock(const sys::Path&) override {
    return std::make_unique<sys::DirectoryLock>();
  }
  Result<sys::Space> space() override {
    const std::lock_guard guard(mutex_);
    if (is_dead()) return dead();
    return sys::Space{std::uint64_t{1} << 41, free_bytes_};
  }
  Result<std::string> boot_id() override { return fmt::format("boot-{}", lie_ == Lie::boot_id ? 0 : boots_); }
  std::string description() const override { return "sim"; }

 private:
  static constexpr std::size_t kBlockBytes = 4096;
  static constexpr std::size_t kSectorBytes = 512;

  struct Inode {
    Bytes now, durable;
    bool is_forgotten = false;  // by a sync that failed
    sys::Stamp stamp;
    void make_durable() {
      if (!is_forgotten) durable = now;
    }
  };
  struct Folder {
    std::map<std::string, std::shared_ptr<Inode>> now;
    /// What names have been since the folder was synced, first what is durable; nullptr: absent.
    std::map<std::string, std::vector<std::shared_ptr<Inode>>> unsynced;
    sys::Stamp stamp, durable_stamp;
    bool name_durable = false;
  };

  class SimFile final : public sys::DirectoryFile {
   public:
    SimFile(SimDirectory& disk, std::shared_ptr<Inode> file) : disk_(disk), file_(std::move(file)) {}
    Result<std::size_t> read_at(std::uint64_t offset, ByteSpan out) override {
      const std::lock_guard guard(disk_.mutex_);
      if (disk_.is_dead()) return disk_.dead();
      if (offset >= file_->now.size()) return std::size_t{0};
      const std::size_t size = std::min(out.size(), file_->now.size() - static_cast<std::size_t>(offset));
      std::memcpy(out.data(), file_->now.data() + offset, size);
      return size;
    }
    Result<void> write_at(std::uint64_t offset, ByteView bytes) override {
      const std::lock_guard guard(disk_.mutex_);
      const std::size_t end = static_cast<std::size_t>(offset) + bytes.size();
      const auto changed = disk_.change();
      // A disk that is full or dies takes a part of it.
      if (!changed) bytes = bytes.first(bytes.size() / 2);
      if (file_->now.size() < end)
        file_->now.resize(changed ? end : static_cast<std::size_t>(offset) + bytes.size());
      if (!bytes.empty()) std::memcpy(file_->now.data() + offset, bytes.data(), bytes.size());
      return changed;
    }
    Result<void> sync() override {
      const std::lock_guard guard(disk_.mutex_);
      ++disk_.syncs_;
      if (const auto changed = disk_.change(); !changed) {
        file_->is_forgotten = true;
        return changed;
      }
      if (disk_.lie_ != Lie::sync_of_files) file_->make_durable();
      return {};
    }
    Result<std::uint64_t> size_bytes() override {
      const std::lock_guard guard(disk_.mutex_);
      return file_->now.size();
    }

   private:
    SimDirectory& disk_;
    std::shared_ptr<Inode> file_;
  };

  bool chance() { return random_() % 2 == 0; }
  std::int64_t now_ns() const { return clock_ns_ / tick_ns_ * tick_ns_; }
  void touch(Folder& folder) { folder.stamp.modified_ns = folder.stamp.changed_ns = now_ns(); }

  void set_name(Folder& folder, const std::string& name, std::shared_ptr<Inode> file) {
    const auto before = folder.now.find(name);
    folder.unsynced[name].push_back(before == folder.now.end() ? nullptr : before->second);
    if (file)
      folder.now[name] = std::move(file);
    else
      folder.now.erase(name);
    touch(folder);
  }
  static void make_durable(Folder& folder) {
    folder.unsynced.clear();
    folder.durable_stamp = folder.stamp;
  }

  void forget(Inode& file) {
    if (file.now == file.durable && !file.is_forgotten) return;
    Bytes left;
    switch (random_() % 3) {
      case 0:
        left.resize(file.durable.size());
        break;
      case 1:
        left.resize(file.now.size());
        break;
      default: {
        const auto [shorter, longer] = std::minmax({file.durable.size(), file.now.size()});
        left.resize(shorter + random_() % (longer - shorter + 1));
      }
    }
    for (std::size_t at = 0; at < left.size(); at += kBlockBytes) {
      const std::size_t size = std::min(kBlockBytes, left.size() - at);
      // Of the new bytes as far as `arrived`, then of the former.
      std::size_t arrived = size;
      if (const auto kind = random_() % 3; kind == 0)
        arrived = 0;
      else if (kind == 1)
        arrived = std::min(size, random_() % (kBlockBytes / kSectorBytes) * kSectorBytes);
      for (std::size_t i = at; i < at + size; ++i) {
        const Bytes& source = i < at + arrived ? file.now : file.durable;
        if (i < source.size()) left[i] = source[i];
      }
    }
    file.now = left;
    file.durable = std::move(left);
    file.is_forgotten = false;
  }

  std::unexpected<Error> dead() const { return fail(Code::failure, "sim: the power is cut"); }
  Result<void> change() {
    const std::uint64_t number = changes_++;
    clock_ns_ += static_cast<std::int64_t>(random_() % 3'000'000);
    if (number == fail_at_ || (fail_for_good_ && number > fail_at_))
      return fail(fail_code_, "sim: told to fail");
    return {};
  }

  static std::string parent_of(const std::string& name) {
    const std::size_t slash = name.rfind('/');
    return slash == std::string::npos ? "." : name.substr(0, slash);
  }
  static std::string last_of(const sys::Path& path) { return path.text().substr(path.text().rfind('/') + 1); }
  Result<std::reference_wrapper<Folder>> folder_at(const sys::Path& path) {
    const auto found = folders_.find(path.text());
    if (found == folders_.end()) return fail(Code::not_found, path.text() + ": no such folder");
    return std::ref(found->second);
  }
  std::shared_ptr<Inode> find(const sys::Path& path) {
    const auto folder = folders_.find(path.parent().text());
    if (folder == folders_.end()) return nullptr;
    const auto file = folder->second.now.find(last_of(path));
    return file == folder->second.now.end() ? nullptr : file->second;
  }

  std::mutex mutex_;
  std::mt19937_64 random_;
  std::map<std::string, Folder> folders_;
  std::uint64_t changes_ = 0, syncs_ = 0;
  std::uint64_t boots_ = 0;
  std::uint64_t inodes_ = 100;
  std::int64_t clock_ns_ = 1'800'000'000'000'000'000;
  std::int64_t tick_ns_ = 1;
  std::uint64_t free_bytes_ = std::uint64_t{1} << 40;
  std::uint64_t fail_at_ = ~std::uint64_t{0};
  Code fail_code_ = Code::failure;
  bool fail_for_good_ = false;
  Lie lie_ = Lie::none;
};

}  // namespace inxt::testing
