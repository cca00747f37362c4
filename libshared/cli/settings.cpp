// SPDX-License-Identifier: LGPL-3.0-or-later
#include "cli/settings.h"

#include <fmt/format.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "sys/files.h"

namespace inxt::cli {
namespace {

using Config = nlohmann::json;

Result<Config> read_config(const std::string& path) {
  if (auto status = sys::status_of(path); !status && status.error().code == Code::not_found)
    return Config::object();
  const Bytes bytes = TRY(sys::read_file(path, kConfigBytesMax, "configuration file (kConfigBytesMax)"));
  Config config =
      Config::parse(text_of(bytes), nullptr, /*allow_exceptions=*/false, /*ignore_comments=*/true);
  if (!config.is_object()) return fail(Code::usage, fmt::format("{}: not a JSON object", path));
  return config;
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

Result<void> apply_settings(Command& root, const std::string& config_path) {
  std::vector<Command*> used{&root};
  for (Command& sub : root.subcommands())
    if (*sub.chosen() == sub.name()) used.push_back(&sub);
  auto is_given = [&](const std::string& long_name) {  // before the subcommand or behind it
    for (const Command* command : used)
      for (const Option& option : command->options())
        if (option.given && option.long_name == long_name) return true;
    return false;
  };

  std::optional<Config> config;  // read when the first option needs it
  for (Command* command : used)
    for (Option& option : command->options()) {
      if (!option.is_setting || is_given(option.long_name)) continue;
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
