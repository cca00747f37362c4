// SPDX-License-Identifier: LGPL-3.0-or-later
#include "host/identity_backup.h"

#include <array>
#include <nlohmann/json.hpp>

#include "keys/secret_json.h"

namespace inxt::host {

namespace {

constexpr std::string_view kType = "inxt-host-backup";
constexpr std::array<std::string_view, 6> kMembers{"type",   "version",  "sealed",
                                                   "public", "argon2id", "secret"};
constexpr std::uint64_t kVersion = 1;
constexpr keys::SealedKind kBackup{kType, "backup", kMembers,
                                   "or the backup is damaged: take another copy of it"};

format::Json public_json(const HostId& id, const std::vector<std::string>& succession) {
  format::Json json;  // this text is authenticated
  json["host"] = id.hex();
  json["succession"] = succession;
  return json;
}

}  // namespace

Result<crypto::SecretBytes> write_backup(const Identity& identity, std::optional<ByteView> passphrase,
                                         crypto::Random& random, keys::SealCost cost) {
  crypto::SecretBytes secret(view_of("{\"seed\":\""));
  keys::append_base64(secret, identity.key.seed());
  secret.append(view_of("\"}"));
  format::Json head;
  head["type"] = kType;
  head["version"] = kVersion;
  return keys::write_sealed_json(kType, head, public_json(identity.id(), identity.succession), secret.view(),
                                 passphrase, random, cost);
}

Result<Backup> Backup::parse(std::string_view text) {
  Backup backup;
  format::Json json;
  backup.file_ = TRY(keys::SealedJson::parse(text, kBackup, json));
  const format::Fields fields(json, "backup");
  if (!json.contains("public") || !json["public"].is_object()) return fields.bad("public", "not an object");
  const format::Json& public_object = json.at("public");
  TRY(keys::check_members(public_object, std::array<std::string_view, 2>{"host", "succession"}, "backup"));
  const format::Fields public_fields(public_object, "backup, \"public\"");
  backup.id_ = TRY(public_fields.id<HostId>("host"));
  backup.succession_ =
      TRY(public_fields.texts("succession", format::kSuccessionsMax, format::kSuccessionBytesMax));
  for (const format::Succession& link :
       TRY_IN("backup", format::open_successions(backup.succession_, backup.id_)))
    backup.former_.push_back(link.from);
  return backup;
}

Result<Identity> Backup::open(std::optional<ByteView> passphrase) const {
  crypto::SecretBytes clear;
  if (sealed()) {
    const crypto::Key key = TRY(file_.sealing_key(passphrase.value_or(ByteView{})));
    clear = TRY(file_.open_with(key, public_json(id_, succession_)));
  }
  const auto members = TRY_IN("backup", keys::read_secret_json(sealed() ? clear.text() : file_.clear_text()));
  const auto differs = [] {
    return fail(Code::integrity, "backup: its secret is not the key of its Host id");
  };
  if (members.size() != 1 || members.front().first != "seed") return differs();
  crypto::Secret<32> seed;
  TRY_IN("backup: \"seed\"", from_base64url(members.front().second, seed.span()));
  Identity identity{
      .key = crypto::SigningKey::from_seed(seed.view()), .succession = succession_, .former = former_};
  if (identity.id() != id_) return differs();
  return identity;
}

}  // namespace inxt::host
