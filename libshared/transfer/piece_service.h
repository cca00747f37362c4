// SPDX-License-Identifier: LGPL-3.0-or-later
// What a Host does for a client, typed and asynchronous.  Engines see this and nothing of HTTP; tests stand in here.
#pragma once

#include <chrono>
#include <optional>

#include "base/ids.h"
#include "crypto/hash.h"
#include "crypto/sign.h"
#include "net/async.h"

namespace inxt::transfer {

/// Whom to ask and where it was last seen.
struct HostAddress {
  HostId id;                           // as manifests and contracts name it; its account is the client's key there
  std::vector<std::string> addresses;  // in the order they are tried
  std::vector<HostId> successors = {};  // the ids that it has had since, where it has rotated its key; oldest first
  /// As whose account to ask, where that is not the client's own: who keeps the piece there.
  std::optional<std::uint32_t> uploader = {};

  const HostId& present_id() const { return successors.empty() ? id : successors.back(); }
};

/// What a Host gives for a piece it has made durable.
struct StoredPiece {
  std::string offer;  // the token that was accepted: an older one where the piece was there already
  std::string acceptance;
  std::string receipt;
  std::string address;  // where the Host answered
};

/// What made a contract's term longer, the latest time.
struct HeldRenewal {
  std::string renewal;
  std::string acceptance;
};

/// One entry of an account at a Host.
struct HeldPiece {
  PieceId piece;
  std::uint32_t size = 0;
  std::string offer;
  std::string acceptance;
  std::string receipt;
  std::optional<HeldRenewal> renewal = {};
};

/// Errors of all: try_again (no connection, busy, no progress), denied (also a Host with another key), not_found,
/// quota, integrity (an answer that does not fit the question), usage.  Cancelling the coroutine closes its connection.
class PieceService {
 public:
  virtual ~PieceService() = default;

  /// Stores `bytes` under an offer token.  The answer's signatures and hashes have been checked against the offer.
  /// REQUIRES: the memory of both lives until it resumes.
  virtual net::Awaitable<Result<StoredPiece>> put(const HostAddress& host, std::string_view offer_token,
                                                  ByteView bytes) = 0;
  /// Fills `into` with the piece from byte `offset` on.  Not verified: that is the caller's.
  virtual net::Awaitable<Result<void>> get(const HostAddress& host, const PieceId& piece, std::uint64_t offset,
                                           ByteSpan into) = 0;
  /// Gives the Host a transfer receipt for the last get() of the piece there, which brought `bytes` that were checked.
  /// Errors: not_found also when there was none lately.
  virtual net::Awaitable<Result<void>> acknowledge(const HostAddress& host, const PieceId& piece, std::uint64_t bytes);
  /// The contract about a piece that this account holds there.
  virtual net::Awaitable<Result<HeldPiece>> contract(const HostAddress& host, const PieceId& piece) = 0;
  /// Up to `limit` (at most 64) of the account's pieces with ids behind `after`, ascending.
  virtual net::Awaitable<Result<std::vector<HeldPiece>>> list(const HostAddress& host,
                                                              const std::optional<PieceId>& after,
                                                              std::uint32_t limit) = 0;
  virtual net::Awaitable<Result<void>> remove(const HostAddress& host, const PieceId& piece,
                                              std::string_view deletion_token) = 0;
  /// Asks for a longer term.  The renewal that the Host has now: this one, or another that reaches as far; nothing
  /// where the contract reaches as far without.  Not checked: that is the caller's (format::check_renewed).
  /// Errors: integrity also when the term's end is not where the renewal begins.
  virtual net::Awaitable<Result<std::optional<HeldRenewal>>> renew(const HostAddress& host, const PieceId& piece,
                                                                   std::string_view renewal_token) = 0;
  /// Ends a contract at a Host that retires, on a Bridge's word: format::sign_release().  Gives the Host's released
  /// line, without newline.  Errors: not_found where there is no such contract any more; denied also where the Host
  /// does not retire; integrity for a line about something else.
  virtual net::Awaitable<Result<std::string>> release(const HostAddress&, std::string_view /*release_token*/) {
    return not_offered<std::string>();
  }
  /// The Host's answer to an audit request, as JSON Lines; not verified.
  virtual net::Awaitable<Result<std::string>> audit(const HostAddress& host, std::string_view request) = 0;

  // Not every service offers what follows; without it: usage.

  /// The same for a request over the Host's inventory.
  virtual net::Awaitable<Result<std::string>> audit_inventory(const HostAddress&, std::string_view) { return not_offered<std::string>(); }
  /// How long a question and its answer take at least, on a connection that is there.
  virtual net::Awaitable<Result<std::chrono::nanoseconds>> round_trip(const HostAddress&) {
    return not_offered<std::chrono::nanoseconds>();
  }
  /// The latest head of the Host's inventory: its line, without newline; not verified.  Errors: not_found where it has
  /// none.
  virtual net::Awaitable<Result<std::string>> inventory_head(const HostAddress&) {
    return not_offered<std::string>();
  }
  /// Up to `limit` (at most 64) head lines of epochs behind `after`, ascending, with newlines; not verified.
  virtual net::Awaitable<Result<std::string>> inventory_heads(const HostAddress&, std::int64_t /*after*/,
                                                              std::uint32_t /*limit*/) {
    return not_offered<std::string>();
  }
  /// The Host's answer to a lookup in its inventory, as JSON Lines, whole within a minute; not verified.
  virtual net::Awaitable<Result<std::string>> look_up(const HostAddress&, std::string_view) {
    return not_offered<std::string>();
  }
  /// The Host's line, without newline, that it saw this hash now; not verified.
  virtual net::Awaitable<Result<std::string>> witness(const HostAddress&, const crypto::Hash&) { return not_offered<std::string>(); }

 private:
  template <class T>
  static net::Awaitable<Result<T>> not_offered() {
    co_return fail(Code::usage, "this service does not offer that");
  }
};

}  // namespace inxt::transfer
