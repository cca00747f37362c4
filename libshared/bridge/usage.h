// SPDX-License-Identifier: LGPL-3.0-or-later
// What is used of quotas.  Each function is a part of the caller's transaction.
#pragma once

#include "bridge/authority.h"

namespace inxt::bridge {

/// Adds to the use of every holder of the chain.  Errors: quota, naming the permit whose quota would be
/// passed; the database's.
Result<void> take_quota(database::Transaction& transaction, const Authority& authority, std::int64_t bytes);

/// The same for a change that nobody is asked about, up or down: `path` and all above it.
Result<void> add_usage(database::Transaction& transaction, const UsagePath& path, std::int64_t bytes);

/// Takes away what is kept of a path, and of those above it, where nothing is used, placed or charged any more and nobody comes
/// after it.
Result<void> forget_unused(database::Transaction& transaction, const UsagePath& path);

/// 0 where nothing was ever used.
Result<std::int64_t> used_bytes(database::Transaction& transaction, const UsagePath& path);

}  // namespace inxt::bridge
