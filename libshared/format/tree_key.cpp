// SPDX-License-Identifier: LGPL-3.0-or-later
#include "format/tree_key.h"

#include <algorithm>

#include "base/check.h"
#include "crypto/labels.h"

namespace inxt::format {

TreeKey TreeKey::of(ByteView recipient_secret) {
  CHECK_BUG(recipient_secret.size() == 32);
  TreeKey out;
  const auto tree = crypto::derive(recipient_secret, {}, crypto::label::kTree);
  const auto log = crypto::derive(tree.view(), {}, crypto::label::kLogId);
  std::ranges::copy(log.view().first(out.log_.bytes.size()), out.log_.bytes.begin());
  out.record_key_ = crypto::derive(tree.view(), {}, crypto::label::kRecordKey, out.log_.view());
  out.entry_key_ = crypto::derive(tree.view(), {}, crypto::label::kEntryKey, out.log_.view());
  out.cache_key_ = crypto::derive(tree.view(), {}, crypto::label::kTreeCache, out.log_.view());
  out.recipient_secret_ = crypto::Key(recipient_secret.first<32>());
  return out;
}

}  // namespace inxt::format
