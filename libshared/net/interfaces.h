// SPDX-License-Identifier: LGPL-3.0-or-later
// The addresses of this machine's interfaces, and when they change (rtnetlink(7)).
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/async.h"
#include "net/ip_scope.h"

namespace inxt::net {

inline constexpr std::size_t kInterfaceAddressesMax = 256;  // more are passed over

struct InterfaceAddress {
  std::string ip;
  IpScope scope = IpScope::special;
  /// Not for others: temporary (RFC 8981), deprecated, or not yet known to be unique.
  bool is_passing = false;
  bool operator==(const InterfaceAddress&) const = default;
};

/// Asks the kernel; does not wait for the network.  In the kernel's order.  Errors: failure.
Result<std::vector<InterfaceAddress>> interface_addresses();

/// This machine's own address towards `ip`, and the IPv4 router that the rest of the world is behind (of
/// /proc/self/net/route).  Nothing is sent.  Errors: not_found when there is no way there.
Result<std::string> address_towards(const std::string& ip);
Result<std::string> default_router();

/// Tells that an address or route may have changed.  One thread.
class InterfaceWatch {
 public:
  /// Where the kernel refuses to tell, only the time given to wait_for() wakes.
  explicit InterfaceWatch(const Executor& executor);
  ~InterfaceWatch();
  InterfaceWatch(const InterfaceWatch&) = delete;
  InterfaceWatch& operator=(const InterfaceWatch&) = delete;

  bool hears() const;
  /// Resumes at the next change, or after `time`.
  Awaitable<void> wait_for(std::chrono::milliseconds time);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace inxt::net
