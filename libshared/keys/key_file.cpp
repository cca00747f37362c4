// SPDX-License-Identifier: LGPL-3.0-or-later
#include "keys/key_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "format/json.h"
#include "keys/secret_json.h"
#include "sys/files.h"

namespace inxt::keys {
namespace {

constexpr std::string_view kType = "inxt-key";
constexpr std::array<std::string_view, 7> kMembers{"type",   "version",  "kind",  "sealed",
                                                   "public", "argon2id", "secret"};
constexpr std::uint64_t kVersion = 1;
constexpr SealedKind kKeyFile{
    kType, "key file", kMembers,
    "or the file is damaged: an owner's can be made again from the words: inxt-key restore"};

format::Json public_json(const PublicKeys& keys) {
  format::Json json;  // in the order of their letters: this text is authenticated
  json["owner"] = keys.owner.hex();
  json["recipient"] = recipient_text(keys.recipient);
  if (keys.uploader) json["uploader"] = *keys.uploader;
  return json;
}

std::string_view member(const std::vector<std::pair<std::string_view, std::string_view>>& members,
                        std::string_view name) {
  for (const auto& [key, value] : members)
    if (key == name) return value;
  return {};
}

}  // namespace

Result<KeyFile> KeyFile::parse(std::string_view text) {
  KeyFile file;
  format::Json json;
  file.file_ = TRY(SealedJson::parse(text, kKeyFile, json));
  const format::Fields fields(json, "key file");
  const std::string kind = TRY(fields.text("kind", 16));
  if (kind != "owner" && kind != "uploader" && kind != "caretaker")
    return fields.bad("kind", "neither owner, uploader nor caretaker");

  if (!json.contains("public") || !json["public"].is_object()) return fields.bad("public", "not an object");
  const format::Json& public_object = json.at("public");
  TRY(check_members(public_object, std::array<std::string_view, 3>{"owner", "recipient", "uploader"},
                    "key file"));
  format::Fields public_fields(public_object, "key file, \"public\"");
  file.public_.owner = TRY(public_fields.id<OwnerId>("owner"));
  const std::string recipient = TRY(public_fields.text("recipient", kBech32TextMax));
  auto parsed = recipient_from_text(recipient);
  if (!parsed || recipient_text(*parsed) != recipient)
    return public_fields.bad("recipient", "not a recipient, or damaged");
  file.public_.recipient = *parsed;
  if (public_fields.has("uploader") == (kind == "owner"))
    return public_fields.bad("uploader", "it stands in an uploader's or a caretaker's file and only there");
  if (kind != "owner") {
    file.public_.uploader =
        static_cast<std::uint32_t>(TRY(public_fields.integer("uploader", format::kUploaderMax)));
    if (file.public_.is_caretaker() != (kind == "caretaker"))
      return public_fields.bad("uploader", "caretakers' numbers, and no others, begin at 1073741824");
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
    if (public_.is_caretaker()) {
      if (members.size() != 1) return differs();
      return Key::of_uploader(public_.owner, public_.recipient,
                              UploaderKeys(*public_.uploader, std::move(uploader_key)));
    }
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
  return read_secret(file_.clear_text());
}

Result<crypto::Key> KeyFile::sealing_key(ByteView passphrase) const {
  return file_.sealing_key(passphrase);
}

Result<Key> KeyFile::open_with(const crypto::Key& sealing_key) const {
  const crypto::SecretBytes secret = TRY(file_.open_with(sealing_key, public_json(public_)));
  return read_secret(secret.text());
}

Result<Key> KeyFile::open(ByteView passphrase) const {
  crypto::Key key = TRY(sealing_key(passphrase));
  return open_with(key);
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
    if (!key.is_caretaker()) {
      secret.append(view_of("\",\"certificate\":\""));
      secret.append(view_of(key.uploader().certificate()));
    }
  }
  secret.append(view_of("\"}"));

  format::Json head;
  head["type"] = kType;
  head["version"] = kVersion;
  head["kind"] = public_keys.kind();
  return write_sealed_json(kType, head, public_json(public_keys), secret.view(), passphrase, random, cost);
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
