// SPDX-License-Identifier: AGPL-3.0-or-later
#include "format/listed_host.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "format/token.h"
#include "support/lines.h"

namespace inxt::format {
namespace {

using testing::without_newline;

ListedHost example() {
  const auto key = crypto::SigningKey::from_seed(Bytes(32, std::byte{2}));
  ListedHost out;
  out.descriptor.host = {key.public_key()};
  out.descriptor.addresses = {"192.0.2.1:4242"};
  out.token = *sign_descriptor(out.descriptor, key);
  out.measured.reachable = true;
  out.measured.rtt_us = 1500;
  out.measured.uptime_7d = 9999;
  out.measured.network = "192.0.2.0/24";
  out.measured.since_unix_s = 1'700'000'000;
  out.measured.audits_passed = 3;
  out.beat = ListedBeat{};
  out.beat->free_bytes = 77;
  out.beat->software = "inxt-host 0.1.0";
  out.beat->draining = true;
  out.beat->retiring_unix_s = 1'700'086'400;
  out.beat->away_until_unix_s = 1'700'003'600;
  out.measured.paused_until_unix_s = 1'700'003'500;
  out.declared.region = "eu";
  return out;
}

TEST_CASE("a listed Host reads as it was written, and as a plain hosts line") {
  const auto host = example();
  const auto text = write_listed_host(host);
  const auto read = read_listed_host(without_newline(text), "line 1").value();
  CHECK(read.descriptor.host == host.descriptor.host);
  CHECK(read.measured.rtt_us == 1500);
  CHECK(!read.measured.uptime_1d);
  CHECK(read.measured.uptime_7d == 9999);
  CHECK(read.measured.network == "192.0.2.0/24");
  CHECK(read.measured.audits_passed == 3);
  CHECK(read.beat->free_bytes == 77);
  CHECK(read.beat->draining);
  CHECK(read.beat->retiring_unix_s == 1'700'086'400);
  CHECK(read.beat->away_until_unix_s == 1'700'003'600);
  CHECK(read.measured.paused_until_unix_s == 1'700'003'500);
  CHECK(read.declared == host.declared);
  CHECK(write_listed_host(read) == text);
  CHECK(read_hosts(text)->front().addresses == host.descriptor.addresses);

  const auto plain = hosts_line(host.descriptor, host.token);
  CHECK(!read_listed_host(without_newline(plain), "line 1")->beat);
}

TEST_CASE("what is wrong with a listed Host is named") {
  const auto text = write_listed_host(example());
  const auto changed = [&](const auto& change) {
    Json json = parse_object(without_newline(text)).value();
    change(json);
    const auto read = read_listed_host(write_compact(json), "line 3");
    return read ? std::string{} : read.error().what;
  };
  CHECK(changed([](Json& json) { json["measured"]["uptime_7d"] = 10'001; }).find("measured: uptime_7d") !=
        std::string::npos);
  CHECK(changed([](Json& json) { json["measured"] = 5; }).find("measured: not an object") !=
        std::string::npos);
  CHECK(changed([](Json& json) { json["heartbeat"].erase("load"); }).find("heartbeat: load: missing") !=
        std::string::npos);
  CHECK(changed([](Json& json) { json["declared"]["region"] = "\x1b]0;"; }).find("declared: region") !=
        std::string::npos);
  CHECK(changed([](Json& json) { json["addresses"][0] = "192.0.2.9:1"; }).find("addresses") !=
        std::string::npos);
}

TEST_CASE("a line is never longer than hosts lines may be") {
  auto host = example();
  const auto key = crypto::SigningKey::from_seed(Bytes(32, std::byte{2}));
  host.descriptor.addresses.assign(8, std::string(270, 'a') + ":4242");
  host.token = *sign_descriptor(host.descriptor, key);
  host.token += std::string(kTokenBytesMax - host.token.size() - 400, 'A');  // as a long succession would
  host.declared.operator_name.assign(64, '"');
  const auto text = write_listed_host(host);
  CHECK(text.size() <= kLineBytesMax);
  CHECK(text.find("\"reachable\":true") == std::string::npos);
}

}  // namespace
}  // namespace inxt::format
