// SPDX-License-Identifier: LGPL-3.0-or-later
// A client's loop, connections and workers, as the tools use them.
#pragma once

#include <map>

#include "client/host_addresses.h"
#include "client/network.h"
#include "format/bridge_file.h"
#include "keys/owner.h"
#include "net/event_loop.h"
#include "net/http_client.h"
#include "transfer/bridge_client.h"
#include "transfer/http_piece_service.h"

namespace inxt::client {

class Session {
 public:
  Session(transfer::AccountFor account_for, const sys::Clock& clock, crypto::Random& random)
      : clock_(clock), random_(random), http_(loop_.executor()), service_(http_, std::move(account_for), clock) {}

  Network network() { return {service_, loop_.executor(), workers_, clock_, random_}; }
  /// The same on the same loop and connections, as another uploader of this key: its pieces lie under its own
  /// accounts.  It lives as long as the session.
  Network network_as(const keys::Key& key, std::uint32_t uploader);
  /// For questions to others than Hosts.
  net::HttpClient& http() { return http_; }
  /// A client of this Bridge, as the account that `uploader` has there; it lives as long as the session.
  transfer::BridgeClient& bridge(const format::BridgeFile& file, const keys::UploaderKeys& uploader);
  /// The same as whoever has this key, without permits.
  transfer::BridgeClient& bridge(transfer::BridgePeer peer, const crypto::SigningKey& key);
  /// What the pieces that are put show from now on.
  void set_vouchers(transfer::HttpPieceService::VoucherFor voucher_for) { service_.set_vouchers(std::move(voucher_for)); }
  /// What the pieces that are got show from now on.
  void set_capabilities(transfer::HttpPieceService::CapabilityFor capability_for) {
    service_.set_capabilities(std::move(capability_for));
  }
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
  std::vector<std::unique_ptr<transfer::BridgeClient>> bridges_;
  std::map<std::uint32_t, std::unique_ptr<transfer::HttpPieceService>> services_;  // by uploader
};

/// The accounts of uploader `number`, where the key has it; else of a random uploader, which nobody knows: a Host that
/// serves strangers serves it too.  Hosts are asked as the uploader that an address says, where the key has that one.
/// REQUIRES: the key outlives what is returned.
transfer::AccountFor accounts_of(const keys::Key& key, std::uint32_t number, crypto::Random& random);

/// A hosts file: `path`, or "-" for standard input; none gives no Hosts.  `stop_fd` as in wait_readable.h.
/// Errors: not_found, integrity with the line.  Limits: kHostsFileBytesMax.
inline constexpr std::size_t kHostsFileBytesMax = 64 * 1024 * 1024;
Result<format::KnownHosts> read_hosts_file(const std::optional<std::string>& path, int stop_fd = -1);

}  // namespace inxt::client
