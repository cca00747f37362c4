// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/care.h"

#include <fmt/format.h>

#include <algorithm>

#include "format/lease.h"

namespace inxt::client {
namespace {

using net::Awaitable;

// A reading's line, at most.
constexpr std::size_t kReadingBytesMax = format::kLeasingTokenBytesMax + 512;
constexpr std::size_t kHeadBytesMax = 256;
constexpr std::size_t kReadingsWithFilesMax = 1024;

}  // namespace

Result<void> CareSender::add_readings(const CareText& file) {
  if (!key_.is_own_writer(file.header().uploader, file.header().writer)) return {};
  const std::int64_t now_s = clock_.unix_s();
  for (const auto& [number, host] : file.accounts()) {
    const auto uploader = key_.uploader(number);
    if (!uploader || !given_.insert({number, host}).second) continue;
    const auto account = uploader->account(host);
    format::LeasingCapability capability;
    capability.account = AccountId{account.public_key()};
    capability.host = host;
    capability.bridge = bridge_;
    random_.fill(capability.jti);
    capability.issued_unix_s = now_s;
    capability.expires_unix_s = now_s + kCareReadingTermS;
    format::CareReading reading;
    reading.uploader = number;
    reading.host = host;
    reading.account = capability.account;
    reading.capability = TRY(format::sign_leasing_capability(capability, account));
    readings_.push_back(std::move(reading));
  }
  return {};
}

Awaitable<Result<void>> CareSender::add(const CareText& file) {
  CO_CHECK(add_readings(file));
  open_ = {};
  for (std::uint64_t number = 0; number < file.segments(); ++number) {
    const std::string segment = file.segment(number);
    CO_CHECK(co_await take(file.begin(), segment));
  }
  open_ = {};  // the file may be gone by the next call
  co_return Result<void>{};
}

Awaitable<Result<void>> CareSender::take(std::string_view begin, const std::string& segment) {
  const std::size_t readings = std::min(readings_.size(), kReadingsWithFilesMax);
  const std::size_t others = kHeadBytesMax + readings * kReadingBytesMax;
  const bool is_full = others + lines_.size() + begin.size() + segment.size() > format::kCareBodyBytesMax ||
                       files_ == format::kCareFilesMax;
  if (is_full && !lines_.empty()) CO_CHECK(co_await flush());
  if (open_.empty()) {
    lines_ += begin;
    open_ = begin;
    ++files_;
  }
  lines_ += segment;
  co_return Result<void>{};
}

Awaitable<Result<void>> CareSender::flush() {
  // Many readings go alone, so that they leave the files their room.
  while (readings_.size() > kReadingsWithFilesMax) {
    const auto end = readings_.begin() + std::min(readings_.size(), format::kCareReadingsMax);
    const std::vector<format::CareReading> first(readings_.begin(), end);
    readings_.erase(readings_.begin(), end);
    CO_CHECK(co_await send(format::write_care_head(caretaker_, first)));
  }
  if (lines_.empty() && readings_.empty()) co_return Result<void>{};
  std::string body = format::write_care_head(caretaker_, readings_) + lines_;
  readings_.clear();
  lines_.clear();
  files_ = 0;
  open_ = {};
  co_return co_await send(std::move(body));
}

Awaitable<Result<void>> CareSender::send(std::string body) {
  auto taken = co_await care_.entrust(std::move(body));
  if (!taken) co_return std::unexpected(std::move(taken).error());
  taken_.files += taken->files;
  taken_.complete += taken->complete;
  taken_.segments += taken->segments;
  taken_.places += taken->places;
  co_return Result<void>{};
}

Awaitable<Result<std::optional<format::CareInfo>>> care_of(transfer::BridgeCare& care, const FileId& file) {
  // The list goes on behind an id: behind the one before this.
  std::optional<FileId> after;
  if (file != FileId{}) {
    after = file;
    for (auto byte = after->bytes.rbegin(); byte != after->bytes.rend(); ++byte) {
      const bool borrows = *byte == std::byte{0};
      *byte = static_cast<std::byte>(std::to_integer<unsigned>(*byte) - 1U);
      if (!borrows) break;
    }
  }
  auto page = co_await care.list(after, 1);
  if (!page) co_return std::unexpected(std::move(page).error());
  if (page->empty() || page->front().file != file) co_return std::nullopt;
  co_return std::optional(std::move(page->front()));
}

Awaitable<Result<std::optional<std::vector<format::CarePlace>>>> places_in_care(transfer::BridgeCare& care,
                                                                                FileId file) {
  std::vector<format::CarePlace> all;
  std::uint64_t after = 0;
  for (std::size_t page = 0; page < kCarePagesMax; ++page) {
    auto places = co_await care.places(file, after, std::nullopt);
    if (!places && places.error().code == Code::not_found && page == 0) co_return std::nullopt;
    if (!places) co_return std::unexpected(std::move(places).error());
    if (places->empty()) co_return std::optional(std::move(all));
    after = places->back().number;
    std::move(places->begin(), places->end(), std::back_inserter(all));
  }
  co_return fail(Code::integrity, fmt::format("the Bridge tells more places than {} pages hold "
                                              "(kCarePagesMax)",
                                              kCarePagesMax));
}

}  // namespace inxt::client
