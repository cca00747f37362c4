// SPDX-License-Identifier: LGPL-3.0-or-later
#include "serve/addresses.h"

#include <fmt/format.h>

#include <algorithm>

namespace inxt::serve {

namespace {

std::string joined(const std::vector<std::string>& addresses) {
  return addresses.empty() ? "none" : fmt::format("{}", fmt::join(addresses, " "));
}

std::vector<std::string> without(const std::vector<std::string>& some,
                                 const std::vector<std::string>& others) {
  std::vector<std::string> left;
  for (const std::string& one : some)
    if (std::ranges::find(others, one) == others.end()) left.push_back(one);
  return left;
}

/// Any address that is not here will do: a way is asked for, nothing is sent.
constexpr const char* kElsewhere = "192.0.2.1";

}  // namespace

Addresses::Addresses(const net::Executor& executor, Announcer announcer, AddressSettings settings,
                     std::vector<std::string> listening)
    : announcer_(std::move(announcer)),
      map_port_(settings.map_port),
      mapper_(executor, announcer_.program, announcer_.clock, announcer_.log, [this] { choose(); }),
      changed_(executor) {
  facts_.announce = std::move(settings.announce);
  facts_.listening = std::move(listening);
  look_at_interfaces();
  choose();
  is_published_ = true;  // the caller does it the first time
  if (choice_.addresses.empty())
    announcer_.log.write(LogLevel::error, "no-address",
                         {{"reason", "no interface has a public address; give --announce or --map-port"}});
}

void Addresses::start(Background& background) {
  mapper_.want(map_port_, port_to_map(facts_.listening));
  background.start(watch_interfaces());
  background.start(publish_changes());
  background.start(mapper_.run());
  background.start(mapper_.listen());
}

void Addresses::set(AddressSettings settings) {
  facts_.announce = std::move(settings.announce);
  map_port_ = settings.map_port;
  look_at_interfaces();
  mapper_.want(map_port_, port_to_map(facts_.listening));
  choose();
  announcer_.announce(choice_.addresses);  // which new options have replaced
}

bool Addresses::look_at_interfaces() {
  Result<std::vector<net::InterfaceAddress>> interfaces = net::interface_addresses();
  if (!interfaces) {
    if (trouble_ != interfaces.error().what)
      announcer_.log.write(LogLevel::error, "interfaces-unknown", {{"reason", interfaces.error().what}});
    trouble_ = interfaces.error().what;
    return false;
  }
  trouble_.clear();
  const Result<std::string> towards = net::address_towards(kElsewhere);
  std::optional<std::string> route_ip;
  if (towards && net::ip_scope(*towards) != net::IpScope::loopback) route_ip = *towards;
  const bool is_other = facts_.route_ip != route_ip || facts_.interfaces != *interfaces;
  facts_.interfaces = *std::move(interfaces);
  facts_.route_ip = std::move(route_ip);
  return is_other;
}

void Addresses::choose() {
  facts_.mapped = mapper_.address();
  AddressChoice choice = choose_addresses(facts_);
  if (choice == choice_) return;
  Log& log = announcer_.log;
  if (choice.addresses.empty()) {
    // A network that is away for a moment: what was true may be true again.
    log.write(LogLevel::error, "no-address", {{"announced", joined(choice_.addresses)}});
    return;
  }
  std::vector<LogField> fields{{"announced", joined(choice.addresses)}};
  if (const auto gone = without(choice_.addresses, choice.addresses); !gone.empty())
    fields.push_back({"gone", joined(gone)});
  if (choice.passed_over > 0) fields.push_back({"passed_over", std::to_string(choice.passed_over)});
  if (choice.is_private) fields.push_back({"reach", "private network only"});
  log.write(choice.is_private ? LogLevel::error : LogLevel::info, "addresses", fields);
  choice_ = std::move(choice);
  announcer_.announce(choice_.addresses);
  is_published_ = false;
  changed_.notify();
}

net::Awaitable<void> Addresses::watch_interfaces() {
  net::InterfaceWatch watch(co_await net::asio::this_coro::executor);
  for (;;) {
    co_await watch.wait_for(std::chrono::milliseconds(kInterfacesLookMs));
    co_await net::sleep_for(std::chrono::milliseconds(kInterfacesSettleMs));
    if (!look_at_interfaces()) continue;
    choose();
    mapper_.look_again();
  }
}

net::Awaitable<void> Addresses::publish_changes() {
  for (;;) {
    if (is_published_) co_await changed_.wait_for(std::chrono::milliseconds(kRepublishMs));
    is_published_ = true;
    const Result<std::string> line = announcer_.descriptor_line();
    const auto job = [&]() -> Result<void> {
      if (!line) return std::unexpected(line.error());
      return announcer_.publish(*line);
    };
    const Result<void> done = co_await announcer_.workers.run(job);
    if (done) continue;
    announcer_.log.write(LogLevel::error, "descriptor-not-written", {{"reason", done.error().what}});
    is_published_ = false;
    co_await net::sleep_for(std::chrono::milliseconds(kMappingBackoffFirstMs));
  }
}

}  // namespace inxt::serve
