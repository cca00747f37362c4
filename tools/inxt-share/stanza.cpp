// SPDX-License-Identifier: AGPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>

#include "client/hidden_file.h"
#include "client/reader_keys.h"
#include "format/manifest_writer.h"
#include "share_tool.h"

namespace inxt::share_tool {

Result<cli::Exit> add_stanzas(cli::World& world, const Options& options) {
  auto input = TRY(world.input(options.what, "a manifest"));
  std::string lines(text_of(TRY(sys::read_all(input.fd, format::kShareManifestBytesMax, input.name))));
  if (!lines.ends_with('\n')) lines += '\n';
  std::vector<keys::Recipient> recipients;
  for (const auto& text : options.recipients)
    recipients.push_back(TRY_IN("-r", keys::recipient_from_text(text)));
  const auto key = TRY(world.key(options.key));
  auto check = TRY(client::writers_known_to(key, {}, world.clock().unix_s()));
  const auto table = TRY_IN(input.name, client::table_of(lines, std::move(check)));
  const auto generation = TRY(client::open_generation(key, table.chain()));
  const auto uploader = key.uploader(table.header().uploader);
  if (!uploader || !key.is_own_writer(table.header().uploader, table.header().writer))
    return fail(Code::denied, "the manifest's writer is not one of this key's: only its owner adds readers");
  auto writer = TRY(format::ManifestWriter::resume(uploader->writer(), table.chain()));
  std::size_t count = table.chain().stanzas.size();
  for (const auto& recipient : recipients) {
    const auto name = keys::recipient_text(recipient);
    if (std::ranges::find(table.chain().stanzas, name, &format::Stanza::recipient) !=
        table.chain().stanzas.end())
      continue;
    if (++count > format::kStanzasMax)
      return fail(Code::usage,
                  fmt::format("a manifest has at most {} stanzas (kStanzasMax)", format::kStanzasMax));
    lines += writer.stanza(TRY(generation.stanza_for(recipient, name)));
  }
  auto out = TRY(world.output(options.output, cli::World::Kind::text));
  TRY(out.write(view_of(lines)));
  TRY(out.commit());
  world.say(
      "whoever has this manifest and the recipient's key can decrypt the file; which pieces they get is up "
      "to the Hosts");
  return cli::Exit::ok;
}

}  // namespace inxt::share_tool
