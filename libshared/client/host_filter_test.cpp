// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/host_filter.h"

#include <doctest/doctest.h>

namespace inxt::client {
namespace {

format::ListedHost host(int number) {
  format::ListedHost out;
  out.descriptor.host.bytes.fill(static_cast<std::byte>(number));
  out.descriptor.price = 10;
  out.descriptor.free_bytes = 1;
  out.measured.uptime_30d = 9900;
  out.measured.rtt_us = 50'000;
  out.measured.audits_passed = 3;
  out.beat = format::ListedBeat{};
  out.beat->free_bytes = 1000;
  out.declared = {.operator_name = "Zoë", .domain = "", .region = "eu-west"};
  return out;
}

TEST_CASE("each filter takes what is just good enough, and no less") {
  const auto good = host(1);
  CHECK(passes(good, {}));
  CHECK(passes(good, {.uptime_min = 9900}));
  CHECK(!passes(good, {.uptime_min = 9901}));
  CHECK(passes(good, {.rtt_us_max = 50'000}));
  CHECK(!passes(good, {.rtt_us_max = 49'999}));
  CHECK(passes(good, {.free_bytes_min = 1000}));
  CHECK(!passes(good, {.free_bytes_min = 1001}));
  CHECK(passes(good, {.price_max = 10}));
  CHECK(!passes(good, {.price_max = 9}));
  CHECK(passes(good, {.audits_min = 3}));
  CHECK(!passes(good, {.audits_min = 4}));
  CHECK(passes(good, {.operator_name = "Zoë"}));
  CHECK(!passes(good, {.operator_name = "Zo"}));
  CHECK(passes(good, {.region = "eu"}));
  CHECK(passes(good, {.region = "eu-west"}));
  CHECK(!passes(good, {.region = "e"}));
  CHECK(!passes(good, {.region = "eu-west-1"}));
}

TEST_CASE("what is not known passes nothing that asks for it") {
  format::ListedHost bare;
  CHECK(passes(bare, {}));
  CHECK(!passes(bare, {.uptime_min = 0}));
  CHECK(!passes(bare, {.rtt_us_max = 1'000'000'000}));
  CHECK(!passes(bare, {.region = "eu"}));
}

TEST_CASE("the best stands first, what is unknown last") {
  auto far = host(1), near = host(2), unknown = host(3), near_too = host(4);
  far.measured.rtt_us = 90'000;
  near.measured.rtt_us = near_too.measured.rtt_us = 1000;
  unknown.measured.rtt_us.reset();
  far.measured.uptime_30d = 10'000;
  far.beat->free_bytes = 9;
  far.descriptor.price = 0;
  const auto first = [&](HostOrder order, std::size_t at = 0) {
    std::vector hosts{unknown, far, near_too, near};
    sort_hosts(hosts, order);
    return hosts[at].descriptor.host;
  };
  CHECK(first(HostOrder::rtt) == near.descriptor.host);
  CHECK(first(HostOrder::rtt, 1) == near_too.descriptor.host);
  CHECK(first(HostOrder::rtt, 3) == unknown.descriptor.host);
  CHECK(first(HostOrder::uptime) == far.descriptor.host);
  CHECK(first(HostOrder::price) == far.descriptor.host);
  CHECK(first(HostOrder::free, 3) == far.descriptor.host);
  CHECK(first(HostOrder::id) == far.descriptor.host);
  CHECK(first(HostOrder::up) == far.descriptor.host);  // none has one
}

TEST_CASE("percentages and round trips are read exactly") {
  CHECK(parse_percent("99%") == 9900);
  CHECK(parse_percent("99.5%") == 9950);
  CHECK(parse_percent("99.95%") == 9995);
  CHECK(parse_percent("100%") == 10'000);
  CHECK(parse_percent("0%") == 0);
  for (const auto* text :
       {"", "%", "99", "101%", "100.01%", "99.955%", "99.%", "-1%", " 9%", "9%x", "99999999999%"})
    CHECK_MESSAGE(!parse_percent(text), text);
  CHECK(parse_round_trip_us("50ms") == 50'000);
  CHECK(parse_round_trip_us("700us") == 700);
  CHECK(parse_round_trip_us("2s") == 2'000'000);
  for (const auto* text : {"", "50", "50 ms", "-1ms", "1min", "ms"})
    CHECK_MESSAGE(!parse_round_trip_us(text), text);
}

}  // namespace
}  // namespace inxt::client
