// SPDX-License-Identifier: LGPL-3.0-or-later
// Whose manifests a key's holder reads, and the secret in them.
#pragma once

#include "format/certificate.h"
#include "format/generation.h"
#include "keys/owner.h"

namespace inxt::client {

/// The key's own uploaders, writers with a certificate by its owner, and `signers` (writer or owner ids in hex).
/// REQUIRES: `key` outlives the check.  Errors: usage for a signer that is not an id.
Result<format::WriterCheck> writers_known_to(const keys::Key& key, const std::vector<std::string>& signers,
                                             std::int64_t now_unix_s);

/// The generation whose secret one of the stanzas holds for this key.
/// Errors: wrong_key; denied for a delegated machine's key, which reads nothing.
Result<format::Generation> open_generation(const keys::Key& key, const format::Chain& chain);

}  // namespace inxt::client
