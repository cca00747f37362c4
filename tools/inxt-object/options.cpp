// SPDX-License-Identifier: AGPL-3.0-or-later
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/escape.h"
#include "client/tree_change.h"
#include "object_tool.h"

namespace inxt::object_tool {
namespace {

constexpr const char* kObject = "an object's id, the first 8 digits of it or more, or inxt:/path";

void declare_common(cli::Command& command, Options& to) {
  cli::declare_bridge_option(command, to.bridge, "the Bridge that keeps the objects' records");
  cli::declare_key_options(command, to.key);
}

void declare_placement(cli::Command& command, Options& to) {
  command.texts(
      "--allow-same", "WHAT", to.allow_same,
      "let pieces of one segment lie at Hosts of the same operator, network or domain; new: at more new "
      "Hosts");
}

void declare_storing(cli::Command& command, Options& to) {
  declare_placement(command, to);
  command.duration("--term", "DURATION", to.term_s, "how long Hosts shall keep the pieces (default 365d)")
      .setting();
  command.number("--price", "N", to.price_max, 0, INT64_MAX, "the most that a piece may cost (default 0)")
      .setting();
  command.number("-j,--jobs", "N", to.jobs, 1, 256, "pieces under way at once").setting();
}

void declare_rewrite(cli::Command& command, Options& to) {
  command.flag("--rewrite", to.rewrite, "store all of it anew; compressed and padded objects need it");
}

void declare_changes(cli::Command& commands, Options& to) {
  auto& create = commands.subcommand("create", "store a new object, and print its id", to.command);
  create.positional("FILE", to.file, "what to store; - for standard input");
  create.texts("--metadata", "NAME=VALUE", to.metadata, "describe it; encrypted");
  declare_storing(create, to);
  cli::declare_layout_options(create, to.layout);
  cli::declare_content_options(create, to.content);
  declare_common(create, to);

  auto& write = commands.subcommand("write", "make a version with other bytes at an offset", to.command);
  write.positional("OBJECT", to.object, kObject);
  write.positional("FILE", to.file, "what comes there; - for standard input");
  write.size("--offset", "N", to.offset, "where: bytes from 0; behind the end, zeros come between")
      .required();
  declare_rewrite(write, to);
  declare_storing(write, to);
  declare_common(write, to);

  auto& truncate = commands.subcommand("truncate", "make a version of another length", to.command);
  truncate.positional("OBJECT", to.object, kObject);
  truncate.positional("SIZE", to.size, "where it ends from now on, in bytes; longer: zeros");
  declare_rewrite(truncate, to);
  declare_storing(truncate, to);
  declare_common(truncate, to);

  auto& meta = commands.subcommand("meta", "show what describes an object, or change it", to.command);
  meta.positional("OBJECT", to.object, kObject);
  meta.texts("--set", "NAME=VALUE", to.set, "from now on NAME is VALUE");
  meta.texts("--unset", "NAME", to.unset, "leave out NAME");
  declare_placement(meta, to);
  declare_common(meta, to);

  auto& rm = commands.subcommand("rm", "remove objects; their versions can be had until they are purged",
                                 to.command);
  rm.positionals("OBJECT", to.objects, kObject).required();
  declare_placement(rm, to);
  declare_common(rm, to);

  auto& purge = commands.subcommand("purge", "delete the pieces of old versions that no other version needs",
                                    to.command);
  purge.positionals("OBJECT", to.objects,
                    "all old versions of these, now (default: of every object those whose time is over)");
  purge.flag("-n,--dry-run", to.dry_run, "say how many pieces would go; delete nothing");
  declare_placement(purge, to);
  declare_common(purge, to);
}

}  // namespace

void declare(cli::Command& command, Options& to) {
  auto& get = command.subcommand("get", "print an object, or a range of it", to.command);
  get.positional("OBJECT", to.object, kObject);
  get.text("-o,--output", "FILE", to.output, "write here, whole or not at all (default: standard output)");
  get.text("--range", "FIRST-[LAST]", to.range, "only these bytes, counted from 0, both included");
  get.text("--kept", "VERSION", to.kept,
           "an older version: a record's first 8 digits or more, as `versions` says it");
  get.text("--hosts", "FILE", to.hosts, "newer addresses of Hosts than the manifests have").setting();
  get.number("-j,--jobs", "N", to.jobs, 1, 256, "pieces under way at once").setting();
  declare_common(get, to);

  auto& ls = command.subcommand("ls", "list objects: with names, and without", to.command);
  ls.text("--prefix", "PREFIX", to.prefix, "only those whose path begins so: /photos/2026");
  ls.texts("--metadata", "NAME=VALUE", to.metadata, "only those that are described so; all of several");
  declare_common(ls, to);

  auto& versions = command.subcommand("versions", "list the versions of an object", to.command);
  versions.positional("OBJECT", to.object, kObject);
  declare_common(versions, to);

  declare_changes(command, to);
  command.require_subcommand();
}

Result<std::unique_ptr<Opened>> open(cli::World& world, const Options& options) {
  const auto bridge = TRY(cli::need_bridge_file(options.bridge));
  auto out = std::make_unique<Opened>(Opened{.key = TRY(world.key(options.key)), .tree = nullptr});
  out->tree = TRY(client::TreeSession::open(bridge, out->key, world.clock(), world.random()));
  if (!out->tree->view().readable())
    return fail(Code::denied, "a delegated machine's key reads no objects, and makes none without a name",
                "use the owner's key file, or inxt-put FILE inxt:/PATH");
  return out;
}

client::GetAsOf as_of(client::TreeSession& tree) {
  return [&tree](std::uint32_t uploader) {
    return client::GetAs{.network = tree.network_as(uploader), .receipts = nullptr};
  };
}

Result<format::Metadata> metadata_of(const std::vector<std::string>& texts, std::string_view option) {
  format::Metadata out;
  for (const auto& text : texts) {
    const auto equals = text.find('=');
    if (equals == text.npos || equals == 0)
      return fail(Code::usage, fmt::format("{} {}: say NAME=VALUE", option, cli::escape(text)));
    out[text.substr(0, equals)] = text.substr(equals + 1);
  }
  TRY_IN(std::string(option), format::check_metadata(out));
  return out;
}

Result<client::FoundObject> find(const tree::Tree& tree, const std::string& text, bool removed_too) {
  auto found = client::find_object(tree, text, removed_too);
  if (!found) {
    auto error = std::move(found).error();
    error.what = cli::escape(error.what);
    return std::unexpected(std::move(error));
  }
  return found;
}

Result<format::PlacementAllowances> allowances_of(const Options& options) {
  format::PlacementAllowances out;
  for (const auto& name : options.allow_same) TRY_IN("--allow-same", out.add(name));
  return out;
}

Result<void> store_log(cli::World& world, client::TreeSession& tree) {
  for (const auto& trouble : TRY(client::store_log_of(tree))) world.warn(cli::escape(trouble));
  return {};
}

format::Json to_json(const tree::Version& version, std::string_view path) {
  format::Json out;
  out["type"] = "object";
  out["object"] = version.object.hex();
  out["record"] = version.record.hex();
  if (!path.empty()) out["path"] = path;
  out["bytes"] = version.bytes;
  out["mtime"] = version.mtime_unix_s;
  out["mode"] = version.mode;
  out["metadata"] = format::Json::object();
  if (version.metadata)
    for (const auto& [name, value] : *version.metadata) out["metadata"][name] = value;
  return out;
}

}  // namespace inxt::object_tool
