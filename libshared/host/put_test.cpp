// SPDX-License-Identifier: LGPL-3.0-or-later
// Pieces on their way in: what is stored, and what is refused and leaves nothing behind.
#include "net/race.h"
#include "support/host_world.h"

namespace inxt::host {
namespace {

using namespace inxt::testing;  // NOLINT: tests

TEST_CASE("a piece goes in, comes back, and its contract holds") {
  HostWorld world;
  for (const std::size_t size :
       {std::size_t{1}, std::size_t{16}, std::size_t{4095}, std::size_t{4096}, std::size_t{4097},
        std::size_t{262144}, std::size_t{262145}, std::size_t{kPieceMax - 1}, std::size_t{kPieceMax}}) {
    CAPTURE(size);
    const Bytes body = noise(size, size);
    const PieceId piece = proof::piece_id_of(body);
    const std::string token = world.token_for(body);
    const net::Response stored = world.put(piece, body, token, &world.peer.tls);
    REQUIRE(stored.status == 201);
    const format::Json answer = json_of(stored);
    const format::Offer offer = *format::open_offer(token, kNow);
    CHECK(format::check_answer(token, offer, answer.at("acceptance").get<std::string>(),
                               answer.at("receipt").get<std::string>())
              .has_value());

    const net::Response got = world.get(piece);
    CHECK(got.status == 200);
    CHECK(got.body == body);
    const net::Response head = world.ask(Method::head, HostWorld::path(piece), &world.peer.tls);
    CHECK(head.status == 200);
    CHECK(head.header("Content-Length") == std::to_string(size));
    CHECK(head.body_bytes == 0);
  }
  CHECK(world.engine->buffers().used_bytes() == 0);
  CHECK(world.logged.find("event=stored") != std::string::npos);
}

TEST_CASE("the same piece again stores nothing twice and shows the first contract") {
  HostWorld world;
  const Bytes body = noise(10000, 1);
  const format::Json first = json_of(world.put(body));
  const std::uint64_t used = world.store->stats().used_bytes;
  format::Offer other = world.offer_for(body);
  other.until_unix_s += 5;
  const net::Response again = world.put(body, other);
  CHECK(again.status == 200);
  const format::Json second = json_of(again);
  CHECK(second.at("acceptance") == first.at("acceptance"));
  CHECK(second.at("receipt") == first.at("receipt"));
  CHECK(second.at("offer").get<std::string>() == world.token_for(body));
  CHECK(world.store->stats().used_bytes == used);
  CHECK(world.store->stats().pieces == 1);
}

TEST_CASE("offers that are not accepted, and store nothing") {
  HostWorld world({.price = 5});
  const Bytes body = noise(5000, 4);
  const PieceId piece = proof::piece_id_of(body);
  format::Offer good = world.offer_for(body);
  good.price = 5;
  const auto refused = [&](auto change, int status, std::string_view code, std::string_view part) {
    format::Offer offer = good;
    change(offer);
    check_refusal(world.put(body, offer), status, code, part);
  };
  refused([](auto& o) { o.expires_unix_s = kNow - 3601; }, 403, "denied", "");
  refused(
      [](auto& o) {
        o.issued_unix_s = kNow + 3601;
        o.expires_unix_s = kNow + 9999;
      },
      403, "denied", "");
  refused([](auto& o) { o.until_unix_s = kNow; }, 403, "denied", "term is over");
  refused([](auto& o) { o.until_unix_s = kNow + 400 * 86400; }, 403, "denied", "term_seconds_max");
  refused([](auto& o) { o.price = 4; }, 403, "denied", "price 4");
  refused([](auto& o) { o.size = 4999; }, 400, "usage", "offer says 4999");
  refused([](auto& o) { o.host.bytes[0] ^= std::byte{1}; }, 403, "denied", "for Host");
  refused([](auto& o) { o.piece.bytes[0] ^= std::byte{1}; }, 403, "denied", "for piece");
  {  // of another account, and signed by it
    format::Offer offer = good;
    offer.account = world.stranger.id;
    check_refusal(world.put(piece, body, *format::sign_offer(offer, world.stranger.key), &world.peer.tls),
                  403, "denied", "another key");
  }
  const std::string token = *format::sign_offer(good, world.peer.key);
  {  // one letter of the payload
    std::string altered = token;
    char& letter = altered[altered.find('.') + 30];
    letter = letter == 'A' ? 'B' : 'A';
    check_refusal(world.put(piece, body, altered, &world.peer.tls), 422, "integrity", "Inxt-Offer");
  }
  const std::string rest = token.substr(token.find('.'));
  for (const char* header :
       {R"({"alg":"none","typ":"inxt-offer"})", R"({"alg":"EdDSA","typ":"inxt-offer"})",
        R"({"alg":"HS256","typ":"inxt-offer"})", R"({"alg":"Ed25519","typ":"inxt-deletion"})",
        R"({"alg":"Ed25519","typ":"inxt-offer","jwk":{"kty":"OKP"}})"}) {
    CAPTURE(header);
    check_refusal(world.put(piece, body, to_base64url(view_of(header)) + rest, &world.peer.tls), 422,
                  "integrity");
  }
  check_refusal(world.put(piece, body, "x", &world.peer.tls), 422, "integrity");
  net::Request without(Method::put, HostWorld::path(piece));
  without.body = body;
  check_refusal(world.send(std::move(without), &world.peer.tls), 400, "usage", "Inxt-Offer");

  CHECK(world.store->stats().pieces == 0);
  CHECK(world.store->stats().reserved_bytes == 0);
  CHECK(world.put(body, good).status == 201);  // and the good one is
}

TEST_CASE("bodies that are not the piece") {
  HostWorld world;
  const Bytes body = noise(300000, 5);
  Bytes other = body;
  other[299999] ^= std::byte{1};
  const PieceId piece = proof::piece_id_of(body);
  check_refusal(world.put(piece, other, world.token_for(body), &world.peer.tls), 422, "integrity",
                proof::piece_id_of(other).hex());
  const Bytes large = noise(kPieceMax + 1, 6);
  check_refusal(world.put(piece, large, world.token_for(body), &world.peer.tls), 413, "usage",
                "kPieceBytesMax");
  check_refusal(world.put(piece, ByteView(body).first(299999), world.token_for(body), &world.peer.tls), 400,
                "usage");
  check_refusal(world.put(piece, {}, world.token_for(body), &world.peer.tls), 400, "usage");
  CHECK(world.store->stats().pieces == 0);
  CHECK(world.store->stats().reserved_bytes == 0);
  CHECK(world.store->stats().used_bytes == 0);
  CHECK(fs::is_empty(fs::path(world.folder.path()) / "tmp"));
  CHECK(world.engine->buffers().used_bytes() == 0);
  check_refusal(world.get(piece), 404, "not_found");
}

TEST_CASE("the quota is exact") {
  const Bytes first = noise(4096, 7), second = noise(4096, 8);
  HostWorld world({.capacity_bytes = 2 * store::file_bytes(4096) - 1});
  REQUIRE(world.put(first).status == 201);
  const net::Response full = world.put(second);
  check_refusal(full, 507, "quota", "free");
  CHECK(json_of(full).at("free_bytes").get<std::uint64_t>() == store::file_bytes(4096) - 1);
  HostWorld roomy({.capacity_bytes = 2 * store::file_bytes(4096)});
  REQUIRE(roomy.put(first).status == 201);
  CHECK(roomy.put(second).status == 201);
  CHECK(roomy.store->stats().free_bytes == 0);
}

TEST_CASE("limits: memory and requests of one peer") {
  const Bytes body = noise(kPieceMax, 50);
  {
    HostWorld world({.limits = {.buffer_bytes_max = 1 << 20}});
    const net::Response busy = world.put(body);
    check_refusal(busy, 503, "try_again", "buffer_bytes_max");
    CHECK(busy.header("Retry-After") == "1");
    CHECK(json_of(busy).at("retry_after_ms").get<int>() > 0);
    CHECK(world.store->stats().reserved_bytes == 0);
    CHECK(world.put(noise(1000, 51)).status == 201);
  }
  HostWorld world({.limits = {.requests_per_peer_max = 0}});
  check_refusal(world.ask(Method::get, "/v1/contracts", &world.peer.tls), 429, "try_again",
                "requests_per_peer_max");
}

TEST_CASE("pieces of many peers at once, some of them leaving in the middle") {
  HostWorld world({.accept_any = true});
  std::vector<Bytes> bodies;
  for (std::uint64_t i = 0; i < 12; ++i) bodies.push_back(noise(kPieceMax, 100 + i));
  int stored = 0, ended = 0;
  const auto put_one = [&](std::size_t i) -> net::Awaitable<void> {
    net::Request request(Method::put, HostWorld::path(proof::piece_id_of(bodies[i])));
    request.headers.push_back(Header("Inxt-Offer", world.token_for(bodies[i])));
    request.body = bodies[i];
    auto response =
        co_await world.http->send(net::Endpoint(world.address, {}, &world.peer.tls), std::move(request));
    if (response && response->status == 201) ++stored;
  };
  const auto leave_one = [&](std::size_t i) -> net::Awaitable<void> {
    using namespace net;  // NOLINT: operator||
    auto first = co_await (put_one(i) || sleep_for(std::chrono::milliseconds(i)));
    (void)first;
  };
  const auto all = [&]() -> net::Awaitable<void> {
    for (std::size_t i = 0; i < bodies.size(); ++i)
      net::spawn(world.loop.executor(),
                 [](auto& work, int& count, std::size_t n, auto& other) -> net::Awaitable<void> {
                   if (n % 3 == 2)
                     co_await other(n);
                   else
                     co_await work(n);
                   ++count;
                 }(put_one, ended, i, leave_one));
    while (ended < static_cast<int>(bodies.size())) co_await net::sleep_for(std::chrono::milliseconds(5));
  };
  world.loop.run(all());
  CHECK(stored >= 8);
  // What was left behind in the middle is given back as soon as the server notices.
  const auto settle = [&]() -> net::Awaitable<void> {
    for (int i = 0; i < 400 && world.server->counters().requests_now > 0; ++i)
      co_await net::sleep_for(std::chrono::milliseconds(5));
  };
  world.loop.run(settle());
  const store::Stats stats = world.store->stats();
  CHECK(stats.reserved_bytes == 0);
  CHECK(stats.used_bytes == stats.pieces * store::file_bytes(kPieceMax));
  CHECK(stats.pieces >= static_cast<std::uint64_t>(stored));
  CHECK(world.engine->buffers().used_bytes() == 0);
}

}  // namespace
}  // namespace inxt::host
