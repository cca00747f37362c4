// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/join.h"

#include <fmt/format.h>

#include "client/file_stream.h"
#include "client/reader_keys.h"
#include "client/stage_folders.h"
#include "options.h"

namespace inxt::shard_tool {

Result<cli::Exit> join(cli::World& world, const Options& options) {
  if (options.layout.given())
    return fail(Code::usage, "-e, -m and -s do not go with --join: the manifest has them");
  if (!options.sources.empty())
    return fail(Code::usage, "--from does not go with --join", "--dir says where pieces lie");
  const auto input = TRY(world.input(options.manifest, "a manifest"));
  const auto key = TRY(world.key(options.key));
  const auto check = TRY(client::writers_known_to(key, options.signers, world.clock().unix_s()));
  const auto folders = TRY(client::stage_folders(options.folders, client::WorkingFolder::no));
  client::LineReader lines(input.fd, input.name);
  lines.stop_on(world.stop().fd());
  const auto manifest = TRY(client::ManifestTable::read(lines, input.name, check));

  auto output = TRY(world.output(options.output, cli::World::Kind::binary));
  client::OutputSink sink(output);
  world.progress().begin("joining", manifest.ciphertext_bytes());
  const auto report =
      TRY(client::join(manifest, folders.paths, sink,
                       {.write = {},
                        .on_progress = [&](std::uint64_t bytes) { world.progress().add_bytes(bytes); },
                        .stopped = [&] { return world.stop().requested(); }}));
  TRY(output.commit());
  if (report.pieces_damaged > 0)
    world.warn(fmt::format("{} pieces are damaged; others stood in for them", report.pieces_damaged));
  world.detail(fmt::format("{} segments, {} of them rebuilt", report.segments, report.segments_rebuilt));
  return cli::Exit::ok;
}

}  // namespace inxt::shard_tool
