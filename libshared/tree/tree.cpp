// SPDX-License-Identifier: LGPL-3.0-or-later
#include "tree/tree.h"

#include <fmt/format.h>

#include <algorithm>

#include "tree/conflict_name.h"

namespace inxt::tree {
namespace {

using format::Base;
using format::split_path;

constexpr std::uint32_t kFolderMode = 0755;  // of folders that a path makes by the way

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};

/// Whether `path` is `folder` or lies below it.
bool lies_in(std::string_view path, std::string_view folder) {
  return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

}  // namespace

std::string_view why_name(KeptVersion::Why why) {
  constexpr std::string_view names[] = {"overwritten", "removed", "conflict"};
  return names[static_cast<std::size_t>(why)];
}

std::string_view kind_name(Note::Kind kind) {
  constexpr std::string_view names[] = {"conflict_copy", "put_again",   "nothing_there", "not_empty",
                                        "name_taken",    "into_itself", "too_deep",      "in_use",
                                        "limit",         "refused"};
  return names[static_cast<std::size_t>(kind)];
}

std::string to_text(const Note& note) {
  const auto begin = note.path.empty() ? fmt::format("entry {}", note.seq)
                                       : fmt::format("{} (entry {})", note.path, note.seq);
  switch (note.kind) {
    case Note::Kind::conflict_copy:
      return fmt::format("{}: another change came first; this one is at {}", begin, note.other);
    case Note::Kind::put_again:
      return fmt::format("{}: had been removed or moved, and was put again", begin);
    case Note::Kind::nothing_there:
      return fmt::format("{}: {}: it was not there any more", begin, note.other);
    case Note::Kind::not_empty:
      return fmt::format("{}: rm: the folder was not empty any more", begin);
    case Note::Kind::name_taken:
      return fmt::format("{}: mkdir: a file has that name", begin);
    case Note::Kind::into_itself:
      return fmt::format("{}: mv: {} lies in it", begin, note.other);
    case Note::Kind::too_deep:
      return fmt::format("{}: mv: {} would be deeper than {} names (kTreeDepthMax)", begin, note.other,
                         format::kTreeDepthMax);
    case Note::Kind::in_use:
      return fmt::format("{}: purge: record {} is in use", begin, note.other);
    case Note::Kind::limit:
      return fmt::format("{}: no room: {}", begin, note.other);
    case Note::Kind::refused:
      return fmt::format("{}: by uploader {}, was left out: {}", begin, note.uploader, note.other);
  }
  return begin;
}

void Tree::apply(const EntryStamp& stamp, const format::Op& op) {
  std::visit(Overloaded{[&](const format::PutOp& one) { put(stamp, one); },
                        [&](const format::MkdirOp& one) { make_folder(stamp, one); },
                        [&](const format::MvOp& one) { move(stamp, one); },
                        [&](const format::RmOp& one) { remove(stamp, one); },
                        [&](const format::RmObjectOp& one) { remove_object(stamp, one.object); },
                        [&](const format::PurgeOp& one) { purge(stamp, one); },
                        [&](const format::RestoreOp& one) { restore(stamp, one); },
                        [&](const format::ShareOp& one) { share(stamp, one); },
                        [&](const format::UnshareOp& one) { shares_.erase(one.share); },
                        [&](const format::SegmentOp& one) { add_segment(stamp, one); },
                        [&](const format::SettingsOp& one) { keep_versions_s_ = one.keep_versions_s; }},
             op);
}

void Tree::note_refused(const EntryStamp& stamp, std::string why) {
  note(stamp, Note::Kind::refused, {}, std::move(why));
}

void Tree::note(const EntryStamp& stamp, Note::Kind kind, std::string_view path, std::string other) {
  if (notes_.size() == kNotesMax) notes_.pop_front();
  notes_.push_back({.kind = kind,
                    .seq = stamp.seq,
                    .time_unix_s = stamp.time_unix_s,
                    .uploader = stamp.uploader,
                    .path = std::string(path),
                    .other = std::move(other)});
}

void Tree::keep(const EntryStamp& stamp, std::unique_ptr<Version> version, std::string path,
                KeptVersion::Why why) {
  // What somebody else put makes nothing of the owner's be forgotten.
  if (version->uploader != 0 && kept_.size() >= limits_.delegated_kept)
    return note(stamp, Note::Kind::limit, path, "its version is not kept (kDelegatedKeptMax)");
  if (kept_.size() >= limits_.kept) {
    note(stamp, Note::Kind::limit, kept_.front().path, "its version is forgotten (kKeptMax)");
    kept_.pop_front();
  }
  kept_.push_back({.version = std::move(version),
                   .path = std::move(path),
                   .why = why,
                   .kept_seq = stamp.seq,
                   .kept_unix_s = std::max(stamp.time_unix_s, stamp.owner_unix_s)});
}

bool Tree::has_room(const EntryStamp& stamp, std::size_t names) const {
  return this->names() + names <= (stamp.uploader == 0 ? limits_.names : limits_.delegated_names);
}

void Tree::note_no_room(const EntryStamp& stamp, std::string_view path) {
  note(stamp, Note::Kind::limit, path,
       stamp.uploader == 0 ? "names (kNamesMax)" : "names (kDelegatedNamesMax)");
}

Tree::Node Tree::resolve(std::string_view path) const {
  const auto parts = split_path(path);
  if (!parts) return Names::kNone;
  Node at = Names::kRoot;
  for (const auto name : *parts) {
    if (!names_.is_folder(at)) return Names::kNone;
    at = names_.child(at, name);
    if (at == Names::kNone) return at;
  }
  return at;
}

std::string Tree::free_name(const EntryStamp& stamp, Node folder, std::string_view name) const {
  for (unsigned number = 1; number <= kConflictNamesMax; ++number)
    if (auto other = conflict_name(name, stamp.seq, number); names_.child(folder, other) == Names::kNone)
      return other;
  return {};
}

Tree::Node Tree::make_folders(const EntryStamp& stamp, std::span<const std::string_view> names,
                              std::uint32_t mode) {
  if (!has_room(stamp, names.size())) return Names::kNone;
  Node at = Names::kRoot;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto new_mode = i + 1 == names.size() ? mode : kFolderMode;
    auto next = names_.child(at, names[i]);
    if (next == Names::kNone) next = names_.add(at, names[i], new_mode, nullptr);
    // A file has the name: the folder lies beside it, and what the same entry puts into it later comes there
    // too.
    for (unsigned number = 1; !names_.is_folder(next); ++number) {
      if (number > kConflictNamesMax) return Names::kNone;
      const auto other = conflict_name(names[i], stamp.seq, number);
      next = names_.child(at, other);
      if (next == Names::kNone) next = names_.add(at, other, new_mode, nullptr);
    }
    at = next;
  }
  return at;
}

void Tree::put(const EntryStamp& stamp, const format::PutOp& op) {
  auto version = std::make_unique<Version>(Version{.object = op.object,
                                                   .record = op.record,
                                                   .bytes = op.bytes,
                                                   .mtime_unix_s = op.mtime_unix_s,
                                                   .mode = op.mode,
                                                   .uploader = stamp.uploader,
                                                   .seq = stamp.seq,
                                                   .put_unix_s = stamp.time_unix_s,
                                                   .metadata = {}});
  if (!op.metadata.empty()) {
    std::size_t bytes = 0;
    for (const auto& [name, value] : op.metadata) bytes += name.size() + value.size() + 128;
    const auto most = stamp.uploader == 0 ? limits_.metadata_bytes : limits_.delegated_metadata_bytes;
    if (metadata_bytes_ + bytes <= most) {
      metadata_bytes_ += bytes;
      version->metadata = std::make_shared<const format::Metadata>(op.metadata);
    } else {
      note(stamp, Note::Kind::limit, op.path.value_or(""),
           stamp.uploader == 0 ? "its metadata stand in its record only (kTreeMetadataBytesMax)"
                               : "its metadata stand in its record only (kDelegatedMetadataBytesMax)");
    }
  }
  // A delegated uploader adds, and never takes the place of anything.
  const Base base = stamp.uploader == 0 ? op.base : Base{.saw = Base::Saw::nothing, .record = {}};
  if (op.path) return place(stamp, *op.path, base, std::move(version));

  const auto there = unnamed_.find(op.object);
  if (there == unnamed_.end()) {
    if (!has_room(stamp, 1)) {
      note_no_room(stamp, {});
      return keep(stamp, std::move(version), {}, KeptVersion::Why::conflict);
    }
    if (base.saw == Base::Saw::record) note(stamp, Note::Kind::put_again, {});
    unnamed_.emplace(op.object, std::move(version));
    return;
  }
  if (there->second->record == op.record) return;
  const bool expected = base.saw == Base::Saw::whatever ||
                        (base.saw == Base::Saw::record && base.record == there->second->record);
  // There is no second place for one object: of two that did not know of each other, the later is kept as a
  // version.
  if (!expected) {
    note(stamp, Note::Kind::conflict_copy, {}, "a kept version");
    return keep(stamp, std::move(version), {}, KeptVersion::Why::conflict);
  }
  std::swap(there->second, version);
  keep(stamp, std::move(version), {}, KeptVersion::Why::overwritten);
}

void Tree::place(const EntryStamp& stamp, std::string_view path, const Base& base,
                 std::unique_ptr<Version> version) {
  const auto parts = split_path(path);
  if (!parts || parts->empty()) return;  // no entry that was read has it
  const auto keep_it = [&] {
    keep(stamp, std::move(version), std::string(path), KeptVersion::Why::conflict);
  };
  const auto no_place_beside = [&] {
    note(stamp, Note::Kind::limit, path, "names beside it (kConflictNamesMax)");
    keep_it();
  };
  if (!has_room(stamp, parts->size())) {
    note_no_room(stamp, path);
    return keep_it();
  }
  const auto folder = make_folders(stamp, std::span(*parts).first(parts->size() - 1), kFolderMode);
  if (folder == Names::kNone) return no_place_beside();
  const auto name = parts->back();
  const auto there = names_.child(folder, name);
  if (there == Names::kNone) {
    if (base.saw == Base::Saw::record) note(stamp, Note::Kind::put_again, path);
    names_.add(folder, name, 0, std::move(version));
    return;
  }
  if (const auto* old = names_.version(there)) {
    if (old->record == version->record) return;  // both machines put the same
    if (base.saw == Base::Saw::whatever || (base.saw == Base::Saw::record && base.record == old->record)) {
      auto was = names_.replace(there, std::move(version));
      return keep(stamp, std::move(was), names_.path(there), KeptVersion::Why::overwritten);
    }
  }
  const auto other = free_name(stamp, folder, name);
  if (other.empty()) return no_place_beside();
  const auto node = names_.add(folder, other, 0, std::move(version));
  note(stamp, Note::Kind::conflict_copy, path, names_.path(node));
}

void Tree::make_folder(const EntryStamp& stamp, const format::MkdirOp& op) {
  const auto parts = split_path(op.path);
  if (!parts || parts->empty()) return;
  if (!has_room(stamp, parts->size())) return note_no_room(stamp, op.path);
  const auto above = make_folders(stamp, std::span(*parts).first(parts->size() - 1), kFolderMode);
  if (above == Names::kNone)
    return note(stamp, Note::Kind::limit, op.path, "names beside it (kConflictNamesMax)");
  const auto there = names_.child(above, parts->back());
  if (there == Names::kNone)
    names_.add(above, parts->back(), op.mode, nullptr);
  else if (!names_.is_folder(there))
    note(stamp, Note::Kind::name_taken, op.path);
}

void Tree::move(const EntryStamp& stamp, const format::MvOp& op) {
  const auto from = resolve(op.from);
  const auto parts = split_path(op.to);
  if (from == Names::kNone || from == Names::kRoot || !parts || parts->empty())
    return note(stamp, Note::Kind::nothing_there, op.from, "mv");
  if (op.from == op.to) return;
  if (lies_in(op.to, op.from)) return note(stamp, Note::Kind::into_itself, op.from, op.to);
  if (parts->size() - 1 + names_.height(from) > format::kTreeDepthMax)
    return note(stamp, Note::Kind::too_deep, op.from, op.to);
  if (!has_room(stamp, parts->size())) return note_no_room(stamp, op.from);
  const auto folder = make_folders(stamp, std::span(*parts).first(parts->size() - 1), kFolderMode);
  if (folder == Names::kNone)
    return note(stamp, Note::Kind::limit, op.from, "names beside it (kConflictNamesMax)");
  // A folder that had to be made beside a file may be the one that is moved.
  for (auto at = folder; at != Names::kRoot; at = names_.parent(at))
    if (at == from) return note(stamp, Note::Kind::into_itself, op.from, op.to);

  std::string name(parts->back());
  const auto there = names_.child(folder, name);
  if (there == from) return;
  if (there != Names::kNone) {
    if (!names_.is_folder(there) && !names_.is_folder(from)) {
      auto path = names_.path(there);
      keep(stamp, names_.remove(there), std::move(path), KeptVersion::Why::overwritten);
    } else {
      name = free_name(stamp, folder, name);
      if (name.empty()) return note(stamp, Note::Kind::limit, op.from, "names beside it (kConflictNamesMax)");
    }
  }
  names_.move(from, folder, name);
  const auto now = names_.path(from);
  if (there != Names::kNone && name != parts->back()) note(stamp, Note::Kind::conflict_copy, op.to, now);
  for (auto& [id, share] : shares_)
    if (lies_in(share.what, op.from)) share.what = now + share.what.substr(op.from.size());
}

void Tree::remove(const EntryStamp& stamp, const format::RmOp& op) {
  const auto node = resolve(op.path);
  if (node == Names::kNone || node == Names::kRoot)
    return note(stamp, Note::Kind::nothing_there, op.path, "rm");
  const auto below = names_.below(node);
  if (!below.empty() && !op.recursive) return note(stamp, Note::Kind::not_empty, op.path);
  for (auto at = below.rbegin(); at != below.rend(); ++at) {
    auto path = names_.path(*at);
    if (auto version = names_.remove(*at))
      keep(stamp, std::move(version), std::move(path), KeptVersion::Why::removed);
  }
  if (auto version = names_.remove(node)) keep(stamp, std::move(version), op.path, KeptVersion::Why::removed);
}

void Tree::remove_object(const EntryStamp& stamp, const format::ObjectId& object) {
  const auto there = unnamed_.find(object);
  if (there == unnamed_.end())
    return note(stamp, Note::Kind::nothing_there, {}, fmt::format("rm of object {}", object.hex()));
  auto version = std::move(there->second);
  unnamed_.erase(there);
  keep(stamp, std::move(version), {}, KeptVersion::Why::removed);
}

void Tree::purge(const EntryStamp& stamp, const format::PurgeOp& op) {
  std::set<format::RecordId> records(op.records.begin(), op.records.end());
  // Who names one of the owner's records, and did not write it, does not hold it.
  std::set<format::RecordId> owners;
  for (const auto& kept : kept_)
    if (kept.version->uploader == 0 && records.contains(kept.version->record))
      owners.insert(kept.version->record);
  each_version([&](const Version& version) {
    const bool holds = version.uploader == 0 || !owners.contains(version.record);
    if (holds && records.erase(version.record) > 0) note(stamp, Note::Kind::in_use, {}, version.record.hex());
    return !records.empty();
  });
  std::erase_if(kept_, [&](const KeptVersion& kept) { return records.contains(kept.version->record); });
}

void Tree::restore(const EntryStamp& stamp, const format::RestoreOp& op) {
  // The same record may be kept for several paths, and a delegated uploader may have named one of the
  // owner's: the owner's own goes before, then that of this path, then the latest.
  const auto rank = [&](const KeptVersion& kept) {
    return (kept.version->uploader == 0 ? 2 : 0) + (kept.path == op.path ? 1 : 0);
  };
  auto found = kept_.end();
  for (auto at = kept_.begin(); at != kept_.end(); ++at)
    if (at->version->record == op.record && (found == kept_.end() || rank(*at) >= rank(*found))) found = at;
  std::unique_ptr<Version> version;
  if (found != kept_.end()) {
    version = std::move(found->version);
    kept_.erase(found);
  } else {
    each_version([&](const Version& one) {
      if (one.record == op.record && (!version || one.uploader == 0))
        version = std::make_unique<Version>(one);
      return version == nullptr || version->uploader != 0;
    });
  }
  if (!version)
    return note(stamp, Note::Kind::nothing_there, op.path,
                fmt::format("restore of record {}", op.record.hex()));
  version->seq = stamp.seq;  // whose it is stays
  version->put_unix_s = stamp.time_unix_s;
  place(stamp, op.path, Base{}, std::move(version));
}

void Tree::share(const EntryStamp& stamp, const format::ShareOp& op) {
  if (shares_.size() == kSharesMax && !shares_.contains(op.share))
    return note(stamp, Note::Kind::limit, op.what, "shares (kSharesMax)");
  shares_.insert_or_assign(op.share, Share{.what = op.what,
                                           .expires_unix_s = op.expires_unix_s,
                                           .secret = op.secret,
                                           .recipient = op.recipient,
                                           .seq = stamp.seq});
}

void Tree::add_segment(const EntryStamp& stamp, const format::SegmentOp& op) {
  for (const auto& segment : segments_)
    if (segment.first <= op.first && op.last <= segment.last &&
        (segment.first != op.first || segment.last != op.last))
      return;  // what is there already has all of it
  std::erase_if(segments_, [&](const Segment& one) { return op.first <= one.first && one.last <= op.last; });
  if (segments_.size() == kSegmentsMax)
    return note(stamp, Note::Kind::limit, {}, "segments of the log (kSegmentsMax)");
  const auto at = std::ranges::upper_bound(segments_, op.first, {}, &Segment::first);
  segments_.insert(at, {.first = op.first, .last = op.last, .bytes = op.bytes, .manifest = op.manifest});
}

std::uint64_t Tree::stored_until() const {
  std::uint64_t until = 0;
  for (const auto& segment : segments_)
    if (segment.first <= until + 1) until = std::max(until, segment.last);
  return until;
}

}  // namespace inxt::tree
