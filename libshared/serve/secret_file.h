// SPDX-License-Identifier: LGPL-3.0-or-later
// A daemon's secret in a file of its own folder, or as a credential of the service manager.
#pragma once

#include <string>

#include "crypto/secret.h"
#include "sys/directory.h"

namespace inxt::serve {

inline constexpr std::size_t kSecretFileBytesMax = 16384;  // what is behind that is not read

/// The file's text.  `program` is named in a hint: "inxt-host"; `folder`: what its folder is called: "store".
/// Errors: not_found; denied when others can read the file or it is another user's; those of the disk.
Result<crypto::SecretBytes> read_secret_file(const std::string& path, std::string_view program,
                                             std::string_view folder);
/// The same of a credential (sys::credential_path), whose owner may be another, as the service manager keeps
/// others away from it.  Errors: denied when everybody can read it; not_found; those of the disk.
Result<crypto::SecretBytes> read_credential(const std::string& path);

/// Puts `text` into the directory's file `name`, in the place of what is there; durable when it returns.  An
/// interruption at any instant leaves the file before or the file after, and perhaps `name`.new.
/// REQUIRES: one writer.
Result<void> save_secret_file(sys::Directory& directory, std::string_view name, ByteView text);
/// Takes away what an interrupted save_secret_file() left: a secret without a use.
Result<void> remove_unfinished_secret(sys::Directory& directory, std::string_view name);

}  // namespace inxt::serve
