// SPDX-License-Identifier: AGPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/escape.h"
#include "repair_tool.h"

namespace inxt::repair_tool {

void add(client::RepairReport& to, client::RepairReport report) {
  to.pieces += report.pieces;
  to.held += report.held;
  to.lost += report.lost;
  to.silent += report.silent;
  to.busy += report.busy;
  to.segments += report.segments;
  to.lacking += report.lacking;
  to.due += report.due;
  to.repaired += report.repaired;
  to.below += report.below;
  to.beyond += report.beyond;
  to.stored += report.stored;
  to.found += report.found;
  to.read_bytes += report.read_bytes;
  to.written_bytes += report.written_bytes;
  if (report.least_margin) to.least_margin = std::min(to.least_margin.value_or(*report.least_margin), *report.least_margin);
  for (auto& trouble : report.troubles)
    if (to.troubles.size() < client::kRepairTroublesMax && std::ranges::find(to.troubles, trouble) == to.troubles.end())
      to.troubles.push_back(std::move(trouble));
  if (report.worst && (!to.worst || report.worst->code == Code::too_few_pieces)) to.worst = std::move(report.worst);
}

namespace {

Result<void> print_summary(cli::World& world, const client::RepairReport& report) {
  format::Json line;
  line["type"] = "summary";
  line["pieces"] = report.pieces;
  line["held"] = report.held;
  line["lost"] = report.lost;
  line["silent"] = report.silent;
  line["busy"] = report.busy;
  line["segments"] = report.segments;
  line["lacking"] = report.lacking;
  line["due"] = report.due;
  line["repaired"] = report.repaired;
  line["below"] = report.below;
  line["beyond"] = report.beyond;
  line["stored"] = report.stored;
  line["found"] = report.found;
  line["read_bytes"] = report.read_bytes;
  line["written_bytes"] = report.written_bytes;
  if (report.least_margin) line["least_margin"] = *report.least_margin;
  return world.print_json(line);
}

}  // namespace

Result<cli::Exit> judge(Work& work, const client::RepairReport& report, bool with_summary) {
  auto& world = work.world;
  world.progress().finish();
  for (const auto& trouble : report.troubles) world.warn(cli::escape(trouble));
  if (world.common().json && with_summary) TRY(print_summary(world, report));
  auto said = fmt::format("{} pieces: {} held, {} lost, {} at Hosts that do not answer", report.pieces, report.held,
                          report.lost, report.silent);
  if (report.busy > 0) said += fmt::format(", {} at Hosts that had no time to show them", report.busy);
  if (work.options.dry_run) {
    world.say(fmt::format("{}; {} segments lack pieces, {} would be repaired", said, report.lacking, report.due));
    if (report.least_margin.value_or(0) < 0) return cli::Exit::too_few_pieces;
    return report.due > 0 ? cli::Exit::below_redundancy : cli::Exit::ok;
  }
  said += fmt::format("; {} segments repaired: {} pieces stored, {} found; {} bytes read, {} written", report.repaired,
                      report.stored, report.found, report.read_bytes, report.written_bytes);
  if (report.below + report.beyond > 0) {
    const auto code = report.beyond > 0 ? Code::too_few_pieces : Code::below_redundancy;
    const auto hint = report.beyond > 0 ? "its Hosts may answer later: run it again"
                                        : "name more Hosts, and run it again: what was repaired is left as it is";
    return fail(code, fmt::format("{}; {} segments were not", said, report.below + report.beyond), hint);
  }
  if (report.lacking > report.due)
    said += fmt::format("; {} segments lack pieces and are not near to loss (--all repairs them, too)",
                        report.lacking - report.due);
  world.say(said);
  return report.busy > 0 ? cli::Exit::try_again : cli::Exit::ok;
}

}  // namespace inxt::repair_tool
