// SPDX-License-Identifier: LGPL-3.0-or-later
#include "host/record_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "format/json.h"

namespace inxt::host {

namespace {

constexpr std::string_view kEnding = ".jsonl";
constexpr std::size_t kNumberDigits = 16;
constexpr std::size_t kReadBytes = 64 * 1024;

std::string name_of(std::string_view series, std::uint64_t number) {
  return fmt::format("{}-{:016x}{}", series, number, kEnding);
}

/// Nothing when no file of the series is called so.
std::optional<std::uint64_t> number_in(std::string_view name, std::string_view series) {
  if (name.size() != series.size() + 1 + kNumberDigits + kEnding.size() || !name.starts_with(series))
    return std::nullopt;
  std::uint64_t number = 0;
  for (const char digit : name.substr(series.size() + 1, kNumberDigits)) {
    const bool is_letter = digit >= 'a' && digit <= 'f';
    if (!is_letter && (digit < '0' || digit > '9')) return std::nullopt;
    number = number << 4 | static_cast<std::uint64_t>(is_letter ? digit - 'a' + 10 : digit - '0');
  }
  if (name != name_of(series, number)) return std::nullopt;
  return number;
}

/// Whole lines of at most `bytes`, but one at least.
std::string_view part_of(std::string_view lines, std::uint64_t bytes) {
  if (lines.size() <= bytes) return lines;
  std::size_t end = lines.rfind('\n', bytes > 0 ? static_cast<std::size_t>(bytes) - 1 : 0);
  if (end == std::string_view::npos) end = lines.find('\n');
  return lines.substr(0, end == std::string_view::npos ? lines.size() : end + 1);
}

bool is_absent(const Error& error) {
  return error.code == Code::not_found;
}

Result<std::vector<sys::Entry>> list_if_there(sys::Directory& directory, const std::string& folder) {
  auto entries = directory.list(sys::Path{folder});
  if (!entries && is_absent(entries.error())) return std::vector<sys::Entry>();
  return entries;
}

}  // namespace

sys::Path RecordFiles::path_of(std::uint64_t number) const {
  return sys::Path{folder_, name_of(series_, number)};
}

Result<void> RecordFiles::look() {
  if (has_looked_) return {};
  std::vector<Kept> kept;
  for (const sys::Entry& entry : TRY(list_if_there(directory_, folder_)))
    if (const auto number = number_in(entry.name, series_); number && kept.size() < kRecordFilesMax)
      kept.push_back({*number, entry.size_bytes});
  std::ranges::sort(kept, {}, &Kept::number);
  kept_ = std::move(kept);
  bytes_ = 0;
  for (const Kept& file : kept_) bytes_ += file.bytes;
  has_looked_ = true;
  return {};
}

Result<void> RecordFiles::begin_file() {
  TRY(directory_.make_folder(sys::Path{folder_}));
  TRY(directory_.sync_folder({}));
  const std::uint64_t number = kept_.empty() ? 1 : kept_.back().number + 1;
  file_ = TRY(directory_.create(path_of(number), sys::Caching::cached));
  kept_.push_back({number, 0});
  return directory_.sync_folder(sys::Path{folder_});
}

Result<void> RecordFiles::remove_oldest(std::uint64_t bytes_max) {
  while (!kept_.empty() && bytes_ > bytes_max) {
    if (kept_.size() == 1) file_.reset();
    const Result<void> removed = directory_.remove(path_of(kept_.front().number));
    if (!removed && !is_absent(removed.error())) return removed;
    bytes_ -= kept_.front().bytes;
    kept_.erase(kept_.begin());
  }
  return {};
}

Result<void> RecordFiles::append(std::string_view lines, std::uint64_t bytes_max) {
  TRY(look());
  const std::uint64_t file_bytes_max =
      std::min(std::clamp(bytes_max / 16, kRecordFileBytesMin, kRecordFileBytesMax),
               std::max<std::uint64_t>(bytes_max / 4, 1));
  while (!lines.empty() && bytes_max > 0) {
    if (file_ && kept_.back().bytes >= file_bytes_max) file_.reset();
    if (!file_) TRY(begin_file());
    const std::string_view part = part_of(lines, file_bytes_max - kept_.back().bytes);
    TRY(write(part));
    lines.remove_prefix(part.size());
  }
  return remove_oldest(bytes_max);
}

Result<void> RecordFiles::write(std::string_view lines) {
  Kept& now = kept_.back();
  Result<void> written = file_->write_at(now.bytes, view_of(lines));
  if (written) written = file_->sync();
  if (!written) {
    file_.reset();  // what stands there of it ends with the file
    has_looked_ = false;
    return written;
  }
  now.bytes += lines.size();
  bytes_ += lines.size();
  return {};
}

/// False when there is none behind the one that is read.
Result<bool> RecordReader::open_next() {
  std::vector<std::uint64_t> numbers;
  for (const sys::Entry& entry : TRY(list_if_there(directory_, folder_)))
    if (const auto number = number_in(entry.name, series_); number && (!number_ || *number > *number_))
      numbers.push_back(*number);
  std::ranges::sort(numbers);
  for (const std::uint64_t number : numbers) {
    auto file = directory_.open(sys::Path{folder_, name_of(series_, number)}, sys::Caching::cached);
    if (!file && is_absent(file.error())) continue;  // removed between the two
    file_ = TRY(std::move(file));
    number_ = number;
    offset_ = 0;
    rest_.clear();  // of a line that was cut short
    begin_ = 0;
    is_too_long_ = false;
    return true;
  }
  return false;
}

/// False at the end of the file.
Result<bool> RecordReader::read_more() {
  if (!file_) return false;
  Bytes part(kReadBytes);
  part.resize(TRY(file_->read_at(offset_, part)));
  offset_ += part.size();
  rest_.erase(0, begin_);
  begin_ = 0;
  rest_ += text_of(part);
  return !part.empty();
}

Result<std::optional<std::string>> RecordReader::next() {
  for (;;) {
    const std::size_t end = rest_.find('\n', begin_);
    if (end != std::string::npos) {
      std::string line = rest_.substr(begin_, end - begin_);
      begin_ = end + 1;
      if (!std::exchange(is_too_long_, false) && !line.empty()) return line;
      continue;
    }
    if (rest_.size() - begin_ > kRecordLineBytesMax) {
      is_too_long_ = true;
      begin_ = rest_.size();
    }
    if (TRY(read_more())) continue;
    if (!TRY(open_next())) return std::nullopt;
  }
}

namespace {

std::int64_t time_of(const std::string& line) {
  const auto json = format::parse_object(line, kRecordLineBytesMax);
  if (!json) return 0;
  return format::Fields(*json, "record").time("time").value_or(0);
}

struct Ahead {
  RecordReader* reader = nullptr;
  std::string line;
  std::int64_t time_unix_s = 0;
};

/// False when there is none.
Result<bool> read_ahead(Ahead& ahead) {
  auto line = TRY(ahead.reader->next());
  if (!line) return false;
  ahead.line = *std::move(line);
  ahead.time_unix_s = time_of(ahead.line);
  return true;
}

}  // namespace

Result<void> read_records(std::vector<RecordReader>& readers,
                          const std::function<Result<void>(const std::string& line)>& tell) {
  std::vector<Ahead> ahead;
  for (RecordReader& reader : readers) {
    Ahead one{.reader = &reader, .line = {}, .time_unix_s = 0};
    if (TRY(read_ahead(one))) ahead.push_back(std::move(one));
  }
  while (!ahead.empty()) {
    const auto first = std::ranges::min_element(ahead, {}, &Ahead::time_unix_s);
    TRY(tell(first->line));
    if (!TRY(read_ahead(*first))) ahead.erase(first);
  }
  return {};
}

}  // namespace inxt::host
