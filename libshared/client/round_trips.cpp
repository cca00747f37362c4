// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/round_trips.h"

#include <memory>

#include "net/event.h"

namespace inxt::client {
namespace {

struct Turn {
  explicit Turn(const net::Executor& executor) : ended(executor) {}
  std::size_t next = 0;
  std::size_t answered = 0;
  std::size_t working = 0;
  net::Event ended;
};

net::Awaitable<void> work(Network network, std::vector<format::ListedHost>& hosts, std::shared_ptr<Turn> turn,
                          const std::function<bool()>& stopped) {
  while (turn->next < hosts.size() && !stopped()) {
    format::ListedHost& host = hosts[turn->next++];
    host.measured.rtt_us.reset();
    transfer::HostAddress address;
    address.id = host.descriptor.host;
    address.addresses = host.descriptor.addresses;
    const Result<std::chrono::nanoseconds> time = co_await network.service.round_trip(address);
    if (!time) continue;
    host.measured.rtt_us =
        static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(*time).count());
    ++turn->answered;
  }
  --turn->working;
  turn->ended.notify();
}

}  // namespace

net::Awaitable<std::size_t> measure_round_trips(Network network, std::vector<format::ListedHost>& hosts,
                                                unsigned jobs, std::function<bool()> stopped) {
  const auto turn = std::make_shared<Turn>(network.executor);
  for (turn->working = 0; turn->working < std::min<std::size_t>(jobs, hosts.size());) {
    ++turn->working;
    net::spawn(network.executor, work(network, hosts, turn, stopped));
  }
  while (turn->working > 0) co_await turn->ended.wait();
  co_return turn->answered;
}

}  // namespace inxt::client
