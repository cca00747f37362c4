// SPDX-License-Identifier: LGPL-3.0-or-later
#include "database/sql_text.h"

namespace inxt::database {

std::string in_dialect(std::string_view text, Dialect dialect) {
  std::string out;
  out.reserve(text.size() + 64);
  while (!text.empty()) {
    const std::size_t open = text.find('{');
    out += text.substr(0, open);
    if (open == text.npos) break;
    const std::size_t close = text.find('}', open);
    const std::string_view name = text.substr(open + 1, close - open - 1);
    for (const SqlWord& word : kSqlWords)
      if (word.name == name) out += dialect == Dialect::sqlite ? word.sqlite : word.postgresql;
    text.remove_prefix(close + 1);
  }
  return out;
}

}  // namespace inxt::database
