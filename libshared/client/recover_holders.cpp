// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/recover_holders.h"

namespace inxt::client {

using net::Awaitable;
using transfer::HostAddress;

std::optional<std::uint32_t> Holders::find(const HostId& host, const PieceId& piece) const {
  const auto known = numbers_.find({host, piece});
  if (known == numbers_.end()) return std::nullopt;
  return known->second;
}

Awaitable<Result<transfer::StoredPiece>> PiecesOfHolders::put(const HostAddress& host,
                                                              std::string_view offer_token, ByteView bytes) {
  return service_of_(number_).put(host, offer_token, bytes);
}

Awaitable<Result<void>> PiecesOfHolders::get(const HostAddress& host, const PieceId& piece,
                                             std::uint64_t offset, ByteSpan into) {
  return of(host, piece).get(host, piece, offset, into);
}

Awaitable<Result<transfer::HeldPiece>> PiecesOfHolders::contract(const HostAddress& host,
                                                                 const PieceId& piece) {
  return of(host, piece).contract(host, piece);
}

Awaitable<Result<std::vector<transfer::HeldPiece>>> PiecesOfHolders::list(const HostAddress& host,
                                                                          const std::optional<PieceId>& after,
                                                                          std::uint32_t limit) {
  return service_of_(number_).list(host, after, limit);
}

Awaitable<Result<void>> PiecesOfHolders::remove(const HostAddress& host, const PieceId& piece,
                                                std::string_view deletion_token) {
  return of(host, piece).remove(host, piece, deletion_token);
}

Awaitable<Result<std::optional<transfer::HeldRenewal>>> PiecesOfHolders::renew(
    const HostAddress& host, const PieceId& piece, std::string_view renewal_token) {
  return of(host, piece).renew(host, piece, renewal_token);
}

Awaitable<Result<std::string>> PiecesOfHolders::audit(const HostAddress& host, std::string_view request) {
  return service_of_(number_).audit(host, request);
}

}  // namespace inxt::client
