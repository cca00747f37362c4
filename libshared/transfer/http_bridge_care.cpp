// SPDX-License-Identifier: LGPL-3.0-or-later
#include "transfer/http_bridge_care.h"

#include <fmt/format.h>

#include "transfer/http_bridge_log.h"

namespace inxt::transfer {
namespace {

using net::Awaitable;

std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == text.npos ? text.size() : end + 1);
  return line;
}

Result<std::vector<format::CareInfo>> read_list(std::string_view text, std::optional<FileId> before,
                                                std::uint32_t limit) {
  std::vector<format::CareInfo> files;
  while (!text.empty()) {
    const std::string where = fmt::format("the Bridge's list, line {}", files.size() + 1);
    const format::CareInfo file = TRY(format::read_care_info(take_line(text), where));
    if (files.size() == limit || (before && file.file <= *before))
      return fail(Code::integrity, where + ": out of order, or more than was asked for");
    before = file.file;
    files.push_back(file);
  }
  return files;
}

Result<std::vector<format::CarePlace>> read_places(std::string_view text, std::uint64_t before,
                                                   const std::optional<std::uint64_t>& segment) {
  std::vector<format::CarePlace> places;
  while (!text.empty()) {
    const std::string where = fmt::format("the Bridge's places, line {}", places.size() + 1);
    format::CarePlace place = TRY(format::read_care_place(take_line(text), where));
    if (places.size() == kCarePlacesPageMax || place.number <= before ||
        (segment && place.place.place.segment != *segment))
      return fail(Code::integrity, where + ": out of order, or not what was asked for");
    before = place.number;
    places.push_back(std::move(place));
  }
  return places;
}

}  // namespace

Awaitable<Result<AccountId>> HttpBridgeCare::put_key(const format::CareKey& key) {
  BridgeRequest request(net::Method::put, "/v1/care/keys");
  const crypto::SecretBytes body = format::write_care_key(key);
  request.secret_body = body.view();
  Result<BridgeAnswer> answer = co_await client_.ask(std::move(request));
  if (!answer) co_return std::unexpected(std::move(answer).error());
  co_return format::read_caretaker(answer->line());
}

Awaitable<Result<void>> HttpBridgeCare::remove_key(const AccountId& caretaker) {
  BridgeRequest request(net::Method::delete_, "/v1/care/keys/" + caretaker.hex());
  Result<BridgeAnswer> answer = co_await client_.ask(std::move(request));
  if (!answer && answer.error().code != Code::not_found) co_return std::unexpected(std::move(answer).error());
  co_return Result<void>{};
}

Awaitable<Result<format::CareTaken>> HttpBridgeCare::entrust(std::string body) {
  BridgeRequest request(net::Method::post, "/v1/care");
  request.body = std::move(body);
  request.answer_ms += static_cast<int>(request.body.size()) / kUplinkBytesPerMsMin;
  Result<BridgeAnswer> answer = co_await client_.ask(std::move(request));
  if (!answer) co_return std::unexpected(std::move(answer).error());
  co_return format::read_care_taken(answer->line());
}

Awaitable<Result<std::vector<format::CareInfo>>> HttpBridgeCare::list(const std::optional<FileId>& after,
                                                                      std::uint32_t limit) {
  BridgeRequest request(net::Method::get, fmt::format("/v1/care?limit={}", limit));
  if (after) request.target += "&after=" + after->hex();
  request.answer_bytes_max = kBridgeListBytesMax;
  Result<BridgeAnswer> answer = co_await client_.ask(std::move(request));
  if (!answer) co_return std::unexpected(std::move(answer).error());
  co_return read_list(answer->text(), after, limit);
}

Awaitable<Result<std::vector<format::CarePlace>>> HttpBridgeCare::places(
    const FileId& file, std::uint64_t after, std::optional<std::uint64_t> segment) {
  BridgeRequest request(net::Method::get,
                        fmt::format("/v1/care/{}?after={}&limit={}", file.hex(), after, kCarePlacesPageMax));
  if (segment) request.target += fmt::format("&segment={}", *segment);
  request.answer_bytes_max = kBridgeListBytesMax;
  Result<BridgeAnswer> answer = co_await client_.ask(std::move(request));
  if (!answer) co_return std::unexpected(std::move(answer).error());
  co_return read_places(answer->text(), after, segment);
}

Awaitable<Result<CareEnded>> HttpBridgeCare::end(const FileId& file, std::uint64_t seen) {
  co_return co_await end_at(fmt::format("/v1/care/{}?seen={}", file.hex(), seen));
}

Awaitable<Result<CareEnded>> HttpBridgeCare::end_segments(const FileId& file, CareSegments segments,
                                                          std::uint64_t seen) {
  co_return co_await end_at(
      fmt::format("/v1/care/{}?seen={}&first={}&last={}", file.hex(), seen, segments.first, segments.last));
}

Awaitable<Result<CareEnded>> HttpBridgeCare::end_at(std::string target) {
  BridgeRequest request(net::Method::delete_, std::move(target));
  request.expected_statuses = {409};
  Result<BridgeAnswer> answer = co_await client_.ask(std::move(request));
  if (!answer && answer.error().code == Code::not_found) co_return CareEnded::not_in_care;
  if (!answer) co_return std::unexpected(std::move(answer).error());
  co_return answer->status == 409 ? CareEnded::more_places : CareEnded::ended;
}

Awaitable<Result<void>> HttpBridgeCare::report(const format::CareReport& report) {
  BridgeRequest request(net::Method::post, "/v1/care/reports");
  request.body = format::write_care_report(report);
  Result<BridgeAnswer> answer = co_await client_.ask(std::move(request));
  if (!answer) co_return std::unexpected(std::move(answer).error());
  co_return Result<void>{};
}

}  // namespace inxt::transfer
