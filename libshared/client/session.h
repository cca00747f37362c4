// SPDX-License-Identifier: LGPL-3.0-or-later
// A client's loop, connections and workers, as the tools use them.
#pragma once

#include "client/network.h"
#include "format/descriptor.h"
#include "keys/owner.h"
#include "net/event_loop.h"
#include "net/http_client.h"
#include "transfer/http_piece_service.h"

namespace inxt::client {

class Session {
 public:
  Session(transfer::AccountFor account_for, const sys::Clock& clock, crypto::Random& random)
      : clock_(clock), random_(random), http_(loop_.executor()), service_(http_, std::move(account_for), clock) {}

  Network network() { return {service_, loop_.executor(), workers_, clock_, random_}; }
  /// Runs an engine to its end.
  template <class T>
  T run(net::Awaitable<T> work) {
    return loop_.run(std::move(work));
  }

 private:
  const sys::Clock& clock_;
  crypto::Random& random_;
  net::EventLoop loop_;
  net::WorkerPool workers_;
  net::HttpClient http_;
  transfer::HttpPieceService service_;
};

/// The accounts of uploader `number`, where the key has it; else of a random uploader, which nobody knows: a Host that
/// serves strangers serves it too.
transfer::AccountFor accounts_of(const keys::Key& key, std::uint32_t number, crypto::Random& random);

/// A hosts file: `path`, or "-" for standard input; none gives no Hosts.  `stop_fd` as in wait_readable.h.
/// Errors: not_found, integrity with the line.  Limits: kHostsFileBytesMax.
inline constexpr std::size_t kHostsFileBytesMax = 64 * 1024 * 1024;
Result<std::vector<format::Descriptor>> read_hosts_file(const std::optional<std::string>& path, int stop_fd = -1);
std::vector<transfer::HostAddress> addresses_of(const std::vector<format::Descriptor>& hosts);

}  // namespace inxt::client
