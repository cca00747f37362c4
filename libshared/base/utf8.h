// SPDX-License-Identifier: LGPL-3.0-or-later
// Whether bytes are text.
#pragma once

#include <string_view>

namespace inxt {

/// UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing past U+10FFFF.  NUL is allowed.
bool is_utf8(std::string_view text);

}  // namespace inxt
