// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <array>
#include <string_view>

namespace inxt::keys {

extern const std::array<std::string_view, 2048> kWordList;

}  // namespace inxt::keys
