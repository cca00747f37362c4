// SPDX-License-Identifier: LGPL-3.0-or-later
// The key that is a Host's name, and the succession from the keys that it had before: DIR/identity.key, mode
// 0600.
//
//   inxt-host-key 1        or, after a rotation, inxt-host-key 2
//   <Ed25519 seed in hex>
//                          and then the tokens of the succession, oldest first, one a line
//
// One file, so that key and succession change in one rename: whatever interrupts a rotation leaves the old
// identity or the new one, each whole.
#pragma once

#include <span>

#include "crypto/random.h"
#include "crypto/sign.h"
#include "format/succession.h"
#include "serve/secret_file.h"
#include "sys/directory.h"

namespace inxt::host {

inline constexpr std::string_view kIdentityFile = "identity.key";
inline constexpr std::string_view kUnfinishedIdentityFile = "identity.key.new";
inline constexpr std::size_t kIdentityBytesMax = serve::kSecretFileBytesMax;

struct Identity {
  crypto::SigningKey key;
  std::vector<std::string> succession = {};  // tokens (inxt-succession), oldest link first
  std::vector<HostId> former = {};           // the ids that they give up, oldest first

  HostId id() const { return {key.public_key()}; }
};

/// What stands in the file.
crypto::SecretBytes identity_text(const Identity& identity);
/// `name` stands in errors.  Errors: integrity when it is no identity, or its succession is not its key's.
Result<Identity> read_identity(std::string_view text, std::string_view name);

/// Reads the identity; makes it, durably, where there is none.  `path` is the folder that `directory` stands
/// for. REQUIRES: the store's lock is held, so that two processes do not make two keys. Errors: denied when
/// others can read the file or it is another user's; integrity when it is not a key; the disk's.
Result<Identity> load_or_make_identity(sys::Directory& directory, const std::string& path,
                                       crypto::Random& random);
/// Only reads.  Errors: not_found; as above.
Result<Identity> load_identity(const std::string& path);

/// The same Host with a new key, which `identity`'s key signs over to.
/// Errors: usage when it has been rotated kSuccessionsMax times.
Result<Identity> rotated(const Identity& identity, crypto::Random& random, std::int64_t now_unix_s);

/// Puts `identity` into the store, in the place of what is there; durable when it returns.  An interruption
/// at any instant leaves the file before or the file after.  REQUIRES: the store's lock is held.
Result<void> save_identity(sys::Directory& directory, const Identity& identity);

}  // namespace inxt::host
