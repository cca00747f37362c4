// SPDX-License-Identifier: AGPL-3.0-or-later
#include "format/bridge_descriptor.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "format/token.h"

namespace inxt::format {
namespace {

const crypto::SigningKey kBridge = crypto::SigningKey::from_seed(Bytes(32, std::byte{3}));
const crypto::SigningKey kOther = crypto::SigningKey::from_seed(Bytes(32, std::byte{4}));

BridgeDescriptor sample() {
  return {.bridge = kBridge.public_key(),
          .software = "0.1.0",
          .addresses = {"192.0.2.7:4243", "[2001:db8::7]:4243"},
          .issued_unix_s = 1'800'000'000,
          .expires_unix_s = 1'800'604'800};
}

std::string sample_line() {
  return bridge_line(sample(), *sign_bridge_descriptor(sample(), kBridge));
}

std::string replaced(std::string text, std::string_view part, std::string_view by) {
  const auto at = text.find(part);
  REQUIRE(at != text.npos);
  return text.replace(at, part.size(), by);
}

TEST_CASE("a Bridge's line is read as it was written") {
  std::string line = sample_line();
  REQUIRE(line.ends_with('\n'));
  line.pop_back();
  const auto read = open_bridge_line(line, "bridge file, line 1");
  REQUIRE(read);
  CHECK(read->bridge == kBridge.public_key());
  CHECK(read->software == "0.1.0");
  CHECK(read->addresses == sample().addresses);
  CHECK(read->issued_unix_s == sample().issued_unix_s);
  CHECK(read->expires_unix_s == sample().expires_unix_s);
}

TEST_CASE("what stands beside the token is what the token says") {
  const std::string line = sample_line().substr(0, sample_line().size() - 1);
  const auto code = [](const std::string& text) { return open_bridge_line(text, "it").error().code; };
  REQUIRE(open_bridge_line(line, "it"));
  CHECK(code(replaced(line, "192.0.2.7", "192.0.2.8")) == Code::integrity);
  CHECK(code(replaced(line, to_hex(kBridge.public_key()), to_hex(kOther.public_key()))) == Code::integrity);
  CHECK(code(replaced(line, "\"bridge\",", "\"host\",")) == Code::integrity);
  CHECK(code(line.substr(0, line.size() / 2)) == Code::integrity);
}

TEST_CASE("a token of another type, version or key is none") {
  const Json payload{{"iss", to_hex(kBridge.public_key())}, {"version", 1}, {"software", "x"},
                     {"addresses", Json::array()},          {"iat", 1},     {"exp", 2}};
  CHECK(open_bridge_descriptor(*sign_token("inxt-bridge", payload, kBridge)));
  CHECK_FALSE(open_bridge_descriptor(*sign_token("inxt-descriptor", payload, kBridge)));
  Json changed = payload;
  changed["version"] = 2;
  CHECK_FALSE(open_bridge_descriptor(*sign_token("inxt-bridge", changed, kBridge)));
  changed = payload;
  changed["addresses"] = Json::array({"nowhere"});
  CHECK_FALSE(open_bridge_descriptor(*sign_token("inxt-bridge", changed, kBridge)));
  std::string token = *sign_token("inxt-bridge", payload, kBridge);
  token.back() = token.back() == 'A' ? 'Q' : 'A';
  CHECK_FALSE(open_bridge_descriptor(token));
}

}  // namespace
}  // namespace inxt::format
