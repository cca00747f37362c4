// SPDX-License-Identifier: LGPL-3.0-or-later
// A connection to a peer: its socket, and waits with limits.  What is spoken over it (TlsStream, PlainStream)
// works straight on the non-blocking socket; Asio only waits for it.  For the sources of this room.
#pragma once

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/sign.h"
#include "net/async.h"

namespace inxt::net {

/// A limit on waiting, and the name that errors give it.
struct WaitLimit {
  enum class Counts { since_progress, since_now };
  int ms;
  const char* name;
  Counts counts = Counts::since_progress;
};

/// What went through sockets.
struct Traffic {
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
};

/// After any error the stream is broken: every later call fails, and close() is all that is left.
class Stream : public std::enable_shared_from_this<Stream> {
 public:
  using Socket = asio::generic::stream_protocol::socket;
  using SocketEndpoint = asio::generic::stream_protocol::endpoint;

  explicit Stream(Socket socket);
  virtual ~Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  /// For every wait from now on.  Time outside of waits (a handler at its disk) does not count in
  /// since_progress.
  void limit(WaitLimit limit);
  /// What goes through the socket is counted there too.
  void count_in(std::shared_ptr<Traffic> total) { total_ = std::move(total); }
  const Traffic& traffic() const { return traffic_; }

  Awaitable<Result<void>> connect(SocketEndpoint endpoint);
  /// Waits until the peer has sent something, whatever it is; nothing is read.
  Awaitable<Result<void>> wait_for_bytes();
  virtual Awaitable<Result<void>> handshake() = 0;
  /// As much as is there and fits; waits only when nothing is.  0 when the peer has closed.
  virtual Awaitable<Result<std::size_t>> read_some(ByteSpan into) = 0;
  virtual Awaitable<Result<void>> write(ByteView head, ByteView body) = 0;
  /// Waits until there is something to read, without holding a buffer.
  virtual Awaitable<Result<void>> wait_readable() = 0;
  /// Says goodbye and then throws away what the peer still sends, up to bytes_max, so that it gets to read
  /// our last answer instead of a reset.
  Awaitable<void> finish(std::uint64_t bytes_max);

  /// True when nothing was received that nobody asked for, and the peer has not closed.  Makes one system
  /// call.
  virtual bool is_quiet() = 0;
  /// Gives back what is needed only while something is read or written.
  virtual void rest() = 0;
  /// The same, and the timer: for a stream that nobody waits on.
  void park();
  /// Ends any wait with an error.  With goodbye (one try, no waiting) where the stream is whole.
  void close();

  bool is_broken() const { return broken_; }
  /// The wait was ended by the awaiting coroutine's cancellation or by a time limit: nothing says that the
  /// peer is gone.
  bool gave_up() const { return timed_out_ || cancelled_; }
  const std::optional<crypto::PublicKey>& peer_key() const { return peer_key_; }
  Socket& socket() { return socket_; }

 protected:
  using Wait = Socket::wait_type;

  /// As recv and send, without waiting; what they return, with errno.
  ssize_t receive(void* into, std::size_t size);
  ssize_t transmit(ByteView first, ByteView second = {});
  static bool is_temporary(int error_number);
  bool peeks_quiet();

  Result<void> make_ready();  // non-blocking, no delay
  Awaitable<Result<void>> wait(Wait what);
  std::unexpected<Error> broken(Error error);
  bool is_closed() const { return closed_; }
  bool is_waiting() const { return waiting_; }

  /// The last words, without waiting; what could not be sent is flush()'s.
  virtual void say_goodbye() = 0;
  virtual Awaitable<Result<void>> flush() = 0;

  std::optional<crypto::PublicKey> peer_key_;

 private:
  using TimePoint = std::chrono::steady_clock::time_point;

  void arm();
  void on_timer();

  Socket socket_;
  asio::steady_timer timer_;
  std::shared_ptr<Traffic> total_;
  Traffic traffic_;

  WaitLimit limit_{0, "", WaitLimit::Counts::since_progress};
  TimePoint progress_{};
  std::optional<TimePoint> armed_for_;
  bool waiting_ = false;
  bool timed_out_ = false;
  bool cancelled_ = false;
  bool closed_ = false;
  bool broken_ = false;
};

}  // namespace inxt::net
