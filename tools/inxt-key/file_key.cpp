// SPDX-License-Identifier: AGPL-3.0-or-later
#include <fmt/format.h>

#include "client/line_reader.h"
#include "commands.h"
#include "format/generation.h"
#include "format/manifest_reader.h"

namespace inxt::key_tool {

Result<cli::Exit> file_key(cli::World& world, const Options& options) {
  const cli::Input input = TRY(world.input(options.manifest, "a manifest"));
  // Any writer will do: the header's commitment says whether the key is the file's, and nothing is decrypted
  // here.
  format::ManifestReader reader(format::any_writer());
  client::LineReader lines(input.fd, input.name);
  lines.stop_on(world.stop().fd());
  std::optional<format::Header> header;
  std::vector<format::Stanza> stanzas;
  for (;;) {
    const std::optional<std::string_view> text = TRY(lines.next());
    if (!text) break;
    format::Line line = TRY_IN(input.name, reader.next(*text));
    if (auto* found = std::get_if<format::Header>(&line))
      header = std::move(*found);
    else if (auto* stanza = std::get_if<format::Stanza>(&line))
      stanzas.push_back(std::move(*stanza));
    else if (header && !std::holds_alternative<format::UnknownLine>(line))
      break;  // stanzas stand together
  }
  if (!header) return fail(Code::integrity, fmt::format("{}: there is no header in it", input.name));

  const keys::Key key = TRY(world.key(options.key));
  if (!key.recipient_secret())
    return fail(Code::wrong_key, "a delegated machine's key opens no file", "this needs the owner's key");
  const crypto::SecretBytes secret = TRY(format::open_stanzas(stanzas, *key.recipient_secret()));
  const auto generation = TRY(format::Generation::open(*header, secret.view()));
  if (!options.yes && sys::is_terminal(sys::kStandardOutput) &&
      !TRY(world.confirm("Whoever sees this key can decrypt the file's data.  Show it here?")))
    return fail(Code::failure, "not shown");
  TRY(world.print(to_hex(generation.data_key().view())));
  return cli::Exit::ok;
}

}  // namespace inxt::key_tool
