// SPDX-License-Identifier: LGPL-3.0-or-later
#include "host/credential_identity.h"

#include <fmt/format.h>

#include "serve/secret_file.h"

namespace inxt::host {

Result<Identity> load_identity(const std::string& path, const std::optional<std::string>& credential) {
  if (!credential) return load_identity(path);
  const crypto::SecretBytes text = TRY(serve::read_credential(*credential));
  Identity identity = TRY(read_identity(text.text(), *credential));

  const Result<Identity> in_store = load_identity(path);
  if (!in_store && in_store.error().code != Code::not_found) return std::unexpected(in_store.error());
  if (in_store && in_store->id() != identity.id())
    return fail(
        Code::usage,
        fmt::format("{}/{} is another Host's key than the credential {}", path, kIdentityFile, *credential),
        "contracts are with one Host id: take away the key that is not this store's");
  return identity;
}

Result<Identity> load_or_make_identity(sys::Directory& directory, const std::string& path,
                                       crypto::Random& random, const std::optional<std::string>& credential) {
  if (credential) return TRY_IN("identity", load_identity(path, credential));
  return load_or_make_identity(directory, path, random);
}

}  // namespace inxt::host
