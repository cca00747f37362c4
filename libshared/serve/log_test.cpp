// SPDX-License-Identifier: LGPL-3.0-or-later
#include "serve/log.h"

#include <doctest/doctest.h>

#include <algorithm>

namespace inxt::serve {
namespace {

TEST_CASE("log lines stay one line, whatever is in them") {
  const sys::ManualClock clock(1'800'000'000);
  std::string out;
  Log log(clock, LogLevel::info, [&](std::string_view line) { out += line; });
  log.write(LogLevel::info, "stored",
            {{"plain", "a/b?c"}, {"hostile", "x\n\x1b[2J\" level=\xff"}, {"none", ""}});
  CHECK(out ==
        "time=2027-01-15T08:00:00Z level=info event=stored plain=a/b?c hostile=\"x\\x0a\\x1b[2J\\x22 "
        "level=\\xff\" "
        "none=\"\"\n");
  log.write(LogLevel::debug, "request", {});
  CHECK(std::ranges::count(out, '\n') == 1);
  CHECK(log_value(std::string(5000, 'a')).size() < 600);
}

}  // namespace
}  // namespace inxt::serve
