// SPDX-License-Identifier: LGPL-3.0-or-later
// What a Host says to its Bridge: that it is there, how it is, what it has lost.  Wire: inxt-bridge(7).
#pragma once

#include "transfer/bridge_client.h"

namespace inxt::transfer {

inline constexpr std::size_t kReachReasonBytesMax = 256;  // of the Bridge's words

/// What a Bridge answers to a heartbeat.
struct BeatAnswer {
  enum class Outcome {
    taken,
    unknown_host,  // it is not registered, or not any more
    old_counter,   // the Bridge has heard a later one
  } outcome = Outcome::taken;
  std::optional<std::int64_t> next_s = {};         // when it wants the next one
  std::optional<std::uint64_t> last_counter = {};  // that it has heard, with old_counter
  // From outside, as the Bridge saw it; nothing until it has looked.
  std::optional<bool> is_reachable = {};
  std::int64_t looked_unix_s = 0;
  std::string reason = {};               // the Bridge's words, to be escaped where they are shown
  std::int64_t paused_until_unix_s = 0;  // so long a planned absence costs nothing; 0: not at all
};

/// One thread.
class HostBridge {
 public:
  virtual ~HostBridge() = default;
  /// `body` is format::write_registration()'s.  Gives when the first heartbeat is wanted, where it says so.
  virtual net::Awaitable<Result<std::optional<std::int64_t>>> register_host(std::string body) = 0;
  /// `body` is format::write_heartbeat_request()'s.  A lost answer is an error, and the heartbeat may have
  /// counted.
  virtual net::Awaitable<Result<BeatAnswer>> beat(std::string body) = 0;
  /// `token` is format::sign_report()'s.  Saying it twice is as saying it once; what the Bridge knows nothing
  /// of is taken too.
  virtual net::Awaitable<Result<void>> report(std::string token) = 0;
};

/// Errors: those of BridgeClient::ask(); integrity for an answer that is none.
class HttpHostBridge final : public HostBridge {
 public:
  /// REQUIRES: `http` and `random` outlive it.
  HttpHostBridge(net::HttpClient& http, crypto::Random& random, BridgePeer peer,
                 const crypto::SigningKey& host)
      : client_(http, random, std::move(peer), host.clone(), std::string()) {}

  net::Awaitable<Result<std::optional<std::int64_t>>> register_host(std::string body) override;
  net::Awaitable<Result<BeatAnswer>> beat(std::string body) override;
  net::Awaitable<Result<void>> report(std::string token) override;

 private:
  BridgeClient client_;
};

/// The body of an answer to a heartbeat with this status.  Errors: integrity.
Result<BeatAnswer> read_beat_answer(int status, std::string_view line);

}  // namespace inxt::transfer
