// SPDX-License-Identifier: LGPL-3.0-or-later
#include "net/http_server.h"

#include <fmt/chrono.h>
#include <fmt/core.h>

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <ctime>
#include <exception>
#include <list>
#include <unordered_map>

#include "base/check.h"
#include "net/http_head.h"
#include "net/tls_stream.h"

namespace inxt::net {
namespace {

using asio::ip::tcp;
using SteadyClock = std::chrono::steady_clock;

constexpr int kLingerMs = 2000;  // for a peer that still sends after our last answer
constexpr std::uint64_t kLingerBytesMax = 4 * 1024 * 1024;  // two of the largest bodies
constexpr std::chrono::milliseconds kAcceptPause{100};      // when descriptors or memory ran out

std::string date_now() {
  const std::time_t now = std::time(nullptr);
  return fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(now));
}

std::string head_of(int status, std::span<const Header> headers, std::uint64_t content_length,
                    bool keep_alive) {
  std::string head = fmt::format("HTTP/1.1 {} {}\r\n", status, reason_phrase(status));
  for (const Header& header : headers) {
    CHECK_BUG(is_valid_header(header));
    fmt::format_to(std::back_inserter(head), "{}: {}\r\n", header.name, header.value);
  }
  fmt::format_to(std::back_inserter(head), "Date: {}\r\n", date_now());
  if (status != 204 && status != 304)
    fmt::format_to(std::back_inserter(head), "Content-Length: {}\r\n", content_length);
  if (!keep_alive) head += "Connection: close\r\n";
  head += "\r\n";
  return head;
}

/// The code that a client reads in the body of an answer this file makes.
Code code_of(int status) {
  switch (status) {
    case 500:
      return Code::failure;
    case 408:
    case 503:
      return Code::try_again;
    default:
      return Code::usage;
  }
}

}  // namespace

/// One connection, and the request that it has now.
class Session final : public ServerRequest,
                      public ServerResponse,
                      public std::enable_shared_from_this<Session> {
 public:
  Session(std::shared_ptr<TlsStream> stream, std::string address, const ServerLimits& limits)
      : stream_(std::move(stream)), address_(std::move(address)), limits_(limits) {}

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
  bool sent() const override { return sent_; }

  /// Waits for a request; false when the connection is done for (closed, stalled, idle for too long).
  Awaitable<bool> read_head();
  /// An answer to a request that no handler gets.
  Awaitable<void> refuse(int with_status, std::string why);
  /// True when another request can follow.
  Awaitable<bool> end_request();
  Awaitable<void> linger();

  TlsStream& stream() { return *stream_; }
  bool is_idle() const { return is_idle_; }
  SteadyClock::time_point idle_since() const { return idle_since_; }
  const std::string& address() const { return address_; }
  /// The connection ends with the request that it has now, or at once when it has none.
  void end_soon() {
    ending_ = true;
    if (is_idle_) stream_->close();
  }

  std::optional<Refusal> refusal;  // of the head that read_head() read

 private:
  WaitLimit progress_limit() const { return {limits_.no_progress_ms, "no_progress_ms"}; }

  std::shared_ptr<TlsStream> stream_;
  const std::string address_;
  const ServerLimits limits_;

  Bytes buffer_;  // bytes that came with a head and belong to the body or to the next request
  RequestHead head_;
  std::uint64_t left_ = 0;  // of the body
  bool asked_to_continue_ = false;
  bool sent_ = false;
  bool ending_ = false;
  bool is_idle_ = false;
  SteadyClock::time_point idle_since_{};
};

Awaitable<bool> Session::read_head() {
  if (buffer_.empty()) {
    is_idle_ = true;
    idle_since_ = SteadyClock::now();
    stream_->rest();
    stream_->limit({limits_.idle_ms, "idle_ms", WaitLimit::Counts::since_now});
    const Result<void> readable = co_await stream_->wait_readable();
    is_idle_ = false;
    if (!readable) co_return false;
  }
  stream_->limit({limits_.header_ms, "header_ms", WaitLimit::Counts::since_now});
  std::size_t filled = buffer_.size();
  std::size_t searched = 0;
  buffer_.resize(std::max(filled, limits_.header_bytes_max));
  refusal.reset();
  sent_ = false;
  asked_to_continue_ = false;
  left_ = 0;
  head_ = RequestHead();
  std::optional<std::size_t> end;
  while (!(end = find_head_end(ByteView(buffer_).first(filled), searched))) {
    searched = filled;
    if (filled == buffer_.size()) {
      refusal = Refusal{
          431, fmt::format("the head is larger than {} bytes (header_bytes_max)", limits_.header_bytes_max)};
      buffer_.clear();
      co_return true;
    }
    const Result<std::size_t> count = co_await stream_->read_some(ByteSpan(buffer_).subspan(filled));
    if (!count || *count == 0) co_return false;
    filled += *count;
  }
  auto parsed = parse_request_head(ByteView(buffer_).first(*end));
  buffer_.resize(filled);
  buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(*end));
  if (!parsed) {
    refusal = std::move(parsed).error();
    co_return true;
  }
  head_ = *std::move(parsed);
  left_ = head_.content_length.value_or(0);
  if (buffer_.empty()) buffer_ = Bytes();
  stream_->limit(progress_limit());
  co_return true;
}

Awaitable<Result<std::size_t>> Session::read_some(ByteSpan into) {
  if (left_ == 0 || into.empty()) co_return std::size_t{0};
  into = into.first(std::min<std::uint64_t>(into.size(), left_));
  if (!buffer_.empty()) {
    const std::size_t count = std::min(into.size(), buffer_.size());
    std::memcpy(into.data(), buffer_.data(), count);
    buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(count));
    if (buffer_.empty()) buffer_ = Bytes();
    left_ -= count;
    co_return count;
  }
  if (head_.expects_continue && !asked_to_continue_ && !sent_) {
    asked_to_continue_ = true;
    CO_CHECK(co_await stream_->write(view_of("HTTP/1.1 100 Continue\r\n\r\n"), ByteView()));
  }
  Result<std::size_t> count = co_await stream_->read_some(into);
  if (!count) co_return std::unexpected(std::move(count).error().in("reading the request's body"));
  if (*count == 0)
    co_return fail(Code::try_again,
                   fmt::format("the peer closed with {} bytes of the request's body to come", left_));
  left_ -= *count;
  co_return *count;
}

Awaitable<Result<void>> Session::send(int status, std::vector<Header> headers, ByteView body) {
  CHECK_BUG(!sent_);
  sent_ = true;
  // A client that still waits for 100 Continue may or may not send its body after this answer: the end is
  // certain then.
  const bool unasked = head_.expects_continue && !asked_to_continue_ && left_ > 0;
  if (left_ > limits_.drain_bytes_max || unasked || refusal) ending_ = true;
  const bool keep_alive = head_.keep_alive && !ending_;
  if (!keep_alive) ending_ = true;
  const std::string head = head_of(status, headers, body.size(), keep_alive);
  stream_->limit(progress_limit());
  const bool bodyless = head_.method == Method::head || status == 204 || status == 304;
  if (bodyless) body = ByteView();
  Result<void> written = co_await stream_->write(view_of(head), body);
  if (!written) co_return std::unexpected(std::move(written).error().in("sending the answer"));
  co_return written;
}

Awaitable<Result<void>> Session::send_head(int status, std::vector<Header> headers,
                                           std::uint64_t content_length) {
  CHECK_BUG(!sent_ && head_.method == Method::head);
  sent_ = true;
  if (left_ > limits_.drain_bytes_max || !head_.keep_alive) ending_ = true;
  const std::string head = head_of(status, headers, content_length, !ending_);
  stream_->limit(progress_limit());
  co_return co_await stream_->write(view_of(head), ByteView());
}

Awaitable<void> Session::refuse(int with_status, std::string why) {
  std::vector<Header> headers;
  headers.push_back({"Content-Type", "application/json"});
  if (with_status == 503) headers.push_back({"Retry-After", "1"});
  if (with_status == 405) headers.push_back({"Allow", "GET, HEAD, PUT, POST, DELETE"});
  std::string text;  // only for JSON: the sentences of this room have no letters that need more
  for (const char c : why)
    if (c >= ' ' && c < '\x7f' && c != '"' && c != '\\') text += c;
  const std::string body =
      fmt::format("{{\"error\":\"{}\",\"message\":\"{}\"}}\n", code_name(code_of(with_status)), text);
  const Result<void> ignored = co_await send(with_status, std::move(headers), view_of(body));
}

Awaitable<bool> Session::end_request() {
  if (!sent_ || stream_->is_broken()) co_return false;
  if (ending_) {
    co_await linger();
    co_return false;
  }
  auto sink = std::make_unique_for_overwrite<std::byte[]>(left_ > 0 ? limits_.drain_bytes_max : 1);
  while (left_ > 0) {
    const Result<std::size_t> count = co_await read_some(ByteSpan(sink.get(), limits_.drain_bytes_max));
    if (!count) co_return false;
  }
  co_return !ending_;
}

Awaitable<void> Session::linger() {
  stream_->limit({kLingerMs, "linger", WaitLimit::Counts::since_now});
  co_await stream_->finish(kLingerBytesMax);
}

std::string_view ServerRequest::query() const {
  const std::string_view whole = target();
  const std::size_t mark = whole.find('?');
  return mark == std::string_view::npos ? std::string_view() : whole.substr(mark + 1);
}

Awaitable<Result<void>> ServerRequest::read_exactly(ByteSpan into) {
  while (!into.empty()) {
    CO_TRY(const std::size_t count, co_await read_some(into));
    CHECK_BUG(count > 0);  // asked for more than body_bytes_left()
    into = into.subspan(count);
  }
  co_return Result<void>();
}

Awaitable<Result<Bytes>> ServerRequest::read_all(std::size_t limit_bytes) {
  const std::uint64_t left = body_bytes_left();
  if (left > limit_bytes)
    co_return fail(Code::usage, fmt::format("a body of {} bytes is larger than {} bytes", left, limit_bytes));
  Bytes body(left);
  CO_CHECK(co_await read_exactly(body));
  co_return body;
}

struct HttpServer::State : std::enable_shared_from_this<HttpServer::State> {
  State(Executor on, TlsIdentity as, Handler& to, ServerLimits wanted)
      : executor(std::move(on)), identity(std::move(as)), handler(to), limits(wanted), changed(executor) {}

  Awaitable<void> accept(std::shared_ptr<State> self, std::shared_ptr<tcp::acceptor> acceptor);
  void welcome(tcp::socket socket);
  Awaitable<void> serve(std::shared_ptr<Session> session);
  Awaitable<void> serve_requests(Session& session);
  Awaitable<void> handle(Session& session);
  Awaitable<void> stop(std::chrono::milliseconds grace);
  bool close_longest_idle();

  Executor executor;
  TlsIdentity identity;
  Handler& handler;
  ServerLimits limits;
  ServerCounters counters;
  std::vector<std::shared_ptr<tcp::acceptor>> acceptors;
  std::list<Session*> sessions;  // each lives in its coroutine
  std::unordered_map<std::string, std::size_t> per_address;  // network_of() the peers
  asio::steady_timer changed;  // cancelled whenever a session ends
  bool stopping = false;
};

/// `self` keeps the state while the coroutine lives.
Awaitable<void> HttpServer::State::accept([[maybe_unused]] std::shared_ptr<State> self,
                                          std::shared_ptr<tcp::acceptor> acceptor) {
  while (!stopping) {
    tcp::socket socket(executor);
    boost::system::error_code error;
    co_await acceptor->async_accept(socket, asio::redirect_error(asio::use_awaitable, error));
    if (stopping) co_return;
    if (!error) {
      welcome(std::move(socket));
      continue;
    }
    // A peer that went away while it waited is no trouble; without descriptors or memory accepting again at
    // once would only spin.
    if (error == asio::error::connection_aborted || error == asio::error::interrupted) continue;
    if (error == asio::error::operation_aborted || error == asio::error::bad_descriptor) co_return;
    close_longest_idle();
    co_await sleep_for(kAcceptPause);
  }
}

bool HttpServer::State::close_longest_idle() {
  Session* longest = nullptr;
  for (Session* session : sessions)
    if (session->is_idle() && (!longest || session->idle_since() < longest->idle_since())) longest = session;
  if (longest) longest->end_soon();
  return longest != nullptr;
}

void HttpServer::State::welcome(tcp::socket socket) {
  boost::system::error_code error;
  const tcp::endpoint peer = socket.remote_endpoint(error);
  if (error) return;
  asio::ip::address ip = peer.address();
  if (ip.is_v6() && ip.to_v6().is_v4_mapped())
    ip = asio::ip::make_address_v4(asio::ip::v4_mapped, ip.to_v6());
  const std::string address = ip.to_string();
  const std::string network = network_of(address);
  ++counters.connections;
  const auto known = per_address.find(network);
  const bool too_many_here =
      known != per_address.end() && known->second >= limits.connections_per_address_max;
  const bool too_many = sessions.size() >= limits.connections_max;
  if (too_many_here || (too_many && !close_longest_idle())) {
    ++counters.refused;
    return;
  }
  auto stream = std::make_shared<TlsStream>(std::move(socket), identity, TlsRole::server);
  auto session = std::make_shared<Session>(std::move(stream), address, limits);
  sessions.push_back(session.get());
  ++per_address[network];
  ++counters.connections_now;
  auto forget = [self = shared_from_this(), session, network] {
    self->sessions.remove(session.get());
    if (const auto it = self->per_address.find(network); --it->second == 0)
      self->per_address.erase(it);
    --self->counters.connections_now;
    session->stream().close();
    self->changed.cancel();
  };
  asio::co_spawn(executor, serve(session), [forget](std::exception_ptr) { forget(); });
}

Awaitable<void> HttpServer::State::serve(std::shared_ptr<Session> session) {
  session->stream().limit({limits.handshake_ms, "handshake_ms", WaitLimit::Counts::since_now});
  const Result<void> shaken = co_await session->stream().handshake();
  if (!shaken) {
    ++counters.refused;
    co_return;
  }
  co_await serve_requests(*session);
}

Awaitable<void> HttpServer::State::serve_requests(Session& session) {
  for (;;) {
    const bool got = co_await session.read_head();
    if (!got) co_return;
    if (session.refusal) {
      ++counters.refused;
      co_await session.refuse(session.refusal->status, session.refusal->why);
    } else if (counters.requests_now >= limits.requests_max) {
      ++counters.refused;
      co_await session.refuse(503, "too many requests at once (requests_max)");
    } else {
      co_await handle(session);
    }
    const bool more = co_await session.end_request();
    if (!more || stopping) co_return;
  }
}

Awaitable<void> HttpServer::State::handle(Session& session) {
  struct Count {
    explicit Count(ServerCounters& counted) : counters(counted) {
      ++counters.requests;
      ++counters.requests_now;
    }
    ~Count() { --counters.requests_now; }
    ServerCounters& counters;
  };
  {
    const Count count(counters);
    if (stopping) session.end_soon();
    try {
      co_await handler.handle(session, session);
    } catch (const std::exception&) {
      // Answered 500 below where nothing was sent; the connection's end tells the rest.
    }
  }
  if (!session.sent() && !session.stream().is_broken())
    co_await session.refuse(500, "the request was not answered");
}

Awaitable<void> HttpServer::State::stop(std::chrono::milliseconds grace) {
  stopping = true;
  for (const auto& acceptor : acceptors) {
    boost::system::error_code ignored;
    acceptor->close(ignored);
  }
  acceptors.clear();
  const std::vector<Session*> now(sessions.begin(), sessions.end());
  for (Session* session : now) session->end_soon();
  const auto until = SteadyClock::now() + grace;
  boost::system::error_code ignored;
  while (!sessions.empty() && SteadyClock::now() < until) {
    changed.expires_at(until);
    co_await changed.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  for (Session* session : sessions) session->stream().close();
  while (!sessions.empty()) {
    changed.expires_at(SteadyClock::time_point::max());
    co_await changed.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
}

HttpServer::HttpServer(Executor executor, TlsIdentity identity, Handler& handler, ServerLimits limits)
    : state_(std::make_shared<State>(std::move(executor), std::move(identity), handler, limits)) {}

HttpServer::~HttpServer() {
  state_->stopping = true;
  for (const auto& acceptor : state_->acceptors) {
    boost::system::error_code ignored;
    acceptor->close(ignored);
  }
}

Result<std::string> HttpServer::listen(std::string_view address) {
  const HostPort where = TRY(parse_address(address));
  boost::system::error_code error;
  const auto ip = asio::ip::make_address(where.host, error);
  if (error) return fail(Code::usage, fmt::format("'{}' is not an IP address to listen on", where.host));
  const tcp::endpoint endpoint(ip, where.port);
  auto acceptor = std::make_shared<tcp::acceptor>(state_->executor);
  const auto refuse = [&] {
    return fail(Code::failure, fmt::format("cannot listen on {}: {}", address, error.message()));
  };
  if (acceptor->open(endpoint.protocol(), error); error) return refuse();
  if (acceptor->set_option(tcp::acceptor::reuse_address(true), error); error) return refuse();
  if (ip.is_v6()) acceptor->set_option(asio::ip::v6_only(false), error);
  if (acceptor->bind(endpoint, error); error) return refuse();
  if (acceptor->listen(asio::socket_base::max_listen_connections, error); error) return refuse();
  const tcp::endpoint bound = acceptor->local_endpoint(error);
  if (error) return refuse();
  state_->acceptors.push_back(acceptor);
  spawn(state_->executor, state_->accept(state_, acceptor));
  return to_address(where.host, bound.port());
}

Awaitable<void> HttpServer::stop(std::chrono::milliseconds grace) {
  return state_->stop(grace);
}

const ServerCounters& HttpServer::counters() const {
  return state_->counters;
}

}  // namespace inxt::net
