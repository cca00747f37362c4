// SPDX-License-Identifier: LGPL-3.0-or-later
// Puts ciphertext together from pieces that lie on this machine.  Tools: inxt-shard(1), --join;
// inxt-encrypt(1), --decrypt.
#pragma once

#include "client/byte_stream.h"
#include "client/encrypt.h"
#include "client/local_paths.h"
#include "client/manifest_table.h"

namespace inxt::client {

struct JoinReport {
  std::uint64_t segments = 0;
  std::uint64_t segments_rebuilt = 0;  // from parity, or another mirror
  std::uint64_t pieces_damaged = 0;    // were there, and not what was signed
};

/// Writes the ciphertext segment by segment to `out` and finishes it.  Pieces are taken from where the
/// manifest's file lines say, else by their id from the folders of `paths`; each is checked before it counts.
/// Errors: too_few_pieces, naming the segments and how many shards they lack; integrity instead when damaged
/// pieces are
///         among the reasons; out's.  Memory: K + M shards.  REQUIRES: the manifest is sealed.
Result<JoinReport> join(const ManifestTable& manifest, const LocalPaths& paths, ByteSink& out,
                        const StageCallbacks& callbacks);

}  // namespace inxt::client
