// SPDX-License-Identifier: LGPL-3.0-or-later
#include "net/child_process.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <cerrno>
#include <csignal>

#include "net/race.h"
#include "sys/fd.h"

namespace inxt::net {

namespace {

/// Ends with the coroutine's frame, however that ends.
class Child {
 public:
  explicit Child(pid_t id) : id_(id) {}
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (id_ > 0) end();
  }
  /// REQUIRES: called once.  Waits no longer than the kernel takes to kill.
  int end() {
    ::kill(id_, SIGKILL);  // nothing to one that has ended
    int status = 0;
    while (::waitpid(id_, &status, 0) < 0 && errno == EINTR) {
    }
    id_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  /// Its status when it has ended by itself.
  std::optional<int> ended() {
    int status = 0;
    if (::waitpid(id_, &status, WNOHANG) != id_) return std::nullopt;
    id_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

 private:
  pid_t id_;
};

class FileActions {
 public:
  FileActions() { ::posix_spawn_file_actions_init(&actions_); }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;
  ~FileActions() { ::posix_spawn_file_actions_destroy(&actions_); }
  posix_spawn_file_actions_t* get() { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_;
};

class Attributes {
 public:
  Attributes() {
    ::posix_spawnattr_init(&attributes_);
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setsigdefault(&attributes_, &all);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;
  ~Attributes() { ::posix_spawnattr_destroy(&attributes_); }
  const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_;
};

Result<pid_t> start(const std::vector<std::string>& arguments, int output) {
  FileActions actions;
  const Attributes attributes;
  ::posix_spawn_file_actions_addopen(actions.get(), 0, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(actions.get(), output, 1);
  ::posix_spawn_file_actions_adddup2(actions.get(), output, 2);
  ::posix_spawn_file_actions_addclosefrom_np(actions.get(), 3);
  std::vector<char*> words;
  for (const std::string& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  char* environment[] = {nullptr};
  pid_t id = 0;
  const int failed =
      ::posix_spawn(&id, "/proc/self/exe", actions.get(), attributes.get(), words.data(), environment);
  if (failed != 0) return fail_errno(failed, "starting " + arguments.front());
  return id;
}

enum class Read { end, too_much };

Awaitable<Read> read_all(asio::posix::stream_descriptor& pipe, std::string& to, std::size_t bytes_max) {
  std::array<char, 4096> run;
  for (;;) {
    boost::system::error_code error;
    const std::size_t got =
        co_await pipe.async_read_some(asio::buffer(run), asio::redirect_error(asio::use_awaitable, error));
    if (error || got == 0) co_return Read::end;
    if (to.size() + got > bytes_max) co_return Read::too_much;
    to.append(run.data(), got);
  }
}

}  // namespace

Awaitable<Result<ChildResult>> run_self(std::vector<std::string> arguments, std::size_t output_bytes_max,
                                        std::chrono::milliseconds deadline) {
  const Executor executor = co_await asio::this_coro::executor;
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) co_return fail_errno(errno, "pipe");
  asio::posix::stream_descriptor from(executor, ends[0]);
  sys::Fd to(ends[1]);
  CO_TRY(const pid_t id, start(arguments, to.number()));
  Child child(id);
  to = sys::Fd();  // now only the child can write: its end is the pipe's end

  ChildResult result;
  Awaitable<Read> reading = read_all(from, result.output, output_bytes_max);
  Awaitable<void> waiting = sleep_for(deadline);
  const auto first = co_await (std::move(reading) || std::move(waiting));
  const auto too_long = [&] {
    return fail(Code::try_again, fmt::format("it took longer than {} ms", deadline.count()));
  };
  if (first.index() == 1) co_return too_long();
  if (std::get<0>(first) == Read::too_much)
    co_return fail(Code::integrity, fmt::format("it said more than {} bytes", output_bytes_max));
  // The pipe closes a moment before the process ends.
  for (int i = 0; i < 100; ++i) {
    if (const auto status = child.ended()) {
      result.status = *status;
      co_return result;
    }
    co_await sleep_for(std::chrono::milliseconds(10));
  }
  result.status = child.end();
  co_return result;
}

}  // namespace inxt::net
