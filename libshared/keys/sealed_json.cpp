// SPDX-License-Identifier: LGPL-3.0-or-later
#include "keys/sealed_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/check.h"
#include "crypto/box.h"
#include "crypto/hash.h"

namespace inxt::keys {
namespace {

constexpr std::array<std::string_view, 3> kArgonMembers{"memory_kib", "passes", "salt"};
constexpr std::uint64_t kVersion = 1;
constexpr std::size_t kSecretBytesMax = 8192;  // an uploader's key and its certificate

Bytes associated_data(std::string_view type, const format::Json& public_json) {
  Bytes bytes = copy_of(view_of(type));
  bytes.push_back(std::byte{0});
  append(bytes, view_of(format::write_compact(public_json)));
  return bytes;
}

/// Where the value of "secret" stands.  JSON parsers copy what they read, so the secret is covered before
/// they see it.
Result<std::pair<std::size_t, std::size_t>> find_secret(std::string_view text, std::string_view what) {
  constexpr std::string_view kName = "\"secret\"";
  auto bad = [&] { return fail(Code::integrity, fmt::format("{}: there is no \"secret\" in it", what)); };
  std::size_t at = text.rfind(kName);
  if (at == std::string_view::npos) return bad();
  at = text.find_first_not_of(" \t\r\n", at + kName.size());
  if (at == std::string_view::npos || text[at] != ':') return bad();
  at = text.find_first_not_of(" \t\r\n", at + 1);
  if (at == std::string_view::npos || text[at] != '"') return bad();
  std::size_t end = text.find('"', ++at);
  if (end == std::string_view::npos) return bad();
  return std::pair{at, end - at};
}

/// from_base64url without a copy that is not wiped.
Result<crypto::SecretBytes> secret_from_base64(std::string_view text, std::string_view what) {
  if (text.size() > kSecretBytesMax)
    return fail(Code::integrity, fmt::format("{}: \"secret\" is too long (kSecretBytesMax)", what));
  crypto::Secret<kSecretBytesMax> buffer;
  if (text.size() % 4 == 1)
    return fail(Code::integrity, fmt::format("{}: \"secret\" is not base64url", what));
  ByteSpan out = buffer.span().first(text.size() * 3 / 4);
  TRY_IN(fmt::format("{}: \"secret\"", what), from_base64url(text, out));
  return crypto::SecretBytes(out);
}

}  // namespace

Result<void> check_members(const format::Json& object, std::span<const std::string_view> known,
                           std::string_view what) {
  for (const auto& [name, value] : object.items())
    if (std::find(known.begin(), known.end(), name) == known.end())
      return fail(Code::integrity, fmt::format("{}: a member that version 1 does not have", what),
                  "is it damaged, or made by a newer version?");
  return {};
}

void append_base64(crypto::SecretBytes& to, ByteView bytes) {
  std::string text = to_base64url(bytes);
  to.append(view_of(text));
  crypto::wipe(std::as_writable_bytes(std::span(text)));
}

Result<SealedJson> SealedJson::parse(std::string_view text, const SealedKind& kind, format::Json& json) {
  const std::string what(kind.what);
  if (text.size() > kKeyFileBytesMax)
    return fail(Code::integrity,
                fmt::format("{}: longer than {} bytes (kKeyFileBytesMax)", what, kKeyFileBytesMax));
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);

  const auto [secret_at, secret_length] = TRY(find_secret(text, what));
  const std::string cover(secret_length, 'A');
  std::string covered(text.substr(0, secret_at));
  covered += cover;
  covered += text.substr(secret_at + secret_length);

  SealedJson file;
  file.type_ = kind.type;
  file.what_ = kind.what;
  file.damaged_hint_ = kind.damaged_hint;
  json = TRY_IN(what, format::parse_object(covered, kKeyFileBytesMax));
  const format::Fields fields(json, what);
  TRY(fields.expect("type", kind.type));
  if (std::uint64_t version = TRY(fields.integer("version")); version != kVersion)
    return fail(Code::integrity, fmt::format("{}: version {} is not known", what, version));
  TRY(check_members(json, kind.members, what));
  if (TRY(fields.text("secret", kKeyFileBytesMax)) != cover)
    return fail(Code::integrity, fmt::format("{}: \"secret\" stands somewhere else too", what));

  file.secret_ = TRY(secret_from_base64(text.substr(secret_at, secret_length), what));
  file.sealed_ = TRY(fields.boolean("sealed"));
  if (fields.has("argon2id") != file.sealed_)
    return fields.bad("argon2id", "it stands in a sealed file and only there");
  if (!file.sealed_) return file;

  const format::Json& argon = json["argon2id"];
  if (!argon.is_object()) return fields.bad("argon2id", "not an object");
  TRY(check_members(argon, kArgonMembers, what));
  const format::Fields argon_fields(argon, what + ", \"argon2id\"");
  file.cost_.memory_kib =
      static_cast<std::uint32_t>(TRY(argon_fields.integer("memory_kib", crypto::kArgonMemoryKibMax)));
  file.cost_.passes =
      static_cast<std::uint32_t>(TRY(argon_fields.integer("passes", crypto::kArgonPassesMax)));
  if (file.cost_.memory_kib < 8 || file.cost_.passes < 1)
    return fields.bad("argon2id", "fewer than 8 KiB or 1 pass");
  TRY(argon_fields.base64("salt", file.salt_));
  if (file.secret_.size() <= crypto::kAeadOverheadBytes) return fields.bad("secret", "too short");
  return file;
}

std::string_view SealedJson::clear_text() const {
  CHECK_BUG(!sealed_);
  return secret_.text();
}

Result<crypto::Key> SealedJson::sealing_key(ByteView passphrase) const {
  CHECK_BUG(sealed_);
  return crypto::key_from_passphrase(passphrase, salt_, cost_.memory_kib, cost_.passes);
}

Result<crypto::SecretBytes> SealedJson::open_with(const crypto::Key& sealing_key,
                                                  const format::Json& public_json) const {
  CHECK_BUG(sealed_);
  auto secret = crypto::aead_open(sealing_key, associated_data(type_, public_json), secret_.view());
  if (!secret)
    return fail(Code::wrong_key, fmt::format("the passphrase does not open the {}", what_),
                std::string(damaged_hint_));
  return *std::move(secret);
}

ByteArray<32> SealedJson::fingerprint() const {
  crypto::Sha256 hash;
  hash.update(salt_);
  hash.update(big_endian(cost_.memory_kib));
  hash.update(big_endian(cost_.passes));
  hash.update(secret_.view());
  return hash.digest();
}

Result<crypto::SecretBytes> write_sealed_json(std::string_view type, const format::Json& head,
                                              const format::Json& public_json, ByteView secret,
                                              std::optional<ByteView> passphrase, crypto::Random& random,
                                              SealCost cost) {
  format::Json json = head;
  json["sealed"] = passphrase.has_value();
  json["public"] = public_json;
  Bytes sealed;
  if (passphrase) {
    if (passphrase->empty())
      return fail(Code::usage, "the passphrase is empty", "--no-passphrase leaves the key file open");
    if (passphrase->size() > kPassphraseBytesMax)
      return fail(Code::usage, fmt::format("the passphrase is longer than {} bytes (kPassphraseBytesMax)",
                                           kPassphraseBytesMax));
    auto salt = random.bytes<16>();
    json["argon2id"]["memory_kib"] = cost.memory_kib;
    json["argon2id"]["passes"] = cost.passes;
    json["argon2id"]["salt"] = to_base64url(salt);
    crypto::Key sealing_key =
        TRY(crypto::key_from_passphrase(*passphrase, salt, cost.memory_kib, cost.passes));
    sealed = crypto::aead_seal(random, sealing_key, associated_data(type, public_json), secret);
    secret = sealed;
  }
  std::string text_head = format::write_compact(json);
  text_head.pop_back();
  crypto::SecretBytes text(view_of(text_head));
  text.append(view_of(",\"secret\":\""));
  append_base64(text, secret);
  text.append(view_of("\"}\n"));
  return text;
}

}  // namespace inxt::keys
