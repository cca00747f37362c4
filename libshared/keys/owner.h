// SPDX-License-Identifier: LGPL-3.0-or-later
// Every lasting key of an owner, from the entropy behind the words.  Format: inxt-key(5).
//
//   words -> seed -> SLIP-0010 m/1768847476'/role'     role 0 identity, 1 recipient, 2 uploader master
//   U_n = HKDF(master, "inxt/v1/uploader", n u32) -> writer W_n, and one account A_n,h for each Host h
#pragma once

#include <optional>

#include "base/ids.h"
#include "crypto/kdf.h"
#include "crypto/sign.h"
#include "format/certificate.h"
#include "keys/bech32.h"
#include "keys/words.h"

namespace inxt::keys {

inline constexpr std::uint32_t kPurpose = 0x696e7874;  // "inxt", the first step of the path

/// What one uploader signs with.  Number 0 is the owner.
class UploaderKeys {
 public:
  UploaderKeys(std::uint32_t number, crypto::Key uploader_key, std::string certificate = {});

  std::uint32_t number() const { return number_; }
  const crypto::SigningKey& writer() const { return writer_; }  // signs manifests
  WriterId writer_id() const { return {writer_.public_key()}; }
  /// TLS client key at this Host and the signer of offers there: two Hosts cannot tell that they serve one
  /// owner.
  crypto::SigningKey account(const HostId& host) const;
  AccountId account_id(const HostId& host) const { return {account(host).public_key()}; }
  /// The owner's token for the writer key (inxt-certificate); empty where none was made.
  const std::string& certificate() const { return certificate_; }
  /// U_n, for a key file.
  ByteView uploader_key() const { return uploader_key_.view(); }
  UploaderKeys clone() const { return {number_, uploader_key_.clone(), certificate_}; }

 private:
  std::uint32_t number_;
  crypto::Key uploader_key_;
  crypto::SigningKey writer_;
  std::string certificate_;
};

class OwnerKeys {
 public:
  /// REQUIRES: 16 or 32 bytes.  Cost: one PBKDF2, about a millisecond.
  static OwnerKeys from_entropy(ByteView entropy);

  ByteView entropy() const { return entropy_.view(); }
  crypto::SecretBytes words() const { return words_from_entropy(entropy()); }
  const crypto::SigningKey& identity() const { return identity_; }
  OwnerId id() const { return {identity_.public_key()}; }
  ByteView recipient_secret() const { return recipient_secret_.view(); }  // X25519
  const Recipient& recipient() const { return recipient_; }
  UploaderKeys uploader(std::uint32_t number) const;

 private:
  OwnerKeys() = default;
  crypto::SecretBytes entropy_;
  crypto::SigningKey identity_;
  crypto::Key recipient_secret_;
  Recipient recipient_{};
  crypto::Key uploader_master_;
};

/// An owner-signed, expiring certificate (JWS, type "inxt-certificate") of uploader `number`'s writer key.
/// Errors: usage when `until_unix_s` is not after `now_unix_s`, and for a caretaker's number.
Result<std::string> certify_uploader(const OwnerKeys& owner, std::uint32_t number, std::int64_t now_unix_s,
                                     std::int64_t until_unix_s);

/// The key that a tool works with: an owner's, or a delegated machine's, which encrypts, puts, lists and
/// audits but neither decrypts nor deletes, or a caretaker's, which stores what others have written.
class Key {
 public:
  static Key of_owner(OwnerKeys owner);
  static Key of_uploader(OwnerId owner, const Recipient& recipient, UploaderKeys uploader);

  bool is_owner() const { return owner_.has_value(); }
  bool is_caretaker() const { return uploader_.number() >= format::kCaretakersBegin; }
  /// nullptr on a delegated machine.
  const OwnerKeys* owner() const { return owner_ ? &*owner_ : nullptr; }
  /// What opens stanzas and tags; nullopt on a delegated machine.
  std::optional<ByteView> recipient_secret() const;

  const OwnerId& owner_id() const { return owner_id_; }
  const Recipient& recipient() const { return recipient_; }   // the owner's: always the first stanza
  const UploaderKeys& uploader() const { return uploader_; }  // number 0 for an owner

  /// Whether `writer` is uploader `number` of this key: any number for an owner, its own for a delegated
  /// machine.  Never a caretaker's: it writes nothing.
  bool is_own_writer(std::uint32_t number, const WriterId& writer) const;
  /// Uploader `number`; nullopt where this key cannot derive it.
  std::optional<UploaderKeys> uploader(std::uint32_t number) const;

 private:
  Key(std::optional<OwnerKeys> owner, OwnerId id, const Recipient& recipient, UploaderKeys uploader);
  std::optional<OwnerKeys> owner_;
  OwnerId owner_id_;
  Recipient recipient_;
  UploaderKeys uploader_;
};

/// The writers that a reader with this key trusts: its own uploaders, and those its owner certified. --signer
/// adds to it. REQUIRES: `key` outlives what is returned.
format::KnownWriters known_writers(const Key& key, std::int64_t now_unix_s);

}  // namespace inxt::keys
