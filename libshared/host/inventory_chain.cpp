// SPDX-License-Identifier: LGPL-3.0-or-later
#include "host/inventory_chain.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"

namespace inxt::host {

Result<std::string> InventoryChain::read_file() const {
  const auto file = directory_.open(sys::Path{kHeadsFile}, sys::Caching::cached);
  if (!file && file.error().code == Code::not_found) return std::string();
  if (!file) return std::unexpected(file.error());
  const std::uint64_t size_bytes = TRY((*file)->size_bytes());
  if (size_bytes > kHeadsFileBytesMax)
    return fail(Code::integrity, fmt::format("{}: {} bytes, more than kHeadsFileBytesMax ({})", kHeadsFile,
                                             size_bytes, kHeadsFileBytesMax));
  std::string text(static_cast<std::size_t>(size_bytes), '\0');
  text.resize(TRY((*file)->read_at(0, {reinterpret_cast<std::byte*>(text.data()), text.size()})));
  return text;
}

Result<std::vector<std::string>> InventoryChain::load() {
  const std::lock_guard guard(mutex_);
  const std::string text = TRY(read_file());
  std::vector<std::string> wrong;
  std::uint64_t number = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    const std::string where = fmt::format("{}: line {}", kHeadsFile, ++number);
    if (end == text.npos) {
      wrong.push_back(where + ": has no end");
      break;
    }
    const std::size_t length = end + 1 - at;
    Result<format::SignedHead> head = format::read_head(std::string_view(text).substr(at, length - 1), where);
    if (!head) {
      wrong.push_back(head.error().what);
    } else if (head->head.host == host_) {
      if (last_ && head->head.epoch() <= last_->head.epoch()) {
        wrong.push_back(where + ": is no later than the one before");
      } else {
        places_.push_back({head->head.epoch(), at, static_cast<std::uint32_t>(length), head->hash});
        last_ = *std::move(head);
      }
    }
    at = end + 1;
    known_bytes_ = at;
  }
  // Its names may be of a moment before a kill; what is shown from here on is durable.
  if (!text.empty()) TRY(directory_.sync_folder({}));
  return wrong;
}

std::optional<format::SignedHead> InventoryChain::last() const {
  const std::lock_guard guard(mutex_);
  return last_;
}

Result<void> InventoryChain::append(const format::SignedHead& head, std::string_view line) {
  CHECK_BUG(line.ends_with('\n') && head.head.host == host_);
  const std::lock_guard guard(mutex_);
  if (last_ && head.head.epoch() <= last_->head.epoch())
    return fail(Code::integrity, fmt::format("{}: the hour has a head already", kHeadsFile));
  std::string text = TRY(read_file());
  if (text.size() < known_bytes_)
    return fail(Code::integrity, fmt::format("{}: it became shorter", kHeadsFile));
  // Neither a last line that was cut, nor one of a call that failed: nobody has seen it.
  text.resize(known_bytes_);
  std::size_t dropped = 0;
  if (const auto lines = static_cast<std::size_t>(std::ranges::count(text, '\n')); lines >= kHeadsKept)
    for (std::size_t i = lines + 1 - kHeadsKept; i > 0; --i) dropped = text.find('\n', dropped) + 1;
  text.erase(0, dropped);
  const std::uint64_t offset = text.size();
  text += line;

  const sys::Path unfinished{std::string(kHeadsFile) + ".new"};
  if (const auto removed = directory_.remove(unfinished); !removed && removed.error().code != Code::not_found)
    return removed;
  {
    const auto file = TRY(directory_.create(unfinished, sys::Caching::cached));
    TRY(file->write_at(0, view_of(text)));
    TRY(file->sync());
  }
  TRY(directory_.rename(unfinished, sys::Path{kHeadsFile}));
  // From here on the file has the line, and what is known of it is as the file is: also when it may be lost
  // again, because nobody has seen the head then.
  const std::size_t forgotten = static_cast<std::size_t>(
      std::ranges::count_if(places_, [dropped](const Place& place) { return place.offset < dropped; }));
  places_.erase(places_.begin(), places_.begin() + static_cast<std::ptrdiff_t>(forgotten));
  for (Place& place : places_) place.offset -= dropped;
  known_bytes_ = static_cast<std::size_t>(offset);
  TRY(directory_.sync_folder({}));
  places_.push_back({head.head.epoch(), offset, static_cast<std::uint32_t>(line.size()), head.hash});
  last_ = head;
  known_bytes_ = text.size();
  return {};
}

Result<std::string> InventoryChain::read_at(std::uint64_t offset, std::size_t length) const {
  const auto file = TRY(directory_.open(sys::Path{kHeadsFile}, sys::Caching::cached));
  std::string text(length, '\0');
  if (TRY(file->read_at(offset, {reinterpret_cast<std::byte*>(text.data()), length})) != length)
    return fail(Code::integrity, fmt::format("{}: it became shorter", kHeadsFile));
  return text;
}

Result<std::optional<std::string>> InventoryChain::line_of(std::int64_t epoch) const {
  const std::lock_guard guard(mutex_);
  const auto place = std::ranges::lower_bound(places_, epoch, {}, &Place::epoch);
  if (place == places_.end() || place->epoch != epoch) return std::nullopt;
  return TRY(read_at(place->offset, place->length));
}

Result<std::string> InventoryChain::lines_after(std::int64_t epoch, std::size_t limit) const {
  const std::lock_guard guard(mutex_);
  std::string lines;
  for (auto place = std::ranges::upper_bound(places_, epoch, {}, &Place::epoch);
       place != places_.end() && limit > 0; ++place, --limit)
    lines += TRY(read_at(place->offset, place->length));
  return lines;
}

bool InventoryChain::knows(const crypto::Hash& head) const {
  const std::lock_guard guard(mutex_);
  return std::ranges::find(places_, head, &Place::hash) != places_.end();
}

}  // namespace inxt::host
