// SPDX-License-Identifier: AGPL-3.0-or-later
// A Host that cheats, for tests/cli/cheating-hosts.sh: a real one, with a store and a key, whose answers to
// audits go through somebody who lies.
//
//   cheating-host --mode MODE --store DIR [--listen ADDRESS:PORT] [--keep PART] [--seed N] [--lie
//   missing|zeros|refuse]
//                 [--peer HOSTS_LINE_FILE] [--delay MS] [--manifest FILE]
//                 [--inventory
//                 honest|sizes|duplicates|ghosts|sums|omits|two-heads|grinds|self-deals|releases|other-root]
//                 [--ghosts N] [--beacon HEX] [--samples N]
//
// Prints its hosts line (`share`: one for each of the two) once it listens, and serves until it is killed.
#include <fmt/core.h>

#include <cstdlib>

#include "cheat/cheat.h"
#include "host/identity.h"
#include "net/event_loop.h"
#include "sys/files.h"
#include "sys/service.h"

namespace inxt::cheat {

namespace {

[[noreturn]] void usage(const std::string& what) {
  fmt::print(stderr, "cheating-host: {}\n", what);
  for (const Mode& mode : modes()) fmt::print(stderr, "  {:14} {}\n", mode.name, mode.what);
  std::exit(2);
}

template <class T>
T or_end(Result<T> result) {
  if (!result) usage(result.error().what);
  return *std::move(result);
}

Lie lie_named(const std::string& name) {
  if (name == "missing") return Lie::missing;
  if (name == "zeros") return Lie::zeros;
  if (name == "refuse") return Lie::refuse;
  usage("--lie: missing, zeros or refuse");
}

const Mode& mode_named(std::string_view name) {
  for (const Mode& mode : modes())
    if (mode.name == name) return mode;
  usage(fmt::format("no mode {}", name));
}

/// One Host: an engine, the cheat before it, a server.
class Running {
 public:
  Running(const Options& options, const host::Parts& parts, net::EventLoop& loop, net::HttpClient& http,
          const Mode& mode)
      : identity_(or_end(net::TlsIdentity::make(parts.key))),
        engine_(parts, terms()),
        scene_{.options = options,
               .engine = engine_,
               .http = http,
               .key = parts.key,
               .identity = identity_,
               .folder = options.store},
        front_(scene_, mode.make(scene_)),
        server_(loop.executor(), identity_, front_) {
    if (!options.peer.empty()) {
      const Bytes text = or_end(sys::read_file(options.peer, format::kLineBytesMax, "--peer"));
      std::string_view line = text_of(text);
      if (line.ends_with('\n')) line.remove_suffix(1);
      scene_.peer = or_end(format::open_hosts_line(line, "--peer"));
    }
    engine_.set_addresses({or_end(server_.listen(options.listen))});
  }
  std::string hosts_line() { return or_end(engine_.descriptor_line()); }

 private:
  static host::Options terms() {
    host::Options terms;
    terms.accept = host::AcceptList::any();
    terms.audit_rates = {.bytes_per_s = std::uint64_t{1} << 40,
                         .bytes_per_s_per_peer = std::uint64_t{1} << 40};
    return terms;
  }

  net::TlsIdentity identity_;
  host::Host engine_;
  Scene scene_;
  CheatingHost front_;
  net::HttpServer server_;
};

int serve(const Options& options) {
  const auto directory = or_end(sys::open_directory(options.store));
  const sys::SystemClock clock;
  crypto::SystemRandom random;
  serve::Log log(clock, serve::LogLevel::error, [](std::string_view) {});  // that blocks are gone is no news
  store::Options room;
  room.capacity_bytes = std::uint64_t{4} << 30;
  room.read_caching = sys::Caching::cached;
  const auto store = or_end(store::Store::open(*directory, std::move(room)));
  store->rebuild_index();
  const host::Identity identity = or_end(host::load_or_make_identity(*directory, options.store, random));
  const auto second = crypto::SigningKey::from_seed(random.bytes<32>());
  net::EventLoop loop;
  net::WorkerPool workers({.threads = 2, .queued_max = 1024});
  net::HttpClient http(loop.executor());
  const bool is_pair = options.mode == "share";
  Running first(options, {*store, workers, clock, random, identity.key, log}, loop, http,
                mode_named(is_pair ? "honest" : options.mode));
  std::string lines = first.hosts_line();
  std::optional<Running> other;
  if (is_pair) {
    other.emplace(options, host::Parts{*store, workers, clock, random, second, log}, loop, http,
                  mode_named(options.mode));
    lines += other->hosts_line();
  }
  fmt::print("{}", lines);
  std::fflush(stdout);
  loop.run();
  return 0;
}

}  // namespace

Options parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; i += 2) {
    const std::string name = argv[i];
    if (i + 1 == argc) usage(name + " needs a value");
    const std::string value = argv[i + 1];
    if (name == "--mode") {
      options.mode = value;
    } else if (name == "--listen") {
      options.listen = value;
    } else if (name == "--store") {
      options.store = value;
    } else if (name == "--keep") {
      options.keep = std::strtod(value.c_str(), nullptr);
    } else if (name == "--seed") {
      options.seed = std::strtoull(value.c_str(), nullptr, 10);
    } else if (name == "--lie") {
      options.lie = lie_named(value);
    } else if (name == "--peer") {
      options.peer = value;
    } else if (name == "--delay") {
      options.delay_ms = std::atoi(value.c_str());
    } else if (name == "--inventory") {
      options.inventory = value;
      if (!inventory_lie_named(value)) usage("no inventory " + value);
    } else if (name == "--ghosts") {
      options.ghosts = std::strtoull(value.c_str(), nullptr, 10);
    } else if (name == "--samples") {
      options.samples = std::strtoull(value.c_str(), nullptr, 10);
    } else if (name == "--beacon") {
      if (!from_hex(value, options.beacon)) usage("--beacon: 64 hex digits");
    } else if (name == "--manifest") {
      options.manifest = value;
    } else {
      usage("what is " + name + "?");
    }
  }
  if (options.store.empty()) usage("--store: where?");
  mode_named(options.mode);
  return options;
}

}  // namespace inxt::cheat

int main(int argc, char** argv) {
  inxt::crypto::start();
  (void)inxt::sys::raise_open_files_limit();
  return inxt::cheat::serve(inxt::cheat::parse(argc, argv));
}
