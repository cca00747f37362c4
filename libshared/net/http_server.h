// SPDX-License-Identifier: LGPL-3.0-or-later
// An HTTP/1.1 server over TLS, or, for local use, over plain TCP and unix sockets.  A handler sees the head
// first, decides, then reads the body into its own memory as it arrives, and answers from its own memory.
// What peers do is bounded by ServerLimits; an idle connection costs the kernel socket and the TLS state, no
// buffers.
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
#include "net/throttle.h"
#include "net/tls.h"

namespace inxt::net {

struct ServerLimits {
  std::size_t connections_max = 4096;  // in all; at the limit the longest idle one is closed for a new one
  std::size_t connections_per_address_max = 256;  // more from one IP address (IPv6: /64) are closed at once
  /// TLS handshakes that hold memory at once, a sixteenth of them (at least 4) from one address; more wait
  /// for their turn, which goes from address to address, and those that are not done in a second are closed
  /// meanwhile.
  std::size_t handshakes_max = 256;
  std::size_t header_bytes_max = kHttpHeaderBytesMax;
  int handshake_ms = 10000;  // from the connection to the end of TLS
  int header_ms = 15000;     // from the first byte of a request to the end of its head, however it drips
  int no_progress_ms =
      15000;            // without one byte while a body is read or an answer sent; there is no minimum rate
  int idle_ms = 60000;  // between requests
  std::size_t requests_max = 256;  // in handlers at once; more are answered 503 with Retry-After: 1
  std::size_t drain_bytes_max =
      64 * 1024;  // of a body the handler did not read: drained up to this, else closed
  /// What bodies and answers of all connections together pass through.  Null: no limit.  They outlive the
  /// server.
  Throttle* throttle_in = nullptr;
  Throttle* throttle_out = nullptr;
};

struct ServerCounters {
  std::uint64_t connections = 0;  // accepted, since the start
  std::uint64_t requests = 0;     // given to the handler
  std::uint64_t refused = 0;      // connections and requests turned away by a limit or a rule above
  std::uint64_t shed = 0;         // connections closed to make room: idle ones, and by shed_slow()
  std::uint64_t bytes_in = 0;     // read from and written to sockets, TLS and heads included
  std::uint64_t bytes_out = 0;
  std::size_t connections_now = 0;
  std::size_t handshakes_now = 0;  // of these, those that have not ended their handshake
  std::size_t requests_now = 0;
};

/// One connection, as an operator sees it.
struct ConnectionInfo {
  std::string address;  // as ServerRequest::peer_address()
  std::optional<crypto::PublicKey> key = {};
  std::chrono::milliseconds age{};
  std::uint64_t requests = 0;
  std::uint64_t bytes_in = 0;  // as in ServerCounters
  std::uint64_t bytes_out = 0;
  bool is_idle = false;  // waits for a request
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
  /// The peer's IP address, without a port; "unix" on a unix socket.
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

/// The answer: one send, or begin and its parts, from within the handler.
class ServerResponse {
 public:
  virtual ~ServerResponse() = default;
  /// Sends status line, headers and body; a HEAD request gets no body, but its length.  Content-Length, Date
  /// and Connection are set here.  All memory must live until it resumes: the handler's frame will do.
  /// Errors: try_again when the peer stalls or goes away.  REQUIRES: nothing was sent before.
  virtual Awaitable<Result<void>> send(int status, std::vector<Header> headers, ByteView body = {}) = 0;
  /// The same where the body comes in parts: content_length bytes by send_part(), of which the first also takes the
  /// head along.  A handler that returns before all were sent ends the connection: the peer sees that it is short.
  virtual void begin(int status, std::vector<Header> headers, std::uint64_t content_length) = 0;
  /// Errors: as send().  REQUIRES: begin(), and no more bytes than are left.
  virtual Awaitable<Result<void>> send_part(ByteView part) = 0;
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

/// Plain HTTP: who is at the other end is not proved, so it serves only what this machine's users may see.
enum class PlainHttp {
  on_loopback,  // listen() takes loopback addresses only
  anywhere,
};

/// One thread: everything runs on `executor`.
class HttpServer {
 public:
  /// REQUIRES: `handler` outlives stop().
  HttpServer(Executor executor, TlsIdentity identity, Handler& handler, ServerLimits limits = {});
  /// Without TLS.  On TCP it answers only requests whose Host header is "localhost", a loopback address or
  /// the address it listens on (any IP address where that is a wildcard), and 421 to others: a page of
  /// another site whose name was made to point here reads nothing.
  HttpServer(Executor executor, PlainHttp plain, Handler& handler, ServerLimits limits = {});
  /// REQUIRES: stop() has resumed, or the executor runs no more.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// Binds "127.0.0.1:4242" or "[::]:4242" (port 0: any free one) and accepts from now on.  May be called for
  /// several. Gives the address with the port that was bound.  Errors: usage for a name or a bad address, and
  /// for one that is not loopback with PlainHttp::on_loopback; failure when the system refuses.
  Result<std::string> listen(std::string_view address);
  /// Binds a unix socket of mode 0600, of any length of path, in place of a dead one; it is unlinked at the
  /// end. Errors: failure when the system refuses, when another process listens there, or when a file stands
  /// there.
  Result<void> listen_unix(const std::string& path);
  /// Accepts from a listening TCP or unix socket that somebody else has bound (socket activation), and owns
  /// it. Gives its address, "unix:PATH" for a unix socket.  Errors: usage when it is no listening stream
  /// socket, or as listen() for its address.
  Result<std::string> adopt(int fd);

  /// Headers that the answers which this room makes by itself (400, 411, 431, 503, ...) carry beside its own.
  void set_refusal_headers(std::vector<Header> headers);
  /// From now on, for new connections and requests; throttles stay as they were.
  void set_limits(const ServerLimits& limits);

  /// Memory is short: closes the slowest transfers of bodies under way, those that have moved fewer than
  /// kSlowBytesPerS since they began, at least kSlowAfter ago; at most a quarter of all.  Returns how many.
  /// Cost: linear in requests_now; does nothing when called again within kShedPause.
  std::size_t shed_slow();

  /// Accepts no more, closes idle connections, gives requests under way `grace` to end, then closes theirs
  /// too and resumes when every handler has returned.
  Awaitable<void> stop(std::chrono::milliseconds grace);

  const ServerCounters& counters() const;
  /// At most `limit`: those with requests in work first.  Cost: linear in the connections.
  std::vector<ConnectionInfo> connections(std::size_t limit) const;

  static constexpr std::uint64_t kSlowBytesPerS = 16 * 1024;
  static constexpr std::chrono::milliseconds kSlowAfter{2000};
  static constexpr std::chrono::milliseconds kShedPause{100};

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace inxt::net
