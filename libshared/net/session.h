// SPDX-License-Identifier: LGPL-3.0-or-later
// One connection of a server, and the request that it has now.  For the sources of this room.
#pragma once

#include "net/connection_table.h"
#include "net/http_head.h"
#include "net/http_server.h"
#include "net/stream.h"

namespace inxt::net {

/// What all connections of a server share.
struct SessionSettings {
  ServerLimits limits;
  std::vector<Header> refusal_headers;
};

class Session final : public ServerRequest,
                      public ServerResponse,
                      public ConnectionTable::Entry,
                      public std::enable_shared_from_this<Session> {
 public:
  using SteadyClock = std::chrono::steady_clock;

  /// `plain_at`: where a server without TLS listens, for the Host header's sake; null otherwise.
  /// REQUIRES: all that is referred to outlives the session.
  Session(std::shared_ptr<Stream> stream, std::string address, const SessionSettings& settings,
          ConnectionTable& table, std::shared_ptr<const HostPort> plain_at)
      : stream_(std::move(stream)),
        address_(std::move(address)),
        settings_(settings),
        table_(table),
        plain_at_(std::move(plain_at)) {}

  // ServerRequest
  Method method() const override { return head_.method; }
  std::string_view target() const override { return head_.target; }
  std::span<const Header> headers() const override { return head_.headers; }
  const std::optional<crypto::PublicKey>& peer_key() const override { return stream_->peer_key(); }
  std::string_view peer_address() const override { return address_; }
  std::optional<std::uint64_t> content_length() const override { return head_.content_length; }
  std::uint64_t body_bytes_left() const override { return left_; }
  Awaitable<Result<std::size_t>> read_some(ByteSpan into) override;

  // ServerResponse
  Awaitable<Result<void>> send(int status, std::vector<Header> headers, ByteView body) override;
  Awaitable<Result<void>> send_head(int status, std::vector<Header> headers,
                                    std::uint64_t content_length) override;
  void begin(int status, std::vector<Header> headers, std::uint64_t content_length) override;
  Awaitable<Result<void>> send_part(ByteView part) override;
  bool sent() const override { return sent_; }

  /// Waits for a request; false when the connection is done for (closed, stalled, idle for too long).
  Awaitable<bool> read_head();
  /// An answer to a request that no handler gets.
  Awaitable<void> refuse(int with_status, std::string why);
  /// True when another request can follow.
  Awaitable<bool> end_request();

  Stream& stream() { return *stream_; }
  const std::string& address() const { return address_; }
  /// The connection ends with the request that it has now, or at once when it has none.
  void end_soon() {
    ending_ = true;
    if (is_idle()) stream_->close();
  }
  void count_request() { ++requests_; }
  ConnectionInfo info() const;

  /// A body under way that is so large that it holds memory somewhere: bytes a second since it began, time in
  /// throttles left out; nullopt where there is none, or none that began at least `age` ago.
  std::optional<std::uint64_t> transfer_rate(std::chrono::milliseconds age) const;

  std::optional<Refusal> refusal;  // of the head that read_head() read

 private:
  struct Transfer {
    SteadyClock::time_point since;
    SteadyClock::duration throttled{};
    std::uint64_t bytes_before;  // of the stream's traffic
  };

  const ServerLimits& limits() const { return settings_.limits; }
  WaitLimit progress_limit() const { return {limits().no_progress_ms, "no_progress_ms"}; }
  std::uint64_t traffic() const { return stream_->traffic().bytes_in + stream_->traffic().bytes_out; }
  void begin_transfer(std::uint64_t bytes);
  Awaitable<std::size_t> pass(Throttle& throttle, std::size_t bytes);
  Awaitable<Result<void>> write(ByteView head, ByteView body);
  Awaitable<void> linger();

  std::shared_ptr<Stream> stream_;
  const std::string address_;
  const SessionSettings& settings_;
  ConnectionTable& table_;
  std::shared_ptr<const HostPort> plain_at_;

  Bytes buffer_;  // bytes that came with a head and belong to the body or to the next request
  RequestHead head_;
  std::uint64_t left_ = 0;         // of the body
  std::string begun_head_;         // of an answer whose first part is to come
  std::uint64_t answer_left_ = 0;  // of an answer in parts
  std::optional<Transfer> transfer_;
  const SteadyClock::time_point began_ = SteadyClock::now();
  std::uint64_t requests_ = 0;
  bool asked_to_continue_ = false;
  bool sent_ = false;
  bool ending_ = false;
};

}  // namespace inxt::net
