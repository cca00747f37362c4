// SPDX-License-Identifier: AGPL-3.0-or-later
// inxt-bridge status and descriptor: of the Bridge that runs on a folder.
#include "format/bridge_descriptor.h"
#include "options.h"
#include "serve/control_client.h"
#include "serve/running.h"

namespace inxt::tools {

Result<cli::Exit> descriptor(cli::World& world, const BridgeOptions& options) {
  const auto check = [](std::string_view line, const std::string& where) -> Result<void> {
    TRY(format::open_bridge_line(line, where));
    return {};
  };
  const std::string folder = TRY(data_folder(options));
  const std::string line = TRY(serve::read_descriptor_line(folder, check));
  TRY(world.print(line));
  return cli::Exit::ok;
}

Result<cli::Exit> status(cli::World& world, const BridgeOptions& options) {
  const std::string folder = TRY(data_folder(options));
  // A person at a terminal reads text; whatever reads a pipe gets a line.
  const bool is_for_person = !world.common().json && sys::is_terminal(sys::kStandardOutput);
  std::string text = TRY(serve::ask_daemon(folder, kNoun, is_for_person ? "/status.txt" : "/status.json"));
  while (text.ends_with('\n')) text.pop_back();
  TRY(world.print(text));
  return cli::Exit::ok;
}

}  // namespace inxt::tools
