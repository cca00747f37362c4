// SPDX-License-Identifier: LGPL-3.0-or-later
#include "transfer/refusal.h"

#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>

#include "base/encoding.h"
#include "format/json.h"

namespace inxt::transfer {
namespace {

constexpr std::uint64_t kRetryAfterMsMax = 86'400'000;

Code code_of(int status) {
  switch (status) {
    case 400:
    case 405:
    case 413:
      return Code::usage;
    case 401:
    case 403:
      return Code::denied;
    case 404:
      return Code::not_found;
    case 409:
    case 416:
    case 422:
      return Code::integrity;
    case 408:
    case 429:
    case 502:
    case 503:
    case 504:
      return Code::try_again;
    case 507:
      return Code::quota;
    default:
      return Code::failure;
  }
}

std::optional<format::Json> json_of(const net::Response& response) {
  auto json = format::parse_object(line_of(response), net::kJsonBodyBytesMax);
  if (!json) return std::nullopt;
  return *std::move(json);
}

}  // namespace

std::string_view line_of(const net::Response& response) {
  const auto text = text_of(response.body);
  return text.ends_with('\n') ? text.substr(0, text.size() - 1) : text;
}

Error error_of(std::string_view noun, const crypto::PublicKey& id, const net::Response& response) {
  std::string message;
  if (const auto json = json_of(response)) {
    const format::Fields fields(*json, "answer");
    if (auto text = fields.text("message", kMessageBytesMax)) message = ": " + *text;
  }
  return {code_of(response.status),
          fmt::format("{} {} answered {} {}{}", noun, to_hex(id).substr(0, 8), response.status,
                      net::reason_phrase(response.status), message),
          {}};
}

std::optional<std::int64_t> retry_after_ms(const net::Response& response) {
  if (const auto json = json_of(response)) {
    const format::Fields fields(*json, "answer");
    if (fields.has("retry_after_ms"))
      if (const auto ms = fields.integer("retry_after_ms", kRetryAfterMsMax))
        return static_cast<std::int64_t>(*ms);
  }
  if (const auto header = response.header("Retry-After")) {
    std::uint32_t seconds = 0;
    const auto [end, error] = std::from_chars(header->data(), header->data() + header->size(), seconds);
    if (error == std::errc{} && end == header->data() + header->size())
      return static_cast<std::int64_t>(
          std::min<std::uint64_t>(std::uint64_t{seconds} * 1000, kRetryAfterMsMax));
  }
  return std::nullopt;
}

}  // namespace inxt::transfer
