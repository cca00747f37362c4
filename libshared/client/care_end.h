// SPDX-License-Identifier: LGPL-3.0-or-later
// Before a file's pieces are deleted: its care ends, so that no Bridge brings them back, and what the Bridge
// put elsewhere is deleted, too.  Tools: inxt-rm(1), inxt-rekey(1).
#pragma once

#include "client/care.h"
#include "client/remove.h"
#include "client/session.h"

namespace inxt::client {

/// Ends it, and gives the places that the Bridge made; none where it was not in its care.
/// Errors: those of BridgeCare; try_again where the Bridge makes places faster than they can be read.
net::Awaitable<Result<std::vector<format::CarePlace>>> end_care(transfer::BridgeCare& care, FileId file);

/// The same for some segments of it, while the others stay in care: one request for each run of them.  All
/// the file's places, also those of others.
net::Awaitable<Result<std::vector<format::CarePlace>>> end_care_segments(
    transfer::BridgeCare& care, FileId file, std::vector<transfer::CareSegments> runs);

/// Ends it, and removes what lies at the Hosts that the Bridge put pieces of it at, under the accounts of its
/// caretakers.  Nothing where it was not in its care.  REQUIRES: an owner's key; all of it outlives this.
/// Errors: those of end_care(); what could not be removed is in the report.
net::Awaitable<Result<RemoveReport>> end_care_elsewhere(Session& session, transfer::BridgeCare& care,
                                                        const keys::Key& key, const ManifestTable& manifest,
                                                        const std::vector<transfer::HostAddress>& hosts,
                                                        const RemoveOptions& options);

/// Removes what lies at these places, under the accounts of their caretakers, kCaretakersReadMax of them at
/// most: the others' places count as failed. Errors: none of its own; the report says what failed.
Result<RemoveReport> remove_elsewhere(Session& session, const keys::Key& key, const ManifestTable& manifest,
                                      const std::vector<format::CarePlace>& places,
                                      const std::vector<transfer::HostAddress>& hosts,
                                      const RemoveOptions& options);

/// Ends the care of the manifest's file, or of its options.only_segments, where there is a Bridge, then
/// removes the pieces that its places name and those that the Bridge put elsewhere, under the accounts of its
/// caretakers.  REQUIRES: an owner's key. Errors: those of end_care(): then nothing was removed.
Result<RemoveReport> remove_with_care(Session& session, transfer::BridgeCare* care, const keys::Key& key,
                                      const ManifestTable& manifest,
                                      const std::vector<transfer::HostAddress>& hosts,
                                      const RemoveOptions& options);

}  // namespace inxt::client
