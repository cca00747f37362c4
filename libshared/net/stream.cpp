// SPDX-License-Identifier: LGPL-3.0-or-later
#include "net/stream.h"

#include <fmt/core.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <cerrno>

namespace inxt::net {

Stream::Stream(Socket socket) : socket_(std::move(socket)), timer_(socket_.get_executor()) {}

void Stream::limit(WaitLimit limit) {
  limit_ = limit;
  progress_ = std::chrono::steady_clock::now();
  if (waiting_) arm();
}

/// One timer a connection, moved forward only when it fires: progress costs no timer operation.
void Stream::arm() {
  if (limit_.ms <= 0) return;
  const TimePoint deadline = progress_ + std::chrono::milliseconds(limit_.ms);
  if (armed_for_ && *armed_for_ <= deadline) return;
  armed_for_ = deadline;
  timer_.expires_at(deadline);
  timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    if (error) return;
    if (const auto self = weak.lock()) self->on_timer();
  });
}

void Stream::on_timer() {
  armed_for_.reset();
  if (!waiting_ || closed_ || limit_.ms <= 0) return;  // the next wait arms it again
  if (std::chrono::steady_clock::now() < progress_ + std::chrono::milliseconds(limit_.ms)) return arm();
  timed_out_ = true;
  boost::system::error_code ignored;
  socket_.cancel(ignored);
}

std::unexpected<Error> Stream::broken(Error error) {
  broken_ = true;
  return std::unexpected(std::move(error));
}

bool Stream::is_temporary(int error_number) {
  return error_number == EAGAIN || error_number == EWOULDBLOCK || error_number == EINTR;
}

ssize_t Stream::receive(void* into, std::size_t size) {
  const ssize_t count = ::recv(socket_.native_handle(), into, size, 0);
  if (count > 0) {
    traffic_.bytes_in += static_cast<std::uint64_t>(count);
    if (total_) total_->bytes_in += static_cast<std::uint64_t>(count);
  }
  return count;
}

ssize_t Stream::transmit(ByteView first, ByteView second) {
  std::array<iovec, 2> parts{};
  std::size_t count = 0;
  for (const ByteView part : {first, second})
    if (!part.empty()) parts.at(count++) = {const_cast<std::byte*>(part.data()), part.size()};
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = count;
  const ssize_t sent = ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL);
  if (sent > 0) {
    traffic_.bytes_out += static_cast<std::uint64_t>(sent);
    if (total_) total_->bytes_out += static_cast<std::uint64_t>(sent);
  }
  return sent;
}

bool Stream::peeks_quiet() {
  char byte;
  const ssize_t count = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return count < 0 && is_temporary(errno);
}

Result<void> Stream::make_ready() {
  boost::system::error_code error;
  socket_.native_non_blocking(true, error);
  if (error) return broken({Code::try_again, error.message()});
  // Refused by unix sockets, which delay nothing.
  socket_.set_option(asio::ip::tcp::no_delay(true), error);
  return {};
}

Awaitable<Result<void>> Stream::wait(Wait what) {
  if (closed_) co_return broken({Code::try_again, "connection was closed"});
  if (limit_.counts == WaitLimit::Counts::since_progress) progress_ = std::chrono::steady_clock::now();
  waiting_ = true;
  arm();
  boost::system::error_code error;
  co_await socket_.async_wait(what, asio::redirect_error(asio::use_awaitable, error));
  waiting_ = false;
  if (timed_out_)
    co_return broken({Code::try_again, fmt::format("no progress for {} ms ({})", limit_.ms, limit_.name)});
  if (closed_) co_return broken({Code::try_again, "connection was closed"});
  if (error == asio::error::operation_aborted) {
    cancelled_ = true;
    co_return broken({Code::try_again, "cancelled"});
  }
  if (error) co_return broken({Code::try_again, error.message()});
  co_return Result<void>();
}

Awaitable<Result<void>> Stream::wait_for_bytes() {
  return wait(Wait::wait_read);
}

Awaitable<Result<void>> Stream::connect(SocketEndpoint endpoint) {
  boost::system::error_code error;
  socket_.close(error);
  waiting_ = true;
  arm();
  co_await socket_.async_connect(endpoint, asio::redirect_error(asio::use_awaitable, error));
  waiting_ = false;
  if (timed_out_)
    co_return broken(
        {Code::try_again, fmt::format("not connected after {} ms ({})", limit_.ms, limit_.name)});
  if (error == asio::error::operation_aborted) {
    cancelled_ = true;
    co_return broken({Code::try_again, "cancelled"});
  }
  if (error) co_return fail(Code::try_again, error.message());  // not broken: another address may do
  co_return Result<void>();
}

void Stream::park() {
  rest();
  timer_.cancel();
  armed_for_.reset();
}

Awaitable<void> Stream::finish(std::uint64_t bytes_max) {
  if (broken_ || closed_) co_return;
  say_goodbye();
  const Result<void> flushed = co_await flush();
  if (!flushed) co_return;
  boost::system::error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
  constexpr std::size_t kSinkBytes = 16384;
  auto sink = std::make_unique_for_overwrite<std::byte[]>(kSinkBytes);
  while (bytes_max > 0) {
    const ssize_t count = receive(sink.get(), kSinkBytes);
    if (count == 0 || (count < 0 && !is_temporary(errno))) co_return;
    if (count > 0) {
      bytes_max -= std::min<std::uint64_t>(bytes_max, static_cast<std::uint64_t>(count));
      continue;
    }
    const Result<void> ready = co_await wait(Wait::wait_read);
    if (!ready) co_return;
  }
}

void Stream::close() {
  if (closed_) return;
  closed_ = true;
  if (socket_.is_open() && !broken_ && !waiting_) say_goodbye();
  timer_.cancel();
  boost::system::error_code ignored;
  socket_.close(ignored);
}

}  // namespace inxt::net
