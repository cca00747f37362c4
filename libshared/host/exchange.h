// SPDX-License-Identifier: LGPL-3.0-or-later
// One request and its answer, as the handlers see them.  For the sources of this room.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "format/voucher.h"
#include "host/host.h"
#include "serve/exchange.h"

namespace inxt::host {

using serve::from_disk;
using serve::Outcome;
using serve::Refusal;
using serve::refuse;

/// Who may make new contracts, and why.
struct Admission {
  AccountId account;
  /// The Bridge that vouches for it and wants to hear what it has here; also of one that is accepted by name.
  std::optional<crypto::PublicKey> bridge = {};
  /// Whose voucher lets it in.
  std::optional<crypto::PublicKey> let_in_by = {};
  /// What its files may take in all, where a voucher is what lets it in: Store::reserve().
  std::optional<std::uint64_t> bytes_max = {};
};

class Exchange : public serve::Exchange {
 public:
  /// The peer is counted as AcceptList::counted_as says.
  Exchange(Host& host, net::ServerRequest& request, net::ServerResponse& response);

  Host& host() { return host_; }
  const Parts& parts() const { return host_.parts(); }

  /// client() where it may make new contracts: it is not denied, and it is accepted by name or shows a
  /// voucher of a Bridge that is.  Errors: 401, 403.  What it has here it may read whatever the lists say.
  std::expected<Admission, Refusal> admission() const;
  /// Its account alone.
  std::expected<AccountId, Refusal> account() const;
  /// Whether it could have something here: it is accepted by name, or this Host takes those whom a Bridge
  /// vouches for, who show no voucher to ask about what they have.  Errors: 401, 403.
  std::expected<void, Refusal> may_have_contracts() const;

 private:
  std::expected<format::Voucher, Refusal> check_voucher(const AccountId& account) const;

  Host& host_;
};

net::Awaitable<Outcome> put_piece(Exchange& exchange, PieceId piece);
net::Awaitable<Outcome> get_piece(Exchange& exchange, PieceId piece);
net::Awaitable<Outcome> head_piece(Exchange& exchange, PieceId piece);
net::Awaitable<Outcome> remove_piece(Exchange& exchange, PieceId piece);
net::Awaitable<Outcome> get_contract(Exchange& exchange, PieceId piece);
net::Awaitable<Outcome> list_contracts(Exchange& exchange);
net::Awaitable<Outcome> renew_contract(Exchange& exchange, PieceId piece);
net::Awaitable<Outcome> answer_audit(Exchange& exchange);
net::Awaitable<Outcome> get_inventory(Exchange& exchange);
net::Awaitable<Outcome> get_inventory_heads(Exchange& exchange);
net::Awaitable<Outcome> answer_inventory_audit(Exchange& exchange);
net::Awaitable<Outcome> look_up_in_inventory(Exchange& exchange);
net::Awaitable<Outcome> bear_witness(Exchange& exchange);
net::Awaitable<Outcome> take_transfer(Exchange& exchange);
net::Awaitable<Outcome> release_contract(Exchange& exchange);
net::Awaitable<Outcome> look_back(Exchange& exchange);
net::Awaitable<Outcome> get_health(Exchange& exchange);
net::Awaitable<Outcome> get_descriptor(Exchange& exchange);

}  // namespace inxt::host
