// SPDX-License-Identifier: LGPL-3.0-or-later
// The key that is a Host's name: DIR/identity.key, "inxt-host-key 1\n", the Ed25519 seed in hex, "\n"; mode
// 0600.
#pragma once

#include "crypto/random.h"
#include "crypto/sign.h"
#include "sys/directory.h"

namespace inxt::host {

inline constexpr std::string_view kIdentityFile = "identity.key";

/// Reads the key; makes it, durably, where there is none.  `path` is the folder that `directory` stands for.
/// REQUIRES: the store's lock is held, so that two processes do not make two keys.
/// Errors: denied when others can read the file or it is another user's; integrity when it is not a key; the
/// disk's.
Result<crypto::SigningKey> load_or_make_identity(sys::Directory& directory, const std::string& path,
                                                 crypto::Random& random);
/// Only reads.  Errors: not_found; as above.
Result<crypto::SigningKey> load_identity(const std::string& path);

}  // namespace inxt::host
