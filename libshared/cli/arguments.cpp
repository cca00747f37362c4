// SPDX-License-Identifier: LGPL-3.0-or-later
// The command line, parsed by CLI11 after the tokens that CLI11 would read otherwise have been spelt out:
// clusters (-nz), values that stand only attached (-z=3), and empty values.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>

#include "base/edit_distance.h"
#include "cli/command.h"
#include "cli/escape.h"

namespace inxt::cli {
namespace {

std::string shown(std::string_view text) {
  return escape(text.substr(0, 64));
}

Option* find_option(Command& command, std::string_view long_name) {
  for (Option& option : command.options())
    if (!option.is_positional() && option.long_name == long_name) return &option;
  return nullptr;
}

Option* find_short(Command& command, char letter) {
  for (Option& option : command.options())
    if (option.short_name.size() == 1 && option.short_name[0] == letter) return &option;
  return nullptr;
}

std::unexpected<Error> unknown_option(const Command& command, std::string_view written) {
  std::string_view best;
  std::size_t distance = 4;
  const std::string_view name =
      written.substr(std::min<std::size_t>(written.find_first_not_of('-'), written.size()));
  if (written.starts_with("--") && name.size() <= kEditDistanceTextMax)
    for (const Option& option : command.options())
      if (!option.is_hidden && !option.is_positional())
        if (std::size_t d = edit_distance(name, option.long_name); d < distance && d < name.size())
          distance = d, best = option.long_name;
  return fail(Code::usage, fmt::format("unknown option {}", shown(written)),
              best.empty() ? "--help lists the options" : fmt::format("did you mean --{}?", best));
}

std::unexpected<Error> needs_value(const Option& option) {
  return fail(Code::usage, fmt::format("--{} needs its {}", option.long_name, option.value_name));
}

/// Spells the arguments out: every option as --long or --long=value, then positionals as they are.
class Speller {
 public:
  explicit Speller(Command& root) : command_(&root) {}

  Result<std::vector<std::string>> spell(const std::vector<std::string>& arguments) {
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      const std::string& word = arguments[i];
      if (word == "--") {
        out_.insert(out_.end(), arguments.begin() + static_cast<std::ptrdiff_t>(i), arguments.end());
        break;
      }
      if (word.size() < 2 || word[0] != '-') {
        positional(word);
        continue;
      }
      Option* wants_next = word[1] == '-' ? TRY(long_option(word)) : TRY(short_options(word));
      if (wants_next == nullptr) continue;
      if (i + 1 == arguments.size()) return needs_value(*wants_next);
      TRY(add(*wants_next, arguments[++i]));
    }
    return std::move(out_);
  }

 private:
  void positional(const std::string& word) {
    for (Command& sub : command_->subcommands())
      if (sub.name() == word && !had_positional_) {
        command_ = &sub;
        out_.push_back(word);
        return;
      }
    had_positional_ = true;
    out_.push_back(word);
  }
  Result<void> add(const Option& option, std::string_view value) {
    if (value.empty()) return needs_value(option);
    out_.push_back(fmt::format("--{}={}", option.long_name, value));
    return {};
  }
  /// The option whose value is the next word, or nullptr.
  Result<Option*> long_option(const std::string& word) {
    const std::size_t equals = std::min(word.find('='), word.size());
    Option* option = find_option(*command_, std::string_view(word).substr(2, equals - 2));
    if (option == nullptr) return unknown_option(*command_, std::string_view(word).substr(0, equals));
    return given(*option, equals == word.size() ? std::nullopt
                                                : std::optional(std::string_view(word).substr(equals + 1)));
  }
  Result<Option*> short_options(const std::string& word) {
    for (std::size_t i = 1; i < word.size(); ++i) {
      Option* option = find_short(*command_, word[i]);
      if (option == nullptr) return unknown_option(*command_, fmt::format("-{}", word.substr(i, 1)));
      std::string_view rest = std::string_view(word).substr(i + 1);
      if (rest.starts_with('=')) return given(*option, rest.substr(1));
      if (!option->is_flag() && !option->attached_only && !rest.empty()) return given(*option, rest);  // -j4
      Option* wants_next = TRY(given(*option, std::nullopt));
      if (wants_next != nullptr) return wants_next;
    }
    return nullptr;
  }
  Result<Option*> given(Option& option, std::optional<std::string_view> value) {
    if (option.is_flag()) {
      if (value) return fail(Code::usage, fmt::format("--{} takes no value", option.long_name));
      out_.push_back("--" + option.long_name);
      return nullptr;
    }
    if (!value && !option.attached_only) return &option;
    TRY(add(option, value ? *value : std::string_view(option.value_without)));
    return nullptr;
  }

  Command* command_;
  bool had_positional_ = false;
  std::vector<std::string> out_;
};

/// A CLI11 app that collects the words of each option.
void declare(CLI::App& app, Command& command, std::map<Option*, std::vector<std::string>>& collected) {
  app.set_help_flag();
  app.allow_extras(false);
  for (Option& option : command.options()) {
    const std::string name = option.is_positional() ? option.value_name : "--" + option.long_name;
    if (option.is_flag()) {
      app.add_flag_function(name, [&collected, &option](std::int64_t count) {
        collected[&option].assign(static_cast<std::size_t>(count), "true");
      });
      continue;
    }
    CLI::Option* parsed = app.add_option(name, [&collected, &option](const CLI::results_t& words) {
      collected[&option] = words;
      return true;
    });
    parsed->take_all();
    if (option.is_positional() && option.repeats) parsed->expected(-1);
  }
  for (Command& sub : command.subcommands()) {
    CLI::App* sub_app = app.add_subcommand(sub.name());
    declare(*sub_app, sub, collected);
  }
  app.require_subcommand(0, 1);
}

Result<void> take_values(CLI::App& app, Command& command,
                         std::map<Option*, std::vector<std::string>>& collected) {
  for (Option& option : command.options()) {
    const std::vector<std::string>& words = collected[&option];
    option.given = !words.empty();
    const std::string name = option.is_positional() ? option.value_name : "--" + option.long_name;
    for (const std::string& word : words)
      if (auto taken = option.take(word);
          !taken)  // whatever the value's parser says, the command line is off
        return fail(Code::usage, fmt::format("{}: {}", name, taken.error().what), taken.error().hint);
  }
  for (Command& sub : command.subcommands())
    if (CLI::App* parsed = app.get_subcommand(sub.name()); parsed->parsed()) {
      *sub.chosen() = sub.name();
      TRY(take_values(*parsed, sub, collected));
    }
  return {};
}

}  // namespace

Result<void> parse_arguments(Command& root, const std::vector<std::string>& arguments) {
  std::vector<std::string> words = TRY(Speller(root).spell(arguments));
  std::reverse(words.begin(), words.end());  // as CLI11 takes them
  std::map<Option*, std::vector<std::string>> collected;
  CLI::App app;
  declare(app, root, collected);
  try {
    app.parse(words);
  } catch (const CLI::ExtrasError&) {
    const std::vector<std::string> rest = app.remaining(true);
    return fail(Code::usage, fmt::format("unexpected argument {}", rest.empty() ? "" : shown(rest.front())),
                "--help shows what is expected");
  } catch (const CLI::ParseError& error) {
    return fail(Code::usage, escape(error.what()), "--help shows what is expected");
  }
  return take_values(app, root, collected);
}

}  // namespace inxt::cli
