// SPDX-License-Identifier: LGPL-3.0-or-later
// What keeps caretakers' keys and control seeds secret from whoever has the database alone: sealed under a
// key from the Bridge's identity, which is not in it.
#pragma once

#include "crypto/box.h"
#include "crypto/sign.h"
#include "database/transaction.h"
#include "keys/owner.h"

namespace inxt::bridge {

class CareSeal {
 public:
  /// HKDF(the identity's seed, "inxt/v1/care").
  explicit CareSeal(const crypto::SigningKey& identity);

  /// `context`: what it belongs to, in which alone it opens: a caretaker's id, a contract's hash.
  Bytes seal(crypto::Random& random, ByteView context, ByteView secret) const;
  /// Errors: integrity when it was sealed under another identity, or in another context.
  Result<crypto::SecretBytes> open(ByteView context, ByteView sealed) const;

 private:
  crypto::Key key_;
};

/// A caretaker's name at a Bridge: its account at a Host of that id.
AccountId caretaker_id(const keys::UploaderKeys& caretaker, const crypto::PublicKey& bridge);

/// The keys with which the Bridge stores for what this owner entrusted.  Nothing where there are none.
/// Errors: integrity when the Bridge has another identity than when it was given.
Result<std::optional<keys::UploaderKeys>> find_caretaker(database::Transaction& transaction,
                                                         const CareSeal& seal, const AccountId& owner,
                                                         const AccountId& caretaker);

}  // namespace inxt::bridge
