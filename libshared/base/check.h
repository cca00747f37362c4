// SPDX-License-Identifier: LGPL-3.0-or-later
// Assertions that stay on in release builds: a bug stops the program where it is, before it can damage
// anything.
#pragma once

namespace inxt {

/// Prints where and what, then aborts.  Never call it for bad input: that is an Error.
[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace inxt

#define CHECK_BUG(condition) \
  (static_cast<bool>(condition) ? void() : ::inxt::check_failed(#condition, __FILE__, __LINE__))
