// SPDX-License-Identifier: LGPL-3.0-or-later
#include "serve/address_choice.h"

#include <doctest/doctest.h>

#include <fmt/core.h>

using namespace inxt;
using namespace inxt::serve;
using Texts = std::vector<std::string>;

namespace {

net::InterfaceAddress interface(const std::string& ip, bool is_passing = false) {
  return {ip, net::ip_scope(ip).value(), is_passing};
}

AddressFacts facts_of(Texts listening) {
  return {.announce = {},
          .listening = std::move(listening),
          .interfaces = {interface("127.0.0.1"), interface("10.1.2.3"), interface("11.22.33.44"), interface("::1"),
                         interface("2a01:4f8::7"), interface("2a01:4f8::8888", true), interface("fe80::1"),
                         interface("fd00::1")},
          .route_ip = "11.22.33.44",
          .mapped = std::nullopt};
}

}  // namespace

TEST_CASE("addresses: what listens on everything announces the public addresses of its family") {
  CHECK(choose_addresses(facts_of({"0.0.0.0:4242"})).addresses == Texts{"11.22.33.44:4242"});
  CHECK(choose_addresses(facts_of({"[::]:4242"})).addresses == Texts{"11.22.33.44:4242", "[2a01:4f8::7]:4242"});
  // One bound address stands for itself, whatever it is: a private network of Hosts on loopback.
  CHECK(choose_addresses(facts_of({"127.0.43.1:4242"})).addresses == Texts{"127.0.43.1:4242"});
  CHECK(choose_addresses(facts_of({"[::1]:4242", "0.0.0.0:4243"})).addresses ==
        Texts{"[::1]:4242", "11.22.33.44:4243"});
  CHECK(choose_addresses(facts_of({"0.0.0.0:4242", "[::]:4242"})).addresses ==
        Texts{"11.22.33.44:4242", "[2a01:4f8::7]:4242"});
  CHECK_FALSE(choose_addresses(facts_of({"0.0.0.0:4242"})).is_private);
}

TEST_CASE("addresses: the operator's word, with the mapping, is all") {
  AddressFacts facts = facts_of({"0.0.0.0:4242"});
  facts.announce = {"host.example:4242", "11.22.33.44:4242"};
  CHECK(choose_addresses(facts).addresses == facts.announce);
  facts.mapped = "5.6.7.8:9";
  CHECK(choose_addresses(facts).addresses == Texts{"host.example:4242", "11.22.33.44:4242", "5.6.7.8:9"});
  facts.mapped = "host.example:4242";
  CHECK(choose_addresses(facts).addresses == facts.announce);
}

TEST_CASE("addresses: a private one only when there is nothing else") {
  AddressFacts facts = facts_of({"0.0.0.0:4242"});
  facts.interfaces = {interface("192.168.1.7"), interface("172.17.0.1")};
  facts.route_ip = "192.168.1.7";
  AddressChoice choice = choose_addresses(facts);
  CHECK(choice.addresses == Texts{"192.168.1.7:4242"});
  CHECK(choice.is_private);
  facts.mapped = "5.6.7.8:4242";
  choice = choose_addresses(facts);
  CHECK(choice.addresses == Texts{"5.6.7.8:4242"});
  CHECK_FALSE(choice.is_private);
  facts.mapped.reset();
  facts.route_ip.reset();
  choice = choose_addresses(facts);
  CHECK(choice.addresses.empty());
  CHECK_FALSE(choice.is_private);
}

TEST_CASE("addresses: more than a descriptor holds are counted") {
  AddressFacts facts = facts_of({"0.0.0.0:4242"});
  for (int i = 0; i < 10; ++i) facts.interfaces.push_back(interface(fmt::format("11.22.34.{}", i)));
  const AddressChoice choice = choose_addresses(facts);
  CHECK(choice.addresses.size() == 8);
  CHECK(choice.passed_over == 3);
}

TEST_CASE("the port that a router should lead to") {
  CHECK(port_to_map({"0.0.0.0:4242"}) == 4242);
  CHECK(port_to_map({"[::]:4243"}) == 4243);
  CHECK(port_to_map({"127.0.0.1:1", "[2a01:4f8::7]:2", "192.168.1.7:3"}) == 3);
  CHECK_FALSE(port_to_map({"127.0.0.1:1", "[::1]:2"}));
  CHECK_FALSE(port_to_map({}));
}
