// SPDX-License-Identifier: LGPL-3.0-or-later
// The folders that a stage may read from because of what a manifest says.
#pragma once

#include "client/local_paths.h"
#include "client/spool.h"

namespace inxt::client {

/// Whether paths may also lie below the working folder: right for lines that a known writer signed together
/// with the hash of what lies there, wrong for others.
enum class WorkingFolder { no, yes };

struct StageFolders {
  Spool spool;
  LocalPaths paths;
};

/// The user's spool, and `folders`.  The working folder does not count when it is the root: that would be
/// everything. Errors: those of Spool and LocalPaths.
Result<StageFolders> stage_folders(const std::vector<std::string>& folders, WorkingFolder working);

}  // namespace inxt::client
