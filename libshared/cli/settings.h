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
/// whose members are long names (a setting that does not go with an option of the command line is left out): strings, whole numbers, true, or arrays of strings for options that repeat.
/// Errors: usage, naming the variable, or the file and member (or line), also for a member that stands there
/// twice. Members that this tool does not know: config.json serves all tools, so they are `others`; in a file
/// of the tool's own they are `refused`, with the name that comes nearest.  Limits: kConfigBytesMax.
enum class UnknownMembers { others, refused };
Result<void> apply_settings(Command& root, const std::string& config_path,
                            UnknownMembers unknown = UnknownMembers::others);

}  // namespace inxt::cli
