// SPDX-License-Identifier: LGPL-3.0-or-later
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // false, in Beast, with -fsanitize
#endif
#include "net/http_head.h"

#include <fmt/core.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/optional.hpp>

namespace inxt::net {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;

/// Beast takes these, we do not.  Empty where the bytes are fine.
std::string_view find_trick(std::string_view text) {
  if (text.find("\n ") != std::string_view::npos || text.find("\n\t") != std::string_view::npos)
    return "a folded header line";
  for (std::size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1))
    if (at == 0 || text[at - 1] != '\r') return "a line that does not end in CR LF";
  const auto is_text = [](char c) { return (c >= ' ' && c < '\x7f') || c == '\t' || c == '\r' || c == '\n'; };
  if (!std::ranges::all_of(text, is_text)) return "a byte that is not ASCII text";
  return {};
}

/// Beast takes lists and signs as well: "3, 3" and "+3".  Two readers of such a length are one too many.
template <class Fields>
bool has_plain_length(const Fields& fields) {
  const auto field = fields.find(http::field::content_length);
  if (field == fields.end()) return true;
  const auto digits = field->value();
  return !digits.empty() && std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; }) &&
         fields.count(http::field::content_length) == 1;
}

/// No error where the parser took all of it.
template <class Parser>
boost::system::error_code parse(Parser& parser, ByteView head) {
  parser.header_limit(
      static_cast<std::uint32_t>(head.size() + 1));  // the reader of the bytes has the real limit
  parser.body_limit(boost::none);
  std::size_t done = 0;
  while (!parser.is_header_done()) {
    boost::system::error_code error;
    const std::size_t used =
        parser.put(boost::asio::const_buffer(head.data() + done, head.size() - done), error);
    if (error) return error;
    if (used == 0) return http::error::need_more;
    done += used;
  }
  if (done != head.size()) return http::error::unexpected_body;
  return {};
}

template <class Fields>
std::vector<Header> copy_headers(const Fields& fields) {
  std::vector<Header> headers;
  for (const auto& field : fields)
    headers.push_back({std::string(field.name_string()), std::string(field.value())});
  return headers;
}

template <class Parser>
std::optional<std::uint64_t> length_of(const Parser& parser) {
  const auto length = parser.content_length();
  if (!length) return std::nullopt;
  return *length;
}

std::optional<Method> method_of(http::verb verb) {
  switch (verb) {
    case http::verb::get:
      return Method::get;
    case http::verb::head:
      return Method::head;
    case http::verb::put:
      return Method::put;
    case http::verb::post:
      return Method::post;
    case http::verb::delete_:
      return Method::delete_;
    default:
      return std::nullopt;
  }
}

}  // namespace

std::optional<std::size_t> find_head_end(ByteView bytes, std::size_t from) {
  const std::size_t end = text_of(bytes).find("\r\n\r\n", from < 3 ? 0 : from - 3);
  if (end == std::string_view::npos) return std::nullopt;
  return end + 4;
}

std::expected<RequestHead, Refusal> parse_request_head(ByteView head) {
  const auto refuse = [](int status, std::string why) {
    return std::unexpected(Refusal{status, std::move(why)});
  };
  if (const auto trick = find_trick(text_of(head)); !trick.empty())
    return refuse(400, fmt::format("the head has {}", trick));
  http::request_parser<http::empty_body> parser;
  if (const auto error = parse(parser, head); error)
    return refuse(error == http::error::bad_version ? 505 : 400, error.message());
  const auto& message = parser.get();
  if (message.version() != 10 && message.version() != 11) return refuse(505, "only HTTP/1.1 is spoken here");
  if (message.count(http::field::transfer_encoding) > 0)
    return message.count(http::field::content_length) > 0
               ? refuse(400, "both Transfer-Encoding and Content-Length")
               : refuse(411, "Transfer-Encoding is not taken: send a Content-Length");
  if (!has_plain_length(message)) return refuse(400, "Content-Length is not one number");
  if (message.count(http::field::host) > 1 ||
      (message.version() == 11 && message.count(http::field::host) == 0))
    return refuse(400, "a request has exactly one Host header");
  RequestHead request;
  const auto method = method_of(message.method());
  if (!method) return refuse(405, "methods are GET, HEAD, PUT, POST and DELETE");
  request.method = *method;
  request.target = std::string(message.target());
  if (!is_valid_target(request.target)) return refuse(400, "the target does not begin with a slash");
  request.headers = copy_headers(message);
  request.content_length = length_of(parser);
  request.keep_alive = parser.keep_alive();
  if (const auto expect = message.find(http::field::expect); expect != message.end()) {
    if (!beast::iequals(expect->value(), "100-continue"))
      return refuse(417, "no expectation but 100-continue is met");
    request.expects_continue = message.version() == 11;
  }
  return request;
}

Result<ResponseHead> parse_response_head(ByteView head, bool answers_head_request) {
  const auto refuse = [](std::string_view why) {
    return fail(Code::try_again, fmt::format("broken answer: {}", why));
  };
  if (const auto trick = find_trick(text_of(head)); !trick.empty())
    return refuse(fmt::format("the head has {}", trick));
  http::response_parser<http::empty_body> parser;
  parser.skip(answers_head_request);
  if (const auto error = parse(parser, head); error) return refuse(error.message());
  const auto& message = parser.get();
  if (message.version() != 11) return refuse("not HTTP/1.1");
  if (message.count(http::field::transfer_encoding) > 0) return refuse("it has a Transfer-Encoding");
  if (!has_plain_length(message)) return refuse("its Content-Length is not one number");
  ResponseHead response;
  response.status = static_cast<int>(message.result_int());
  if (response.status < 100 || response.status > 599)
    return refuse("its status is not a number from 100 to 599");
  response.headers = copy_headers(message);
  response.content_length = length_of(parser);
  response.keep_alive = message.keep_alive();
  const bool bodyless =
      answers_head_request || response.status < 200 || response.status == 204 || response.status == 304;
  if (!bodyless && !response.content_length) return refuse("it has no Content-Length");
  return response;
}

bool is_valid_header(const Header& header) {
  constexpr std::string_view kTokenSigns = "!#$%&'*+-.^_`|~";
  const auto is_token = [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kTokenSigns.find(c) != std::string_view::npos;
  };
  return !header.name.empty() && std::ranges::all_of(header.name, is_token) &&
         std::ranges::all_of(header.value, [](char c) { return (c >= ' ' && c != '\x7f') || c == '\t'; });
}

bool is_valid_target(std::string_view target) {
  return target.starts_with('/') && std::ranges::all_of(target, [](char c) { return c > ' ' && c < '\x7f'; });
}

}  // namespace inxt::net
