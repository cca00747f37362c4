// SPDX-License-Identifier: LGPL-3.0-or-later
// Values for options that the command line left out: INXT_* variables, then
// $XDG_CONFIG_HOME/inxt/config.json.
#pragma once

#include "cli/command.h"

namespace inxt::cli {

inline constexpr std::size_t kConfigBytesMax = 65536;

/// "jobs" -> "INXT_JOBS".
std::string variable_name(std::string_view long_name);

/// Gives every setting of `root` and of its chosen subcommand that was not given its value from the
/// environment, else from `config_path`, where it exists: one JSON object, // and /* */ comments allowed,
/// whose members are long names: strings, whole numbers, true, or arrays of strings for options that repeat.
/// Members unknown to this tool are others'. Errors: usage, naming the variable, or the file and member.
/// Limits: kConfigBytesMax.
Result<void> apply_settings(Command& root, const std::string& config_path);

}  // namespace inxt::cli
