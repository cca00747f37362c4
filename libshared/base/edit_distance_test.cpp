// SPDX-License-Identifier: LGPL-3.0-or-later
#include "base/edit_distance.h"

#include <doctest/doctest.h>

TEST_CASE("edit distance") {
  using inxt::edit_distance;
  CHECK(edit_distance("", "") == 0);
  CHECK(edit_distance("", "abc") == 3);
  CHECK(edit_distance("kitten", "sitting") == 3);
  CHECK(edit_distance("yaer", "year") == 1);
  CHECK(edit_distance("abandn", "abandon") == 1);
}
