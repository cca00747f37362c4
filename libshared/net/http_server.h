// SPDX-License-Identifier: LGPL-3.0-or-later
// An HTTP/1.1 server over TLS.  A handler sees the head first, decides, then reads the body into its own
// memory as it arrives, and answers from its own memory.  What peers do is bounded by ServerLimits; an idle
// connection costs the kernel socket and the TLS state, no buffers.
//
// Refused before a handler sees them: Transfer-Encoding (411; with Content-Length 400), folded headers, more
// or fewer than one Host header, a target that does not begin with "/", methods other than Method's (405),
// heads past header_bytes_max (431), expectations other than 100-continue (417), more than requests_max at
// once (503).
#pragma once

#include <chrono>
#include <memory>

#include "base/bytes.h"
#include "net/async.h"
#include "net/http.h"
#include "net/tls.h"

namespace inxt::net {

struct ServerLimits {
  std::size_t connections_max = 1024;  // in all; at the limit the longest idle one is closed for a new one
  std::size_t connections_per_address_max = 256;  // more from one IP address (IPv6: /64) are closed at once
  std::size_t header_bytes_max = kHttpHeaderBytesMax;
  int handshake_ms = 10000;  // from the connection to the end of TLS
  int header_ms = 15000;     // from the first byte of a request to the end of its head, however it drips
  int no_progress_ms =
      15000;            // without one byte while a body is read or an answer sent; there is no minimum rate
  int idle_ms = 60000;  // between requests
  std::size_t requests_max = 256;  // in handlers at once; more are answered 503 with Retry-After: 1
  std::size_t drain_bytes_max =
      64 * 1024;  // of a body the handler did not read: drained up to this, else closed
};

struct ServerCounters {
  std::uint64_t connections = 0;  // accepted, since the start
  std::uint64_t requests = 0;     // given to the handler
  std::uint64_t refused = 0;      // connections and requests turned away by a limit or a rule above
  std::size_t connections_now = 0;
  std::size_t requests_now = 0;
};

/// A request's head, and its body as it arrives.  Lives as long as the handler's coroutine.
class ServerRequest {
 public:
  virtual ~ServerRequest() = default;
  virtual Method method() const = 0;
  virtual std::string_view target() const = 0;  // path and query, as sent
  std::string_view path() const { return target().substr(0, target().find('?')); }
  std::string_view query() const;  // without the question mark
  virtual std::span<const Header> headers() const = 0;
  std::optional<std::string_view> header(std::string_view name) const { return find_header(headers(), name); }
  /// The key that the peer proved in TLS; nullopt when it showed no certificate.
  virtual const std::optional<crypto::PublicKey>& peer_key() const = 0;
  /// The peer's IP address, without a port.
  virtual std::string_view peer_address() const = 0;
  /// The body's size; nullopt where no Content-Length was sent (then the body is empty).
  virtual std::optional<std::uint64_t> content_length() const = 0;
  virtual std::uint64_t body_bytes_left() const = 0;

  /// The next bytes of the body, as many as are there and fit (whole TLS records, not single bytes); 0 at its
  /// end. The first call tells a client that waits for it to go on (100 Continue). Errors: try_again when the
  /// peer stalls or goes away; then no answer can be sent.
  virtual Awaitable<Result<std::size_t>> read_some(ByteSpan into) = 0;

  /// Fills `into`.  REQUIRES: into.size() <= body_bytes_left().  Errors: as read_some.
  Awaitable<Result<void>> read_exactly(ByteSpan into);
  /// What is left of the body.  Errors: usage when it is larger than limit_bytes; as read_some.
  Awaitable<Result<Bytes>> read_all(std::size_t limit_bytes = kJsonBodyBytesMax);
};

/// The answer: one send, from within the handler.
class ServerResponse {
 public:
  virtual ~ServerResponse() = default;
  /// Sends status line, headers and body; a HEAD request gets no body, but its length.  Content-Length, Date
  /// and Connection are set here.  All memory must live until it resumes: the handler's frame will do.
  /// Errors: try_again when the peer stalls or goes away.  REQUIRES: nothing was sent before.
  virtual Awaitable<Result<void>> send(int status, std::vector<Header> headers, ByteView body = {}) = 0;
  /// The answer to HEAD where the body is not at hand.
  virtual Awaitable<Result<void>> send_head(int status, std::vector<Header> headers,
                                            std::uint64_t content_length) = 0;
  virtual bool sent() const = 0;
};

class Handler {
 public:
  virtual ~Handler() = default;
  /// Called for every request, many at a time, on the server's executor.  A handler that returns without an
  /// answer is answered 500 for it.
  virtual Awaitable<void> handle(ServerRequest& request, ServerResponse& response) = 0;
};

/// One thread: everything runs on `executor`.
class HttpServer {
 public:
  /// REQUIRES: `handler` outlives stop().
  HttpServer(Executor executor, TlsIdentity identity, Handler& handler, ServerLimits limits = {});
  /// REQUIRES: stop() has resumed, or the executor runs no more.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// Binds "127.0.0.1:4242" or "[::]:4242" (port 0: any free one) and accepts from now on.  May be called for
  /// several. Gives the address with the port that was bound.  Errors: usage for a name or a bad address;
  /// failure when the system refuses.
  Result<std::string> listen(std::string_view address);

  /// Accepts no more, closes idle connections, gives requests under way `grace` to end, then closes theirs
  /// too and resumes when every handler has returned.
  Awaitable<void> stop(std::chrono::milliseconds grace);

  const ServerCounters& counters() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace inxt::net
