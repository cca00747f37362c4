// SPDX-License-Identifier: LGPL-3.0-or-later
#include "serve/refusal.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "format/json.h"

namespace inxt::serve {

int status_of(Code code) {
  switch (code) {
    case Code::usage:
      return 400;
    case Code::denied:
      return 403;
    case Code::not_found:
      return 404;
    case Code::integrity:
      return 422;
    case Code::try_again:
      return 503;
    case Code::quota:
      return 507;
    default:
      return 500;
  }
}

Refusal::Refusal(Error error_) : status(status_of(error_.code)), error(std::move(error_)) {}

std::unexpected<Refusal> refuse(int status, Code code, std::string what, std::string hint) {
  return std::unexpected(Refusal(status, Error{code, std::move(what), std::move(hint)}));
}

std::unexpected<Refusal> not_allowed(net::Method method, std::string_view allow) {
  Refusal refusal(
      405,
      Error{Code::usage, fmt::format("{} is not for this path; {} is", net::method_name(method), allow), {}});
  refusal.headers.push_back({"Allow", std::string(allow)});
  return std::unexpected(std::move(refusal));
}

Refusal from_disk(Error error) {
  switch (error.code) {
    case Code::not_found:
    case Code::try_again:
    case Code::quota:  // these name no path
      return Refusal(std::move(error));
    default:
      return Refusal(500, Error{Code::failure, std::move(error.what), {}});
  }
}

std::string_view refusal_reason(int status) {
  switch (status) {
    case 401:
      return "no_certificate";
    case 403:
      return "denied";
    case 404:
      return "not_found";
    case 409:
      return "conflict";
    case 422:
      return "wrong_content";
    case 429:
      return "too_many_requests";
    case 500:
      return "failure";
    case 503:
      return "busy";
    case 507:
      return "full";
    default:
      return "malformed";
  }
}

std::string refusal_json(const Refusal& refusal, std::string_view limit, std::int64_t retry_after_ms) {
  format::Json json;
  json["error"] = code_name(refusal.error.code);
  json["message"] =
      format::is_utf8(refusal.error.what) ? refusal.error.what : std::string("text that is not UTF-8");
  if (!refusal.error.hint.empty() && format::is_utf8(refusal.error.hint)) json["hint"] = refusal.error.hint;
  if (!limit.empty()) json["limit"] = limit;
  if (retry_after_ms > 0) json["retry_after_ms"] = retry_after_ms;
  std::string text = format::write_compact(json);
  text.insert(text.size() - 1, refusal.members);
  return text + '\n';
}

}  // namespace inxt::serve
