// SPDX-License-Identifier: AGPL-3.0-or-later
#include "format/descriptor.h"

#include <doctest/doctest.h>

#include <algorithm>

namespace inxt::format {
namespace {

const crypto::SigningKey kHost = crypto::SigningKey::from_seed(Bytes(32, std::byte{1}));

std::string line_of(std::int64_t issued, std::vector<std::string> addresses) {
  const Descriptor descriptor{.host = {kHost.public_key()},
                              .software = "0.1.0",
                              .addresses = std::move(addresses),
                              .capacity_bytes = 10,
                              .free_bytes = 9,
                              .price = 8,
                              .term_seconds_max = 7,
                              .issued_unix_s = issued,
                              .expires_unix_s = issued + 1};
  return hosts_line(descriptor, *sign_descriptor(descriptor, kHost));
}

TEST_CASE("a hosts file keeps the newest word of each Host") {
  const auto hosts =
      read_hosts("# mine\n\n" + line_of(5, {"a:1"}) + line_of(7, {"b:1"}) + line_of(6, {"c:1"}));
  REQUIRE(hosts);
  REQUIRE(hosts->size() == 1);
  CHECK(hosts->front().addresses == std::vector<std::string>{"b:1"});
  CHECK(hosts->front().free_bytes == 9);
  CHECK(hosts->front().term_seconds_max == 7);
}

TEST_CASE("a bad line is named by its number") {
  auto line = line_of(5, {"a:1"});
  line.replace(line.find("a:1"), 3, "b:1");  // the readable address, not the signed one
  const auto hosts = read_hosts("#\n" + line);
  CHECK((!hosts && hosts.error().code == Code::integrity));
  CHECK(hosts.error().what.find("hosts line 2: addresses") != std::string::npos);
}

TEST_CASE("what is an address") {
  for (const auto* good : {"h:1", "192.0.2.1:65535", "[2001:db8::1]:4242", "a-b.example:80"})
    CHECK(is_address(good));
  for (const auto* bad : {"", ":1", "h", "h:", "h:0", "h:01", "h:65536", "h:99999999999999999999", "h :1",
                          "h/x:1", "[]:1", "2001:db8::1:80", "h:1\n", "@h:1"})
    CHECK_MESSAGE(!is_address(bad), bad);
}

}  // namespace
}  // namespace inxt::format
