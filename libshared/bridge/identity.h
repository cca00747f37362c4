// SPDX-License-Identifier: LGPL-3.0-or-later
// The key that is a Bridge's name: DIR/identity.key, mode 0600, or a credential of the service manager.
//
//   inxt-bridge-key 1
//   <Ed25519 seed in hex>
//
// Several processes that serve one database are one Bridge and have the same key: each from a copy of the
// file, or from a credential.
#pragma once

#include <optional>
#include <string>

#include "crypto/random.h"
#include "crypto/sign.h"
#include "sys/directory.h"

namespace inxt::bridge {

inline constexpr std::string_view kIdentityFile = "identity.key";

/// What stands in the file.
crypto::SecretBytes identity_text(const crypto::SigningKey& key);
/// `name` stands in errors.  Errors: integrity when it is no Bridge's key.
Result<crypto::SigningKey> read_identity(std::string_view text, std::string_view name);

/// The credential where there is one, else the folder's key; makes that, durably, in an empty folder.  `path`
/// is the folder that `directory` stands for.  REQUIRES: the folder's lock is held, so that two processes do
/// not make two keys. Errors: denied when others can read the file or it is another user's; integrity when it
/// is not a key, or is gone; usage when the folder has other things, or another key than the credential; the
/// disk's.
Result<crypto::SigningKey> load_or_make_identity(sys::Directory& directory, const std::string& path,
                                                 crypto::Random& random,
                                                 const std::optional<std::string>& credential);

/// The same without making one: nothing where the start would make it.
Result<std::optional<crypto::SigningKey>> find_identity(sys::Directory& directory, const std::string& path,
                                                        const std::optional<std::string>& credential);

}  // namespace inxt::bridge
