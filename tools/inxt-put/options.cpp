// SPDX-License-Identifier: AGPL-3.0-or-later
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/disputes.h"
#include "cli/units.h"
#include "client/session.h"
#include "put_tool.h"

namespace inxt::put_tool {

void declare(cli::Command& command, Options& to) {
  command.positionals("FILE", to.files,
                      "data to store (- for standard input), or a manifest whose pieces lie in files; without it, a manifest on "
                      "standard input; several, and a name inxt:/... behind them: into your tree of names");
  command.text("-o,--output", "FILE", to.output, "write the manifest here (default: standard output)");
  command.text("--hosts", "FILE", to.hosts, "signed Host descriptors, one a line (- for standard input)").setting();
  cli::declare_bridge_option(command, to.bridge, "let this Bridge say where pieces go").not_with("hosts");
  cli::declare_tree_change_options(command, to.change);
  command.flag("-R,--recursive", to.recursive, "folders, too, with all that is in them").in_group("Names under inxt:/");
  command.flag("-u,--update", to.update, "leave out files whose size and time are what the tree says of them").in_group("Names under inxt:/");
  command.texts("--metadata", "NAME=VALUE", to.metadata, "say this of every file; encrypted, as names are").in_group("Names under inxt:/");
  command.flag("--explain", to.explain, "with -n: say why the Bridge would place them there").in_group("Placement by a Bridge");
  command.number("-j,--jobs", "N", to.jobs, 1, 256, "pieces under way at once").setting();
  command.text("--receipts", "FILE", to.receipts, "write offers, acceptances and receipts here, as JSON Lines");
  command.texts("--dir", "DIR", to.folders, "a folder that the manifest's files may lie in, besides the spool");
  command.duration("--term", "DURATION", to.term_s, "how long Hosts shall keep the pieces (default 365d)").setting();
  command.number("--price", "N", to.price_max, 0, INT64_MAX, "the most that a piece may cost (default 0)").setting();
  command.flag("--data", to.data, "store FILE even when it is a manifest itself");
  command.flag("-n,--dry-run", to.dry_run, "say what would be stored, where and for how much; store nothing");
  command.flag("--care", to.care, "let the Bridge repair what is stored, as inxt-care add does").in_group("Care of a Bridge");
  cli::declare_caretaker_option(command, to.caretaker).in_group("Care of a Bridge");
  cli::declare_layout_options(command, to.layout);
  cli::declare_content_options(command, to.content);
  cli::declare_key_options(command, to.key);
}

Result<std::vector<format::Descriptor>> hosts_for(cli::World& world, const Options& options, const format::Layout& layout) {
  if (!options.hosts)
    return fail(Code::usage, "no Hosts are known",
                "say --hosts FILE, or name the file in INXT_HOSTS; or say --bridge FILE, or name that one in INXT_BRIDGE");
  const auto known = TRY(client::read_hosts_file(options.hosts, world.stop().fd()));
  cli::warn_of_disputes(world, known);
  auto hosts = known.for_new_pieces();
  std::erase_if(hosts, [&](const auto& host) { return host.price > options.price_max || host.addresses.empty(); });
  if (hosts.size() < layout.pieces_per_segment())
    return fail(Code::usage,
                fmt::format("{} Hosts can be used, and {} are needed: a segment's {} pieces go to different Hosts",
                            hosts.size(), layout.pieces_per_segment(), layout.pieces_per_segment()),
                "name more Hosts, or ask for less with -e K+M or -m N");
  return hosts;
}

Result<cli::Exit> say_plan(cli::World& world, const format::Layout& layout, std::optional<std::uint64_t> bytes,
                           const std::vector<format::Descriptor>& hosts) {
  std::uint64_t free_bytes = 0;
  for (const auto& host : hosts) free_bytes += host.free_bytes;
  format::Json plan;
  plan["type"] = "plan";
  plan["k"] = layout.k;
  plan["m"] = layout.m;
  plan["mirrors"] = layout.mirrors;
  plan["shard_bytes"] = layout.shard_bytes;
  plan["hosts"] = hosts.size();
  plan["hosts_free_bytes"] = free_bytes;
  std::string said = fmt::format("{}+{}, {} mirrors, {} Hosts", layout.k, layout.m, layout.mirrors, hosts.size());
  if (bytes) {
    const auto segments = layout.segments(*bytes);
    const auto last = *bytes - (segments - 1) * layout.segment_bytes();
    const auto stored = ((segments - 1) * layout.shard_bytes + layout.shard_size(last)) * layout.pieces_per_segment();
    const auto pieces = segments * layout.pieces_per_segment();
    std::uint64_t price = 0;
    for (const auto& host : hosts) price = std::max(price, host.price);
    plan["bytes"] = *bytes;
    plan["segments"] = segments;
    plan["pieces"] = pieces;
    plan["stored_bytes"] = stored;
    plan["price_at_most"] = price * pieces;
    said += fmt::format(": {} in {} pieces take {} ({} % more), price at most {}", cli::show_size(*bytes), pieces,
                        cli::show_size(stored), *bytes == 0 ? 0 : (stored - std::min(stored, *bytes)) * 100 / *bytes,
                        price * pieces);
  }
  world.say(said);
  TRY(world.print(format::write_compact(plan)));
  return cli::Exit::ok;
}

}  // namespace inxt::put_tool
