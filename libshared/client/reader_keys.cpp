// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/reader_keys.h"

#include <fmt/format.h>

namespace inxt::client {

Result<format::WriterCheck> writers_known_to(const keys::Key& key, const std::vector<std::string>& signers,
                                             std::int64_t now_unix_s) {
  format::KnownWriters known;
  known.now_unix_s = now_unix_s;
  known.owners.insert(key.owner_id());
  for (const auto& text : signers) {
    const auto id = WriterId::parse(text);
    if (!id) return fail(Code::usage, fmt::format("--signer: {}", id.error().what), "a signer is 64 hex digits, as manifests and inxt-key show --id say them");
    known.writers.insert(*id);
    known.owners.insert(OwnerId{id->bytes});
  }
  known.own = [&key](std::uint32_t number) -> std::optional<WriterId> {
    const auto uploader = key.uploader(number);
    if (!uploader) return std::nullopt;
    return uploader->writer_id();
  };
  return format::accept_only(std::move(known));
}

Result<format::Generation> open_generation(const keys::Key& key, const format::Chain& chain) {
  const auto recipient = key.recipient_secret();
  if (!recipient)
    return fail(Code::denied, "this key file is a delegated machine's: it stores, and reads nothing",
                "use the owner's key file");
  const auto secret = TRY(format::open_stanzas(chain.stanzas, *recipient));
  return format::Generation::open(*chain.header, secret.view());
}

}  // namespace inxt::client
