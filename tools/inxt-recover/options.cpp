// SPDX-License-Identifier: AGPL-3.0-or-later
#include "recover_tool.h"

namespace inxt::recover_tool {

void declare(cli::Command& command, Options& to) {
  command.text("--hosts", "FILE", to.hosts, "Hosts to ask: descriptors, one a line (\"-\": standard input)")
      .setting();
  cli::declare_bridge_option(command, to.bridge, "bridge file of a Bridge whose Hosts are asked");
  command.number("--words-fd", "N", to.words_fd, 0, INT32_MAX,
                 "read the words from this descriptor (default: a key file, else they are asked for)");
  command.text("-o,--output", "DIR", to.output,
               "write manifests below this folder: tree/ (names), recovered/ (what has none), kept/");
  command.flag("--files", to.files, "write the files themselves, not their manifests");
  command.flag("--versions", to.versions, "earlier and removed versions too, below kept/");
  command.flag("--force", to.force, "overwrite files that are there");
  command.text("--adopt", "FILE", to.adopt, "bridge file of a Bridge that is given the names");
  command.flag("-n,--dry-run", to.dry_run, "ask the Hosts and read the names; write and change nothing");
  command.text("--state", "FILE", to.state, "keep here what was found, so that the same command goes on");
  command.flag("--anew", to.anew, "forget what an earlier run found");
  command.number("-j,--jobs", "N", to.jobs, 1, 256, "Hosts asked at once").setting();
  cli::declare_key_options(command, to.key);
}

}  // namespace inxt::recover_tool
