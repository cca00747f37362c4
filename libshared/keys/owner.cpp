// SPDX-License-Identifier: LGPL-3.0-or-later
#include "keys/owner.h"

#include "crypto/box.h"
#include "crypto/labels.h"
#include "keys/slip10.h"

namespace inxt::keys {
namespace {

enum Role : std::uint32_t { kIdentity = 0, kRecipientRole = 1, kUploaderMaster = 2 };

crypto::Key role_key(const Seed& seed, Role role) {
  return slip10(seed.view(), std::array<std::uint32_t, 2>{kPurpose, role}).key;
}

}  // namespace

UploaderKeys::UploaderKeys(std::uint32_t number, crypto::Key uploader_key, std::string certificate)
    : number_(number),
      uploader_key_(std::move(uploader_key)),
      writer_(crypto::SigningKey::from_seed(
          crypto::derive(uploader_key_.view(), {}, crypto::label::kWriter).view())),
      certificate_(std::move(certificate)) {}

crypto::SigningKey UploaderKeys::account(const HostId& host) const {
  return crypto::SigningKey::from_seed(
      crypto::derive(uploader_key_.view(), {}, crypto::label::kAccount, host.view()).view());
}

OwnerKeys OwnerKeys::from_entropy(ByteView entropy) {
  OwnerKeys keys;
  keys.entropy_ = crypto::SecretBytes(entropy);
  crypto::SecretBytes words = words_from_entropy(entropy);
  Seed seed = seed_from_words(words.text());
  keys.identity_ = crypto::SigningKey::from_seed(role_key(seed, kIdentity).view());
  keys.recipient_secret_ =
      crypto::derive(role_key(seed, kRecipientRole).view(), {}, crypto::label::kRecipient);
  keys.recipient_ = crypto::x25519_public(keys.recipient_secret_.view());
  keys.uploader_master_ = role_key(seed, kUploaderMaster);
  return keys;
}

UploaderKeys OwnerKeys::uploader(std::uint32_t number) const {
  return {number, crypto::derive(uploader_master_.view(), {}, crypto::label::kUploader, big_endian(number))};
}

Result<std::string> certify_uploader(const OwnerKeys& owner, std::uint32_t number, std::int64_t now_unix_s,
                                     std::int64_t until_unix_s) {
  if (number >= format::kCaretakersBegin)
    return fail(Code::usage, "a caretaker signs nothing: it gets no certificate");
  if (until_unix_s <= now_unix_s) return fail(Code::usage, "the certificate would end before it begins");
  return format::sign_certificate(
      {owner.id(), owner.uploader(number).writer_id(), number, now_unix_s, until_unix_s}, owner.identity());
}

Key::Key(std::optional<OwnerKeys> owner, OwnerId id, const Recipient& recipient, UploaderKeys uploader)
    : owner_(std::move(owner)), owner_id_(id), recipient_(recipient), uploader_(std::move(uploader)) {}

Key Key::of_owner(OwnerKeys owner) {
  OwnerId id = owner.id();
  Recipient recipient = owner.recipient();
  UploaderKeys uploader = owner.uploader(0);
  return Key(std::move(owner), id, recipient, std::move(uploader));
}

Key Key::of_uploader(OwnerId owner, const Recipient& recipient, UploaderKeys uploader) {
  return Key(std::nullopt, owner, recipient, std::move(uploader));
}

std::optional<ByteView> Key::recipient_secret() const {
  if (!owner_) return std::nullopt;
  return owner_->recipient_secret();
}

std::optional<UploaderKeys> Key::uploader(std::uint32_t number) const {
  if (owner_) return owner_->uploader(number);
  if (number == uploader_.number()) return uploader_.clone();
  return std::nullopt;
}

bool Key::is_own_writer(std::uint32_t number, const WriterId& writer) const {
  if (number >= format::kCaretakersBegin) return false;
  std::optional<UploaderKeys> keys = uploader(number);
  return keys && keys->writer_id() == writer;
}

format::KnownWriters known_writers(const Key& key, std::int64_t now_unix_s) {
  format::KnownWriters known;
  if (!key.is_caretaker()) known.writers = {key.uploader().writer_id()};
  known.owners = {key.owner_id()};
  if (const OwnerKeys* owner = key.owner())
    known.own = [owner](std::uint32_t number) { return owner->uploader(number).writer_id(); };
  known.now_unix_s = now_unix_s;
  return known;
}

}  // namespace inxt::keys
