// SPDX-License-Identifier: AGPL-3.0-or-later
// The daemon: builds all that the Host works with, serves until a signal comes, and ends what is in flight.
#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <mutex>
#include <thread>

#include "host/credential_identity.h"
#include "host/drain.h"
#include "host/inventory.h"
#include "host/local_views.h"
#include "host/planned_absence.h"
#include "host/traffic.h"
#include "host/vouched_file.h"
#include "net/event_loop.h"
#include "reload.h"
#include "serve/daemon.h"
#include "serve/local_servers.h"
#include "serve/running.h"
#include "serve/service.h"
#include "service.h"
#include "tasks.h"

namespace inxt::tools {

namespace {

/// The store's index is rebuilt beside the serving.
class Rebuild {
 public:
  Rebuild(store::Store& store, serve::Log& log)
      : store_(store), thread_([&store, &log] {
          store.rebuild_index();
          store.make_folders();  // so that no PUT has to
          const store::Stats stats = store.stats();
          if (stats.rebuilding) return;
          log.write(serve::LogLevel::info, "index-ready",
                    {{"pieces", std::to_string(stats.pieces)},
                     {"used_bytes", std::to_string(stats.used_bytes)},
                     {"free_bytes", std::to_string(stats.free_bytes)},
                     {"damaged", std::to_string(stats.damaged)}});
          store.learn_terms();  // last: it reads a page of each piece after a rebuild
        }) {}
  Rebuild(const Rebuild&) = delete;
  Rebuild& operator=(const Rebuild&) = delete;
  ~Rebuild() { store_.stop(); }

 private:
  store::Store& store_;
  std::jthread thread_;  // joined after stop()
};

/// What outlives a restart.  A file that is damaged must not keep the Host from serving what it has.
void load_kept(host::Host& engine, sys::Directory& directory) {
  serve::Log& log = engine.parts().log;
  if (const auto loaded = host::load_traffic(engine, directory); !loaded)
    log.write(serve::LogLevel::error, "traffic-file", {{"reason", loaded.error().what}});
  if (const auto loaded = host::load_drain(engine, directory); !loaded) {
    log.write(serve::LogLevel::error, "drain-file", {{"reason", loaded.error().what}});
    engine.set_draining(true);  // somebody has asked for it
  }
  if (const auto loaded = host::load_absence(engine, directory); !loaded)
    log.write(serve::LogLevel::error, "absence-file", {{"reason", loaded.error().what}});
}

/// What POST on the control socket does; one line a command.
std::vector<serve::ControlCommand> commands_of(Reload& reload, host::Host& engine, sys::Directory& directory,
                                              host::Mover& mover, host::Bridges& bridges) {
  return {{"/reload", [&reload](std::string_view) { return serve::answer_done(reload.run()); }},
          {"/drain", [&engine, &directory](
                         std::string_view body) { return host::command_drain(engine, directory, body); }},
          {"/retire",
           [&engine, &directory, &bridges](std::string_view body) {
             return host::command_retire(engine, directory, bridges, std::string(body));
           }},
          {"/pause",
           [&engine, &directory, &bridges](std::string_view body) {
             return host::command_pause(engine, directory, bridges, std::string(body));
           }},
          {"/move", [&mover](std::string_view body) { return host::command_move(mover, body); }}};
}

}  // namespace

Result<cli::Exit> run_daemon(cli::World& world, const HostOptions& options) {
  std::vector<sys::InheritedSocket> inherited =
      TRY(sys::take_inherited_sockets());  // before there are threads
  Settings settings = TRY(read_settings(options));
  serve::give_back_freed_memory();
  if (const auto raised = sys::raise_open_files_limit(); !raised) world.warn(raised.error().what);

  // The parts, each after what it needs.
  serve::Log log =
      serve::open_log(world.clock(), serve::log_level(world.common().quiet, world.common().verbose), "inxt-host",
                      [&world](const std::string& text) { world.warn(text); });
  host::StorePlace place = TRY(host::open_store_place(settings.folder));
  if (place.path != settings.folder)
    log.write(serve::LogLevel::info, "store-has-moved", {{"from", settings.folder}, {"to", place.path}});
  sys::MovingDirectory& directory = *place.directory;
  const auto store =
      TRY(store::Store::open(directory, {.capacity_bytes = settings.capacity_bytes,
                                         .reserve_bytes = settings.reserve_bytes,
                                         .read_caching = sys::Caching::cached,  // who reads a piece once often reads it again
                                         .group_commit = settings.group_commit,
                                         .commit_delay_ms = settings.commit_delay_ms,
                                         .clock = &world.clock(),
                                         .report = [&log](const std::string& what) {
                                           log.write(serve::LogLevel::error, "store", {{"reason", what}});
                                         }}));
  const host::Identity identity =
      TRY(host::load_or_make_identity(directory, host::folder_with(place, host::kIdentityFile),
                                      world.random(), sys::credential_path(host::kIdentityFile)));
  net::EventLoop loop;
  net::WorkerPool workers({.threads = settings.workers, .queued_max = 1024});
  serve::Entrance entrance;
  net::Throttle throttle_in(loop.executor()), throttle_out(loop.executor());
  net::ServerLimits limits = settings.server;
  limits.throttle_in = &throttle_in;
  limits.throttle_out = &throttle_out;
  net::HttpServer server(loop.executor(), TRY(net::TlsIdentity::make(identity.key)), entrance, limits);
  server.set_refusal_headers({{"Inxt-Protocol", std::to_string(host::kProtocol)}});
  const std::vector<std::string> listening = 
      TRY(serve::open_addresses(server, settings.listen, std::move(inherited)));
  host::Host engine({*store, workers, world.clock(), world.random(), identity.key, log}, settings.terms);
  engine.set_former(identity);
  host::Inventory inventory(loop.executor(), {*store, workers, world.clock(), identity.key, log}, directory);
  TRY(inventory.load());
  engine.set_inventory(inventory);
  engine.buffers().on_short([&server] { server.shed_slow(); });
  load_kept(engine, directory);
  entrance.open(engine);

  std::mutex folder_mutex;
  std::string folder = place.path;  // changes when the store moves; the pool reads it, under the mutex
  serve::Announcer announcer{.program = "inxt-host",
                             .workers = workers,
                             .clock = world.clock(),
                             .log = log,
                             .announce = [&engine](std::vector<std::string> now) { engine.set_addresses(std::move(now)); },
                             .descriptor_line = [&engine] { return engine.descriptor_line(); },
                             .publish = [&](const std::string& text) {
                               const std::lock_guard guard(folder_mutex);
                               return serve::write_descriptor(folder, text);
                             }};
  serve::Addresses addresses(loop.executor(), std::move(announcer), settings.addresses, listening);
  const std::string line = TRY(engine.descriptor_line());
  if (const auto written = serve::write_running(folder, {"host", engine.id().bytes, ::getpid(), listening}, line); !written) {
    if (written.error().code != Code::quota) return std::unexpected(written.error());
    log.write(serve::LogLevel::error, "disk-full", {{"reason", written.error().what}});  // it can serve what it has
  }
  if (world.stop().requested()) return cli::Exit::ok;  // between the start and here
  const std::optional<std::string> page = settings.local;
  host::Bridges bridges(loop.executor(), engine, server);
  bridges.set(settings.bridges);
  host::VouchedFile vouched(loop.executor(), engine, directory, [&directory] { return directory.is_moving(); });
  if (const auto loaded = vouched.load(); !loaded)
    log.write(serve::LogLevel::error, "vouched-file", {{"reason", loaded.error().what}});
  engine.set_vouched_file(vouched);
  Reload reload(world, engine, server, addresses, bridges, std::move(settings));
  host::RecordKeeper records(engine, directory, [&directory] { return directory.is_moving(); });
  host::Mover mover(loop.executor(), place, engine.parts());
  mover.on_moved([&](const std::string& to) {
    serve::remove_running(folder);
    const std::string control =
        fmt::format("{}/{}", std::filesystem::absolute(folder).string(), serve::kControlSocket);
    {
      const std::lock_guard guard(folder_mutex);
      folder = to;
    }
    // The socket stays where it was bound, until the next start.
    (void)::symlink(control.c_str(), fmt::format("{}/{}", folder, "control").c_str());
    const auto write = [&]() -> Result<void> {
      const std::string text = TRY(engine.descriptor_line());
      return serve::write_running(folder, {"host", engine.id().bytes, ::getpid(), listening}, text);
    };
    if (const auto written = write(); !written)
      log.write(serve::LogLevel::error, "store", {{"reason", written.error().what}});
  });
  host::StatusSource status(engine, server, listening);
  const auto local = TRY(serve::LocalServers::open(loop.executor(), folder, page, host::local_views(status),
                                            commands_of(reload, engine, directory, mover, bridges), log));
  status.also([&local, &mover, &bridges](host::Status& now) {
    now.bridges = bridges.status();
    now.page = local->page_address();
    now.move = host::move_status(mover.progress());
  });
  net::Signals signals(loop.executor(), {SIGTERM, SIGINT, SIGHUP});
  serve::Background background(loop.executor());
  int signal_number = 0;
  {
    const Rebuild rebuild(*store, log);
    start_tasks(background, {engine, directory, server, throttle_in, throttle_out, addresses, mover, records,
                             vouched, bridges});
    if (!sys::standard_error_is_journal())
      world.say(fmt::format("listening on {} as {}", fmt::join(listening, " "), engine.id().hex()));
    log.write(serve::LogLevel::info, "ready",
              {{"host", engine.id().hex()},
               {"listening", fmt::format("{}", fmt::join(listening, " "))},
               {"store", folder},
               {"capacity_bytes", std::to_string(reload.settings().capacity_bytes)}});
    serve::tell(log, "READY=1\n" + sys::status_state(status_text(engine, server)));
    if (page) log.write(serve::LogLevel::info, "page", {{"address", local->page_address()}});
    signal_number = loop.run(serve::serve_until_signal(signals, [&reload] { return reload.run(); }));
    log.write(serve::LogLevel::info, "stopping", {{"grace_ms", std::to_string(serve::kStopGraceMs)}});
    serve::tell(log, "STOPPING=1\nSTATUS=finishing what is under way");
    loop.run(server.stop(std::chrono::milliseconds(serve::kStopGraceMs)));
    loop.run(background.stop());
    loop.run(local->stop());
    loop.run(addresses.release());
  }
  records.finish();
  if (const auto saved = host::save_traffic(engine, directory); !saved)
    log.write(serve::LogLevel::error, "traffic-file", {{"reason", saved.error().what}});
  if (const auto saved = vouched.save(); !saved)
    log.write(serve::LogLevel::error, "vouched-file", {{"reason", saved.error().what}});
  if (const auto closed = store->close(); !closed)
    log.write(serve::LogLevel::error, "store", {{"reason", closed.error().what}});
  serve::remove_running(folder);
  log.write(serve::LogLevel::info, "stopped", {});
  if (signal_number == SIGINT) world.stop().request(SIGINT);
  return cli::Exit::ok;
}

}  // namespace inxt::tools
