// SPDX-License-Identifier: LGPL-3.0-or-later
// What a Host answers about what it has: reading, deleting, contracts, audits; and whom it answers.
#include "format/audit_lines.h"
#include "format/lease.h"
#include "host/check_store.h"
#include "proof/verdict.h"
#include "support/host_world.h"

namespace inxt::host {
namespace {

using namespace inxt::testing;  // NOLINT: tests

TEST_CASE("ranges") {
  HostWorld world;
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
  HostWorld world;
  const Bytes body = noise(5000, 3);
  const PieceId piece = proof::piece_id_of(body);
  check_refusal(world.put(piece, body, world.token_for(body), nullptr), 401, "denied");
  check_refusal(world.put(piece, body, world.token_for(body), &world.stranger.tls), 403, "denied",
                "not accepted");
  REQUIRE(world.put(body).status == 201);
  for (const std::string& target :
       {HostWorld::path(piece), "/v1/contracts/" + piece.hex(), std::string("/v1/contracts")}) {
    check_refusal(world.ask(Method::get, target, nullptr), 401, "denied");
    check_refusal(world.ask(Method::get, target, &world.stranger.tls), 403, "denied");
  }
  check_refusal(world.ask(Method::delete_, HostWorld::path(piece), nullptr), 401, "denied");
  check_refusal(world.ask(Method::post, "/v1/audit", nullptr), 401, "denied");
  // The list is replaced while serving.
  Options changed = world.engine->options();
  changed.accept = *AcceptList::parse(world.stranger.id.hex());
  world.engine->set_options(std::move(changed));
  CHECK(world.ask(Method::get, HostWorld::path(piece), &world.stranger.tls).status == 200);
  // Who is not accepted any more stores nothing new, and has what it has.
  check_refusal(world.put(noise(5000, 4)), 403, "denied", "not accepted");
  CHECK(world.get(piece).status == 200);
  CHECK(world.ask(Method::get, "/v1/contracts", &world.peer.tls).status == 200);
  // Accepted, but not the contract's account.
  check_refusal(world.ask(Method::get, "/v1/contracts/" + piece.hex(), &world.stranger.tls), 404,
                "not_found");
}

TEST_CASE("only the control key deletes") {
  HostWorld world;
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
    return world.ask(Method::delete_, HostWorld::path(piece), &world.stranger.tls,
                     {Header("Inxt-Deletion", *format::sign_deletion(deletion, key))});
  };
  const auto with = [&](auto change) {
    format::Deletion deletion = good;
    change(deletion);
    return deletion;
  };
  check_refusal(world.ask(Method::delete_, HostWorld::path(piece), &world.peer.tls), 400, "usage");
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
  HostWorld world;
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
    return world.ask(Method::get, HostWorld::path(piece), &as.tls,
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
                "keeps no such piece");
}

TEST_CASE("a lease by a Bridge lets its holder read some pieces, where the account gave it a capability") {
  HostWorld world;
  const Bytes body = noise(5000, 11), other = noise(7000, 12), unowned = noise(6000, 13);
  const PieceId piece = proof::piece_id_of(body);
  REQUIRE(world.put(body).status == 201);
  REQUIRE(world.put(other).status == 201);
  const Peer bridge(70), another_bridge(71);
  format::LeasingCapability capability;
  capability.account = world.peer.id;
  capability.host = HostId{world.host_key.public_key()};
  capability.bridge = bridge.key.public_key();
  capability.issued_unix_s = kNow - 1000;
  capability.expires_unix_s = kNow + 86400;
  format::Lease lease;
  lease.bridge = capability.bridge;
  lease.host = capability.host;
  lease.client = world.stranger.key.public_key();
  lease.account = world.peer.id;
  lease.pieces = {proof::piece_id_of(unowned), piece};
  lease.issued_unix_s = kNow;
  lease.expires_unix_s = kNow + 3600;
  const auto header = [&] {
    const Peer& by = capability.account == world.peer.id ? world.peer : world.stranger;
    return Header("Inxt-Capability", *format::sign_leasing_capability(capability, by.key) + "~" +
                                         *format::sign_lease(lease, bridge.key));
  };
  const auto get = [&](const PieceId& wanted, const Peer& as, Header shown) {
    return world.ask(Method::get, HostWorld::path(wanted), &as.tls, {std::move(shown)});
  };
  const Header good = header();
  const net::Response got = get(piece, world.stranger, good);
  CHECK(got.status == 200);
  CHECK(got.body == body);
  const net::Response part = world.ask(Method::get, HostWorld::path(piece), &world.stranger.tls,
                                       {good, Header("Range", "bytes=4096-4999")});
  CHECK(part.status == 206);
  CHECK(part.body == Bytes(body.begin() + 4096, body.end()));
  CHECK(world.ask(Method::head, HostWorld::path(piece), &world.stranger.tls, {good}).status == 200);
  CHECK(get(piece, world.stranger, Header("Inxt-Request-Id", "x")).status == 403);

  check_refusal(get(piece, another_bridge, good), 403, "denied", "another client key");
  check_refusal(get(proof::piece_id_of(other), world.stranger, good), 403, "denied", "other pieces");
  check_refusal(get(proof::piece_id_of(unowned), world.stranger, good), 403, "denied", "keeps no such piece");
  // Neither half lets anybody read.
  const std::string both = good.value;
  const std::size_t between = both.find('~');
  CHECK(get(piece, bridge, Header("Inxt-Capability", both.substr(0, between))).status == 403);
  CHECK(get(piece, world.stranger, Header("Inxt-Capability", both.substr(between))).status == 403);
  // A capability by somebody who keeps nothing here.
  capability.account = world.stranger.id;
  lease.account = world.stranger.id;
  check_refusal(get(piece, world.stranger, header()), 403, "denied", "keeps no such piece");
  capability.account = lease.account = world.peer.id;
  capability.bridge = another_bridge.key.public_key();
  check_refusal(get(piece, world.stranger, header()), 403, "denied", "another Bridge");
  capability.bridge = bridge.key.public_key();
  capability.expires_unix_s = kNow - 4000;
  check_refusal(get(piece, world.stranger, header()), 403, "denied", "expired");
}

TEST_CASE("contracts are listed by account, in pages") {
  HostWorld world({.accept_any = true});
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

TEST_CASE("a list that cannot be read is refused, not ended") {
  HostWorld world;
  for (std::uint64_t i = 0; i < kContractsPerAnswerMax + 1; ++i) {
    const Bytes body = noise(100, 700 + i);
    REQUIRE(world.put(body).status == 201);
    const auto file = world.file_of(proof::piece_id_of(body));
    fs::remove(file);
    fs::create_symlink("/dev/null",
                       file);  // opening it fails like a bad disk: nothing says that the piece is gone
  }
  check_refusal(world.ask(Method::get, "/v1/contracts", &world.peer.tls), 500, "failure");
}

TEST_CASE("audits are answered, and what is not there is missing") {
  HostWorld world;
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
  // What never was here is no fault of the disk: a stranger does not fill the log of errors.
  const std::size_t stranger_at = world.logged.find("piece=" + PieceId{}.hex());
  REQUIRE(stranger_at != std::string::npos);
  const std::size_t line_at = world.logged.rfind('\n', stranger_at) + 1;
  CHECK(world.logged.substr(line_at, stranger_at - line_at).find("level=debug") != std::string::npos);
  CHECK(world.logged.find("level=error event=not-proved") != std::string::npos);

  net::Request nonsense(Method::post, "/v1/audit");
  nonsense.body = view_of("{");
  check_refusal(world.send(std::move(nonsense), &world.peer.tls), 400, "integrity");
  const Bytes large(format::kAuditRequestBytesMax + 1, std::byte{' '});
  net::Request too_large(Method::post, "/v1/audit");
  too_large.body = large;
  check_refusal(world.send(std::move(too_large), &world.peer.tls), 413, "usage", "kAuditRequestBytesMax");
}

TEST_CASE("a disk that lost or shortened a file costs an answer, not the Host") {
  HostWorld world;
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
  HostWorld world;
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
  const net::Response wrong = world.ask(Method::post, HostWorld::path(PieceId{}), &world.peer.tls);
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

TEST_CASE("what is stored passes the check, what is damaged does not") {
  HostWorld world;
  const Bytes body = noise(300000, 60);
  const PieceId piece = proof::piece_id_of(body);
  REQUIRE(world.put(body).status == 201);
  const HostId host{world.host_key.public_key()};
  int told = 0;
  const auto look = [&](Depth depth, const HostId& of) {
    return *check_store(*world.directory, depth, std::span(&of, 1),
                        [&](const std::string&, const Error&) { ++told; });
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

}  // namespace
}  // namespace inxt::host
