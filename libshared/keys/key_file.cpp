// SPDX-License-Identifier: LGPL-3.0-or-later
#include "keys/key_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/check.h"
#include "crypto/box.h"
#include "crypto/hash.h"
#include "format/json.h"
#include "keys/secret_json.h"
#include "sys/files.h"

namespace inxt::keys {
namespace {

constexpr std::string_view kType = "inxt-key";
constexpr std::uint64_t kVersion = 1;
constexpr std::size_t kSecretBytesMax = 8192;  // an uploader's key and its certificate

format::Json public_json(const PublicKeys& keys) {
  format::Json json;  // in the order of their letters: this text is authenticated
  json["owner"] = keys.owner.hex();
  json["recipient"] = recipient_text(keys.recipient);
  if (keys.uploader) json["uploader"] = *keys.uploader;
  return json;
}

Bytes associated_data(const PublicKeys& keys) {
  Bytes bytes = copy_of(view_of(kType));
  bytes.push_back(std::byte{0});
  append(bytes, view_of(format::write_compact(public_json(keys))));
  return bytes;
}

Result<void> check_members(const format::Json& object, std::initializer_list<std::string_view> known) {
  for (const auto& [name, value] : object.items())
    if (std::find(known.begin(), known.end(), name) == known.end())
      return fail(Code::integrity, "key file: a member that version 1 does not have",
                  "is it damaged, or made by a newer version?");
  return {};
}

/// Where the value of "secret" stands.  JSON parsers copy what they read, so the secret is covered before
/// they see it.
Result<std::pair<std::size_t, std::size_t>> find_secret(std::string_view text) {
  constexpr std::string_view kName = "\"secret\"";
  auto bad = [] { return fail(Code::integrity, "key file: there is no \"secret\" in it"); };
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
Result<crypto::SecretBytes> secret_from_base64(std::string_view text) {
  if (text.size() > kSecretBytesMax)
    return fail(Code::integrity, "key file: \"secret\" is too long (kSecretBytesMax)");
  crypto::Secret<kSecretBytesMax> buffer;
  if (text.size() % 4 == 1) return fail(Code::integrity, "key file: \"secret\" is not base64url");
  ByteSpan out = buffer.span().first(text.size() * 3 / 4);
  TRY_IN("key file: \"secret\"", from_base64url(text, out));
  return crypto::SecretBytes(out);
}

void append_base64(crypto::SecretBytes& to, ByteView bytes) {
  std::string text = to_base64url(bytes);
  to.append(view_of(text));
  crypto::wipe(std::as_writable_bytes(std::span(text)));
}

std::string_view member(const std::vector<std::pair<std::string_view, std::string_view>>& members,
                        std::string_view name) {
  for (const auto& [key, value] : members)
    if (key == name) return value;
  return {};
}

}  // namespace

Result<KeyFile> KeyFile::parse(std::string_view text) {
  if (text.size() > kKeyFileBytesMax)
    return fail(Code::integrity,
                fmt::format("key file: longer than {} bytes (kKeyFileBytesMax)", kKeyFileBytesMax));
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);

  const auto [secret_at, secret_length] = TRY(find_secret(text));
  const std::string cover(secret_length, 'A');
  std::string covered(text.substr(0, secret_at));
  covered += cover;
  covered += text.substr(secret_at + secret_length);

  format::Json json = TRY_IN("key file", format::parse_object(covered, kKeyFileBytesMax));
  format::Fields fields(json, "key file");
  TRY(fields.expect("type", kType));
  if (std::uint64_t version = TRY(fields.integer("version")); version != kVersion)
    return fail(Code::integrity, fmt::format("key file: version {} is not known", version));
  TRY(check_members(json, {"type", "version", "kind", "sealed", "public", "argon2id", "secret"}));
  if (TRY(fields.text("secret", kKeyFileBytesMax)) != cover)
    return fail(Code::integrity, "key file: \"secret\" stands somewhere else too");

  KeyFile file;
  file.secret_ = TRY(secret_from_base64(text.substr(secret_at, secret_length)));
  file.sealed_ = TRY(fields.boolean("sealed"));
  const std::string kind = TRY(fields.text("kind", 16));
  if (kind != "owner" && kind != "uploader") return fields.bad("kind", "neither owner nor uploader");

  if (!json.contains("public") || !json["public"].is_object()) return fields.bad("public", "not an object");
  const format::Json& public_object = json["public"];
  TRY(check_members(public_object, {"owner", "recipient", "uploader"}));
  format::Fields public_fields(public_object, "key file, \"public\"");
  file.public_.owner = TRY(public_fields.id<OwnerId>("owner"));
  const std::string recipient = TRY(public_fields.text("recipient", kBech32TextMax));
  auto parsed = recipient_from_text(recipient);
  if (!parsed || recipient_text(*parsed) != recipient)
    return public_fields.bad("recipient", "not a recipient, or damaged");
  file.public_.recipient = *parsed;
  if (public_fields.has("uploader") != (kind == "uploader"))
    return public_fields.bad("uploader", "it stands in an uploader's file and only there");
  if (kind == "uploader")
    file.public_.uploader =
        static_cast<std::uint32_t>(TRY(public_fields.integer("uploader", format::kUploaderMax)));

  if (fields.has("argon2id") != file.sealed_)
    return fields.bad("argon2id", "it stands in a sealed file and only there");
  if (file.sealed_) {
    if (!json["argon2id"].is_object()) return fields.bad("argon2id", "not an object");
    const format::Json& argon = json["argon2id"];
    TRY(check_members(argon, {"memory_kib", "passes", "salt"}));
    format::Fields argon_fields(argon, "key file, \"argon2id\"");
    file.cost_.memory_kib =
        static_cast<std::uint32_t>(TRY(argon_fields.integer("memory_kib", crypto::kArgonMemoryKibMax)));
    file.cost_.passes =
        static_cast<std::uint32_t>(TRY(argon_fields.integer("passes", crypto::kArgonPassesMax)));
    if (file.cost_.memory_kib < 8 || file.cost_.passes < 1)
      return fields.bad("argon2id", "fewer than 8 KiB or 1 pass");
    TRY(argon_fields.base64("salt", file.salt_));
    if (file.secret_.size() <= crypto::kAeadOverheadBytes) return fields.bad("secret", "too short");
  }
  return file;
}

Result<Key> KeyFile::read_secret(std::string_view secret_json) const {
  auto members = TRY_IN("key file", read_secret_json(secret_json));
  auto differs = [] {
    return fail(Code::integrity, "key file: the secret does not belong to the public keys beside it",
                "the file is damaged; an owner's can be made again from the words: inxt-key restore");
  };
  if (public_.uploader) {
    crypto::Key uploader_key;
    TRY_IN("key file: \"uploader_key\"",
           from_base64url(member(members, "uploader_key"), uploader_key.span()));
    std::string token(member(members, "certificate"));
    const auto certificate = TRY_IN("key file", format::open_certificate(token));
    UploaderKeys uploader(*public_.uploader, std::move(uploader_key), std::move(token));
    if (members.size() != 2 || certificate.owner != public_.owner ||
        certificate.uploader != *public_.uploader || certificate.writer != uploader.writer_id())
      return differs();
    return Key::of_uploader(public_.owner, public_.recipient, std::move(uploader));
  }
  std::string_view text = member(members, "entropy");
  crypto::Secret<32> buffer;
  ByteSpan entropy = buffer.span().first(text.size() == 22 ? 16 : 32);  // 12 or 24 words
  TRY_IN("key file: \"entropy\"", from_base64url(text, entropy));
  OwnerKeys owner = OwnerKeys::from_entropy(entropy);
  if (members.size() != 1 || owner.id() != public_.owner || owner.recipient() != public_.recipient)
    return differs();
  return Key::of_owner(std::move(owner));
}

Result<Key> KeyFile::open() const {
  CHECK_BUG(!sealed_);
  return read_secret(secret_.text());
}

Result<crypto::Key> KeyFile::sealing_key(ByteView passphrase) const {
  CHECK_BUG(sealed_);
  return crypto::key_from_passphrase(passphrase, salt_, cost_.memory_kib, cost_.passes);
}

Result<Key> KeyFile::open_with(const crypto::Key& sealing_key) const {
  CHECK_BUG(sealed_);
  auto secret = crypto::aead_open(sealing_key, associated_data(public_), secret_.view());
  if (!secret)
    return fail(Code::wrong_key, "the passphrase does not open the key file",
                "or the file is damaged: an owner's can be made again from the words: inxt-key restore");
  return read_secret(secret->text());
}

Result<Key> KeyFile::open(ByteView passphrase) const {
  crypto::Key key = TRY(sealing_key(passphrase));
  return open_with(key);
}

ByteArray<32> KeyFile::fingerprint() const {
  crypto::Sha256 hash;
  hash.update(salt_);
  hash.update(big_endian(cost_.memory_kib));
  hash.update(big_endian(cost_.passes));
  hash.update(secret_.view());
  return hash.digest();
}

Result<crypto::SecretBytes> write_key(const Key& key, std::optional<ByteView> passphrase,
                                      crypto::Random& random, SealCost cost) {
  PublicKeys public_keys{key.owner_id(), key.recipient(), std::nullopt};
  if (!key.is_owner()) public_keys.uploader = key.uploader().number();

  crypto::SecretBytes secret;
  if (key.is_owner()) {
    secret.append(view_of("{\"entropy\":\""));
    append_base64(secret, key.owner()->entropy());
  } else {
    secret.append(view_of("{\"uploader_key\":\""));
    append_base64(secret, key.uploader().uploader_key());
    secret.append(view_of("\",\"certificate\":\""));
    secret.append(view_of(key.uploader().certificate()));
  }
  secret.append(view_of("\"}"));

  format::Json json;
  json["type"] = kType;
  json["version"] = kVersion;
  json["kind"] = key.is_owner() ? "owner" : "uploader";
  json["sealed"] = passphrase.has_value();
  json["public"] = public_json(public_keys);
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
    Bytes sealed = crypto::aead_seal(random, sealing_key, associated_data(public_keys), secret.view());
    secret = crypto::SecretBytes(sealed);
  }
  std::string head = format::write_compact(json);
  head.pop_back();
  crypto::SecretBytes text(view_of(head));
  text.append(view_of(",\"secret\":\""));
  append_base64(text, secret.view());
  text.append(view_of("\"}\n"));
  return text;
}

Result<KeyFile> read_key_file(int fd, std::string_view what) {
  auto buffer = std::make_unique<crypto::Secret<kKeyFileBytesMax + 1>>();
  std::size_t bytes = TRY(sys::read_full(fd, buffer->span(), what));
  if (bytes == 0) return fail(Code::integrity, fmt::format("{}: there is no key in it", what));
  return TRY_IN(what, KeyFile::parse(text_of(buffer->view().first(bytes))));
}

Result<KeyFile> read_key_file(const std::filesystem::path& path, Readers readers) {
  sys::Fd fd = TRY(sys::open_file(path.string()));
  const sys::FileStatus status = TRY(sys::status_of(fd.number(), path.string()));
  const unsigned refused = readers == Readers::user_only ? 077 : 007;
  if (status.kind == sys::FileKind::regular && (status.mode & refused) != 0)
    return fail(
        Code::denied,
        fmt::format("{}: others than you can reach this key file (mode {:04o})", path.string(), status.mode),
        fmt::format("chmod 600 {}", path.string()));
  return read_key_file(fd.number(), path.string());
}

Result<void> create_secret_file(const std::filesystem::path& path, ByteView text) {
  const std::string name = path.string();
  const std::string folder = path.has_parent_path() ? path.parent_path().string() : ".";
  auto exists = [&] {
    return fail(Code::usage, fmt::format("{}: there is something already; it is not overwritten", name),
                "name another file with -o, or move this one away");
  };
  struct stat status;
  if (lstat(name.c_str(), &status) == 0) return exists();

  std::string hidden = folder + "/.inxt-key-XXXXXX";
  sys::Fd fd(mkostemp(hidden.data(), O_CLOEXEC));  // mode 0600
  if (!fd) return fail_errno(errno, name);
  struct Remove {
    const std::string& name;
    ~Remove() { unlink(name.c_str()); }  // does nothing once it is renamed
  } remove{hidden};
  if (fchmod(fd.number(), 0600) != 0) return fail_errno(errno, name);
  TRY(sys::write_all(fd.number(), text, name));
  if (fsync(fd.number()) != 0) return fail_errno(errno, name);
  if (renameat2(AT_FDCWD, hidden.c_str(), AT_FDCWD, name.c_str(), RENAME_NOREPLACE) != 0) {
    // Where the file system cannot rename so, a hard link does not replace anything either.
    if (errno == EINVAL && link(hidden.c_str(), name.c_str()) == 0) errno = 0;
    if (errno == EEXIST) return exists();
    if (errno != 0) return fail_errno(errno, name);
  }
  sys::Fd folder_fd(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder_fd || fsync(folder_fd.number()) != 0) return fail_errno(errno, folder);
  return {};
}

}  // namespace inxt::keys
