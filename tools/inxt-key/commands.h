// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

#include "cli/run.h"

namespace inxt::key_tool {

struct Options {
  std::string command;
  cli::KeyOptions key;                       // show, uploader, caretaker, file-key
  std::optional<std::string> output;         // new, restore, uploader, caretaker
  std::optional<int> new_passphrase_fd;      // of the file that is made
  bool no_passphrase = false;                // new, restore
  bool seal = false;                         // uploader, caretaker
  int word_count = 24;                       // new
  std::optional<std::string> words_out;      // new
  std::optional<std::string> recovery_card;  // new
  bool show_recipient = false, show_id = false;
  std::optional<HostId> for_host;
  std::uint32_t uploader = 0;
  std::uint32_t caretaker = 0;
  std::string until = "365d";
  std::optional<std::string> manifest;
  bool yes = false;
};

void declare(cli::Command& command, Options& options);

Result<cli::Exit> make_new(cli::World& world, const Options& options);
Result<cli::Exit> restore(cli::World& world, const Options& options);
Result<cli::Exit> show(cli::World& world, const Options& options);
Result<cli::Exit> make_uploader(cli::World& world, const Options& options);
Result<cli::Exit> make_caretaker(cli::World& world, const Options& options);
Result<cli::Exit> file_key(cli::World& world, const Options& options);

}  // namespace inxt::key_tool
