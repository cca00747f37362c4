// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/encrypt.h"

#include "client/file_stream.h"
#include "client/manifest_output.h"
#include "options.h"

namespace inxt::encrypt_tool {
namespace {

bool same_file(int fd, const std::string& path) {
  const auto source = sys::status_of(fd, path);
  const auto target = sys::status_of(path);
  return source && target && source->device == target->device && source->inode == target->inode;
}

Result<std::unique_ptr<client::ChunkFiles>> chunk_files(cli::World& world, const Options& options,
                                                        const cli::Input& input) {
  if (options.ciphertext == "-")
    return fail(Code::usage, "--ciphertext -: standard output is the manifest's", "name a file");
  if (!options.ciphertext && input.is_standard_input())
    return std::make_unique<client::SpoolChunks>(TRY(client::Spool::of_user()), world.random());
  const auto path = options.ciphertext ? *options.ciphertext : *options.file + ".enc";
  if (same_file(input.fd, path)) return fail(Code::usage, "--ciphertext: is the file to be encrypted itself");
  return TRY(client::OneChunkFile::create(path));
}

Result<cli::Exit> encrypt_to(cli::World& world, const Options& options, client::ManifestOutput& output) {
  const auto input = TRY(world.input(options.file, "a file to encrypt"));
  const auto recipients = TRY(cli::recipients_of(options.content));
  const client::Content content{.zstd_level = TRY(cli::zstd_level_of(options.content)),
                                .pad = options.content.pad};
  const auto key = TRY(world.key(options.key));
  const auto facts = client::facts_of(input.fd, input.is_standard_input() ? "-" : *options.file);
  auto source = std::make_unique<client::FdSource>(input.fd, input.name);
  source->stop_on(world.stop().fd());
  auto files = TRY(chunk_files(world, options, input));

  world.progress().begin("encrypting", facts.plain_bytes);
  const auto report =
      client::encrypt(key, std::move(source), facts, content, recipients, world.random(), *files,
                      {.write = [&](std::string_view lines) { return output.write(lines); },
                       .on_progress = [&](std::uint64_t bytes) { world.progress().add_bytes(bytes); },
                       .stopped = [&] { return world.stop().requested(); }});
  if (!report) {
    // Where somebody reads along, the chunks are theirs to take away: they come to the error line behind
    // them.
    if (!output.is_read()) files->discard();
    return std::unexpected(report.error());
  }
  TRY(output.finish());
  if (report->name_left_out) world.warn("the file's name is too long for the manifest and was left out");
  return cli::Exit::ok;
}

}  // namespace

Result<cli::Exit> encrypt(cli::World& world, const Options& options) {
  if (!options.folders.empty() || !options.signers.empty())
    return fail(Code::usage, "--dir and --signer go with --decrypt");
  client::ManifestOutput output(TRY(world.output(options.output, cli::World::Kind::text)));
  auto result = encrypt_to(world, options, output);
  if (!result) output.fail(world.tool().name, result.error(), {});
  return result;
}

}  // namespace inxt::encrypt_tool
