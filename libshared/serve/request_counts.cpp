// SPDX-License-Identifier: LGPL-3.0-or-later
#include "serve/request_counts.h"

#include <algorithm>
#include <numeric>

#include "serve/refusal.h"

namespace inxt::serve {

void Histogram::observe(std::int64_t ms) {
  const auto bound = std::ranges::lower_bound(kBoundsMs, ms);
  ++counts_[static_cast<std::size_t>(bound - kBoundsMs.begin())];
  sum_ms_ += static_cast<std::uint64_t>(std::max<std::int64_t>(ms, 0));
}

std::uint64_t Histogram::at_most(std::size_t i) const {
  return std::accumulate(counts_.begin(), counts_.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                         std::uint64_t{0});
}

void RequestCounters::count_request(std::size_t action, int status, std::int64_t ms,
                                    std::uint64_t received_bytes, std::uint64_t sent_bytes) {
  RequestCounts& counts = requests.at(action);
  ++counts.by_class[static_cast<std::size_t>(std::clamp(status / 100, 0, 5))];
  counts.received_bytes += received_bytes;
  counts.sent_bytes += sent_bytes;
  counts.duration.observe(ms);
}

void RequestCounters::count_refusal(int status, std::string_view limit) {
  ++refused[limit.empty() ? refusal_reason(status) : limit];
}

}  // namespace inxt::serve
