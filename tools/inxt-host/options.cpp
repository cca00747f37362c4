// SPDX-License-Identifier: AGPL-3.0-or-later
#include "options.h"

#include "format/json.h"
#include "host/store_place.h"
#include "sys/service.h"

namespace inxt::tools {

namespace {

constexpr std::int64_t kCommitDelayMsMax = 1000;
constexpr std::int64_t kFdMax = 1 << 20;  // Linux's nr_open

void declare_config(cli::Command& command, HostOptions& options, std::string help) {
  cli::Option& option = command.config_file("--config", std::move(help));
  option.take = [take = option.take, &options](std::string_view text) -> Result<void> {
    options.has_config = true;
    return take(text);
  };
}

}  // namespace

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
             "where others reach this Host (what it finds); may be repeated")
      .setting();
  command
      .choice("--map-port", {"off", "auto", "nat-pmp", "upnp"}, options.map_port,
              "ask the home router for a port that leads here (off)")
      .setting();
  command
      .text("--local", "ADDR:PORT", options.local,
            "where to show a page and metrics, on this machine only (nowhere)")
      .setting();
  command
      .texts("--bridge", "FILE", options.bridges,
             "report to this Bridge: its bridge file, read again on SIGHUP; may be repeated")
      .setting();
  command.text("--operator", "TEXT", options.operator_name, "who runs this Host, as Bridges are told")
      .setting();
  command
      .text("--domain", "TEXT", options.domain,
            "what fails together with this Host, a rack or a flat, as Bridges are told")
      .setting();
  command.text("--region", "TEXT", options.region, "where this Host is, as Bridges are told").setting();
  command
      .number("--price", "N", options.price, 0, static_cast<std::int64_t>(format::kJsonIntegerMax),
              "the least that an offer must name (0)")
      .setting();
  command.duration("--term-max", "TIME", options.term_max_s, "longest term of a contract (366d)").setting();
  command.number("--workers", "N", options.workers, 1, 256, "threads for the disk (8)").setting();
  command.size("--memory", "SIZE", options.memory_bytes, "memory for pieces under way (128MiB)").setting();
  command
      .choice("--group-commit", {"on", "off"}, options.group_commit,
              "pieces that come at the same time share syncs of the file system (off)")
      .setting();
  command
      .number("--commit-delay", "MS", options.commit_delay_ms, 0, kCommitDelayMsMax,
              "with --group-commit on: how long a sync waits for others to share it (0)")
      .setting();
  declare_terms(command, options.terms);
  declare_config(command, options, "settings, as JSON: {\"store\": ..., \"capacity\": ...}");

  cli::Command& checking =
      command.subcommand("check", "check every stored piece; also beside a running Host", options.command);
  checking.positional("DIR", options.folder, "the store");
  checking.flag("--deep", options.deep, "read every byte and check it against its piece id");
  checking.flag("--quick", options.quick, "check settings, store and key before a start, and no piece")
      .not_with("deep");
  declare_config(checking, options, "check these settings too");
  command.subcommand("descriptor", "print the running Host's line for a hosts file", options.command)
      .positional("DIR", options.folder, "the store");
  cli::Command& moving =
      command.subcommand("move", "carry the running Host's store to another disk", options.command);
  moving.positional("DIR", options.folder, "the store");
  moving.text("--to", "DIR", options.to, "where to: an empty folder, or one that is not there yet")
      .required();
  moving.flag("--wait", options.wait, "return when it has moved");
  cli::Command& draining =
      command.subcommand("drain", "tell the running Host to take nothing new", options.command);
  draining.positional("DIR", options.folder, "the store");
  draining.flag("--off", options.off, "take new pieces again");
  cli::Command& retiring = command.subcommand(
      "retire", "tell the running Host to give up its pieces, as others take them over", options.command);
  retiring.positional("DIR", options.folder, "the store");
  retiring.text("--by", "TIME", options.until, "when it wants to be gone: a date, or a duration (30d)");
  retiring.flag("--off", options.off, "stay after all").not_with("by");
  cli::Command& pausing =
      command.subcommand("pause", "tell the Bridges that the Host may be away for a while", options.command);
  pausing.positional("DIR", options.folder, "the store");
  pausing.text("--until", "TIME", options.until, "a date, or a duration such as 4h");
  pausing.flag("--off", options.off, "it is back, or stays").not_with("until");
  command
      .subcommand("status", "ask the running Host how it is: text on a terminal, else a JSON line",
                  options.command)
      .positional("DIR", options.folder, "the store");
  cli::Command& listing = command.subcommand(
      "audits", "who audited the Host, what was asked and answered: text on a terminal, else JSON lines",
      options.command);
  listing.positional("DIR", options.folder, "the store");
  listing.flag("--follow", options.follow, "go on with those that come, until interrupted");
  cli::Command& showing = command.subcommand(
      "evidence", "print the signed tokens about a piece: what was asked, promised and delivered",
      options.command);
  showing.positional("PIECE", options.piece, "its id");
  showing.positional("DIR", options.folder, "the store");
  cli::Command& mapping = command.subcommand(
      "map-port", "ask the home router once for a port that leads here, as the daemon does", options.command);
  mapping.number("", "PORT", options.port, 1, 65535, "the port here").required();
  mapping.choice("--map-port", {"auto", "nat-pmp", "upnp"}, options.map_port, "how to ask (auto)");
  mapping.number("--external-port", "PORT", options.external_port, 1, 65535,
                 "the port wanted outside (the same)");
  mapping.flag("--remove", options.remove, "give the port back");
  cli::Command& examining = command.subcommand(
      "doctor", "look at clock, disk, limits and whether others reach this Host", options.command);
  examining.positional("DIR", options.folder, "the store");
  examining.text("--hosts", "FILE", options.hosts, "other Hosts: their clocks, and what they see of this one")
      .setting();
  examining
      .texts("--listen", "ADDR:PORT", options.listen, "the address to try (127.0.0.1:4242); may be repeated")
      .setting();
  cli::Command& backing_up = command.subcommand(
      "backup", "write this Host's identity to keep elsewhere, under a passphrase", options.command);
  backing_up.positional("DIR", options.folder, "the store");
  backing_up.text("-o,--output", "FILE", options.output,
                  "write it to FILE, which must not be there (default: standard output)");
  backing_up.number("--passphrase-fd", "N", options.passphrase_fd, 0, kFdMax,
                    "read the passphrase from file descriptor N");
  backing_up.flag("--no-passphrase", options.no_passphrase, "leave it in the clear")
      .not_with("passphrase-fd");
  cli::Command& restoring = command.subcommand(
      "restore", "put an identity back into a store, from a backup on standard input", options.command);
  restoring.positional("DIR", options.folder, "the store");
  restoring.number("--passphrase-fd", "N", options.passphrase_fd, 0, kFdMax,
                   "read the passphrase from file descriptor N");
  restoring.flag("--force", options.force, "also over another identity, or a damaged one");
  command
      .subcommand("rotate-key", "give the Host a new key, signed by its old one; while it is stopped",
                  options.command)
      .positional("DIR", options.folder, "the store");
  command.epilog(
      "SIGTERM finishes what is in flight, for 20 s at most.\n\n"
      "  inxt-host --store /srv/inxt --capacity 1TB --accept accounts.txt --listen 0.0.0.0:4242 --announce "
      "192.0.2.7:4242\n"
      "  inxt-host descriptor /srv/inxt >> hosts");
}

Result<std::string> store_folder(const HostOptions& options) {
  if (options.folder) return *options.folder;
  if (options.store) return *options.store;
  auto state = sys::state_directory();
  if (!state) state.error().hint = "say with --store which one is the store";
  if (const auto folder = TRY(std::move(state))) return *folder;
  return fail(Code::usage, "no store is named", "give --store DIR, or set INXT_STORE");
}

Result<std::string> store_now(const HostOptions& options) {
  return host::follow_moves(TRY(store_folder(options)));
}

}  // namespace inxt::tools
