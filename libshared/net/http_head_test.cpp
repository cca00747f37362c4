// SPDX-License-Identifier: LGPL-3.0-or-later
#include "net/http_head.h"

#include <doctest/doctest.h>

namespace inxt::net {
namespace {

std::expected<RequestHead, Refusal> request(std::string_view text) {
  return parse_request_head(view_of(text));
}
int refused(std::string_view text) {
  const auto head = request(text);
  return head ? 0 : head.error().status;
}
std::string response_error(std::string_view text) {
  const auto head = parse_response_head(view_of(text), false);
  return head ? "" : head.error().what;
}

TEST_CASE("a request's head is read") {
  const auto head = request(
      "PUT /v1/pieces/00?x=1 HTTP/1.1\r\nHost: h:1\r\nContent-Length: 2097152\r\nExpect: 100-Continue\r\n"
      "Inxt-Offer: a.b.c\r\n\r\n");
  REQUIRE(head.has_value());
  CHECK(head->method == Method::put);
  CHECK(head->target == "/v1/pieces/00?x=1");
  CHECK(head->content_length == 2097152);
  CHECK(head->expects_continue);
  CHECK(head->keep_alive);
  CHECK(find_header(head->headers, "inxt-offer") == "a.b.c");
  CHECK_FALSE(find_header(head->headers, "inxt-deletion").has_value());
  const auto closing = request("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  REQUIRE(closing.has_value());
  CHECK_FALSE(closing->keep_alive);
  CHECK_FALSE(closing->content_length.has_value());
}

TEST_CASE("heads that two readers could read in two ways are refused") {
  CHECK(refused("GET / HTTP/1.1\r\nHost: h\r\n\r\n") == 0);
  CHECK(refused("GET / HTTP/1.1\r\n\r\n") == 400);                           // no Host
  CHECK(refused("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n") == 400);     // two
  CHECK(refused("GET / HTTP/1.1\r\nHost: h\r\nA: b\r\n c\r\n\r\n") == 400);  // folded
  CHECK(refused("GET / HTTP/1.1\r\nHost: h\r\nA: \xff\r\n\r\n") == 400);     // what fuzzing found: not to be sent again
  CHECK(refused("GET / HTTP/1.1\r\nHost: h\r\nA: \x01\r\n\r\n") == 400);
  CHECK(refused("GET / HTTP/1.1\r\nHost: h\r\nA: b\r\n\tc\r\n\r\n") == 400);
  CHECK(refused("GET / HTTP/1.1\nHost: h\n\r\n\r\n") == 400);  // bare LF
  CHECK(refused("GET / HTTP/1.1\r\nHost : h\r\n\r\n") == 400);
  CHECK(refused("PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n") == 411);
  CHECK(refused("PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n") ==
        400);
  CHECK(refused("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n") ==
        400);
  CHECK(refused("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\n") == 400);
  CHECK(refused("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n") == 400);
  CHECK(refused("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 3, 3\r\n\r\n") == 400);
  CHECK(refused("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n") == 400);
  CHECK(refused("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: +3\r\n\r\n") == 400);
  CHECK(refused("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999\r\n\r\n") == 400);
  CHECK(refused("GET http://other/ HTTP/1.1\r\nHost: h\r\n\r\n") == 400);
  CHECK(refused("PATCH / HTTP/1.1\r\nHost: h\r\n\r\n") == 405);
  CHECK(refused("GET / HTTP/2.0\r\nHost: h\r\n\r\n") == 505);
  CHECK(refused("GET / HTTP/1.1\r\nHost: h\r\nExpect: a-miracle\r\n\r\n") == 417);
  CHECK(refused("\r\n\r\n") == 400);
  CHECK(refused(std::string_view("GET / HTTP/1.1\r\nHost: h\r\nA: b\0c\r\n\r\n", 35)) == 400);
}

TEST_CASE("an answer's head is read, or refused with the reason") {
  const std::string_view fine = "HTTP/1.1 206 Partial Content\r\nContent-Length: 4096\r\n\r\n";
  const auto head = parse_response_head(view_of(fine), false);
  REQUIRE(head.has_value());
  CHECK(head->status == 206);
  CHECK(head->content_length == 4096);
  CHECK(head->keep_alive);
  CHECK(response_error("HTTP/1.1 204 No Content\r\n\r\n") == "");
  CHECK(response_error("HTTP/1.1 200 OK\r\n\r\n") == "broken answer: it has no Content-Length");
  CHECK(response_error("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n") ==
        "broken answer: it has a Transfer-Encoding");
  CHECK(response_error("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n x\r\n\r\n") ==
        "broken answer: the head has a folded header line");
  CHECK(response_error("SSH-2.0-OpenSSH\r\n\r\n") != "");
  CHECK(response_error("HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551616\r\n\r\n") != "");
}

TEST_CASE("where a head ends is found however it arrives") {
  const std::string text = "GET / HTTP/1.1\r\nHost: h\r\n\r\nbody";
  for (std::size_t searched = 0; searched < 27; ++searched) {
    CHECK(find_head_end(view_of(text), searched) == 27);
    CHECK_FALSE(find_head_end(view_of(text).first(searched), 0).has_value());
  }
}

TEST_CASE("headers and targets that would end a line are not sent") {
  CHECK(is_valid_header({"Inxt-Offer", "a.b.c"}));
  CHECK_FALSE(is_valid_header({"Inxt-Offer", "a\r\nHost: b"}));
  CHECK_FALSE(is_valid_header({"Inxt Offer", "a"}));
  CHECK_FALSE(is_valid_header({"", "a"}));
  CHECK(is_valid_target("/v1/health"));
  CHECK_FALSE(is_valid_target("/v1/health HTTP/1.1\r\nA: b"));
  CHECK_FALSE(is_valid_target("v1/health"));
}

TEST_CASE("addresses are taken apart and put together") {
  for (const auto text : {"192.0.2.1:4242", "[::1]:0", "host.example:65535"}) {
    const auto parsed = parse_address(text);
    REQUIRE(parsed.has_value());
    CHECK(to_address(parsed->host, parsed->port) == text);
  }
  for (const auto text : {"", ":1", "host", "host:", "host:65536", "host:-1", "host:1x", "::1:80", "[::1]80",
                          "[host]:1", "a b:1", "h\r\n:1"}) {
    const auto parsed = parse_address(text);
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error().code == Code::usage);
  }
}

}  // namespace
}  // namespace inxt::net
