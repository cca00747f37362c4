// SPDX-License-Identifier: LGPL-3.0-or-later
#include "bridge/care_seal.h"

#include "crypto/labels.h"

namespace inxt::bridge {

CareSeal::CareSeal(const crypto::SigningKey& identity)
    : key_(crypto::derive(identity.seed(), {}, crypto::label::kCare)) {}

Bytes CareSeal::seal(crypto::Random& random, ByteView context, ByteView secret) const {
  return crypto::aead_seal(random, key_, context, secret);
}

Result<crypto::SecretBytes> CareSeal::open(ByteView context, ByteView sealed) const {
  auto opened = crypto::aead_open(key_, context, sealed);
  if (!opened)
    return fail(Code::integrity, "a secret of care was sealed by a Bridge of another identity, or altered",
                "start the Bridge with the identity.key that it had");
  return opened;
}

AccountId caretaker_id(const keys::UploaderKeys& caretaker, const crypto::PublicKey& bridge) {
  return caretaker.account_id(HostId{bridge});
}

Result<std::optional<keys::UploaderKeys>> find_caretaker(database::Transaction& transaction,
                                                         const CareSeal& seal, const AccountId& owner,
                                                         const AccountId& caretaker) {
  const auto rows = TRY(transaction.query(
      "SELECT uploader, sealed FROM care_keys WHERE owner = $1 AND caretaker = $2", {owner, caretaker}));
  if (rows.empty()) return std::nullopt;
  const crypto::SecretBytes key = TRY(seal.open(caretaker.view(), rows[0].blob(1)));
  if (key.size() != 32) return fail(Code::integrity, "a caretaker's key in the database has not 32 bytes");
  return keys::UploaderKeys(static_cast<std::uint32_t>(rows[0].integer(0)),
                            crypto::Key(std::span<const std::byte, 32>(key.view())));
}

}  // namespace inxt::bridge
