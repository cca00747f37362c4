// SPDX-License-Identifier: LGPL-3.0-or-later
// What an owner's tree of names is encrypted under, and the id of its log.  Format: inxt-tree(5), "Keys".
#pragma once

#include "base/ids.h"
#include "crypto/kdf.h"

namespace inxt::format {

using LogId = Id<struct LogIdTag, 16>;        // names an owner's log; public, the same at every Bridge
using RecordId = Id<struct RecordIdTag, 32>;  // hash of an object record's line: one version of one object
using ObjectId = Id<struct ObjectIdTag, 32>;  // the id of an object's first record

/// Only the owner has it: it comes from the owner's recipient key, so the words bring it back.
class TreeKey {
 public:
  /// REQUIRES: 32 bytes (keys::OwnerKeys::recipient_secret).
  static TreeKey of(ByteView recipient_secret);

  const LogId& log() const { return log_; }
  /// Keys of the bodies that the owner writes: of all records and of all entries of this log.
  const crypto::Key& record_key() const { return record_key_; }
  const crypto::Key& entry_key() const { return entry_key_; }
  /// Of the folded tree that a machine of the owner keeps.
  const crypto::Key& cache_key() const { return cache_key_; }
  /// X25519; opens what a delegated uploader sealed.
  ByteView recipient_secret() const { return recipient_secret_.view(); }

 private:
  TreeKey() = default;
  LogId log_;
  crypto::Key record_key_, entry_key_, cache_key_, recipient_secret_;
};

}  // namespace inxt::format
