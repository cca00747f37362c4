// SPDX-License-Identifier: LGPL-3.0-or-later
// SIGINT, SIGTERM and SIGHUP ask a tool to stop cleanly; it dies of the same signal afterwards, so that its caller
// sees why.  Another one later than kRepeatMs ends it at once; sooner it is the same wish: timeout(1) signals its
// child and then its group, and a tool that died of the second would leave half-written files.  SIGPIPE is ignored:
// writing says so, and run() dies quietly of it.
#pragma once

#include <cstdint>

namespace inxt::cli {

inline constexpr std::int64_t kRepeatMs = 500;

class Stop {
 public:
  /// The process's one.  Installs the handlers at the first call.
  static Stop& of_process();

  bool requested() const { return signal() != 0; }
  /// The first signal that came; 0 for none.
  int signal() const;
  /// Becomes readable when a signal came, and stays so: for poll() and Asio.  Never read from it.
  int fd() const;
  /// As if a signal had come.  For tests and for an engine that stops its own process.
  void request(int signal_number);

 private:
  Stop();
};

/// Ends the process by this signal, as if it had never been caught.
[[noreturn]] void die_of(int signal_number);

}  // namespace inxt::cli
