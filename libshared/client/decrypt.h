// SPDX-License-Identifier: LGPL-3.0-or-later
// Ciphertext on this machine back to plaintext.  Tool: inxt-encrypt(1), --decrypt.
#pragma once

#include "client/byte_stream.h"
#include "client/encrypt.h"
#include "client/manifest_table.h"

namespace inxt::client {

/// Ciphertext that is checked against the piece ids of a manifest before it is given on: the data shards are
/// sealed again, and must be the pieces that were signed.  Memory: one segment and one shard.
class CheckedCiphertext final : public ByteSource {
 public:
  /// Both must outlive this.  REQUIRES: the manifest is sealed.
  CheckedCiphertext(const ManifestTable& manifest, ByteSource& ciphertext)
      : manifest_(manifest), ciphertext_(ciphertext) {}
  /// Errors: integrity, with the segment, when the ciphertext is another, or shorter or longer; the source's.
  Result<std::size_t> read(ByteSpan out) override;

 private:
  Result<void> load();

  const ManifestTable& manifest_;
  ByteSource& ciphertext_;
  Bytes segment_, sealed_;
  std::size_t segment_end_ = 0, segment_at_ = 0;
  std::uint64_t next_ = 0;
  bool ended_ = false;
};

/// Everything `from` gives, written to `to`, and `to` finished.  Errors: both's.
Result<void> pump(ByteSource& from, ByteSink& to, const StageCallbacks& callbacks);

}  // namespace inxt::client
