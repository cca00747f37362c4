// SPDX-License-Identifier: LGPL-3.0-or-later
// Ends versions of files: their pieces, their manifests, their records.  Nothing brings them back.  Tool:
// inxt-rm(1).
#pragma once

#include <functional>
#include <set>

#include "client/remove.h"
#include "client/tree_session.h"

namespace inxt::client {

struct PurgeReport {
  std::uint64_t versions = 0;  // ended
  std::uint64_t failed = 0;    // with pieces that may still be there: they stay kept, to be tried again
  std::uint64_t pieces = 0;    // removed
  std::uint64_t left = 0;      // at Hosts that did not answer, until their terms end; see leave_silent
  Code worst = Code::try_again;
  std::vector<std::string> troubles = {};  // one sentence a version or Host
};

/// Records that a name shows, or that are objects without one: these are not purged.  A name that a delegated
/// machine gave to a record of which the owner's version is kept does not count, as in the tree's own purge.
/// Cost: of all names.
std::set<format::RecordId> shown_records(const tree::Tree& tree);

/// Records of the versions that are kept of the paths that `is_meant` says.  One that a delegated machine
/// named, and of which the owner's version is kept, only by the owner's path: else removing a false name for
/// good would end the owner's version.  Cost: of all that is kept.
std::vector<format::RecordId> kept_records(const tree::Tree& tree,
                                           const std::function<bool(std::string_view path)>& is_meant);

/// Ends these versions.  What a name shows is passed over; segments that a version of the same object uses
/// that stays are kept, with their manifests (a write at an offset makes such), and those of other objects of
/// as many bytes (inxt-put gives one manifest several names).  Versions whose pieces are
/// gone are purged from the log in one change, and their records removed.  `hosts`: newer addresses. Errors:
/// denied on a delegated machine; those of TreeView::append; what was removed by then is gone.  Cost: reads
/// the records of all versions of these objects, and of all that have as many bytes.
Result<PurgeReport> purge_versions(TreeSession& tree, const std::vector<format::RecordId>& records,
                                   RemoveOptions options, std::vector<transfer::HostAddress> hosts = {});

}  // namespace inxt::client
