// SPDX-License-Identifier: LGPL-3.0-or-later
// Stores the log itself as pieces, so that the words alone bring it back when every Bridge is gone.
// Format: inxt-tree(5), "Segments".
//
// A segment is a file named .inxt-log: the lines of a run of entries, and before each entry those of the
// records that it names.  A tool that changed the tree calls store_log_segments() at its end, with the Hosts
// that it used anyway.
#pragma once

#include "client/hidden_file.h"
#include "client/tree.h"

namespace inxt::client {

inline constexpr std::uint64_t kSegmentBytesMax =
    16 * 1024 * 1024;  // of lines; an entry's own lines may pass it
inline constexpr std::uint64_t kSegmentEntriesMax = 4096;
inline constexpr std::size_t kSegmentsBeforeJoin = 32;

struct SegmentReport {
  std::uint64_t entries = 0;               // stored now
  unsigned segments = 0;                   // made now
  unsigned joined = 0;                     // replaced by one that has all of them
  std::vector<std::string> troubles = {};  // of joining: nothing is lost by it
};

/// How the pieces of a segment are removed that was joined with others.
using RemoveSegment = std::function<net::Awaitable<Result<RemoveReport>>(const std::string& manifest)>;

/// Stores all entries that no segment has yet, and appends an entry that says so; nothing where there are
/// none.  Where more than kSegmentsBeforeJoin segments are there then, the latest are joined to one and their
/// pieces removed: by `remove`, or remove_hidden_file() where that is null; they are read with `later`,
/// as in get_hidden_file(). `addresses` adds to what manifests of older segments say.  REQUIRES: a readable view.
/// Errors: usage without Hosts; those of put() and of the view.  What was stored before an error is in the
/// log.
net::Awaitable<Result<SegmentReport>> store_log_segments(Network network, TreeView& view,
                                                         const std::vector<format::Descriptor>& hosts,
                                                         std::vector<transfer::HostAddress> addresses,
                                                         HiddenPutOptions options,
                                                         RemoveSegment remove = {},
                                                         LaterPlaces* later = nullptr);

}  // namespace inxt::client
