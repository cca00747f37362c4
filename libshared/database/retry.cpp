// SPDX-License-Identifier: LGPL-3.0-or-later
#include "database/retry.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

namespace inxt::database {
namespace {
constexpr unsigned kWaitMsMax = 200;
}

Retry::Retry(const Limits& limits)
    : limits_(limits),
      end_(std::chrono::steady_clock::now() + std::chrono::milliseconds(limits.retry_ms)),
      random_(std::random_device{}()) {}

bool Retry::wait() {
  if (attempts_ >= limits_.attempts_max || std::chrono::steady_clock::now() >= end_) return false;
  const unsigned most_us = 1000 * std::min(kWaitMsMax, 1U << std::min(attempts_ - 1, 10U));
  std::this_thread::sleep_for(std::chrono::microseconds(std::uniform_int_distribution(0U, most_us)(random_)));
  ++attempts_;
  return true;
}

std::string Retry::limit_reached() const {
  return attempts_ >= limits_.attempts_max ? fmt::format("attempts_max ({})", limits_.attempts_max)
                                           : fmt::format("retry_ms ({})", limits_.retry_ms);
}

}  // namespace inxt::database
