// SPDX-License-Identifier: LGPL-3.0-or-later
// The addresses that a daemon announces, kept true while it runs: interfaces come and go, a router gets
// another address. Each change is logged, signed into the descriptor at once, and published.
#pragma once

#include <functional>

#include "net/worker_pool.h"
#include "serve/address_choice.h"
#include "serve/background.h"
#include "serve/port_mapper.h"

namespace inxt::serve {

inline constexpr std::int64_t kInterfacesLookMs = 30'000;    // also when nothing was heard
inline constexpr std::int64_t kInterfacesSettleMs = 500;     // one change is many messages
inline constexpr std::int64_t kRepublishMs = 12 * 3600'000;  // a descriptor is fresh for kDescriptorDays

struct AddressSettings {
  std::vector<std::string> announce;            // as choose_addresses()
  std::optional<net::MapMethod> map_port = {};  // nothing: the router is left alone
};

/// Whose addresses they are.  All of it outlives Addresses.
struct Announcer {
  std::string program;  // with the subcommand map-port: "inxt-host"
  net::WorkerPool& workers;
  const sys::Clock& clock;
  Log& log;
  /// From now on the descriptor says these.
  std::function<void(std::vector<std::string>)> announce;
  /// The descriptor's line, signed anew when it has to be.
  std::function<Result<std::string>()> descriptor_line;
  /// Takes the line somewhere for good; called on the worker pool.
  std::function<Result<void>(const std::string& line)> publish;
};

/// One thread: the executor's.
class Addresses {
 public:
  /// Announces what is known now.  `listening`: what is bound, with ports.
  Addresses(const net::Executor& executor, Announcer announcer, AddressSettings settings,
            std::vector<std::string> listening);
  Addresses(const Addresses&) = delete;
  Addresses& operator=(const Addresses&) = delete;

  void start(Background& background);
  /// Settings that were read again; the router is asked anew.
  void set(AddressSettings settings);
  /// Gives the router's port back.  REQUIRES: the background's tasks have ended.
  net::Awaitable<void> release() { return mapper_.release(); }

  const PortMapper& mapper() const { return mapper_; }

 private:
  net::Awaitable<void> watch_interfaces();
  net::Awaitable<void> publish_changes();
  /// True when an interface has another address than before.
  bool look_at_interfaces();
  void choose();

  Announcer announcer_;
  AddressFacts facts_;
  AddressChoice choice_;
  std::optional<net::MapMethod> map_port_;
  PortMapper mapper_;
  net::Event changed_;
  bool is_published_ = true;
  std::string trouble_;
};

}  // namespace inxt::serve
