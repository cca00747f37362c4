// SPDX-License-Identifier: LGPL-3.0-or-later
#include "host/releases.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "format/contract.h"
#include "host/inventory_state.h"
#include "proof/inventory_contracts.h"

namespace inxt::host {
namespace {

constexpr std::string_view kPrefix = "released-", kSuffix = ".jsonl";
const sys::Path kUnfinished{kInventoryFolder, "released.new"};

template <class Integer>
bool take_number(std::string_view& text, Integer& number) {
  const char* end = text.data() + text.size();
  const auto [behind, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{}) return false;
  text.remove_prefix(static_cast<std::size_t>(behind - text.data()));
  return true;
}

sys::Path path_of(const std::string& name) {
  return sys::Path{kInventoryFolder, name};
}

}  // namespace

std::string Releases::File::name() const {
  return fmt::format("{}{}-{}{}", kPrefix, time_unix_s, number, kSuffix);
}

std::optional<Releases::File> Releases::file_from_name(std::string_view name) {
  if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix)) return std::nullopt;
  std::string_view rest = name.substr(kPrefix.size(), name.size() - kPrefix.size() - kSuffix.size());
  File file;
  if (!take_number(rest, file.time_unix_s) || !rest.starts_with('-')) return std::nullopt;
  rest.remove_prefix(1);
  if (!take_number(rest, file.number) || !rest.empty()) return std::nullopt;
  return file;
}

crypto::Hash Releases::blinded(const format::ReleasedLine& line) {
  return proof::blinded_contract(format::contract_hash(line.acceptance));
}

Result<std::vector<std::string>> Releases::load() {
  const std::lock_guard guard(mutex_);
  std::vector<std::string> wrong;
  for (const sys::Entry& entry : TRY(directory_.list(sys::Path{kInventoryFolder}))) {
    std::optional<File> file = file_from_name(entry.name);
    if (!file || entry.kind != sys::EntryKind::file) continue;
    file->bytes = entry.size_bytes;
    bytes_ += file->bytes;
    next_number_ = std::max(next_number_, file->number + 1);
    files_.push_back(*file);
  }
  std::ranges::sort(files_);
  while (bytes_ > kReleasedBytesMax) drop_oldest();
  for (const File& file : files_) {
    const auto opened = TRY(directory_.open(path_of(file.name()), sys::Caching::cached));
    std::string text(static_cast<std::size_t>(file.bytes), '\0');
    text.resize(TRY(opened->read_at(0, {reinterpret_cast<std::byte*>(text.data()), text.size()})));
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      const auto line = format::read_released(std::string_view(text).substr(at, end - at), file.name());
      if (line)
        places_[{line->piece, blinded(*line)}] = {file.time_unix_s, file.number, at,
                                                  static_cast<std::uint32_t>(end - at)};
      else
        wrong.push_back(line.error().what);
      at = end + 1;
    }
  }
  // Their names may be of a moment before a kill.
  if (!files_.empty()) TRY(directory_.sync_folder(sys::Path{kInventoryFolder}));
  return wrong;
}

Result<void> Releases::keep(std::span<const format::ReleasedLine> lines, std::int64_t now_unix_s) {
  if (lines.empty()) return {};
  const std::lock_guard guard(mutex_);
  std::string text;
  File file{.time_unix_s = now_unix_s, .number = next_number_++, .bytes = 0};
  std::vector<std::pair<Key, Place>> places;
  for (const format::ReleasedLine& line : lines) {
    const std::size_t offset = text.size();
    text += format::write_released(line);
    places.push_back(
        {{line.piece, blinded(line)},
         {file.time_unix_s, file.number, offset, static_cast<std::uint32_t>(text.size() - 1 - offset)}});
  }
  file.bytes = text.size();
  while (!files_.empty() && bytes_ + file.bytes > kReleasedBytesMax) drop_oldest();
  if (const auto removed = directory_.remove(kUnfinished);
      !removed && removed.error().code != Code::not_found)
    return removed;
  {
    const auto unfinished = TRY(directory_.create(kUnfinished, sys::Caching::cached));
    TRY(unfinished->write_at(0, view_of(text)));
    TRY(unfinished->sync());
  }
  TRY(directory_.rename(kUnfinished, path_of(file.name())));
  // Known from here on, whatever the sync says: it is in the way and takes room.
  files_.insert(std::ranges::upper_bound(files_, file), file);
  bytes_ += file.bytes;
  for (auto& [key, place] : places) places_.insert_or_assign(key, place);
  return directory_.sync_folder(sys::Path{kInventoryFolder});
}

void Releases::drop_oldest() {
  const File file = files_.front();
  files_.pop_front();
  bytes_ -= file.bytes;
  std::erase_if(places_, [&](const auto& entry) { return entry.second.file == file.number; });
  (void)directory_.remove(path_of(file.name()));  // what stays is found at the next start, and goes then
}

bool Releases::has_room(std::uint64_t bytes) const {
  const std::lock_guard guard(mutex_);
  return bytes_ + bytes <= kReleasedBytesMax;
}

Result<std::optional<format::ReleasedLine>> Releases::find(const PieceId& piece,
                                                           const crypto::Hash& blinded) const {
  const std::lock_guard guard(mutex_);
  const auto found = places_.find({piece, blinded});
  if (found == places_.end()) return std::nullopt;
  const Place& place = found->second;
  const std::string name = File{place.time_unix_s, place.file, 0}.name();
  const auto file = TRY(directory_.open(path_of(name), sys::Caching::cached));
  std::string text(place.length, '\0');
  if (TRY(file->read_at(place.offset, {reinterpret_cast<std::byte*>(text.data()), text.size()})) !=
      text.size())
    return fail(Code::integrity, name + ": it became shorter");
  format::ReleasedLine line = TRY(format::read_released(text, name));
  if (line.piece != piece || Releases::blinded(line) != blinded)
    return fail(Code::integrity, name + ": is about another contract");
  return line;
}

void Releases::drop_before(std::int64_t unix_s) {
  const std::lock_guard guard(mutex_);
  while (!files_.empty() && files_.front().time_unix_s < unix_s) drop_oldest();
}

std::uint64_t Releases::bytes() const {
  const std::lock_guard guard(mutex_);
  return bytes_;
}

std::size_t Releases::size() const {
  const std::lock_guard guard(mutex_);
  return places_.size();
}

}  // namespace inxt::host
