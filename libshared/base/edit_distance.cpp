// SPDX-License-Identifier: LGPL-3.0-or-later
#include "base/edit_distance.h"

#include <algorithm>
#include <array>

#include "base/check.h"

namespace inxt {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  CHECK_BUG(a.size() <= kEditDistanceTextMax && b.size() <= kEditDistanceTextMax);
  std::array<std::array<std::size_t, kEditDistanceTextMax + 1>, kEditDistanceTextMax + 1> distance;
  for (std::size_t i = 0; i <= a.size(); ++i) distance[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) distance[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i)
    for (std::size_t j = 1; j <= b.size(); ++j) {
      std::size_t best = std::min({distance[i - 1][j] + 1, distance[i][j - 1] + 1,
                                   distance[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        best = std::min(best, distance[i - 2][j - 2] + 1);
      distance[i][j] = best;
    }
  return distance[a.size()][b.size()];
}

}  // namespace inxt
