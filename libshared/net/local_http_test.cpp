// SPDX-License-Identifier: LGPL-3.0-or-later
// HTTP without TLS: loopback and unix sockets, and sockets that somebody else has bound.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "net/listening.h"
#include "support/net_world.h"

namespace inxt::net {
namespace {

struct Folder {
  Folder() {
    std::string name = "/tmp/inxt-net-XXXXXX";
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string path;
};

struct PlainWorld {
  explicit PlainWorld(PlainHttp where = PlainHttp::on_loopback, ServerLimits limits = {})
      : server(loop.executor(), where, shelf, limits), client(loop.executor()) {}
  ~PlainWorld() {
    client.close_idle();
    loop.run(server.stop(1000ms));
    CHECK(server.counters().connections_now == 0);
  }
  Result<Response> send(const Endpoint& endpoint, const Ask& ask) {
    return loop.run(client.send(endpoint, ask.request()));
  }

  EventLoop loop;
  Shelf shelf;
  HttpServer server;
  HttpClient client;
};

TEST_CASE("plain HTTP on loopback: bodies both ways, and the connection is kept") {
  PlainWorld world;
  const auto bound = world.server.listen("127.0.0.1:0");
  REQUIRE(bound.has_value());
  const Endpoint endpoint = Endpoint::plain(*bound);
  const Bytes body = noise(2097152);
  const auto put = world.send(endpoint, {.method = Method::put, .body = body});
  REQUIRE(put.has_value());
  CHECK(put->status == 201);
  Bytes back(body.size());
  const auto got = world.send(endpoint, {.into = back});
  REQUIRE(got.has_value());
  CHECK(back == body);
  CHECK_FALSE(got->new_connection);
  CHECK(got->peer_key == crypto::PublicKey{});
  CHECK_FALSE(world.shelf.last_peer.has_value());
  CHECK(world.shelf.last_address == "127.0.0.1");
  const ServerCounters& counters = world.server.counters();
  CHECK(counters.bytes_in > body.size());
  CHECK(counters.bytes_in < body.size() + 1000);
  CHECK(counters.bytes_out > body.size());
  CHECK(counters.bytes_out < body.size() + 1000);
  const auto connections = world.server.connections(10);
  REQUIRE(connections.size() == 1);
  CHECK(connections[0].requests == 2);
  CHECK(connections[0].is_idle);
  CHECK(connections[0].bytes_in == counters.bytes_in);
}

TEST_CASE("plain HTTP is for this machine, unless asked otherwise") {
  {
    PlainWorld world;
    for (const char* address : {"0.0.0.0:0", "[::]:0"}) {
      CAPTURE(address);
      const auto refused = world.server.listen(address);
      REQUIRE_FALSE(refused.has_value());
      CHECK(refused.error().code == Code::usage);
    }
    CHECK(world.server.listen("127.8.9.10:0").has_value());
  }
  PlainWorld world(PlainHttp::anywhere);
  const auto bound = world.server.listen("0.0.0.0:0");
  REQUIRE(bound.has_value());
  const std::string port = bound->substr(bound->rfind(':'));
  const auto answer = world.send(Endpoint::plain("127.0.0.1" + port), {});
  REQUIRE(answer.has_value());
  CHECK(answer->status == 200);
}

TEST_CASE("a name that was made to point here is not answered") {
  CHECK(is_host_of("localhost", {"127.0.0.1", 80}));
  CHECK(is_host_of("LOCALHOST:4243", {"127.0.0.1", 80}));
  CHECK(is_host_of("127.0.0.1:4243", {"127.0.0.1", 80}));
  CHECK(is_host_of("[::1]:4243", {"127.0.0.1", 80}));
  CHECK(is_host_of("192.0.2.7:1", {"192.0.2.7", 80}));
  CHECK(is_host_of("192.0.2.7:1", {"0.0.0.0", 80}));
  CHECK_FALSE(is_host_of("192.0.2.7:1", {"127.0.0.1", 80}));
  CHECK_FALSE(is_host_of("evil.example", {"0.0.0.0", 80}));
  CHECK_FALSE(is_host_of("localhost.evil.example:80", {"127.0.0.1", 80}));
  CHECK_FALSE(is_host_of("127.0.0.1.evil.example", {"127.0.0.1", 80}));
  CHECK_FALSE(is_host_of("", {"127.0.0.1", 80}));
  CHECK_FALSE(is_host_of("[::1", {"127.0.0.1", 80}));

  PlainWorld world;
  std::vector<Header> mine;
  mine.push_back({"Inxt-Protocol", "1"});
  world.server.set_refusal_headers(std::move(mine));
  const auto bound = world.server.listen("127.0.0.1:0");
  REQUIRE(bound.has_value());
  const auto port = bound->substr(bound->rfind(':'));
  const auto fine = world.send(Endpoint::plain("localhost" + port), {});
  REQUIRE(fine.has_value());
  CHECK(fine->status == 200);
  // What a browser would send: its own idea of the name.
  const std::string said = world.loop.run([](std::string at) -> Awaitable<std::string> {
    const auto place = parse_address(at);
    tcp::socket socket(co_await asio::this_coro::executor);
    tcp::endpoint to(asio::ip::make_address(place->host), place->port);
    co_await socket.async_connect(to, asio::use_awaitable);
    const std::string request = "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n";
    (void)::send(socket.native_handle(), request.data(), request.size(), 0);
    std::string answer;
    std::array<char, 4096> some{};
    for (;;) {
      co_await socket.async_wait(tcp::socket::wait_read, asio::use_awaitable);
      const ssize_t count = ::recv(socket.native_handle(), some.data(), some.size(), 0);
      if (count <= 0) break;
      answer.append(some.data(), static_cast<std::size_t>(count));
    }
    co_return answer;
  }(*bound));
  CAPTURE(said);
  CHECK(said.starts_with("HTTP/1.1 421 Misdirected Request\r\n"));
  CHECK(said.find("\r\nInxt-Protocol: 1\r\n") != std::string::npos);
  CHECK(said.find("\r\nConnection: close\r\n") != std::string::npos);
}

TEST_CASE("a unix socket serves its owner only, whatever the length of its path") {
  const Folder folder;
  for (const std::size_t length : {std::size_t{8}, std::size_t{90}, std::size_t{200}}) {
    std::string path = folder.path + "/";
    while (path.size() + 60 < folder.path.size() + length) {
      path += std::string(50, 'f') + "/";
      std::filesystem::create_directory(path);
    }
    path += "control";
    CAPTURE(path);
    {
      PlainWorld world;
      REQUIRE(world.server.listen_unix(path).has_value());
      struct stat made {};
      REQUIRE(::lstat(path.c_str(), &made) == 0);
      CHECK((made.st_mode & 0777U) == 0600U);
      for (int i = 0; i < 2; ++i) {
        const auto answer = world.send(Endpoint::unix_socket(path), {.target = "/status"});
        REQUIRE(answer.has_value());
        CHECK(answer->status == 200);
        CHECK(answer->new_connection == (i == 0));
      }
      CHECK(world.shelf.last_address == "unix");

      PlainWorld second;  // the first one is alive
      const auto refused = second.server.listen_unix(path);
      REQUIRE_FALSE(refused.has_value());
      CHECK(refused.error().what.find("another process") != std::string::npos);
      CHECK(world.send(Endpoint::unix_socket(path), {}).has_value());
    }
    CHECK_FALSE(std::filesystem::exists(path));
  }
}

TEST_CASE("a unix socket that a dead process has left is replaced; another file is not") {
  const Folder folder;
  const std::string path = folder.path + "/control";
  {
    auto left = Listening::on_unix(path);
    REQUIRE(left.has_value());
    const std::string moved = path + ".kept";  // as if the process had died: the file stays
    REQUIRE(::rename(path.c_str(), moved.c_str()) == 0);
    std::error_code ignored;
    std::filesystem::rename(moved, path + ".dead", ignored);
  }
  REQUIRE(::rename((path + ".dead").c_str(), path.c_str()) == 0);
  {
    PlainWorld world;
    const auto nobody = world.send(Endpoint::unix_socket(path), {});
    REQUIRE_FALSE(nobody.has_value());
    CHECK(nobody.error().code == Code::try_again);
    REQUIRE(world.server.listen_unix(path).has_value());
    CHECK(world.send(Endpoint::unix_socket(path), {}).has_value());
  }
  std::ofstream(path) << "precious";
  PlainWorld world;
  const auto refused = world.server.listen_unix(path);
  REQUIRE_FALSE(refused.has_value());
  CHECK(std::filesystem::file_size(path) == 8);
}

TEST_CASE("sockets that somebody else has bound are adopted") {
  const Folder folder;
  {
    World world;
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    REQUIRE(fd >= 0);
    REQUIRE(::listen(fd, 16) == 0);  // any address, any port
    const auto bound = world.server.adopt(fd);
    REQUIRE(bound.has_value());
    CHECK(bound->starts_with("0.0.0.0:"));
    world.address = "127.0.0.1" + bound->substr(bound->rfind(':'));
    CHECK(world.get().has_value());
  }
  {
    const std::string path = folder.path + "/activated";
    auto made = Listening::on_unix(path);
    REQUIRE(made.has_value());
    PlainWorld world;
    const auto bound = world.server.adopt(::dup(made->fd()));
    REQUIRE(bound.has_value());
    CHECK(*bound == "unix:" + path);
    CHECK(world.send(Endpoint::unix_socket(path), {}).has_value());
  }
  PlainWorld world;
  for (const int fd : {::socket(AF_INET, SOCK_STREAM, 0), ::socket(AF_INET, SOCK_DGRAM, 0),
                       ::open("/dev/null", O_RDONLY | O_CLOEXEC)}) {
    REQUIRE(fd >= 0);
    const auto refused = world.server.adopt(fd);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == Code::usage);
    CHECK(::fcntl(fd, F_GETFD) == -1);  // it was given away, and is closed
  }
  {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    REQUIRE(::listen(fd, 16) == 0);  // 0.0.0.0
    const auto refused = world.server.adopt(fd);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().what.find("loopback") != std::string::npos);
  }
}

TEST_CASE("without TLS no key can be expected or shown") {
  PlainWorld world;
  Endpoint endpoint = Endpoint::plain("127.0.0.1:1");
  endpoint.expected_key = identity_of(1).public_key();
  const auto refused = world.send(endpoint, {});
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == Code::usage);
}

}  // namespace
}  // namespace inxt::net
