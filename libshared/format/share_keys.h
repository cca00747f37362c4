// SPDX-License-Identifier: LGPL-3.0-or-later
// What follows from a share's secret s: whoever has it is the reader.  Format: inxt-share(5), "Keys".
#pragma once

#include "crypto/kdf.h"
#include "crypto/random.h"
#include "crypto/sign.h"
#include "format/tree_ops.h"

namespace inxt::format {

class ShareKeys {
 public:
  /// REQUIRES: 32 bytes.
  static ShareKeys of(ByteView secret);
  static ShareKeys fresh(crypto::Random& random);

  const crypto::Key& secret() const { return secret_; }
  const ShareId& id() const { return id_; }  // what the Bridge knows it by
  const crypto::Key& bundle_key() const { return bundle_key_; }
  /// The reader's TLS key, at the Bridge and at Hosts.
  const crypto::SigningKey& client() const { return client_; }

 private:
  ShareKeys() = default;
  crypto::Key secret_;
  ShareId id_;
  crypto::Key bundle_key_;
  crypto::SigningKey client_;
};

/// All that a reader is given: by a link, or by a share file.
struct ShareAccess {
  ShareKeys keys;
  crypto::PublicKey bridge{};
  std::vector<std::string> addresses;  // of the Bridge, in the order they are tried
  WriterId writer;                     // who signs the bundle
};

}  // namespace inxt::format
