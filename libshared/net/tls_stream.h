// SPDX-License-Identifier: LGPL-3.0-or-later
// One TLS connection over a TCP socket.  For the sources of this room only: it needs Asio's sockets.
//
// OpenSSL works straight on the non-blocking socket and Asio only waits for it.  Against asio::ssl::stream
// this saves two 17 KiB buffers a connection, one copy, and most system calls: records are read 96 KiB and
// written 64 KiB at a time.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <initializer_list>
#include <memory>
#include <optional>

#include "base/bytes.h"
#include "net/async.h"
#include "net/tls.h"

struct ssl_st;
struct bio_st;
struct bio_method_st;

namespace inxt::net {

enum class TlsRole { client, server };

/// A limit on waiting, and the name that errors give it.
struct WaitLimit {
  enum class Counts { since_progress, since_now };
  int ms;
  const char* name;
  Counts counts = Counts::since_progress;
};

/// After any error the stream is broken: every later call fails, and close() is all that is left.
class TlsStream : public std::enable_shared_from_this<TlsStream> {
 public:
  /// With an expected key the handshake fails, with denied, for any other; a client has then shown no certificate.
  TlsStream(asio::ip::tcp::socket socket, TlsIdentity identity, TlsRole role,
            std::optional<crypto::PublicKey> expected_key = {});
  ~TlsStream();
  TlsStream(const TlsStream&) = delete;
  TlsStream& operator=(const TlsStream&) = delete;

  /// For every wait from now on.  Time outside of waits (a handler at its disk) does not count in
  /// since_progress.
  void limit(WaitLimit limit);

  Awaitable<Result<void>> connect(asio::ip::tcp::endpoint endpoint);
  Awaitable<Result<void>> handshake();
  /// As much as is there and fits; waits only when nothing is.  0 when the peer has closed.
  Awaitable<Result<std::size_t>> read_some(ByteSpan into);
  Awaitable<Result<void>> write(ByteView head, ByteView body);
  /// Waits until there is something to read, without holding a buffer.
  Awaitable<Result<void>> wait_readable();
  /// Says goodbye and then throws away what the peer still sends, up to bytes_max, so that it gets to read
  /// our last answer instead of a reset.
  Awaitable<void> finish(std::uint64_t bytes_max);

  /// True when nothing was received that nobody asked for, and the peer has not closed.  Makes one system
  /// call.
  bool is_quiet();
  /// Gives the write buffer and the timer back until something is read or written.
  void rest();
  /// Ends any wait with an error.  With goodbye (one try, no waiting) where the stream is whole.
  void close();

  bool is_broken() const { return broken_; }
  /// The wait was ended by the awaiting coroutine's cancellation or by a time limit: nothing says that the
  /// peer is gone.
  bool gave_up() const { return timed_out_ || cancelled_; }
  const std::optional<crypto::PublicKey>& peer_key() const { return peer_key_; }
  asio::ip::tcp::socket& socket() { return socket_; }

 private:
  enum class Step { done, again, closed, failed };
  using Wait = asio::ip::tcp::socket::wait_type;

  static const bio_method_st* bio_method();
  static int bio_write(bio_st* bio, const char* data, std::size_t size, std::size_t* written);
  static int bio_read(bio_st* bio, char* data, std::size_t size, std::size_t* received);
  static long bio_control(bio_st* bio, int command, long, void*);

  bool flush();  // false when something is left, or on an error (send_errno_)
  Awaitable<Result<void>> flush_all();
  Awaitable<Result<void>> wait(Wait what);
  Awaitable<Result<void>> wait_after(int ssl_error);
  std::unexpected<Error> broken(Error error);
  std::unexpected<Error> broken_by(int ssl_error);
  void arm();
  void on_timer();
  void read_peer_key();

  asio::ip::tcp::socket socket_;
  asio::steady_timer timer_;
  TlsIdentity identity_;
  PeerCheck peer_check_;
  ssl_st* ssl_ = nullptr;

  std::unique_ptr<std::byte[]> out_;  // TLS records on their way to the socket
  std::size_t out_begin_ = 0;
  std::size_t out_end_ = 0;
  int send_errno_ = 0;
  int receive_errno_ = 0;
  bool received_end_ = false;

  using TimePoint = std::chrono::steady_clock::time_point;
  WaitLimit limit_{0, "", WaitLimit::Counts::since_progress};
  TimePoint progress_{};
  std::optional<TimePoint> armed_for_;
  bool waiting_ = false;
  bool timed_out_ = false;
  bool cancelled_ = false;
  bool closed_ = false;
  bool broken_ = false;

  std::optional<crypto::PublicKey> peer_key_;
};

}  // namespace inxt::net
