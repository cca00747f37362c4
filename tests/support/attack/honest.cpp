// SPDX-License-Identifier: AGPL-3.0-or-later
// Clients that behave: what they get done is what the others take away.
#include <fmt/core.h>

#include <cstring>
#include <fstream>

#include "attack/options.h"
#include "crypto/random.h"
#include "format/contract.h"
#include "proof/tree.h"
#include "sys/clock.h"
#include "transfer/http_piece_service.h"

namespace inxt::attack {

namespace {

constexpr std::size_t kPieceBytes = 2 * 1024 * 1024;
constexpr int kGetters = 4;
constexpr int kPutters = 2;

double seconds_since(SteadyClock::time_point start) {
  return std::chrono::duration<double>(SteadyClock::now() - start).count();
}

Bytes noise(std::uint64_t seed) {
  Bytes bytes(kPieceBytes);
  crypto::SeededRandom(seed).fill(bytes);
  return bytes;
}

struct Client {
  explicit Client(const Options& given)
      : options(given),
        account(key_number(given.account)),
        http(loop.executor(), limits_of(given)),
        pieces(
            http, [this](const HostId&) { return key_number(options.account); }, clock) {
    host.id = options.host;
    host.addresses = {options.address};
  }
  static net::ClientLimits limits_of(const Options& options) {
    net::ClientLimits limits;
    limits.idle_connections_per_peer_max = std::max<std::size_t>(options.connections, 8);
    limits.connect_ms = 20000;  // a connection that an attack delays is slow, not failed
    return limits;
  }
  bool is_over() const { return SteadyClock::now() >= until; }

  const Options& options;
  crypto::SigningKey account;
  crypto::SigningKey control = key_number(77);
  sys::SystemClock clock;
  net::EventLoop loop;
  net::HttpClient http;
  transfer::HttpPieceService pieces;
  transfer::HostAddress host;
  SteadyClock::time_point until;
  Tally tally;
};

Awaitable<bool> put(Client* client, const Bytes* body, PieceId id) {
  const std::string offer =
      offer_token(client->options, client->account, id, kPieceBytes, client->control.public_key());
  const auto stored = co_await client->pieces.put(client->host, offer, *body);
  if (!stored) fmt::print(stderr, "put: {}\n", stored.error().what);
  co_return stored.has_value();
}

Awaitable<void> remove(Client* client, PieceId id) {
  format::Deletion deletion;
  deletion.control = client->control.public_key();
  deletion.host = client->options.host;
  deletion.piece = id;
  deletion.account = AccountId{client->account.public_key()};
  deletion.issued_unix_s = client->clock.unix_s();
  deletion.expires_unix_s = deletion.issued_unix_s + 600;
  const auto token = format::sign_deletion(deletion, client->control);
  const auto removed = co_await client->pieces.remove(client->host, id, *token);
  if (!removed) ++client->tally["removes_failed"];
}

Awaitable<void> put_loop(Client* client, std::uint64_t seed, int* running) {
  Bytes body = noise(seed);
  for (std::uint64_t turn = SteadyClock::now().time_since_epoch().count(); !client->is_over(); ++turn) {
    std::memcpy(body.data(), &turn, sizeof turn);
    const PieceId id = proof::piece_id_of(body);
    if (co_await put(client, &body, id)) {
      ++client->tally["puts"];
      co_await remove(client, id);
    } else {
      ++client->tally["puts_failed"];
      co_await net::sleep_for(std::chrono::milliseconds(100));
    }
  }
  --*running;
}

Awaitable<void> get_loop(Client* client, std::vector<PieceId> ids, std::size_t next, int* running) {
  Bytes into(kPieceBytes);
  for (; !client->is_over(); ++next) {
    const auto got = co_await client->pieces.get(client->host, ids[next % ids.size()], 0, into);
    ++client->tally[got ? "gets" : "gets_failed"];
    if (got) continue;
    fmt::print(stderr, "get: {}\n", got.error().what);
    co_await net::sleep_for(std::chrono::milliseconds(100));
  }
  --*running;
}

Awaitable<bool> store(Client* client, std::vector<PieceId>* ids) {
  for (std::size_t i = 0; i < client->options.pieces; ++i) {
    const Bytes body = noise(1000 + i);
    const PieceId id = proof::piece_id_of(body);
    if (!co_await put(client, &body, id)) co_return false;
    if (!client->options.folder.empty()) {
      std::ofstream file(client->options.folder + "/" + id.hex(), std::ios::binary);
      file.write(reinterpret_cast<const char*>(body.data()), static_cast<std::streamsize>(body.size()));
    }
    ids->push_back(id);
  }
  co_return true;
}

Awaitable<void> wait_for(const int* running) {
  while (*running > 0) co_await net::sleep_for(std::chrono::milliseconds(1));
}

/// One after another, each answer read whole.
Awaitable<void> ask_loop(Client* client, const net::TlsIdentity* identity, std::size_t next, int* running) {
  Bytes into(kPieceBytes);
  const std::optional<crypto::PublicKey> expected =
      client->options.host == HostId{} ? std::nullopt : std::optional(client->options.host.bytes);
  while (!client->is_over()) {
    net::Endpoint endpoint(client->options.address, expected, identity);
    net::Request request(net::Method::get, client->options.paths[next++ % client->options.paths.size()]);
    request.into = into;
    const auto answer = co_await client->http.send(std::move(endpoint), std::move(request));
    if (answer && answer->ok()) {
      ++client->tally["answers"];
      client->tally["bytes"] += answer->body_bytes;
      continue;
    }
    ++client->tally["failed"];
    if (!answer) fmt::print(stderr, "get: {}\n", answer.error().what);
    co_await net::sleep_for(std::chrono::milliseconds(10));
  }
  --*running;
}

}  // namespace

std::string offer_token(const Options& options, const crypto::SigningKey& account, const PieceId& piece,
                        std::uint32_t size, const crypto::PublicKey& control) {
  const std::int64_t now = sys::SystemClock().unix_s();
  format::Offer offer;
  offer.account = AccountId{account.public_key()};
  offer.host = options.host;
  offer.piece = piece;
  offer.size = size;
  offer.until_unix_s = now + 30 * 86400;
  offer.control = control;
  offer.tag = Bytes(format::kTagBytes, std::byte{7});
  offer.issued_unix_s = now;
  offer.expires_unix_s = now + 3600;
  return *format::sign_offer(offer, account);
}

int run_store(const Options& options) {
  Client client(options);
  std::vector<PieceId> ids;
  if (!client.loop.run(store(&client, &ids))) return 1;
  std::string line;
  for (const PieceId& id : ids) line += (line.empty() ? "" : ",") + ("/v1/pieces/" + id.hex());
  fmt::print("{}\n", line);
  return 0;
}

int run_honest(const Options& options) {
  Client client(options);
  std::vector<PieceId> ids;
  for (const std::string& path : options.paths) {
    const auto id = PieceId::parse(path.substr(path.rfind('/') + 1));
    if (id) ids.push_back(*id);
  }
  if (ids.empty()) return 2;
  for (const char* name : {"gets", "puts", "gets_failed", "puts_failed"}) client.tally[name] = 0;
  const auto start = SteadyClock::now();
  client.until = start + std::chrono::milliseconds(static_cast<std::int64_t>(options.seconds * 1000));
  int running = kGetters + kPutters;
  for (int i = 0; i < kGetters; ++i)
    net::spawn(client.loop.executor(), get_loop(&client, ids, static_cast<std::size_t>(i) * 3, &running));
  for (int i = 0; i < kPutters; ++i)
    net::spawn(client.loop.executor(), put_loop(&client, 500 + static_cast<std::uint64_t>(i), &running));
  client.loop.run(wait_for(&running));
  client.tally.print(options, seconds_since(start));
  return 0;
}

int run_get(const Options& options) {
  Client client(options);
  std::vector<net::TlsIdentity> identities;
  for (std::size_t i = 0; i < options.accounts; ++i) {
    auto identity = net::TlsIdentity::make(key_number(options.account + i));
    if (!identity) return 1;
    identities.push_back(*std::move(identity));
  }
  if (identities.empty() || options.paths.empty()) return 2;
  for (const char* name : {"answers", "bytes", "failed"}) client.tally[name] = 0;
  const auto start = SteadyClock::now();
  client.until = start + std::chrono::milliseconds(static_cast<std::int64_t>(options.seconds * 1000));
  int running = static_cast<int>(options.connections);
  for (std::size_t i = 0; i < options.connections; ++i)
    net::spawn(client.loop.executor(), ask_loop(&client, &identities[i % identities.size()], i, &running));
  client.loop.run(wait_for(&running));
  client.tally.print(options, seconds_since(start));
  return 0;
}

}  // namespace inxt::attack
