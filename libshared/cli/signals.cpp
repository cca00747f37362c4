// SPDX-License-Identifier: LGPL-3.0-or-later
#include "cli/signals.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>

#include "base/check.h"

namespace inxt::cli {
namespace {

// Process-wide, because signals are.
std::atomic<int> first_signal = 0;
int stop_pipe[2] = {-1, -1};
static_assert(std::atomic<int>::is_always_lock_free);

void take(int number) {
  const int saved = errno;
  int none = 0;
  if (first_signal.compare_exchange_strong(none, number)) {
    [[maybe_unused]] auto written = write(stop_pipe[1], "x", 1);
  }
  errno = saved;
}

}  // namespace

Stop::Stop() {
  CHECK_BUG(pipe2(stop_pipe, O_CLOEXEC | O_NONBLOCK) == 0);
  struct sigaction action {};
  action.sa_handler = take;
  // A second one of the same kind finds the default: the person means it.  No SA_RESTART: waits end.
  action.sa_flags = static_cast<int>(SA_RESETHAND);
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
