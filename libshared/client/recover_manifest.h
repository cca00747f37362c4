// SPDX-License-Identifier: LGPL-3.0-or-later
// Manifests made again from what the tags of a file's pieces say.  The writer's signature over the same bytes
// is the same: what comes out is the manifest that was written, but for stanzas to others, and with the
// places that Hosts name now.
//
// The line of a piece that no Host showed a tag of is made again from K pieces of its segment.
#pragma once

#include "client/manifest_text.h"
#include "client/network.h"
#include "client/recover_holders.h"
#include "client/recover_state.h"

namespace inxt::client {

inline constexpr std::size_t kLostSegmentsNamedMax = 8;

/// What rebuilding works with; all of it outlives the work.
struct RecoverWorld {
  Network network;  // its service is not used
  PiecesOfHolders::ServiceOf service_of;
  const keys::Key& key;  // an owner's
  const RecoverState& state;
  Holders& holders;
  std::vector<transfer::HostAddress> hosts;
  std::function<bool()> stopped = {};
};

struct RebuiltManifest {
  ManifestText text;
  std::uint64_t pieces = 0;
  std::uint64_t places = 0;
  std::uint64_t remade_lines = 0;   // of pieces that no Host showed
  std::uint64_t fetched_bytes = 0;  // for those
};

/// The manifest of the state's file `number`.  Errors: too_few_pieces, naming segments of which fewer than K
/// shards were found, or that its end was not; those of getting pieces.
net::Awaitable<Result<RebuiltManifest>> rebuild_manifest(RecoverWorld& world, std::size_t number);

/// Writes place lines behind a manifest that is known: those of the state that it does not have.  Gives how
/// many.  Nothing where the file was not found.  Errors: those of the state.
Result<std::uint64_t> add_places(const RecoverWorld& world, const ManifestTable& manifest, ManifestText& to);

/// The secret and the private part of a file.  Errors: wrong_key, integrity.
Result<std::pair<format::Generation, format::PrivatePart>> open_found_file(const RecoverState& state,
                                                                           std::size_t number,
                                                                           const keys::Key& key);

}  // namespace inxt::client
