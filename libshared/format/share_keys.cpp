// SPDX-License-Identifier: LGPL-3.0-or-later
#include "format/share_keys.h"

#include <algorithm>

#include "base/check.h"
#include "crypto/labels.h"

namespace inxt::format {

ShareKeys ShareKeys::of(ByteView secret) {
  CHECK_BUG(secret.size() == 32);
  ShareKeys out;
  out.secret_ = crypto::Key(secret.first<32>());
  const auto id = crypto::derive(secret, {}, crypto::label::kShareId);
  std::ranges::copy(id.view().first(out.id_.bytes.size()), out.id_.bytes.begin());
  out.bundle_key_ = crypto::derive(secret, {}, crypto::label::kShareKey);
  const auto seed = crypto::derive(secret, {}, crypto::label::kShareClient);
  out.client_ = crypto::SigningKey::from_seed(seed.view());
  return out;
}

ShareKeys ShareKeys::fresh(crypto::Random& random) {
  crypto::Key secret;
  random.fill(secret.span());
  return of(secret.view());
}

}  // namespace inxt::format
