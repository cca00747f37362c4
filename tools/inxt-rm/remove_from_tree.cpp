// SPDX-License-Identifier: AGPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "cli/escape.h"
#include "cli/units.h"
#include "client/purge.h"
#include "client/tree_change.h"
#include "rm_tool.h"

namespace inxt::rm_tool {
namespace {

/// The operations, and what they name for good or ill.
struct Plan {
  client::Changes changes;
  std::vector<std::string> gone;  // names that are not there
};

Result<Plan> plan(const tree::Tree& tree, const std::vector<client::TreePath>& paths,
                  const Options& options) {
  Plan out;
  for (const auto& path : paths) {
    const auto item = tree.find(path.path);
    if (!item) {
      out.gone.push_back(path.path);
      continue;
    }
    if (path.path == "/") return fail(Code::usage, "inxt:/ stays", "say what is in it");
    if (item->is_folder && !options.recursive)
      return fail(Code::usage, fmt::format("{} is a folder", cli::escape(path.said())),
                  "-r removes it and all that is below it");
    out.changes.ops.emplace_back(format::RmOp{.path = path.path, .recursive = item->is_folder});
  }
  return out;
}

bool is_at_or_below(std::string_view path, std::string_view name) {
  return path == name || (path.size() > name.size() && path.starts_with(name) && path[name.size()] == '/');
}

/// Kept versions at or below these names.
std::vector<format::RecordId> kept_at(const tree::Tree& tree, const std::vector<client::TreePath>& paths) {
  return client::kept_records(tree, [&](std::string_view kept) {
    return std::ranges::any_of(paths, [&](const auto& path) { return is_at_or_below(kept, path.path); });
  });
}

/// What would be ended: the names' own versions are not kept yet.
std::vector<format::RecordId> all_at(const tree::Tree& tree, const std::vector<client::TreePath>& paths) {
  auto out = kept_at(tree, paths);
  tree.each_object("", [&](std::string_view path, const tree::Version& version) {
    if (std::ranges::any_of(paths, [&](const auto& one) { return is_at_or_below(path, one.path); }))
      out.push_back(version.record);
    return true;
  });
  return out;
}

Result<cli::Exit> say_purged(cli::World& world, const client::PurgeReport& report, bool dry_run) {
  for (const auto& trouble : report.troubles) world.warn(cli::escape(trouble));
  const auto said = fmt::format("{} {} versions, {} pieces", dry_run ? "would end" : "ended", report.versions,
                                report.pieces);
  if (report.failed == 0) {
    world.say(report.left == 0
                  ? said
                  : fmt::format("{}, {} are left to Hosts that do not answer", said, report.left));
    return cli::Exit::ok;
  }
  const auto what = fmt::format("{}; {} could not be ended", said, report.failed);
  if (report.versions > 0) return fail(Code::partial, what, "run it again later: what is gone stays gone");
  return fail(report.worst, what, "run it again later");
}

}  // namespace

Result<cli::Exit> remove_from_tree(cli::World& world, const Options& options) {
  std::vector<client::TreePath> paths;
  for (const auto& name : options.names)
    paths.push_back(TRY_IN(cli::escape(name), client::parse_tree_path(name)));
  const auto bridge = TRY(cli::need_bridge_file(options.bridge));
  const auto key = TRY(world.key(options.key));
  if (!key.is_owner())
    return fail(Code::denied, "this key file is a delegated machine's: it cannot delete",
                "use the owner's key file");
  const auto tree = TRY(client::TreeSession::open(bridge, key, world.clock(), world.random()));
  tree->set_room(0, TRY(cli::allowances_of(options.change)));
  const auto stopped = [&world] { return world.stop().requested(); };

  // Looked at before anything is done, so that a name that is not there is an error and not half of the
  // others are gone.
  const auto first = TRY(plan(tree->tree(), paths, options));
  for (const auto& name : first.gone)
    if (!options.purge || tree->tree().kept_of(name).empty())
      return fail(Code::not_found, fmt::format("inxt:{}: there is no such file or folder", cli::escape(name)),
                  "inxt-ls shows what there is");
  client::RemoveOptions remove_options{.jobs = options.jobs,
                                       .dry_run = options.dry_run,
                                       .stopped = stopped,
                                       .leave_silent = options.leave_silent};
  if (options.dry_run) {
    auto ending = options.purge ? all_at(tree->tree(), paths) : std::vector<format::RecordId>();
    if (options.expired)
      std::ranges::copy(tree->tree().due(world.clock().unix_s()), std::back_inserter(ending));
    world.say(
        fmt::format("would remove {} names and end {} versions", first.changes.ops.size(), ending.size()));
    return cli::Exit::ok;
  }

  bool all = true;
  bool is_changed = false;
  if (!first.changes.ops.empty() ||
      (options.change.keep_versions_s && *options.change.keep_versions_s != tree->tree().keep_versions_s())) {
    const client::MakeChanges make = [&](const tree::Tree& now) -> Result<client::Changes> {
      auto planned = TRY(plan(now, paths, options));
      if (options.change.keep_versions_s && *options.change.keep_versions_s != now.keep_versions_s())
        planned.changes.ops.insert(planned.changes.ops.begin(),
                                   format::SettingsOp{*options.change.keep_versions_s});
      return std::move(planned.changes);
    };
    const auto report = TRY(tree->change(make));
    is_changed = report.entries > 0;
    for (const auto& note : report.notes) {
      world.warn(cli::escape(tree::to_text(note)));
      all = all && client::is_harmless(note);
    }
  }
  auto exit = all ? cli::Exit::ok : cli::Exit::partial;
  Result<cli::Exit> purged = cli::Exit::ok;
  if (options.purge || options.expired) {
    std::set<format::RecordId> ending;
    if (options.purge)
      for (const auto& id : kept_at(tree->tree(), paths)) ending.insert(id);
    if (options.expired)
      for (const auto& id : tree->tree().due(world.clock().unix_s())) ending.insert(id);
    world.progress().begin("deleting");
    auto report = client::purge_versions(*tree, {ending.begin(), ending.end()}, remove_options);
    world.progress().finish();
    if (!report) return std::unexpected(std::move(report).error());
    is_changed = is_changed || report->versions > 0;
    purged = say_purged(world, *report, false);
  } else if (!first.changes.ops.empty()) {
    world.say(fmt::format("removed {} names; inxt-restore has them back for {}", first.changes.ops.size(),
                          cli::show_duration(tree->tree().keep_versions_s())));
  }
  if (is_changed)
    for (const auto& trouble : TRY(client::store_log_of(*tree, stopped))) world.warn(cli::escape(trouble));
  if (!purged) return purged;
  return cli::worse(exit, *purged);
}

}  // namespace inxt::rm_tool
