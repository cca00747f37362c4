// SPDX-License-Identifier: AGPL-3.0-or-later
#include "bridge/registration_rules.h"

#include <doctest/doctest.h>

#include "format/token.h"

namespace inxt::bridge {
namespace {

constexpr std::int64_t kStart = 1'700'000'000;

format::Descriptor example() {
  format::Descriptor out;
  out.host.bytes.fill(std::byte{1});
  out.addresses = {"8.8.8.8:4242"};
  out.issued_unix_s = kStart;
  out.expires_unix_s = kStart + 86400;
  return out;
}

Result<void> check(const format::Descriptor& descriptor,
                   PrivateAddresses allowed = PrivateAddresses::refuse) {
  return check_registration(descriptor, example().host.bytes, kStart, allowed);
}

TEST_CASE("a Host registers itself, now, at an address that others can have") {
  CHECK(check(example()));
  auto other = example();
  other.host.bytes.fill(std::byte{2});
  CHECK(check(other).error().code == Code::denied);
  auto old = example();
  old.expires_unix_s = kStart - format::kClockSkewS - 1;
  CHECK(check(old).error().what.find("expired") != std::string::npos);
  auto early = example();
  early.issued_unix_s = kStart + format::kClockSkewS + 1;
  CHECK(check(early).error().what.find("future") != std::string::npos);
  auto nowhere = example();
  nowhere.addresses.clear();
  CHECK(check(nowhere).error().code == Code::usage);
}

TEST_CASE("a private address is none for the world, beside another it is passed over") {
  auto host = example();
  for (const auto* address : {"10.0.0.1:1", "192.168.1.1:4242", "127.0.0.1:1", "[::1]:1", "[fe80::1]:1",
                              "100.64.0.1:1", "0.0.0.0:1", "localhost:1", "224.0.0.1:1"}) {
    host.addresses = {address};
    CHECK_MESSAGE(check(host).error().code == Code::usage, address);
  }
  host.addresses = {"10.0.0.1:1", "[2a00::1]:4242"};
  CHECK(check(host));
  host.addresses = {"host.example:4242"};
  CHECK(check(host));
  host.addresses = {"127.0.0.1:1"};
  CHECK(check(host, PrivateAddresses::allow));
  host.addresses = {"0.0.0.0:1"};
  CHECK(!check(host, PrivateAddresses::allow));
}

}  // namespace
}  // namespace inxt::bridge
