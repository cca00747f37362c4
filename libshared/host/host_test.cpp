// SPDX-License-Identifier: LGPL-3.0-or-later
// A Host as its peers see it: real disk, real sockets, real TLS.
#include "host/host.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "format/audit_lines.h"
#include "format/contract.h"
#include "format/descriptor.h"
#include "host/check_store.h"
#include "net/event_loop.h"
#include "net/http_client.h"
#include "net/race.h"
#include "proof/verdict.h"
#include "support/pieces.h"

namespace inxt::host {
namespace {

namespace fs = std::filesystem;
using net::Header;
using net::Method;

constexpr std::int64_t kNow = 1'800'000'000;
constexpr std::uint64_t kPieceMax = proof::kPieceBytesMax;

crypto::SigningKey key_number(std::uint64_t number) {
  return crypto::SigningKey::from_seed(crypto::SeededRandom(number).bytes<32>());
}

Bytes noise(std::size_t size, std::uint64_t seed) {
  Bytes bytes(size);
  crypto::SeededRandom(seed).fill(bytes);
  return bytes;
}

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (fs::temp_directory_path() / "inxt-host-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~TemporaryFolder() { fs::remove_all(path_); }
  std::string path() const { return path_.string(); }

 private:
  fs::path path_;
};

/// One account's side of things.
struct Peer {
  explicit Peer(std::uint64_t number)
      : key(key_number(number)), tls(*net::TlsIdentity::make(key)), id{key.public_key()} {}
  crypto::SigningKey key;
  net::TlsIdentity tls;
  AccountId id;
};

struct Setup {
  std::uint64_t capacity_bytes = std::uint64_t{64} << 20;
  bool accept_any = false;
  std::uint64_t price = 0;
  Limits limits = {};
};

/// A Host on a fresh store, an accepted peer, a stranger, and one without a certificate.
class World {
 public:
  explicit World(Setup setup = {}) : setup_(setup) {
    crypto::start();
    directory = *sys::open_directory(folder.path());
    store::Options options;
    options.capacity_bytes = setup.capacity_bytes;
    options.report = [this](const std::string& text) {
      log.write(LogLevel::error, "store", {{"reason", text}});
    };
    auto opened = store::Store::open(*directory, std::move(options));
    REQUIRE(opened.has_value());
    store = *std::move(opened);
    store->rebuild_index();
    workers.emplace(net::WorkerLimits{.threads = 2, .queued_max = 64});
    Options terms;
    terms.addresses = {"127.0.0.1:4242"};
    terms.price = setup.price;
    terms.limits = setup.limits;
    AcceptList accept = setup.accept_any ? AcceptList::any()
                                         : *AcceptList::parse(peer.id.hex() + " # the peer\n\n# nobody\n");
    engine.emplace(Parts{*store, *workers, clock, random, host_key, log}, std::move(terms),
                   std::move(accept));
    server.emplace(loop.executor(), *net::TlsIdentity::make(host_key), *engine);
    const auto bound = server->listen("127.0.0.1:0");
    REQUIRE(bound.has_value());
    address = *bound;
    http.emplace(loop.executor());
  }
  ~World() {
    http.reset();
    loop.run(server->stop(std::chrono::milliseconds(2000)));
  }

  net::Response send(net::Request request, const net::TlsIdentity* as) {
    auto response =
        loop.run(http->send(net::Endpoint(address, host_key.public_key(), as), std::move(request)));
    if (!response) FAIL(response.error().what);
    CHECK(response->header("Inxt-Protocol") == "1");
    CHECK(response->header("Inxt-Request-Id").has_value());
    return *std::move(response);
  }
  net::Response ask(Method method, std::string target, const net::TlsIdentity* as,
                    std::vector<Header> headers = {}) {
    net::Request request(method, std::move(target));
    request.headers = std::move(headers);
    request.response_bytes_max = 4u << 20;
    return send(std::move(request), as);
  }
  net::Response get(const PieceId& piece, std::vector<Header> headers = {}) {
    return ask(Method::get, path(piece), &peer.tls, std::move(headers));
  }

  format::Offer offer_for(ByteView body) const {
    format::Offer offer;
    offer.account = peer.id;
    offer.host = HostId{host_key.public_key()};
    offer.piece = proof::piece_id_of(body);
    offer.size = static_cast<std::uint32_t>(body.size());
    offer.until_unix_s = kNow + 30 * 86400;
    offer.control = control.public_key();
    offer.tag = Bytes(format::kTagBytes, std::byte{7});
    offer.issued_unix_s = kNow;
    offer.expires_unix_s = kNow + 600;
    return offer;
  }
  std::string token_for(ByteView body) const { return *format::sign_offer(offer_for(body), peer.key); }

  net::Response put(const PieceId& piece, ByteView body, std::string token, const net::TlsIdentity* as) {
    net::Request request(Method::put, path(piece));
    request.headers.push_back(Header("Inxt-Offer", std::move(token)));
    request.body = body;
    return send(std::move(request), as);
  }
  net::Response put(ByteView body) { return put(proof::piece_id_of(body), body, token_for(body), &peer.tls); }
  net::Response put(ByteView body, const format::Offer& offer) {
    return put(proof::piece_id_of(body), body, *format::sign_offer(offer, peer.key), &peer.tls);
  }

  static std::string path(const PieceId& piece) { return "/v1/pieces/" + piece.hex(); }
  fs::path file_of(const PieceId& piece) const {
    return fs::path(folder.path()) / "pieces" / piece.hex().substr(0, 3) /
           (piece.hex() + "-" + peer.id.hex());
  }
  /// Overwrites one byte of a stored file.
  void damage(const PieceId& piece, std::uint64_t offset) {
    std::fstream file(file_of(piece), std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(offset));
    const int byte = file.get();
    file.seekp(static_cast<std::streamoff>(offset));
    file.put(static_cast<char>(byte ^ 1));
    REQUIRE(file.good());
  }

  Setup setup_;
  TemporaryFolder folder;
  sys::ManualClock clock{kNow};
  crypto::SeededRandom random{9};
  crypto::SigningKey host_key = key_number(1);
  crypto::SigningKey control = key_number(2);
  Peer peer{3}, stranger{4};
  std::string logged;
  Log log{clock, LogLevel::debug, [this](std::string_view line) { logged += line; }};
  std::unique_ptr<sys::Directory> directory;
  std::unique_ptr<store::Store> store;
  net::EventLoop loop;
  std::optional<net::WorkerPool> workers;
  std::optional<Host> engine;
  std::optional<net::HttpServer> server;
  std::optional<net::HttpClient> http;
  std::string address;
};

format::Json json_of(const net::Response& response) {
  std::string_view text = text_of(response.body);
  if (text.ends_with('\n')) text.remove_suffix(1);
  auto json = format::parse_object(text, 65536);
  if (!json) FAIL(text);
  return *std::move(json);
}

void check_refusal(const net::Response& response, int status, std::string_view code,
                   std::string_view part = {}) {
  CAPTURE(text_of(response.body));
  CHECK(response.status == status);
  const format::Json json = json_of(response);
  CHECK(json.at("error").get<std::string>() == code);
  CHECK(json.at("message").get<std::string>().find(part) != std::string::npos);
}

std::vector<std::string> lines_of(const net::Response& response) {
  std::vector<std::string> lines;
  for (std::string_view text = text_of(response.body); !text.empty();) {
    const std::size_t end = text.find('\n');
    REQUIRE(end != std::string_view::npos);
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  return lines;
}

TEST_CASE("a piece goes in, comes back, and its contract holds") {
  World world;
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
    const net::Response head = world.ask(Method::head, World::path(piece), &world.peer.tls);
    CHECK(head.status == 200);
    CHECK(head.header("Content-Length") == std::to_string(size));
    CHECK(head.body_bytes == 0);
  }
  CHECK(world.engine->buffers().used_bytes() == 0);
  CHECK(world.logged.find("event=stored") != std::string::npos);
}

TEST_CASE("the same piece again stores nothing twice and shows the first contract") {
  World world;
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

TEST_CASE("ranges") {
  World world;
  const Bytes body = noise(10000, 2);
  const PieceId piece = proof::piece_id_of(body);
  REQUIRE(world.put(body).status == 201);
  const auto ask = [&](std::string range) { return world.get(piece, {Header("Range", std::move(range))}); };
  const auto check_part = [&](std::string range, std::size_t first, std::size_t length) {
    CAPTURE(range);
    const net::Response part = ask(range);
    CHECK(part.status == 206);
    CHECK(part.header("Content-Range") == fmt::format("bytes {}-{}/10000", first, first + length - 1));
    CHECK(std::ranges::equal(part.body, ByteView(body).subspan(first, length)));
  };
  check_part("bytes=0-0", 0, 1);
  check_part("bytes=4090-4100", 4090, 11);
  check_part("bytes=4096-", 4096, 5904);
  check_part("bytes=-1", 9999, 1);
  check_part("bytes=-20000", 0, 10000);
  check_part("bytes=9999-99999999999999999", 9999, 1);
  for (const char* bad : {"bytes=10000-", "bytes=5-4", "bytes=-0", "bytes=0-1,3-4", "bytes=a-b",
                          "bytes=", "bytes=-", "bytes=18446744073709551616-", "bytes=1-2x"}) {
    CAPTURE(bad);
    const net::Response refused = ask(bad);
    check_refusal(refused, 416, "usage");
    CHECK(refused.header("Content-Range") == "bytes */10000");
  }
  CHECK(ask("pages=1-2").status == 200);
}

TEST_CASE("who is refused") {
  World world;
  const Bytes body = noise(5000, 3);
  const PieceId piece = proof::piece_id_of(body);
  check_refusal(world.put(piece, body, world.token_for(body), nullptr), 401, "denied");
  check_refusal(world.put(piece, body, world.token_for(body), &world.stranger.tls), 403, "denied",
                "not accepted");
  REQUIRE(world.put(body).status == 201);
  for (const std::string& target :
       {World::path(piece), "/v1/contracts/" + piece.hex(), std::string("/v1/contracts")}) {
    check_refusal(world.ask(Method::get, target, nullptr), 401, "denied");
    check_refusal(world.ask(Method::get, target, &world.stranger.tls), 403, "denied");
  }
  check_refusal(world.ask(Method::delete_, World::path(piece), nullptr), 401, "denied");
  check_refusal(world.ask(Method::post, "/v1/audit", nullptr), 401, "denied");
  // The list is replaced while serving.
  world.engine->set_accept_list(*AcceptList::parse(world.stranger.id.hex()));
  CHECK(world.ask(Method::get, World::path(piece), &world.stranger.tls).status == 200);
  check_refusal(world.get(piece), 403, "denied");
  // Accepted, but not the contract's account.
  check_refusal(world.ask(Method::get, "/v1/contracts/" + piece.hex(), &world.stranger.tls), 404,
                "not_found");
}

TEST_CASE("offers that are not accepted, and store nothing") {
  World world({.price = 5});
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
  net::Request without(Method::put, World::path(piece));
  without.body = body;
  check_refusal(world.send(std::move(without), &world.peer.tls), 400, "usage", "Inxt-Offer");

  CHECK(world.store->stats().pieces == 0);
  CHECK(world.store->stats().reserved_bytes == 0);
  CHECK(world.put(body, good).status == 201);  // and the good one is
}

TEST_CASE("bodies that are not the piece") {
  World world;
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
  World world({.capacity_bytes = 2 * store::file_bytes(4096) - 1});
  REQUIRE(world.put(first).status == 201);
  const net::Response full = world.put(second);
  check_refusal(full, 507, "quota", "free");
  CHECK(json_of(full).at("free_bytes").get<std::uint64_t>() == store::file_bytes(4096) - 1);
  World roomy({.capacity_bytes = 2 * store::file_bytes(4096)});
  REQUIRE(roomy.put(first).status == 201);
  CHECK(roomy.put(second).status == 201);
  CHECK(roomy.store->stats().free_bytes == 0);
}

TEST_CASE("only the control key deletes") {
  World world;
  const Bytes body = noise(5000, 10);
  const PieceId piece = proof::piece_id_of(body);
  REQUIRE(world.put(body).status == 201);
  format::Deletion good;
  good.control = world.control.public_key();
  good.host = HostId{world.host_key.public_key()};
  good.piece = piece;
  good.account = world.peer.id;
  good.issued_unix_s = kNow;
  good.expires_unix_s = kNow + 60;
  const auto remove = [&](const format::Deletion& deletion, const crypto::SigningKey& key) {
    return world.ask(Method::delete_, World::path(piece), &world.stranger.tls,
                     {Header("Inxt-Deletion", *format::sign_deletion(deletion, key))});
  };
  const auto with = [&](auto change) {
    format::Deletion deletion = good;
    change(deletion);
    return deletion;
  };
  check_refusal(world.ask(Method::delete_, World::path(piece), &world.peer.tls), 400, "usage");
  check_refusal(remove(with([&](auto& d) { d.control = world.peer.key.public_key(); }), world.peer.key), 403,
                "denied", "control key");
  check_refusal(remove(with([](auto& d) { d.host.bytes[1] ^= std::byte{1}; }), world.control), 403, "denied",
                "Host");
  check_refusal(remove(with([](auto& d) { d.piece.bytes[1] ^= std::byte{1}; }), world.control), 403, "denied",
                "piece");
  check_refusal(remove(with([](auto& d) { d.expires_unix_s = kNow - 4000; }), world.control), 403, "denied");
  check_refusal(remove(with([&](auto& d) { d.account = world.stranger.id; }), world.control), 404,
                "not_found");
  CHECK(world.get(piece).status == 200);
  const net::Response deleted = remove(good, world.control);
  CHECK(deleted.status == 200);
  CHECK(json_of(deleted).at("deleted").get<bool>());
  check_refusal(world.get(piece), 404, "not_found");
  check_refusal(remove(good, world.control), 404, "not_found");
  CHECK(world.store->stats().used_bytes == 0);
}

TEST_CASE("a capability lets its holder read one piece") {
  World world;
  const Bytes body = noise(5000, 11), unowned = noise(6000, 12);
  const PieceId piece = proof::piece_id_of(body);
  REQUIRE(world.put(body).status == 201);
  REQUIRE(world.put(unowned).status == 201);
  format::Capability good;
  good.account = world.peer.id;
  good.host = HostId{world.host_key.public_key()};
  good.client = world.stranger.key.public_key();
  good.piece = piece;
  good.issued_unix_s = kNow;
  good.expires_unix_s = kNow + 60;
  const auto read = [&](auto change, const Peer& as) {
    format::Capability capability = good;
    change(capability);
    const crypto::SigningKey& key = capability.account == world.peer.id ? world.peer.key : world.stranger.key;
    return world.ask(Method::get, World::path(piece), &as.tls,
                     {Header("Inxt-Capability", *format::sign_capability(capability, key))});
  };
  const auto as_it_is = [](auto&) {};
  const net::Response got = read(as_it_is, world.stranger);
  CHECK(got.status == 200);
  CHECK(got.body == body);
  check_refusal(read(as_it_is, Peer(77)), 403, "denied", "client key");
  check_refusal(read([](auto& c) { c.host.bytes[0] ^= std::byte{1}; }, world.stranger), 403, "denied",
                "another Host");
  check_refusal(read([&](auto& c) { c.piece = proof::piece_id_of(unowned); }, world.stranger), 403, "denied",
                "piece");
  check_refusal(read([](auto& c) { c.expires_unix_s = kNow - 4000; }, world.stranger), 403, "denied",
                "expired");
  check_refusal(read([&](auto& c) { c.account = world.stranger.id; }, world.stranger), 403, "denied",
                "not accepted");
}

TEST_CASE("contracts are listed by account, in pages") {
  World world({.accept_any = true});
  std::vector<PieceId> pieces;
  for (std::uint64_t i = 0; i < 7; ++i) {
    const Bytes body = noise(16 + i, 20 + i);
    REQUIRE(world.put(body).status == 201);
    pieces.push_back(proof::piece_id_of(body));
  }
  std::ranges::sort(pieces);
  world.damage(pieces[3], fs::file_size(world.file_of(pieces[3])) - 20);  // its trailer's checksum

  std::vector<PieceId> listed;
  std::string after;
  for (int page = 0; page < 10; ++page) {
    const net::Response answer =
        world.ask(Method::get, "/v1/contracts?limit=4&after=" + after, &world.peer.tls);
    REQUIRE(answer.status == 200);
    const auto lines = lines_of(answer);
    if (lines.empty()) break;
    if (page == 0) CHECK(lines.size() == 4);  // a damaged one is passed over, not an early end
    for (const std::string& line : lines) {
      const format::Json json = *format::parse_object(line, 16384);
      after = json.at("piece").get<std::string>();
      listed.push_back(*PieceId::parse(after));
      CHECK(format::open_offer(json.at("offer").get<std::string>(), kNow)->piece == listed.back());
    }
  }
  std::erase(pieces, pieces[3]);
  CHECK(listed == pieces);
  CHECK(lines_of(world.ask(Method::get, "/v1/contracts", &world.stranger.tls)).empty());
  CHECK(json_of(world.ask(Method::get, "/v1/contracts/" + pieces[0].hex(), &world.peer.tls))
            .at("piece")
            .get<std::string>() == pieces[0].hex());
  for (const char* query : {"limit=0", "limit=65", "limit=x", "after=zz"})
    check_refusal(world.ask(Method::get, std::string("/v1/contracts?") + query, &world.peer.tls), 400,
                  "usage");
}

TEST_CASE("audits are answered, and what is not there is missing") {
  World world;
  const Bytes whole = noise(kPieceMax - 5, 30), bad = noise(300000, 31), gone = noise(5000, 32);
  for (const Bytes* body : {&whole, &bad, &gone}) REQUIRE(world.put(*body).status == 201);
  const PieceId whole_id = proof::piece_id_of(whole), bad_id = proof::piece_id_of(bad),
                gone_id = proof::piece_id_of(gone);
  world.damage(bad_id, 4096 * 70 + 17);
  fs::remove(world.file_of(gone_id));

  format::AuditRequest request;
  request.challenge.fill(std::byte{9});
  request.samples = {{whole_id, 0}, {whole_id, 511}, {whole_id, 100}, {bad_id, 70},
                     {bad_id, 1},   {gone_id, 0},    {PieceId{}, 3},  {bad_id, 511}};
  const std::vector<bool> held{true, true, true, false, true, false, false, false};
  const std::string body = format::write_request(request);
  net::Request post(Method::post, "/v1/audit");
  post.body = view_of(body);
  post.response_bytes_max = 2u << 20;
  const net::Response answer = world.send(std::move(post), &world.stranger.tls);
  REQUIRE(answer.status == 200);
  const auto lines = lines_of(answer);
  REQUIRE(lines.size() == held.size() + 1);
  std::string proofs;
  for (std::size_t i = 0; i < held.size(); ++i) {
    CAPTURE(i);
    const auto line = format::read_proof(lines[i], "line");
    REQUIRE(line.has_value());
    CHECK(line->sample == request.samples[i]);
    CHECK(line->missing == !held[i]);
    proofs += lines[i] + "\n";
    if (!held[i]) continue;
    const std::uint64_t size = line->sample.piece == whole_id ? whole.size() : bad.size();
    const proof::Proof proof{line->sample.piece, line->sample.block, false,
                             line->size,         line->data,         line->path};
    CHECK(proof::verify(line->sample.piece, size, line->sample.block, proof) == proof::Outcome::held);
  }
  const auto signed_line = format::read_answer(lines.back(), "answer");
  REQUIRE(signed_line.has_value());
  CHECK(signed_line->host == HostId{world.host_key.public_key()});
  CHECK(signed_line->challenge == request.challenge);
  CHECK(signed_line->request == crypto::sha256(view_of(body)));
  CHECK(signed_line->hash == crypto::sha256(view_of(proofs)));
  CHECK(world.logged.find("event=not-proved") != std::string::npos);

  net::Request nonsense(Method::post, "/v1/audit");
  nonsense.body = view_of("{");
  check_refusal(world.send(std::move(nonsense), &world.peer.tls), 400, "integrity");
  const Bytes large(format::kAuditRequestBytesMax + 1, std::byte{' '});
  net::Request too_large(Method::post, "/v1/audit");
  too_large.body = large;
  check_refusal(world.send(std::move(too_large), &world.peer.tls), 413, "usage", "kAuditRequestBytesMax");
}

TEST_CASE("a disk that lost or shortened a file costs an answer, not the Host") {
  World world;
  const Bytes gone = noise(5000, 40), cut = noise(50000, 41);
  REQUIRE(world.put(gone).status == 201);
  REQUIRE(world.put(cut).status == 201);
  fs::remove(world.file_of(proof::piece_id_of(gone)));
  fs::resize_file(world.file_of(proof::piece_id_of(cut)), 4096);
  check_refusal(world.get(proof::piece_id_of(gone)), 404, "not_found");
  check_refusal(world.get(proof::piece_id_of(cut)), 404, "not_found");
  CHECK(world.logged.find("level=error") != std::string::npos);
  CHECK(world.store->stats().damaged == 1);
}

TEST_CASE("health, descriptor, paths, methods, protocol") {
  World world;
  const format::Json health = json_of(world.ask(Method::get, "/v1/health", nullptr));
  CHECK(health.at("status").get<std::string>() == "ok");
  CHECK(health.at("protocol") == format::Json::array({1}));
  CHECK_FALSE(health.at("rebuilding").get<bool>());
  CHECK(health.at("time").get<std::int64_t>() == kNow);

  const auto descriptor_of = [&] {
    std::string line = lines_of(world.ask(Method::get, "/v1/descriptor", nullptr)).at(0);
    auto descriptor = format::open_hosts_line(line, "descriptor");
    REQUIRE(descriptor.has_value());
    return *std::move(descriptor);
  };
  CHECK(descriptor_of().host == HostId{world.host_key.public_key()});
  CHECK(descriptor_of().free_bytes == world.setup_.capacity_bytes);
  REQUIRE(world.put(noise(100, 1)).status == 201);
  CHECK(descriptor_of().free_bytes == world.setup_.capacity_bytes);  // kept for some seconds
  world.clock.advance_ms(5001);
  CHECK(descriptor_of().free_bytes == world.setup_.capacity_bytes - store::file_bytes(100));

  check_refusal(world.ask(Method::get, "/", nullptr), 404, "not_found");
  check_refusal(world.ask(Method::get, "/v1/pieces/../../etc/passwd", &world.peer.tls), 400, "usage");
  check_refusal(world.ask(Method::get, "/v1/pieces/" + std::string(64, 'A'), &world.peer.tls), 400, "usage");
  const net::Response wrong = world.ask(Method::post, World::path(PieceId{}), &world.peer.tls);
  check_refusal(wrong, 405, "usage");
  CHECK(wrong.header("Allow") == "GET, HEAD, PUT, DELETE");
  CHECK(world.ask(Method::get, "/v1/health", nullptr, {Header("Inxt-Protocol", "9")}).status == 200);
  const net::Response later =
      world.ask(Method::get, "/v1/contracts", &world.peer.tls, {Header("Inxt-Protocol", "2")});
  check_refusal(later, 400, "usage", "protocol 1");
  CHECK(json_of(later).at("protocol") == format::Json::array({1}));

  CHECK(world.ask(Method::get, "/v1/health", nullptr, {Header("Inxt-Request-Id", "abc-1")})
            .header("Inxt-Request-Id") == "abc-1");
  CHECK(world.ask(Method::get, "/v1/health", nullptr, {Header("Inxt-Request-Id", "a b=c")})
            .header("Inxt-Request-Id") != "a b=c");
  CHECK(world.logged.find("request=abc-1") != std::string::npos);
}

TEST_CASE("limits: memory and requests of one peer") {
  const Bytes body = noise(kPieceMax, 50);
  {
    World world({.limits = {.buffer_bytes_max = 1 << 20}});
    const net::Response busy = world.put(body);
    check_refusal(busy, 503, "try_again", "buffer_bytes_max");
    CHECK(busy.header("Retry-After") == "1");
    CHECK(json_of(busy).at("retry_after_ms").get<int>() > 0);
    CHECK(world.store->stats().reserved_bytes == 0);
    CHECK(world.put(noise(1000, 51)).status == 201);
  }
  World world({.limits = {.requests_per_peer_max = 0}});
  check_refusal(world.ask(Method::get, "/v1/contracts", &world.peer.tls), 429, "try_again",
                "requests_per_peer_max");
}

TEST_CASE("what is stored passes the check, what is damaged does not") {
  World world;
  const Bytes body = noise(300000, 60);
  const PieceId piece = proof::piece_id_of(body);
  REQUIRE(world.put(body).status == 201);
  const HostId host{world.host_key.public_key()};
  int told = 0;
  const auto look = [&](Depth depth, const HostId& of) {
    return *check_store(*world.directory, depth, of, [&](const std::string&, const Error&) { ++told; });
  };
  CHECK(look(Depth::trailers, host).pieces == 1);
  CHECK(look(Depth::whole, host).pieces == 1);
  CHECK(look(Depth::whole, host).bytes == store::file_bytes(300000));
  CHECK(told == 0);
  CHECK(look(Depth::trailers, HostId{}).damaged == 1);
  world.damage(piece, 5000);
  CHECK(look(Depth::trailers, host).pieces == 1);
  CHECK(look(Depth::whole, host).damaged == 1);
  world.damage(piece, fs::file_size(world.file_of(piece)) - 100);
  CHECK(look(Depth::trailers, host).damaged == 1);
  std::ofstream(world.file_of(piece).parent_path() / "note") << "x";
  CHECK(look(Depth::trailers, host).strangers == 1);
}

TEST_CASE("pieces of many peers at once, some of them leaving in the middle") {
  World world({.accept_any = true});
  std::vector<Bytes> bodies;
  for (std::uint64_t i = 0; i < 12; ++i) bodies.push_back(noise(kPieceMax, 100 + i));
  int stored = 0, ended = 0;
  const auto put_one = [&](std::size_t i) -> net::Awaitable<void> {
    net::Request request(Method::put, World::path(proof::piece_id_of(bodies[i])));
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
