// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include "cli/command.h"

namespace inxt::cli {

/// After settings have been applied: required options, conflicts, a missing subcommand.  Errors: usage.
Result<void> check_options(const Command& root);

}  // namespace inxt::cli
