// SPDX-License-Identifier: LGPL-3.0-or-later
// The piece service over HTTPS.  Wire: inxt-wire(7).
#pragma once

#include <concepts>
#include <functional>
#include <map>
#include <unordered_map>

#include "net/http_client.h"
#include "net/tls.h"
#include "sys/clock.h"
#include "transfer/piece_service.h"

namespace inxt::transfer {

inline constexpr std::size_t kListBodyBytesMax = 2 * 1024 * 1024;
inline constexpr std::size_t kAuditBodyBytesMax = 2 * 1024 * 1024;  // 256 proof lines of at most 8 KiB

/// 256 times a line about a block and one about its piece, of at most 8 KiB each.
inline constexpr std::size_t kInventoryAuditBodyBytesMax = 2 * kAuditBodyBytesMax + 64 * 1024;
inline constexpr int kRoundTrips = 3;  // the first opens the connection
inline constexpr int kRoundTripsDeadlineMs = 10'000;

/// Pieces may come as slowly as an honest uplink sends them; what is not a piece has to be there after this.
inline constexpr int kAnswerDeadlineMs = 60'000;

/// Pieces that a transfer receipt can be given for.
inline constexpr std::size_t kServedMax = 4096;

/// The TLS client key at a Host: the account A_n,h for owners and uploaders, any key for auditors.
class AccountFor {
 public:
  using Own = std::function<crypto::SigningKey(const HostId&)>;
  /// As another uploader; nothing where the client has not that one's key.
  using As = std::function<std::optional<crypto::SigningKey>(std::uint32_t uploader, const HostId&)>;

  template <class Function>
    requires(!std::same_as<std::remove_cvref_t<Function>, AccountFor> && std::constructible_from<Own, Function>)
  AccountFor(Function&& own) : own_(std::forward<Function>(own)) {}
  AccountFor(Own own, As as) : own_(std::move(own)), as_(std::move(as)) {}

  /// As HostAddress::uploader says, where the client can; else its own.
  crypto::SigningKey operator()(const HostAddress& host) const {
    if (host.uploader && as_)
      if (auto key = as_(*host.uploader, host.id)) return *std::move(key);
    return own_(host.id);
  }

 private:
  Own own_;
  As as_;
};

/// One thread, as HttpClient.
class HttpPieceService final : public PieceService {
 public:
  HttpPieceService(net::HttpClient& http, AccountFor account_for, const sys::Clock& clock)
      : http_(http), account_for_(std::move(account_for)), clock_(clock) {}

  /// What a PUT shows beside its offer, for a Host that takes accounts which a Bridge vouches for: asked each time.
  using VoucherFor = std::function<std::optional<std::string>(const HostId&)>;
  void set_vouchers(VoucherFor voucher_for) { voucher_for_ = std::move(voucher_for); }

  /// What a get() shows, for pieces of others' accounts: Inxt-Capability; asked each time.  An error is the get's.
  using CapabilityFor = std::function<net::Awaitable<Result<std::string>>(const HostId&, const PieceId&)>;
  void set_capabilities(CapabilityFor capability_for) { capability_for_ = std::move(capability_for); }

  net::Awaitable<Result<StoredPiece>> put(const HostAddress& host, std::string_view offer_token,
                                          ByteView bytes) override;
  net::Awaitable<Result<void>> get(const HostAddress& host, const PieceId& piece, std::uint64_t offset,
                                   ByteSpan into) override;
  net::Awaitable<Result<void>> acknowledge(const HostAddress& host, const PieceId& piece, std::uint64_t bytes) override;
  net::Awaitable<Result<HeldPiece>> contract(const HostAddress& host, const PieceId& piece) override;
  net::Awaitable<Result<std::vector<HeldPiece>>> list(const HostAddress& host, const std::optional<PieceId>& after,
                                                      std::uint32_t limit) override;
  net::Awaitable<Result<void>> remove(const HostAddress& host, const PieceId& piece,
                                      std::string_view deletion_token) override;
  net::Awaitable<Result<std::optional<HeldRenewal>>> renew(const HostAddress& host, const PieceId& piece,
                                                           std::string_view renewal_token) override;
  net::Awaitable<Result<std::string>> release(const HostAddress& host, std::string_view release_token) override;
  net::Awaitable<Result<std::string>> audit(const HostAddress& host, std::string_view request) override;
  net::Awaitable<Result<std::string>> audit_inventory(const HostAddress& host, std::string_view request) override;
  /// The least of kRoundTrips times GET /v1/health, within kRoundTripsDeadlineMs.
  net::Awaitable<Result<std::chrono::nanoseconds>> round_trip(const HostAddress& host) override;
  net::Awaitable<Result<std::string>> inventory_head(const HostAddress& host) override;
  net::Awaitable<Result<std::string>> inventory_heads(const HostAddress& host, std::int64_t after,
                                                      std::uint32_t limit) override;
  net::Awaitable<Result<std::string>> look_up(const HostAddress& host, std::string_view request) override;
  net::Awaitable<Result<std::string>> witness(const HostAddress& host, const crypto::Hash& hash) override;

 private:
  /// Asks at the address that answered last; where none has, at the first that answers (address_race.h); when it fails, at
  /// the others.  Gives an answer with a 2xx status.
  net::Awaitable<Result<net::Response>> ask(const HostAddress& host, net::Request request);
  /// The same for small answers, whole within kAnswerDeadlineMs.
  net::Awaitable<Result<net::Response>> ask_soon(const HostAddress& host, net::Request request);
  net::Awaitable<Result<std::string>> post(const HostAddress& host, std::string target, std::string_view body,
                                           std::size_t answer_bytes_max);
  net::Awaitable<Result<std::chrono::nanoseconds>> measure_round_trip(const HostAddress& host);
  Result<const net::TlsIdentity*> identity_for(const HostAddress& host);

  net::HttpClient& http_;
  AccountFor account_for_;
  VoucherFor voucher_for_;
  CapabilityFor capability_for_;
  const sys::Clock& clock_;
  std::map<std::pair<HostId, std::optional<std::uint32_t>>, net::TlsIdentity> identities_;
  std::unordered_map<HostId, std::string> answered_;
  std::map<std::pair<HostId, PieceId>, std::string> served_;  // under which request; of the last kServedMax pieces
};

}  // namespace inxt::transfer
