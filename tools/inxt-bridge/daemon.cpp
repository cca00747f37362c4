// SPDX-License-Identifier: AGPL-3.0-or-later
// The daemon: builds all that the Bridge works with, serves until a signal comes, and ends what is in flight.
#include "serve/daemon.h"

#include <fmt/format.h>
#include <unistd.h>

#include <csignal>

#include "bridge/account_control.h"
#include "bridge/healer.h"
#include "bridge/identity.h"
#include "bridge/repair_control.h"
#include "bridge/report_control.h"
#include "bridge/schema.h"
#include "bridge/status.h"
#include "cli/escape.h"
#include "database/migrate.h"
#include "net/event_loop.h"
#include "reload.h"
#include "serve/local_servers.h"
#include "serve/running.h"
#include "serve/service.h"
#include "service.h"
#include "sys/directory.h"
#include "tasks.h"

namespace inxt::tools {

namespace {

Error explain_lock(Error error, const std::string& folder) {
  if (error.code != Code::locked) return error;
  return {Code::locked, "a Bridge runs on " + cli::escape(folder),
          "stop it first; several processes with one database have a folder each"};
}

/// Open, and with the tables that this program wants.
Result<std::unique_ptr<database::Database>> open_database(const Settings& settings, const sys::Clock& clock,
                                                          serve::Log& log) {
  database::Limits limits;
  limits.connections_max = settings.workers;
  auto opened = TRY_IN("database", database::Database::open(settings.database, limits));
  const database::Migrated migrated = TRY_IN("database", database::migrate(*opened, bridge::schema(), clock));
  if (migrated.from != migrated.to)
    log.write(serve::LogLevel::info, "migrated",
              {{"from", std::to_string(migrated.from)}, {"to", std::to_string(migrated.to)}});
  return opened;
}

/// What POST on the control socket does; one line a command.
std::vector<serve::ControlCommand> commands_of(Reload& reload, bridge::Bridge& engine) {
  return {{"/reload", [&reload](std::string_view) { return serve::answer_done(reload.run()); }},
          {"/grant", [&engine](std::string_view body) { return bridge::grant(engine, body); }},
          {"/accounts", [&engine](std::string_view body) { return bridge::list_accounts(engine, body); }},
          {"/reports",
           [&engine](std::string_view body) { return bridge::list_reports_for_operator(engine, body); }},
          {"/repairs",
           [&engine](std::string_view body) { return bridge::list_repairs_for_operator(engine, body); }},
          {"/revoke", [&engine](std::string_view body) { return bridge::revoke(engine, body); }}};
}

}  // namespace

Result<cli::Exit> run_daemon(cli::World& world, const BridgeOptions& options) {
  std::vector<sys::InheritedSocket> inherited =
      TRY(sys::take_inherited_sockets());  // before there are threads
  Settings settings = TRY(read_settings(options));
  serve::give_back_freed_memory();
  if (const auto raised = sys::raise_open_files_limit(); !raised) world.warn(raised.error().what);

  // The parts, each after what it needs.
  serve::Log log =
      serve::open_log(world.clock(), serve::log_level(world.common().quiet, world.common().verbose),
                      "inxt-bridge", [&world](const std::string& text) { world.warn(text); });
  const std::string folder = settings.folder;
  const auto directory = TRY(sys::open_directory(folder));
  const auto lock = directory->lock(sys::Path{"lock"});
  if (!lock) return std::unexpected(explain_lock(lock.error(), folder));
  const crypto::SigningKey key = TRY(bridge::load_or_make_identity(
      *directory, folder, world.random(), sys::credential_path(bridge::kIdentityFile)));
  const auto database = TRY(open_database(settings, world.clock(), log));
  net::EventLoop loop;
  net::WorkerPool workers({.threads = settings.workers, .queued_max = 1024});
  serve::Entrance entrance;
  net::HttpServer server(loop.executor(), TRY(net::TlsIdentity::make(key)), entrance, settings.server);
  server.set_refusal_headers({{"Inxt-Protocol", std::to_string(serve::kProtocol)}});
  const std::vector<std::string> listening =
      TRY(serve::open_addresses(server, settings.listen, std::move(inherited)));
  const auto hosts = TRY(bridge::Directory::make({.executor = loop.executor(),
                                                  .database = *database,
                                                  .workers = workers,
                                                  .clock = world.clock(),
                                                  .random = world.random(),
                                                  .log = log,
                                                  .key = key},
                                                 settings.hosts));
  bridge::Bridge engine({*database, workers, world.clock(), world.random(), key, log, *hosts},
                        settings.terms);
  engine.memory().on_short([&server] { server.shed_slow(); });
  entrance.open(engine);
  bridge::Healer healer({.executor = loop.executor(),
                         .database = *database,
                         .workers = workers,
                         .clock = world.clock(),
                         .random = world.random(),
                         .key = key,
                         .log = log,
                         .directory = *hosts,
                         .placer = engine.placer()},
                        settings.healing);

  serve::Announcer announcer{
      .program = "inxt-bridge",
      .workers = workers,
      .clock = world.clock(),
      .log = log,
      .announce = [&engine](std::vector<std::string> now) { engine.set_addresses(std::move(now)); },
      .descriptor_line = [&engine] { return engine.descriptor_line(); },
      .publish = [&folder](const std::string& text) { return serve::write_descriptor(folder, text); }};
  serve::Addresses addresses(loop.executor(), std::move(announcer), settings.addresses, listening);
  const std::string line = TRY(engine.descriptor_line());
  TRY(serve::write_running(folder, {"bridge", engine.id(), ::getpid(), listening}, line));
  if (world.stop().requested()) return cli::Exit::ok;  // between the start and here
  const std::optional<std::string> page = settings.local;
  Reload reload(world, engine, server, addresses, std::move(settings));
  bridge::StatusSource status(engine, server, listening);
  const auto local = TRY(serve::LocalServers::open(loop.executor(), folder, page, bridge::local_views(status),
                                                   commands_of(reload, engine), log));
  status.also([&local](bridge::Status& now) { now.page = local->page_address(); });
  status.also(
      [&healer](bridge::Status& now) { now.healer = {.now = healer.now(), .counts = healer.counts()}; });
  net::Signals signals(loop.executor(), {SIGTERM, SIGINT, SIGHUP});
  serve::Background background(loop.executor());
  start_tasks(background, {engine, server, addresses, healer});
  const std::string where = fmt::format("{}", fmt::join(listening, " ")), name = to_hex(engine.id());
  if (!sys::standard_error_is_journal()) world.say(fmt::format("listening on {} as {}", where, name));
  log.write(serve::LogLevel::info, "ready",
            {{"bridge", name},
             {"listening", where},
             {"folder", folder},
             {"database", std::string(database::dialect_name(database->dialect()))}});
  serve::tell(log, "READY=1\n" + sys::status_state(status_text(server)));
  if (page) log.write(serve::LogLevel::info, "page", {{"address", local->page_address()}});
  const int signal_number = loop.run(serve::serve_until_signal(signals, [&reload] { return reload.run(); }));
  log.write(serve::LogLevel::info, "stopping", {{"grace_ms", std::to_string(serve::kStopGraceMs)}});
  serve::tell(log, "STOPPING=1\nSTATUS=finishing what is under way");
  loop.run(server.stop(std::chrono::milliseconds(serve::kStopGraceMs)));
  loop.run(healer.stop());
  loop.run(background.stop());
  loop.run(local->stop());
  serve::remove_running(folder);
  log.write(serve::LogLevel::info, "stopped", {});
  if (signal_number == SIGINT) world.stop().request(SIGINT);
  return cli::Exit::ok;
}

}  // namespace inxt::tools
