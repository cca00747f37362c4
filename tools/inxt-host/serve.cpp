// SPDX-License-Identifier: AGPL-3.0-or-later
// The daemon: builds all that the Host works with, serves until a signal comes, and ends what is in flight.
#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "cli/escape.h"
#include "cli/units.h"
#include "format/descriptor.h"
#include "host/host.h"
#include "host/identity.h"
#include "net/event_loop.h"
#include "options.h"
#include "running.h"
#include "sys/service.h"

namespace inxt::tools {

namespace {

/// The store's index is rebuilt beside the serving.
class Rebuild {
 public:
  Rebuild(store::Store& store, host::Log& log)
      : store_(store), thread_([&store, &log] {
          store.rebuild_index();
          store.make_folders();  // so that no PUT has to
          const store::Stats stats = store.stats();
          if (stats.rebuilding) return;
          log.write(host::LogLevel::info, "index-ready",
                    {{"pieces", std::to_string(stats.pieces)},
                     {"used_bytes", std::to_string(stats.used_bytes)},
                     {"free_bytes", std::to_string(stats.free_bytes)},
                     {"damaged", std::to_string(stats.damaged)}});
        }) {}
  Rebuild(const Rebuild&) = delete;
  Rebuild& operator=(const Rebuild&) = delete;
  ~Rebuild() { store_.stop(); }

 private:
  store::Store& store_;
  std::jthread thread_;  // joined after stop()
};

// Static, because g++ 12 takes no braced list within co_await.
const std::initializer_list<int> kSignals{SIGTERM, SIGINT, SIGHUP};

/// Until a signal ends it: its number.
net::Awaitable<int> serve_until_signal(host::Host& engine, const std::string accept) {
  for (;;) {
    const int number = co_await net::wait_for_signal(kSignals);
    if (number != SIGHUP) co_return number;
    host::Log& log = engine.parts().log;
    Result<host::AcceptList> list = host::AcceptList::load(accept);
    if (list) {
      log.write(host::LogLevel::info, "accept-list",
                {{"accounts", list->is_any() ? "any" : std::to_string(list->size())}});
      engine.set_accept_list(*std::move(list));
    } else {  // a typing error must not lock everybody out
      log.write(host::LogLevel::error, "accept-list-kept", {{"reason", list.error().what}});
    }
  }
}

bool is_wildcard(std::string_view address) {
  return address.starts_with("0.0.0.0:") || address.starts_with("[::]:");
}

/// What the descriptor says: --announce, else where it listens.
Result<std::vector<std::string>> announced(const HostOptions& options,
                                           const std::vector<std::string>& listening) {
  std::vector<std::string> addresses = options.announce;
  if (addresses.empty())
    for (const std::string& address : listening)
      if (!is_wildcard(address)) addresses.push_back(address);
  if (addresses.empty())
    return fail(Code::usage, "--listen names every interface, and no address that others could use",
                "say with --announce ADDR:PORT how others reach this Host");
  if (addresses.size() > format::kAddressesMax)
    return fail(Code::usage, fmt::format("{} addresses are more than kAddressesMax ({})", addresses.size(),
                                         format::kAddressesMax));
  for (const std::string& address : addresses)
    if (!format::is_address(address))
      return fail(Code::usage, "--announce " + cli::escape(address) + " is no ADDR:PORT");
  return addresses;
}

/// Answers nothing until there is an engine: addresses are bound first, because their ports stand in the
/// descriptor.
class Entrance final : public net::Handler {
 public:
  void open(net::Handler& to) { to_ = &to; }
  net::Awaitable<void> handle(net::ServerRequest& request, net::ServerResponse& response) override {
    return to_->handle(request, response);
  }

 private:
  net::Handler* to_ = nullptr;  // set before the loop runs for the first time
};

}  // namespace

Result<cli::Exit> serve(cli::World& world, const HostOptions& options) {
  const std::string folder = TRY(store_folder(options));
  if (!options.capacity_bytes)
    return fail(Code::usage, "no capacity is given", "give --capacity SIZE, such as 500GB");
  if (!options.accept)
    return fail(Code::usage, "nobody is accepted", "give --accept FILE with account ids, or --accept any");
  host::AcceptList accept = TRY(host::AcceptList::load(*options.accept));
  if (const auto raised = sys::raise_open_files_limit(); !raised) world.warn(raised.error().what);

  host::Log log(
      world.clock(),
      world.common().verbose >= 1 ? host::LogLevel::debug
      : world.common().quiet      ? host::LogLevel::error
                                  : host::LogLevel::info,
      [](std::string_view line) { (void)sys::write_all(sys::kStandardError, view_of(line), "log"); });
  const auto directory = TRY(sys::open_directory(folder));
  const auto store =
      TRY(store::Store::open(*directory, {.capacity_bytes = *options.capacity_bytes,
                                          .read_caching = sys::Caching::direct,
                                          .report = [&log](const std::string& what) {
                                            log.write(host::LogLevel::error, "store", {{"reason", what}});
                                          }}));
  const crypto::SigningKey key = TRY(host::load_or_make_identity(*directory, folder, world.random()));

  net::EventLoop loop;
  net::WorkerPool workers({.threads = options.workers, .queued_max = 1024});
  Entrance entrance;
  net::HttpServer server(loop.executor(), TRY(net::TlsIdentity::make(key)), entrance);
  std::vector<std::string> listening;
  std::vector<std::string> asked = options.listen;
  if (asked.empty()) asked.push_back(fmt::format("127.0.0.1:{}", kPortDefault));
  for (const std::string& address : asked)
    listening.push_back(TRY_IN("--listen " + cli::escape(address), server.listen(address)));

  host::Options terms;
  terms.addresses = TRY(announced(options, listening));
  terms.price = options.price;
  if (options.term_max_s) terms.term_seconds_max = static_cast<std::uint64_t>(*options.term_max_s);
  if (options.memory_bytes) terms.limits.buffer_bytes_max = static_cast<std::size_t>(*options.memory_bytes);
  host::Host engine({*store, workers, world.clock(), world.random(), key, log}, std::move(terms),
                    std::move(accept));
  entrance.open(engine);

  const std::string line = TRY(engine.descriptor_line());
  TRY(write_running(folder, {engine.id(), ::getpid(), listening}, line));
  if (world.stop().requested()) return cli::Exit::ok;  // between the start and here
  int signal_number = 0;
  {
    const Rebuild rebuild(*store, log);
    world.say(fmt::format("listening on {} as {}", fmt::join(listening, " "), engine.id().hex()));
    if (const auto told = sys::notify_service_manager("READY=1"); !told) world.warn(told.error().what);
    signal_number = loop.run(serve_until_signal(engine, *options.accept));
    log.write(host::LogLevel::info, "stopping", {{"grace_ms", std::to_string(kStopGraceMs)}});
    (void)sys::notify_service_manager("STOPPING=1");
    loop.run(server.stop(std::chrono::milliseconds(kStopGraceMs)));
  }
  remove_running(folder);
  log.write(host::LogLevel::info, "stopped", {});
  if (signal_number == SIGINT) world.stop().request(SIGINT);
  return cli::Exit::ok;
}

}  // namespace inxt::tools
