// SPDX-License-Identifier: AGPL-3.0-or-later
// What the Bridge tells, and the end of care.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>

#include "care_tool.h"
#include "cli/escape.h"

namespace inxt::care_tool {
namespace {

std::string show_time(std::optional<std::int64_t> unix_s) {
  if (!unix_s) return "never";
  constexpr std::int64_t kLast = 253402214400;  // past the year 9999 a number says more
  if (*unix_s > kLast) return fmt::format("@{}", *unix_s);
  return fmt::format("{:%Y-%m-%d %H:%M}", fmt::gmtime(static_cast<std::time_t>(*unix_s)));
}

Result<void> show(cli::World& world, const format::CareInfo& info, const std::string& name) {
  if (world.common().json) {
    std::string line = format::write_care_info(info);
    auto json = TRY(format::parse_object(line.substr(0, line.size() - 1)));
    if (!name.empty()) json["name"] = cli::escape(name);
    return world.print_json(json);
  }
  const std::string state = !info.is_complete         ? "in parts"
                            : info.short_segments > 0 ? fmt::format("{} segments short", info.short_segments)
                                                      : "whole";
  return world.print(fmt::format("{}  {:>8} pieces  {:>6} repaired  audited {:<16}  {}{}{}", info.file.hex(),
                                 info.pieces, info.repaired, show_time(info.audited_unix_s), state,
                                 name.empty() ? "" : "  ", cli::escape(name)));
}

Result<void> print_places(cli::World& world, const std::vector<format::CarePlace>& places) {
  for (const format::CarePlace& place : places) {
    const std::string line = format::write_care_place(place);
    TRY(world.print(std::string_view(line).substr(0, line.size() - 1)));
  }
  return {};
}

}  // namespace

Result<cli::Exit> list(cli::World& world, const Options& options) {
  const auto work = TRY(Work::open(world, options));
  std::map<FileId, std::string> names;
  std::size_t left_out = 0;
  if (!options.names.empty()) {
    const UseManifest use = [&](client::LineReader& lines, const std::string& name, const InTree*) -> Result<void> {
      names.emplace(TRY(file_of(lines, name)), name);
      return {};
    };
    left_out = TRY(each_manifest(*work, use));
  }
  std::optional<FileId> after;
  for (;;) {
    const auto page = TRY(work->session.run(work->care.list(after, transfer::kCarePageMax)));
    if (page.empty()) break;
    after = page.back().file;
    for (const format::CareInfo& info : page) {
      const auto name = names.find(info.file);
      if (!options.names.empty() && name == names.end()) continue;
      TRY(show(world, info, name == names.end() ? "" : name->second));
      if (name != names.end()) names.erase(name);
    }
  }
  for (const auto& [file, name] : names) world.warn(cli::escape(name) + ": not in care");
  return names.empty() && left_out == 0 ? cli::Exit::ok : cli::Exit::partial;
}

Result<cli::Exit> remove(cli::World& world, const Options& options) {
  const auto work = TRY(Work::open(world, options));
  std::size_t ended = 0, others = 0;
  const UseManifest use = [&](client::LineReader& lines, const std::string& name, const InTree*) -> Result<void> {
    const FileId file = TRY(file_of(lines, name));
    // What the Bridge tells nobody any more afterwards; where it makes more meanwhile, nothing has ended.
    const auto found = TRY(work->session.run(client::places_in_care(work->care, file)));
    if (found) TRY(print_places(world, *found));
    const std::uint64_t seen = found && !found->empty() ? found->back().number : 0;
    const auto done = TRY(work->session.run(work->care.end(file, seen)));
    if (done == transfer::CareEnded::more_places)
      return fail(Code::try_again, cli::escape(name) + ": the Bridge repairs it now", "run it again");
    const bool has_ended = done == transfer::CareEnded::ended;
    ++(has_ended ? ended : others);
    if (has_ended && found && !found->empty())
      world.warn(
          fmt::format("{}: {} pieces lie where only the lines on standard output say: append them to "
                      "its manifest; a name in the tree needs inxt-rekey, within 7 days",
                      cli::escape(name), found->size()));
    return {};
  };
  const std::size_t left_out = TRY(each_manifest(*work, use));
  world.say(fmt::format("the care of {} files has ended, {} were not in care", ended, others));
  return left_out == 0 ? cli::Exit::ok : cli::Exit::partial;
}

Result<cli::Exit> places(cli::World& world, const Options& options) {
  const auto work = TRY(Work::open(world, options));
  std::size_t others = 0;
  const UseManifest use = [&](client::LineReader& lines, const std::string& name, const InTree*) -> Result<void> {
    const FileId file = TRY(file_of(lines, name));
    const auto found = TRY(work->session.run(client::places_in_care(work->care, file)));
    if (!found) {
      ++others;
      world.warn(cli::escape(name) + ": not in care");
      return {};
    }
    return print_places(world, *found);
  };
  const std::size_t left_out = TRY(each_manifest(*work, use));
  return left_out + others == 0 ? cli::Exit::ok : cli::Exit::partial;
}

}  // namespace inxt::care_tool
