// SPDX-License-Identifier: AGPL-3.0-or-later
// inxt-get --share and --link.
#pragma once

#include "get_tool.h"

namespace inxt::get_tool {

/// A file of a share, or with -R a folder of it, below the folder that -o names.
Result<cli::Exit> get_shared(cli::World& world, const Options& options);

}  // namespace inxt::get_tool
