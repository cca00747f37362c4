// SPDX-License-Identifier: AGPL-3.0-or-later
// What reads: get, ls, versions.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/escape.h"
#include "client/file_stream.h"
#include "client/object_read.h"
#include "object_tool.h"

namespace inxt::object_tool {
namespace {

constexpr std::size_t kRecordDigitsMin = 8;

Result<client::FoundObject> version_of(const tree::Tree& tree, const Options& options) {
  if (!options.kept) return find(tree, options.object);
  auto found = TRY(find(tree, options.object, true));
  if (options.kept->size() < kRecordDigitsMin)
    return fail(Code::usage, "--kept takes 8 digits of a record's id or more",
                "inxt-object versions shows them");
  for (const auto& version : client::versions_of(tree, found.version.object))
    if (version.version->record.hex().starts_with(*options.kept)) {
      found.version = *version.version;
      return found;
    }
  return fail(Code::not_found,
              fmt::format("{} has no version {}", cli::escape(found.said()), cli::escape(*options.kept)),
              "inxt-object versions shows those that there are");
}

bool is_described(const tree::Version& version, const format::Metadata& wanted) {
  if (wanted.empty()) return true;
  if (!version.metadata) return false;
  for (const auto& [name, value] : wanted) {
    const auto known = version.metadata->find(name);
    if (known == version.metadata->end() || known->second != value) return false;
  }
  return true;
}

/// "inxt:/a", "/a" and "a" say the same.
std::string prefix_of(const std::optional<std::string>& said) {
  if (!said || said->empty()) return {};
  std::string out = *said;
  if (client::is_tree_path(out)) out = out.substr(client::kTreePathBegins.size());
  return out.starts_with('/') ? out : "/" + out;
}

}  // namespace

Result<cli::Exit> get(cli::World& world, const Options& options) {
  std::optional<client::PlainRange> range;
  if (options.range) range = TRY_IN("--range", client::parse_range(*options.range));
  const auto hosts = TRY(client::read_hosts_file(options.hosts, world.stop().fd()));
  const auto opened = TRY(open(world, options));
  auto& tree = *opened->tree;
  const auto found = TRY(version_of(tree.tree(), options));
  const auto record = TRY(tree.session().run(tree.view().record(found.version)));
  auto output = TRY(world.output(options.output, cli::World::Kind::binary));
  client::ObjectReadOptions reading;
  reading.hosts = client::addresses_of(hosts);
  reading.get.jobs = options.jobs;
  reading.get.later = &tree.later();
  reading.as = as_of(tree);
  client::GetCallbacks callbacks;
  callbacks.on_progress = [&world](std::uint64_t bytes, unsigned in_use) {
    world.progress().set_hosts(in_use);
    world.progress().add_bytes(bytes);
  };
  callbacks.stopped = [&world] { return world.stop().requested(); };
  world.progress().begin("getting", range ? std::nullopt : std::optional(record.bytes));
  const auto report = TRY(tree.session().run(client::read_object(
      tree.session().network(), tree.key(), record, std::make_unique<client::OutputSink>(output), range,
      std::move(reading), std::move(callbacks))));
  TRY(output.commit());
  world.progress().finish();
  for (const auto& trouble : report.troubles) world.detail(cli::escape(trouble));
  world.say(report.hosts_replaced == 0 ? std::string("verified")
                                       : fmt::format("verified; {} Hosts replaced", report.hosts_replaced));
  return cli::Exit::ok;
}

Result<cli::Exit> list(cli::World& world, const Options& options) {
  const auto wanted = TRY(metadata_of(options.metadata, "--metadata"));
  const auto prefix = prefix_of(options.prefix);
  const auto opened = TRY(open(world, options));
  std::optional<Error> failed;
  opened->tree->tree().each_object(prefix, [&](std::string_view path, const tree::Version& version) {
    if (!is_described(version, wanted)) return true;
    const auto printed = world.common().json
                             ? world.print_json(to_json(version, path))
                             : world.print(fmt::format("{} {}{}{}", version.object.hex(), version.bytes,
                                                       path.empty() ? "" : " inxt:", cli::escape(path)));
    if (!printed) failed = printed.error();
    return !failed.has_value();
  });
  if (failed) return std::unexpected(*failed);
  return cli::Exit::ok;
}

Result<cli::Exit> versions(cli::World& world, const Options& options) {
  const auto opened = TRY(open(world, options));
  const auto& tree = opened->tree->tree();
  const auto found = TRY(find(tree, options.object, true));
  for (const auto& one : client::versions_of(tree, found.version.object)) {
    const std::string_view state = one.kept == nullptr ? "current" : tree::why_name(one.kept->why);
    if (!world.common().json) {
      TRY(world.print(fmt::format("{} {} {} {}{}{}", one.version->record.hex(), one.version->bytes,
                                  one.version->put_unix_s, state,
                                  one.path.empty() ? "" : " inxt:", cli::escape(one.path))));
      continue;
    }
    auto line = to_json(*one.version, one.path);
    line["type"] = "version";
    line["put"] = one.version->put_unix_s;
    line["uploader"] = one.version->uploader;
    line["state"] = state;
    if (one.kept != nullptr) line["until"] = one.kept->kept_unix_s + tree.keep_versions_s();
    TRY(world.print_json(line));
  }
  return cli::Exit::ok;
}

}  // namespace inxt::object_tool
