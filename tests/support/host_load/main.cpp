// SPDX-License-Identifier: AGPL-3.0-or-later
// Hosts that register at a Bridge and beat, many at once, and look afterwards whether what was acknowledged
// is there; for tests/cli/bridge-hosts.sh and scripts/bench.  They only say that they are Hosts: nobody
// answers at their addresses.
//
//   inxt-host-load register --bridge ID --addresses A,B --hosts N --at-once N
//   inxt-host-load beat     --bridge ID --addresses A,B --hosts N --at-once N --rounds N --fresh 1 --acks
//   FILE inxt-host-load check    --bridge ID --addresses A --hosts N --acks FILE
//
// Each prints one line of JSON.  Exit status 1 when something was not as it should be, which is said on
// standard error.
#include <fmt/core.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

#include "base/encoding.h"
#include "crypto/random.h"
#include "format/heartbeat.h"
#include "format/listed_host.h"
#include "net/event.h"
#include "net/event_loop.h"
#include "net/http_client.h"
#include "sys/clock.h"

namespace inxt::host_load {
namespace {

using net::Awaitable;

constexpr int kTriesMax = 200;  // of one request, while Bridges are killed and started

struct Options {
  std::string action;
  crypto::PublicKey bridge{};
  std::vector<std::string> addresses;  // of its processes
  std::string acks;                    // a file: "host counter" a line
  std::uint64_t hosts = 100;
  std::uint64_t at_once = 8;
  std::uint64_t rounds = 1;  // heartbeats of each Host
  /// So many at once in a round before, which opens the connections: a server takes 16 handshakes of one
  /// address at once.
  std::uint64_t warm = 0;
  bool fresh = false;  // a connection for each heartbeat, as when they are a minute apart
};

[[noreturn]] void usage(const std::string& what) {
  fmt::print(stderr, "inxt-host-load: {}\n", what);
  std::exit(2);
}

struct LoadHost {
  explicit LoadHost(std::uint64_t number)
      : key(crypto::SigningKey::from_seed(crypto::SeededRandom(number + 1'000'000).bytes<32>())),
        tls(*net::TlsIdentity::make(key)),
        id{key.public_key()} {}
  crypto::SigningKey key;
  net::TlsIdentity tls;
  HostId id;
  std::uint64_t counter = 0;  // of the last heartbeat that was acknowledged
};

struct Load {
  explicit Load(const Options& its) : options(its), ended(loop.executor()) {
    net::ClientLimits limits;
    limits.idle_connections_max = options.hosts;
    http.emplace(loop.executor(), limits);
    for (std::uint64_t i = 0; i < options.hosts; ++i) hosts.push_back(std::make_unique<LoadHost>(i));
  }

  const Options& options;
  net::EventLoop loop;
  net::Event ended;
  std::optional<net::HttpClient> http;
  std::vector<std::unique_ptr<LoadHost>> hosts;
  sys::SystemClock clock;
  std::uint64_t done = 0, repeated = 0, failed = 0;
  std::size_t working = 0;
};

/// Asks one process after the other until one answers; `old` counts as done: an answer was lost.
Awaitable<bool> ask(Load& load, const LoadHost& host, std::uint64_t turn, const char* target,
                    std::string body) {
  std::string last;
  for (int i = 0; i < kTriesMax; ++i) {
    const auto& address =
        load.options.addresses[(turn + static_cast<std::uint64_t>(i)) % load.options.addresses.size()];
    net::Request request(net::Method::post, target);
    request.body = view_of(body);
    if (load.options.fresh) request.headers.push_back({"Connection", "close"});
    net::Endpoint endpoint(address, load.options.bridge, &host.tls);
    const Result<net::Response> answer = co_await load.http->send(std::move(endpoint), std::move(request));
    if (answer && (answer->ok() || (i > 0 && answer->status == 409))) co_return true;
    if (answer && answer->status != 503 && answer->status != 429) {
      fmt::print(stderr, "inxt-host-load: {} {}: {}\n", target, answer->status, text_of(answer->body));
      co_return false;
    }
    ++load.repeated;
    last = answer ? fmt::format("{}: {}", answer->status, text_of(answer->body)) : answer.error().what;
    co_await net::sleep_for(std::chrono::milliseconds(50));
  }
  fmt::print(stderr, "inxt-host-load: {}: tried {} times: {}\n", target, kTriesMax, last);
  co_return false;
}

std::string registration(const LoadHost& host, std::int64_t now) {
  format::Descriptor descriptor;
  descriptor.host = host.id;
  descriptor.software = "load";
  descriptor.addresses = {"127.0.0.1:1"};
  descriptor.issued_unix_s = now;
  descriptor.expires_unix_s = now + 7 * 86400;
  const format::Declared declared{.operator_name = "load", .domain = "", .region = "eu"};
  return *format::write_registration(
      format::hosts_line(descriptor, *format::sign_descriptor(descriptor, host.key)), declared);
}

std::string heartbeat(const Load& load, const LoadHost& host, std::uint64_t counter, std::int64_t now) {
  format::Heartbeat beat;
  beat.host = host.id;
  beat.bridge = load.options.bridge;
  beat.counter = counter;
  beat.issued_unix_s = now;
  beat.capacity_bytes = beat.free_bytes = std::uint64_t{1} << 40;
  beat.used_bytes = counter;
  beat.software = "load";
  return format::write_heartbeat_request(
      {.heartbeat = *format::sign_heartbeat(beat, host.key), .descriptor = {}});
}

Awaitable<void> work(Load& load, std::uint64_t first, std::uint64_t at_once, std::uint64_t rounds) {
  const bool beats = load.options.action == "beat";
  for (std::uint64_t round = 0; round < rounds; ++round)
    for (std::uint64_t i = first; i < load.hosts.size(); i += at_once) {
      LoadHost& host = *load.hosts[i];
      const auto now = load.clock.unix_s();
      const std::uint64_t counter =
          std::max(host.counter + 1, static_cast<std::uint64_t>(now) * 1000 + round);
      std::string body = beats ? heartbeat(load, host, counter, now) : registration(host, now);
      const bool good = co_await ask(load, host, first + round, beats ? "/v1/hosts/heartbeat" : "/v1/hosts",
                                     std::move(body));
      ++(good ? load.done : load.failed);
      if (good && beats) host.counter = counter;
    }
  --load.working;
  load.ended.notify();
}

Awaitable<void> until_done(Load& load) {
  while (load.working > 0) co_await load.ended.wait();
}

int drive(const Options& options) {
  Load load(options);
  const auto all = [&](std::uint64_t at_once, std::uint64_t rounds) {
    for (std::uint64_t i = 0; i < at_once; ++i) {
      ++load.working;
      net::spawn(load.loop.executor(), work(load, i, at_once, rounds));
    }
    load.loop.run(until_done(load));
  };
  if (options.warm > 0) all(options.warm, 1);
  load.done = load.repeated = load.failed = 0;
  const auto begun = std::chrono::steady_clock::now();
  all(options.at_once, options.rounds);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  if (!options.acks.empty()) {
    std::ofstream acks(options.acks);
    for (const auto& host : load.hosts) acks << host->id.hex() << ' ' << host->counter << '\n';
  }
  fmt::print(R"({{"done":{},"failed":{},"repeated":{},"seconds":{:.3f},"per_second":{:.1f}}})"
             "\n",
             load.done, load.failed, load.repeated, seconds, static_cast<double>(load.done) / seconds);
  return load.failed == 0 ? 0 : 1;
}

struct Listed {
  std::uint64_t counter = 0;
  bool probed = false;
};

Awaitable<Result<std::map<HostId, Listed>>> list(Load& load) {
  std::map<HostId, Listed> out;
  int tries = 0;
  for (;;) {
    net::Request request(net::Method::get, "/v1/hosts?all=1&limit=1000");
    if (!out.empty()) request.target += "&after=" + out.rbegin()->first.hex();
    request.response_bytes_max = 4u << 20;
    net::Endpoint endpoint(load.options.addresses.front(), load.options.bridge, &load.hosts.front()->tls);
    const Result<net::Response> asked = co_await load.http->send(std::move(endpoint), std::move(request));
    if ((!asked || asked->status == 503) && ++tries < kTriesMax) {  // a machine that is busy
      co_await net::sleep_for(std::chrono::milliseconds(50));
      continue;
    }
    if (!asked) co_return std::unexpected(asked.error());
    const net::Response& answer = *asked;
    if (!answer.ok())
      co_return fail(Code::failure, fmt::format("{}: {}", answer.status, text_of(answer.body)));
    std::string_view rest = text_of(answer.body);
    if (rest.empty()) co_return out;
    while (!rest.empty()) {
      const auto line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(line.size() + 1);
      CO_TRY(const format::ListedHost host, format::read_listed_host(line, "list"));
      const Listed said{.counter = host.beat ? host.beat->used_bytes : 0,
                        .probed = host.measured.probed_unix_s != 0};
      out.emplace(host.descriptor.host, said);
    }
  }
}

int check(const Options& options) {
  Load load(options);
  const auto begun = std::chrono::steady_clock::now();
  const auto listed = load.loop.run(list(load));
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  if (!listed) {
    fmt::print(stderr, "inxt-host-load: {}\n", listed.error().what);
    return 1;
  }
  std::uint64_t missing = 0, old = 0, probed = 0;
  for (const auto& [id, said] : *listed) probed += said.probed;
  std::ifstream acks(options.acks);
  std::string name;
  std::uint64_t counter = 0;
  while (acks >> name >> counter) {
    const auto found = listed->find(HostId::parse(name).value());
    missing += found == listed->end();
    old += found != listed->end() && found->second.counter < counter;
  }
  fmt::print(R"({{"listed":{},"probed":{},"missing":{},"old":{},"seconds":{:.3f}}})"
             "\n",
             listed->size(), probed, missing, old, seconds);
  return missing + old == 0 ? 0 : 1;
}

int run(int argc, char** argv) {
  if (argc < 2) usage("which action?");
  Options options;
  options.action = argv[1];
  for (int i = 2; i + 1 < argc; i += 2) {
    const std::string name = argv[i], value = argv[i + 1];
    const std::uint64_t number = std::strtoull(value.c_str(), nullptr, 10);
    if (name == "--bridge") {
      if (!from_hex(value, options.bridge)) usage("--bridge: 64 hex digits");
    } else if (name == "--addresses") {
      std::stringstream stream(value);
      for (std::string part; std::getline(stream, part, ',');) options.addresses.push_back(part);
    } else if (name == "--acks") {
      options.acks = value;
    } else if (name == "--hosts") {
      options.hosts = number;
    } else if (name == "--at-once") {
      options.at_once = std::max<std::uint64_t>(1, number);
    } else if (name == "--rounds") {
      options.rounds = number;
    } else if (name == "--warm") {
      options.warm = number;
    } else if (name == "--fresh") {
      options.fresh = number != 0;
    } else {
      usage("what is " + name + "?");
    }
  }
  if (options.addresses.empty() || options.hosts == 0) usage("--addresses? --hosts?");
  crypto::start();
  if (options.action == "register" || options.action == "beat") return drive(options);
  if (options.action == "check") return check(options);
  usage("what is " + options.action + "?");
}

}  // namespace
}  // namespace inxt::host_load

int main(int argc, char** argv) {
  return inxt::host_load::run(argc, argv);
}
