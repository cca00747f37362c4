// SPDX-License-Identifier: LGPL-3.0-or-later
// Cuts ciphertext that a manifest names into pieces, while the manifest still comes.  Tool: inxt-shard(1).
#pragma once

#include "client/encrypt.h"
#include "client/piece_folder.h"
#include "format/layout.h"

namespace inxt::client {

struct ShardReport {
  std::uint64_t segments = 0;
  std::uint64_t pieces = 0;
  std::uint64_t ciphertext_bytes = 0;
};

/// Passes header and stanzas on as they are; then its layout, for each piece a piece line and a file line
/// once its file is there, and the seal.  `layout` has a fresh seal key.  The tags hold
/// fresh control keys that are then forgotten.  REQUIRES: check_layout(layout); `from` has read nothing yet.
/// Errors: the source's (an upstream's error line is in from.error_line()); denied when the manifest was
/// begun by another
///         key; usage when it has pieces already.  Memory: one chunk and two segments.
Result<ShardReport> shard(const keys::Key& key, ChunkSource& from, const format::Layout& layout,
                          crypto::Random& random, const PieceFolder& to, const StageCallbacks& callbacks);

}  // namespace inxt::client
