// SPDX-License-Identifier: LGPL-3.0-or-later
#include "transfer/host_bridge.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "format/json.h"

namespace inxt::transfer {
namespace {

using net::Awaitable;

constexpr int kUnknownHost = 404, kOldCounter = 409;

Result<std::optional<std::int64_t>> read_next(const format::Fields& fields) {
  if (!fields.has("next_s")) return std::nullopt;
  return TRY(fields.time("next_s"));
}

}  // namespace

Result<BeatAnswer> read_beat_answer(int status, std::string_view line) {
  BeatAnswer answer;
  if (status == kUnknownHost) {
    answer.outcome = BeatAnswer::Outcome::unknown_host;
    return answer;
  }
  const format::Json json = TRY_IN("the Bridge's answer", format::parse_object(line));
  const format::Fields fields(json, "the Bridge's answer");
  if (status == kOldCounter) {
    answer.outcome = BeatAnswer::Outcome::old_counter;
    if (fields.has("counter")) answer.last_counter = TRY(fields.integer("counter"));
    return answer;
  }
  answer.next_s = TRY(read_next(fields));
  if (fields.has("paused_until")) answer.paused_until_unix_s = TRY(fields.time("paused_until"));
  if (!fields.has("reachable")) return answer;
  answer.is_reachable = TRY(fields.boolean("reachable"));
  if (fields.has("checked")) answer.looked_unix_s = TRY(fields.time("checked"));
  // Words that are too long are left out, as those of refusals are.
  if (!*answer.is_reachable && fields.has("reason"))
    if (auto reason = fields.text("reason", kReachReasonBytesMax)) answer.reason = *std::move(reason);
  return answer;
}

Awaitable<Result<std::optional<std::int64_t>>> HttpHostBridge::register_host(std::string body) {
  BridgeRequest request(net::Method::post, "/v1/hosts");
  request.body = std::move(body);
  const Result<BridgeAnswer> answer = co_await client_.ask(std::move(request));
  if (!answer) co_return std::unexpected(answer.error());
  const Result<format::Json> json = format::parse_object(answer->line());
  if (!json) co_return std::unexpected(Error(json.error()).in("the Bridge's answer"));
  co_return read_next(format::Fields(*json, "the Bridge's answer"));
}

Awaitable<Result<BeatAnswer>> HttpHostBridge::beat(std::string body) {
  BridgeRequest request(net::Method::post, "/v1/hosts/heartbeat");
  request.body = std::move(body);
  request.is_repeatable = false;  // the next one says more
  request.expected_statuses = {kUnknownHost, kOldCounter};
  const Result<BridgeAnswer> answer = co_await client_.ask(std::move(request));
  if (!answer) co_return std::unexpected(answer.error());
  co_return read_beat_answer(answer->status, answer->line());
}

Awaitable<Result<void>> HttpHostBridge::report(std::string token) {
  BridgeRequest request(net::Method::post, "/v1/reports");
  request.body = std::move(token);
  request.expected_statuses = {kUnknownHost};
  const Result<BridgeAnswer> answer = co_await client_.ask(std::move(request));
  if (!answer) co_return std::unexpected(answer.error());
  co_return Result<void>{};
}

}  // namespace inxt::transfer
