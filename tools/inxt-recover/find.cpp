// SPDX-License-Identifier: AGPL-3.0-or-later
// What Hosts have, and what the log says of it.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/escape.h"
#include "cli/units.h"
#include "recover_tool.h"

namespace inxt::recover_tool {
namespace {

constexpr std::size_t kTroublesSaidMax = 20;

}  // namespace

Recovery::Recovery(cli::World& world, const Options& options, const keys::Key& key,
                   const format::KnownHosts& hosts, client::RecoverState& state)
    : world_(world),
      options_(options),
      key_(key),
      hosts_(hosts),
      state_(state),
      session_(client::accounts_of(key, 0, world.random()), world.clock(), world.random()),
      recover_{.network = session_.network(),
               .service_of = [this](std::uint32_t number) -> transfer::PieceService& {
                 return session_.network_as(key_, number).service;
               },
               .key = key,
               .state = state,
               .holders = holders_,
               .hosts = client::addresses_of(hosts),
               .stopped = [this] { return stopped(); }} {}

client::Network Recovery::network_as(std::uint32_t number) {
  auto& known = services_[number];
  if (!known) known = std::make_unique<client::PiecesOfHolders>(recover_.service_of, holders_, number);
  auto network = session_.network();
  return {*known, network.executor, network.workers, network.clock, network.random};
}

Result<void> Recovery::list() {
  client::RecoverListCallbacks callbacks;
  callbacks.stopped = [this] { return stopped(); };
  callbacks.on_page = [this](std::uint64_t, std::uint64_t bytes) { world_.progress().add_bytes(bytes); };
  const client::PieceServiceOf service_of = [this](std::uint32_t number) {
    return std::make_unique<transfer::HttpPieceService>(
        session_.http(), client::accounts_of(key_, number, world_.random()), world_.clock());
  };
  if (state_.is_resumed()) world_.say(fmt::format("going on from what {} has", cli::escape(state_.path())));
  world_.progress().begin("finding");
  const client::RecoverListOptions listing{.jobs = options_.jobs};
  const auto begun_ms = world_.clock().steady_ms();
  const auto report = TRY(session_.run(client::list_own_pieces(
      session_.network(), key_, service_of, recover_.hosts, state_, listing, std::move(callbacks))));
  world_.progress().finish();
  state_.sort();
  std::size_t said = 0;
  std::set<HostId> troubled;
  for (const auto& trouble : report.troubles) {
    troubled.insert(trouble.host);
    format::Json line;
    line["type"] = "host";
    line["host"] = trouble.host.hex();
    line["uploader"] = trouble.number;
    line["error"] = code_name(trouble.error.code);
    line["message"] = cli::escape(trouble.error.what);
    if (world_.common().json) TRY(world_.print_json(line));
    if (said++ < kTroublesSaidMax)
      world_.warn(
          fmt::format("Host {}: {}", trouble.host.hex().substr(0, 8), cli::escape(trouble.error.what)));
  }
  tally_.silent = troubled.size();
  if (world_.common().json) {
    format::Json line;
    line["type"] = "found";
    line["hosts"] = report.hosts;
    line["hosts_troubled"] = troubled.size();
    line["requests"] = report.requests;
    line["list_bytes"] = report.list_bytes;
    line["contracts"] = report.contracts;
    line["not_own"] = report.foreign;
    line["places"] = state_.places();
    line["files"] = state_.files();
    line["bytes"] = state_.stored_bytes();
    line["milliseconds"] = world_.clock().steady_ms() - begun_ms;
    TRY(world_.print_json(line));
  }
  world_.say(fmt::format("{} pieces of {} files, {}, at {} Hosts", state_.places(), state_.files(),
                         cli::show_size(state_.stored_bytes()), report.hosts));
  if (report.foreign > 0)
    world_.say(
        fmt::format("{} contracts that Hosts showed are not yours, and were passed over", report.foreign));
  if (state_.places() == 0)
    return fail(tally_.silent > 0 ? Code::try_again : Code::not_found, "no Host has a piece of this owner",
                "are these the words, and these the Hosts?");
  return {};
}

Result<void> Recovery::read_log() {
  kinds_ = client::kinds_of(state_, key_);
  log_ = TRY(client::RecoveredLog::make(key_));
  auto report = TRY(session_.run(client::read_log_segments(recover_, kinds_, *log_)));
  segments_ = std::move(report.found);
  fold_ = TRY(log_->fold());
  tally_.remade_lines += report.remade_lines;
  for (const auto& trouble : report.troubles)
    world_.warn(fmt::format("a segment of the log: {}", cli::escape(trouble)));
  for (const auto& why : fold_.passed) world_.warn(fmt::format("the log: {}", cli::escape(why)));
  for (const auto& gap : fold_.gaps)
    world_.warn(fmt::format("entries {} to {} of the log were not found: names are as those behind them say",
                            gap.first, gap.last));
  if (fold_.other_branches > 0)
    world_.warn(fmt::format("{} entries of the log are of another branch, and were passed over",
                            fold_.other_branches));
  if (!report.troubles.empty() || !fold_.gaps.empty())
    tally_.worst = cli::worse(tally_.worst, cli::Exit::partial);
  if (fold_.entries == 0)
    world_.say("no log was found: no file has a name but its own");
  else
    world_.say(fmt::format("{} names out of {} entries in {} segments of the log", log_->tree().names(),
                           fold_.entries, report.segments));
  return {};
}

}  // namespace inxt::recover_tool
