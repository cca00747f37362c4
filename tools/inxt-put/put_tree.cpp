// SPDX-License-Identifier: AGPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "cli/escape.h"
#include "cli/units.h"
#include "client/put_again.h"
#include "client/put_journal.h"
#include "client/put_naming.h"
#include "client/tree_change.h"
#include "sources.h"

namespace inxt::put_tool {
namespace {

std::string files(std::uint64_t count) {
  return fmt::format("{} {}", count, count == 1 ? "file" : "files");
}

Result<format::Metadata> metadata_of(const Options& options) {
  format::Metadata out;
  for (const auto& text : options.metadata) {
    const auto end = text.find('=');
    if (end == text.npos)
      return fail(Code::usage, fmt::format("--metadata {}: say NAME=VALUE", cli::escape(text)));
    out[text.substr(0, end)] = text.substr(end + 1);
  }
  TRY_IN("--metadata", format::check_metadata(out));
  return out;
}

Result<void> say_file(cli::World& world, const client::PutFile& file) {
  if (file.error) {
    std::string_view why = file.error->what;
    const auto name = file.file->local + ": ";
    if (why.starts_with(name)) why.remove_prefix(name.size());
    world.warn(fmt::format("{}: left out: {}", cli::escape(file.file->local), cli::escape(why)));
    return {};
  }
  for (const auto& trouble : file.report.troubles) world.detail(cli::escape(trouble));
  if (!world.common().json) return {};
  format::Json line;
  line["type"] = "put";
  line["path"] = file.file->path;
  line["object"] = file.object.hex();
  line["record"] = file.record.hex();
  line["bytes"] = file.bytes;
  line["hosts"] = file.report.hosts;
  line["segments_below"] = file.report.segments_below;
  return world.print_json(line);
}

Result<cli::Exit> say_tree_plan(cli::World& world, const Sources& sources) {
  if (world.common().json)
    for (const auto& file : sources.files) {
      format::Json line;
      line["type"] = "would-put";
      line["path"] = file.path;
      if (file.bytes) line["bytes"] = *file.bytes;
      TRY(world.print_json(line));
    }
  world.say(fmt::format("would put {}, {}, into {} new folders; {} are unchanged",
                        files(sources.files.size()), cli::show_size(sources.bytes), sources.folders.size(),
                        sources.unchanged));
  return cli::Exit::ok;
}

Result<cli::Exit> judge(cli::World& world, const client::PutFilesReport& report, const Sources& sources,
                        const std::string& what) {
  auto exit = cli::Exit::ok;
  for (const auto& note : report.notes) {
    world.warn(cli::escape(tree::to_text(note)));
    if (!client::is_harmless(note)) exit = cli::Exit::partial;
  }
  if (report.failed + sources.left_out > 0) exit = cli::Exit::partial;
  if (report.below > 0) {
    world.warn(fmt::format("{} stored below the asked redundancy", files(report.below)));
    exit = cli::worse(exit, cli::Exit::below_redundancy);
  }
  if (report.resumed > 0)
    world.say(fmt::format("went on with {} that a put was cut off in", files(report.resumed)));
  std::string survives;
  if (report.least_to_spare)
    survives = *report.least_to_spare == 0
                   ? "; every one of a file's Hosts is needed"
                   : fmt::format("; any {} of a file's Hosts may fail", *report.least_to_spare);
  world.say(fmt::format(
      "put {}, {}, at {}{}{}; check with inxt-audit", files(report.files), cli::show_size(report.bytes), what,
      sources.unchanged > 0 ? fmt::format("; {} there already", sources.unchanged) : "", survives));
  return exit;
}

/// This command, in this folder, for this log.
std::string command_of(const cli::World& world, const client::TreeView& view) {
  std::error_code error;
  std::string out = view.log().hex() + '\0' + std::filesystem::current_path(error).string();
  for (const auto& argument : world.arguments()) out += '\0' + argument;
  return out;
}

}  // namespace

Result<cli::Exit> put_tree(cli::World& world, const Options& options, const std::string& destination) {
  const auto to = TRY_IN(cli::escape(destination), client::parse_tree_path(destination));
  if (options.files.empty()) return fail(Code::usage, "what to put is not said", "- is standard input");
  if (options.explain) return fail(Code::usage, "--explain is for one file without a name in the tree");
  for (const auto& file : options.files)
    if (client::is_tree_path(file))
      return fail(Code::usage, "inxt-put puts local files", "inxt-mv moves what is in the tree");
  client::PutFilesOptions put;
  put.content = {.zstd_level = TRY(cli::zstd_level_of(options.content)), .pad = options.content.pad};
  put.recipients = TRY(cli::recipients_of(options.content));
  put.metadata = TRY(metadata_of(options));
  put.allow = TRY(cli::allowances_of(options.change));
  put.put.jobs = options.jobs;
  put.put.price_max = options.price_max;
  if (options.term_s) put.put.term_s = *options.term_s;
  put.is_shard_size_fixed = options.layout.shard_bytes.has_value();
  if (options.hosts || options.layout.given())
    put.layout = TRY(cli::layout_of(options.layout, world.random()));
  if (options.hosts) put.hosts = TRY(hosts_for(world, options, *put.layout));
  put.stop_fd = world.stop().fd();

  const auto bridge = TRY(cli::need_bridge_file(bridge_of_names(options)));
  const auto key = TRY(world.key(options.key));
  const auto tree = TRY(client::TreeSession::open(bridge, key, world.clock(), world.random()));
  const auto care = TRY(care_for(world, options, key));
  if (care && !tree->view().readable())
    return fail(Code::denied, "a delegated machine's key reads no names, and so entrusts none",
                "leave out --care: the owner's inxt-care add -R does it");
  tree->set_room(options.price_max, put.allow);
  if (options.hosts) tree->use_hosts(put.hosts);
  TRY(check_folders_above(tree->tree(), to.path));
  std::optional<cli::Input> standard_input;
  if (std::ranges::count(options.files, "-") > 0) {
    standard_input = TRY(world.input(std::string("-"), "data"));
    TRY(world.check_hosts_input(*standard_input, options.hosts));
  }
  if (options.files.size() == 1 && !options.data)
    if (auto manifest = TRY(manifest_in(world, options.files.front(), standard_input)))
      return name_manifest(world, options, *tree, to, *std::move(manifest), std::move(put.metadata), care);

  const auto unfinished = TRY(client::PutJournal::folder());
  if (!options.dry_run)
    TRY(tree->session().run(client::settle_namings(tree->view(), tree->client().peer().id, unfinished)));
  const auto log_end = tree->view().head().seq;
  client::PutAgain again(unfinished, command_of(world, tree->view()));
  auto sources = TRY(collect_sources(world, options, tree->tree(), to, again.log_end().value_or(UINT64_MAX)));
  for (auto& file : sources.files)
    if (file.local.empty()) file.begin = standard_input->begin;
  if (options.dry_run) return say_tree_plan(world, sources);
  std::optional<sys::OutputFile> receipts;
  if (options.receipts) receipts = TRY(world.output(options.receipts, cli::World::Kind::text));
  std::optional<Error> output_error;
  const auto keep_error = [&output_error](Result<void> written) {
    if (!written && !output_error) output_error = std::move(written).error();
  };
  std::optional<Error> first;
  std::vector<PutName> put_names;
  client::PutFilesCallbacks callbacks;
  callbacks.on_file = [&](const client::PutFile& file) {
    if (file.error && !first) first = file.error;
    if (!file.error && care) put_names.push_back({.path = file.file->path, .record = file.record});
    keep_error(say_file(world, file));
  };
  if (receipts)
    callbacks.on_receipt = [&](const transfer::StoredPiece& stored) {
      keep_error(receipts->write(view_of(receipt_line(stored))));
    };
  callbacks.on_progress = [&world](std::uint64_t bytes, unsigned in_use) {
    world.progress().set_hosts(in_use);
    world.progress().add_bytes(bytes);
  };
  callbacks.on_note = [&world](const std::string& text) { world.say(cli::escape(text)); };
  callbacks.stopped = [&] { return world.stop().requested() || output_error.has_value(); };
  world.progress().begin("putting", sources.bytes);

  if (options.change.keep_versions_s && tree->view().readable() &&
      *options.change.keep_versions_s != tree->tree().keep_versions_s())
    sources.folders.insert(sources.folders.begin(), format::SettingsOp{*options.change.keep_versions_s});
  if (tree->view().readable() && !sources.files.empty()) TRY(again.begin(log_end));
  auto report = tree->session().run(client::put_files(*tree, std::move(sources.folders), sources.files,
                                                      std::move(put), std::move(callbacks)));
  const bool is_changed = tree->view().head().seq != log_end;
  // What nothing came of is nothing to go on with.
  if (report || (!is_changed && !again.log_end())) again.end();
  Result<std::vector<std::string>> log_troubles;
  if (is_changed) log_troubles = client::store_log_of(*tree, [&world] { return world.stop().requested(); });
  if (log_troubles)
    for (const auto& trouble : *log_troubles) world.warn(cli::escape(trouble));
  world.progress().finish();
  if (world.stop().requested()) world.warn("stopped: the same command goes on where this one stopped");
  if (!report) {
    auto error = std::move(report).error();
    error.what = cli::escape(error.what);
    return std::unexpected(std::move(error));
  }
  if (!log_troubles) return std::unexpected(log_troubles.error());
  if (output_error) return std::unexpected(*output_error);
  if (receipts) TRY(receipts->commit());
  if (report->files == 0 && report->failed == 1 && sources.files.size() == 1) return std::unexpected(*first);
  if (report->left > 0)
    world.say(fmt::format(
        "{} puts that were cut off earlier are left in {}: the same commands go on with them, or inxt-rm, "
        "given one of these files, removes what it has stored",
        report->left, cli::escape(unfinished)));
  const auto exit = TRY(judge(world, *report, sources, cli::escape(to.said())));
  if (care) TRY(entrust_names(world, *care, *tree, put_names));
  return exit;
}

}  // namespace inxt::put_tool
