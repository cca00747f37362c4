// SPDX-License-Identifier: AGPL-3.0-or-later
// Peers that mean no good, --connections of each at once, from --sources addresses:
//
//   idle            TLS, and then nothing            silent    a connection, and then nothing
//   slow-handshake  a handshake that drips           slow-head a request's head that drips
//   slow-body       a PUT that drips                 slow-read GETs whose answers are read by drips
//   handshakes      handshakes, one after another    hellos    only their first message, always the same
//   reconnect       connections, closed at once      tiny      small requests in batches
//   heads           HEADs of pieces                  ranges    GETs of one byte of pieces
//   audits          audit requests that are too large, or say that they are
#include <openssl/ssl.h>

#include <boost/asio/redirect_error.hpp>
#include <set>

#include "attack/options.h"
#include "crypto/random.h"
#include "net/http.h"

namespace inxt::attack {

namespace {

using namespace std::chrono_literals;

constexpr auto kDrip = 500ms;
constexpr std::size_t kBatch = 32;  // requests that are sent before the answers are read

struct Context {
  const Options& options;
  net::TlsIdentity identity;
  Tally tally;
  SteadyClock::time_point until;
  std::string hello;
  std::size_t running = 0;
  bool is_over() const { return SteadyClock::now() >= until; }
};

/// Resumes when the attack is over.
Awaitable<void> hold(Context* context) {
  while (!context->is_over()) co_await net::sleep_for(50ms);
}

/// True when the peer has closed.
bool is_gone(asio_tcp::socket& socket) {
  char byte;
  const ssize_t count = ::recv(socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return count == 0 || (count < 0 && errno != EAGAIN);
}

/// The first message of a TLS 1.3 handshake, as a client would send it.
std::string make_hello(const net::TlsIdentity& identity) {
  SSL* const ssl = SSL_new(identity.context());
  BIO* const in = BIO_new(BIO_s_mem());
  BIO* const out = BIO_new(BIO_s_mem());
  SSL_set_bio(ssl, in, out);
  SSL_set_connect_state(ssl);
  SSL_do_handshake(ssl);
  char* text = nullptr;
  const long size = BIO_get_mem_data(out, &text);
  std::string hello(text, static_cast<std::size_t>(size));
  SSL_free(ssl);
  return hello;
}

std::string request(std::string_view method, std::string_view path, std::string_view more = "") {
  return std::string(method) + " " + std::string(path) + " HTTP/1.1\r\nHost: attack\r\n" + std::string(more) +
         "\r\n";
}

/// Sends `text` a letter at a time until the peer has had enough.
Awaitable<void> drip(Context* context, net::TlsStream* stream, std::string text) {
  for (std::size_t at = 0; !context->is_over(); ++at) {
    const std::string_view letter = at < text.size() ? std::string_view(text).substr(at, 1) : "x";
    const Result<void> written = co_await stream->write(view_of(letter), ByteView());
    if (!written) break;
    co_await net::sleep_for(kDrip);
    if (!stream->is_quiet()) break;
  }
  ++context->tally["closed"];
}

Awaitable<void> plain_attack(Context* context, std::size_t number) {
  const std::string& kind = context->options.kind;
  const auto socket = co_await dial(context->options, number);
  if (!socket) {
    ++context->tally["refused"];
    co_await net::sleep_for(20ms);
    co_return;
  }
  ++context->tally["connections"];
  if (kind == "reconnect") co_return;
  if (kind == "hellos") {
    (void)::send(socket->native_handle(), context->hello.data(), context->hello.size(), MSG_NOSIGNAL);
    boost::system::error_code ignored;
    co_await socket->async_wait(asio_tcp::socket::wait_read,
                                net::asio::redirect_error(net::asio::use_awaitable, ignored));
    co_return;
  }
  for (std::size_t at = 0; !context->is_over() && !is_gone(*socket); ++at) {
    if (kind == "slow-handshake" && at < context->hello.size())
      (void)::send(socket->native_handle(), context->hello.data() + at, 1, MSG_NOSIGNAL);
    co_await net::sleep_for(kDrip);
  }
  ++context->tally["closed"];
}

/// Batches of one request on one connection until the end.
Awaitable<void> flood(Context* context, net::TlsStream* stream, std::string one, std::size_t batch) {
  std::string many;
  for (std::size_t i = 0; i < batch; ++i) many += one;
  Bytes buffer(65536);
  while (!context->is_over()) {
    const Result<void> written = co_await stream->write(view_of(many), ByteView());
    if (!written) co_return;
    std::size_t answers = 0;
    std::string kept;
    while (answers < batch) {
      const Result<std::size_t> count = co_await stream->read_some(buffer);
      if (!count || *count == 0) co_return;
      kept += text_of(ByteView(buffer).first(*count));
      std::size_t at = 0;
      for (std::size_t found; (found = kept.find("HTTP/1.1 ", at)) != std::string::npos; at = found + 9) {
        ++answers;
        const bool fine = kept.compare(found + 9, 1, "2") == 0;
        ++context->tally[fine ? "answers" : "refusals"];
      }
      kept.erase(0, std::max(at, kept.size() - std::min<std::size_t>(kept.size(), 8)));
    }
  }
}

Awaitable<void> tls_attack(Context* context, std::size_t number) {
  const Options& options = context->options;
  const std::string& kind = options.kind;
  constexpr int kSmall = 4096;
  const auto stream = co_await dial_tls(options, number, context->identity, kind == "slow-read" ? kSmall : 0);
  if (!stream) {
    ++context->tally["refused"];
    co_await net::sleep_for(20ms);
    co_return;
  }
  ++context->tally["connections"];
  stream->limit({60000, "attack"});
  const std::string path =
      options.paths.empty() ? "/v1/health" : options.paths[number % options.paths.size()];
  if (kind == "handshakes") co_return;
  if (kind == "idle") {
    stream->park();
    while (!context->is_over() && stream->is_quiet()) co_await net::sleep_for(kDrip);
    ++context->tally["closed"];
  } else if (kind == "slow-head") {
    co_await drip(context, stream.get(), "GET /v1/health HTTP/1.1\r\nHost: a\r\nCookie: ");
  } else if (kind == "slow-body") {
    const crypto::SigningKey account = key_number(options.account);
    PieceId piece;
    crypto::SystemRandom().fill(piece.bytes);
    constexpr std::uint32_t kSize = 2 * 1024 * 1024;
    const std::string offer = offer_token(options, account, piece, kSize, account.public_key());
    const std::string head =
        request("PUT", "/v1/pieces/" + piece.hex(),
                "Inxt-Offer: " + offer + "\r\nContent-Length: " + std::to_string(kSize) + "\r\n");
    const Result<void> written = co_await stream->write(view_of(head), ByteView());
    if (written) co_await drip(context, stream.get(), "");
  } else if (kind == "slow-read") {
    const std::string head = request("GET", path);
    const Result<void> written = co_await stream->write(view_of(head), ByteView());
    Bytes little(512);
    while (written && !context->is_over()) {
      const Result<std::size_t> count = co_await stream->read_some(little);
      if (!count || *count == 0) break;
      co_await net::sleep_for(kDrip);
    }
    ++context->tally["closed"];
  } else if (kind == "tiny") {
    co_await flood(context, stream.get(), request("GET", "/v1/health"), kBatch);
  } else if (kind == "heads") {
    co_await flood(context, stream.get(), request("HEAD", path), kBatch);
  } else if (kind == "ranges") {
    co_await flood(context, stream.get(), request("GET", path, "Range: bytes=777-777\r\n"), kBatch);
  } else if (kind == "audits") {
    const bool lies = number % 2 == 0;  // about a body that never comes
    const std::size_t size = 70000;
    const std::string length = lies ? "10737418240" : std::to_string(size);
    std::string one = request("POST", "/v1/audit", "Content-Length: " + length + "\r\n");
    if (!lies) one.append(size, '[');
    co_await flood(context, stream.get(), std::move(one), 1);
  }
}

const std::set<std::string> kPlain{"silent", "slow-handshake", "hellos", "reconnect"};
const std::set<std::string> kTls{"idle", "slow-head", "slow-body", "slow-read", "handshakes",
                                 "tiny", "heads",     "ranges",    "audits"};

Awaitable<void> attacker(Context* context, std::size_t number) {
  const bool is_plain = kPlain.contains(context->options.kind);
  while (!context->is_over()) {
    if (is_plain)
      co_await plain_attack(context, number);
    else
      co_await tls_attack(context, number);
  }
  --context->running;
}

Awaitable<void> all(Context* context) {
  context->running = context->options.connections;
  for (std::size_t i = 0; i < context->options.connections; ++i) {
    net::spawn(co_await net::asio::this_coro::executor, attacker(context, i));
    if (i % 64 == 63) co_await net::sleep_for(1ms);
  }
  co_await hold(context);
  for (int i = 0; i < 100 && context->running > 0; ++i) co_await net::sleep_for(20ms);
}

}  // namespace

bool is_attack(const std::string& kind) {
  return kPlain.contains(kind) || kTls.contains(kind);
}

Awaitable<std::unique_ptr<asio_tcp::socket>> dial(const Options& options, std::size_t number,
                                                  int receive_buffer_bytes) {
  const auto where = net::parse_address(options.address);
  auto socket = std::make_unique<asio_tcp::socket>(co_await net::asio::this_coro::executor);
  boost::system::error_code error;
  const auto ip = net::asio::ip::make_address(where ? where->host : "", error);
  if (error) co_return nullptr;
  socket->open(asio_tcp::v4(), error);
  if (error) co_return nullptr;
  if (receive_buffer_bytes > 0)
    socket->set_option(net::asio::socket_base::receive_buffer_size(receive_buffer_bytes), error);
  const auto last = static_cast<std::uint32_t>(1 + number % options.sources);
  const net::asio::ip::address_v4 source(0x7f004200U + last);  // 127.0.66.N
  socket->bind(asio_tcp::endpoint(source, 0), error);
  if (error) co_return nullptr;
  // Closed with a reset, or this machine runs out of ports that wait.
  socket->set_option(net::asio::socket_base::linger(true, 0), error);
  co_await socket->async_connect(asio_tcp::endpoint(ip, where->port),
                                 net::asio::redirect_error(net::asio::use_awaitable, error));
  if (error) co_return nullptr;
  co_return socket;
}

Awaitable<std::shared_ptr<net::TlsStream>> dial_tls(const Options& options, std::size_t number,
                                                    const net::TlsIdentity& identity,
                                                    int receive_buffer_bytes) {
  auto socket = co_await dial(options, number, receive_buffer_bytes);
  if (!socket) co_return nullptr;
  auto stream = std::make_shared<net::TlsStream>(std::move(*socket), identity, net::TlsRole::client);
  stream->limit({30000, "attack", net::WaitLimit::Counts::since_now});
  const Result<void> shaken = co_await stream->handshake();
  if (!shaken) co_return nullptr;
  co_return stream;
}

int run_attack(const Options& options) {
  const auto identity = net::TlsIdentity::make(key_number(options.account));
  if (!identity) return 1;
  Context context{
      .options = options, .identity = *identity, .tally = {}, .until = {}, .hello = {}, .running = 0};
  context.hello = make_hello(*identity);
  const auto start = SteadyClock::now();
  context.until = start + std::chrono::milliseconds(static_cast<std::int64_t>(options.seconds * 1000));
  {
    net::EventLoop loop;
    loop.run(all(&context));
  }
  context.tally.print(options, std::chrono::duration<double>(SteadyClock::now() - start).count());
  return 0;
}

}  // namespace inxt::attack
