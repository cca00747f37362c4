// SPDX-License-Identifier: LGPL-3.0-or-later
#include "sys/service.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <ctime>

#include "sys/unix_address.h"

namespace inxt::sys {

namespace {

constexpr int kFirstInherited = 3;  // SD_LISTEN_FDS_START

std::string_view variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : value;
}

/// Nothing when the variable is not set or empty.  Errors: usage.
Result<std::optional<std::uint64_t>> number_in(const char* name) {
  const std::string_view text = variable(name);
  if (text.empty()) return std::nullopt;
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size())
    return fail(Code::usage, fmt::format("{} is not a number", name));
  return number;
}

/// Whether what stands beside the variable is meant for this process.
Result<bool> is_for_this_process(const char* name, bool without) {
  const std::optional<std::uint64_t> process = TRY(number_in(name));
  return process ? *process == static_cast<std::uint64_t>(::getpid()) : without;
}

}  // namespace

Result<void> notify_service_manager(std::string_view state) {
  const std::string_view name = variable("NOTIFY_SOCKET");
  if (name.empty()) return {};
  const UnixAddress address = TRY_IN("NOTIFY_SOCKET", unix_address(name));
  const Fd socket_fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket_fd) return fail_errno(errno, "NOTIFY_SOCKET");
  // A manager that does not read must not hold up the daemon for longer.
  const timeval limit{0, kNotifyMsMax * 1000};
  if (::setsockopt(socket_fd.number(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) != 0)
    return fail_errno(errno, "NOTIFY_SOCKET");
  if (::sendto(socket_fd.number(), state.data(), state.size(), MSG_NOSIGNAL, address.get(),
               address.size_bytes) < 0)
    return fail_errno(errno, "NOTIFY_SOCKET");
  return {};
}

std::string reloading_state() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return fmt::format("RELOADING=1\nMONOTONIC_USEC={}", static_cast<std::uint64_t>(now.tv_sec) * 1'000'000 +
                                                           static_cast<std::uint64_t>(now.tv_nsec) / 1000);
}

std::string status_state(std::string_view text) {
  std::string state = "STATUS=";
  state += text;
  std::ranges::replace(state, '\n', ' ');
  return state;
}

Result<std::optional<std::uint64_t>> watchdog_us() {
  const std::optional<std::uint64_t> interval_us = TRY(number_in("WATCHDOG_USEC"));
  if (!TRY(is_for_this_process("WATCHDOG_PID", true)) || !interval_us || *interval_us == 0)
    return std::nullopt;
  return interval_us;
}

Result<std::vector<InheritedSocket>> take_inherited_sockets() {
  const bool is_ours = TRY(is_for_this_process("LISTEN_PID", false));
  const std::optional<std::uint64_t> count = TRY(number_in("LISTEN_FDS"));
  std::string_view names = variable("LISTEN_FDNAMES");
  if (!is_ours || !count) return std::vector<InheritedSocket>();
  if (*count > kInheritedSocketsMax)
    return fail(Code::usage, fmt::format("LISTEN_FDS: {} sockets are more than kInheritedSocketsMax ({})",
                                         *count, kInheritedSocketsMax));
  std::vector<InheritedSocket> sockets;
  for (int i = 0; i < static_cast<int>(*count); ++i) {
    const int number = kFirstInherited + i;
    if (::fcntl(number, F_SETFD, FD_CLOEXEC) != 0)
      return fail(Code::usage, fmt::format("LISTEN_FDS: descriptor {} is not open", number));
    const std::string_view name = names.substr(0, names.find(':'));
    names.remove_prefix(std::min(name.size() + 1, names.size()));
    sockets.push_back({Fd(number), std::string(name)});
  }
  for (const char* name : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"}) ::unsetenv(name);
  return sockets;
}

std::optional<std::string> credential_path(std::string_view name) {
  const std::string_view folder = variable("CREDENTIALS_DIRECTORY");
  if (folder.empty()) return std::nullopt;
  std::string path = fmt::format("{}/{}", folder, name);
  if (::access(path.c_str(), F_OK) != 0) return std::nullopt;
  return path;
}

Result<std::optional<std::string>> state_directory() {
  const std::string_view folders = variable("STATE_DIRECTORY");
  if (folders.empty()) return std::nullopt;
  if (folders.find(':') != std::string_view::npos)
    return fail(Code::usage, "STATE_DIRECTORY names several folders");
  return std::string(folders);
}

bool standard_error_is_journal() {
  const std::string_view stream = variable("JOURNAL_STREAM");
  struct stat status {};
  if (stream.empty() || ::fstat(STDERR_FILENO, &status) != 0) return false;
  return stream == fmt::format("{}:{}", status.st_dev, status.st_ino);
}

Result<std::uint64_t> raise_open_files_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return fail_errno(errno, "RLIMIT_NOFILE");
  if (limit.rlim_cur != limit.rlim_max) {  // a sandbox may forbid to set it
    limit.rlim_cur = limit.rlim_max;
    if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) return fail_errno(errno, "RLIMIT_NOFILE");
  }
  return static_cast<std::uint64_t>(limit.rlim_cur);
}

}  // namespace inxt::sys
