// SPDX-License-Identifier: AGPL-3.0-or-later
#include <fmt/format.h>

#include "client/manifest_batches.h"
#include "client/put_resume.h"
#include "client/reader_keys.h"
#include "client/session.h"
#include "put_tool.h"

namespace inxt::put_tool {
namespace {

/// Only the writer itself makes offers for a manifest: it signs the accounts' tokens and tags.
format::WriterCheck only_this(const keys::Key& key) {
  return [&key](const format::Header& header) -> Result<void> {
    if (key.uploader().writer_id() == header.writer) return {};
    return fail(Code::denied, fmt::format("the manifest was written by {}, not by this key", header.writer.hex()),
                "use the key file that inxt-encrypt used");
  };
}

/// The file that a manifest's first line names; nothing when that is no header, which its reader will say.
Result<std::optional<FileId>> file_of(client::LineReader& lines) {
  const auto text = TRY(lines.peek());
  if (!text) return std::nullopt;
  format::ManifestReader reader(format::any_writer());
  const auto line = reader.next(*text);
  const auto* header = line ? std::get_if<format::Header>(&*line) : nullptr;
  if (header == nullptr) return std::nullopt;
  return header->file;
}

}  // namespace

Result<cli::Exit> put_manifest(cli::World& world, const Options& options, cli::Input input) {
  if (options.layout.given() || options.content.given())
    return fail(Code::usage, "-e, -m, -s, -r, -z and --pad are said where data is put or sharded",
                "to store data from standard input say -");
  if (options.dry_run) return fail(Code::usage, "-n takes data, not a manifest");
  const auto key = TRY(world.key(options.key));
  const auto spool = TRY(client::Spool::of_user());
  client::LocalPaths files;
  TRY(files.allow(spool.folder()));
  for (const auto& folder : options.folders) TRY(files.allow(folder));
  auto known = TRY(client::places_ahead(input.fd, input.name));
  client::LineReader lines(input.fd, input.name);
  lines.stop_on(world.stop().fd());
  lines.put_back(input.begin);
  const auto folder = TRY(client::PutJournal::folder());
  client::PutJournal journal(folder, client::PutJournal::Of::manifest);
  if (const auto file = TRY(file_of(lines))) TRY(client::add_journaled_places(folder, *file, journal, known));
  client::ManifestBatches source(lines, input.name, only_this(key), files, &spool, std::move(known));
  const auto bridge = TRY(bridge_for(options));
  std::vector<format::Descriptor> hosts;
  if (!bridge) hosts = TRY(hosts_for(world, options, format::Layout{}));
  const auto to = bridge ? TRY(destination_by(world, options, key, *bridge, {}))
                         : TRY(destination_among(world, key, std::move(hosts)));
  world.progress().begin("putting");
  return put_from(world, options, key, *to, source, std::move(journal), input.name);
}

}  // namespace inxt::put_tool
