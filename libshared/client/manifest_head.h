// SPDX-License-Identifier: LGPL-3.0-or-later
// How every manifest begins, whether inxt-encrypt or inxt-put writes it: a fresh generation, its header, its
// stanzas.
#pragma once

#include "crypto/random.h"
#include "format/generation.h"
#include "format/manifest_writer.h"
#include "keys/owner.h"

namespace inxt::client {

/// What is known of the source for the header's private part.
struct SourceFacts {
  std::string name;  // without folders; empty for standard input
  std::optional<std::int64_t> mtime_unix_s;
  std::optional<std::uint32_t> mode;
  std::optional<std::uint64_t> plain_bytes;
};
/// Of an open file; `path` may be "-" or empty for standard input, whose name is not known.
SourceFacts facts_of(int fd, std::string_view path);

struct Content {
  std::optional<int> zstd_level;
  bool pad = false;
};

struct ManifestHead {
  format::Generation generation;
  format::PrivatePart part;
  format::ManifestWriter writer;  // goes on with chunks or a layout; refers to the key's writer
  std::string lines;              // the header's and the stanzas', as they go out
  bool name_left_out = false;     // it did not fit into the header: worth a warning
};

/// The owner's stanza comes first, then `recipients`, each once.  `key` must outlive the head.
/// Errors: usage for more than format::kStanzasMax recipients; failure when the header passes its limit.
Result<ManifestHead> begin_manifest(const keys::Key& key, const SourceFacts& facts, const Content& content,
                                    const std::vector<keys::Recipient>& recipients, crypto::Random& random);

}  // namespace inxt::client
