// SPDX-License-Identifier: LGPL-3.0-or-later
// How a store is opened, and its folders listed.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/check.h"
#include "store/snapshot.h"
#include "store/state.h"

namespace inxt::store {
namespace {

using sys::Caching;
using sys::EntryKind;
using sys::Path;

constexpr std::size_t kVersionBytesMax = 64;
constexpr std::size_t kBootBytesMax = 256;
constexpr std::array<std::string_view, 6> kOurs{"lock", "pieces", "tmp", "quarantine", "index", "boot"};

Result<std::optional<std::string>> read_small_file(sys::Directory& directory, const Path& path,
                                                   std::size_t bytes_max) {
  auto file = directory.open(path, Caching::cached);
  if (!file && file.error().code == Code::not_found) return std::nullopt;
  if (!file) return std::unexpected(file.error());
  std::string text(bytes_max, '\0');
  text.resize(TRY((*file)->read_at(0, {reinterpret_cast<std::byte*>(text.data()), text.size()})));
  return text;
}

}  // namespace

Result<void> check_version(sys::Directory& directory) {
  const auto found = TRY(read_small_file(directory, {"version"}, kVersionBytesMax));
  if (!found)
    return fail(Code::usage,
                fmt::format("{}: is not a store: it has no file 'version'", directory.description()),
                "give the folder of a Host");
  if (*found == kVersionText) return {};
  return fail(
      Code::failure,
      fmt::format("{}: its version is '{}', this program knows '{}'", directory.description(),
                  found->substr(0, found->find('\n')), kVersionText.substr(0, kVersionText.size() - 1)),
      "use the release that made it, or a later one");
}

Result<void> Store::State::prepare() {
  const bool is_new = !TRY(read_small_file(directory, {"version"}, kVersionBytesMax));
  if (is_new) {
    // Before anything is put into it: is this the folder that was meant?
    for (const sys::Entry& entry : TRY(directory.list({}))) {
      const bool ours = std::ranges::find(kOurs, entry.name) != kOurs.end();
      if (!ours && entry.name != "lost+found")
        return fail(Code::usage,
                    fmt::format("{}: is not a store, and holds '{}'", directory.description(), entry.name),
                    "give an empty folder, or one that a Host has made");
    }
  }
  lock = TRY(directory.lock({"lock"}));
  // Another process may have made it before we had the lock.
  if (is_new && !TRY(read_small_file(directory, {"version"}, kVersionBytesMax))) TRY(make_new());
  TRY(check_version(directory));
  TRY(directory.make_folder({"tmp"}));  // a copy of a store may come without empty folders
  TRY(directory.make_folder({"quarantine"}));
  TRY(empty_tmp());
  TRY(look_at_quarantine());
  TRY(look_at_folders());
  const auto marked = mark_boot();
  if (marked || marked.error().code != Code::quota) return marked;
  // What is stored can be read from a full disk.  Without the mark no index may be found by the next start,
  // and none is saved before there is one.
  report(fmt::format("{}; the next start will list every folder", marked.error().what));
  if (TRY(directory.look_up({"index"}))) TRY(directory.remove({"index"}));
  return directory.sync_folder({});
}

Result<void> Store::State::make_new() {
  TRY(directory.make_folder({"pieces"}));
  if (!TRY(directory.list({"pieces"})).empty())
    return fail(Code::integrity,
                fmt::format("{}: has pieces, but its version is missing", directory.description()),
                "if it is a store of version 1, write 'inxt-store 1' into its file 'version'");
  TRY(directory.make_folder({"tmp"}));
  TRY(empty_tmp());
  {
    const auto file = TRY(directory.create({"tmp", "version"}, Caching::cached));
    TRY(file->write_at(0, view_of(kVersionText)));
    TRY(file->sync());
  }
  TRY(directory.sync_folder({}));  // pieces and tmp before the version that promises them
  TRY(directory.rename({"tmp", "version"}, {"version"}));
  return directory.sync_folder({});
}

Result<void> Store::State::empty_tmp() {
  for (const sys::Entry& entry : TRY(directory.list({"tmp"}))) {
    if (entry.kind != EntryKind::file) {
      report(fmt::format("{}: is not ours; left alone", name_of(Path{"tmp"} / entry.name)));
    } else if (const auto removed = directory.remove(Path{"tmp"} / entry.name); !removed) {
      report(removed.error().what);
    }
  }
  return {};
}

Result<void> Store::State::look_at_quarantine() {
  std::map<Key, Quarantined> found;
  std::uint64_t bytes = 0;
  for (const sys::Entry& entry : TRY(directory.list({"quarantine"}))) {
    auto key = key_from_name(entry.name);
    const bool is_piece = key.has_value();
    if (!key) key = key_from_renewal_name(entry.name);
    if (!key || entry.kind != EntryKind::file) {
      report(fmt::format("{}: is not ours; left alone", name_of(Path{"quarantine"} / entry.name)));
      continue;
    }
    // It was renamed when it came here, which its inode remembers.
    Quarantined& kept = found[*key];
    (is_piece ? kept.piece_bytes : kept.renewal_bytes) = entry.size_bytes;
    kept.since_unix_s = std::max(kept.since_unix_s, entry.stamp.changed_ns / 1'000'000'000);
    bytes += entry.size_bytes;
  }
  const std::lock_guard guard(mutex);
  quarantine = std::move(found);
  used_bytes += bytes;
  return {};
}

Result<void> Store::State::look_at_folders() {
  const auto boot = directory.boot_id();
  if (boot)
    boot_id = *boot;
  else
    report(fmt::format("{}; the next start will list every folder", boot.error().what));
  const auto left = TRY(read_small_file(directory, {"boot"}, kBootBytesMax));
  // Left in order, or by a process that was killed while the machine ran on: what the kernel shows is what
  // happened.
  const bool is_clean = !left;
  const bool is_trusted = is_clean || (!boot_id.empty() && *left == boot_id + "\n");
  // For good: to the next start this one will look as if nothing had been lost.
  if (!is_trusted && TRY(directory.look_up({"index"}))) {
    TRY(directory.remove({"index"}));
    TRY(directory.sync_folder({}));
  }

  std::bitset<kFolders> there;
  std::vector<sys::Stamp> stamps(kFolders);
  for (const sys::Entry& entry : TRY(directory.list({"pieces"}))) {
    const auto folder = folder_from_name(entry.name);
    if (folder && entry.kind == EntryKind::folder) {
      there.set(*folder);
      stamps[*folder] = entry.stamp;
    } else {
      report(fmt::format("{}: is not ours; left alone", name_of(Path{"pieces"} / entry.name)));
    }
  }
  std::bitset<kFolders> known;
  std::uint64_t bytes = 0;
  if (is_trusted && there.any()) {
    auto reader = SnapshotReader::open(directory);
    if (reader && *reader) {
      const auto read = (*reader)->read_all(
          [&](std::size_t folder, const sys::Stamp& stamp, const std::vector<IndexEntry>& entries) {
            if (!there.test(folder) || stamp != stamps[folder] || stamp == sys::Stamp{}) return;
            known.set(folder);
            const std::lock_guard guard(mutex);
            index.list_folder(folder, entries);
            for (const IndexEntry& entry : entries)
              bytes += piece_file_bytes_of(entry) + (entry.renewed ? kRenewalFileBytes : 0);
          });
      if (!read) report(fmt::format("{}; every folder is listed", read.error().what));
      if (!read) {
        known.reset();
        bytes = 0;
        const std::lock_guard guard(mutex);
        index = Index();
      }
    } else if (!reader) {
      report(fmt::format("{}; every folder is listed", reader.error().what));
    }
  }
  // A process that was killed may have left names that are there, but not durable yet, and whoever is told of
  // such a piece takes that for an acknowledgement.
  if (there.any() && (!is_clean || known != there)) TRY(directory.sync_everything());
  const std::lock_guard guard(mutex);
  made = there;
  rebuilding = known != there;
  used_bytes += bytes;
  for (std::size_t folder = 0; folder < kFolders; ++folder)
    if (!there.test(folder)) index.list_folder(folder, {});
  saved_changes = rebuilding ? ~std::uint64_t{0} : index.changes();
  return {};
}

Result<void> Store::State::mark_boot() {
  // Durable before anything changes: after a power cut the folders' times prove nothing.
  Path temporary;
  {
    const auto file = TRY(create_temporary(temporary, Caching::cached));
    TRY(file->write_at(0, view_of(boot_id + "\n")));
    TRY(file->sync());
  }
  TRY(directory.rename(temporary, {"boot"}));
  return directory.sync_folder({});
}

Result<void> Store::State::ensure_listed(std::size_t folder) {
  {
    std::unique_lock waiting(mutex);
    // One thread lists it, because it also removes what must not be there.
    changed.wait(waiting, [&] { return !listing.test(folder); });
    if (index.is_listed(folder)) return {};
    listing.set(folder);
  }
  const Result<void> listed = list_now(folder);
  const std::lock_guard guard(mutex);
  listing.reset(folder);
  changed.notify_all();
  return listed;
}

Result<void> Store::State::ensure_settled(std::size_t folder) {
  TRY(ensure_listed(folder));
  std::uint64_t failures;
  {
    const std::lock_guard guard(mutex);
    if (!unsynced.test(folder)) return {};
    failures = sync_failures;
  }
  TRY(directory.sync_folder(path_of(folder)));
  const std::lock_guard guard(mutex);
  if (failures == sync_failures) unsynced.reset(folder);
  return {};
}

Result<void> Store::State::list_now(std::size_t folder) {
  std::vector<IndexEntry> entries;
  std::map<Key, std::uint64_t> renewals;
  std::map<Key, Remains> wrong;
  std::vector<std::string> reports;
  std::uint64_t bytes = 0;
  for (const sys::Entry& entry : TRY(directory.list(path_of(folder)))) {
    const auto key = key_from_name(entry.name);
    const auto renewed = key ? std::nullopt : key_from_renewal_name(entry.name);
    const auto whose = key ? key : renewed;
    if (!whose || entry.kind != EntryKind::file || folder_of(whose->piece) != folder) {
      reports.push_back(fmt::format("{}: is not ours; left alone", name_of(path_of(folder) / entry.name)));
      continue;
    }
    bytes += entry.size_bytes;
    if (renewed) {
      renewals.emplace(*renewed, entry.size_bytes);
    } else if (const auto blocks = blocks_of_file(entry.size_bytes)) {
      IndexEntry& found = entries.emplace_back();
      found.key = *key;
      found.blocks = *blocks;
    } else {
      wrong[*key].piece_bytes = entry.size_bytes;
      reports.push_back(fmt::format("{}: damaged: {} bytes, no piece makes such a file",
                                    name_of(path_of(folder) / entry.name), entry.size_bytes));
    }
  }
  for (IndexEntry& entry : entries) {
    const auto renewal = renewals.find(entry.key);
    if (renewal == renewals.end()) continue;
    if (renewal->second == kRenewalFileBytes) {
      entry.renewed = true;
    } else {
      // Nobody knows until when it runs: it does not end.
      entry.until_unix_s = kTermNone;
      wrong[entry.key].renewal_bytes = renewal->second;
      reports.push_back(fmt::format("{}: damaged: {} bytes instead of {}",
                                    name_of(renewal_path_of(entry.key)), renewal->second, kRenewalFileBytes));
    }
    renewals.erase(renewal);
  }
  for (const auto& [key, size_bytes] : renewals) {
    // Its piece was removed.  Where a damaged one is, nobody knows.
    if (!wrong.contains(key)) {
      const auto removed = directory.remove(renewal_path_of(key));
      if (removed) bytes -= size_bytes;
      if (removed) continue;
      reports.push_back(removed.error().what);
    }
    wrong[key].renewal_bytes = size_bytes;
  }
  {
    const std::lock_guard guard(mutex);
    index.list_folder(folder, entries);
    remains.insert(wrong.begin(), wrong.end());
    used_bytes += bytes;
  }
  for (const std::string& text : reports) report(text);
  return {};
}

}  // namespace inxt::store
