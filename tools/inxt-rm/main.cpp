// SPDX-License-Identifier: AGPL-3.0-or-later
// inxt-rm: delete a file's pieces from its Hosts.  Manual: inxt-rm(1).
#include <fmt/format.h>

#include "cli/escape.h"
#include "cli/key_options.h"
#include "cli/run.h"
#include "client/reader_keys.h"
#include "client/remove.h"
#include "client/session.h"

namespace inxt {
namespace {

struct Options {
  std::optional<std::string> manifest;
  std::optional<std::string> hosts;
  unsigned jobs = 12;
  bool dry_run = false;
  cli::KeyOptions key;
};

void declare(cli::Command& command, Options& to) {
  command.positional("MANIFEST", to.manifest, "whose pieces to delete, finished or not (default: standard input)");
  command.text("--hosts", "FILE", to.hosts, "newer addresses of Hosts than the manifest has").setting();
  command.number("-j,--jobs", "N", to.jobs, 1, 256, "pieces under way at once").setting();
  command.flag("-n,--dry-run", to.dry_run, "look for the contracts and open their tags; delete nothing");
  cli::declare_key_options(command, to.key);
}

Result<cli::Exit> remove(cli::World& world, const Options& options) {
  auto input = TRY(world.input(options.manifest, "a manifest"));
  TRY(world.check_hosts_input(input, options.hosts));
  const auto hosts = TRY(client::read_hosts_file(options.hosts, world.stop().fd()));
  const auto key = TRY(world.key(options.key));
  const auto recipient = key.recipient_secret();
  if (!recipient)
    return fail(Code::denied, "this key file is a delegated machine's: it cannot delete", "use the owner's key file");
  client::LineReader lines(input.fd, input.name);
  lines.stop_on(world.stop().fd());
  auto check = TRY(client::writers_known_to(key, {}, world.clock().unix_s()));
  const auto manifest = TRY(client::ManifestTable::read(lines, input.name, std::move(check), client::ManifestTable::Seal::optional));
  const auto number = manifest.header().uploader;
  const auto uploader = key.uploader(number);
  if (!uploader) return fail(Code::denied, "the manifest's uploader is not one of this key's");

  client::Session session(client::accounts_of(key, number, world.random()), world.clock(), world.random());
  world.progress().begin("deleting");
  client::RemoveOptions remove_options{.jobs = options.jobs,
                                       .dry_run = options.dry_run,
                                       .stopped = [&world] { return world.stop().requested(); }};
  const auto report = TRY(session.run(client::remove_pieces(session.network(), manifest, *recipient, *uploader,
                                                            client::addresses_of(hosts), remove_options, {})));
  world.progress().finish();
  const auto said = fmt::format("{} {} pieces, {} were gone already", options.dry_run ? "would delete" : "deleted", report.removed, report.gone);
  if (report.failed == 0) {
    world.say(said);
    return cli::Exit::ok;
  }
  for (const auto& trouble : report.troubles) world.warn(cli::escape(trouble));
  const auto what = fmt::format("{}, {} may still be there", said, report.failed);
  if (report.removed + report.gone > 0) return fail(Code::partial, what, "run it again later: what is gone stays gone");
  return fail(report.worst, what, "run it again later");
}

}  // namespace
}  // namespace inxt

int main(int argc, char** argv) {
  return inxt::cli::run<inxt::Options>(argc, argv,
                                       {"inxt-rm", "delete a file's pieces from its Hosts",
                                        "examples:\n"
                                        "  inxt-rm photos.inxt && rm photos.inxt"},
                                       inxt::declare, inxt::remove);
}
