// SPDX-License-Identifier: LGPL-3.0-or-later
// Reads each piece as the account that holds it: a caretaker stores pieces under accounts of its own, and a
// Host that takes vouchers serves a piece to those only who have a contract about it.
#pragma once

#include <functional>
#include <map>
#include <memory>

#include "transfer/piece_service.h"

namespace inxt::client {

/// Under which number's account a piece lies at a Host, where it is not its file's uploader.
class Holders {
 public:
  void note(const HostId& host, const PieceId& piece, std::uint32_t number) {
    numbers_.insert_or_assign({host, piece}, number);
  }
  std::optional<std::uint32_t> find(const HostId& host, const PieceId& piece) const;

 private:
  std::map<std::pair<HostId, PieceId>, std::uint32_t> numbers_;
};

/// One thread.
class PiecesOfHolders final : public transfer::PieceService {
 public:
  using ServiceOf = std::function<transfer::PieceService&(std::uint32_t number)>;
  /// `number`: whose account is used where `holders`, which outlives this, knows no other.
  PiecesOfHolders(ServiceOf service_of, const Holders& holders, std::uint32_t number)
      : service_of_(std::move(service_of)), holders_(holders), number_(number) {}

  net::Awaitable<Result<transfer::StoredPiece>> put(const transfer::HostAddress& host,
                                                    std::string_view offer_token, ByteView bytes) override;
  net::Awaitable<Result<void>> get(const transfer::HostAddress& host, const PieceId& piece,
                                   std::uint64_t offset, ByteSpan into) override;
  net::Awaitable<Result<transfer::HeldPiece>> contract(const transfer::HostAddress& host,
                                                       const PieceId& piece) override;
  net::Awaitable<Result<std::vector<transfer::HeldPiece>>> list(const transfer::HostAddress& host,
                                                                const std::optional<PieceId>& after,
                                                                std::uint32_t limit) override;
  net::Awaitable<Result<void>> remove(const transfer::HostAddress& host, const PieceId& piece,
                                      std::string_view deletion_token) override;
  net::Awaitable<Result<std::optional<transfer::HeldRenewal>>> renew(const transfer::HostAddress& host,
                                                                     const PieceId& piece,
                                                                     std::string_view renewal_token) override;
  net::Awaitable<Result<std::string>> audit(const transfer::HostAddress& host,
                                            std::string_view request) override;

 private:
  transfer::PieceService& of(const transfer::HostAddress& host, const PieceId& piece) {
    return service_of_(holders_.find(host.id, piece).value_or(number_));
  }
  ServiceOf service_of_;
  const Holders& holders_;
  std::uint32_t number_;
};

}  // namespace inxt::client
