// SPDX-License-Identifier: LGPL-3.0-or-later
// Hostile text (file names, manifests, answers of Hosts) made fit for a terminal.
#pragma once

#include <string>
#include <string_view>

namespace inxt::format {

/// Control characters (C0, DEL, C1), invalid UTF-8, and characters that reorder or hide text (bidirectional
/// marks, zero width) become \x1b or \u{202e}; a backslash stays.  `keep_newlines` lets newline and tab
/// through.
std::string escape(std::string_view text, bool keep_newlines = false);

}  // namespace inxt::format
