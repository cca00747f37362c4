// SPDX-License-Identifier: LGPL-3.0-or-later
// An HTTP/1.1 client over TLS that keeps its connections; over plain TCP and unix sockets where its caller
// says so.  Made for few, large bodies: nothing of a body is copied between the caller's memory and TLS.
//
// Every request must be safe to send twice (all of inxt's are): one that was sent on a kept connection and
// got no byte of an answer is sent once more on a new one.  Other retries are the caller's.
#pragma once

#include <chrono>
#include <memory>

#include "base/bytes.h"
#include "net/async.h"
#include "net/http.h"
#include "net/tls.h"

namespace inxt::net {

/// How an endpoint is reached.  Never taken from an address: those come from strangers.
enum class Transport { tls, plain, unix_socket };

/// Whom to ask.
struct Endpoint {
  Endpoint() = default;
  Endpoint(std::string at, std::optional<crypto::PublicKey> expected, const TlsIdentity* as = nullptr)
      : address(std::move(at)), expected_key(expected), identity(as) {}
  /// "127.0.0.1:4243" without TLS: for a server on this machine.  Response::peer_key is zeros.
  static Endpoint plain(std::string at);
  /// A unix socket, of any length of path; without TLS too.
  static Endpoint unix_socket(std::string path);

  std::string address;  // "192.0.2.1:4242", "[::1]:4242" or "host.example:4242"
  /// The key that the peer must prove.  Without one any peer is taken; who it was stands in
  /// Response::peer_key.
  std::optional<crypto::PublicKey> expected_key = {};
  /// The certificate to show; none where null.  Must live until send() has returned (the pool keeps a copy).
  const TlsIdentity* identity = nullptr;
  Transport transport = Transport::tls;  // without TLS neither an expected key nor an identity may be given
};

struct Request {
  Request() = default;
  explicit Request(Method by, std::string what = "/") : method(by), target(std::move(what)) {}

  Method method = Method::get;
  std::string target = "/";          // path and query, already escaped
  std::vector<Header> headers = {};  // Host, Content-Length and Connection are set by the client
  ByteView body = {};                // must live until send() has returned
  /// Where the body of an answer with a 2xx status goes, instead of Response::body; one that is longer is an
  /// error, one that is shorter is told by Response::body_bytes.  Must live until send() has returned.
  ByteSpan into = {};
  /// Limit of Response::body: answers that have no `into`, and all that are not 2xx.
  std::size_t response_bytes_max = kJsonBodyBytesMax;
};

struct Response {
  int status = 0;
  std::vector<Header> headers = {};
  Bytes body = {};               // empty where the body went into Request::into
  std::uint64_t body_bytes = 0;  // received, in either place
  crypto::PublicKey peer_key{};
  std::chrono::nanoseconds time_to_first_byte{};  // from the call of send(), connecting included
  bool new_connection = false;

  std::optional<std::string_view> header(std::string_view name) const { return find_header(headers, name); }
  bool ok() const { return status >= 200 && status < 300; }
};

struct ClientLimits {
  int connect_ms = 5000;       // name, TCP and TLS together
  int no_progress_ms = 15000;  // without one byte in either direction; there is no minimum rate
  /// An answer's head, with a body of up to kJsonBodyBytesMax: those are so small that a peer that takes
  /// longer does it on purpose.  Larger bodies, and those that go to Request::into, may take as long as they
  /// make progress.
  int answer_ms = 60000;
  std::size_t header_bytes_max = kHttpHeaderBytesMax;
  std::size_t idle_connections_max = 256;         // kept in all; the longest idle is closed first
  std::size_t idle_connections_per_peer_max = 8;  // kept per address and identity
  int idle_ms_max = 20000;                        // kept no longer; a Host keeps them for longer than this
};

struct ClientCounters {
  std::uint64_t connections = 0;  // opened, TLS done
  std::uint64_t reused = 0;       // requests sent on a kept connection
  std::uint64_t resent = 0;       // requests sent again because the kept connection was stale
  std::size_t idle = 0;           // connections kept now
};

/// One thread: all calls come from coroutines on `executor`.  Any number of requests at once, each on a
/// connection of its own.  Destroying it closes the idle connections; requests under way must have ended
/// before.
class HttpClient {
 public:
  explicit HttpClient(Executor executor, ClientLimits limits = {});
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// Asks and waits for the whole answer; any status is an answer.  Cancelling the coroutine closes the
  /// connection. Errors: try_again when there was no connection, no progress, a broken answer, or one larger
  /// than its limit (named);
  ///         denied when the peer has another key than expected (names both), or refuses our certificate;
  ///         usage for an address, target or header that cannot be sent.
  Awaitable<Result<Response>> send(Endpoint endpoint, Request request);

  const ClientCounters& counters() const;
  void close_idle();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace inxt::net
