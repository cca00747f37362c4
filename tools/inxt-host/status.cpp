// SPDX-License-Identifier: AGPL-3.0-or-later
// inxt-host status and descriptor: of the Host that runs on a store.
#include <fmt/format.h>

#include "host_line.h"
#include "options.h"
#include "serve/control_client.h"

namespace inxt::tools {

Result<cli::Exit> descriptor(cli::World& world, const HostOptions& options) {
  const std::string folder = TRY(store_now(options));
  const std::string line = TRY(read_host_line(folder));
  TRY(world.print(line));
  return cli::Exit::ok;
}

Result<cli::Exit> status(cli::World& world, const HostOptions& options) {
  const std::string folder = TRY(store_now(options));
  // A person at a terminal reads text; whatever reads a pipe gets the line that it always got.
  const bool is_for_person = !world.common().json && sys::is_terminal(sys::kStandardOutput);
  std::string text = TRY(serve::ask_daemon(folder, "Host", is_for_person ? "/status.txt" : "/status.json"));
  while (text.ends_with('\n')) text.pop_back();
  TRY(world.print(text));
  return cli::Exit::ok;
}

}  // namespace inxt::tools
