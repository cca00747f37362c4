// SPDX-License-Identifier: LGPL-3.0-or-later
#include "cli/signals.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <ctime>

#include "base/check.h"

namespace inxt::cli {
namespace {

// Process-wide, because signals are.
std::atomic<int> first_signal = 0;
int stop_pipe[2] = {-1, -1};
std::atomic<std::int64_t> first_ms = 0;
static_assert(std::atomic<int>::is_always_lock_free && std::atomic<std::int64_t>::is_always_lock_free);

std::int64_t now_ms() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);  // allowed in a signal's handler
  return now.tv_sec * 1000 + now.tv_nsec / 1'000'000;
}

void take(int number) {
  const int saved = errno;
  int none = 0;
  if (first_signal.compare_exchange_strong(none, number)) {
    first_ms = now_ms();
    [[maybe_unused]] auto written = write(stop_pipe[1], "x", 1);
  } else if (first_ms != 0 && now_ms() - first_ms >= kRepeatMs) {
    // The person means it.  The default takes effect when this handler returns and the signal is let through again.
    ::signal(number, SIG_DFL);
    raise(number);
  }
  errno = saved;
}

}  // namespace

Stop::Stop() {
  CHECK_BUG(pipe2(stop_pipe, O_CLOEXEC | O_NONBLOCK) == 0);
  struct sigaction action {};
  action.sa_handler = take;
  action.sa_flags = 0;  // no SA_RESTART: waits end
  for (int number : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction old {};
    sigaction(number, nullptr, &old);
    if (old.sa_handler != SIG_IGN)
      sigaction(number, &action, nullptr);  // nohup, and `&` in scripts, stay as they are
  }
  ::signal(SIGPIPE, SIG_IGN);
}

Stop& Stop::of_process() {
  static Stop stop;
  return stop;
}

int Stop::signal() const {
  return first_signal;
}
int Stop::fd() const {
  return stop_pipe[0];
}
void Stop::request(int signal_number) {
  take(signal_number);
}

void die_of(int signal_number) {
  struct sigaction action {};
  action.sa_handler = SIG_DFL;
  sigaction(signal_number, &action, nullptr);
  sigset_t only;
  sigemptyset(&only);
  sigaddset(&only, signal_number);
  sigprocmask(SIG_UNBLOCK, &only, nullptr);
  raise(signal_number);
  _exit(128 + signal_number);  // where the signal's default does not end a process
}

}  // namespace inxt::cli
