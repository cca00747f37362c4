// SPDX-License-Identifier: LGPL-3.0-or-later
#include "cli/command.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

#include "base/check.h"
#include "cli/escape.h"
#include "cli/units.h"

namespace inxt::cli {

Result<std::int64_t> parse_integer(std::string_view text, std::int64_t min, std::int64_t max) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size() || number < min ||
      number > max)
    return fail(Code::usage, fmt::format("\"{}\" is not a whole number from {} to {}",
                                         escape(text.substr(0, 64)), min, max));
  return number;
}

Option& Command::add(std::string_view names, std::string value_name, TakeValue take, std::string help) {
  Option& option = options_.emplace_back();
  if (!names.empty()) {
    if (names.size() > 3 && names[2] == ',') {
      option.short_name = names[1];
      names.remove_prefix(3);
    }
    CHECK_BUG(names.starts_with("--") && names.size() > 3);
    option.long_name = names.substr(2);
  }
  option.value_name = std::move(value_name);
  option.take = std::move(take);
  option.help = std::move(help);
  return option;
}

Option& Command::flag(std::string_view names, bool& to, std::string help) {
  return add(
      names, "",
      [&to](std::string_view value) -> Result<void> {
        to = value != "false";
        return {};
      },
      std::move(help));
}

Option& Command::count(std::string_view names, int& to, std::string help) {
  return add(
      names, "",
      [&to](std::string_view) -> Result<void> {
        ++to;
        return {};
      },
      std::move(help));
}

Option& Command::text(std::string_view names, std::string value_name, std::string& to, std::string help) {
  return value(
      names, std::move(value_name),
      [&to](std::string_view text) -> Result<void> {
        to = text;
        return {};
      },
      std::move(help));
}

Option& Command::text(std::string_view names, std::string value_name, std::optional<std::string>& to,
                      std::string help) {
  return value(
      names, std::move(value_name),
      [&to](std::string_view text) -> Result<void> {
        to = text;
        return {};
      },
      std::move(help));
}

Option& Command::texts(std::string_view names, std::string value_name, std::vector<std::string>& to,
                       std::string help) {
  Option& option = value(
      names, std::move(value_name),
      [&to](std::string_view text) -> Result<void> {
        to.emplace_back(text);
        return {};
      },
      std::move(help));
  option.repeats = true;
  return option;
}

Option& Command::choice(std::string_view names, std::vector<std::string> choices, std::string& to,
                        std::string help) {
  Option& option = value(
      names, fmt::format("{}", fmt::join(choices, "|")),
      [&to, choices](std::string_view text) -> Result<void> {
        if (std::find(choices.begin(), choices.end(), text) == choices.end())
          return fail(Code::usage, fmt::format("\"{}\" is none of {}", escape(text.substr(0, 64)),
                                               fmt::join(choices, ", ")));
        to = text;
        return {};
      },
      std::move(help));
  option.choices = std::move(choices);
  return option;
}

Option& Command::size(std::string_view names, std::string value_name, std::optional<std::uint64_t>& bytes_to,
                      std::string help) {
  return value(
      names, std::move(value_name),
      [&bytes_to](std::string_view text) -> Result<void> {
        bytes_to = TRY(parse_size(text));
        return {};
      },
      std::move(help));
}

Option& Command::duration(std::string_view names, std::string value_name,
                          std::optional<std::int64_t>& seconds_to, std::string help) {
  return value(
      names, std::move(value_name),
      [&seconds_to](std::string_view text) -> Result<void> {
        seconds_to = TRY(parse_duration_s(text));
        return {};
      },
      std::move(help));
}

Option& Command::attached(std::string_view names, std::string value_name, std::optional<std::string>& to,
                          std::string value_without, std::string help) {
  Option& option = text(names, std::move(value_name), to, std::move(help));
  option.attached_only = true;
  option.value_without = std::move(value_without);
  return option;
}

Option& Command::value(std::string_view names, std::string value_name, TakeValue take, std::string help) {
  CHECK_BUG(!value_name.empty());
  return add(names, std::move(value_name), std::move(take), std::move(help));
}

Option& Command::positional(std::string value_name, std::string& to, std::string help) {
  return text("", std::move(value_name), to, std::move(help)).required();
}

Option& Command::positional(std::string value_name, std::optional<std::string>& to, std::string help) {
  return text("", std::move(value_name), to, std::move(help));
}

Option& Command::positionals(std::string value_name, std::vector<std::string>& to, std::string help) {
  return texts("", std::move(value_name), to, std::move(help));
}

Command& Command::subcommand(std::string name, std::string help, std::string& chosen) {
  Command& command = subcommands_.emplace_back(std::move(name), std::move(help));
  command.chosen_ = &chosen;
  return command;
}

}  // namespace inxt::cli
