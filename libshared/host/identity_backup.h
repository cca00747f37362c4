// SPDX-License-Identifier: LGPL-3.0-or-later
// A Host's identity as a file to keep elsewhere, sealed under a passphrase as key files are.  Format:
// inxt-key(5), "The backup of a Host's identity".
#pragma once

#include "host/identity.h"
#include "keys/sealed_json.h"

namespace inxt::host {

/// The text, with its newline.  Without a passphrase it is in the clear.
/// Errors: usage for an empty passphrase or one that is too long.
Result<crypto::SecretBytes> write_backup(const Identity& identity, std::optional<ByteView> passphrase,
                                         crypto::Random& random, keys::SealCost cost = {});

/// A backup that has been read but not opened.
class Backup {
 public:
  /// Errors: integrity, naming the member that is wrong.  Limits: keys::kKeyFileBytesMax.
  static Result<Backup> parse(std::string_view text);

  bool sealed() const { return file_.sealed(); }
  const HostId& id() const { return id_; }

  /// REQUIRES: a passphrase if and only if sealed().
  /// Errors: wrong_key; integrity when the secret is not the key of the id beside it.
  Result<Identity> open(std::optional<ByteView> passphrase) const;

 private:
  keys::SealedJson file_;
  HostId id_;
  std::vector<std::string> succession_;
  std::vector<HostId> former_;
};

}  // namespace inxt::host
