// SPDX-License-Identifier: LGPL-3.0-or-later
#include "cli/escape.h"

#include "format/escape.h"

namespace inxt::cli {

std::string escape(std::string_view text, bool keep_newlines) {
  return format::escape(text, keep_newlines);
}

}  // namespace inxt::cli
