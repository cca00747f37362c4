// SPDX-License-Identifier: LGPL-3.0-or-later
// Puts files into an owner's tree: their pieces to Hosts, their records and names to the Bridge, many at
// once. Tool: inxt-put(1), with a destination inxt:/...
//
// Small files go several at a time and share placements; records and names go together in requests of many.
// What was put is in the log after each of these requests, and what was not is in the journals: the same
// command goes on there.
#pragma once

#include "client/byte_stream.h"
#include "client/manifest_head.h"
#include "client/placed_batch.h"
#include "client/tree_session.h"

namespace inxt::client {

inline constexpr unsigned kSmallFilesAtOnce = 12;
inline constexpr std::size_t kRecordsTogether = 128;                  // in one request to the Bridge
inline constexpr std::size_t kRecordBytesTogether = 2 * 1024 * 1024;  // or so many bytes of them
inline constexpr std::int64_t kRecordsWaitMs = 10'000;                // or what was put in so much time

struct FileToPut {
  std::string local;                        // opened when its turn comes; empty: standard input
  std::string path;                         // in the tree
  std::optional<std::uint64_t> bytes = {};  // as it was last seen
  std::string begin = {};                   // of standard input: what was read of it already
};

struct PutFilesOptions {
  PutOptions put = {};
  Content content = {};
  std::vector<keys::Recipient> recipients = {};
  std::optional<format::Layout> layout = {};  // none: the Bridge decides
  bool is_shard_size_fixed = false;
  format::PlacementAllowances allow = {};
  std::vector<format::Descriptor> hosts = {};  // where there are some, the Bridge places nothing
  format::Metadata metadata = {};              // of every file
  int stop_fd = -1;
};

/// What came of one file.
struct PutFile {
  const FileToPut* file = nullptr;
  format::ObjectId object;
  format::RecordId record;
  std::uint64_t bytes = 0;
  PutReport report;
  std::optional<Error> error = {};  // it was left out
};

struct PutFilesCallbacks {
  /// When it stands in the log, or was left out.
  std::function<void(const PutFile&)> on_file = {};
  std::function<void(std::uint64_t bytes, unsigned hosts)> on_progress = {};
  std::function<void(const transfer::StoredPiece&)> on_receipt = {};
  /// Something that a person may want to know.
  std::function<void(const std::string&)> on_note = {};
  std::function<bool()> stopped = {};
};

struct PutFilesReport {
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  std::uint64_t failed = 0;
  std::uint64_t below = 0;                           // files with segments below the asked redundancy
  std::optional<std::uint32_t> least_to_spare = {};  // Hosts that every file can lose
  std::uint64_t resumed = 0;                         // files that an earlier put was cut off in
  std::size_t left = 0;                              // puts that were cut off and are none of these
  std::vector<tree::Note> notes = {};
};

/// `before`: operations that come first (folders); they and the files are one change where they fit.
/// Errors: what ends all: quota, denied by the Bridge, integrity of the log, a stop; what stands in the log
/// by then stays. A file that cannot be read, or changes meanwhile, is left out and counted.
net::Awaitable<Result<PutFilesReport>> put_files(TreeSession& tree, std::vector<format::Op> before,
                                                 const std::vector<FileToPut>& files, PutFilesOptions options,
                                                 PutFilesCallbacks callbacks);

}  // namespace inxt::client
