// SPDX-License-Identifier: LGPL-3.0-or-later
#include "cli/world.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "cli/escape.h"
#include "sys/xdg.h"

namespace inxt::cli {
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

void to_standard_error(std::string text) {
  text += '\n';
  (void)sys::write_all(sys::kStandardError, view_of(text),
                       "standard error");  // nowhere to say that it failed
}

}  // namespace

World::World(Tool tool, Common common, std::vector<std::string> arguments)
    : tool_(tool), common_(common), arguments_(std::move(arguments)) {
  progress_ = std::make_unique<Progress>(
      common_.quiet && common_.progress == ProgressMode::automatic ? ProgressMode::never : common_.progress,
      sys::kStandardError, clock_);
}

Result<Input> World::input(const std::optional<std::string>& path, std::string_view what) {
  if (path && *path != "-") {
    sys::Fd fd = TRY(sys::open_file(*path));
    const int number = fd.number();
    return Input{std::move(fd), number, escape(*path)};
  }
  if (sys::is_terminal(sys::kStandardInput))
    return fail(Code::usage, fmt::format("{} is expected on standard input, which is a terminal", what),
                fmt::format("name a file, or use a pipe or a redirection: {} < FILE", tool_.name));
  return Input{sys::Fd(), sys::kStandardInput, "standard input"};
}

Result<void> World::check_hosts_input(const Input& input, const std::optional<std::string>& hosts) const {
  if (!hosts || *hosts != "-") return {};
  if (input.is_standard_input())
    return fail(Code::usage, "--hosts - and the other input cannot both be standard input",
                "name a file for one of them");
  if (sys::is_terminal(sys::kStandardInput))
    return fail(Code::usage, "a hosts file is expected on standard input, which is a terminal",
                "say --hosts FILE");
  return {};
}

Result<bool> World::begins_with(Input& from, std::string_view text) {
  if (TRY(sys::status_of(from.fd, from.name)).kind == sys::FileKind::regular) {
    const auto at = lseek(from.fd, 0, SEEK_CUR);
    Bytes begin(text.size());
    const auto got =
        TRY(sys::read_full_at(from.fd, at < 0 ? 0 : static_cast<std::uint64_t>(at), begin, from.name));
    return text_of(ByteView(begin).first(got)) == text;
  }
  while (from.begin.size() < text.size() && text.starts_with(from.begin)) {
    Bytes more(text.size() - from.begin.size());
    const auto got = TRY(read(from, more));
    if (got == 0) break;
    from.begin += text_of(ByteView(more).first(got));
  }
  return from.begin == text;
}

Result<std::size_t> World::read(const Input& from, ByteSpan out) {
  for (;;) {
    std::array<pollfd, 2> waits{{{from.fd, POLLIN, 0}, {stop().fd(), POLLIN, 0}}};
    if (poll(waits.data(), waits.size(), -1) < 0 && errno != EINTR) return fail_errno(errno, from.name);
    if (stop().requested()) return fail(Code::failure, fmt::format("{}: stopped by a signal", from.name));
    if (waits[0].revents != 0) return sys::read_some(from.fd, out, from.name);
  }
}

Result<sys::OutputFile> World::output(const std::optional<std::string>& path, Kind kind) {
  if (!path && kind == Kind::binary && sys::is_terminal(sys::kStandardOutput))
    return fail(Code::usage, "binary data is not written to a terminal",
                "say -o FILE, or -o - if you mean it");
  return sys::OutputFile::create(path.value_or("-"));
}

Result<void> World::print(std::string_view line) {
  progress_->clear();
  std::string text(line);
  text += '\n';
  return sys::write_all(sys::kStandardOutput, view_of(text), "standard output");
}

Result<void> World::print_json(const format::Json& json) {
  return print(format::write_compact(json));
}

void World::say(std::string_view text) {
  if (common_.quiet || common_.json) return;
  progress_->clear();
  to_standard_error(fmt::format("{}: {}", tool_.name, text));
}

void World::warn(std::string_view text) {
  progress_->clear();
  if (!common_.json) return to_standard_error(fmt::format("{}: warning: {}", tool_.name, text));
  format::Json json;
  json["warning"] = escape(text);
  to_standard_error(json.dump());
}

void World::detail(std::string_view text) {
  if (common_.verbose > 0) say(text);
}

Result<bool> World::confirm(std::string_view question) {
  sys::Fd tty;
  if (!common_.no_input) tty = sys::Fd(open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (!tty) return fail(Code::usage, fmt::format("{} There is nobody to ask", question));
  progress_->clear();
  TRY(sys::write_all(tty.number(), view_of(fmt::format("{} [y/N] ", question)), "/dev/tty"));
  std::string answer;
  const Input terminal{sys::Fd(), tty.number(), "/dev/tty"};
  for (std::byte byte{}; TRY(read(terminal, ByteSpan(&byte, 1))) == 1 && byte != std::byte{'\n'};)
    if (answer.size() < 8) answer += static_cast<char>(byte);
  return answer == "y" || answer == "Y" || answer == "yes";
}

keys::KeySource World::key_source(const KeyOptions& options) const {
  keys::KeySource source;
  source.key_file = options.key_file;
  source.key_fd = options.key_fd;
  source.key_command = options.key_command;
  source.passphrase_fd = options.passphrase_fd;
  source.no_input = common_.no_input;
  source.credentials_directory = variable("CREDENTIALS_DIRECTORY");
  source.key_file_variable = variable("INXT_KEY_FILE");
  source.config_folder = sys::xdg_path(sys::Xdg::config).value_or("");
  return source;
}

Result<keys::Key> World::key(const KeyOptions& options) {
  progress_->clear();
  return keys::open_key(key_source(options));
}

void report(std::string_view tool_name, const Error& error, bool json) {
  const std::string what = escape(error.what), hint = escape(error.hint);
  if (!json) {
    std::string text = fmt::format("{}: {}", tool_name, what);
    if (!hint.empty()) text += "\nhint: " + hint;
    return to_standard_error(std::move(text));
  }
  format::Json line;
  line["error"] = code_name(error.code);
  line["status"] = static_cast<int>(error.code);
  line["message"] = what;
  if (!hint.empty()) line["hint"] = hint;
  to_standard_error(line.dump());
}

}  // namespace inxt::cli
