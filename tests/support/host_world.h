// SPDX-License-Identifier: AGPL-3.0-or-later
// A Host as its peers see it, for tests: real disk, real sockets, real TLS, and a clock that is moved by
// hand.
#pragma once

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "format/contract.h"
#include "format/descriptor.h"
#include "host/host.h"
#include "net/event_loop.h"
#include "net/http_client.h"
#include "support/key_number.h"

namespace inxt::testing {

using namespace inxt::host;  // NOLINT: this is the Host seen from outside

namespace fs = std::filesystem;
using net::Header;
using net::Method;

constexpr std::int64_t kNow = 1'800'000'000;
constexpr std::uint64_t kPieceMax = proof::kPieceBytesMax;

inline Bytes noise(std::size_t size, std::uint64_t seed) {
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
class HostWorld {
 public:
  explicit HostWorld(Setup setup = {}) : setup_(setup) {
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
    terms.accept = setup.accept_any ? AcceptList::any()
                                    : *AcceptList::parse(peer.id.hex() + " # the peer\n\n# nobody\n");
    engine.emplace(Parts{*store, *workers, clock, random, host_key, log}, std::move(terms));
    server.emplace(loop.executor(), *net::TlsIdentity::make(host_key), *engine);
    const auto bound = server->listen("127.0.0.1:0");
    REQUIRE(bound.has_value());
    address = *bound;
    http.emplace(loop.executor());
  }
  ~HostWorld() {
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

inline format::Json json_of(const net::Response& response) {
  std::string_view text = text_of(response.body);
  if (text.ends_with('\n')) text.remove_suffix(1);
  auto json = format::parse_object(text, 65536);
  if (!json) FAIL(text);
  return *std::move(json);
}

inline void check_refusal(const net::Response& response, int status, std::string_view code,
                          std::string_view part = {}) {
  CAPTURE(text_of(response.body));
  CHECK(response.status == status);
  const format::Json json = json_of(response);
  CHECK(json.at("error").get<std::string>() == code);
  CHECK(json.at("message").get<std::string>().find(part) != std::string::npos);
}

inline std::vector<std::string> lines_of(const net::Response& response) {
  std::vector<std::string> lines;
  for (std::string_view text = text_of(response.body); !text.empty();) {
    const std::size_t end = text.find('\n');
    REQUIRE(end != std::string_view::npos);
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  return lines;
}

}  // namespace inxt::testing
