// SPDX-License-Identifier: LGPL-3.0-or-later
// One request to a Bridge and its answer.  Wire: inxt-bridge(7).
//
// The typed services stand on this (bridge_accounts.h, bridge_hosts.h, bridge_log.h, bridge_shares.h);
// engines see those, and tests of engines stand in there.
#pragma once

#include <initializer_list>
#include <optional>

#include "crypto/random.h"
#include "net/http_client.h"
#include "net/tls.h"

namespace inxt::transfer {

inline constexpr int kBridgeTriesMax = 5;                 // of one request
inline constexpr std::int64_t kBridgeWaitMs = 250;        // before the second try; doubles, with jitter
inline constexpr std::int64_t kBridgeWaitMsMax = 10'000;  // also of what a busy Bridge asks for
inline constexpr std::int64_t kBridgeBudgetMs = 60'000;   // no try begins later than this
inline constexpr int kBridgeAnswerMs = 60'000;  // for one try, from the connection to the answer's end
inline constexpr std::size_t kBridgeListBytesMax = 2 * 1024 * 1024;  // of a page of JSON Lines
inline constexpr std::size_t kPermitHeaderBytesMax = 6144;           // tokens and the letters between them

/// Whom to ask.
struct BridgePeer {
  crypto::PublicKey id{};              // the key that it must prove
  std::vector<std::string> addresses;  // in the order they are tried
};

struct BridgeRequest {
  // No aggregate, because of g++ 12 (net/async.h).
  explicit BridgeRequest(net::Method by, std::string what) : method(by), target(std::move(what)) {}

  net::Method method;
  std::string target;  // path and query, already escaped
  std::string body = {};
  ByteView secret_body = {};  // in its place, where it must leave no copy in memory; outlives the request
  std::vector<net::Header> headers = {};
  std::size_t answer_bytes_max = net::kJsonBodyBytesMax;
  /// Whether to ask again when no answer came: then it may be done twice.  (HttpClient sends a request twice
  /// in any case when a kept connection turns out to be dead.)  A Bridge that says that it is busy has done
  /// nothing and is always asked again.
  bool is_repeatable = true;
  /// Statuses beside 2xx that are an answer and no error: 409, say, where the body tells how things stand.
  std::vector<int> expected_statuses = {};
  int answer_ms = kBridgeAnswerMs;
};

struct BridgeAnswer {
  int status = 0;
  Bytes body = {};
  std::vector<net::Header> headers = {};

  std::string_view text() const { return text_of(body); }
  /// Of a one-line answer, without its newline.
  std::string_view line() const;
};

/// One thread, as HttpClient.  Any number of requests at once.
class BridgeClient {
 public:
  /// `account`: the TLS client key; none shows no certificate (health, descriptor).  `permit`: the chain that
  /// goes into Inxt-Permit ("root~child"), empty for none.  REQUIRES: `http` and `random` outlive it.
  BridgeClient(net::HttpClient& http, crypto::Random& random, BridgePeer peer,
               const std::optional<crypto::SigningKey>& account, std::string permit);

  /// Errors: try_again (no connection, busy, no answer in time), denied (also a Bridge with another key),
  /// not_found, quota,
  ///         usage, integrity, failure: see refusal.h.
  net::Awaitable<Result<BridgeAnswer>> ask(BridgeRequest request);

  const BridgePeer& peer() const { return peer_; }

 private:
  net::Awaitable<Result<net::Response>> send_once(const BridgeRequest& request);
  net::Awaitable<Result<net::Response>> send_in_time(const BridgeRequest& request);
  Error as_error(const net::Response& response) const;

  net::HttpClient& http_;
  crypto::Random& random_;
  BridgePeer peer_;
  std::optional<net::TlsIdentity> identity_;
  std::optional<Error> identity_error_;
  std::string permit_;
  std::string answered_;  // the address that answered last
};

}  // namespace inxt::transfer
