// SPDX-License-Identifier: LGPL-3.0-or-later
#include "cli/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <set>

#include "base/edit_distance.h"
#include "cli/escape.h"
#include "sys/files.h"

namespace inxt::cli {
namespace {

using Config = nlohmann::json;

Result<Config> read_config(const std::string& path) {
  if (auto status = sys::status_of(path); !status && status.error().code == Code::not_found)
    return Config::object();
  const Bytes bytes = TRY(sys::read_file(path, kConfigBytesMax, "configuration file (kConfigBytesMax)"));
  const std::string_view text = text_of(bytes);
  std::set<std::string, std::less<>> names;
  std::string twice;
  const auto look = [&](int depth, Config::parse_event_t event, const Config& parsed) {
    if (event == Config::parse_event_t::key && depth == 1 && !names.insert(parsed.get<std::string>()).second)
      twice = parsed.get<std::string>();
    return true;
  };
  Config config;
  try {
    config = Config::parse(text, look, /*allow_exceptions=*/true, /*ignore_comments=*/true);
  } catch (const Config::parse_error& error) {
    const std::size_t at = std::min(error.byte, text.size());
    return fail(Code::usage, fmt::format("{}: line {} is not JSON", path,
                                         1 + std::ranges::count(text.substr(0, at > 0 ? at - 1 : 0), '\n')));
  }
  if (!config.is_object()) return fail(Code::usage, fmt::format("{}: not a JSON object", path));
  if (!twice.empty())
    return fail(Code::usage, fmt::format("{}: \"{}\" stands there twice", path, escape(twice.substr(0, 64))));
  return config;
}

/// Whether every member is a setting of the tool or of one of its subcommands.
Result<void> check_members(const Command& root, const std::string& path, const Config& config) {
  std::vector<std::string_view> known;
  const auto take = [&](const Command& command) {
    for (const Option& option : command.options())
      if (option.is_setting) known.push_back(option.long_name);
  };
  take(root);
  std::ranges::for_each(root.subcommands(), take);
  for (const auto& member : config.items()) {
    const std::string_view name = member.key();
    if (std::ranges::find(known, name) != known.end()) continue;
    std::string_view nearest;
    std::size_t distance = 4;
    if (name.size() <= kEditDistanceTextMax)
      for (const std::string_view other : known)
        if (const std::size_t d = edit_distance(name, other); d < distance && d < name.size())
          distance = d, nearest = other;
    return fail(Code::usage,
                fmt::format("{}: \"{}\" is no setting of {}", path, escape(name.substr(0, 64)), root.name()),
                nearest.empty() ? "--help lists the options" : fmt::format("did you mean \"{}\"?", nearest));
  }
  return {};
}

/// A scalar as the command line would say it.
Result<std::string> word_of(const Config& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_integer() || value.is_boolean()) return value.dump();
  return fail(Code::usage, "neither a string, a whole number nor true or false");
}

Result<void> take_from_config(Option& option, const Config& value) {
  if (value.is_array() && option.repeats) {
    for (const Config& item : value) {
      const std::string word = TRY(word_of(item));
      TRY(option.take(word));
    }
    return {};
  }
  const std::string word = TRY(word_of(value));
  if (option.is_flag() && !value.is_boolean()) return fail(Code::usage, "neither true nor false");
  return option.take(word);
}

Result<void> take_from_variable(Option& option, std::string_view value) {
  if (!option.is_flag()) return option.take(value);
  if (value == "1" || value == "true") return option.take("true");
  if (value == "0" || value == "false") return option.take("false");
  return fail(Code::usage, "neither 1 nor 0");
}

Result<void> as_usage(std::string_view where, Result<void> taken) {
  if (taken) return {};
  return fail(Code::usage, fmt::format("{}: {}", where, taken.error().what), taken.error().hint);
}

}  // namespace

std::string variable_name(std::string_view long_name) {
  std::string name = "INXT_";
  for (char c : long_name) name += c == '-' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 0x20) : c;
  return name;
}

Result<void> apply_settings(Command& root, const std::string& config_path, UnknownMembers unknown) {
  std::vector<Command*> used{&root};
  for (Command& sub : root.subcommands())
    if (*sub.chosen() == sub.name()) used.push_back(&sub);
  auto is_given = [&](const std::string& long_name) {  // before the subcommand or behind it
    for (const Command* command : used)
      for (const Option& option : command->options())
        if (option.given && option.long_name == long_name) return true;
    return false;
  };

  // What the command line says puts aside the settings that do not go with it.
  std::vector<const Option*> on_command_line;
  for (const Command* command : used)
    for (const Option& option : command->options())
      if (option.given) on_command_line.push_back(&option);
  auto is_put_aside = [&](const Option& setting) {
    return std::ranges::any_of(on_command_line, [&](const Option* option) {
      return std::ranges::find(option->conflicts, setting.long_name) != option->conflicts.end() ||
             std::ranges::find(setting.conflicts, option->long_name) != setting.conflicts.end();
    });
  };

  std::optional<Config> config;  // read when the first option needs it
  if (unknown == UnknownMembers::refused) {
    config = TRY(read_config(config_path));
    TRY(check_members(root, config_path, *config));
  }
  for (Command* command : used)
    for (Option& option : command->options()) {
      if (!option.is_setting || is_given(option.long_name) || is_put_aside(option)) continue;
      const std::string variable = variable_name(option.long_name);
      if (const char* value = std::getenv(variable.c_str()); value != nullptr && *value != '\0') {
        TRY(as_usage(variable, take_from_variable(option, value)));
        option.given = true;
        continue;
      }
      if (config_path.empty()) continue;
      if (!config) config = TRY(read_config(config_path));
      if (auto found = config->find(option.long_name); found != config->end()) {
        TRY(as_usage(fmt::format("{}: \"{}\"", config_path, option.long_name),
                     take_from_config(option, *found)));
        option.given = true;
      }
    }
  return {};
}

}  // namespace inxt::cli
