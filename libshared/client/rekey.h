// SPDX-License-Identifier: LGPL-3.0-or-later
// A file under a new secret: read from its Hosts, encrypted anew and put, in one pass.  Tool: inxt-rekey(1).
//
// Nothing of the old file is touched here: whoever has noted the new one removes the old pieces.
#pragma once

#include "client/extent_reader.h"
#include "client/put.h"
#include "client/segment_hosts.h"
#include "client/session.h"

namespace inxt::client {

/// A file as it is now.
struct RekeySource {
  std::vector<std::shared_ptr<const OpenFile>> manifests;
  std::vector<format::Extent> extents = {};  // none: the whole of the first manifest
  std::optional<std::uint64_t> bytes = {};
  std::vector<transfer::HostAddress> hosts = {};  // newer addresses
  unsigned jobs = kGetJobsDefault;
  std::optional<format::BridgeFile> bridge = {};  // which may know of later places
};

/// Opens a manifest with the key's own stanza.  Errors: those of manifests and keys.
Result<std::shared_ptr<const OpenFile>> open_file_of(const keys::Key& key, std::string_view manifest,
                                                     std::int64_t now_unix_s);

/// The recipients of the first manifest beside the owner, without `dropped`.  Errors: integrity for one that
/// is none.
Result<std::vector<keys::Recipient>> kept_recipients(const RekeySource& source, const keys::Key& key,
                                                     const std::vector<keys::Recipient>& dropped);

/// Where the new pieces go.
struct RekeyTarget {
  Session& session;
  std::vector<format::Descriptor> hosts = {};
  SegmentHostSource* placed = nullptr;  // where a Bridge places
  /// Announces the file; may change what the layout is.
  std::function<Result<format::Layout>(const FileId& file, const format::Layout& layout)> begin = {};
};

/// Puts it with the same name, times, compression and layout under a new secret; the new manifest's lines go
/// to `write`. REQUIRES: an owner's key; not on the loop's thread of target.session. Errors: read_extents()'s
/// and put()'s; below_redundancy where segments lack pieces: what was put is the caller's to remove.
Result<PutReport> rekey(RekeyTarget target, const keys::Key& key, const RekeySource& source,
                        const std::vector<keys::Recipient>& recipients, PutOptions options,
                        PutCallbacks callbacks, const sys::Clock& clock, crypto::Random& random);

}  // namespace inxt::client
