// SPDX-License-Identifier: LGPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/settings.h"

namespace inxt::cli {
namespace {

constexpr std::size_t kHelpColumn = 30;
constexpr std::size_t kColumns = 100;

std::string left_side(const Option& option) {
  if (option.is_positional()) return "  " + option.value_name + (option.repeats ? "..." : "");
  std::string text = option.short_name.empty() ? "      " : fmt::format("  -{}, ", option.short_name);
  text += "--" + option.long_name;
  if (option.attached_only)
    text += fmt::format("[={}]", option.value_name);
  else if (!option.is_flag())
    text += (option.choices.empty() ? " " : "=") + option.value_name;
  return text;
}

void append_entry(std::string& out, std::string left, std::string_view right) {
  if (left.size() + 2 > kHelpColumn) {
    out += left + "\n";
    left.clear();
  }
  left.resize(kHelpColumn, ' ');
  do {
    std::size_t length = right.size();
    if (length > kColumns - kHelpColumn) {
      length = right.rfind(' ', kColumns - kHelpColumn);
      if (length == std::string_view::npos || length == 0) length = kColumns - kHelpColumn;
    }
    out += left;
    out += right.substr(0, length);
    out += '\n';
    right.remove_prefix(length);
    if (right.starts_with(' ')) right.remove_prefix(1);
    left.assign(kHelpColumn, ' ');
  } while (!right.empty());
}

nlohmann::ordered_json json_of(const Command& command) {
  nlohmann::ordered_json json;
  json["name"] = command.name();
  json["help"] = command.help();
  json["options"] = nlohmann::ordered_json::array();
  for (const Option& option : command.options()) {
    if (option.is_hidden) continue;
    nlohmann::ordered_json entry;
    if (!option.short_name.empty()) entry["short"] = option.short_name;
    if (!option.is_positional()) entry["long"] = option.long_name;
    if (!option.is_flag()) entry["value"] = option.value_name;
    entry["help"] = option.help;
    if (!option.group.empty()) entry["group"] = option.group;
    if (!option.choices.empty()) entry["choices"] = option.choices;
    if (option.repeats) entry["repeats"] = true;
    if (option.attached_only) entry["attached"] = true;
    if (option.is_required) entry["required"] = true;
    if (option.is_setting) entry["variable"] = variable_name(option.long_name);
    json["options"].push_back(std::move(entry));
  }
  json["commands"] = nlohmann::ordered_json::array();
  for (const Command& sub : command.subcommands()) json["commands"].push_back(json_of(sub));
  return json;
}

}  // namespace

std::string help_text(const Command& command, const std::string& full_name) {
  std::string out = fmt::format("{}: {}\n\nusage: {}", full_name, command.help(), full_name);
  if (!command.subcommands().empty()) out += command.needs_subcommand() ? " COMMAND" : " [COMMAND]";
  out += " [OPTION]...";
  for (const Option& option : command.options())
    if (option.is_positional())
      out += (option.is_required ? " " + option.value_name : " [" + option.value_name + "]") +
             (option.repeats ? "..." : "");
  out += '\n';
  if (!command.subcommands().empty()) {
    out += "\ncommands:\n";
    for (const Command& sub : command.subcommands()) append_entry(out, "  " + sub.name(), sub.help());
  }
  std::vector<std::string> groups;
  for (const Option& option : command.options())
    if (std::find(groups.begin(), groups.end(), option.group) == groups.end()) groups.push_back(option.group);
  for (const std::string& group : groups) {
    out += group.empty() ? "\n" : fmt::format("\n{}:\n", group);
    for (const Option& option : command.options()) {
      if (option.is_hidden || option.group != group) continue;
      std::string help = option.help;
      if (option.is_setting) help += fmt::format(" (or {})", variable_name(option.long_name));
      append_entry(out, left_side(option), help);
    }
  }
  if (!command.epilog().empty()) out += "\n" + command.epilog() + "\n";
  return out;
}

std::string options_json(const Command& command) {
  return json_of(command).dump();
}

}  // namespace inxt::cli
