// SPDX-License-Identifier: AGPL-3.0-or-later
// inxt-host check: every piece of a store, one JSON line for each that is damaged, then a summary.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/escape.h"
#include "cli/units.h"
#include "host/check_store.h"
#include "host/identity.h"
#include "options.h"

namespace inxt::tools {

Result<cli::Exit> check(cli::World& world, const HostOptions& options) {
  const std::string folder = TRY(store_folder(options));
  if (auto there = sys::status_of(folder); !there) return std::unexpected(there.error());
  const auto directory = TRY(sys::open_directory(folder));
  std::optional<HostId> host;
  bool has_identity = true;
  if (const auto key = host::load_identity(folder)) {
    host = HostId{key->public_key()};
  } else {
    has_identity = false;
    world.warn(key.error().what);
  }

  Result<void> printed;
  const host::CheckedStore checked = TRY(host::check_store(
      *directory, options.deep ? host::Depth::whole : host::Depth::trailers, host,
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
  return has_identity ? cli::Exit::ok : cli::Exit::partial;
}

}  // namespace inxt::tools
