// SPDX-License-Identifier: AGPL-3.0-or-later
// The prober against servers over real TLS that behave, or do not.
#include "bridge/http_host_prober.h"

#include <doctest/doctest.h>

#include "format/audit_lines.h"
#include "net/event_loop.h"
#include "net/http_server.h"
#include "proof/tree.h"

namespace inxt::bridge {
namespace {

using net::Awaitable;

crypto::SigningKey key_number(int number) {
  return crypto::SigningKey::from_seed(Bytes(32, static_cast<std::byte>(number)));
}

/// As much of a Host as a probe sees.
class ProbedHost final : public net::Handler {
 public:
  ProbedHost(net::EventLoop& loop, int number)
      : key(key_number(number)), server_(loop.executor(), *net::TlsIdentity::make(key), *this) {
    address = server_.listen("127.0.0.1:0").value();
  }

  Awaitable<void> handle(net::ServerRequest& request, net::ServerResponse& response) override {
    ++requests;
    if (request.path() == "/v1/health") {
      const Result<void> sent = co_await response.send(200, {}, view_of("{}"));
    } else if (request.path() == "/v1/audit") {
      const Result<Bytes> body = co_await request.read_all();
      const std::string answer = audited(text_of(*body));
      const Result<void> sent = co_await response.send(200, {}, view_of(answer));
    } else if (request.method() == net::Method::put) {
      voucher = request.header("Inxt-Voucher").value_or("");
      piece.resize(request.body_bytes_left());
      const Result<void> read = co_await request.read_exactly(piece);
      const Result<void> sent = co_await response.send(accepts ? 201 : 403, {}, view_of("{}"));
    } else {
      if (spoils) piece[5] ^= std::byte{1};
      const Result<void> sent = co_await response.send(200, {}, piece);
    }
  }

  std::string audited(std::string_view body) {
    const auto request = format::read_request(body).value();
    const proof::Tree tree(piece);
    std::string lines;
    for (const auto& sample : request.samples) {
      format::ProofLine line;
      line.sample = sample;
      line.missing = lost;
      if (!lost) {
        line.size = static_cast<std::uint32_t>(piece.size());
        line.data = copy_of(ByteView(piece).subspan(sample.block * proof::kBlockBytes,
                                                    proof::block_bytes(piece.size(), sample.block)));
        line.path = tree.path(sample.block);
      }
      lines += format::write_proof(line);
    }
    const format::AnswerLine answer{.challenge = request.challenge,
                                    .host = HostId{key.public_key()},
                                    .request = crypto::sha256(view_of(body)),
                                    .time_unix_s = 1'700'000'000,
                                    .proofs = request.samples.size(),
                                    .hash = crypto::sha256(view_of(lines))};
    return lines + format::sign_answer(answer, key);
  }

  format::Descriptor descriptor(std::vector<std::string> addresses) const {
    format::Descriptor out;
    out.host = {key.public_key()};
    out.addresses = std::move(addresses);
    out.term_seconds_max = 86400;
    return out;
  }
  Awaitable<void> stop() { return server_.stop(std::chrono::milliseconds(100)); }

  crypto::SigningKey key;
  std::string address;
  bool accepts = true, spoils = false, lost = false;
  int requests = 0;
  std::string voucher;
  Bytes piece;

 private:
  net::HttpServer server_;
};

struct HostProberWorld {
  HostProberWorld() { crypto::start(); }
  ~HostProberWorld() {
    http.reset();
    loop.run(host.stop());
    loop.run(other.stop());
  }
  HttpHostProber prober(PrivateAddresses allowed = PrivateAddresses::allow) {
    return HttpHostProber(*http, identity, key, clock, random, allowed);
  }

  net::EventLoop loop;
  ProbedHost host{loop, 1}, other{loop, 2};
  crypto::SigningKey key = key_number(3);
  net::TlsIdentity identity = *net::TlsIdentity::make(key);
  std::optional<net::HttpClient> http{std::in_place, loop.executor()};
  sys::ManualClock clock{1'700'000'000};
  crypto::SeededRandom random{1};
};

TEST_CASE("a Host is reached where its own key answers") {
  HostProberWorld world;
  auto prober = world.prober();
  const auto reached = world.loop.run(prober.reach(world.host.descriptor({world.host.address}))).value();
  CHECK(reached.address == world.host.address);
  CHECK(reached.ip == "127.0.0.1");
  CHECK(reached.rtt_us > 0);
  // A dead address before it does no harm: port 1 of loopback.
  const auto behind =
      world.loop.run(prober.reach(world.host.descriptor({"127.0.0.1:1", world.host.address}))).value();
  CHECK(behind.address == world.host.address);
  const auto named = world.host.address.substr(world.host.address.find(':'));
  CHECK(world.loop.run(prober.reach(world.host.descriptor({"localhost" + named}))));
}

TEST_CASE("another's address makes a Host unreachable, alone and beside its own") {
  HostProberWorld world;
  auto prober = world.prober();
  const auto alone = world.loop.run(prober.reach(world.host.descriptor({world.other.address})));
  CHECK(alone.error().code == Code::denied);
  const auto beside =
      world.loop.run(prober.reach(world.host.descriptor({world.host.address, world.other.address})));
  CHECK(beside.error().code == Code::denied);
  CHECK(world.other.requests == 0);  // not one request came through
  const auto nobody = world.loop.run(prober.reach(world.host.descriptor({"127.0.0.1:1"})));
  CHECK(nobody.error().code == Code::try_again);
}

TEST_CASE("what a name stands for inside one's own network is not asked") {
  HostProberWorld world;
  auto prober = world.prober(PrivateAddresses::refuse);
  CHECK(world.loop.run(prober.reach(world.host.descriptor({world.host.address}))).error().code ==
        Code::usage);
  const auto port = world.host.address.substr(world.host.address.find(':'));
  CHECK(!world.loop.run(prober.reach(world.host.descriptor({"ip6-localhost" + port}))));
  CHECK(world.host.requests == 0);
}

TEST_CASE("speed is measured with a piece that comes back whole, and audits tell whether it is still there") {
  HostProberWorld world;
  auto prober = world.prober();
  const auto host = world.host.descriptor({world.host.address});
  const auto speed = world.loop.run(prober.measure_speed(host, world.host.address)).value();
  CHECK(speed.piece == proof::piece_id_of(world.host.piece));
  CHECK(speed.bytes == kProbePieceBytes);
  CHECK(speed.until_unix_s == 1'700'000'000 + 86400);  // no longer than the Host takes
  CHECK(speed.up_bytes_per_s > 0);
  CHECK(speed.down_bytes_per_s > 0);
  CHECK(!world.host.voucher.empty());
  const auto audit = [&] {
    return world.loop.run(prober.audit(host, world.host.address, speed.piece, speed.bytes));
  };
  CHECK(audit() == true);
  world.host.piece[7] ^= std::byte{1};
  for (auto& byte : world.host.piece) byte ^= std::byte{1};
  CHECK(audit() == false);
  world.host.lost = true;
  CHECK(audit() == false);
}

TEST_CASE("a Host that gives other bytes, or takes none, has no speed") {
  HostProberWorld world;
  auto prober = world.prober();
  const auto host = world.host.descriptor({world.host.address});
  world.host.spoils = true;
  CHECK(world.loop.run(prober.measure_speed(host, world.host.address)).error().code == Code::integrity);
  world.host.accepts = false;
  CHECK(world.loop.run(prober.measure_speed(host, world.host.address)).error().code == Code::denied);
}

}  // namespace
}  // namespace inxt::bridge
