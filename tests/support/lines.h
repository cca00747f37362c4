// SPDX-License-Identifier: AGPL-3.0-or-later
// What tests of formats have in common.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace inxt::testing {

/// Whether it was refused for what it says, with these words.
bool says(const auto& result, std::string_view words) {
  return !result && result.error().code == Code::integrity &&
         result.error().what.find(words) != std::string::npos;
}

/// As readers take a line that a writer ended.
inline std::string_view without_newline(std::string_view line) {
  return line.substr(0, line.size() - 1);
}
inline std::string without_newline(std::string&& line) {
  line.pop_back();
  return std::move(line);
}

}  // namespace inxt::testing
