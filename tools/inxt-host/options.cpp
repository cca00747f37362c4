// SPDX-License-Identifier: AGPL-3.0-or-later
#include "options.h"

#include "format/json.h"

namespace inxt::tools {

void declare(cli::Command& command, HostOptions& options) {
  command.text("--store", "DIR", options.store, "folder of the pieces and of this Host's key").setting();
  command
      .size("--capacity", "SIZE", options.capacity_bytes,
            "bytes that the pieces may take on the disk, exactly")
      .setting();
  command
      .text("--accept", "FILE", options.accept,
            "whom to serve: a file of account ids, read again on SIGHUP; or `any`")
      .setting();
  command.texts("--listen", "ADDR:PORT", options.listen, "where to listen (127.0.0.1:4242); may be repeated")
      .setting();
  command
      .texts("--announce", "ADDR:PORT", options.announce,
             "where others reach this Host (as --listen); may be repeated")
      .setting();
  command
      .number("--price", "N", options.price, 0, static_cast<std::int64_t>(format::kJsonIntegerMax),
              "the least that an offer must name (0)")
      .setting();
  command.duration("--term-max", "TIME", options.term_max_s, "longest term of a contract (366d)").setting();
  command.number("--workers", "N", options.workers, 1, 256, "threads for the disk (8)").setting();
  command.size("--memory", "SIZE", options.memory_bytes, "memory for pieces under way (128MiB)").setting();
  command.config_file("--config", "settings, as JSON: {\"store\": ..., \"capacity\": ...}");

  cli::Command& checking =
      command.subcommand("check", "check every stored piece; also beside a running Host", options.command);
  checking.positional("DIR", options.folder, "the store");
  checking.flag("--deep", options.deep, "read every byte and check it against its piece id");
  command.subcommand("descriptor", "print the running Host's line for a hosts file", options.command)
      .positional("DIR", options.folder, "the store");
  command.subcommand("status", "ask the running Host how it is", options.command)
      .positional("DIR", options.folder, "the store");
  cli::Command& examining =
      command.subcommand("doctor", "look at clock, disk, port and limits", options.command);
  examining.positional("DIR", options.folder, "the store");
  examining
      .texts("--listen", "ADDR:PORT", options.listen, "the address to try (127.0.0.1:4242); may be repeated")
      .setting();
  command.epilog(
      "SIGTERM finishes what is in flight, for 20 s at most.\n\n"
      "  inxt-host --store /srv/inxt --capacity 1TB --accept accounts.txt --listen 0.0.0.0:4242 --announce "
      "192.0.2.7:4242\n"
      "  inxt-host descriptor /srv/inxt >> hosts");
}

Result<std::string> store_folder(const HostOptions& options) {
  if (options.folder) return *options.folder;
  if (options.store) return *options.store;
  return fail(Code::usage, "no store is named", "give --store DIR, or set INXT_STORE");
}

}  // namespace inxt::tools
