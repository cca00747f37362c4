// SPDX-License-Identifier: LGPL-3.0-or-later
#include "net/http_client.h"

#include <fmt/core.h>

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <list>

#include "net/http_head.h"
#include "net/listening.h"
#include "net/plain_stream.h"
#include "net/resolve.h"
#include "net/tls_stream.h"

namespace inxt::net {
namespace {

using asio::ip::tcp;
using SteadyClock = std::chrono::steady_clock;
using SharedStream = std::shared_ptr<Stream>;

constexpr int kInterimAnswersMax = 8;  // 1xx before the real one

Result<void> check(const Endpoint& endpoint, const Request& request) {
  if (endpoint.transport != Transport::tls && (endpoint.expected_key || endpoint.identity))
    return fail(Code::usage, "without TLS no key can be expected or shown");
  if (!is_valid_target(request.target))
    return fail(Code::usage, "a request's target has to begin with a slash");
  for (const Header& header : request.headers)
    if (!is_valid_header(header))
      return fail(Code::usage, fmt::format("header '{}' cannot be sent", header.name));
  return {};
}

std::string head_of(const Request& request, const std::string& address) {
  std::string head =
      fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\n", method_name(request.method), request.target, address);
  for (const Header& header : request.headers)
    fmt::format_to(std::back_inserter(head), "{}: {}\r\n", header.name, header.value);
  const bool has_body =
      request.method == Method::put || request.method == Method::post || !request.body.empty();
  if (has_body) fmt::format_to(std::back_inserter(head), "Content-Length: {}\r\n", request.body.size());
  head += "\r\n";
  return head;
}

}  // namespace

Endpoint Endpoint::plain(std::string at) {
  Endpoint endpoint(std::move(at), std::nullopt);
  endpoint.transport = Transport::plain;
  return endpoint;
}

Endpoint Endpoint::unix_socket(std::string path) {
  Endpoint endpoint(std::move(path), std::nullopt);
  endpoint.transport = Transport::unix_socket;
  return endpoint;
}

struct HttpClient::State {
  State(Executor on, ClientLimits wanted) : executor(std::move(on)), limits(wanted) {}

  struct Idle {
    std::string address;
    Transport transport;
    crypto::PublicKey identity;  // zeros: none shown
    SharedStream stream;
    SteadyClock::time_point since;

    bool serves(const Endpoint& endpoint) const {
      return address == endpoint.address && transport == endpoint.transport && identity == shown(endpoint);
    }
  };
  static crypto::PublicKey shown(const Endpoint& endpoint) {
    return endpoint.identity ? endpoint.identity->public_key() : crypto::PublicKey{};
  }

  struct Exchange {
    Response response;
    bool got_byte = false;  // of the answer
    bool keep = false;      // the connection can be used again
    bool sent_whole = false;
  };

  SharedStream take_idle(const Endpoint& endpoint);
  void keep_idle(const Endpoint& endpoint, SharedStream stream);
  void drop_old();
  Awaitable<Result<SharedStream>> connect(const Endpoint& endpoint);
  Awaitable<Result<void>> exchange(Stream& stream, const std::string& head, const Request& request,
                                   SteadyClock::time_point start, Exchange& result);
  Awaitable<Result<void>> read_answer(Stream& stream, const Request& request, SteadyClock::time_point start,
                                      Exchange& result);
  Awaitable<Result<Response>> send(Endpoint endpoint, Request request);
  /// With a share of the state: a coroutine may be cancelled after the client has gone.
  static Awaitable<Result<Response>> send_sharing(std::shared_ptr<State> state, Endpoint endpoint,
                                                  Request request) {
    co_return co_await state->send(std::move(endpoint), std::move(request));
  }
  Result<TlsIdentity> identity_of(const Endpoint& endpoint);
  WaitLimit progress_limit() const { return {limits.no_progress_ms, "no_progress_ms"}; }

  Executor executor;
  ClientLimits limits;
  ClientCounters counters;
  std::list<Idle> idle;  // the longest idle first
  std::optional<TlsIdentity> nobody;
};

Result<TlsIdentity> HttpClient::State::identity_of(const Endpoint& endpoint) {
  if (endpoint.identity) return *endpoint.identity;
  if (!nobody) nobody = TRY(TlsIdentity::anonymous());
  return *nobody;
}

void HttpClient::State::drop_old() {
  const auto oldest = SteadyClock::now() - std::chrono::milliseconds(limits.idle_ms_max);
  while (!idle.empty() && (idle.front().since < oldest || idle.size() > limits.idle_connections_max))
    idle.pop_front();
  counters.idle = idle.size();
}

/// The one used last is the one most likely to be alive.
SharedStream HttpClient::State::take_idle(const Endpoint& endpoint) {
  drop_old();
  for (auto it = idle.end(); it != idle.begin();) {
    --it;
    if (!it->serves(endpoint)) continue;
    if (endpoint.expected_key && it->stream->peer_key() != endpoint.expected_key) continue;
    SharedStream stream = std::move(it->stream);
    it = idle.erase(it);
    counters.idle = idle.size();
    if (stream->is_quiet()) return stream;
  }
  return nullptr;
}

void HttpClient::State::keep_idle(const Endpoint& endpoint, SharedStream stream) {
  const auto same = [&](const Idle& other) { return other.serves(endpoint); };
  if (static_cast<std::size_t>(std::ranges::count_if(idle, same)) >= limits.idle_connections_per_peer_max)
    return;
  stream->park();
  idle.push_back(
      {endpoint.address, endpoint.transport, shown(endpoint), std::move(stream), SteadyClock::now()});
  drop_old();
}

Awaitable<Result<SharedStream>> HttpClient::State::connect(const Endpoint& endpoint) {
  const auto until = SteadyClock::now() + std::chrono::milliseconds(limits.connect_ms);
  std::vector<Stream::SocketEndpoint> places;
  SharedStream stream;
  std::optional<UnixAddress> unix_address;  // open until it is connected
  if (endpoint.transport == Transport::unix_socket) {
    CO_TRY(UnixAddress at, UnixAddress::of(endpoint.address));
    unix_address.emplace(std::move(at));
    places.emplace_back(asio::local::stream_protocol::endpoint(unix_address->path()));
  } else {
    CO_TRY(HostPort where, parse_address(endpoint.address));
    CO_TRY(const std::vector<tcp::endpoint> found, co_await resolve(executor, std::move(where), until));
    places.assign(found.begin(), found.end());
  }
  if (endpoint.transport == Transport::tls) {
    CO_TRY(TlsIdentity identity, identity_of(endpoint));
    stream = std::make_shared<TlsStream>(Stream::Socket(executor), std::move(identity), TlsRole::client,
                                         endpoint.expected_key);
  } else {
    stream = std::make_shared<PlainStream>(Stream::Socket(executor));
  }
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - SteadyClock::now());
  stream->limit({std::max(1, static_cast<int>(left.count())), "connect_ms", WaitLimit::Counts::since_now});
  Result<void> connected = fail(Code::try_again, "no address");
  for (const Stream::SocketEndpoint& place : places) {
    connected = co_await stream->connect(place);
    if (connected || stream->is_broken()) break;
  }
  CO_CHECK(std::move(connected));
  CO_CHECK(co_await stream->handshake());
  // The handshake has compared the keys already; a second look costs nothing.
  if (endpoint.transport == Transport::tls &&
      (!stream->peer_key() || (endpoint.expected_key && stream->peer_key() != endpoint.expected_key)))
    co_return fail(Code::denied, "the peer proved no key, or another than was expected");
  ++counters.connections;
  co_return stream;
}

Awaitable<Result<void>> HttpClient::State::exchange(Stream& stream, const std::string& head,
                                                    const Request& request, SteadyClock::time_point start,
                                                    Exchange& result) {
  stream.limit(progress_limit());
  Result<void> written = co_await stream.write(view_of(head), request.body);
  if (!written) {
    if (stream.gave_up()) co_return written;
    // A server that has answered before it had read everything may have closed: its answer says more than
    // EPIPE.
    Result<void> answered = co_await read_answer(stream, request, start, result);
    result.keep = false;
    if (answered) co_return answered;
    co_return written;
  }
  result.sent_whole = true;
  co_return co_await read_answer(stream, request, start, result);
}

Awaitable<Result<void>> HttpClient::State::read_answer(Stream& stream, const Request& request,
                                                       SteadyClock::time_point start, Exchange& result) {
  const auto deadline = SteadyClock::now() + std::chrono::milliseconds(limits.answer_ms);
  const auto too_slow = [&] {
    return fail(Code::try_again,
                fmt::format("the answer took longer than {} ms (answer_ms)", limits.answer_ms));
  };
  Bytes buffer(limits.header_bytes_max);
  std::size_t filled = 0;
  ResponseHead head;
  for (int interim = 0;; ++interim) {
    std::size_t searched = 0;
    std::optional<std::size_t> end;
    while (!(end = find_head_end(ByteView(buffer).first(filled), searched))) {
      searched = filled;
      if (filled == buffer.size())
        co_return fail(
            Code::try_again,
            fmt::format("broken answer: its head is larger than {} bytes (header_bytes_max)", filled));
      CO_TRY(const std::size_t count, co_await stream.read_some(ByteSpan(buffer).subspan(filled)));
      if (count == 0)
        co_return fail(Code::try_again, filled == 0 ? "connection closed before an answer"
                                                    : "connection closed within the head of the answer");
      if (!result.got_byte) result.response.time_to_first_byte = SteadyClock::now() - start;
      result.got_byte = true;
      filled += count;
      if (SteadyClock::now() > deadline) co_return too_slow();
    }
    CO_TRY(head, parse_response_head(ByteView(buffer).first(*end), request.method == Method::head));
    std::memmove(buffer.data(), buffer.data() + *end, filled - *end);
    filled -= *end;
    if (head.status >= 200) break;
    if (head.status == 101 || interim == kInterimAnswersMax)
      co_return fail(Code::try_again, "broken answer: no final status");
  }

  Response& response = result.response;
  response.status = head.status;
  response.headers = std::move(head.headers);
  response.peer_key = stream.peer_key().value_or(crypto::PublicKey{});
  const bool bodyless = request.method == Method::head || head.status == 204 || head.status == 304;
  const std::uint64_t length = bodyless ? 0 : *head.content_length;
  const bool into_room = !request.into.empty() && response.ok();
  const std::size_t limit = into_room ? request.into.size() : request.response_bytes_max;
  if (length > limit)
    co_return fail(Code::try_again,
                   fmt::format("the answer's body of {} bytes is larger than {} bytes ({})", length, limit,
                               into_room ? "the room made for it" : "response_bytes_max"));
  if (!into_room) response.body.resize(length);
  ByteSpan into = into_room ? request.into : ByteSpan(response.body);
  into = into.first(length);
  const std::size_t early = std::min<std::size_t>(filled, length);
  if (early > 0) std::memcpy(into.data(), buffer.data(), early);
  const bool surplus = filled > early;
  buffer = Bytes();
  std::size_t done = early;
  while (done < length) {
    Result<std::size_t> count = co_await stream.read_some(into.subspan(done));
    if (!count)
      co_return std::unexpected(
          std::move(count).error().in(fmt::format("after {} of {} bytes of the answer", done, length)));
    if (*count == 0)
      co_return fail(Code::try_again,
                     fmt::format("connection closed after {} of {} bytes of the answer", done, length));
    done += *count;
    if (!into_room && limit <= kJsonBodyBytesMax && SteadyClock::now() > deadline) co_return too_slow();
  }
  response.body_bytes = length;
  result.keep = head.keep_alive && !surplus;
  co_return Result<void>();
}

Awaitable<Result<Response>> HttpClient::State::send(Endpoint endpoint, Request request) {
  const auto start = SteadyClock::now();
  const std::string what = fmt::format("{} {}", method_name(request.method), endpoint.address);
  if (Result<void> fine = check(endpoint, request); !fine) co_return std::unexpected(std::move(fine).error());
  const bool is_unix = endpoint.transport == Transport::unix_socket;
  const std::string head = head_of(request, is_unix ? "localhost" : endpoint.address);
  bool fresh = false;
  for (;;) {
    SharedStream stream;
    if (!fresh) stream = take_idle(endpoint);
    fresh = stream == nullptr;
    if (fresh) {
      Result<SharedStream> connected = co_await connect(endpoint);
      if (!connected) co_return std::unexpected(std::move(connected).error().in(what));
      stream = *std::move(connected);
    } else {
      ++counters.reused;
    }
    Exchange result;
    Result<void> done = co_await exchange(*stream, head, request, start, result);
    if (done) {
      result.response.new_connection = fresh;
      if (result.keep && result.sent_whole && !stream->is_broken()) keep_idle(endpoint, std::move(stream));
      co_return std::move(result.response);
    }
    const bool stale = !fresh && !result.got_byte && !stream->gave_up();
    if (!stale) co_return std::unexpected(std::move(done).error().in(what));
    ++counters.resent;
    fresh = true;  // now with a new connection
  }
}

HttpClient::HttpClient(Executor executor, ClientLimits limits)
    : state_(std::make_shared<State>(std::move(executor), limits)) {}
HttpClient::~HttpClient() = default;

Awaitable<Result<Response>> HttpClient::send(Endpoint endpoint, Request request) {
  return State::send_sharing(state_, std::move(endpoint), std::move(request));
}

const ClientCounters& HttpClient::counters() const {
  return state_->counters;
}

void HttpClient::close_idle() {
  state_->idle.clear();
  state_->counters.idle = 0;
}

}  // namespace inxt::net
