// SPDX-License-Identifier: LGPL-3.0-or-later
#include "host/identity.h"

#include <fmt/format.h>

#include "base/encoding.h"
#include "crypto/secret.h"
#include "sys/files.h"

namespace inxt::host {

namespace {

constexpr std::string_view kFirstLine = "inxt-host-key 1\n";
constexpr std::size_t kFileBytes = kFirstLine.size() + 64 + 1;
constexpr std::string_view kNewFile = "identity.key.new";

std::string path_of(const std::string& folder) {
  return fmt::format("{}/{}", folder, kIdentityFile);
}

Result<void> write_identity(sys::Directory& directory, const crypto::SigningKey& key) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  crypto::SecretBytes text(view_of(kFirstLine));
  for (const std::byte byte : key.seed()) {  // not to_hex: its string would stay in freed memory
    const auto value = std::to_integer<std::size_t>(byte);
    text.append(view_of(kDigits.substr(value >> 4, 1)));
    text.append(view_of(kDigits.substr(value & 15, 1)));
  }
  text.append(view_of("\n"));

  const sys::Path unfinished{kNewFile};
  if (TRY(directory.look_up(unfinished))) TRY(directory.remove(unfinished));
  auto file = TRY(directory.create(unfinished, sys::Caching::cached));
  TRY(file->write_at(0, text.view()));
  TRY(file->sync());
  TRY(directory.rename(unfinished, sys::Path{kIdentityFile}));
  return directory.sync_folder(sys::Path{});
}

}  // namespace

Result<crypto::SigningKey> load_identity(const std::string& path) {
  const std::string name = path_of(path);
  const sys::Fd file = TRY(sys::open_file(name));
  const sys::FileStatus status = TRY(sys::status_of(file.number(), name));
  if (!status.owned_by_caller)
    return fail(Code::denied, name + " belongs to another user",
                "run inxt-host as the user who owns the store");
  if ((status.mode & 077) != 0)
    return fail(Code::denied, fmt::format("{} can be read by others (mode {:04o})", name, status.mode),
                "take the others' rights away: chmod 600 " + name);

  ByteArray<kFileBytes + 1> text{};
  crypto::Secret<32> seed;
  const Result<std::size_t> size = sys::read_full(file.number(), text, name);
  const bool is_key = size && *size == kFileBytes && text_of(text).starts_with(kFirstLine) &&
                      text[kFileBytes - 1] == std::byte{'\n'} &&
                      from_hex(text_of(text).substr(kFirstLine.size(), 64), seed.span());
  crypto::wipe(text);
  if (!size) return std::unexpected(size.error());
  if (!is_key)
    return fail(Code::integrity, name + " is not a Host's key",
                "put it back from your backup: it is the Host's name");
  return crypto::SigningKey::from_seed(seed.view());
}

Result<crypto::SigningKey> load_or_make_identity(sys::Directory& directory, const std::string& path,
                                                 crypto::Random& random) {
  if (!TRY(directory.look_up(sys::Path{kIdentityFile}))) {
    crypto::Secret<32> seed;
    random.fill(seed.span());
    TRY_IN("identity", write_identity(directory, crypto::SigningKey::from_seed(seed.view())));
  }
  return TRY_IN("identity", load_identity(path));
}

}  // namespace inxt::host
