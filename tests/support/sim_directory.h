// SPDX-License-Identifier: AGPL-3.0-or-later
// A disk in memory that does what a disk may do: it fails at a chosen call, and a power cut leaves of
// everything that was not synced any part or none.  A rename is durable with the folder that the new name is
// in; the old name may come back until its own folder is synced.  Replays from a seed.
#pragma once

#include <fmt/format.h>

#include <map>
#include <mutex>
#include <random>
#include <set>

#include "sys/directory.h"

namespace inxt::testing {

class SimDirectory final : public sys::Directory {
 public:
  explicit SimDirectory(std::uint64_t seed = 1) : random_(seed) { folders_["."]; }

  /// The calls so far that could change the disk.
  std::uint64_t changes() const { return changes_; }
  /// The n-th change from now (0: the next) fails with `code`, and so does each later one when `for_good`.
  void fail_at(std::uint64_t n, Code code, bool for_good) {
    fail_at_ = changes_ + n;
    fail_code_ = code;
    fail_for_good_ = for_good;
  }
  void stop_failing() { fail_at_ = ~std::uint64_t{0}; }
  /// Looking at the disk fails too, after the failure that is for good.
  bool is_dead() const { return fail_for_good_ && changes_ > fail_at_; }

  /// Forgets what was not synced, or a part of it.
  void cut_power() {
    stop_failing();
    for (auto& [name, folder] : folders_) {
      for (const auto& [entry, file] : folder.now)
        if (!folder.durable.contains(entry) && chance()) folder.durable[entry] = file;
      for (auto entry = folder.durable.begin(); entry != folder.durable.end();) {
        const auto now = folder.now.find(entry->first);
        if (now == folder.now.end()) {
          entry = chance() ? folder.durable.erase(entry) : std::next(entry);
          continue;
        }
        if (now->second != entry->second && chance()) entry->second = now->second;
        ++entry;
      }
      folder.now = folder.durable;
    }
    for (auto& [name, folder] : folders_)
      for (auto& [entry, file] : folder.now) forget(*file);
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
    folder.now[last_of(path)] = file;
    return std::make_unique<SimFile>(*this, file);
  }
  Result<void> rename(const sys::Path& from, const sys::Path& to) override {
    const std::lock_guard guard(mutex_);
    TRY(change());
    const auto file = find(from);
    if (!file) return fail(Code::not_found, from.text() + ": not there");
    TRY(folder_at(to.parent())).get().now[last_of(to)] = file;
    TRY(folder_at(from.parent())).get().now.erase(last_of(from));
    return {};
  }
  Result<void> remove(const sys::Path& path) override {
    const std::lock_guard guard(mutex_);
    TRY(change());
    if (!find(path)) return fail(Code::not_found, path.text() + ": not there");
    TRY(folder_at(path.parent())).get().now.erase(last_of(path));
    return {};
  }
  Result<void> make_folder(const sys::Path& path) override {
    const std::lock_guard guard(mutex_);
    TRY(change());
    TRY(folder_at(path.parent()));
    folders_.try_emplace(path.text());
    return {};
  }
  Result<void> sync_folder(const sys::Path& path) override {
    const std::lock_guard guard(mutex_);
    TRY(change());
    Folder& folder = TRY(folder_at(path)).get();
    folder.durable = folder.now;
    for (auto& [name, other] : folders_)
      if (name != "." && parent_of(name) == path.text()) other.name_durable = true;
    return {};
  }
  Result<void> sync_everything() override {
    const std::lock_guard guard(mutex_);
    TRY(change());
    for (auto& [name, folder] : folders_) {
      folder.durable = folder.now;
      folder.name_durable = true;
      for (auto& [entry, file] : folder.now) file->durable = file->now;
    }
    return {};
  }
  Result<std::vector<sys::Entry>> list(const sys::Path& path) override {
    const std::lock_guard guard(mutex_);
    if (is_dead()) return dead();
    std::vector<sys::Entry> entries;
    for (const auto& [entry, file] : TRY(folder_at(path)).get().now)
      entries.push_back({entry, sys::EntryKind::file, file->now.size()});
    for (const auto& [name, folder] : folders_)
      if (name != "." && parent_of(name) == path.text())
        entries.push_back({name.substr(name.rfind('/') + 1), sys::EntryKind::folder, 0});
    return entries;
  }
  Result<std::optional<sys::Entry>> look_up(const sys::Path& path) override {
    const std::lock_guard guard(mutex_);
    if (is_dead()) return dead();
    if (folders_.contains(path.text())) return sys::Entry{last_of(path), sys::EntryKind::folder, 0};
    const auto file = find(path);
    if (!file) return std::nullopt;
    return sys::Entry{last_of(path), sys::EntryKind::file, file->now.size()};
  }
  Result<std::unique_ptr<sys::DirectoryLock>> lock(const sys::Path&) override {
    return std::make_unique<sys::DirectoryLock>();
  }
  Result<sys::Space> space() override { return sys::Space{1ull << 40, 1ull << 40}; }
  std::string description() const override { return "sim"; }

 private:
  struct Inode {
    Bytes now, durable;
  };
  struct Folder {
    std::map<std::string, std::shared_ptr<Inode>> now, durable;
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
      std::memcpy(file_->now.data() + offset, bytes.data(), bytes.size());
      return changed;
    }
    Result<void> sync() override {
      const std::lock_guard guard(disk_.mutex_);
      TRY(disk_.change());
      file_->durable = file_->now;
      return {};
    }
    Result<std::uint64_t> size_bytes() override { return file_->now.size(); }

   private:
    SimDirectory& disk_;
    std::shared_ptr<Inode> file_;
  };

  bool chance() { return random_() % 2 == 0; }

  void forget(Inode& file) {
    if (file.now == file.durable) return;
    switch (random_() % 4) {
      case 0:
        file.now = file.durable;
        break;
      case 1:
        file.now.resize(random_() % (file.now.size() + 1));
        break;
      case 2:  // the size arrived, the bytes did not
        std::fill(file.now.begin() + static_cast<std::ptrdiff_t>(file.now.size() / 2), file.now.end(),
                  std::byte{0});
        break;
      default:
        break;
    }
    file.durable = file.now;
  }

  std::unexpected<Error> dead() const { return fail(Code::failure, "sim: the power is cut"); }
  Result<void> change() {
    const std::uint64_t number = changes_++;
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
  std::uint64_t changes_ = 0;
  std::uint64_t fail_at_ = ~std::uint64_t{0};
  Code fail_code_ = Code::failure;
  bool fail_for_good_ = false;
};

}  // namespace inxt::testing
