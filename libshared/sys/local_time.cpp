// SPDX-License-Identifier: LGPL-3.0-or-later
#include "sys/local_time.h"

#include <ctime>

namespace inxt::sys {

std::int64_t local_s(std::int64_t unix_s) {
  const std::time_t moment = unix_s;
  std::tm local{};
  // localtime_r need not look at $TZ or /etc/localtime again: a daemon outlives many a change of them.
  ::tzset();
  if (::localtime_r(&moment, &local) == nullptr) return unix_s;
  return unix_s + local.tm_gmtoff;
}

}  // namespace inxt::sys
