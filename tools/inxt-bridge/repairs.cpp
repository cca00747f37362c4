// SPDX-License-Identifier: AGPL-3.0-or-later
// inxt-bridge repairs: what the Bridge has repaired of what owners entrusted to it, and tried to.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/quantity.h"
#include "cli/escape.h"
#include "command_bridge.h"
#include "serve/show.h"

namespace inxt::tools {

namespace {

/// Gives what names the repair.
Result<format::Json> print_repair(cli::World& world, const format::Json& repair, bool is_for_person) {
  const format::Fields fields(repair, "the Bridge's answer");
  const auto number = TRY(fields.integer("number"));
  if (!is_for_person) {
    TRY(world.print(format::write_compact(repair)));
    return format::Json(number);
  }
  const auto changed = TRY(fields.time("changed"));
  const auto state = TRY(fields.text("state", 32)), file = TRY(fields.text("file", 64));
  const auto segment = TRY(fields.integer("segment")), moved = TRY(fields.integer("moved_bytes"));
  const auto note = fields.has("note") ? TRY(fields.text("note", 1024)) : std::string();
  const auto pieces = repair.find("pieces");
  const std::size_t count = pieces == repair.end() ? 0 : pieces->size();
  TRY(world.print(fmt::format("{}  {:<8}  segment {} of file {}: {} pieces, {} moved{}{}",
                              serve::show_time(changed), cli::escape(state), segment, cli::escape(file),
                              count, show_size(moved), note.empty() ? "" : "; ", cli::escape(note))));
  return format::Json(number);
}

}  // namespace

Result<cli::Exit> repairs(cli::World& world, const BridgeOptions& options) {
  const bool is_for_person = !world.common().json && sys::is_terminal(sys::kStandardOutput);
  TRY(command_in_pages(options, "/repairs", "repairs", [&](const format::Json& repair) {
    return print_repair(world, repair, is_for_person);
  }));
  return cli::Exit::ok;
}

}  // namespace inxt::tools
