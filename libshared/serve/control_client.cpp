// SPDX-License-Identifier: LGPL-3.0-or-later
#include "serve/control_client.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "format/escape.h"
#include "format/json.h"
#include "net/event_loop.h"
#include "net/http_client.h"
#include "serve/local_servers.h"
#include "sys/files.h"

namespace inxt::serve {

namespace {

/// The daemon's own words, with its code.
Error error_of(const net::Response& response, std::string_view noun) {
  std::string_view text = text_of(response.body);
  while (text.ends_with('\n')) text.remove_suffix(1);
  Error error{Code::failure, fmt::format("the {} answered {}", noun, response.status), {}};
  const auto json = format::parse_object(text);
  if (!json) return error;
  const format::Fields fields(*json, "answer");
  if (const auto code = fields.text("error", 64)) error.code = code_from_name(*code);
  if (const auto what = fields.text("message", format::kLineBytesMax)) error.what = format::escape(*what);
  if (fields.has("hint"))
    if (const auto hint = fields.text("hint", format::kLineBytesMax)) error.hint = format::escape(*hint);
  return error;
}

Result<std::string> send(const std::string& folder, std::string_view noun, net::Request request) {
  const std::string path = folder + "/" + std::string(kControlSocket);
  if (const auto there = sys::status_of(path); !there) {
    if (there.error().code != Code::not_found) return std::unexpected(there.error());
    return fail(Code::try_again, fmt::format("no {} runs on {}", noun, format::escape(folder)));
  }
  net::EventLoop loop;
  net::HttpClient http(loop.executor());
  request.response_bytes_max = kStatusBytesMax;
  const net::Response response =
      TRY_IN(fmt::format("no {} answers", noun),
             loop.run(http.send(net::Endpoint::unix_socket(path), std::move(request))));
  if (!response.ok()) return std::unexpected(error_of(response, noun));
  return std::string(text_of(response.body));
}

}  // namespace

Result<std::string> ask_daemon(const std::string& folder, std::string_view noun, const std::string& target) {
  return send(folder, noun, net::Request(net::Method::get, target));
}

Result<std::string> command_daemon(const std::string& folder, std::string_view noun,
                                   const std::string& command, const std::string& body) {
  net::Request request(net::Method::post, command);
  request.body = view_of(body);
  return send(folder, noun, std::move(request));
}

}  // namespace inxt::serve
