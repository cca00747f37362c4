// SPDX-License-Identifier: AGPL-3.0-or-later
#include "format/heartbeat.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "format/host_report.h"
#include "format/token.h"
#include "support/lines.h"

namespace inxt::format {
namespace {

using testing::says;

constexpr std::int64_t kBeatS = 1'700'000'000;

const crypto::SigningKey& host_key() {
  static const auto key = crypto::SigningKey::from_seed(Bytes(32, std::byte{2}));
  return key;
}

Heartbeat example() {
  Heartbeat out;
  out.host = {host_key().public_key()};
  out.bridge.fill(std::byte{7});
  out.counter = 41;
  out.issued_unix_s = kBeatS;
  out.capacity_bytes = 1000;
  out.used_bytes = 400;
  out.free_bytes = 600;
  out.load_percent = 35;
  out.started_unix_s = kBeatS - 5;
  out.software = "inxt-host 0.1.0";
  out.processors = 2;
  out.memory_bytes = 1 << 30;
  return out;
}

/// The payload of a heartbeat with one member changed, signed.
std::string forged(const char* key, Json value) {
  const auto token = *sign_heartbeat(example(), host_key());
  Json payload = open_token("inxt-heartbeat", token)->payload;
  payload[key] = std::move(value);
  return *sign_token("inxt-heartbeat", payload, host_key());
}

TEST_CASE("a heartbeat opens as it was signed, with accounts in order") {
  auto heartbeat = example();
  heartbeat.draining = true;
  AccountId first, second;
  first.bytes.fill(std::byte{1});
  second.bytes.fill(std::byte{2});
  heartbeat.accounts = {{second, 5}, {first, kJsonIntegerMax}};
  const auto opened = open_heartbeat(*sign_heartbeat(heartbeat, host_key()), kBeatS).value();
  CHECK(opened.host == heartbeat.host);
  CHECK(opened.bridge == heartbeat.bridge);
  CHECK(opened.counter == 41);
  CHECK(opened.free_bytes == 600);
  CHECK(opened.software == "inxt-host 0.1.0");
  CHECK(opened.draining);
  CHECK(opened.accounts == std::vector<AccountBytes>{{first, kJsonIntegerMax}, {second, 5}});
}

TEST_CASE("the most that a heartbeat can hold fits into a token") {
  auto heartbeat = example();
  for (std::size_t i = 0; i < kHeartbeatAccountsMax; ++i) {
    AccountId account;
    account.bytes.fill(static_cast<std::byte>(i));
    heartbeat.accounts.push_back({account, kJsonIntegerMax});
  }
  heartbeat.capacity_bytes = heartbeat.free_bytes = heartbeat.used_bytes = kJsonIntegerMax;
  heartbeat.in_bytes = heartbeat.out_bytes = heartbeat.memory_bytes = heartbeat.counter = kJsonIntegerMax;
  heartbeat.software.assign(64, '"');
  heartbeat.draining = true;
  CHECK(sign_heartbeat(heartbeat, host_key()));
  AccountId more;
  more.bytes.fill(std::byte{99});
  heartbeat.accounts.push_back({more, 1});
  CHECK(sign_heartbeat(heartbeat, host_key()).error().what.find("kHeartbeatAccountsMax") !=
        std::string::npos);
}

TEST_CASE("what is wrong with a heartbeat is named") {
  CHECK(says(open_heartbeat(forged("counter", -1), kBeatS), "counter"));
  CHECK(says(open_heartbeat(forged("free_bytes", 1001), kBeatS), "free_bytes: more than the capacity"));
  CHECK(says(open_heartbeat(forged("load", kLoadPercentMax + 1), kBeatS), "load"));
  CHECK(says(open_heartbeat(forged("software", "a\nb"), kBeatS), "software"));
  CHECK(says(open_heartbeat(forged("draining", 1), kBeatS), "draining"));
  CHECK(says(open_heartbeat(forged("aud", "00"), kBeatS), "aud"));
  CHECK(says(open_heartbeat(forged("accounts", 1), kBeatS), "accounts: not a list"));
  const std::string id(64, 'a');
  CHECK(says(open_heartbeat(forged("accounts", Json::array({Json::array({id})})), kBeatS), "accounts"));
  CHECK(says(open_heartbeat(forged("accounts", Json::array({Json::array({"aa", 1})})), kBeatS), "accounts"));
  CHECK(says(open_heartbeat(forged("accounts", Json::array({Json::array({id, -1})})), kBeatS), "accounts"));
  CHECK(says(
      open_heartbeat(forged("accounts", Json::array({Json::array({id, 1}), Json::array({id, 2})})), kBeatS),
      "ascending"));
  CHECK(says(open_heartbeat("x", kBeatS), "token"));
}

TEST_CASE("a heartbeat is from now, give or take an hour") {
  const auto token = *sign_heartbeat(example(), host_key());
  CHECK(open_heartbeat(token, kBeatS + kClockSkewS));
  CHECK(open_heartbeat(token, kBeatS + kClockSkewS + 1).error().code == Code::denied);
  CHECK(open_heartbeat(token, kBeatS - kClockSkewS));
  CHECK(open_heartbeat(token, kBeatS - kClockSkewS - 1).error().code == Code::denied);
  CHECK(open_heartbeat(token, std::nullopt));
}

TEST_CASE("the bodies of requests are read as they were written") {
  const HeartbeatRequest request{.heartbeat = "a.b.c", .descriptor = "d.e.f"};
  const auto read = read_heartbeat_request(write_heartbeat_request(request)).value();
  CHECK(read.heartbeat == "a.b.c");
  CHECK(read.descriptor == "d.e.f");
  CHECK(!read_heartbeat_request(R"({"heartbeat":"a"})")->descriptor);
  CHECK(says(read_heartbeat_request(R"({"descriptor":"a"})"), "heartbeat: missing"));
  CHECK(says(read_heartbeat_request(std::string(kRegistrationBytesMax + 1, ' ')), "24576"));
}

TEST_CASE("a registration is a signed line and what a Host says of itself") {
  Descriptor descriptor;
  descriptor.host = {host_key().public_key()};
  descriptor.addresses = {"192.0.2.1:4242"};
  const auto line = hosts_line(descriptor, *sign_descriptor(descriptor, host_key()));
  const Declared declared{.operator_name = "Zoë", .domain = "", .region = "eu"};
  const auto read = read_registration(write_registration(line, declared).value()).value();
  CHECK(read.descriptor.host == descriptor.host);
  CHECK(read.declared == declared);
  CHECK(open_descriptor(read.token)->addresses == descriptor.addresses);

  const auto body = [&](Json json) { return read_registration(write_compact(json)); };
  const std::string text = line.substr(0, line.size() - 1);
  CHECK(body({{"line", text}})->declared == Declared{});
  CHECK(says(body({{"declared", Json::object()}}), "line: missing"));
  CHECK(says(body({{"line", "{}"}}), "line"));
  CHECK(says(body({{"line", text}, {"declared", 1}}), "declared: not an object"));
  CHECK(says(body({{"line", text}, {"declared", {{"region", std::string(33, 'x')}}}}), "region"));
  CHECK(says(body({{"line", text}, {"declared", {{"operator", "\x1b[2J"}}}}), "operator: not visible"));
  CHECK(!write_registration(line, {.operator_name = "", .domain = "\xc2\x85", .region = ""}));
  CHECK(!write_registration(line, {.operator_name = std::string(65, 'x'), .domain = "", .region = ""}));
}

TEST_CASE("a report opens as it was signed, and says what is wrong with it") {
  HostReport report;
  report.host = {host_key().public_key()};
  report.bridge.fill(std::byte{7});
  report.kind = ReportKind::unwanted;
  report.issued_unix_s = kBeatS;
  const auto token = sign_report(report, host_key()).value();
  const auto opened = open_report(token, kBeatS).value();
  CHECK(opened.host == report.host);
  CHECK(opened.kind == ReportKind::unwanted);
  CHECK(open_report(token, kBeatS + kClockSkewS + 1).error().code == Code::denied);
  Json payload = open_token("inxt-report", token)->payload;
  payload["what"] = "stolen";
  CHECK(says(open_report(*sign_token("inxt-report", payload, host_key()), kBeatS), "what"));
}

}  // namespace
}  // namespace inxt::format
