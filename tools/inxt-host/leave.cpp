// SPDX-License-Identifier: AGPL-3.0-or-later
// inxt-host retire, inxt-host pause: what the running Host tells its Bridges of its own going.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "cli/units.h"
#include "format/json.h"
#include "host/status.h"
#include "options.h"
#include "serve/control_client.h"
#include "serve/show.h"

namespace inxt::tools {
namespace {

constexpr const char* kRetireByDefault = "30d";
constexpr std::int64_t kToldWaitMs = 30'000;  // a Bridge takes a heartbeat every 15 s
constexpr std::chrono::milliseconds kLookEvery{100};

Result<std::string> body_of(const cli::World& world, const char* key, const std::string& option,
                            const std::string& time) {
  const std::int64_t unix_s = TRY_IN(option, cli::parse_time_unix_s(time, world.clock().unix_s()));
  return fmt::format("{{\"{}\":{}}}", key, unix_s);
}

struct Told {
  std::string bridge;
  bool is_told = false;
  std::int64_t paused_until_unix_s = 0;
};

Result<std::vector<Told>> told_in(const format::Json& status) {
  std::vector<Told> all;
  const auto list = status.find("bridges");
  if (list == status.end() || !list->is_array()) return all;
  for (const format::Json& each : *list) {
    if (!each.is_object()) return fail(Code::integrity, "the Host's status: a Bridge is not an object");
    const format::Fields fields(each, "the Host's status: a Bridge");
    Told told;
    told.bridge = TRY(fields.text("bridge", 64)).substr(0, 16);
    told.is_told = TRY(fields.boolean("told"));
    if (fields.has("paused_until")) told.paused_until_unix_s = TRY(fields.time("paused_until"));
    all.push_back(std::move(told));
  }
  return all;
}

/// Gives up after kToldWaitMs: the Host goes on without us.
Result<std::vector<Told>> wait_until_told(cli::World& world, const std::string& folder) {
  const std::int64_t end_ms = world.clock().steady_ms() + kToldWaitMs;
  for (;;) {
    std::string text = TRY(serve::ask_daemon(folder, "Host", "/status"));
    while (text.ends_with('\n')) text.pop_back();
    const format::Json status =
        TRY_IN("the Host's status", format::parse_object(text, serve::kStatusBytesMax));
    std::vector<Told> all = TRY(told_in(status));
    if (std::ranges::all_of(all, &Told::is_told) || world.stop().requested() ||
        world.clock().steady_ms() >= end_ms)
      return all;
    std::this_thread::sleep_for(kLookEvery);
  }
}

/// What the Host does now, and what its Bridges know of it.
struct Answer {
  format::Json json;
  std::vector<Told> bridges;
};

Result<Answer> command(cli::World& world, const HostOptions& options, const std::string& path,
                       const std::string& body) {
  const std::string folder = TRY(store_now(options));
  std::string text = TRY(serve::command_daemon(folder, "Host", path, body));
  while (text.ends_with('\n')) text.pop_back();
  Answer answer;
  answer.json = TRY_IN("the Host's answer", format::parse_object(text));
  answer.bridges = TRY(wait_until_told(world, folder));
  format::Json printed = answer.json;
  printed["bridges"] = format::Json::array();
  for (const Told& told : answer.bridges) {
    format::Json each{{"bridge", told.bridge}, {"told", told.is_told}};
    if (told.paused_until_unix_s != 0) each["paused_until"] = told.paused_until_unix_s;
    printed["bridges"].push_back(std::move(each));
  }
  TRY(world.print(format::write_compact(printed)));
  return answer;
}

/// Whether all have heard it; warns where not.
bool warn_untold(cli::World& world, const std::vector<Told>& bridges) {
  bool all_told = true;
  for (const Told& bridge : bridges) {
    if (bridge.is_told) continue;
    world.warn(fmt::format("Bridge {} has not heard it yet; the Host goes on trying", bridge.bridge));
    all_told = false;
  }
  return all_told;
}

}  // namespace

Result<cli::Exit> retire(cli::World& world, const HostOptions& options) {
  std::string body = R"({"off":true})";
  if (!options.off)
    body = TRY(body_of(world, "by", "--by", options.until.empty() ? kRetireByDefault : options.until));
  const Answer answer = TRY(command(world, options, "/retire", body));
  const format::Fields fields(answer.json, "the Host's answer");
  const std::vector<Told>& bridges = answer.bridges;
  if (!fields.has("retiring")) {
    world.say("the Host stays, and takes new pieces again");
  } else {
    world.say(
        fmt::format("the Host retires by {}; {} pieces are left: `inxt-host status` says how many later",
                    serve::show_time(TRY(fields.time("retiring"))), TRY(fields.integer("pieces"))));
    if (bridges.empty())
      world.warn("it reports to no Bridge: what it has stays until owners delete it, or its terms end");
  }
  return warn_untold(world, bridges) ? cli::Exit::ok : cli::Exit::try_again;
}

Result<cli::Exit> pause(cli::World& world, const HostOptions& options) {
  std::string body = R"({"off":true})";
  if (!options.off && options.until.empty())
    return fail(Code::usage, "until when is not said", "give --until TIME, such as --until 4h, or --off");
  if (!options.off) body = TRY(body_of(world, "until", "--until", options.until));
  const Answer answer = TRY(command(world, options, "/pause", body));
  const format::Fields fields(answer.json, "the Host's answer");
  const std::vector<Told>& bridges = answer.bridges;
  const bool all_told = warn_untold(world, bridges);
  if (!fields.has("away_until")) {
    world.say("the Host is here");
    return all_told ? cli::Exit::ok : cli::Exit::try_again;
  }
  const std::int64_t until = TRY(fields.time("away_until"));
  world.say(fmt::format("the Host may be away until {}", serve::show_time(until)));
  for (const Told& bridge : bridges) {
    if (!bridge.is_told || bridge.paused_until_unix_s >= until) continue;
    world.warn(bridge.paused_until_unix_s == 0
                   ? fmt::format("Bridge {} grants no pause: what it allows is used up", bridge.bridge)
                   : fmt::format("Bridge {} grants it until {} only; after that the Host counts as silent",
                                 bridge.bridge, serve::show_time(bridge.paused_until_unix_s)));
  }
  return all_told ? cli::Exit::ok : cli::Exit::try_again;
}

}  // namespace inxt::tools
