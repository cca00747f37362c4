// SPDX-License-Identifier: AGPL-3.0-or-later
// inxt-get: bring a file back from its Hosts.  Manual: inxt-get(1).
#include "cli/disputes.h"
#include "client/file_stream.h"
#include "client/reader_keys.h"
#include "get_tool.h"
#include "shared.h"

namespace inxt::get_tool {

void declare(cli::Command& command, Options& to) {
  command.positional("MANIFEST", to.manifest,
                     "what inxt-put wrote (default: standard input), or a name in your tree: inxt:/a.tar");
  command.text("-o,--output", "FILE", to.output,
               "write here, whole or not at all (default: standard output)");
  command.text("--range", "FIRST-[LAST]", to.range,
               "only these bytes of the file, counted from 0, both included");
  command.text("--hosts", "FILE", to.hosts, "newer addresses of Hosts than the manifest has").setting();
  command.texts("--dir", "DIR", to.folders,
                "a folder of pieces named by their ids: looked into before Hosts are asked");
  command.texts("--signer", "ID", to.signers, "a writer or an owner to trust besides your own");
  command.number("-j,--jobs", "N", to.jobs, 1, 256, "pieces under way at once").setting();
  command.flag("--no-receipts", to.no_receipts, "do not tell Hosts, signed, that what they served came")
      .setting();
  command
      .flag("-R,--recursive", to.recursive,
            "a folder of the tree or of a share, with all that is below it, into the folder of -o")
      .in_group("Names under inxt:/");
  command.flag("--force", to.force, "with -R: overwrite files that are there").in_group("Names under inxt:/");
  command.text("--kept", "VERSION", to.kept, "an earlier version, as inxt-ls --versions says it")
      .in_group("Names under inxt:/");
  cli::declare_tree_option(command, to.bridge);
  cli::declare_share_options(command, to.share);
  cli::declare_key_options(command, to.key);
}

namespace {

Result<cli::Exit> get(cli::World& world, const Options& options) {
  if (options.share.given()) return get_shared(world, options);
  std::optional<client::PlainRange> range;
  if (options.manifest && client::is_tree_path(*options.manifest))
    return options.recursive ? get_folder(world, options) : get_named(world, options);
  if (options.recursive || options.kept || options.force)
    return fail(Code::usage, "-R, --force and --kept are for names in your tree", "such as inxt:/photos");
  if (options.range) range = TRY_IN("--range", client::parse_range(*options.range));
  auto input = TRY(world.input(options.manifest, "a manifest"));
  TRY(world.check_hosts_input(input, options.hosts));
  const auto hosts = TRY(client::read_hosts_file(options.hosts, world.stop().fd()));
  cli::warn_of_disputes(world, hosts);
  const auto key = TRY(world.key(options.key));
  client::LineReader lines(input.fd, input.name);
  lines.stop_on(world.stop().fd());
  auto check = TRY(client::writers_known_to(key, options.signers, world.clock().unix_s()));
  const auto manifest = TRY(client::ManifestTable::read(lines, input.name, std::move(check)));
  auto output = TRY(world.output(options.output, cli::World::Kind::binary));
  world.progress().begin("getting", manifest.ciphertext_bytes());
  Fetcher fetcher(world, options, key, hosts);
  const auto got = fetcher.fetch(manifest, std::make_unique<client::OutputSink>(output), range);
  const Result<void> committed = got ? output.commit() : got;
  if (committed && fetcher.has_receipts() && output.is_written_through()) end_standard_output();
  fetcher.end(committed.has_value());
  TRY(committed);
  world.progress().finish();
  say_verified(world, fetcher);
  return cli::Exit::ok;
}

}  // namespace
}  // namespace inxt::get_tool

int main(int argc, char** argv) {
  return inxt::cli::run<inxt::get_tool::Options>(argc, argv,
                                                 {"inxt-get", "bring a file back from its Hosts",
                                                  "examples:\n"
                                                  "  inxt-get -o photos.tar photos.inxt\n"
                                                  "  inxt-get < photos.inxt | tar x\n"
                                                  "  inxt-get -o a.tar inxt:/photos/a.tar\n"
                                                  "  inxt-get -R -o photos inxt:/photos\n"
                                                  "  inxt-get -R -o photos --link link"},
                                                 inxt::get_tool::declare, inxt::get_tool::get);
}
