// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/shard.h"

#include "client/manifest_output.h"
#include "client/reader_keys.h"
#include "client/stage_folders.h"
#include "options.h"

namespace inxt::shard_tool {
namespace {

Result<cli::Exit> shard_to(cli::World& world, const Options& options, client::ManifestOutput& output,
                           std::string& upstream_line) {
  const auto layout = TRY(cli::layout_of(options.layout, world.random()));
  if (options.folders.size() > 1) return fail(Code::usage, "--dir: pieces go into one folder");
  const auto input = TRY(world.input(options.manifest, "a manifest of inxt-encrypt"));
  const auto key = TRY(world.key(options.key));
  const auto check = TRY(client::writers_known_to(key, {}, world.clock().unix_s()));
  const auto folders = TRY(client::stage_folders(options.sources, client::WorkingFolder::yes));
  const bool in_spool = options.folders.empty();
  const auto to = TRY(in_spool ? client::PieceFolder::open(folders.spool.folder(), client::Durable::no, 0600)
                               : client::PieceFolder::open(options.folders[0], client::Durable::yes));

  client::LineReader lines(input.fd, input.name);
  lines.stop_on(world.stop().fd());
  client::ChunkSource chunks(lines, input.name, check, folders.paths, &folders.spool);
  world.progress().begin("sharding");
  const auto report =
      client::shard(key, chunks, layout, world.random(), to,
                    {.write = [&](std::string_view text) { return output.write(text); },
                     .on_progress = [&](std::uint64_t bytes) { world.progress().add_bytes(bytes); },
                     .stopped = [&] { return world.stop().requested(); }});
  upstream_line = chunks.error_line();
  TRY(report);
  TRY(output.finish());
  return cli::Exit::ok;
}

}  // namespace

Result<cli::Exit> shard(cli::World& world, const Options& options) {
  if (!options.signers.empty())
    return fail(Code::usage, "--signer goes with --join", "only its own writer goes on with a manifest");
  client::ManifestOutput output(TRY(world.output(options.output, cli::World::Kind::text)));
  std::string upstream_line;
  auto result = shard_to(world, options, output, upstream_line);
  if (!result) output.fail(world.tool().name, result.error(), upstream_line);
  return result;
}

}  // namespace inxt::shard_tool
