// SPDX-License-Identifier: LGPL-3.0-or-later
#include "cli/check_options.h"

#include <fmt/format.h>

namespace inxt::cli {

Result<void> check_options(const Command& root) {
  const Command* chosen = nullptr;
  for (const Command& sub : root.subcommands())
    if (*sub.chosen() == sub.name()) chosen = &sub;
  if (chosen == nullptr && root.needs_subcommand()) {
    std::string names;
    for (const Command& sub : root.subcommands()) names += (names.empty() ? "" : ", ") + sub.name();
    return fail(Code::usage, fmt::format("a subcommand is needed: {}", names), "--help says what they do");
  }
  for (const Command* command : {&root, chosen}) {
    if (command == nullptr || (command == &root && chosen != nullptr))
      continue;  // the chosen one's rules count
    for (const Option& option : command->options()) {
      if (option.is_required && !option.given)
        return fail(Code::usage,
                    option.is_positional()
                        ? fmt::format("{} is missing", option.value_name)
                        : fmt::format("--{} {} is missing", option.long_name, option.value_name),
                    "--help shows what is expected");
      if (option.given)
        for (const std::string& other : option.conflicts)
          for (const Option& second : command->options())
            if (second.given && second.long_name == other)
              return fail(Code::usage,
                          fmt::format("--{} and --{} do not go together", option.long_name, other));
    }
  }
  return {};
}

}  // namespace inxt::cli
