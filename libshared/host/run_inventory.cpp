// SPDX-License-Identifier: LGPL-3.0-or-later
#include "host/run_inventory.h"

#include "host/inventory.h"

namespace inxt::host {
namespace {

constexpr std::int64_t kLookEveryS = 60;

}  // namespace

bool is_head_due(const Host& host) {
  const ClockReport& clock = host.clock_report();
  return host.inventory()->is_due(clock.trusted_unix_s ? std::optional(clock.gap_s) : std::nullopt);
}

net::Awaitable<void> run_inventory(Host& host) {
  Inventory& inventory = *host.inventory();
  const sys::Clock& clock = host.parts().clock;
  const auto epoch = [&clock] { return clock.unix_s() / format::kEpochSeconds; };
  // In the hour of the start whoever asks first decides when: what is stored just now should be in it.
  std::int64_t done_epoch = epoch();
  for (;;) {
    co_await inventory.forget_old();
    if (is_head_due(host) && (inventory.is_asked_for() || epoch() > done_epoch)) {
      const std::int64_t now_epoch = epoch();
      const Result<void> made = co_await inventory.make();
      if (!made)
        host.parts().log.write(LogLevel::error, "no-inventory-head", {{"reason", made.error().what}});
      if (made) done_epoch = now_epoch;
      continue;
    }
    const std::int64_t left_s = format::kEpochSeconds - clock.unix_s() % format::kEpochSeconds;
    co_await inventory.wait_for_question(std::chrono::seconds(std::min(left_s, kLookEveryS)));
  }
}

}  // namespace inxt::host
