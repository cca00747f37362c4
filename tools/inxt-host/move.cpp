// SPDX-License-Identifier: AGPL-3.0-or-later
// inxt-host move: the running Host carries its store to another disk.
#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <thread>

#include "cli/escape.h"
#include "cli/units.h"
#include "format/json.h"
#include "host/status.h"
#include "host/store_place.h"
#include "options.h"
#include "serve/control_client.h"

namespace inxt::tools {

namespace {

constexpr std::chrono::milliseconds kLookEvery{500};

/// Nothing when no move is under way.
Result<std::optional<format::Json>> ask_for_move(const std::string& folder) {
  std::string text = TRY(serve::ask_daemon(folder, "Host", "/status"));
  while (text.ends_with('\n')) text.pop_back();
  const format::Json status = TRY_IN("the Host's status", format::parse_object(text, serve::kStatusBytesMax));
  if (!status.contains("move") || !status["move"].is_object()) return std::nullopt;
  return status["move"];
}

Result<cli::Exit> wait_for_end(cli::World& world, const std::string& folder, const std::string& to) {
  std::string said;
  for (;;) {
    if (world.stop().requested()) return cli::Exit::ok;  // the Host goes on without us
    const auto move = TRY(ask_for_move(folder));
    if (!move) break;
    const std::string trouble = move->value("trouble", std::string());
    const std::string now =
        trouble.empty() ? fmt::format("{} % moved", move->value("done_permille", std::uint64_t{0}) / 10)
                        : "waits: " + cli::escape(trouble);
    if (now != said) world.say(now);
    said = now;
    std::this_thread::sleep_for(kLookEvery);
  }
  if (!std::filesystem::exists(fmt::format("{}/{}", folder, host::kMovedFile)))
    return fail(Code::failure, "the Host moves no more, and its store is still in " + folder,
                "see its log: inxt-host status");
  world.say(fmt::format("moved to {}; name it in --store from now on", cli::escape(to)));
  return cli::Exit::ok;
}

}  // namespace

Result<cli::Exit> move_store(cli::World& world, const HostOptions& options) {
  const std::string folder = TRY(store_now(options));
  if (!options.to)
    return fail(Code::usage, "no destination is named", "give --to DIR, an empty folder on the other disk");
  const std::string to = std::filesystem::absolute(*options.to).lexically_normal().string();
  if (!format::is_utf8(to)) return fail(Code::usage, "--to is not UTF-8");
  const format::Json command{{"to", to}};
  TRY(serve::command_daemon(folder, "Host", "/move", format::write_compact(command)));
  const format::Json begun{{"type", "move"}, {"from", folder}, {"to", to}};
  TRY(world.print(format::write_compact(begun)));
  if (options.wait) return wait_for_end(world, folder, to);
  world.say("moving; the Host serves meanwhile, and `inxt-host status` shows how far it is");
  return cli::Exit::ok;
}

}  // namespace inxt::tools
