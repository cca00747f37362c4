// SPDX-License-Identifier: LGPL-3.0-or-later
#include "host/identity.h"

#include <fmt/format.h>

#include "serve/key_text.h"
#include "serve/secret_file.h"

namespace inxt::host {

namespace {

constexpr std::string_view kFirstLine = "inxt-host-key 1\n";
constexpr std::string_view kFirstLineOfRotated = "inxt-host-key 2\n";
static_assert(kFirstLine.size() == kFirstLineOfRotated.size());
static_assert(kFirstLine.size() + serve::kSeedLineBytes +
                  format::kSuccessionsMax * (format::kSuccessionBytesMax + 1) <=
              kIdentityBytesMax);

std::string path_of(const std::string& folder) {
  return fmt::format("{}/{}", folder, kIdentityFile);
}

}  // namespace

crypto::SecretBytes identity_text(const Identity& identity) {
  crypto::SecretBytes text(view_of(identity.succession.empty() ? kFirstLine : kFirstLineOfRotated));
  serve::append_seed(text, identity.key);
  for (const std::string& token : identity.succession) {
    text.append(view_of(token));
    text.append(view_of("\n"));
  }
  return text;
}

Result<Identity> read_identity(std::string_view text, std::string_view name) {
  const auto bad = [&] {
    return fail(Code::integrity, fmt::format("{} is not a Host's key", name),
                "put it back from your backup (inxt-host restore): it is the Host's name");
  };
  const bool is_rotated = text.starts_with(kFirstLineOfRotated);
  auto key = serve::take_key(text, is_rotated ? kFirstLineOfRotated : kFirstLine);
  if (!key) return bad();
  Identity identity{.key = *std::move(key)};
  if (is_rotated == text.empty()) return bad();
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (end == text.npos || identity.succession.size() == format::kSuccessionsMax) return bad();
    identity.succession.emplace_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  for (const format::Succession& link :
       TRY_IN(name, format::open_successions(identity.succession, identity.id())))
    identity.former.push_back(link.from);
  return identity;
}

Result<Identity> load_identity(const std::string& path) {
  const std::string name = path_of(path);
  const crypto::SecretBytes text = TRY(serve::read_secret_file(name, "inxt-host", "store"));
  return read_identity(text.text(), name);
}

Result<Identity> load_or_make_identity(sys::Directory& directory, const std::string& path,
                                       crypto::Random& random) {
  TRY_IN("identity", serve::remove_unfinished_secret(directory, kIdentityFile));
  if (!TRY(directory.look_up(sys::Path{kIdentityFile}))) {
    // A Host that has had a name must not quietly take another: its contracts would be nobody's.
    if (TRY(directory.look_up(sys::Path{"descriptor.jsonl"})))
      return fail(Code::integrity, fmt::format("{}: the key of this Host is not there", path),
                  "put it back from a backup with `inxt-host restore`; a new Host begins in an empty folder");
    crypto::Secret<32> seed;
    random.fill(seed.span());
    const Identity made{.key = crypto::SigningKey::from_seed(seed.view())};
    TRY_IN("identity", save_identity(directory, made));
  }
  return TRY_IN("identity", load_identity(path));
}

Result<Identity> rotated(const Identity& identity, crypto::Random& random, std::int64_t now_unix_s) {
  if (identity.succession.size() >= format::kSuccessionsMax)
    return fail(Code::usage,
                fmt::format("this Host has had {} keys before (kSuccessionsMax)", format::kSuccessionsMax),
                "drain it, and begin a new Host in another folder");
  crypto::Secret<32> seed;
  random.fill(seed.span());
  Identity next{.key = crypto::SigningKey::from_seed(seed.view()),
                .succession = identity.succession,
                .former = identity.former};
  next.succession.push_back(TRY(format::sign_succession(next.id(), now_unix_s, identity.key)));
  next.former.push_back(identity.id());
  return next;
}

Result<void> save_identity(sys::Directory& directory, const Identity& identity) {
  return serve::save_secret_file(directory, kIdentityFile, identity_text(identity).view());
}

}  // namespace inxt::host
