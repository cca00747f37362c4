// SPDX-License-Identifier: AGPL-3.0-or-later
// Heads of HTTP requests and answers: an accepted one, written down again, is read as the same.
#include <algorithm>

#include "fuzz/support/fuzz.h"
#include "host/routes.h"
#include "net/http_head.h"
#include "serve/byte_range.h"
#include "serve/query_value.h"

namespace inxt::fuzz {
namespace {

using namespace net;

std::string write(std::string start, const std::vector<Header>& headers) {
  for (const auto& header : headers) start += "\r\n" + header.name + ": " + header.value;
  return start + "\r\n\r\n";
}

bool equal(const std::vector<Header>& a, const std::vector<Header>& b) {
  return std::ranges::equal(a, b, [](const Header& x, const Header& y) { return x.name == y.name && x.value == y.value; });
}

/// What may stand in a line of a log.  Bytes past ASCII may, as RFC 9110 has it; we never send them.
bool has_no_control(const Header& header) {
  return std::ranges::all_of(header.name + header.value, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte >= 0x20 && byte != 0x7f) || byte == '\t';
  });
}

void request(ByteView head) {
  const auto read = parse_request_head(head);
  if (!read) {
    CHECK_BUG(read.error().status >= 400 && read.error().status < 600);
    return;
  }
  CHECK_BUG(is_valid_target(read->target));
  for (const auto& header : read->headers) CHECK_BUG(has_no_control(header));
  const auto text = write(std::string(method_name(read->method)) + ' ' + read->target + " HTTP/1.1", read->headers);
  const auto again = parse_request_head(view_of(text));
  if (find_header(read->headers, "host"))  // HTTP/1.0 may leave it out
    CHECK_BUG(again && again->target == read->target && again->content_length == read->content_length &&
              equal(again->headers, read->headers));

  const auto query = read->target.find('?');
  const auto path = std::string_view(read->target).substr(0, query);
  if (const auto found = host::route(read->method, path); !found)
    CHECK_BUG(found.error().status >= 400 && found.error().status < 500);
  if (query != std::string::npos) (void)serve::query_value(std::string_view(read->target).substr(query + 1), "after");
  if (const auto range = find_header(read->headers, "range"))
    for (const std::uint64_t size : {1U, 4097U, 2097152U})
      if (const auto found = serve::parse_range(*range, size, "piece"); found && *found)
        CHECK_BUG((*found)->length > 0 && (*found)->first < size && (*found)->length <= size - (*found)->first);
}

void response(ByteView head) {
  for (const bool answers_head_request : {false, true}) {
    const auto read = parse_response_head(head, answers_head_request);
    if (!read) continue;
    CHECK_BUG(read->status >= 100 && read->status <= 599);
    for (const auto& header : read->headers) CHECK_BUG(has_no_control(header));
    const auto text = write("HTTP/1.1 " + std::to_string(read->status) + " OK", read->headers);
    const auto again = parse_response_head(view_of(text), answers_head_request);
    CHECK_BUG(again && again->content_length == read->content_length && equal(again->headers, read->headers));
  }
}

}  // namespace

void fuzz(ByteView input) {
  const auto end = find_head_end(input, 0);
  const auto head = end ? input.first(*end) : input;
  request(head);
  response(head);
}

}  // namespace inxt::fuzz
