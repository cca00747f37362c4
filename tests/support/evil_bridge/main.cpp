// SPDX-License-Identifier: AGPL-3.0-or-later
// A Bridge that lies, for tests/cli/malicious-bridge-*.sh: it has a real Bridge's key and works on its
// database, beside it, and its answers go through somebody who attacks whoever asks.
//
//   evil-bridge --key FILE --database ADDRESS --listen ADDRESS:PORT --control FILE --hits FILE
//
// Prints the first line of a bridge file, and serves until it is killed.  What the control file may say:
// evil.h.
#include <fmt/core.h>

#include <cstdlib>

#include "bridge/directory.h"
#include "bridge/identity.h"
#include "bridge/schema.h"
#include "database/migrate.h"
#include "evil_bridge/evil.h"
#include "net/event_loop.h"
#include "sys/files.h"
#include "sys/service.h"

namespace inxt::evil {
namespace {

struct Options {
  std::string key, database, listen = "127.0.0.1:0", control, hits;
};

[[noreturn]] void usage(const std::string& what) {
  fmt::print(stderr, "evil-bridge: {}\n", what);
  std::exit(2);
}

Options parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; i += 2) {
    const std::string name = argv[i];
    if (i + 1 == argc) usage(name + " needs a value");
    std::string* to = name == "--key"        ? &options.key
                      : name == "--database" ? &options.database
                      : name == "--listen"   ? &options.listen
                      : name == "--control"  ? &options.control
                      : name == "--hits"     ? &options.hits
                                             : nullptr;
    if (to == nullptr) usage("what is " + name + "?");
    *to = argv[i + 1];
  }
  if (options.key.empty() || options.database.empty()) usage("--key and --database: where?");
  return options;
}

int serve(const Options& options) {
  const sys::SystemClock clock;
  crypto::SystemRandom random;
  serve::Log log(clock, serve::LogLevel::error,
                 [](std::string_view line) { fmt::print(stderr, "{}\n", line); });
  const auto text = must(sys::read_file(options.key, 4096, "--key"));
  const auto key = must(bridge::read_identity(text_of(text), options.key));
  const auto database = must(database::Database::open(must(database::parse_address(options.database)), {}));
  must(database::migrate(*database, bridge::schema(), clock));
  net::EventLoop loop;
  net::WorkerPool workers({.threads = 2, .queued_max = 1024});
  const auto hosts = must(bridge::Directory::make({.executor = loop.executor(),
                                                   .database = *database,
                                                   .workers = workers,
                                                   .clock = clock,
                                                   .random = random,
                                                   .log = log,
                                                   .key = key},
                                                  bridge::DirectoryOptions{}));
  bridge::Options terms;
  terms.placement.new_audits = 0;
  terms.takes_seeds = true;
  bridge::Bridge engine({*database, workers, clock, random, key, log, *hosts}, terms);
  Scene scene{.engine = engine, .key = key, .random = random};
  EvilBridge front(scene, options.control, options.hits);
  net::HttpServer server(loop.executor(), must(net::TlsIdentity::make(key)), front);
  scene.address = must(server.listen(options.listen));
  engine.set_addresses({scene.address});
  fmt::print("{}", must(engine.descriptor_line()));
  std::fflush(stdout);
  loop.run();
  return 0;
}

}  // namespace
}  // namespace inxt::evil

int main(int argc, char** argv) {
  inxt::crypto::start();
  (void)inxt::sys::raise_open_files_limit();
  return inxt::evil::serve(inxt::evil::parse(argc, argv));
}
