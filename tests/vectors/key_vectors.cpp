// SPDX-License-Identifier: AGPL-3.0-or-later
// inxt-key(5).
#include "host/identity_backup.h"
#include "keys/key_file.h"
#include "vectors/vectors.h"

namespace inxt::vectors {
namespace {

Result<Value> run_words(const Value& given, ByteView input) {
  const auto entropy = TRY(keys::entropy_from_words(text_of(input)));
  const auto owner = keys::OwnerKeys::from_entropy(entropy.view());
  const auto uploader = owner.uploader(given.at("uploader").get<std::uint32_t>());
  return Value{{"entropy", to_hex(entropy.view())},
               {"owner", owner.id().hex()},
               {"recipient", keys::recipient_text(owner.recipient())},
               {"uploader_key", to_hex(uploader.uploader_key())},
               {"writer", uploader.writer_id().hex()},
               {"account", uploader.account_id(id_of<HostId>(given, "host")).hex()}};
}

Result<Value> run_recipient(const Value&, ByteView input) {
  return Value{{"key", to_hex(TRY(keys::recipient_from_text(text_of(input))))}};
}

Result<Value> run_key_file(const Value& given, ByteView input) {
  const auto file = TRY(keys::KeyFile::parse(text_of(input)));
  const std::string passphrase = given.value("passphrase", "");
  const auto key = TRY(file.sealed() ? file.open(view_of(passphrase)) : file.open());
  if (const auto* owner = key.owner())
    return Value{{"kind", "owner"}, {"owner", owner->id().hex()}, {"entropy", to_hex(owner->entropy())}};
  return Value{{"kind", key.is_caretaker() ? "caretaker" : "uploader"},
               {"owner", key.owner_id().hex()},
               {"uploader", key.uploader().number()},
               {"uploader_key", to_hex(key.uploader().uploader_key())},
               {"writer", key.uploader().writer_id().hex()}};
}

Result<Value> run_host_backup(const Value& given, ByteView input) {
  const auto backup = TRY(host::Backup::parse(text_of(input)));
  const std::string passphrase = given.value("passphrase", "");
  const auto identity =
      TRY(backup.open(backup.sealed() ? std::optional<ByteView>(view_of(passphrase)) : std::nullopt));
  Value former = Value::array();
  for (const auto& id : identity.former) former.push_back(id.hex());
  return Value{{"host", identity.id().hex()}, {"seed", to_hex(identity.key.seed())}, {"former", std::move(former)}};
}

constexpr Format kKeyFormats[] = {{"words", run_words},
                                  {"recipient", run_recipient},
                                  {"key-file", run_key_file},
                                  {"host-backup", run_host_backup}};

}  // namespace

std::span<const Format> key_formats() {
  return kKeyFormats;
}

}  // namespace inxt::vectors
