// SPDX-License-Identifier: LGPL-3.0-or-later
#include "serve/watchdog.h"

#include <algorithm>

namespace inxt::serve {

net::Awaitable<void> run_watchdog(net::WorkerPool& workers, std::chrono::microseconds interval,
                                  std::function<void()> tell) {
  using std::chrono::milliseconds;
  const auto pause = std::max(std::chrono::duration_cast<milliseconds>(interval) / 3, milliseconds(1));
  for (;;) {
    const auto nothing = [] {};
    const Result<void> answered = co_await workers.run(nothing);
    if (answered) tell();
    // A full queue is no answer; it may have room sooner than in `pause`.
    co_await net::sleep_for(answered ? pause : std::max(pause / 8, milliseconds(1)));
  }
}

}  // namespace inxt::serve
