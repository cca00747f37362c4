// SPDX-License-Identifier: AGPL-3.0-or-later
// inxt-host check: the settings, when some are given; then every piece of a store, one JSON line for each
// that is damaged, and a summary.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/escape.h"
#include "cli/units.h"
#include "host/check_store.h"
#include "host/credential_identity.h"
#include "host_line.h"
#include "settings.h"
#include "sys/service.h"

namespace inxt::tools {

namespace {

/// As for a start: all or nothing.
Result<void> check_settings(cli::World& world, const HostOptions& options) {
  Settings settings = TRY(read_settings(options));
  settings.folder = TRY(store_now(options));
  for (const std::string& odd : TRY(check_before_start(settings))) world.warn(odd);
  return {};
}

/// Whose store it is: its key's, or, where that is a credential of the service's, its last descriptor's.
Result<std::vector<HostId>> hosts_of(const std::string& folder) {
  const auto identity = host::load_identity(folder, sys::credential_path(host::kIdentityFile));
  if (identity) {
    std::vector<HostId> hosts = identity->former;
    hosts.push_back(identity->id());
    return hosts;
  }
  // Without the succession nothing is known of former names, so none is held against the pieces.
  if (identity.error().code == Code::not_found && read_host_line(folder)) return std::vector<HostId>();
  return std::unexpected(identity.error());
}

}  // namespace

Result<cli::Exit> check(cli::World& world, const HostOptions& options) {
  const std::string folder = TRY(store_now(options));
  if (options.quick || options.has_config) {
    TRY(check_settings(world, options));
    if (options.quick) {
      const format::Json summary{{"type", "checked"}, {"store", cli::escape(folder)}, {"quick", true}};
      TRY(world.print(format::write_compact(summary)));
      return cli::Exit::ok;
    }
  }
  if (auto there = sys::status_of(folder); !there) return std::unexpected(there.error());
  const auto directory = TRY(sys::open_directory(folder));
  std::vector<HostId> hosts;
  const auto known = hosts_of(folder);
  if (known) {
    hosts = *known;
  } else {
    world.warn(known.error().what);
  }

  Result<void> printed;
  const host::CheckedStore checked = TRY(host::check_store(
      *directory, options.deep ? host::Depth::whole : host::Depth::trailers, hosts,
      [&](const std::string& path, const Error& error) {
        const format::Json line{
            {"type", "finding"}, {"path", path}, {"code", code_name(error.code)}, {"message", error.what}};
        if (printed) printed = world.print(format::write_compact(line));
      }));
  TRY(printed);
  const format::Json summary{
      {"type", "checked"},          {"pieces", checked.pieces},       {"bytes", checked.bytes},
      {"damaged", checked.damaged}, {"strangers", checked.strangers}, {"deep", options.deep}};
  TRY(world.print(format::write_compact(summary)));
  world.say(fmt::format("{} pieces ({}) are whole, {} damaged", checked.pieces, cli::show_size(checked.bytes),
                        checked.damaged));
  if (checked.damaged > 0) return cli::Exit::integrity;
  return known ? cli::Exit::ok : cli::Exit::partial;
}

}  // namespace inxt::tools
