// SPDX-License-Identifier: LGPL-3.0-or-later
// One line of a manifest that stands alone, as tags have it.
#pragma once

#include <nlohmann/json.hpp>

#include "format/manifest_lines.h"

namespace inxt::client {

/// Errors: integrity, also for a line of another type.  Signatures are not looked at.
template <class Wanted>
Result<Wanted> read_line_as(std::string_view text) {
  const auto json = TRY(format::parse_object(text));
  auto line = TRY(format::line_from_json(json, "a line that was found"));
  auto* wanted = std::get_if<Wanted>(&line);
  if (wanted == nullptr) return fail(Code::integrity, "a line that was found is of another type");
  return std::move(*wanted);
}

}  // namespace inxt::client
