// SPDX-License-Identifier: LGPL-3.0-or-later
// The piece service over HTTPS.  Wire: inxt-wire(7).
#pragma once

#include <functional>
#include <unordered_map>

#include "net/http_client.h"
#include "net/tls.h"
#include "sys/clock.h"
#include "transfer/piece_service.h"

namespace inxt::transfer {

inline constexpr std::size_t kListBodyBytesMax = 2 * 1024 * 1024;
inline constexpr std::size_t kAuditBodyBytesMax = 2 * 1024 * 1024;  // 256 proof lines of at most 8 KiB

/// Pieces may come as slowly as an honest uplink sends them; what is not a piece has to be there after this.
inline constexpr int kAnswerDeadlineMs = 60'000;

/// The TLS client key at a Host: the account A_n,h for owners and uploaders, any key for auditors.
using AccountFor = std::function<crypto::SigningKey(const HostId&)>;

/// One thread, as HttpClient.
class HttpPieceService final : public PieceService {
 public:
  HttpPieceService(net::HttpClient& http, AccountFor account_for, const sys::Clock& clock)
      : http_(http), account_for_(std::move(account_for)), clock_(clock) {}

  net::Awaitable<Result<StoredPiece>> put(const HostAddress& host, std::string_view offer_token,
                                          ByteView bytes) override;
  net::Awaitable<Result<void>> get(const HostAddress& host, const PieceId& piece, std::uint64_t offset,
                                   ByteSpan into) override;
  net::Awaitable<Result<HeldPiece>> contract(const HostAddress& host, const PieceId& piece) override;
  net::Awaitable<Result<std::vector<HeldPiece>>> list(const HostAddress& host, const std::optional<PieceId>& after,
                                                      std::uint32_t limit) override;
  net::Awaitable<Result<void>> remove(const HostAddress& host, const PieceId& piece,
                                      std::string_view deletion_token) override;
  net::Awaitable<Result<std::string>> audit(const HostAddress& host, std::string_view request) override;

 private:
  /// Tries the Host's addresses, the one that answered last first.  Gives an answer with a 2xx status.
  net::Awaitable<Result<net::Response>> ask(const HostAddress& host, net::Request request);
  /// The same for small answers, whole within kAnswerDeadlineMs.
  net::Awaitable<Result<net::Response>> ask_soon(const HostAddress& host, net::Request request);
  Result<const net::TlsIdentity*> identity_for(const HostId& host);

  net::HttpClient& http_;
  AccountFor account_for_;
  const sys::Clock& clock_;
  std::unordered_map<HostId, net::TlsIdentity> identities_;
  std::unordered_map<HostId, std::string> answered_;
};

}  // namespace inxt::transfer
