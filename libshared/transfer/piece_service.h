// SPDX-License-Identifier: LGPL-3.0-or-later
// What a Host does for a client, typed and asynchronous.  Engines see this and nothing of HTTP; tests stand in here.
#pragma once

#include "base/ids.h"
#include "crypto/sign.h"
#include "net/async.h"

namespace inxt::transfer {

/// Whom to ask and where it was last seen.
struct HostAddress {
  HostId id;
  std::vector<std::string> addresses;  // in the order they are tried
};

/// What a Host gives for a piece it has made durable.
struct StoredPiece {
  std::string offer;  // the token that was accepted: an older one where the piece was there already
  std::string acceptance;
  std::string receipt;
  std::string address;  // where the Host answered
};

/// One entry of an account at a Host.
struct HeldPiece {
  PieceId piece;
  std::uint32_t size = 0;
  std::string offer;
  std::string acceptance;
  std::string receipt;
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
  /// The contract about a piece that this account holds there.
  virtual net::Awaitable<Result<HeldPiece>> contract(const HostAddress& host, const PieceId& piece) = 0;
  /// Up to `limit` (at most 64) of the account's pieces with ids behind `after`, ascending.
  virtual net::Awaitable<Result<std::vector<HeldPiece>>> list(const HostAddress& host,
                                                              const std::optional<PieceId>& after,
                                                              std::uint32_t limit) = 0;
  virtual net::Awaitable<Result<void>> remove(const HostAddress& host, const PieceId& piece,
                                              std::string_view deletion_token) = 0;
  /// The Host's answer to an audit request, as JSON Lines; not verified.
  virtual net::Awaitable<Result<std::string>> audit(const HostAddress& host, std::string_view request) = 0;
};

}  // namespace inxt::transfer
