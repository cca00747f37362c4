// SPDX-License-Identifier: AGPL-3.0-or-later
// inxt-get: bring a file back from its Hosts.  Manual: inxt-get(1).
#include <fmt/format.h>

#include "cli/escape.h"
#include "cli/key_options.h"
#include "cli/run.h"
#include "client/file_stream.h"
#include "client/get_file.h"
#include "client/reader_keys.h"
#include "client/session.h"

namespace inxt {
namespace {

struct Options {
  std::optional<std::string> manifest;
  std::optional<std::string> output;
  std::optional<std::string> range;
  std::optional<std::string> hosts;
  std::vector<std::string> folders;
  std::vector<std::string> signers;
  unsigned jobs = client::kGetJobsDefault;
  cli::KeyOptions key;
};

void declare(cli::Command& command, Options& to) {
  command.positional("MANIFEST", to.manifest, "what inxt-put wrote (default: standard input)");
  command.text("-o,--output", "FILE", to.output, "write here, whole or not at all (default: standard output)");
  command.text("--range", "FIRST-[LAST]", to.range, "only these bytes of the file, counted from 0, both included");
  command.text("--hosts", "FILE", to.hosts, "newer addresses of Hosts than the manifest has").setting();
  command.texts("--dir", "DIR", to.folders, "a folder of pieces named by their ids: looked into before Hosts are asked");
  command.texts("--signer", "ID", to.signers, "a writer or an owner to trust besides your own");
  command.number("-j,--jobs", "N", to.jobs, 1, 256, "pieces under way at once").setting();
  cli::declare_key_options(command, to.key);
}

Result<cli::Exit> get(cli::World& world, const Options& options) {
  std::optional<client::PlainRange> range;
  if (options.range) range = TRY_IN("--range", client::parse_range(*options.range));
  auto input = TRY(world.input(options.manifest, "a manifest"));
  TRY(world.check_hosts_input(input, options.hosts));
  const auto hosts = TRY(client::read_hosts_file(options.hosts, world.stop().fd()));
  const auto key = TRY(world.key(options.key));
  client::LineReader lines(input.fd, input.name);
  lines.stop_on(world.stop().fd());
  auto check = TRY(client::writers_known_to(key, options.signers, world.clock().unix_s()));
  const auto manifest = TRY(client::ManifestTable::read(lines, input.name, std::move(check)));
  const auto generation = TRY(client::open_generation(key, manifest.chain()));
  const auto part = TRY(generation.open_private(manifest.header()));
  client::LocalPaths pieces;
  for (const auto& folder : options.folders) TRY(pieces.allow(folder));

  auto output = TRY(world.output(options.output, cli::World::Kind::binary));
  client::GetOptions get_options;
  get_options.jobs = options.jobs;
  if (!options.folders.empty()) get_options.pieces = &pieces;
  client::GetCallbacks callbacks;
  callbacks.on_progress = [&world](std::uint64_t bytes, unsigned in_use) {
    world.progress().set_hosts(in_use);
    world.progress().add_bytes(bytes);
  };
  callbacks.stopped = [&world] { return world.stop().requested(); };
  client::Session session(client::accounts_of(key, manifest.header().uploader, world.random()), world.clock(), world.random());
  world.progress().begin("getting", manifest.ciphertext_bytes());
  const auto report = TRY(session.run(client::get_file(session.network(), manifest, generation, part,
                                                       client::addresses_of(hosts), std::make_unique<client::OutputSink>(output),
                                                       range, get_options, std::move(callbacks))));
  TRY(output.commit());
  world.progress().finish();
  for (const auto& trouble : report.troubles) world.detail(cli::escape(trouble));
  world.say(report.hosts_replaced == 0 ? std::string("verified") : fmt::format("verified; {} Hosts replaced", report.hosts_replaced));
  return cli::Exit::ok;
}

}  // namespace
}  // namespace inxt

int main(int argc, char** argv) {
  return inxt::cli::run<inxt::Options>(argc, argv,
                                       {"inxt-get", "bring a file back from its Hosts",
                                        "examples:\n"
                                        "  inxt-get -o photos.tar photos.inxt\n"
                                        "  inxt-get < photos.inxt | tar x"},
                                       inxt::declare, inxt::get);
}
