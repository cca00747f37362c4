// SPDX-License-Identifier: LGPL-3.0-or-later
// The manifests in an object's record: as they are, or, where they are too long, stored as files themselves.
// Format: inxt-tree(5), "Long manifests".
#pragma once

#include "client/hidden_file.h"
#include "format/object_record.h"

namespace inxt::client {

inline constexpr std::size_t kLongManifestLevelBytesMax = 64 * 1024 * 1024;  // of a manifest of a manifest

/// What a record says of the manifest that `lines` gives, which has `bytes` bytes: itself, up to
/// format::kInlineManifestBytesMax; else it is stored at `hosts`, compressed and mirrored.
/// `inline_bytes_max`: less than that where a record has several manifests: all that stand in it, and its
/// extents, have about 700 KiB (format::kRecordLineBytesMax, in base64). Errors: put_hidden_file()'s; usage
/// when it would be more than format::kManifestLevelsMax deep.
net::Awaitable<Result<format::ManifestRef>> store_manifest(
    Network network, const keys::Key& key, const std::vector<format::Descriptor>& hosts,
    std::unique_ptr<ByteSource> lines, std::uint64_t bytes, HiddenPutOptions options,
    std::size_t inline_bytes_max = format::kInlineManifestBytesMax);

/// The manifest's lines into `out`, finished; `hosts` adds addresses to those that the manifests name.
/// `later`: who knows where a stored one's pieces lie now, when its Hosts have not got them any more.
/// Errors: get_hidden_file()'s; integrity when it has another length than the record says.
net::Awaitable<Result<void>> load_manifest(Network network, const keys::Key& key,
                                           const format::ManifestRef& manifest,
                                           std::vector<transfer::HostAddress> hosts,
                                           std::unique_ptr<ByteSink> out, LaterPlaces* later = nullptr);

/// The manifests of the files in which a long manifest lies, from the one in the record down; none for one that
/// stands in the record itself.  Errors: as load_manifest().
net::Awaitable<Result<std::vector<std::string>>> manifests_above(Network network, const keys::Key& key,
                                                                 const format::ManifestRef& manifest,
                                                                 std::vector<transfer::HostAddress> hosts,
                                                                 LaterPlaces* later = nullptr);

/// Removes the pieces in which a long manifest is stored; nothing to do for one that stands in the record.
/// What the manifest itself names is the caller's, before.  Errors: as remove_hidden_file(), of what could
/// not be read.
net::Awaitable<Result<RemoveReport>> remove_stored_manifest(Network network, const keys::Key& key,
                                                            const format::ManifestRef& manifest,
                                                            std::vector<transfer::HostAddress> hosts,
                                                            RemoveOptions options = {});

}  // namespace inxt::client
