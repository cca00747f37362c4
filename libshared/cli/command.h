// SPDX-License-Identifier: LGPL-3.0-or-later
// A tool's options as a table: declared once, and from it come parsing, --help, settings from the environment
// and the configuration file, and (`TOOL --inxt-options`, JSON) the completions and the check of the manual.
//
// Manners (inxt(7)): an option takes exactly the values that it says; an optional value only attached (-z=3);
// `--` ends options; `-` alone is a value.  Parsing is CLI11's, which stays behind this door: it takes
// seconds to compile.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "base/result.h"

namespace inxt::cli {

/// Takes one value from outside.  Errors: usage, saying what is wrong with it.
using TakeValue = std::function<Result<void>(std::string_view)>;

/// One option or positional argument.
struct Option {
  std::string short_name;  // "o", or empty
  std::string long_name;   // "output"; empty for a positional
  std::string value_name;  // "FILE"; empty for a flag.  FILE, DIR and HOSTID mean something to completions
  std::string help;
  std::vector<std::string> choices;  // where only these are taken
  bool repeats = false;
  bool attached_only = false;  // [=VALUE]
  bool is_required = false;
  bool is_setting = false;  // also from INXT_LONG_NAME and config.json's "long-name"
  bool is_hidden = false;
  std::string group;                   // heading in --help
  std::vector<std::string> conflicts;  // long names
  TakeValue take;
  std::string value_without;  // what an attached_only option is given when it stands alone
  bool given = false;

  Option& required() {
    is_required = true;
    return *this;
  }
  Option& setting() {
    is_setting = true;
    return *this;
  }
  Option& hidden() {
    is_hidden = true;
    return *this;
  }
  Option& in_group(std::string name) {
    group = std::move(name);
    return *this;
  }
  Option& not_with(std::string other) {
    conflicts.push_back(std::move(other));
    return *this;
  }
  bool is_positional() const { return long_name.empty(); }
  bool is_flag() const { return value_name.empty(); }
};

Result<std::int64_t> parse_integer(std::string_view text, std::int64_t min, std::int64_t max);

/// Options and subcommands.  `names` is "-o,--output" or "--output".
class Command {
 public:
  Command(std::string name, std::string help) : name_(std::move(name)), help_(std::move(help)) {}
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;

  Option& flag(std::string_view names, bool& to, std::string help);
  /// A flag that counts how often it was given.
  Option& count(std::string_view names, int& to, std::string help);
  /// Any text once; the last one counts when it is given twice.
  Option& text(std::string_view names, std::string value_name, std::string& to, std::string help);
  Option& text(std::string_view names, std::string value_name, std::optional<std::string>& to,
               std::string help);
  /// Once for each value.
  Option& texts(std::string_view names, std::string value_name, std::vector<std::string>& to,
                std::string help);
  Option& choice(std::string_view names, std::vector<std::string> choices, std::string& to, std::string help);
  Option& size(std::string_view names, std::string value_name, std::optional<std::uint64_t>& bytes_to,
               std::string help);
  Option& duration(std::string_view names, std::string value_name, std::optional<std::int64_t>& seconds_to,
                   std::string help);
  /// `-z[=LEVEL]`: its value stands attached or not at all; alone it is `value_without`.
  Option& attached(std::string_view names, std::string value_name, std::optional<std::string>& to,
                   std::string value_without, std::string help);
  /// An integer from min to max; `to` is an integer or an optional of one.
  template <class Number>
  Option& number(std::string_view names, std::string value_name, Number& to, std::int64_t min,
                 std::int64_t max, std::string help) {
    return value(
        names, std::move(value_name),
        [&to, min, max](std::string_view text) -> Result<void> {
          using Plain = std::remove_cvref_t<decltype(unwrapped(to))>;
          to = static_cast<Plain>(TRY(parse_integer(text, min, max)));
          return {};
        },
        std::move(help));
  }
  /// Whatever `take` makes of it.
  Option& value(std::string_view names, std::string value_name, TakeValue take, std::string help);

  /// Positional arguments, in the order they are declared; `value_name` in capitals.
  Option& positional(std::string value_name, std::string& to, std::string help);  // required
  Option& positional(std::string value_name, std::optional<std::string>& to, std::string help);
  Option& positionals(std::string value_name, std::vector<std::string>& to, std::string help);

  /// `chosen` becomes `name` when the command line names it.
  Command& subcommand(std::string name, std::string help, std::string& chosen);
  /// A command line without a subcommand is a usage error.
  void require_subcommand() { needs_subcommand_ = true; }
  /// An option (--config FILE) whose file takes config.json's place when it was given; it must exist then.
  Option& config_file(std::string_view names, std::string help) {
    return text(names, "FILE", config_file_, std::move(help));
  }
  const std::optional<std::string>& given_config_file() const { return config_file_; }
  /// Said after the options in --help.
  void epilog(std::string text) { epilog_ = std::move(text); }

  const std::string& name() const { return name_; }
  const std::string& help() const { return help_; }
  const std::string& epilog() const { return epilog_; }
  bool needs_subcommand() const { return needs_subcommand_; }
  std::deque<Option>& options() { return options_; }
  const std::deque<Option>& options() const { return options_; }
  std::deque<Command>& subcommands() { return subcommands_; }
  const std::deque<Command>& subcommands() const { return subcommands_; }
  std::string* chosen() const { return chosen_; }

 private:
  template <class T>
  static T unwrapped(const T&);
  template <class T>
  static T unwrapped(const std::optional<T>&);
  Option& add(std::string_view names, std::string value_name, TakeValue take, std::string help);

  std::string name_, help_, epilog_;
  std::deque<Option> options_;
  std::deque<Command> subcommands_;
  std::string* chosen_ = nullptr;
  std::optional<std::string> config_file_;
  bool needs_subcommand_ = false;
};

/// Gives every option its value.  Errors: usage, naming the option.
Result<void> parse_arguments(Command& root, const std::vector<std::string>& arguments);

/// What --help prints.
std::string help_text(const Command& command, const std::string& full_name);
/// What --inxt-options prints:
/// {"name","help","options":[{"short","long","value","help",...}],"commands":[...]}.
std::string options_json(const Command& command);

}  // namespace inxt::cli
