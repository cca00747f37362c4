// SPDX-License-Identifier: LGPL-3.0-or-later
// A Host's identity from a credential of the service manager (sys::credential_path), so that the key need not
// lie beside the pieces.
#pragma once

#include <optional>
#include <string>

#include "host/identity.h"

namespace inxt::host {

/// Where there is a credential: that one, else load_or_make_identity().  Its file's owner may be another, as
/// the service manager keeps others away from it. Errors: usage when the store has another key; denied when
/// everybody can read the credential; as there.
Result<Identity> load_or_make_identity(sys::Directory& directory, const std::string& path,
                                       crypto::Random& random, const std::optional<std::string>& credential);
/// Only reads.  Errors: not_found; as above.
Result<Identity> load_identity(const std::string& path, const std::optional<std::string>& credential);

}  // namespace inxt::host
