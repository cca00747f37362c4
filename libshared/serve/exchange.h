// SPDX-License-Identifier: LGPL-3.0-or-later
// One request and its answer, as the handlers of a daemon see them.
//
// The room `serve` is what every daemon of ours is made with, Host and Bridge alike:
//   a request     exchange.h, refusal.h, answer.h (limits, counts, log lines), query_value.h, byte_range.h
//   its log       log.h, journal_log.h
//   tasks         background.h, watchdog.h, reload.h
//   its key       secret_file.h, key_text.h
//   its files     state_file.h, running.h (run.json, descriptor.jsonl)
//   its addresses addresses.h, address_choice.h, port_mapper.h
//   its status    service_status.h, and as JSON, text, metrics, page: status_json.h, status_lines.h,
//                 metrics_writer.h, page_writer.h, show.h
//   its operator  local_pages.h, local_servers.h (page, control socket), control_client.h
//   the start     daemon.h, service.h
//   its peers     ask_peer.h
#pragma once

#include <initializer_list>

#include "base/ids.h"
#include "crypto/random.h"
#include "net/http_server.h"
#include "serve/log.h"
#include "serve/refusal.h"
#include "sys/clock.h"

namespace inxt::serve {

/// Who answers.  All of it outlives the exchanges.
struct Service {
  std::string_view noun;                          // a literal: "Host", "Bridge"
  std::span<const std::string_view> limit_names;  // the one that a message names stands in `limit`, too
  const sys::Clock& clock;
  crypto::Random& random;
  Log& log;
};

class Exchange {
 public:
  /// `counted_as`: the name under which the peer's requests and memory are counted.
  Exchange(const Service& service, net::ServerRequest& request, net::ServerResponse& response,
           std::string counted_as);

  const Service& service() const { return service_; }
  net::ServerRequest& request() { return request_; }
  const std::string& id() const { return id_; }  // the request's, in both logs
  std::int64_t now_s() const { return service_.clock.unix_s(); }
  const std::string& counted_as() const { return counted_as_; }

  /// The peer's key as an account.  Errors: 401 where it showed no certificate.
  std::expected<AccountId, Refusal> client() const;

  /// Sends, with Inxt-Protocol and Inxt-Request-Id.  A peer that has gone away is no error here.
  net::Awaitable<void> reply(int status, std::string_view content_type, ByteView body,
                             std::vector<net::Header> more = {});
  /// The same in parts, `length` bytes in all.  A read that fails on the way ends the connection.
  void reply_begin(int status, std::string_view content_type, std::uint64_t length,
                   std::vector<net::Header> more);
  /// False when the peer has gone away.
  net::Awaitable<bool> reply_part(ByteView part);
  net::Awaitable<void> reply_json(int status, std::string json);
  net::Awaitable<void> reply_head(int status, std::uint64_t content_length,
                                  std::vector<net::Header> more = {});
  net::Awaitable<void> reply_refusal(Refusal refusal);

  void log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields);
  int status() const { return status_; }
  std::uint64_t sent_bytes() const { return sent_bytes_; }

 protected:
  const net::ServerRequest& head() const { return request_; }

 private:
  std::vector<net::Header> headers(std::string_view content_type, std::vector<net::Header> more) const;

  const Service& service_;
  net::ServerRequest& request_;
  net::ServerResponse& response_;
  std::string id_;
  std::string counted_as_;
  int status_ = 0;  // what was answered
  std::uint64_t sent_bytes_ = 0;
};

}  // namespace inxt::serve
