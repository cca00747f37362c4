// SPDX-License-Identifier: LGPL-3.0-or-later
// One request and its answer, as the handlers see them.  For the sources of this room.
#pragma once

#include <expected>
#include <nlohmann/json_fwd.hpp>

#include "host/host.h"

namespace inxt::host {

/// An answer that says no: a status and the JSON error of inxt-wire(7).
struct Refusal {
  int status = 500;
  Error error;
  std::vector<net::Header> headers = {};
  std::string members = {};  // more JSON members, each with a comma before it

  Refusal(int status_, Error error_) : status(status_), error(std::move(error_)) {}
  /// With the status that inxt-wire(7) gives to the code.
  Refusal(Error error_);  // NOLINT: implicit, so that CO_TRY passes errors on
};
using Outcome = std::expected<void, Refusal>;

int status_of(Code code);
std::unexpected<Refusal> refuse(int status, Code code, std::string what, std::string hint = {});
/// For errors of the store while it reads: what the Host's own disk got wrong is 500, never the peer's fault.
Refusal from_disk(Error error);

class Exchange {
 public:
  Exchange(Host& host, net::ServerRequest& request, net::ServerResponse& response);

  Host& host() { return host_; }
  const Parts& parts() const { return host_.parts(); }
  net::ServerRequest& request() { return request_; }
  const std::string& id() const { return id_; }  // the request's, in both logs
  std::int64_t now_s() const { return parts().clock.unix_s(); }

  /// The peer's key as an account.  Errors: 401 where it showed no certificate.
  std::expected<AccountId, Refusal> client() const;
  /// The same where it must be on the accept list.  Errors: 401, 403.
  std::expected<AccountId, Refusal> account() const;

  /// Sends, with Inxt-Protocol and Inxt-Request-Id.  A peer that has gone away is no error here.
  net::Awaitable<void> reply(int status, std::string_view content_type, ByteView body,
                             std::vector<net::Header> more = {});
  net::Awaitable<void> reply_json(int status, std::string json);
  net::Awaitable<void> reply_head(int status, std::uint64_t content_length,
                                  std::vector<net::Header> more = {});
  net::Awaitable<void> reply_refusal(Refusal refusal);

  void log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields);
  int status() const { return status_; }
  std::uint64_t sent_bytes() const { return sent_bytes_; }

 private:
  std::vector<net::Header> headers(std::string_view content_type, std::vector<net::Header> more) const;

  Host& host_;
  net::ServerRequest& request_;
  net::ServerResponse& response_;
  std::string id_;
  int status_ = 0;  // what was answered
  std::uint64_t sent_bytes_ = 0;
};

net::Awaitable<Outcome> put_piece(Exchange& exchange, PieceId piece);
net::Awaitable<Outcome> get_piece(Exchange& exchange, PieceId piece);
net::Awaitable<Outcome> head_piece(Exchange& exchange, PieceId piece);
net::Awaitable<Outcome> remove_piece(Exchange& exchange, PieceId piece);
net::Awaitable<Outcome> get_contract(Exchange& exchange, PieceId piece);
net::Awaitable<Outcome> list_contracts(Exchange& exchange);
net::Awaitable<Outcome> answer_audit(Exchange& exchange);
net::Awaitable<Outcome> get_health(Exchange& exchange);
net::Awaitable<Outcome> get_descriptor(Exchange& exchange);

}  // namespace inxt::host
