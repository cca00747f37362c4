// SPDX-License-Identifier: AGPL-3.0-or-later
// What changes objects: create, write, truncate, meta, rm, purge.
#include <fmt/format.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "cli/escape.h"
#include "cli/units.h"
#include "client/file_stream.h"
#include "client/purge.h"
#include "object_tool.h"

namespace inxt::object_tool {
namespace {

client::GenerationWanted wanted_of(cli::World& world, const Options& options) {
  client::GenerationWanted out;
  out.put.jobs = options.jobs;
  out.put.price_max = options.price_max;
  if (options.term_s) out.put.term_s = *options.term_s;
  out.on_progress = [&world](std::uint64_t bytes, unsigned in_use) {
    world.progress().set_hosts(in_use);
    world.progress().add_bytes(bytes);
  };
  out.stopped = [&world] { return world.stop().requested(); };
  return out;
}

std::unique_ptr<client::ByteSource> source_of(cli::World& world, const cli::Input& input) {
  auto out = std::make_unique<client::FdSource>(input.fd, input.name);
  out->stop_on(world.stop().fd());
  out->begin_with(input.begin);
  return out;
}

client::ObjectReadOptions reading_of(client::TreeSession& tree) {
  client::ObjectReadOptions out;
  out.as = as_of(tree);
  return out;
}

/// From where a file stands to its end; nothing of a pipe.
std::optional<std::uint64_t> bytes_of(const cli::Input& input) {
  const auto at = ::lseek(input.fd, 0, SEEK_CUR);
  const auto facts = client::facts_of(input.fd, "-");
  if (at < 0 || !facts.plain_bytes || *facts.plain_bytes < static_cast<std::uint64_t>(at))
    return std::nullopt;
  return *facts.plain_bytes - static_cast<std::uint64_t>(at);
}

cli::Exit judge(cli::World& world, const client::WrittenObject& written) {
  if (!written.stored) return cli::Exit::ok;
  const auto& report = written.stored->report;
  for (const auto& trouble : report.troubles) world.detail(cli::escape(trouble));
  if (report.segments_below == 0) return cli::Exit::ok;
  world.warn(fmt::format("{} of {} segments have fewer pieces than asked for", report.segments_below,
                         report.segments));
  return cli::Exit::below_redundancy;
}

/// Appends what was written; what is not wanted after all is taken back.
Result<cli::Exit> append(cli::World& world, client::TreeSession& tree, const client::FoundObject& base,
                         const client::WrittenObject& written) {
  world.progress().finish();
  if (written.is_unchanged) {
    world.say("nothing to write: there is no new version");
    return cli::Exit::ok;
  }
  bool is_nowhere = false;
  const auto appended =
      tree.session().run(client::append_version(tree.view(), base, written.record, is_nowhere));
  if (!appended) {
    auto error = appended.error();
    if (written.stored && is_nowhere) {
      const auto removed = tree.session().run(
          client::remove_generation(tree.session().network(), tree.key(), written.stored->manifest, {}));
      if (!removed || removed->failed > 0) world.warn("pieces of what was written may be left at Hosts");
    }
    return std::unexpected(std::move(error));
  }
  TRY(store_log(world, tree));
  if (written.is_rewritten) world.detail("all of it was stored anew");
  return judge(world, written);
}

}  // namespace

Result<cli::Exit> create(cli::World& world, const Options& options) {
  auto metadata = TRY(metadata_of(options.metadata, "--metadata"));
  const auto allow = TRY(allowances_of(options));
  auto wanted = wanted_of(world, options);
  if (options.layout.given()) wanted.layout = TRY(cli::layout_of(options.layout, world.random()));
  wanted.content = {.zstd_level = TRY(cli::zstd_level_of(options.content)), .pad = options.content.pad};
  wanted.recipients = TRY(cli::recipients_of(options.content));
  auto input = TRY(world.input(options.file, "data"));
  wanted.facts = client::facts_of(input.fd, input.is_standard_input() ? "-" : options.file);
  if (input.is_standard_input()) wanted.facts.plain_bytes = bytes_of(input);
  const auto opened = TRY(open(world, options));
  auto& tree = *opened->tree;
  client::TreeRoom room(tree, world.clock(), world.random(), options.price_max, allow);
  const client::ObjectStore store{.network = tree.session().network(),
                                  .key = tree.key(),
                                  .hosts = room,
                                  .journals = TRY(client::PutJournal::folder()),
                                  .addresses = {}};
  world.progress().begin("storing", wanted.facts.plain_bytes);
  const auto written = TRY(tree.session().run(
      client::create_object(store, source_of(world, input), std::move(wanted), std::move(metadata))));
  world.progress().finish();
  const auto object = TRY(tree.session().run(client::append_object(tree.view(), written.record)));
  if (world.common().json) {
    format::Json line;
    line["type"] = "object";
    line["object"] = object.hex();
    line["bytes"] = written.record.bytes;
    TRY(world.print_json(line));
  } else {
    TRY(world.print(object.hex()));
  }
  TRY(store_log(world, tree));
  return judge(world, written);
}

Result<cli::Exit> write(cli::World& world, const Options& options) {
  const auto allow = TRY(allowances_of(options));
  auto input = TRY(world.input(options.file, "data"));
  const auto opened = TRY(open(world, options));
  auto& tree = *opened->tree;
  const auto base = TRY(find(tree.tree(), options.object));
  const auto record = TRY(tree.session().run(tree.view().record(base.version)));
  client::TreeRoom room(tree, world.clock(), world.random(), options.price_max, allow);
  const client::ObjectStore store{.network = tree.session().network(),
                                  .key = tree.key(),
                                  .hosts = room,
                                  .journals = TRY(client::PutJournal::folder()),
                                  .addresses = {}};
  client::ObjectWrite what;
  what.offset = *options.offset;
  what.data = source_of(world, input);
  what.data_bytes = bytes_of(input);
  what.rewrite = options.rewrite;
  what.wanted = wanted_of(world, options);
  world.progress().begin("writing", std::nullopt);
  const auto written =
      TRY(tree.session().run(client::write_object(store, record, std::move(what), reading_of(tree))));
  return append(world, tree, base, written);
}

Result<cli::Exit> truncate(cli::World& world, const Options& options) {
  const auto allow = TRY(allowances_of(options));
  const auto bytes = TRY_IN("SIZE", cli::parse_size(options.size));
  const auto opened = TRY(open(world, options));
  auto& tree = *opened->tree;
  const auto base = TRY(find(tree.tree(), options.object));
  const auto record = TRY(tree.session().run(tree.view().record(base.version)));
  client::TreeRoom room(tree, world.clock(), world.random(), options.price_max, allow);
  const client::ObjectStore store{.network = tree.session().network(),
                                  .key = tree.key(),
                                  .hosts = room,
                                  .journals = TRY(client::PutJournal::folder()),
                                  .addresses = {}};
  world.progress().begin("writing", std::nullopt);
  const auto written = TRY(tree.session().run(client::truncate_object(
      store, record, bytes, wanted_of(world, options), options.rewrite, reading_of(tree))));
  return append(world, tree, base, written);
}

Result<cli::Exit> meta(cli::World& world, const Options& options) {
  const auto set = TRY(metadata_of(options.set, "--set"));
  const auto allow = TRY(allowances_of(options));
  const auto opened = TRY(open(world, options));
  auto& tree = *opened->tree;
  const auto base = TRY(find(tree.tree(), options.object));
  const auto record = TRY(tree.session().run(tree.view().record(base.version)));
  if (set.empty() && options.unset.empty()) {
    auto line = to_json(base.version, base.path);
    line["metadata"] = format::Json::object();
    for (const auto& [name, value] : record.metadata) line["metadata"][name] = value;
    TRY(world.print_json(line));
    return cli::Exit::ok;
  }
  tree.set_room(options.price_max, allow);
  client::WrittenObject written{.record = record};
  for (const auto& name : options.unset)
    if (written.record.metadata.erase(name) == 0)
      return fail(Code::not_found, fmt::format("--unset {}: it has no such metadata", cli::escape(name)),
                  "inxt-object meta OBJECT shows them");
  for (const auto& [name, value] : set) written.record.metadata[name] = value;
  TRY_IN("--set", format::check_metadata(written.record.metadata));
  written.is_unchanged = written.record.metadata == record.metadata;
  return append(world, tree, base, written);
}

Result<cli::Exit> remove(cli::World& world, const Options& options) {
  const auto allow = TRY(allowances_of(options));
  const auto opened = TRY(open(world, options));
  auto& tree = *opened->tree;
  tree.set_room(options.price_max, allow);
  std::vector<client::FoundObject> found;
  for (const auto& text : options.objects) found.push_back(TRY(find(tree.tree(), text)));
  // Of what another machine has made meanwhile nothing is removed.
  const client::MakeChanges make = [&](const tree::Tree& now) -> Result<client::Changes> {
    client::Changes out;
    for (const auto& one : found) {
      const auto path = TRY(client::path_of_unchanged(now, one));
      if (path)
        out.ops.emplace_back(format::RmOp{.path = *path, .recursive = false});
      else
        out.ops.emplace_back(format::RmObjectOp{.object = one.version.object});
    }
    return out;
  };
  const auto report = TRY(tree.change(make));
  for (const auto& note : report.notes) world.warn(cli::escape(tree::to_text(note)));
  TRY(store_log(world, tree));
  return cli::Exit::ok;
}

Result<cli::Exit> purge(cli::World& world, const Options& options) {
  const auto allow = TRY(allowances_of(options));
  const auto opened = TRY(open(world, options));
  auto& tree = *opened->tree;
  tree.set_room(options.price_max, allow);
  std::vector<format::RecordId> records;
  for (const auto& text : options.objects) {
    const auto found = TRY(find(tree.tree(), text, true));
    for (const auto& one : client::versions_of(tree.tree(), found.version.object))
      if (one.kept != nullptr) records.push_back(one.version->record);
  }
  if (options.objects.empty()) records = tree.tree().due(world.clock().unix_s());
  client::RemoveOptions removing;
  removing.dry_run = options.dry_run;
  removing.stopped = [&world] { return world.stop().requested(); };
  const auto report = TRY(client::purge_versions(tree, records, std::move(removing)));
  for (const auto& trouble : report.troubles) world.warn(cli::escape(trouble));
  if (!options.dry_run && report.versions > 0) TRY(store_log(world, tree));
  world.say(fmt::format("{} versions {}, {} pieces {}", report.versions,
                        options.dry_run ? "would go" : "are gone", report.pieces,
                        options.dry_run ? "would be deleted" : "deleted"));
  if (world.stop().requested()) return fail(Code::failure, "stopped by a signal", "purge again goes on");
  if (report.failed == 0) return cli::Exit::ok;
  world.warn(fmt::format("pieces of {} versions may be left: purge again later", report.failed));
  return cli::Exit::partial;
}

}  // namespace inxt::object_tool
