// SPDX-License-Identifier: LGPL-3.0-or-later
#include "cli/run.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <exception>

#include "cli/check_options.h"
#include "cli/settings.h"
#include "sys/xdg.h"

namespace inxt::cli {
namespace {

struct CommonFlags {
  bool help = false;
  bool version = false;
  std::string progress = "auto";
  Common common;
};

void declare_common(Command& command, CommonFlags& flags) {
  const std::string group = "common";
  command.flag("-h,--help", flags.help, "show this help").in_group(group);
  command.flag("--version", flags.version, "show the version").in_group(group);
  command.flag("-q,--quiet", flags.common.quiet, "say nothing but errors").in_group(group);
  command.count("-v,--verbose", flags.common.verbose, "say more; twice: still more").in_group(group);
  command.flag("--json", flags.common.json, "results and errors as JSON").in_group(group);
  command.flag("--no-input", flags.common.no_input, "never ask; fail instead").in_group(group).setting();
  command.choice("--progress", {"auto", "never", "plain", "json"}, flags.progress, "how progress is shown")
      .in_group(group)
      .setting();
  for (Command& sub : command.subcommands()) declare_common(sub, flags);
}

/// Descriptors 0 to 2 exist from here on, so that no file that is opened gets one of their numbers.  A closed
/// standard output becomes one that cannot be written to.
void occupy_standard_streams() {
  for (int fd : {0, 1, 2})
    if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
      if (open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) != fd) std::abort();
}

bool reader_went_away() {
  pollfd out{sys::kStandardOutput, POLLOUT, 0};
  return poll(&out, 1, 0) == 1 && (out.revents & POLLERR) != 0;
}

bool wants_json(const std::vector<std::string>& arguments) {
  for (const std::string& argument : arguments) {
    if (argument == "--") break;
    if (argument == "--json") return true;
  }
  return false;
}

/// The ends of all ways out: signals first, then a reader that left, then the error.
int end(const Tool& tool, const Result<Exit>& result, bool json) {
  const int signal_number = Stop::of_process().signal();
  if (!result && signal_number == 0 && reader_went_away()) die_of(SIGPIPE);
  if (signal_number != 0) die_of(signal_number);
  if (!result) {
    report(tool.name, result.error(), json);
    return static_cast<int>(result.error().code);
  }
  // Some file systems say only now that they could not write.
  if (close(sys::kStandardOutput) != 0) {
    report(tool.name, fail_errno(errno, "standard output").error(), json);
    return static_cast<int>(Code::failure);
  }
  return static_cast<int>(*result);
}

Result<void> print(std::string_view text) {
  return sys::write_all(sys::kStandardOutput, view_of(text), "standard output");
}

ProgressMode progress_mode(std::string_view name) {
  return name == "never"   ? ProgressMode::never
         : name == "plain" ? ProgressMode::plain
         : name == "json"  ? ProgressMode::json
                           : ProgressMode::automatic;
}

/// What the command line left out.
Result<void> fill_in(Command& command) {
  std::optional<std::string> own = command.given_config_file();
  for (const Command& sub : command.subcommands())
    if (*sub.chosen() == sub.name() && sub.given_config_file()) own = sub.given_config_file();
  if (own) {
    TRY_IN("--config", sys::status_of(*own));
    TRY(apply_settings(command, *own, UnknownMembers::refused));
  } else {
    const std::string folder = sys::xdg_path(sys::Xdg::config).value_or("");
    TRY(apply_settings(command, folder.empty() ? "" : folder + "/config.json"));
  }
  return check_options(command);
}

Result<Exit> parse_and_work(const std::vector<std::string>& arguments, const Tool& tool,
                            const std::function<void(Command&)>& declare, CommonFlags& flags,
                            const std::function<Result<Exit>(World&)>& work) {
  Command command{std::string(tool.name), std::string(tool.summary)};
  command.epilog(std::string(tool.epilog));
  declare(command);
  declare_common(command, flags);
  if (arguments.size() == 1 && arguments[0] == "--inxt-options") {
    TRY(print(options_json(command) + "\n"));
    return Exit::ok;
  }
  TRY(parse_arguments(command, arguments));
  if (flags.help) {
    const Command* shown = &command;
    std::string name(tool.name);
    for (const Command& sub : command.subcommands())
      if (*sub.chosen() == sub.name()) shown = &sub, name += " " + sub.name();
    TRY(print(help_text(*shown, name)));
    return Exit::ok;
  }
  if (flags.version) {
    TRY(print(fmt::format("{} {}\n", tool.name, INXT_VERSION)));
    return Exit::ok;
  }
  TRY(fill_in(command));
  flags.common.progress = progress_mode(flags.progress);
  if (const char* log = std::getenv("INXT_LOG"); log != nullptr && std::string_view(log) == "debug")
    flags.common.verbose = std::max(flags.common.verbose, 2);

  World world(tool, flags.common, arguments);
  Result<Exit> result = work(world);
  world.progress().finish();
  return result;
}

}  // namespace

Result<void> read_settings_again(const World& world, const std::function<void(Command&)>& declare) {
  Command command{std::string(world.tool().name), std::string(world.tool().summary)};
  CommonFlags unused;
  declare(command);
  declare_common(command, unused);
  TRY(parse_arguments(command, world.arguments()));
  return fill_in(command);
}

int run_tool(int argc, char** argv, const Tool& tool, const std::function<void(Command&)>& declare,
             const std::function<Result<Exit>(World&)>& work) {
  occupy_standard_streams();
  Stop::of_process();
  crypto::start();
  const std::vector<std::string> arguments(argv + std::min(argc, 1), argv + argc);
  CommonFlags flags;
  const bool json = wants_json(arguments);
  try {
    return end(tool, parse_and_work(arguments, tool, declare, flags, work), json);
  } catch (const std::exception& error) {  // no memory, and what libraries throw
    return end(tool, fail(Code::failure, error.what()), json);
  }
}

}  // namespace inxt::cli
