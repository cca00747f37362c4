// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/decrypt.h"

#include "client/content_stream.h"
#include "client/file_stream.h"
#include "client/join.h"
#include "client/reader_keys.h"
#include "client/stage_folders.h"
#include "options.h"

namespace inxt::encrypt_tool {

Result<cli::Exit> decrypt(cli::World& world, const Options& options) {
  if (options.content.given()) return fail(Code::usage, "-r, -z and --pad do not go with --decrypt");
  const bool manifest_on_input = !options.file || *options.file == "-";
  if (manifest_on_input && options.ciphertext == "-")
    return fail(Code::usage, "manifest and ciphertext cannot both be standard input",
                "name the manifest's file");
  const auto input = TRY(world.input(options.file, "a manifest"));
  const auto key = TRY(world.key(options.key));
  const auto check = TRY(client::writers_known_to(key, options.signers, world.clock().unix_s()));
  const auto folders = TRY(client::stage_folders(options.folders, client::WorkingFolder::yes));
  std::optional<cli::Input> ciphertext_input;
  std::optional<client::FdSource> ciphertext;
  if (options.ciphertext) {
    ciphertext_input = TRY(world.input(options.ciphertext, "ciphertext"));
    ciphertext.emplace(ciphertext_input->fd, ciphertext_input->name);
    ciphertext->stop_on(world.stop().fd());
  }
  const client::StageCallbacks callbacks{
      .write = {},
      .on_progress = [&](std::uint64_t bytes) { world.progress().add_bytes(bytes); },
      .stopped = [&] { return world.stop().requested(); }};

  client::LineReader lines(input.fd, input.name);
  lines.stop_on(world.stop().fd());
  client::ChunkSource chunks(lines, input.name, check, folders.paths, &folders.spool);
  const auto kind = TRY(chunks.read_head());
  const auto generation = TRY(client::open_generation(key, chunks.chain()));
  const auto part = TRY(generation.open_private(*chunks.chain().header));

  auto output = TRY(world.output(options.output, cli::World::Kind::binary));
  const auto sink = client::decrypting_sink(std::make_unique<client::OutputSink>(output), generation, part);
  world.progress().begin("decrypting", part.plain_bytes);
  if (kind == client::ChunkSource::Kind::ciphertext) {
    if (ciphertext) chunks.read_from(*ciphertext);
    TRY(client::pump(chunks, *sink, callbacks));
  } else {
    lines.put_back(chunks.head_lines());
    const auto manifest = TRY(client::ManifestTable::read(lines, input.name, check));
    if (ciphertext) {
      client::CheckedCiphertext checked(manifest, *ciphertext);
      TRY(client::pump(checked, *sink, callbacks));
    } else {
      TRY(client::join(manifest, folders.paths, *sink, callbacks));
    }
  }
  TRY(output.commit());
  return cli::Exit::ok;
}

}  // namespace inxt::encrypt_tool
