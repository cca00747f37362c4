// SPDX-License-Identifier: LGPL-3.0-or-later
// The prober over HTTPS.  Wire: inxt-wire(7).
#pragma once

#include "bridge/host_prober.h"
#include "bridge/registration_rules.h"
#include "crypto/random.h"
#include "net/http_client.h"
#include "sys/clock.h"

namespace inxt::bridge {

inline constexpr int kProbeLookUpMs = 5000;
inline constexpr int kProbeRoundTrips = 3;
inline constexpr std::size_t kProbeEndpointsMax = 16;  // of one Host, names looked up

/// One thread, as HttpClient.  The account that stores probe pieces is the Bridge's own key, which vouches
/// for itself.
class HttpHostProber final : public HostProber {
 public:
  /// REQUIRES: all outlive it.
  HttpHostProber(net::HttpClient& http, const net::TlsIdentity& identity, const crypto::SigningKey& bridge,
                 const sys::Clock& clock, crypto::Random& random, PrivateAddresses private_addresses)
      : http_(http),
        identity_(identity),
        bridge_(bridge),
        clock_(clock),
        random_(random),
        private_addresses_(private_addresses) {}

  void set_private_addresses(PrivateAddresses allowed) { private_addresses_ = allowed; }

  net::Awaitable<Result<Reached>> reach(const format::Descriptor& host) override;
  net::Awaitable<Result<ProbedSpeed>> measure_speed(const format::Descriptor& host,
                                                    const std::string& address) override;
  net::Awaitable<Result<bool>> audit(const format::Descriptor& host, const std::string& address,
                                     const PieceId& piece, std::uint32_t bytes) override;

 private:
  net::Awaitable<Result<std::vector<std::string>>> endpoints_of(const format::Descriptor& host);
  net::Awaitable<Result<std::int64_t>> round_trip_us(const HostId& host, const std::string& address);
  net::Awaitable<Result<net::Response>> ask(const HostId& host, const std::string& address,
                                            net::Request request);
  Result<std::string> make_offer(const format::Descriptor& host, const PieceId& piece,
                                 std::int64_t until_unix_s);

  net::HttpClient& http_;
  const net::TlsIdentity& identity_;
  const crypto::SigningKey& bridge_;
  const sys::Clock& clock_;
  crypto::Random& random_;
  PrivateAddresses private_addresses_;
};

}  // namespace inxt::bridge
