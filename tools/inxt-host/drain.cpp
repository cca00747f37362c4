// SPDX-License-Identifier: AGPL-3.0-or-later
// inxt-host drain: tells the running Host to take nothing new, or to do so again.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "format/json.h"
#include "options.h"
#include "serve/control_client.h"

namespace inxt::tools {

Result<cli::Exit> drain(cli::World& world, const HostOptions& options) {
  const std::string folder = TRY(store_now(options));
  const std::string body = fmt::format("{{\"on\":{}}}", options.off ? "false" : "true");
  std::string text = TRY(serve::command_daemon(folder, "Host", "/drain", body));
  while (text.ends_with('\n')) text.pop_back();
  TRY(world.print(text));
  const format::Json answer = TRY_IN("the Host's answer", format::parse_object(text));
  const bool is_draining = TRY(format::Fields(answer, "answer").boolean("draining"));
  world.say(is_draining ? "the Host takes nothing new; what it has stays readable"
                        : "the Host takes new pieces again");
  return cli::Exit::ok;
}

}  // namespace inxt::tools
