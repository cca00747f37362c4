// SPDX-License-Identifier: LGPL-3.0-or-later
// Start line and headers of HTTP/1.1 messages (RFC 9112), read by Beast and then held to stricter rules,
// because two readings of one head are an attack (request smuggling).  For the sources of this room.
#pragma once

#include <expected>

#include "base/bytes.h"
#include "net/http.h"

namespace inxt::net {

struct RequestHead {
  Method method = Method::get;
  std::string target;
  std::vector<Header> headers;
  std::optional<std::uint64_t> content_length;
  bool keep_alive = true;
  bool expects_continue = false;
};

struct ResponseHead {
  int status = 0;
  std::vector<Header> headers;
  std::optional<std::uint64_t> content_length;
  bool keep_alive = true;
};

/// The status and the sentence that a bad request is answered with.
struct Refusal {
  int status;
  std::string why;
};

/// Where the head that begins at bytes[0] ends: one past its empty line.  Looks from `from` on (how much was
/// searched before, in vain).
std::optional<std::size_t> find_head_end(ByteView bytes, std::size_t from);

/// `head`: exactly one head, empty line included.
std::expected<RequestHead, Refusal> parse_request_head(ByteView head);
/// Errors: try_again with what is wrong.  An answer without Content-Length is refused, unless its status has
/// no body.
Result<ResponseHead> parse_response_head(ByteView head, bool answers_head_request);

/// False when it would end a line, or is not what it says: names are tokens, values have no control letters.
bool is_valid_header(const Header& header);
bool is_valid_target(std::string_view target);

}  // namespace inxt::net
