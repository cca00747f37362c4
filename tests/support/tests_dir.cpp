// SPDX-License-Identifier: AGPL-3.0-or-later
#include "support/tests_dir.h"

namespace inxt::testing {

std::string tests_dir() {
  return INXT_TESTS_DIR;
}

}  // namespace inxt::testing
