// SPDX-License-Identifier: LGPL-3.0-or-later
#include "transfer/http_bridge_log.h"

#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>

#include "format/json.h"

namespace inxt::transfer {
namespace {

using net::Awaitable;

constexpr int kConflict = 409;

std::unexpected<Error> odd_answer(std::string_view why) {
  return fail(Code::integrity, fmt::format("the Bridge's answer: {}", why));
}

/// The log's head, from the headers of a page.
Result<format::LogHead> head_in(std::span<const net::Header> headers) {
  const auto seq = net::find_header(headers, "Inxt-Log-Seq");
  const auto hash = net::find_header(headers, "Inxt-Log-Head");
  if (!seq || !hash) return odd_answer("no Inxt-Log-Seq or Inxt-Log-Head");
  format::LogHead head;
  const char* end = seq->data() + seq->size();
  const auto [behind, error] = std::from_chars(seq->data(), end, head.seq);
  if (error != std::errc{} || behind != end || head.seq > format::kJsonIntegerMax)
    return odd_answer("Inxt-Log-Seq is no number");
  if (!from_hex(*hash, head.hash)) return odd_answer("Inxt-Log-Head is no hash");
  return head;
}

Result<std::vector<std::string>> lines_of(std::string_view text, std::uint64_t count_max) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (end == text.npos) return odd_answer("its last line has no newline");
    if (lines.size() == count_max) return odd_answer("more lines than were asked for, or than there are");
    if (end > format::kEntryLineBytesMax)
      return odd_answer("a line is longer than an entry (kEntryLineBytesMax)");
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  return lines;
}

Result<LogPage> read_page(const BridgeAnswer& answer, std::uint64_t after, std::uint32_t limit) {
  LogPage page;
  page.head = TRY(head_in(answer.headers));
  const std::uint64_t left = page.head.seq > after ? page.head.seq - after : 0;
  page.entries = TRY(lines_of(answer.text(), std::min<std::uint64_t>(limit, left)));
  if (page.entries.empty() && left > 0) return odd_answer("no entry, though its head is further on");
  return page;
}

Result<LogAppendAnswer> read_appended(const BridgeAnswer& answer) {
  const auto json =
      TRY_IN("the Bridge's answer", format::parse_object(answer.line(), net::kJsonBodyBytesMax));
  const format::Fields fields(json, "the Bridge's answer");
  LogAppendAnswer out;
  out.appended = answer.status != kConflict;
  out.head.seq = TRY(fields.integer("seq"));
  TRY(fields.hex("head", out.head.hash));
  return out;
}

std::string path_of(const format::LogId& log, const format::RecordId& id) {
  return fmt::format("/v1/objects/{}/{}", log.hex(), id.hex());
}

}  // namespace

Awaitable<Result<LogPage>> HttpBridgeLog::entries(const format::LogId& log, std::uint64_t after,
                                                  std::uint32_t limit) {
  BridgeRequest request(net::Method::get,
                        fmt::format("/v1/logs/{}?after={}&limit={}", log.hex(), after, limit));
  request.answer_bytes_max = kLogPageBytesMax;
  Result<BridgeAnswer> answer = co_await client_.ask(std::move(request));
  if (!answer && answer.error().code == Code::not_found) co_return LogPage{};
  if (!answer) co_return std::unexpected(std::move(answer).error());
  co_return read_page(*answer, after, limit);
}

Awaitable<Result<LogAppendAnswer>> HttpBridgeLog::append(const format::LogId& log, const LogAppend& what) {
  BridgeRequest request(net::Method::post, fmt::format("/v1/logs/{}", log.hex()));
  for (const auto* lines : {&what.records, &what.entries})
    for (const std::string& line : *lines) (request.body += line) += '\n';
  if (request.body.size() > kLogAppendBytesMax)
    co_return fail(Code::usage,
                   fmt::format("records and entries of {} bytes are more than one request takes: {} "
                               "(kLogAppendBytesMax)",
                               request.body.size(), kLogAppendBytesMax));
  request.expected_statuses = {kConflict};
  // What is in the log already is passed over, so the same lines may be sent again.
  request.is_repeatable = true;
  request.answer_ms += static_cast<int>(request.body.size()) / kUplinkBytesPerMsMin;
  Result<BridgeAnswer> answer = co_await client_.ask(std::move(request));
  if (!answer) co_return std::unexpected(std::move(answer).error());
  co_return read_appended(*answer);
}

Awaitable<Result<std::string>> HttpBridgeLog::record(const format::LogId& log, const format::RecordId& id) {
  BridgeRequest request(net::Method::get, path_of(log, id));
  request.answer_bytes_max = format::kRecordLineBytesMax + 1;
  Result<BridgeAnswer> answer = co_await client_.ask(std::move(request));
  if (!answer) co_return std::unexpected(std::move(answer).error());
  co_return std::string(answer->line());
}

Awaitable<Result<void>> HttpBridgeLog::remove_record(const format::LogId& log, const format::RecordId& id) {
  BridgeRequest request(net::Method::delete_, path_of(log, id));
  Result<BridgeAnswer> answer = co_await client_.ask(std::move(request));
  if (!answer && answer.error().code != Code::not_found) co_return std::unexpected(std::move(answer).error());
  co_return Result<void>{};
}

}  // namespace inxt::transfer
