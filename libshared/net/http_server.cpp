// SPDX-License-Identifier: LGPL-3.0-or-later
#include "net/http_server.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <exception>
#include <list>

#include "net/listening.h"
#include "net/plain_stream.h"
#include "net/session.h"
#include "net/tls_stream.h"
#include "net/turns.h"

namespace inxt::net {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kAcceptPause{100};  // when descriptors or memory ran out
/// A turn is kept for so long while others wait: 64 handshakes a second for one address.
constexpr std::chrono::milliseconds kTurnPause{250};
constexpr std::chrono::milliseconds kHurryPause{100};
constexpr std::size_t kHandshakeShares = 16;  // one address has one at most
constexpr int kAcceptsPerTurn = 64;           // then the other connections get theirs
/// A handshake that is not done after this goes when others wait for their turn: nobody honest takes as long.
constexpr std::chrono::milliseconds kHandshakePatience{1000};

Awaitable<void> keep_for_a_while([[maybe_unused]] Turns::Turn turn) {
  co_await sleep_for(kTurnPause);
}

}  // namespace

struct HttpServer::State : std::enable_shared_from_this<HttpServer::State> {
  /// A listening socket, and the waits for it.
  struct Door {
    Door(const Executor& executor, Listening socket)
        : listening(std::move(socket)), waiter(executor, listening.fd()) {}
    ~Door() { waiter.release(); }  // the descriptor is the other's to close
    Listening listening;
    asio::posix::stream_descriptor waiter;
    std::shared_ptr<const HostPort> plain_at;
    bool open = true;
  };
  using Handshakes = std::list<std::pair<SteadyClock::time_point, Session*>>;

  State(Executor on, std::optional<TlsIdentity> as, PlainHttp plain_where, Handler& to, ServerLimits wanted)
      : executor(std::move(on)),
        identity(std::move(as)),
        plain(plain_where),
        handler(to),
        settings{wanted, {}},
        turns(executor, wanted.handshakes_max,
              std::max<std::size_t>(wanted.handshakes_max / kHandshakeShares, 4)),
        changed(executor) {}

  const ServerLimits& limits() const { return settings.limits; }
  Result<std::string> open(Listening listening);
  Awaitable<void> accept(std::shared_ptr<State> self, std::shared_ptr<Door> door);
  bool accept_some(Door& door);
  void welcome(int fd, const Door& door);
  bool make_room();
  Awaitable<void> serve(std::shared_ptr<Session> session);
  Awaitable<bool> shake_hands(Session& session);
  Awaitable<void> hurry(std::shared_ptr<State> self);
  Awaitable<void> serve_requests(Session& session);
  Awaitable<void> handle(Session& session);
  Awaitable<void> stop(std::chrono::milliseconds grace);
  void close_doors();

  Executor executor;
  std::optional<TlsIdentity> identity;  // none: plain HTTP
  PlainHttp plain;
  Handler& handler;
  SessionSettings settings;
  ServerCounters counters;
  std::shared_ptr<Traffic> traffic = std::make_shared<Traffic>();
  std::vector<std::shared_ptr<Door>> doors;
  ConnectionTable sessions;  // each lives in its coroutine
  Turns turns;               // of handshakes
  Handshakes handshakes;     // that have their turn, the oldest first
  bool hurrying = false;
  SteadyClock::time_point shed_at{};
  asio::steady_timer changed;  // cancelled whenever a session ends
  bool stopping = false;
};

Result<std::string> HttpServer::State::open(Listening listening) {
  const bool is_tcp = listening.kind() == Listening::Kind::tcp;
  if (!identity && is_tcp && plain == PlainHttp::on_loopback && !listening.is_loopback())
    return fail(Code::usage, listening.address() + " is no loopback address, and there is no TLS here");
  std::string address = listening.address();
  auto door = std::make_shared<Door>(executor, std::move(listening));
  if (!identity && is_tcp) door->plain_at = std::make_shared<const HostPort>(door->listening.bound());
  doors.push_back(door);
  spawn(executor, accept(shared_from_this(), door));
  return address;
}

/// `self` keeps the state while the coroutine lives.
Awaitable<void> HttpServer::State::accept([[maybe_unused]] std::shared_ptr<State> self,
                                          std::shared_ptr<Door> door) {
  while (door->open) {
    boost::system::error_code error;
    co_await door->waiter.async_wait(asio::posix::stream_descriptor::wait_read,
                                     asio::redirect_error(asio::use_awaitable, error));
    if (!door->open || error) co_return;
    // Without descriptors or memory accepting again at once would only spin.
    if (accept_some(*door)) continue;
    make_room();
    co_await sleep_for(kAcceptPause);
  }
}

/// False when the system has no room for another connection.
bool HttpServer::State::accept_some(Door& door) {
  for (int i = 0; i < kAcceptsPerTurn; ++i) {
    const int fd = ::accept4(door.listening.fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      welcome(fd, door);
      continue;
    }
    switch (errno) {
      case EMFILE:
      case ENFILE:
      case ENOBUFS:
      case ENOMEM:
        return false;
      case EAGAIN:
        return true;
      default:  // a peer that went away while it waited, and other troubles of one connection
        continue;
    }
  }
  return true;
}

/// Closes an idle connection.
bool HttpServer::State::make_room() {
  auto* const entry = sessions.first_to_go();
  if (!entry) return false;
  auto& session = static_cast<Session&>(*entry);
  sessions.set_idle(session, false);  // it is chosen only once
  session.stream().close();
  ++counters.shed;
  return true;
}

void HttpServer::State::welcome(int fd, const Door& door) {
  boost::system::error_code error;
  const bool is_tcp = door.listening.kind() == Listening::Kind::tcp;
  Stream::Socket socket(executor);
  int domain = AF_UNIX;
  socklen_t domain_size = sizeof domain;
  if (is_tcp) (void)::getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &domain_size);
  if (socket.assign(asio::generic::stream_protocol(domain, 0), fd, error); error) {
    ::close(fd);
    return;
  }
  Result<std::string> address = is_tcp ? peer_address_of(fd) : std::string("unix");
  if (!address) return;
  const std::string network = network_of(*address);
  ++counters.connections;
  const bool too_many_here = sessions.size_of(network) >= limits().connections_per_address_max;
  const bool too_many = sessions.size() >= limits().connections_max;
  if (too_many_here || (too_many && !make_room())) {
    ++counters.refused;
    return;
  }
  std::shared_ptr<Stream> stream;
  if (identity)
    stream = std::make_shared<TlsStream>(std::move(socket), *identity, TlsRole::server);
  else
    stream = std::make_shared<PlainStream>(std::move(socket));
  stream->count_in(traffic);
  auto session =
      std::make_shared<Session>(std::move(stream), *std::move(address), settings, sessions, door.plain_at);
  sessions.add(*session, network);
  ++counters.connections_now;
  auto forget = [self = shared_from_this(), session] {
    self->sessions.remove(*session);
    --self->counters.connections_now;
    session->stream().close();
    self->changed.cancel();
  };
  asio::co_spawn(executor, serve(session), [forget](std::exception_ptr) { forget(); });
}

Awaitable<void> HttpServer::State::serve(std::shared_ptr<Session> session) {
  ++counters.handshakes_now;
  const bool shaken = co_await shake_hands(*session);
  --counters.handshakes_now;
  if (!shaken) {
    ++counters.refused;
    co_return;
  }
  co_await serve_requests(*session);
}

/// While somebody waits for a turn, handshakes that take too long are ended.
Awaitable<void> HttpServer::State::hurry([[maybe_unused]] std::shared_ptr<State> self) {
  co_await sleep_for(kHurryPause);
  while (turns.waiting() > 0) {
    const auto late = SteadyClock::now() - kHandshakePatience;
    for (std::size_t some = turns.waiting(); some > 0 && !handshakes.empty(); --some) {
      const auto [since, session] = handshakes.front();
      if (since > late) break;
      handshakes.pop_front();
      session->stream().close();
      ++counters.shed;
    }
    co_await sleep_for(kHurryPause);
  }
  hurrying = false;
}

Awaitable<bool> HttpServer::State::shake_hands(Session& session) {
  Stream& stream = session.stream();
  const auto until = SteadyClock::now() + std::chrono::milliseconds(limits().handshake_ms);
  stream.limit({limits().handshake_ms, "handshake_ms", WaitLimit::Counts::since_now});
  if (!identity) co_return (co_await stream.handshake()).has_value();
  // Until the first byte it is one of the idle ones, and costs as little.
  const Result<void> begun = co_await stream.wait_for_bytes();
  sessions.set_idle(session, false);
  if (!begun) co_return false;
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - SteadyClock::now());
  if (!hurrying && turns.taken() >= limits().handshakes_max / kHandshakeShares) {
    hurrying = true;
    spawn(executor, hurry(shared_from_this()));
  }
  Turns::Turn turn = co_await turns.take(network_of(session.address()), left);
  if (!turn) co_return false;
  struct InList {
    InList(Handshakes& all, Session& mine) : list(all), session(mine) {
      list.emplace_back(SteadyClock::now(), &session);
    }
    ~InList() {
      std::erase_if(list, [this](const auto& entry) { return entry.second == &session; });
    }
    Handshakes& list;
    Session& session;
  };
  const InList in_list(handshakes, session);
  const Result<void> shaken = co_await stream.handshake();
  if (turns.waiting() > 0) spawn(executor, keep_for_a_while(std::move(turn)));
  co_return shaken.has_value();
}

Awaitable<void> HttpServer::State::serve_requests(Session& session) {
  for (;;) {
    const bool got = co_await session.read_head();
    if (!got) co_return;
    if (session.refusal) {
      ++counters.refused;
      co_await session.refuse(session.refusal->status, session.refusal->why);
    } else if (counters.requests_now >= limits().requests_max) {
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
    session.count_request();
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

void HttpServer::State::close_doors() {
  stopping = true;
  for (const auto& door : doors) {
    door->open = false;
    boost::system::error_code ignored;
    door->waiter.cancel(ignored);
  }
  doors.clear();
}

Awaitable<void> HttpServer::State::stop(std::chrono::milliseconds grace) {
  close_doors();
  std::vector<Session*> now;
  const auto collect = [&now](ConnectionTable::Entry& entry) {
    now.push_back(&static_cast<Session&>(entry));
  };
  sessions.for_each(collect);
  for (Session* session : now) session->end_soon();
  const auto until = SteadyClock::now() + grace;
  boost::system::error_code ignored;
  while (sessions.size() > 0 && SteadyClock::now() < until) {
    changed.expires_at(until);
    co_await changed.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  now.clear();
  sessions.for_each(collect);
  for (Session* session : now) session->stream().close();
  turns.close();
  for (Throttle* throttle : {limits().throttle_in, limits().throttle_out})
    if (throttle != nullptr) throttle->let_all_pass();
  while (sessions.size() > 0) {
    changed.expires_at(SteadyClock::time_point::max());
    co_await changed.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
}

HttpServer::HttpServer(Executor executor, TlsIdentity identity, Handler& handler, ServerLimits limits)
    : state_(std::make_shared<State>(std::move(executor), std::move(identity), PlainHttp::on_loopback,
                                     handler, limits)) {}

HttpServer::HttpServer(Executor executor, PlainHttp plain, Handler& handler, ServerLimits limits)
    : state_(std::make_shared<State>(std::move(executor), std::nullopt, plain, handler, limits)) {}

HttpServer::~HttpServer() {
  state_->close_doors();
}

Result<std::string> HttpServer::listen(std::string_view address) {
  Listening listening = TRY(Listening::on_tcp(address));
  return state_->open(std::move(listening));
}

Result<void> HttpServer::listen_unix(const std::string& path) {
  Listening listening = TRY(Listening::on_unix(path));
  TRY(state_->open(std::move(listening)));
  return {};
}

Result<std::string> HttpServer::adopt(int fd) {
  Listening listening = TRY(Listening::adopt(fd));
  return state_->open(std::move(listening));
}

void HttpServer::set_refusal_headers(std::vector<Header> headers) {
  state_->settings.refusal_headers = std::move(headers);
}

void HttpServer::set_limits(const ServerLimits& limits) {
  ServerLimits& now = state_->settings.limits;
  Throttle* const in = now.throttle_in;
  Throttle* const out = now.throttle_out;
  now = limits;
  now.throttle_in = in;
  now.throttle_out = out;
}

std::size_t HttpServer::shed_slow() {
  const auto now = SteadyClock::now();
  if (now - state_->shed_at < kShedPause) return 0;
  state_->shed_at = now;
  std::size_t transfers = 0;
  std::vector<std::pair<std::uint64_t, Session*>> slow;
  state_->sessions.for_each_busy([&](ConnectionTable::Entry& entry) {
    auto& session = static_cast<Session&>(entry);
    if (session.transfer_rate(std::chrono::milliseconds(0))) ++transfers;
    const auto rate = session.transfer_rate(kSlowAfter);
    if (rate && *rate < kSlowBytesPerS) slow.emplace_back(*rate, &session);
  });
  std::ranges::sort(slow);
  slow.resize(std::min(slow.size(), transfers / 4 + 1));
  for (const auto& [rate, session] : slow) session->stream().close();
  state_->counters.shed += slow.size();
  return slow.size();
}

Awaitable<void> HttpServer::stop(std::chrono::milliseconds grace) {
  return state_->stop(grace);
}

const ServerCounters& HttpServer::counters() const {
  state_->counters.bytes_in = state_->traffic->bytes_in;
  state_->counters.bytes_out = state_->traffic->bytes_out;
  return state_->counters;
}

std::vector<ConnectionInfo> HttpServer::connections(std::size_t limit) const {
  std::vector<ConnectionInfo> all;
  const auto add = [&](ConnectionTable::Entry& entry) {
    if (all.size() < limit) all.push_back(static_cast<Session&>(entry).info());
  };
  state_->sessions.for_each_busy(add);
  state_->sessions.for_each_idle(add);
  return all;
}

}  // namespace inxt::net
