// SPDX-License-Identifier: LGPL-3.0-or-later
#include "bridge/identity.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "serve/key_text.h"
#include "serve/running.h"
#include "serve/secret_file.h"

namespace inxt::bridge {

namespace {

constexpr std::string_view kFirstLine = "inxt-bridge-key 1\n";
// What may lie in a folder in which no Bridge has run yet.
constexpr std::array<std::string_view, 2> kOfNoBridge{"lock", "lost+found"};

std::string path_of(const std::string& folder) {
  return fmt::format("{}/{}", folder, kIdentityFile);
}

Result<crypto::SigningKey> load(const std::string& folder) {
  const std::string name = path_of(folder);
  const crypto::SecretBytes text = TRY(serve::read_secret_file(name, "inxt-bridge", "folder"));
  return read_identity(text.text(), name);
}

/// A Bridge that has had a name must not quietly take another, and other people's files are left alone.
Result<void> check_new(sys::Directory& directory, const std::string& folder) {
  if (TRY(directory.look_up(sys::Path{serve::kDescriptorFile})))
    return fail(Code::integrity, fmt::format("{}: the key of this Bridge is not there", folder),
                "put identity.key back from your backup; a new Bridge begins in an empty folder");
  for (const sys::Entry& entry : TRY(directory.list(sys::Path())))
    if (std::ranges::find(kOfNoBridge, entry.name) == kOfNoBridge.end())
      return fail(Code::usage, fmt::format("{} has other things in it, and no Bridge's key", folder),
                  "give --data a folder of its own");
  return {};
}

}  // namespace

crypto::SecretBytes identity_text(const crypto::SigningKey& key) {
  crypto::SecretBytes text(view_of(kFirstLine));
  serve::append_seed(text, key);
  return text;
}

Result<crypto::SigningKey> read_identity(std::string_view text, std::string_view name) {
  auto key = serve::take_key(text, kFirstLine);
  if (!key || !text.empty())
    return fail(Code::integrity, fmt::format("{} is not a Bridge's key", name),
                "put it back from your backup: it is the Bridge's name");
  return *std::move(key);
}

Result<std::optional<crypto::SigningKey>> find_identity(sys::Directory& directory, const std::string& path,
                                                        const std::optional<std::string>& credential) {
  const bool is_there = TRY(directory.look_up(sys::Path{kIdentityFile})).has_value();
  if (credential) {
    const crypto::SecretBytes text = TRY_IN("identity", serve::read_credential(*credential));
    crypto::SigningKey key = TRY_IN("identity", read_identity(text.text(), *credential));
    if (is_there && TRY_IN("identity", load(path)).public_key() != key.public_key())
      return fail(
          Code::usage,
          fmt::format("{} is another Bridge's key than the credential {}", path_of(path), *credential),
          "take away the key that is not this Bridge's");
    return key;
  }
  if (is_there) return TRY_IN("identity", load(path));
  TRY(check_new(directory, path));
  return std::nullopt;
}

Result<crypto::SigningKey> load_or_make_identity(sys::Directory& directory, const std::string& path,
                                                 crypto::Random& random,
                                                 const std::optional<std::string>& credential) {
  TRY_IN("identity", serve::remove_unfinished_secret(directory, kIdentityFile));
  if (auto found = TRY(find_identity(directory, path, credential))) return *std::move(found);
  crypto::Secret<32> seed;
  random.fill(seed.span());
  const crypto::SecretBytes text = identity_text(crypto::SigningKey::from_seed(seed.view()));
  TRY_IN("identity", serve::save_secret_file(directory, kIdentityFile, text.view()));
  return TRY_IN("identity", load(path));
}

}  // namespace inxt::bridge
