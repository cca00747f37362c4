// SPDX-License-Identifier: AGPL-3.0-or-later
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "care_tool.h"
#include "cli/escape.h"

namespace inxt::care_tool {

Result<cli::Exit> add(cli::World& world, const Options& options) {
  const auto work = TRY(Work::open(world, options));
  const auto caretaker = TRY(cli::caretaker_of(world, options.caretaker, work->key));
  auto adder = TRY(client::CareAdder::begin(work->session, work->care, work->key, caretaker,
                                            work->bridge.bridge.bridge, world.clock(), world.random()));
  const UseManifest use = [&](client::LineReader& lines, const std::string& name,
                              const InTree* in) -> Result<void> {
    if (in == nullptr) return adder.add(lines, cli::escape(name));
    return adder.add_of(in->tree, in->record, lines, cli::escape(name));
  };
  const std::size_t left_out = TRY(each_manifest(*work, use));
  TRY(adder.finish(work->tree.get()));

  const format::CareTaken& taken = adder.taken();
  if (adder.unplaced() > 0)
    world.warn(fmt::format("{} pieces have no Host: they are stored nowhere, and the Bridge makes them anew",
                           adder.unplaced()));
  if (adder.ended() > 0)
    world.say(fmt::format("{} files were removed meanwhile, and are not in care", adder.ended()));
  if (world.common().json) {
    format::Json line{{"type", "summary"},      {"complete", taken.complete},    {"segments", taken.segments},
                      {"places", taken.places}, {"unplaced", adder.unplaced()}, {"left_out", left_out},
                      {"removed", adder.ended()}};
    TRY(world.print_json(line));
  }
  world.say(fmt::format("{} files are in care; {} segments and {} places were new",
                        taken.complete - std::min(taken.complete, adder.ended()), taken.segments,
                        taken.places));
  if (left_out > 0)
    return fail(Code::partial, fmt::format("{} files were left out", left_out), "run it again");
  return cli::Exit::ok;
}

}  // namespace inxt::care_tool
