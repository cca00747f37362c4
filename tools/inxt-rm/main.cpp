// SPDX-License-Identifier: AGPL-3.0-or-later
// inxt-rm: delete a file's pieces from its Hosts.  Manual: inxt-rm(1).
#include <fmt/format.h>

#include <algorithm>

#include "cli/disputes.h"
#include "cli/escape.h"
#include "client/care_end.h"
#include "client/put_journal.h"
#include "client/reader_keys.h"
#include "client/session.h"
#include "client/tree_path.h"
#include "rm_tool.h"
#include "transfer/http_bridge_care.h"

namespace inxt::rm_tool {
namespace {

void declare(cli::Command& command, Options& to) {
  command.positionals(
      "NAME", to.names,
      "a manifest whose pieces to delete, finished or not (default: standard input); or names in your tree: "
      "inxt:/a.tar");
  command.text("--hosts", "FILE", to.hosts, "newer addresses of Hosts than the manifest has").setting();
  command.number("-j,--jobs", "N", to.jobs, 1, 256, "pieces under way at once").setting();
  command.flag("-n,--dry-run", to.dry_run, "look for the contracts and open their tags; delete nothing");
  command.flag(
      "--leave-silent", to.leave_silent,
      "count as deleted what lies at Hosts that do not answer: they may keep it until their terms end");
  command.flag("-r,--recursive", to.recursive, "folders, too, with all that is below them")
      .in_group("Names under inxt:/");
  command.flag("--purge", to.purge, "delete the pieces of all their versions now: nothing brings them back")
      .in_group("Names under inxt:/");
  command.flag("--expired", to.expired, "delete the pieces of all versions that were kept for long enough")
      .in_group("Names under inxt:/");
  cli::declare_tree_option(command, to.bridge);
  cli::declare_tree_change_options(command, to.change);
  cli::declare_key_options(command, to.key);
}

Result<cli::Exit> remove(cli::World& world, const Options& given) {
  const auto is_name = [](const auto& name) { return client::is_tree_path(name); };
  if (given.expired || std::ranges::any_of(given.names, is_name)) {
    if (!std::ranges::all_of(given.names, is_name))
      return fail(Code::usage,
                  "manifests and names of your tree are removed one after the other, not together");
    return remove_from_tree(world, given);
  }
  if (given.names.size() > 1) return fail(Code::usage, "one manifest at a time");
  if (given.recursive || given.purge)
    return fail(Code::usage, "-r and --purge are for names in your tree", "such as inxt:/photos");
  auto options = given;
  if (!given.names.empty()) options.manifest = given.names.front();
  if (options.manifest && client::PutJournal::record_of(*options.manifest))
    return fail(
        Code::usage, cli::escape(*options.manifest) + ": its pieces may belong to a name in your tree by now",
        "the inxt-put that was cut off, run again, finds out; inxt-rm inxt:/NAME removes what has a name");
  auto input = TRY(world.input(options.manifest, "a manifest"));
  TRY(world.check_hosts_input(input, options.hosts));
  const auto hosts = TRY(client::read_hosts_file(options.hosts, world.stop().fd()));
  cli::warn_of_disputes(world, hosts);
  const auto key = TRY(world.key(options.key));
  const auto recipient = key.recipient_secret();
  if (!recipient)
    return fail(Code::denied, "this key file is a delegated machine's: it cannot delete",
                "use the owner's key file");
  client::LineReader lines(input.fd, input.name);
  lines.stop_on(world.stop().fd());
  auto check = TRY(client::writers_known_to(key, {}, world.clock().unix_s()));
  const auto manifest = TRY(client::ManifestTable::read(lines, input.name, std::move(check),
                                                        client::ManifestTable::Seal::optional));
  const auto number = manifest.header().uploader;

  client::Session session(client::accounts_of(key, number, world.random()), world.clock(), world.random());
  // Else the Bridge that cares for the file would bring it back.
  const auto bridge = TRY(cli::find_bridge_file(options.bridge));
  std::optional<transfer::HttpBridgeCare> care;
  if (bridge && bridge->permits) care.emplace(session.bridge(*bridge, key.uploader()));
  world.progress().begin("deleting");
  client::RemoveOptions remove_options{.jobs = options.jobs, .dry_run = options.dry_run, .stopped = [&world] {
                                         return world.stop().requested();
                                       }};
  const auto remove_all = [&](transfer::BridgeCare* at) {
    return client::remove_with_care(session, at, key, manifest, client::addresses_of(hosts), remove_options);
  };
  auto removed = remove_all(care ? &*care : nullptr);
  if (!removed && care && removed.error().code == Code::denied) {
    world.warn("the Bridge does not say whether the file is in its care: " +
               cli::escape(removed.error().what));
    removed = remove_all(nullptr);
  }
  const auto report = TRY(std::move(removed));
  world.progress().finish();
  const auto said = fmt::format("{} {} pieces, {} were gone already",
                                options.dry_run ? "would delete" : "deleted", report.removed, report.gone);
  if (report.failed == 0) {
    world.say(said);
    return cli::Exit::ok;
  }
  if (options.leave_silent && report.is_left_at_silent()) {
    world.say(fmt::format("{}, {} are left to Hosts that do not answer", said, report.failed));
    return cli::Exit::ok;
  }
  for (const auto& trouble : report.troubles) world.warn(cli::escape(trouble));
  const auto what = fmt::format("{}, {} may still be there", said, report.failed);
  if (report.removed + report.gone > 0)
    return fail(Code::partial, what, "run it again later: what is gone stays gone");
  return fail(report.worst, what, "run it again later");
}

}  // namespace
}  // namespace inxt::rm_tool

int main(int argc, char** argv) {
  return inxt::cli::run<inxt::rm_tool::Options>(
      argc, argv,
      {"inxt-rm", "delete a file's pieces from its Hosts",
       "examples:\n"
       "  inxt-rm photos.inxt && rm photos.inxt\n"
       "  inxt-rm -r inxt:/photos              inxt-restore has it back\n"
       "  inxt-rm --expired -q                 every day, from cron"},
      inxt::rm_tool::declare, inxt::rm_tool::remove);
}
