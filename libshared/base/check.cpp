// SPDX-License-Identifier: LGPL-3.0-or-later
#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace inxt {

void check_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "inxt: bug: %s does not hold (%s:%d)\n", condition, file, line);
  std::abort();
}

}  // namespace inxt
