// SPDX-License-Identifier: LGPL-3.0-or-later
// Looks through a store's files, without its lock and beside a running Host: nothing is written.
#pragma once

#include <functional>
#include <span>

#include "base/ids.h"
#include "sys/directory.h"

namespace inxt::host {

enum class Depth { trailers, whole };  // of each piece: its contract; or every byte against its id too

struct CheckedStore {
  std::uint64_t pieces = 0;     // that are as they should be
  std::uint64_t bytes = 0;      // of their files, with renewals
  std::uint64_t damaged = 0;    // pieces and renewals; each was told
  std::uint64_t strangers = 0;  // files that are no piece; each was told
};

/// Checks names, sizes, trailers, the three tokens' signatures and that they agree, whose Host they name
/// (one of `hosts`, where there are any), and with Depth::whole every byte.  `tell` gets one sentence for
/// each thing that is wrong. Errors: usage when the folder is no store, or of a later version; the disk's for
/// folders that cannot be listed.
Result<CheckedStore> check_store(
    sys::Directory& directory, Depth depth, std::span<const HostId> hosts,
    const std::function<void(const std::string& path, const Error& error)>& tell);

}  // namespace inxt::host
