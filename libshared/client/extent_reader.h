// SPDX-License-Identifier: LGPL-3.0-or-later
// The plaintext of an object that lies in several files, or in one: the runs that its record says, one after
// another.  The one way from a record's extents to bytes.
#pragma once

#include "client/get_file.h"
#include "format/object_record.h"

namespace inxt::client {

/// A file whose secret is known.
struct OpenFile {
  ManifestTable manifest;
  format::Generation generation;
  format::PrivatePart part;
};
/// Opens manifest `number` of the object.
using OpenManifest =
    std::function<net::Awaitable<Result<std::shared_ptr<const OpenFile>>>(std::uint32_t number)>;

/// As whom pieces are got: those of each uploader lie under its own accounts.
struct GetAs {
  Network network;
  TransferReceipts* receipts = nullptr;  // as GetOptions::receipts
};
using GetAsOf = std::function<GetAs(std::uint32_t uploader)>;
/// All of them as the same.
GetAsOf always(Network network);

struct ExtentOptions {
  std::vector<transfer::HostAddress> hosts = {};  // newer addresses
  GetOptions get = {};                            // first, end and receipts are ours
  GetCallbacks callbacks = {};
};

/// The object's bytes, or a range of them, into `plain`, which is finished.  `extents`: as in a record; none:
/// the whole of manifest 0, which has `bytes` bytes where that is known; nothing, and no manifest is opened,
/// where it has 0.  Each manifest is opened once for a run of extents that are its own. Errors: open's;
/// get_file()'s; usage when the range begins behind the object's end; integrity when a manifest's plaintext
/// is shorter or longer than the extents say.
net::Awaitable<Result<GetReport>> read_extents(GetAsOf as, const std::vector<format::Extent>& extents,
                                               std::optional<std::uint64_t> bytes, OpenManifest open,
                                               std::unique_ptr<ByteSink> plain,
                                               std::optional<PlainRange> range, ExtentOptions options);

/// The bytes [first, end) to `to`, whose finish() is the caller's; adds what was done to `sum`.
/// REQUIRES: first <= end <= the end of the last extent.  Errors: as read_extents().
net::Awaitable<Result<void>> read_between(const GetAsOf& as, const std::vector<format::Extent>& extents,
                                          std::uint64_t first, std::uint64_t end, const OpenManifest& open,
                                          ByteSink& to, const ExtentOptions& options, GetReport& sum);

}  // namespace inxt::client
